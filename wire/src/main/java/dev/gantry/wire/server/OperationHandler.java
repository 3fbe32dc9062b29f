package dev.gantry.wire.server;

/// What stands behind an [AwsEndpoint]: carries out calls.
public interface OperationHandler {

  /// Carries out one call. Called from any thread, many at once; must not block.
  ///
  /// An exception thrown from here before an answer was given is logged with the request id and
  /// answered with the service's internal failure, without a word of its text.
  ///
  /// @param call the verified, decoded and validated call
  /// @param answer is given exactly one answer, from any thread, now or later
  void handle(Call call, Answer answer);
}

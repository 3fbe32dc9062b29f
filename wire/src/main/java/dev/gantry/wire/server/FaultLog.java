package dev.gantry.wire.server;

/// Hears of faults of our own that a client was told nothing of but a request id.
public interface FaultLog {

  /// Something threw that should not have. Called from any thread.
  ///
  /// @param requestId the id that the client was given
  /// @param what what was being done, as `ecs:RunTask`
  void fault(String requestId, String what, Throwable cause);
}

package dev.gantry.wire.server;

import dev.gantry.wire.shape.ServiceException;

/// Takes the answer to one [Call]: exactly one of its methods is called, once, from any thread,
/// possibly before [OperationHandler#handle] returns.
///
/// The first answer is sent. A second one is a bug of the handler: it throws
/// `IllegalStateException` at whoever gives it, and the client sees nothing of it.
public interface Answer {

  /// The operation succeeded.
  ///
  /// @param output the operation's output record; its class is the one that `operation.output()`
  ///   describes
  void success(Object output);

  /// The operation succeeded, and its output goes on as a stream of events.
  ///
  /// @param output the operation's output record, without the stream
  /// @param listener is told where the events go; always told in the end that it is over
  void events(Object output, EventListener listener);

  /// The operation is refused, with the service's own error.
  void failure(ServiceException error);
}

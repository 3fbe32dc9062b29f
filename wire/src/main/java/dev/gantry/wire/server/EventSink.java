package dev.gantry.wire.server;

import dev.gantry.wire.shape.ServiceException;

/// Where the events of one answer go ([Answer#events]). Methods may be called from any thread and
/// never block.
public interface EventSink {

  /// How many events [#send] takes now; 0 once the stream has ended. A client that reads slowly
  /// leaves no room.
  int room();

  /// Sends one event.
  ///
  /// @param event a record of `operation.events()` with exactly one member set
  /// @return false if there was no room, or the stream has ended; the event was not taken
  boolean send(Object event);

  /// Sends an error that the stream's model has, and ends.
  void fail(ServiceException error);

  /// Ends after what was sent so far.
  void end();
}

package dev.gantry.control;

/// Takes events to the single writer. Implemented by whatever runs it.
@FunctionalInterface
public interface Inbox {

  /// Queues an event; never blocks.
  ///
  /// @return false if the queue is full and the event was not taken; an event that must not be lost
  ///   ([ControlEvent.Committed], [ControlEvent.SocketClosed]) is always taken
  boolean offer(ControlEvent event);
}

package dev.gantry.control;

/// Takes events to the single writer. Implemented by whatever runs it.
@FunctionalInterface
public interface Inbox {

  /// Queues an event; never blocks.
  ///
  /// @return false if the queue is full and the event was not taken, which is so only of one that
  ///   [may be refused][ControlEvent#mayBeRefused]
  boolean offer(ControlEvent event);
}

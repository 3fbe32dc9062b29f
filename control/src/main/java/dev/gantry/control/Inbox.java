package dev.gantry.control;

/// Takes events to the single writer. Implemented by whatever runs it.
@FunctionalInterface
public interface Inbox {

  /// Queues an event; never blocks.
  ///
  /// @return false if the queue is full and the event was not taken; one that is
  ///   [urgent][ControlEvent#isUrgent] always is
  boolean offer(ControlEvent event);
}

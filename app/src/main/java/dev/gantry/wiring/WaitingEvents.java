package dev.gantry.wiring;

import dev.gantry.control.ControlEvent;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// What waits for the writer, in the order in which it is taken. Not for many threads at once: the
/// [Writer] guards it.
///
/// [ControlEvent#goesFirst] says what goes before the others, [ControlEvent#mayBeRefused] what
/// counts against the limit. What may not be refused is bounded otherwise: one commit for each
/// batch of the journal, one end for each socket and session.
final class WaitingEvents {
  private final int limit;
  private final ArrayDeque<ControlEvent> urgent = new ArrayDeque<>();
  private final ArrayDeque<ControlEvent> waiting = new ArrayDeque<>();

  /// @param limit how many calls and socket messages may wait
  WaitingEvents(int limit) {
    this.limit = limit;
  }

  /// Adds an event.
  ///
  /// @return false if too many wait
  boolean add(ControlEvent event) {
    if (event.goesFirst()) {
      urgent.add(event);
    } else if (!event.mayBeRefused() || waiting.size() < limit) {
      waiting.add(event);
    } else {
      return false;
    }
    return true;
  }

  /// The next event, or null if there is none.
  ///
  /// @param room whether the journal can take what an event may lead to
  @Nullable ControlEvent poll(boolean room) {
    if (!urgent.isEmpty()) {
      return urgent.removeFirst();
    }
    return room ? waiting.poll() : null;
  }
}

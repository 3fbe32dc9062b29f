package dev.gantry.control;

import dev.gantry.model.Change;
import dev.gantry.model.LogGroupId;
import dev.gantry.model.LogStreamId;
import dev.gantry.store.Index;
import dev.gantry.store.State;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// Removes the streams that a deleted log group left behind. A group may have any number of
/// streams, far more than one decision may remove; until the last is gone, no group of that name is
/// made again.
///
/// Level-triggered: a group that is gone and has streams needs sweeping, whatever led to that, so a
/// restart looks once and goes on.
final class LogStreamSweep {
  /// The most streams that one turn removes.
  static final int MAX_PER_TURN = 1_000;

  private final TreeSet<LogGroupId> marked = new TreeSet<>();

  /// The sweep that a loaded State needs.
  static LogStreamSweep of(State loaded) {
    LogStreamSweep sweep = new LogStreamSweep();
    for (var group : loaded.groups(Index.LOG_STREAMS)) {
      if (loaded.logGroup(group.key()) == null) {
        sweep.mark(group.key());
      }
    }
    return sweep;
  }

  /// The group was deleted.
  void mark(LogGroupId group) {
    marked.add(group);
  }

  /// Whether another turn is needed.
  boolean hasMarks() {
    return !marked.isEmpty();
  }

  /// The next streams to remove, of one group.
  List<Change> turn(State head) {
    List<Change> changes = new ArrayList<>();
    if (marked.isEmpty()) {
      return changes;
    }
    LogGroupId group = marked.first();
    if (head.logGroup(group) == null) {
      for (LogStreamId stream : head.group(Index.LOG_STREAMS, group).ids()) {
        if (changes.size() == MAX_PER_TURN) {
          return changes;
        }
        changes.add(new Change.Remove(stream));
      }
    }
    marked.remove(group);
    return changes;
  }
}

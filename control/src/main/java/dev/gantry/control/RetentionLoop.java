package dev.gantry.control;

import dev.gantry.model.LogGroup;
import dev.gantry.model.LogGroupId;
import dev.gantry.store.Kind;
import dev.gantry.store.OrderedMap;
import dev.gantry.store.State;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Has the events dropped that have outlived the retention of their log group. CloudWatch Logs does
/// so within 72 hours ("Working with log groups and log streams"); here it takes an hour.
final class RetentionLoop {
  /// The time from the end of one round to the beginning of the next. The first begins at once.
  static final Duration EVERY = Duration.ofHours(1);

  /// The most groups that one turn looks at.
  static final int MAX_PER_TURN = 256;

  private Instant wakeAt = Instant.EPOCH;
  private @Nullable LogGroupId last;

  /// When there is something to do next.
  Instant wakeAt() {
    return wakeAt;
  }

  /// Asks for the next groups' old events to be dropped, if it is time.
  void turn(Instant now, State durable, List<ControlEffect> effects) {
    if (now.isBefore(wakeAt)) {
      return;
    }
    OrderedMap<LogGroupId, LogGroup> all = durable.all(Kind.LOG_GROUP);
    for (int looked = 0; looked < MAX_PER_TURN; looked++) {
      OrderedMap.Entry<LogGroupId, LogGroup> next =
          last == null ? all.first() : all.firstAfter(last);
      if (next == null) {
        last = null;
        wakeAt = now.plus(EVERY);
        return;
      }
      last = next.key();
      Integer days = next.value().retentionInDays();
      if (days != null) {
        effects.add(new ControlEffect.ExpireLogs(next.key(), now.minus(Duration.ofDays(days))));
      }
    }
    wakeAt = now;
  }
}

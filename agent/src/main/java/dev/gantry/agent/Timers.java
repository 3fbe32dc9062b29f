package dev.gantry.agent;

import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What is to happen later, by name. Equal instants go in the order they were set.
final class Timers {

  private record Timer(Instant at, long number, String name, Runnable action) {}

  private final TreeSet<Timer> byTime =
      new TreeSet<>(Comparator.comparing(Timer::at).thenComparingLong(Timer::number));
  private final Map<String, Timer> byName = new LinkedHashMap<>();
  private long next;

  /// Sets or replaces the timer of that name.
  void set(String name, Instant at, Runnable action) {
    Timer present = byName.get(name);
    if (present != null && present.at().equals(at)) {
      return;
    }
    cancel(name);
    Timer timer = new Timer(at, next++, name, action);
    byName.put(name, timer);
    byTime.add(timer);
  }

  /// Forgets the timer of that name, if there is one.
  void cancel(String name) {
    Timer timer = byName.remove(name);
    if (timer != null) {
      byTime.remove(timer);
    }
  }

  /// Runs what is due, each timer once. What an action sets for `now` or before runs as well.
  void run(Instant now) {
    while (!byTime.isEmpty() && !byTime.first().at().isAfter(now)) {
      Timer timer = byTime.first();
      cancel(timer.name());
      timer.action().run();
    }
  }

  /// The next instant at which something is due, or null.
  @Nullable Instant earliest() {
    return byTime.isEmpty() ? null : byTime.first().at();
  }
}

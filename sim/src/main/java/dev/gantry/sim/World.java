package dev.gantry.sim;

import java.time.Duration;
import java.time.Instant;
import java.util.PriorityQueue;

/// Time, and everything that is still to happen: one queue, in the order of time and, at the same
/// time, in the order in which it was put there. Nothing else makes anything happen.
final class World {
  /// When every run begins.
  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  /// More events than this waiting are a leak, not a load.
  static final int MAX_WAITING = 200_000;

  private static final long HISTORY_FACTOR = 0x5851_f42d_4c95_7f2dL;

  private record Due(Instant at, long sequence, String what, Runnable action)
      implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      int byTime = at.compareTo(other.at);
      return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
    }
  }

  private final long seed;
  private final PriorityQueue<Due> queue = new PriorityQueue<>();
  private final Trace trace;
  private Instant now = START;
  private long sequence;
  private long steps;
  private long history;

  World(long seed, Trace trace) {
    this.seed = seed;
    this.trace = trace;
  }

  /// The chance of one concern; each name to be asked for once.
  Chance chance(String concern) {
    return Chance.of(seed, concern);
  }

  /// What time it is.
  Instant now() {
    return now;
  }

  /// Where everything that happens is written down.
  Trace trace() {
    return trace;
  }

  /// How many events have happened.
  long steps() {
    return steps;
  }

  /// A number that two runs share only if the same things happened at the same times.
  long history() {
    return history;
  }

  /// Lets something happen later, or next if the time has passed.
  void at(Instant when, String what, Runnable action) {
    if (queue.size() >= MAX_WAITING) {
      throw new Violation(Invariant.NO_FAULT, "more than " + MAX_WAITING + " events wait: " + what);
    }
    queue.add(new Due(when.isBefore(now) ? now : when, sequence++, what, action));
  }

  /// Lets something happen after a while.
  void after(Duration delay, String what, Runnable action) {
    at(now.plus(delay), what, action);
  }

  /// Lets the next thing happen.
  ///
  /// @return false if there is none
  boolean step() {
    Due next = queue.poll();
    if (next == null) {
      return false;
    }
    now = next.at;
    steps++;
    history = (history + now.getEpochSecond() * 31 + now.getNano()) * HISTORY_FACTOR;
    history += next.what.hashCode();
    trace.begin(now, steps, next.what);
    next.action.run();
    return true;
  }
}

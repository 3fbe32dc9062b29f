package dev.gantry.agent;

import java.time.Instant;

/// The time of one core's life: the host's clock, as long as nobody sets it back.
///
/// A core may not see time run backwards, and must not see it stand still, or nothing would be
/// repeated, reported or cleaned up until the clock is where it was. So while the clock is behind
/// what was told already, time goes on by a counter that nobody sets, at half its pace, and the
/// clock catches up: a clock that was set back by an hour is right again after two.
///
/// One caller at a time.
public final class SteadyTime {
  private Instant told;
  private long toldAtNanos;

  /// Begins.
  ///
  /// @param clock the host's clock
  /// @param nanos a counter of nanoseconds with any origin, as [System#nanoTime]
  public SteadyTime(Instant clock, long nanos) {
    this.told = clock;
    this.toldAtNanos = nanos;
  }

  /// The time now, never before that of an earlier call.
  ///
  /// @param clock what the host's clock says now
  /// @param nanos what the counter says now
  public Instant read(Instant clock, long nanos) {
    if (clock.isBefore(told)) {
      // Rounded up: who asks often must not hold it up.
      told = told.plusNanos((nanos - toldAtNanos + 1) / 2);
    } else {
      told = clock;
    }
    toldAtNanos = nanos;
    return told;
  }
}

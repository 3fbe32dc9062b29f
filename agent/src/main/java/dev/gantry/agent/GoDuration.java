package dev.gantry.agent;

import java.time.Duration;

/// Spells durations as the texts of Amazon's agent have them, which is how Go prints them.
public final class GoDuration {
  private GoDuration() {}

  /// `2h0m0s`, `1m30s`, `5s`, `250ms`; parts below a millisecond are left out.
  ///
  /// @param duration not negative
  public static String of(Duration duration) {
    if (duration.compareTo(Duration.ofSeconds(1)) < 0) {
      return duration.toMillis() == 0 ? "0s" : duration.toMillis() + "ms";
    }
    StringBuilder text = new StringBuilder();
    if (duration.toHours() > 0) {
      text.append(duration.toHours()).append('h');
    }
    if (duration.toMinutes() > 0) {
      text.append(duration.toMinutesPart()).append('m');
    }
    return text.append(duration.toSecondsPart()).append('s').toString();
  }
}

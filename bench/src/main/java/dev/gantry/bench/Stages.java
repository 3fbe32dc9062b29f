package dev.gantry.bench;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// When the stages of something were passed, counted from its beginning; tells where time goes.
final class Stages {
  private final Map<String, Figures> stages = new LinkedHashMap<>();

  /// Notes that a stage was passed, unless nobody knows when.
  void add(String stage, Instant begin, @Nullable Instant passed) {
    if (passed != null) {
      stages
          .computeIfAbsent(stage, _ -> new Figures())
          .add(Duration.between(begin, passed).toNanos());
    }
  }

  /// Prints the medians, and the ninety-ninth percentiles, to standard error.
  void print() {
    stages.forEach((stage, figures) ->
        System.err.printf(
            Locale.ROOT,
            "bench:   %-20s after %7.1f ms (p99 %.0f)%n",
            stage,
            figures.medianMillis(),
            figures.percentileMillis(99)));
  }
}

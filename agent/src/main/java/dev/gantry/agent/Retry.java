package dev.gantry.agent;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Failures in a row of one thing, and when it may be tried again.
///
/// @param at not before this instant; null for at once
record Retry(int failures, @Nullable Instant at) {
  static final Retry NONE = new Retry(0, null);

  /// One more failure.
  Retry failed(Instant now, Backoff backoff, double chance) {
    return new Retry(failures + 1, now.plus(backoff.delay(failures + 1, chance)));
  }

  /// True if it may be tried now.
  boolean due(Instant now) {
    return at == null || !at.isAfter(now);
  }
}

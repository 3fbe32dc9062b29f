package dev.gantry.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// When a task reached what. Null: not yet, or never.
///
/// @param createdAt when it was accepted
/// @param connectivityAt when its agent took it
/// @param stoppingAt when it was first wanted stopped
/// @param executionStoppedAt when its first essential container ended
public record TaskTimes(
    Instant createdAt,
    @Nullable Instant connectivityAt,
    @Nullable Instant pullStartedAt,
    @Nullable Instant pullStoppedAt,
    @Nullable Instant startedAt,
    @Nullable Instant stoppingAt,
    @Nullable Instant executionStoppedAt,
    @Nullable Instant stoppedAt) {

  /// Only just accepted.
  public static TaskTimes createdAt(Instant now) {
    return new TaskTimes(now, null, null, null, null, null, null, null);
  }
}

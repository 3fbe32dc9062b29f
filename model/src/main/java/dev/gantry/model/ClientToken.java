package dev.gantry.model;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// Remembers what an idempotent RunTask or StartTask did, so that its repetition does nothing
/// (Ensuring idempotency, Amazon ECS API Reference).
///
/// @param requestDigest SHA-256 of the request without its token, in hexadecimal
/// @param tasks the tasks it started
/// @param failures what could not be placed, as the API's JSON
public record ClientToken(
    ClientTokenId id, String requestDigest, List<TaskId> tasks, String failures, Instant createdAt)
    implements Entity {
  /// How long a token is remembered at most.
  public static final Duration LIFE = Duration.ofHours(24);

  /// How long a token outlives the last of its tasks.
  public static final Duration AFTER_LAST_TASK = Duration.ofHours(1);

  /// When it is free again at the latest: a day after its first use. One that started nothing has
  /// no task to outlive, and is free after an hour.
  public Instant latestEnd() {
    return createdAt.plus(tasks.isEmpty() ? AFTER_LAST_TASK : LIFE);
  }
}

package dev.gantry.control;

import dev.gantry.api.ecs.Ecs;
import dev.gantry.model.Scope;
import dev.gantry.wire.shape.Operation;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/// Throttles calls as Amazon ECS does: a bucket of tokens for each account, region and category of
/// operations ([ThrottleCategory]). A call takes a token; without one it is answered with
/// ThrottlingException. A call that is refused takes none.
///
/// A bucket is kept as the moment at which it will be full again, which says how many tokens are in
/// it at any time and needs no timer. A full bucket is not kept at all, so what is remembered is
/// bounded by the calls of the last seconds, and by [#MAX_BUCKETS] in any case.
///
/// Safe for many threads; nothing waits in it.
public final class Throttle {
  /// The most buckets that are remembered. Beyond it the one that was used longest ago is
  /// forgotten, which fills it.
  static final int MAX_BUCKETS = 10_000;

  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final LinkedHashMap<Bucket, Instant> fullAt = new LinkedHashMap<>(16, 0.75f, true);

  /// Every bucket is full.
  public Throttle() {}

  private record Bucket(Scope scope, ThrottleCategory category) {}

  /// Takes a token for this call.
  ///
  /// @param now the time; if it runs backwards, a bucket is at most empty
  /// @return false if there is none: the call is to be refused
  public synchronized boolean admits(Instant now, Scope scope, Operation<?, ?> operation) {
    ThrottleCategory category = category(operation);
    if (category == null) {
      return true;
    }
    Bucket bucket = new Bucket(scope, category);
    long perToken = SECOND / category.sustained();
    Instant before = fullAt.get(bucket);
    Instant empty = now.plusNanos(category.burst() * perToken);
    if (before != null && before.isAfter(empty)) {
      // The clock was set back. A bucket lacks no more than it holds.
      fullAt.put(bucket, empty);
      return false;
    }
    // The nanoseconds until the bucket is full: the tokens that are missing, as time.
    long missing =
        before == null || before.isBefore(now) ? 0 : Duration.between(now, before).toNanos();
    if (missing > (category.burst() - 1) * perToken) {
      return false;
    }
    if (fullAt.size() >= MAX_BUCKETS && before == null) {
      forget(now);
    }
    fullAt.put(bucket, now.plusNanos(missing + perToken));
    return true;
  }

  /// How many buckets are remembered.
  synchronized int size() {
    return fullAt.size();
  }

  /// Forgets what is full, and the one that was used longest ago if that makes no room.
  private void forget(Instant now) {
    fullAt.values().removeIf(full -> !full.isAfter(now));
    if (fullAt.size() >= MAX_BUCKETS) {
      fullAt.pollFirstEntry();
    }
  }

  private static @Nullable ThrottleCategory category(Operation<?, ?> operation) {
    return operation.service().equals(Ecs.SERVICE) ? ThrottleCategory.of(operation.name()) : null;
  }
}

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

  /// With the moment its agent took it, unless that is known already.
  public TaskTimes connectivityAt(@Nullable Instant at) {
    return new TaskTimes(
        createdAt,
        connectivityAt == null ? at : connectivityAt,
        pullStartedAt,
        pullStoppedAt,
        startedAt,
        stoppingAt,
        executionStoppedAt,
        stoppedAt);
  }

  /// With the moment its first pull began, unless that is known already.
  public TaskTimes pullStartedAt(@Nullable Instant at) {
    return new TaskTimes(
        createdAt,
        connectivityAt,
        pullStartedAt == null ? at : pullStartedAt,
        pullStoppedAt,
        startedAt,
        stoppingAt,
        executionStoppedAt,
        stoppedAt);
  }

  /// With the moment its last pull ended, unless that is known already.
  public TaskTimes pullStoppedAt(@Nullable Instant at) {
    return new TaskTimes(
        createdAt,
        connectivityAt,
        pullStartedAt,
        pullStoppedAt == null ? at : pullStoppedAt,
        startedAt,
        stoppingAt,
        executionStoppedAt,
        stoppedAt);
  }

  /// With the moment it reached RUNNING, unless that is known already.
  public TaskTimes startedAt(@Nullable Instant at) {
    return new TaskTimes(
        createdAt,
        connectivityAt,
        pullStartedAt,
        pullStoppedAt,
        startedAt == null ? at : startedAt,
        stoppingAt,
        executionStoppedAt,
        stoppedAt);
  }

  /// With the moment it was first wanted stopped, unless that is known already.
  public TaskTimes stoppingAt(@Nullable Instant at) {
    return new TaskTimes(
        createdAt,
        connectivityAt,
        pullStartedAt,
        pullStoppedAt,
        startedAt,
        stoppingAt == null ? at : stoppingAt,
        executionStoppedAt,
        stoppedAt);
  }

  /// With the moment its first essential container ended, unless that is known already.
  public TaskTimes executionStoppedAt(@Nullable Instant at) {
    return new TaskTimes(
        createdAt,
        connectivityAt,
        pullStartedAt,
        pullStoppedAt,
        startedAt,
        stoppingAt,
        executionStoppedAt == null ? at : executionStoppedAt,
        stoppedAt);
  }

  /// With the moment it reached STOPPED, unless that is known already.
  public TaskTimes stoppedAt(@Nullable Instant at) {
    return new TaskTimes(
        createdAt,
        connectivityAt,
        pullStartedAt,
        pullStoppedAt,
        startedAt,
        stoppingAt,
        executionStoppedAt,
        stoppedAt == null ? at : stoppedAt);
  }
}

package dev.gantry.sim;

import dev.gantry.agent.AgentEvent.LogLine;
import dev.gantry.agent.ContainerRuntime.ContainerSpec;
import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.ContainerStatus.State;
import dev.gantry.agent.ContainerRuntime.PublishedPort;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One container as its engine knows it, with all it ever wrote.
final class SimContainer {
  private static final String TASK_ARN = "com.amazonaws.ecs.task-arn";
  private static final String NAME = "com.amazonaws.ecs.container-name";

  /// By how many milliseconds the engine's stamps may run backwards.
  static final int STAMP_DISORDER_MS = 2;

  /// One line as the container meant it.
  ///
  /// @param timestamp in milliseconds since 1970
  record Written(long timestamp, String message) {}

  final String id;
  final ContainerSpec spec;
  final Script script;
  final Instant createdAt;
  final List<LogLine> output = new ArrayList<>();
  final List<Written> written = new ArrayList<>();
  State state = State.CREATED;
  int starts;
  int exitCode;
  boolean outOfMemory;
  @Nullable String error;

  /// Whoever asked for it to be made or started had been told that it failed, or had died.
  boolean late;

  /// It began although the end of its task had been reported, and nobody could know.
  boolean afterTheEnd;

  /// Its host was taken away, and it with it.
  boolean lost;

  @Nullable Instant startedAt;
  @Nullable Instant finishedAt;
  List<PublishedPort> ports = List.of();

  SimContainer(String id, ContainerSpec spec, Instant createdAt) {
    this.id = id;
    this.spec = spec;
    this.script = Script.of(spec.command());
    this.createdAt = createdAt;
  }

  /// Whose container it is.
  String task() {
    return spec.labels().getOrDefault(TASK_ARN, "");
  }

  /// Which of the task's it is.
  String name() {
    return spec.labels().getOrDefault(NAME, "");
  }

  boolean runs() {
    return state == State.RUNNING;
  }

  /// What the engine says of it.
  ContainerStatus status() {
    return new ContainerStatus(
        id,
        spec.name(),
        state,
        exitCode,
        outOfMemory,
        error,
        createdAt,
        startedAt,
        finishedAt != null && startedAt != null && finishedAt.isBefore(startedAt)
            ? startedAt
            : finishedAt,
        "sha256:" + spec.image(),
        spec.labels(),
        state == State.RUNNING ? ports : List.of());
  }

  @Override
  public String toString() {
    return name() + " of " + task() + " (" + state + ", container " + id.substring(0, 12) + ")";
  }
}

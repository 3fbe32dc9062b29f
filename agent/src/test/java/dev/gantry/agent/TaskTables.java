package dev.gantry.agent;

import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.PublishedPort;
import dev.gantry.agent.TaskDraft.ContainerDraft;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// States for the tables of stepper and transitions.
final class TaskTables {
  static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  static final Instant LATER = NOW.plusSeconds(3600);

  private TaskTables() {}

  static TaskRules rules(PullBehaviour pull) {
    return new TaskRules(
        pull,
        Duration.ofSeconds(30),
        Duration.ofHours(3),
        image -> image.equals("known"),
        image -> image.equals("leaving"));
  }

  static final TaskRules RULES = rules(PullBehaviour.PREFER_CACHED);

  static ContainerPlan container(String name) {
    return container(name, true, new LogPlan.Engine("json-file", new TreeMap<>()), List.of());
  }

  static ContainerPlan logged(String name) {
    return container(
        name,
        true,
        new LogPlan.Shipped("/g", "us-east-1", null, "pre", false, null, null),
        List.of());
  }

  static ContainerPlan published(String name) {
    return container(
        name,
        true,
        new LogPlan.Engine("json-file", new TreeMap<>()),
        List.of(new PublishedPort(80, 0, "tcp", "")));
  }

  static ContainerPlan sidecar(String name) {
    return container(name, false, new LogPlan.Engine("json-file", new TreeMap<>()), List.of());
  }

  static ContainerPlan container(
      String name, boolean essential, LogPlan log, List<PublishedPort> ports) {
    return new ContainerPlan(
        name,
        "app:latest",
        null,
        null,
        List.of(),
        essential,
        10,
        32,
        ports,
        new TreeMap<>(),
        null,
        log,
        null,
        null,
        false);
  }

  static TaskState task(ContainerPlan... containers) {
    List<String> names = new ArrayList<>();
    for (ContainerPlan container : containers) {
      names.add("ecs-" + container.name());
    }
    return TaskState.taken(
        new TaskPlan(
            FakeWorld.arn("t1"), "default", "web", "3", "bridge", List.of(containers), "{}"),
        true,
        names);
  }

  /// A task on disk in which nothing else has happened.
  static TaskState stored(ContainerPlan... containers) {
    TaskState task = task(containers);
    return with(task, draft -> draft.stored = task.record());
  }

  /// The task with changes; what is on disk stays what it was.
  static TaskState with(TaskState task, Consumer<TaskDraft> change) {
    TaskDraft draft = new TaskDraft(task);
    change.accept(draft);
    return draft.toState();
  }

  /// The task with its first container changed, and all of it on disk.
  static TaskState first(TaskState task, Consumer<ContainerDraft> change) {
    return saved(with(task, draft -> change.accept(draft.containers.getFirst())));
  }

  /// All of it on disk.
  static TaskState saved(TaskState task) {
    return with(task, draft -> draft.stored = task.record());
  }

  /// The first container in a phase, with what that phase brings along.
  static TaskState in(Phase phase, TaskState task) {
    return first(
        task,
        container -> {
          container.phase = phase;
          if (phase.compareTo(Phase.CREATED) >= 0) {
            container.runtimeId = "c1";
          }
          if (phase.compareTo(Phase.RUNNING) >= 0) {
            container.startedAt = NOW;
          }
          if (phase == Phase.STOPPED) {
            container.finishedAt = NOW;
            container.exitCode = 0;
          }
        });
  }

  static ContainerStatus status(ContainerStatus.State state, int exitCode) {
    return new ContainerStatus(
        "c1",
        "ecs-app",
        state,
        exitCode,
        false,
        null,
        NOW,
        state == ContainerStatus.State.CREATED ? null : NOW,
        state == ContainerStatus.State.EXITED ? NOW : null,
        "sha256:image",
        new TreeMap<>(),
        List.of());
  }

  static TaskAction step(TaskState task) {
    return TaskStepper.step(task, RULES, NOW);
  }

  static TaskState learn(TaskState task, TaskFact fact) {
    return TaskTransitions.learn(task, fact, RULES, NOW, 0.5);
  }

  static @Nullable String reason(TaskState task) {
    return task.record(0).reason();
  }
}

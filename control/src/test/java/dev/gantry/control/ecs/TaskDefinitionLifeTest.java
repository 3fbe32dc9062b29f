package dev.gantry.control.ecs;

import static dev.gantry.control.ecs.EcsHarness.container;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.ecs.DeleteTaskDefinitionsRequest;
import dev.gantry.api.ecs.DeregisterTaskDefinitionRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.control.ControlEvent;
import dev.gantry.control.ControlHarness;
import dev.gantry.control.FakeAgent;
import dev.gantry.model.Task;
import dev.gantry.model.TaskDefinition;
import dev.gantry.model.TaskDefinition.TaskDefinitionStatus;
import dev.gantry.model.TaskDefinitionId;
import dev.gantry.model.TaskStatus;
import dev.gantry.store.Kind;
import dev.gantry.store.State;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The life of task definitions under calls at random, with tasks, time and crashes in between.
///
/// Safety: a revision's number is never used again, a revision never goes back in its life, and
/// none goes while a task refers to it. Progress: what was deleted goes once nothing refers to it.
class TaskDefinitionLifeTest {
  private static final List<String> FAMILIES = List.of("a", "b", "c");
  private static final int STEPS = 150;

  private ControlHarness control = EcsHarness.withDefaultCluster();
  private FakeAgent agent = FakeAgent.register(control, "default", 1 << 20, 1 << 20).connect();
  private final Set<TaskDefinitionId> registered = new LinkedHashSet<>();
  private final Map<TaskDefinitionId, TaskDefinitionStatus> seen = new TreeMap<>();

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void everyRevisionLivesOnce(long seed) {
    SplittableRandom chance = new SplittableRandom(seed);
    for (int step = 0; step < STEPS; step++) {
      String family = FAMILIES.get(chance.nextInt(FAMILIES.size()));
      String revision = family + ":" + (1 + chance.nextInt(6));
      switch (chance.nextInt(8)) {
        case 0, 1 -> register(family);
        case 2 ->
            control.ask(
                Ecs.DEREGISTER_TASK_DEFINITION,
                DeregisterTaskDefinitionRequest.builder().taskDefinition(revision).build());
        case 3 ->
            control.ask(
                Ecs.DELETE_TASK_DEFINITIONS,
                DeleteTaskDefinitionsRequest.builder().taskDefinitions(List.of(revision)).build());
        case 4 ->
            control.ask(
                Ecs.RUN_TASK, RunTaskRequest.builder().taskDefinition(revision).count(2).build());
        case 5 -> stopOne();
        case 6 -> control.pass(Duration.ofMinutes(chance.nextInt(120)));
        default -> {
          if (chance.nextInt(4) == 0) {
            crash();
          }
        }
      }
      control.settle();
      check();
    }
    stopAll();
    // An hour for the tasks, an hour until it is looked again, and a little.
    control.pass(Duration.ofMinutes(125));
    check();
    assertThat(control.state().all(Kind.TASK_DEFINITION).values())
        .noneMatch(definition -> definition.status() == TaskDefinitionStatus.DELETE_IN_PROGRESS);
  }

  private void register(String family) {
    var answer =
        Objects.requireNonNull(
            control
                .call(
                    Ecs.REGISTER_TASK_DEFINITION,
                    RegisterTaskDefinitionRequest.builder()
                        .family(family)
                        .containerDefinitions(List.of(container("app").cpu(1).memory(6).build()))
                        .build())
                .taskDefinition());
    TaskDefinitionId id =
        new TaskDefinitionId(
            ControlHarness.SCOPE, family, Objects.requireNonNull(answer.revision()));
    assertThat(registered.add(id)).as("%s is new", id).isTrue();
  }

  private void stopOne() {
    for (Task task : control.state().all(Kind.TASK).values()) {
      if (task.lastStatus() != TaskStatus.STOPPED) {
        agent.report(task.id().arn(), "STOPPED", FakeAgent.stopped("app", 0, null));
        return;
      }
    }
  }

  private void stopAll() {
    for (Task task : control.state().all(Kind.TASK).values()) {
      agent.report(task.id().arn(), "STOPPED", FakeAgent.stopped("app", 0, null));
    }
  }

  private void crash() {
    control = control.crash(EcsHarness::register);
    control.tell(new ControlEvent.Woken());
    agent = agent.against(control).connect();
  }

  private void check() {
    State state = control.state();
    for (TaskDefinition definition : state.all(Kind.TASK_DEFINITION).values()) {
      TaskDefinitionStatus before = seen.put(definition.id(), definition.status());
      assertThat(registered).contains(definition.id());
      assertThat(before == null || before.compareTo(definition.status()) <= 0)
          .as("%s went from %s to %s", definition.id(), before, definition.status())
          .isTrue();
    }
    for (Map.Entry<TaskDefinitionId, TaskDefinitionStatus> known : seen.entrySet()) {
      if (state.taskDefinition(known.getKey()) == null) {
        assertThat(known.getValue())
            .as("%s is gone", known.getKey())
            .isEqualTo(TaskDefinitionStatus.DELETE_IN_PROGRESS);
      }
    }
    for (Task task : state.all(Kind.TASK).values()) {
      assertThat(state.taskDefinition(task.taskDefinition()))
          .as("what %s was started from", task.id())
          .isNotNull();
    }
  }
}

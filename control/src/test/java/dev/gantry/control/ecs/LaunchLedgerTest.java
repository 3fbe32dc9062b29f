package dev.gantry.control.ecs;

import static dev.gantry.control.ecs.EcsHarness.container;
import static dev.gantry.control.ecs.EcsHarness.define;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.PortMapping;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.StartTaskRequest;
import dev.gantry.api.ecs.StopTaskRequest;
import dev.gantry.control.ControlHarness;
import dev.gantry.control.FakeAgent;
import dev.gantry.control.Ledger;
import dev.gantry.model.ContainerInstance;
import dev.gantry.model.HostPort;
import dev.gantry.model.Resources;
import dev.gantry.model.Task;
import dev.gantry.model.TaskStatus;
import dev.gantry.store.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// RunTask, StartTask and StopTask at random, with reports that come twice and crashes in between:
/// no instance ever gives more than it has, no host port twice, and everything that was taken comes
/// back (feature map P7, behaviour 16).
class LaunchLedgerTest {
  private static final int STEPS = 120;

  private ControlHarness control = EcsHarness.withDefaultCluster();
  private final List<FakeAgent> agents = new ArrayList<>();

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void nothingIsTakenTwiceAndAllOfItComesBack(long seed) {
    SplittableRandom chance = new SplittableRandom(seed);
    for (int i = 0; i < 3; i++) {
      agents.add(FakeAgent.register(control, "default", 512 << i, 1024 << i).connect());
    }
    define(control, "small", container("app").cpu(100).memory(100).build());
    define(control, "soft", container("app").cpu(0).memory(900).memoryReservation(50).build());
    define(
        control,
        "port",
        container("app")
            .cpu(10)
            .memory(10)
            .portMappings(List.of(PortMapping.builder().containerPort(80).hostPort(8080).build()))
            .build());
    for (int step = 0; step < STEPS; step++) {
      String family = List.of("small", "soft", "port").get(chance.nextInt(3));
      switch (chance.nextInt(6)) {
        case 0 ->
            control.call(
                Ecs.RUN_TASK,
                RunTaskRequest.builder()
                    .taskDefinition(family)
                    .clientToken("t" + chance.nextInt(20) + family)
                    .count(2)
                    .build());
        case 1 -> {
          String one = agents.get(chance.nextInt(agents.size())).arn();
          String other = agents.get(chance.nextInt(agents.size())).arn();
          control.call(
              Ecs.START_TASK,
              StartTaskRequest.builder()
                  .taskDefinition(family)
                  .containerInstances(List.of(one, other, one))
                  .build());
        }
        case 2, 3 -> end(chance);
        case 4 -> {
          FakeAgent agent = agents.get(chance.nextInt(agents.size()));
          agent.disconnect();
          if (chance.nextBoolean()) {
            agent.connect();
          }
        }
        default -> {
          if (chance.nextInt(4) == 0) {
            control = control.crash(EcsHarness::register);
            agents.replaceAll(agent -> agent.against(control).connect());
          }
        }
      }
      check();
    }
    for (Task task : control.state().all(Kind.TASK).values()) {
      end(task);
    }
    assertThat(control.plane().ledger().all()).isEmpty();
  }

  /// Ends a task in one of the ways that tasks end, sometimes one that has ended before.
  private void end(SplittableRandom chance) {
    List<Task> tasks = new ArrayList<>();
    control.state().all(Kind.TASK).values().forEach(tasks::add);
    if (!tasks.isEmpty()) {
      Task task = tasks.get(chance.nextInt(tasks.size()));
      if (chance.nextBoolean()) {
        control.call(Ecs.STOP_TASK, StopTaskRequest.builder().task(task.id().arn()).build());
      }
      if (chance.nextBoolean()) {
        end(task);
      }
    }
  }

  private void end(Task task) {
    agents.getFirst().report(task.id().arn(), "STOPPED", FakeAgent.stopped("app", 0, null));
  }

  private void check() {
    assertThat(control.plane().ledger().all()).isEqualTo(Ledger.of(control.plane().head()).all());
    for (ContainerInstance instance : control.state().all(Kind.CONTAINER_INSTANCE).values()) {
      Resources has = instance.registered();
      TreeSet<HostPort> ports = new TreeSet<>(has.ports());
      int cpuUnits = 0;
      int memoryMiB = 0;
      for (Task task : control.state().all(Kind.TASK).values()) {
        if (instance.id().equals(task.containerInstance())
            && task.lastStatus() != TaskStatus.STOPPED) {
          cpuUnits += task.reserved().cpuUnits();
          memoryMiB += task.reserved().memoryMiB();
          for (HostPort port : task.reserved().ports()) {
            assertThat(ports.add(port)).as("%s of %s is free", port, instance.id()).isTrue();
          }
        }
      }
      assertThat(cpuUnits).isLessThanOrEqualTo(has.cpuUnits());
      assertThat(memoryMiB).isLessThanOrEqualTo(has.memoryMiB());
    }
  }
}

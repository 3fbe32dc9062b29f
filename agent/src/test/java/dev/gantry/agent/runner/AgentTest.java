package dev.gantry.agent.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.api.acs.Container;
import dev.gantry.api.acs.PortMapping;
import dev.gantry.api.acs.Task;
import dev.gantry.api.ecs.ContainerStateChange;
import dev.gantry.api.ecs.NetworkBinding;
import dev.gantry.wire.TextSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A whole agent: real engine, real disk, real sockets.
@Tag("docker")
final class AgentTest {
  @TempDir Path home;

  private AgentRig rig;

  @BeforeEach
  void start() throws Exception {
    rig = AgentRig.open(home);
  }

  @AfterEach
  void clear() throws RuntimeFailure {
    rig.close();
  }

  @Test
  void runsATaskAndShipsItsOutputAndCleansUp() throws Exception {
    try (Agent agent = rig.agent(Duration.ZERO)) {
      TextSocket socket = AgentRig.next(rig.control.acs);
      assertThat(AgentRig.next(rig.control.tcsFrames)).contains("PublishMetricsRequest");
      Container app =
          AgentRig.container("app", "for i in 1 2 3; do echo line $i; done; echo end >&2; exit 3")
              .toBuilder()
              .portMappings(List.of(PortMapping.builder().containerPort(80).build()))
              .build();
      rig.control.payload(socket, AgentRig.task(app));

      ContainerStateChange running = AgentRig.entry(rig.report("RUNNING"));
      assertThat(AgentRig.next(rig.control.acsFrames)).contains("AckRequest", "\"m1\"");
      assertThat(Objects.requireNonNull(running.runtimeId())).hasSize(64);
      ContainerStateChange stopped = AgentRig.entry(rig.report("STOPPED"));
      assertThat(stopped.exitCode()).isEqualTo(3);
      assertThat(stopped.runtimeId()).isEqualTo(running.runtimeId());
      // The engine keeps no order between the two streams.
      assertThat(rig.control.logged())
          .containsExactlyInAnyOrder("line 1", "line 2", "line 3", "end")
          .containsSubsequence("line 1", "line 2", "line 3");
      assertThat(agent.awaitEmpty(AgentRig.PATIENCE)).isTrue();
      assertThat(rig.containers()).isEmpty();
    }
    assertThat(rig.control.faults).isEmpty();
  }

  @Test
  void readsADynamicPortBackAndStopsOnRequest() throws Exception {
    try (Agent agent = rig.agent(Duration.ofHours(3))) {
      TextSocket socket = AgentRig.next(rig.control.acs);
      Container app =
          AgentRig.container("app", "trap 'exit 5' TERM; while :; do sleep 0.1; done").toBuilder()
              .portMappings(List.of(PortMapping.builder().containerPort(80).build()))
              .build();
      Task task = AgentRig.task(app);
      rig.control.payload(socket, task);
      List<NetworkBinding> bindings =
          Objects.requireNonNull(AgentRig.entry(rig.report("RUNNING")).networkBindings());
      assertThat(bindings).hasSize(1);
      assertThat(Objects.requireNonNull(bindings.getFirst().hostPort())).isPositive();

      rig.control.payload(
          socket, task.toBuilder().desiredStatus("STOPPED").containers(List.of()).build());
      assertThat(AgentRig.entry(rig.report("STOPPED")).exitCode()).isEqualTo(5);
      assertThat(agent.awaitQuiet(AgentRig.PATIENCE)).isTrue();
      assertThat(rig.containers()).as("kept for three hours").hasSize(1);
    }
  }

  @Test
  void aCommandThatDoesNotExistFailsWithTheEnginesWords() throws Exception {
    try (Agent agent = rig.agent(Duration.ZERO)) {
      TextSocket socket = AgentRig.next(rig.control.acs);
      rig.control.payload(
          socket,
          AgentRig.task(
              AgentRig.container("app", "").toBuilder()
                  .command(List.of("/no/such/program"))
                  .build()));
      ContainerStateChange stopped = AgentRig.entry(rig.report("STOPPED"));
      assertThat(stopped.reason())
          .startsWith("CannotStartContainerError: Error response from daemon: ")
          .contains("/no/such/program");
      assertThat(stopped.exitCode()).isNull();
      assertThat(agent.awaitEmpty(AgentRig.PATIENCE)).isTrue();
    }
  }

  @Test
  void anotherAgentOverTheSameHomeTakesUpWhatRunsAndWhatEnded() throws Exception {
    String id;
    try (Agent first = rig.agent(Duration.ZERO)) {
      assertThat(first.gaveUp()).isNull();
      TextSocket socket = AgentRig.next(rig.control.acs);
      rig.control.payload(
          socket,
          AgentRig.task(AgentRig.container("app", "echo one; while :; do sleep 0.1; done")));
      id = Objects.requireNonNull(AgentRig.entry(rig.report("RUNNING")).runtimeId());
    }
    assertThat(Objects.requireNonNull(rig.runtime.inspectContainer(id)).state())
        .as("runs on without its agent")
        .isEqualTo(ContainerStatus.State.RUNNING);
    // Ended while nobody looks: by its own engine's kill.
    rig.runtime.stopContainer(id, Duration.ZERO);

    try (Agent second = rig.agent(Duration.ZERO)) {
      ContainerStateChange stopped = AgentRig.entry(rig.report("STOPPED"));
      assertThat(stopped.runtimeId()).isEqualTo(id);
      assertThat(stopped.exitCode()).isEqualTo(137);
      assertThat(second.awaitEmpty(AgentRig.PATIENCE)).isTrue();
    }
    assertThat(rig.control.logged()).containsOnlyOnce("one");
  }
}

package dev.gantry.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.gantry.agent.ContainerRuntime.ContainerStatus.State;
import dev.gantry.agent.FakeWorld.FakeContainer;
import dev.gantry.api.acs.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The agent falls and comes back over the same disk, engine and control plane.
final class RestartTest {
  /// More steps than any of the lives below takes.
  private static final int STEPS = 160;

  private final FakeWorld world = new FakeWorld();

  @BeforeEach
  void image() {
    world.images.put("app:latest", "sha256:digest");
  }

  @Test
  void aRunningContainerIsLeftAlone() {
    world.connected();
    world.payload(Tasks.task("t1", Tasks.container("app")));
    world.engineCalls.clear();
    world.connected();
    assertThat(world.engineCalls).allMatch(call -> call.startsWith("inspect"));
    assertThat(world.told("t1")).containsExactly("RUNNING");

    world.exit(world.container("app"), 7);
    assertThat(world.told("t1")).containsExactly("RUNNING", "STOPPED");
    assertThat(Objects.requireNonNull(world.lastEntry("t1", "app")).exitCode()).isEqualTo(7);
  }

  @Test
  void anEndInTheMeantimeIsReportedWithItsExitCode() {
    world.connected();
    world.payload(Tasks.task("t1", Tasks.container("app")));
    world.container("app").state = State.EXITED;
    world.container("app").exitCode = 9;
    world.container("app").finishedAt = world.now;
    world.connected();
    assertThat(world.told("t1")).containsExactly("RUNNING", "STOPPED");
    assertThat(Objects.requireNonNull(world.lastEntry("t1", "app")).exitCode()).isEqualTo(9);
  }

  @Test
  void whatRunsIsSeenBeforeAnythingIsConcludedFromWhatEnded() {
    world.connected();
    onlyTheFirstSave();
    world.payload(Tasks.task("t1", Tasks.container("app"), Tasks.sidecar("helper")));
    assertThat(world.container("helper").state).isEqualTo(State.RUNNING);
    world.container("app").state = State.EXITED;
    world.container("app").exitCode = 9;
    world.container("app").finishedAt = world.now;

    world.hold = _ -> false;
    world.connected();
    assertThat(world.container("helper").state).isEqualTo(State.EXITED);
    assertThat(world.told("t1")).endsWith("STOPPED");
  }

  @Test
  void portsOfTheHostsNetworkAreKnownAgain() {
    world.connected();
    onlyTheFirstSave();
    world.payload(
        Tasks.task("t1", Tasks.published("app", 8080, 8080)).toBuilder()
            .networkMode("host")
            .build());
    assertThat(world.container("app").state).isEqualTo(State.RUNNING);
    world.reports.clear();

    world.hold = _ -> false;
    world.connected();
    assertThat(world.told("t1")).containsExactly("RUNNING");
    assertThat(Objects.requireNonNull(world.lastEntry("t1", "app")).networkBindings()).hasSize(1);
  }

  private void onlyTheFirstSave() {
    world.hold = effect -> effect instanceof AgentEffect.SaveTask && world.taskFiles.size() > 0;
  }

  @Test
  void aContainerWithoutAFileIsAdoptedAndSettledByTheManifest() {
    world.connected();
    world.payload(Tasks.task("t1", Tasks.container("app")));
    world.taskFiles.put("t1", "{\"version\":1,");
    world.connected();
    assertThat(world.quarantined).containsExactly("t1");
    assertThat(world.container("app").state).isEqualTo(State.RUNNING);

    String manifest = world.manifest(List.of());
    world.verify(manifest, List.of(Tasks.identifier("t1", "STOPPED")));
    assertThat(world.container("app").state).isEqualTo(State.EXITED);
    assertThat(world.told("t1")).endsWith("STOPPED");

    // And once adopted it has a file again.
    assertThat(world.taskFiles).containsKey("t1");
    world.connected();
    world.advance(Duration.ofHours(4));
    assertThat(world.containers).isEmpty();
    assertThat(world.taskFiles).isEmpty();
  }

  @Test
  void aContainerWithoutAFileThatNeverRanIsNotStarted() {
    world.connected();
    world.hold = effect -> effect instanceof AgentEffect.StartContainer;
    world.payload(Tasks.task("t1", Tasks.container("app")));
    world.hold = _ -> false;
    world.taskFiles.clear();
    world.connected();
    assertThat(world.container("app").starts).isZero();
    assertThat(world.told("t1")).containsExactly("STOPPED");
  }

  @Test
  void otherInstallationsAndRegionsAreNotTouched() {
    world.connected();
    world.payload(Tasks.task("t1", Tasks.container("app")));
    world.taskFiles.clear();
    world.instanceFile = null;
    world.engineCalls.clear();

    world.settings = AgentSettings.builder("default", "us-east-1", "another").build();
    world.connected();
    assertThat(world.core().summary().tasks()).isZero();

    world.instanceFile = null;
    world.settings = AgentSettings.builder("default", "eu-west-1", "installation-1").build();
    world.connected();
    assertThat(world.core().summary().tasks()).isZero();
    assertThat(world.engineCalls).isEmpty();
  }

  @Test
  void outputIsNeitherLostNorDoubledOverARestart() {
    world.connected();
    world.payload(Tasks.task("t1", Tasks.logged("app")));
    FakeContainer container = world.container("app");
    for (int i = 0; i < 20; i++) {
      world.print(container, "line " + i);
      if (i % 3 == 0) {
        world.connected();
      }
      world.advance(Duration.ofMillis(i * 17L));
    }
    world.exit(container, 0);
    assertThat(world.logged("pre/app/t1"))
        .containsExactlyElementsOf(IntStream.range(0, 20).mapToObj(i -> "line " + i).toList());
  }

  static Stream<Integer> steps() {
    return IntStream.range(1, STEPS).boxed();
  }

  /// Two containers, one of which ends with 3, one with output: the agent falls after so many steps
  /// of its work, and what it was doing at that moment may or may not have been done.
  @ParameterizedTest(name = "falls after step {0}")
  @MethodSource("steps")
  void fallsAnywhereAndEndsRight(int step) {
    fall(step, false);
  }

  @ParameterizedTest(name = "falls after step {0}, the effect done but not answered")
  @MethodSource("steps")
  void fallsAnywhereWithTheLastEffectDone(int step) {
    fall(step, true);
  }

  static Stream<Arguments> stepsOfPulls() {
    return Stream.of(PullBehaviour.values())
        .flatMap(pulls -> IntStream.range(1, 60).mapToObj(step -> arguments(pulls, step)));
  }

  /// A task whose image is to be pulled, of which the agent knows no more than the registry does:
  /// it is pulled again if need be, and runs once.
  @ParameterizedTest(name = "{0}, falls after step {1}")
  @MethodSource("stepsOfPulls")
  void fallsWhileItPulls(PullBehaviour pulls, int step) {
    world.settings =
        AgentSettings.builder("default", "us-east-1", "installation-1")
            .pullBehaviour(pulls)
            .build();
    world.images.clear();
    world.registry.put("app:latest", "sha256:digest");
    fallAndGoOn(step, Tasks.task("t1", Tasks.published("app", 80, 8080)));
    assertThat(world.told("t1")).containsSubsequence("RUNNING", "STOPPED");
    // Known from the pull alone: lost with an agent that falls before it has saved it.
    assertThat(Objects.requireNonNull(world.lastEntry("t1", "app")).imageDigest())
        .isIn("sha256:digest", null);
    assertThat(Objects.requireNonNull(world.lastEntry("t1", "app")).exitCode()).isEqualTo(143);
    assertThat(world.containers.values())
        .singleElement()
        .satisfies(c -> assertThat(c.starts).isOne());
  }

  /// A registry that is away: the tries begin anew with the agent, and the reason is told once.
  @ParameterizedTest(name = "falls after step {0}")
  @MethodSource("steps")
  void fallsWhileItsPullsFail(int step) {
    world.settings =
        AgentSettings.builder("default", "us-east-1", "installation-1")
            .pullBehaviour(PullBehaviour.ALWAYS)
            .build();
    world.interfere =
        effect ->
            effect instanceof AgentEffect.PullImage pull
                ? new AgentEvent.EngineFailed(
                    pull.id(), ContainerRuntime.RuntimeFailure.Kind.REFUSED, "connection refused")
                : null;
    fallAndGoOn(step, Tasks.task("t1", Tasks.container("app")));
    assertThat(world.told("t1")).containsOnly("STOPPED");
    assertThat(Objects.requireNonNull(world.lastEntry("t1", "app")).reason())
        .isEqualTo("CannotPullContainerError: connection refused");
    assertThat(world.containers).isEmpty();
  }

  /// Sends the task, lets the agent fall after so many steps, stops the task when it runs, and sees
  /// it to its end. The control plane sends again what was not acknowledged, as it does.
  private void fallAndGoOn(int step, Task task) {
    world.boot();
    int done = 0;
    boolean fallen = false;
    boolean sent = false;
    boolean stopped = false;
    for (int round = 0; round < 500 && !world.told("t1").contains("STOPPED"); round++) {
      if (!fallen && done++ == step) {
        fallen = true;
        sent = sent && world.taskFiles.containsKey("t1");
        stopped = false;
        world.boot();
      }
      if (world.step()) {
        continue;
      }
      if (!world.isConnected()) {
        world.advance(Duration.ofSeconds(1));
      } else if (!sent) {
        sent = true;
        world.enqueuePayload(task);
      } else if (!stopped && running("app")) {
        stopped = true;
        world.enqueuePayload(Tasks.stop("t1"));
      } else {
        world.advance(Duration.ofSeconds(1));
      }
    }
    world.settle();
    assertThat(world.told("t1")).last().isEqualTo("STOPPED");
    assertThat(world.taskFiles).hasSize(1);
  }

  private void fall(int step, boolean effectDone) {
    Task task = Tasks.task("t1", Tasks.logged("app"), Tasks.sidecar("helper"));
    List<String> printed = new ArrayList<>();
    boolean[] exited = new boolean[1];
    boolean[] sent = new boolean[1];
    world.boot();
    int done = 0;
    boolean fallen = false;
    for (int round = 0; round < 500; round++) {
      if (!fallen && done++ == step) {
        fallen = true;
        if (effectDone && world.peek() instanceof AgentEffect) {
          world.step();
        }
        world.boot();
      }
      if (world.step()) {
        continue;
      }
      // Nothing moves by itself: the world goes on.
      if (!world.isConnected()) {
        world.advance(Duration.ofSeconds(1));
      } else if (!sent[0] || (!world.taskFiles.containsKey("t1") && !exited[0])) {
        sent[0] = true;
        world.enqueuePayload(task);
      } else if (printed.size() < 3 && running("app")) {
        printed.add("line " + printed.size());
        world.enqueueLine(world.container("app"), printed.getLast());
      } else if (!exited[0] && running("app") && running("helper")) {
        exited[0] = true;
        world.end(world.container("app"), 3);
        world.deliver(new AgentEvent.ContainerDied(world.container("app").id));
      } else if (!world.told("t1").contains("STOPPED")) {
        world.advance(Duration.ofSeconds(1));
      } else {
        break;
      }
    }
    world.settle();

    assertThat(world.told("t1")).last().isEqualTo("STOPPED");
    assertThat(world.told("t1")).containsSubsequence("RUNNING", "STOPPED");
    assertThat(world.told("t1").indexOf("STOPPED"))
        .as("nothing is told after STOPPED but STOPPED")
        .isGreaterThan(world.told("t1").lastIndexOf("RUNNING"));
    assertThat(world.containers).hasSize(2);
    for (FakeContainer container : world.containers.values()) {
      assertThat(container.starts).as("starts of " + container.id).isEqualTo(1);
      assertThat(container.state).isEqualTo(State.EXITED);
    }
    assertThat(Objects.requireNonNull(world.lastEntry("t1", "app")).exitCode()).isEqualTo(3);
    assertThat(Objects.requireNonNull(world.lastEntry("t1", "helper")).exitCode()).isEqualTo(143);
    assertThat(world.logged("pre/app/t1")).containsExactlyElementsOf(printed).hasSize(3);

    world.advance(Duration.ofHours(4));
    assertThat(world.containers).isEmpty();
    assertThat(world.taskFiles).isEmpty();
  }

  private boolean running(String name) {
    return world.containers.values().stream()
        .anyMatch(container ->
            name.equals(container.spec.labels().get(Labels.CONTAINER_NAME))
                && container.state == State.RUNNING);
  }
}

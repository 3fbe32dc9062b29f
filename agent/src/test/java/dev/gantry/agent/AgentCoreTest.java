package dev.gantry.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.agent.AgentEffect.CallApi;
import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure.Kind;
import dev.gantry.agent.FakeWorld.FakeContainer;
import dev.gantry.api.acs.HeartbeatMessage;
import dev.gantry.api.ecs.Attribute;
import dev.gantry.api.ecs.ContainerStateChange;
import dev.gantry.api.ecs.DiscoverPollEndpointRequest;
import dev.gantry.api.ecs.RegisterContainerInstanceRequest;
import dev.gantry.api.ecs.SubmitTaskStateChangeRequest;
import dev.gantry.api.logs.CreateLogStreamRequest;
import dev.gantry.wire.json.AwsJson;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// One agent in a whole fake world.
final class AgentCoreTest {
  private final FakeWorld world = new FakeWorld();

  @BeforeEach
  void image() {
    world.images.put("app:latest", "sha256:digest");
  }

  // ---- registering ------------------------------------------------------------------------------

  @Test
  void registersWithTheEnginesSizeAndConnectsWithSignedQueries() {
    world.settings =
        AgentSettings.builder("default", "us-east-1", "installation-1")
            .attributes(java.util.Map.of("stack", "test"))
            .version("9.9.9", "abc")
            .build();
    world.connected();

    RegisterContainerInstanceRequest request = world.registrations.getFirst();
    assertThat(request.containerInstanceArn()).isNull();
    assertThat(Objects.requireNonNull(request.totalResources()).toString())
        .contains("name=CPU", "integerValue=2048", "name=MEMORY", "integerValue=8192")
        .contains("[22, 2375, 2376, 51678, 51679]", "name=PORTS_UDP");
    assertThat(Objects.requireNonNull(request.attributes()))
        .extracting(Attribute::name)
        .startsWith("stack")
        .contains(
            "com.amazonaws.ecs.capability.logging-driver.awslogs",
            "com.amazonaws.ecs.capability.docker-remote-api.1.32",
            "ecs.os-type");
    assertThat(world.acsUrls)
        .containsExactly(
            "ws://127.0.0.1:4566/acs/ws?agentHash=abc&agentVersion=9.9.9&clusterArn=default"
                + "&containerInstanceArn=arn%3Aaws%3Aecs%3Aus-east-1%3A000000000000%3A"
                + "container-instance%2Fdefault%2Fi1&dockerVersion=DockerVersion%3A%2020.10.24"
                + "&protocolVersion=2&sendCredentials=true&seqNum=1");
    assertThat(world.tcsFrames.getFirst())
        .contains("PublishMetricsRequest", "\"idle\":true", "\"fin\":true");
  }

  @Test
  void aRestartedAgentRegistersAsWhoItIsAndWithoutCustomAttributes() {
    world.settings =
        AgentSettings.builder("default", "us-east-1", "installation-1")
            .attributes(java.util.Map.of("stack", "test"))
            .build();
    world.connected();
    world.connected();

    RegisterContainerInstanceRequest again = world.registrations.getLast();
    assertThat(again.containerInstanceArn()).isEqualTo(FakeWorld.INSTANCE);
    assertThat(Objects.requireNonNull(again.attributes()))
        .extracting(Attribute::name)
        .doesNotContain("stack");
  }

  @Test
  void aMissingClusterIsMadeWhenAskedFor() {
    world.clusters.clear();
    world.settings =
        AgentSettings.builder("default", "us-east-1", "installation-1").createCluster(true).build();
    world.connected();
    assertThat(world.clusters).containsExactly("default");
  }

  @Test
  void aMissingClusterIsWaitedForOtherwise() {
    world.clusters.clear();
    world.boot();
    world.settle();
    assertThat(world.isConnected()).isFalse();
    world.clusters.add("default");
    world.advance(Duration.ofSeconds(10));
    assertThat(world.isConnected()).isTrue();
  }

  @Test
  void anInstanceThatIsRefusedForGoodGivesUp() {
    world.interfere =
        effect ->
            effect instanceof CallApi<?, ?> call
                    && call.input() instanceof RegisterContainerInstanceRequest
                ? new AgentEvent.Refused(call.id(), "InvalidParameterException", 400, "no")
                : null;
    world.boot();
    world.advance(Duration.ofHours(1));
    assertThat(world.gaveUp()).contains("InvalidParameterException: no");
    assertThat(world.isConnected()).isFalse();
  }

  @Test
  void anotherClustersHomeIsNotUsed() {
    world.connected();
    world.settings = AgentSettings.builder("other", "us-east-1", "installation-1").build();
    world.boot();
    world.settle();
    assertThat(world.gaveUp()).contains("belongs to cluster default, not to other");
  }

  @Test
  void aCorruptInstanceFileIsPutAside() {
    world.instanceFile = "{\"version\":1,\"cluster\":";
    world.connected();
    assertThat(world.quarantined).containsExactly("instance");
    assertThat(world.registrations.getFirst().containerInstanceArn()).isNull();
  }

  // ---- a task's life ----------------------------------------------------------------------------

  @Test
  void aTaskRunsAndEndsWithItsExitCode() {
    world.connected();
    String message = world.payload(Tasks.task("t1", Tasks.container("app")));

    assertThat(world.acked(message)).isTrue();
    assertThat(world.told("t1")).containsExactly("RUNNING");
    FakeContainer container = world.container("app");
    assertThat(container.spec.name()).matches("ecs-web-3-app-[0-9a-f]{20}");
    assertThat(container.spec.environment())
        .containsExactly("COLOR=blue", "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1");
    assertThat(container.spec.labels())
        .containsEntry("com.amazonaws.ecs.cluster", "default")
        .containsEntry("com.amazonaws.ecs.container-name", "app")
        .containsEntry("com.amazonaws.ecs.task-arn", FakeWorld.arn("t1"))
        .containsEntry("com.amazonaws.ecs.task-definition-family", "web")
        .containsEntry("com.amazonaws.ecs.task-definition-version", "3")
        .containsEntry("dev.gantry.installation", "installation-1");
    assertThat(container.spec.memoryBytes()).isEqualTo(32L << 20);

    world.exit(container, 3);

    assertThat(world.told("t1")).containsExactly("RUNNING", "STOPPED");
    SubmitTaskStateChangeRequest last = world.reports.getLast();
    assertThat(last.reason()).isEmpty();
    assertThat(last.executionStoppedAt()).isNotNull();
    ContainerStateChange entry = Objects.requireNonNull(last.containers()).getFirst();
    assertThat(entry.status()).isEqualTo("STOPPED");
    assertThat(entry.exitCode()).isEqualTo(3);
    assertThat(entry.runtimeId()).isEqualTo(container.id);
    assertThat(entry.imageDigest()).isEqualTo("sha256:digest");
  }

  @Test
  void theWayToRunningTakesFourEngineCallsAndOneReport() {
    world.connected();
    world.engineCalls.clear();
    world.payload(Tasks.task("t1", Tasks.container("app")));
    assertThat(world.engineCalls)
        .containsExactly("inspect image app:latest", "create app", "start app");
    assertThat(world.reports).hasSize(1);
  }

  @Test
  void aStopEndsInStopped() {
    world.connected();
    world.payload(Tasks.task("t1", Tasks.container("app")));
    String message = world.payload(Tasks.stop("t1"));

    assertThat(world.acked(message)).isTrue();
    assertThat(world.told("t1")).containsExactly("RUNNING", "STOPPED");
    assertThat(Objects.requireNonNull(world.lastEntry("t1", "app")).exitCode()).isEqualTo(143);
  }

  @Test
  void aStopOfAnUnknownTaskIsReportedStopped() {
    world.connected();
    String message = world.payload(Tasks.stop("nobody"));

    assertThat(world.acked(message)).isTrue();
    SubmitTaskStateChangeRequest report = world.reports.getLast();
    assertThat(report.status()).isEqualTo("STOPPED");
    assertThat(report.reason())
        .isEqualTo("TaskStateError: Agent could not progress task's state to stopped");
    assertThat(report.containers()).isNull();
  }

  @Test
  void aStopOfATaskThatWasReportedStoppedIsReportedAgain() {
    world.connected();
    world.payload(Tasks.task("t1", Tasks.container("app")));
    world.exit(world.container("app"), 0);
    world.payload(Tasks.stop("t1"));
    assertThat(world.told("t1")).containsExactly("RUNNING", "STOPPED", "STOPPED");
    assertThat(Objects.requireNonNull(world.lastEntry("t1", "app")).exitCode()).isZero();
  }

  @Test
  void theSamePayloadTwiceRunsOnce() {
    world.connected();
    world.payload(Tasks.task("t1", Tasks.container("app")));
    String again = world.payload(Tasks.task("t1", Tasks.container("app")));
    assertThat(world.acked(again)).isTrue();
    assertThat(world.containers).hasSize(1);
    assertThat(world.container("app").starts).isEqualTo(1);
  }

  @Test
  void anEssentialContainersEndStopsTheOthers() {
    world.connected();
    world.payload(Tasks.task("t1", Tasks.container("app"), Tasks.sidecar("helper")));
    assertThat(world.told("t1")).containsExactly("RUNNING");

    world.exit(world.container("app"), 3);

    assertThat(world.told("t1")).containsExactly("RUNNING", "STOPPED");
    assertThat(Objects.requireNonNull(world.lastEntry("t1", "app")).exitCode()).isEqualTo(3);
    assertThat(Objects.requireNonNull(world.lastEntry("t1", "helper")).exitCode()).isEqualTo(143);
  }

  @Test
  void anInessentialContainersEndIsToldSoonAndChangesNothing() {
    world.connected();
    world.payload(Tasks.task("t1", Tasks.container("app"), Tasks.sidecar("helper")));
    world.exit(world.container("helper"), 0);
    assertThat(world.told("t1")).containsExactly("RUNNING");

    world.advance(TaskReport.DRAIN);

    assertThat(world.told("t1")).containsExactly("RUNNING", "RUNNING");
    assertThat(Objects.requireNonNull(world.lastEntry("t1", "helper")).status())
        .isEqualTo("STOPPED");
    assertThat(world.container("app").state.name()).isEqualTo("RUNNING");
  }

  @Test
  void aSlowSiblingDoesNotHoldBackTheEssentialExit() {
    world.connected();
    world.payload(Tasks.task("t1", Tasks.container("app"), Tasks.sidecar("helper")));
    world.hold = effect -> effect instanceof AgentEffect.StopContainer;
    world.exit(world.container("app"), 3);
    world.advance(TaskReport.DRAIN);

    assertThat(world.told("t1")).containsExactly("RUNNING", "RUNNING");
    assertThat(Objects.requireNonNull(world.lastEntry("t1", "app")).exitCode()).isEqualTo(3);

    world.release();
    assertThat(world.told("t1")).containsExactly("RUNNING", "RUNNING", "STOPPED");
  }

  @Test
  void aDynamicPortIsHandedOnAsZeroAndReadBack() {
    world.connected();
    world.payload(Tasks.task("t1", Tasks.published("app", 80, 0)));

    assertThat(world.container("app").spec.ports().getFirst().hostPort()).isZero();
    ContainerStateChange entry = Objects.requireNonNull(world.lastEntry("t1", "app"));
    assertThat(Objects.requireNonNull(entry.networkBindings()))
        .singleElement()
        .satisfies(binding -> {
          assertThat(binding.bindIP()).isEqualTo("0.0.0.0");
          assertThat(binding.containerPort()).isEqualTo(80);
          assertThat(binding.hostPort()).isGreaterThanOrEqualTo(32768);
          assertThat(binding.protocol()).isEqualTo("tcp");
        });
    world.exit(world.container("app"), 0);
    assertThat(Objects.requireNonNull(world.lastEntry("t1", "app")).networkBindings()).hasSize(1);
  }

  @Test
  void outOfMemoryHasItsOwnReason() {
    world.connected();
    world.payload(Tasks.task("t1", Tasks.container("app")));
    world.container("app").oom = true;
    world.exit(world.container("app"), 137);
    ContainerStateChange entry = Objects.requireNonNull(world.lastEntry("t1", "app"));
    assertThat(entry.reason()).isEqualTo("OutOfMemoryError: Container killed due to memory usage");
    assertThat(entry.exitCode()).isEqualTo(137);
  }

  @Test
  void aTaskThatCannotBeTakenIsReportedStoppedAndItsPayloadIsNotAcknowledged() {
    world.connected();
    String message =
        world.payload(
            Tasks.task("bad", Tasks.container("app").toBuilder().links(List.of("x")).build()),
            Tasks.task("good", Tasks.container("app")));

    assertThat(world.acked(message)).isFalse();
    assertThat(world.told("bad")).containsExactly("STOPPED");
    assertThat(world.told("good")).containsExactly("RUNNING");
    String reason =
        "UnrecogniedTaskError: Error loading task - container app: links is not supported by this"
            + " agent";
    assertThat(world.reports.getFirst().reason()).isEqualTo(reason);
    // A task that failed to start shows what its containers say.
    ContainerStateChange container = Objects.requireNonNull(world.lastEntry("bad", "app"));
    assertThat(container.status()).isEqualTo("STOPPED");
    assertThat(container.reason()).isEqualTo(reason);
  }

  @Test
  void aPayloadIsAcknowledgedOnlyWhenItIsOnDisk() {
    world.connected();
    world.hold = effect -> effect instanceof AgentEffect.SaveTask;
    String message = world.payload(Tasks.task("t1", Tasks.container("app")));
    assertThat(world.acked(message)).isFalse();
    assertThat(world.containers).isEmpty();
    world.release();
    assertThat(world.acked(message)).isTrue();
    assertThat(world.told("t1")).containsExactly("RUNNING");
  }

  @Test
  void anEndIsToldOnlyWhenItIsOnDisk() {
    world.connected();
    world.payload(Tasks.task("t1", Tasks.container("app"), Tasks.sidecar("helper")));
    world.hold = effect -> effect instanceof AgentEffect.SaveTask;
    world.exit(world.container("helper"), 1);
    world.advance(Duration.ofSeconds(30));
    assertThat(Objects.requireNonNull(world.lastEntry("t1", "helper")).status())
        .isEqualTo("RUNNING");
    world.release();
    world.advance(Duration.ofSeconds(2));
    assertThat(Objects.requireNonNull(world.lastEntry("t1", "helper")).status())
        .isEqualTo("STOPPED");
  }

  @Test
  void aFullDiskIsWaitedFor() {
    world.connected();
    world.interfere =
        effect ->
            effect instanceof AgentEffect.SaveTask save
                ? new AgentEvent.DiskFailed(save.id(), "No space left on device")
                : null;
    String message = world.payload(Tasks.task("t1", Tasks.container("app")));
    world.advance(Duration.ofMinutes(1));
    assertThat(world.acked(message)).isFalse();
    assertThat(world.containers).isEmpty();
    world.interfere = _ -> null;
    world.advance(Duration.ofMinutes(1));
    assertThat(world.acked(message)).isTrue();
    assertThat(world.told("t1")).containsExactly("RUNNING");
  }

  @Test
  void aReportIsRepeatedUntilItIsTaken() {
    world.connected();
    int[] tries = new int[1];
    world.interfere =
        effect ->
            effect instanceof CallApi<?, ?> call
                    && call.input() instanceof SubmitTaskStateChangeRequest
                    && tries[0]++ < 5
                ? new AgentEvent.Refused(call.id(), "ServerException", 500, "later")
                : null;
    world.payload(Tasks.task("t1", Tasks.container("app")));
    assertThat(world.told("t1")).isEmpty();
    world.advance(Duration.ofSeconds(10));
    assertThat(world.told("t1")).containsExactly("RUNNING");
  }

  @Test
  void aReportThatWillNeverBeTakenIsDropped() {
    world.connected();
    world.interfere =
        effect ->
            effect instanceof CallApi<?, ?> call
                    && call.input() instanceof SubmitTaskStateChangeRequest
                ? new AgentEvent.Refused(call.id(), "InvalidParameterException", 400, "no")
                : null;
    world.payload(Tasks.task("t1", Tasks.container("app")));
    int calls = submits();
    world.advance(Duration.ofHours(1));
    assertThat(submits()).isEqualTo(calls).isEqualTo(1);
  }

  private int submits() {
    return (int)
        world.all.stream()
            .filter(effect ->
                effect instanceof CallApi<?, ?> call
                    && call.input() instanceof SubmitTaskStateChangeRequest)
            .count();
  }

  @Test
  void noMoreThanTenReportsAreUnderWay() {
    world.connected();
    world.hold =
        effect ->
            effect instanceof CallApi<?, ?> call
                && call.input() instanceof SubmitTaskStateChangeRequest;
    for (int i = 0; i < 25; i++) {
      world.payload(Tasks.task("t" + i, Tasks.container("app" + i)));
    }
    assertThat(world.held).hasSize(10);
    world.release();
    assertThat(world.reports).hasSize(25);
  }

  // ---- failures ---------------------------------------------------------------------------------

  @Test
  void anImageThatCannotBePulledFailsTheTask() {
    world.connected();
    world.images.clear();
    world.payload(Tasks.task("t1", Tasks.container("app")));
    assertThat(world.told("t1")).containsExactly("STOPPED");
    ContainerStateChange entry = Objects.requireNonNull(world.lastEntry("t1", "app"));
    assertThat(entry.reason())
        .isEqualTo("CannotPullContainerError: Error response from daemon: no such image");
    assertThat(entry.exitCode()).isNull();
    assertThat(entry.runtimeId()).isNull();
    assertThat(world.reports.getLast().pullStartedAt()).isNotNull();
    assertThat(world.reports.getLast().pullStoppedAt()).isNotNull();
  }

  @Test
  void aCommandThatCannotBeStartedFailsTheTaskWithoutExitCode() {
    world.connected();
    world.interfere =
        effect ->
            effect instanceof AgentEffect.StartContainer start
                ? new AgentEvent.EngineFailed(
                    start.id(), Kind.REFUSED, "Error response from daemon: exec: \"/no\": unknown")
                : null;
    world.payload(Tasks.task("t1", Tasks.container("app")));
    assertThat(world.told("t1")).containsExactly("STOPPED");
    ContainerStateChange entry = Objects.requireNonNull(world.lastEntry("t1", "app"));
    assertThat(entry.reason())
        .isEqualTo("CannotStartContainerError: Error response from daemon: exec: \"/no\": unknown");
    assertThat(entry.exitCode()).isNull();
  }

  @Test
  void aStartThatTimesOutIsStoppedByForce() {
    world.connected();
    world.interfere =
        effect -> {
          if (effect instanceof AgentEffect.StartContainer start) {
            FakeContainer container = world.container("app");
            container.state = ContainerRuntime.ContainerStatus.State.RUNNING;
            container.startedAt = world.now;
            return new AgentEvent.EngineFailed(start.id(), Kind.TIMEOUT, "timed out");
          }
          return null;
        };
    world.payload(Tasks.task("t1", Tasks.container("app")));
    assertThat(world.engineCalls).contains("stop app");
    assertThat(world.told("t1")).containsExactly("STOPPED");
    assertThat(Objects.requireNonNull(world.lastEntry("t1", "app")).reason())
        .isEqualTo(
            "DockerTimeoutError: Could not transition to started; timed out after waiting 3m0s");
  }

  @Test
  void aStartThatComesAfterItWasGivenUpIsFoundAndStopped() {
    world.connected();
    world.interfere =
        effect ->
            effect instanceof AgentEffect.StartContainer start
                ? new AgentEvent.EngineFailed(start.id(), Kind.TIMEOUT, "timed out")
                : null;
    world.payload(Tasks.task("t1", Tasks.container("app")));
    assertThat(world.told("t1")).containsExactly("STOPPED");

    world.interfere = _ -> null;
    FakeContainer container = world.container("app");
    container.state = ContainerRuntime.ContainerStatus.State.RUNNING;
    container.startedAt = world.now;
    world.advance(AgentCore.STEADY_CHECK);
    assertThat(container.state).isEqualTo(ContainerRuntime.ContainerStatus.State.EXITED);
    assertThat(world.told("t1")).containsExactly("STOPPED");
  }

  @Test
  void aCreateWhoseAnswerWasLostIsFoundAgain() {
    world.connected();
    boolean[] lost = new boolean[1];
    world.interfere =
        effect -> {
          if (effect instanceof AgentEffect.CreateContainer create && !lost[0]) {
            lost[0] = true;
            world.containers.put(
                "lost", new FakeContainer("lost", create.spec(), "sha256:app:latest", world.now));
            return new AgentEvent.EngineFailed(create.id(), Kind.UNREACHABLE, "broken pipe");
          }
          return null;
        };
    world.payload(Tasks.task("t1", Tasks.container("app")));
    world.advance(Duration.ofSeconds(1));
    assertThat(world.told("t1")).containsExactly("RUNNING");
    assertThat(world.containers).containsOnlyKeys("lost");
    assertThat(world.container("app").starts).isEqualTo(1);
  }

  @Test
  void anUnreachableEngineFailsNoTask() {
    world.connected();
    world.interfere =
        effect ->
            effect instanceof AgentEffect.StartContainer request
                ? new AgentEvent.EngineFailed(request.id(), Kind.UNREACHABLE, "connection refused")
                : null;
    world.payload(Tasks.task("t1", Tasks.container("app")));
    world.advance(Duration.ofMinutes(5));
    assertThat(world.told("t1")).isEmpty();
    world.interfere = _ -> null;
    world.advance(Duration.ofMinutes(1));
    assertThat(world.told("t1")).containsExactly("RUNNING");
    assertThat(world.container("app").starts).isEqualTo(1);
  }

  @Test
  void whatFailsAgainAndAgainInOneWayIsWarnedOfOnce() {
    String[] why = {"connection refused"};
    world.interfere =
        effect ->
            effect instanceof CallApi<?, ?> call
                    && call.input() instanceof RegisterContainerInstanceRequest
                ? new AgentEvent.Unanswered(call.id(), why[0])
                : null;
    world.boot();
    world.settle();
    world.advance(Duration.ofMinutes(2));
    why[0] = "no route to host";
    world.advance(Duration.ofMinutes(20));
    assertThat(world.notes.stream().map(AgentEffect.Note::text))
        .filteredOn(text -> text.contains("tried again"))
        .hasSizeGreaterThan(5);
    assertThat(
            world.notes.stream()
                .filter(note -> note.level() == AgentEffect.Note.Level.WARNING)
                .map(AgentEffect.Note::text))
        .containsExactly(
            "RegisterContainerInstance failed and is tried again: connection refused",
            "RegisterContainerInstance failed and is tried again: no route to host");
  }

  @Test
  void whatWorkedMeanwhileIsWarnedOfAgain() {
    world.interfere =
        effect ->
            effect instanceof AgentEffect.CallApi<?, ?> call
                    && call.input() instanceof DiscoverPollEndpointRequest
                ? new AgentEvent.Unanswered(call.id(), "connection refused")
                : null;
    world.boot();
    world.settle();
    world.advance(Duration.ofMinutes(2));
    Function<AgentEffect, @Nullable AgentEvent> away = world.interfere;
    world.interfere = _ -> null;
    world.advance(Duration.ofMinutes(10));
    world.interfere = away;
    world.advance(AgentCore.ENDPOINT_LIFE.plusMinutes(10));
    assertThat(
            world.notes.stream()
                .filter(note -> note.level() == AgentEffect.Note.Level.WARNING)
                .map(AgentEffect.Note::text))
        .hasSize(2)
        .containsOnly("DiscoverPollEndpoint failed and is tried again: connection refused");
  }

  @Test
  void aRefusedStartThatComesAboutAllTheSameIsStopped() {
    world.connected();
    world.interfere =
        effect ->
            effect instanceof AgentEffect.StartContainer request
                ? new AgentEvent.EngineFailed(
                    request.id(), Kind.REFUSED, "task t: already exists: unknown")
                : null;
    world.payload(Tasks.task("t1", Tasks.container("app")));
    assertThat(world.told("t1")).containsExactly("STOPPED");
    world.interfere = _ -> null;
    FakeContainer container = world.container("app");
    container.state = ContainerStatus.State.RUNNING;
    world.deliver(new AgentEvent.ContainerBegan(container.id));
    world.settle();
    assertThat(container.state).isEqualTo(ContainerStatus.State.EXITED);
    assertThat(world.engineCalls).contains("stop app");
  }

  /// An engine that is slow may carry a start out that an agent asked for which is dead by now. A
  /// second one would run the container again if it has ended by then.
  @Test
  void aStartOfTheAgentBeforeIsNotRepeated() {
    world.connected();
    world.hold =
        effect ->
            effect instanceof AgentEffect.StartContainer
                || (effect instanceof CallApi<?, ?> call
                    && call.input() instanceof CreateLogStreamRequest);
    world.payload(Tasks.task("t1", Tasks.logged("app")));
    world.connected();
    FakeContainer container = world.container("app");
    assertThat(container.state).isEqualTo(ContainerStatus.State.CREATED);
    container.state = ContainerStatus.State.RUNNING;
    container.startedAt = world.now;
    world.deliver(new AgentEvent.ContainerBegan(container.id));
    world.release();
    assertThat(world.told("t1")).containsExactly("RUNNING");
    assertThat(world.engineCalls).doesNotContain("start app");
  }

  @Test
  void aRemovedContainerHasVanished() {
    world.connected();
    world.payload(Tasks.task("t1", Tasks.container("app")));
    FakeContainer container = world.container("app");
    world.containers.clear();
    world.deliver(new AgentEvent.ContainerDied(container.id));
    world.settle();
    assertThat(world.told("t1")).containsExactly("RUNNING", "STOPPED");
    assertThat(Objects.requireNonNull(world.lastEntry("t1", "app")).reason())
        .isEqualTo("ContainerVanishedError: No container matching saved ID found");
  }

  @Test
  void anUntoldEndIsFoundByTheSteadyCheck() {
    world.connected();
    world.payload(Tasks.task("t1", Tasks.container("app")));
    world.end(world.container("app"), 0);
    world.advance(Duration.ofMinutes(6));
    assertThat(world.told("t1")).containsExactly("RUNNING", "STOPPED");
  }

  // ---- pulling ----------------------------------------------------------------------------------

  @Test
  void pullTimesAndDigestAreReported() {
    world.settings =
        AgentSettings.builder("default", "us-east-1", "installation-1")
            .pullBehaviour(PullBehaviour.ALWAYS)
            .build();
    world.registry.put("app:latest", "sha256:new");
    world.connected();
    world.payload(Tasks.task("t1", Tasks.container("app")));
    assertThat(world.told("t1")).containsExactly("RUNNING");
    assertThat(world.reports.getFirst().pullStartedAt()).isNotNull();
    assertThat(Objects.requireNonNull(world.lastEntry("t1", "app")).imageDigest())
        .isEqualTo("sha256:new");
  }

  @Test
  void byDefaultACachedImageReplacesAFailedPull() {
    world.settings = AgentSettings.builder("default", "us-east-1", "installation-1").build();
    world.connected();
    world.payload(Tasks.task("t1", Tasks.container("app")));
    assertThat(world.told("t1")).containsExactly("RUNNING");
    assertThat(Objects.requireNonNull(world.lastEntry("t1", "app")).reason())
        .startsWith("CannotPullContainerError: ");
  }

  @Test
  void onceMeansOnceInTheAgentsLifeAlsoOverARestart() {
    world.settings =
        AgentSettings.builder("default", "us-east-1", "installation-1")
            .pullBehaviour(PullBehaviour.ONCE)
            .build();
    world.registry.put("app:latest", "sha256:new");
    world.connected();
    world.payload(Tasks.task("t1", Tasks.container("app")));
    world.payload(Tasks.task("t2", Tasks.container("app")));
    world.advance(Duration.ofSeconds(10));
    world.connected();
    world.payload(Tasks.task("t3", Tasks.container("app")));
    assertThat(world.engineCalls.stream().filter(call -> call.startsWith("pull"))).hasSize(1);
  }

  // ---- clean-up ---------------------------------------------------------------------------------

  @Test
  void aStoppedTaskIsRemovedAfterItsWait() {
    world.connected();
    world.payload(Tasks.task("t1", Tasks.container("app")));
    world.exit(world.container("app"), 0);
    world.advance(Duration.ofHours(2));
    assertThat(world.containers).hasSize(1);
    world.advance(Duration.ofMinutes(61));
    assertThat(world.containers).isEmpty();
    assertThat(world.taskFiles).isEmpty();
    assertThat(world.core().summary().tasks()).isZero();
  }

  @Test
  void nothingIsRemovedBeforeTheEndWasAccepted() {
    world.settings =
        AgentSettings.builder("default", "us-east-1", "installation-1")
            .pullBehaviour(PullBehaviour.PREFER_CACHED)
            .cleanupWait(Duration.ZERO)
            .build();
    world.connected();
    world.payload(Tasks.task("t1", Tasks.container("app")));
    world.interfere =
        effect ->
            effect instanceof CallApi<?, ?> call
                    && call.input() instanceof SubmitTaskStateChangeRequest
                ? new AgentEvent.Unanswered(call.id(), "connection refused")
                : null;
    world.exit(world.container("app"), 0);
    world.advance(Duration.ofHours(1));
    assertThat(world.containers).hasSize(1);
    world.interfere = _ -> null;
    world.advance(Duration.ofMinutes(1));
    assertThat(world.containers).isEmpty();
    assertThat(world.taskFiles).isEmpty();
  }

  /// Seed 8 of the simulation: a payload that was sent before the end of its task was known arrives
  /// when everything of the task is gone.
  @Test
  void aTaskThatIsCleanedUpDoesNotBeginAgain() {
    world.settings =
        AgentSettings.builder("default", "us-east-1", "installation-1")
            .pullBehaviour(PullBehaviour.PREFER_CACHED)
            .cleanupWait(Duration.ZERO)
            .build();
    world.connected();
    world.payload(Tasks.task("t1", Tasks.container("app")));
    world.exit(world.container("app"), 0);
    assertThat(world.taskFiles).isEmpty();

    String late = world.payload(Tasks.task("t1", Tasks.container("app")));

    assertThat(world.acked(late)).isTrue();
    assertThat(world.containers).isEmpty();
    assertThat(world.told("t1")).containsExactly("RUNNING", "STOPPED");
    // Much later nothing of it can be under way any more, and it is not remembered for ever.
    world.advance(TaskSupervisor.REMEMBERED.plusSeconds(1));
    world.payload(Tasks.task("t2", Tasks.container("app")));
    world.exit(world.container("app"), 0);
    world.payload(Tasks.task("t1", Tasks.container("app")));
    assertThat(world.told("t1")).containsExactly("RUNNING", "STOPPED", "RUNNING");
  }

  // ---- ACS --------------------------------------------------------------------------------------

  @Test
  void aHeartbeatIsAnswered() {
    world.connected();
    world.say(
        "HeartbeatMessage",
        AwsJson.encodeToString(
            HeartbeatMessage.SHAPE,
            HeartbeatMessage.builder().healthy(true).messageId("h1").build()));
    assertThat(world.acsFrames)
        .containsExactly("{\"type\":\"HeartbeatAckRequest\",\"message\":{\"messageId\":\"h1\"}}");
  }

  @Test
  void unknownMessagesAndNonsenseAreIgnored() {
    world.connected();
    world.say("SomethingNew", "{\"a\":1}");
    world.say("PayloadMessage", "{\"messageId\":1,\"tasks\":{}}");
    world.deliver(new AgentEvent.SocketText(1, "nonsense"));
    world.settle();
    assertThat(world.isConnected()).isTrue();
    assertThat(world.acsFrames).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"messageId\":\"x\"}",
        "{\"messageId\":\"x\",\"tasks\":[null]}",
        "{\"messageId\":\"x\",\"tasks\":[{}]}",
        "{\"messageId\":\"x\",\"tasks\":[{\"arn\":\"ARN\",\"containers\":[null]}]}",
        "{\"messageId\":\"x\",\"tasks\":[{\"arn\":\"ARN\",\"family\":\"f\",\"version\":\"1\","
            + "\"containers\":[{\"name\":\"a\",\"image\":\"i\",\"command\":[null],"
            + "\"environment\":{\"A\":null},\"portMappings\":[null],\"links\":[null]}]}]}",
        "{\"messageId\":\"x\",\"tasks\":[{\"arn\":\"ARN\",\"family\":\"f\",\"version\":\"1\","
            + "\"containers\":[{\"name\":\"a\",\"image\":\"i\",\"portMappings\":[{}]}]}]}",
        "{\"messageId\":\"x\",\"tasks\":[{\"arn\":\"ARN\",\"family\":\"f\",\"version\":\"1\","
            + "\"containers\":[{\"name\":\"a\",\"image\":\"i\",\"overrides\":\"{{{{\"}]}]}",
        "{\"messageId\":\"x\",\"tasks\":[{\"arn\":\"ARN\",\"family\":\"f\",\"version\":\"1\","
            + "\"containers\":[{\"name\":\"a\",\"image\":\"i\",\"dockerConfig\":{\"config\":"
            + "\"{\\\"Labels\\\":[]}\"}}]}]}",
      })
  void anOddPayloadHarmsNobody(String message) {
    world.connected();
    world.say("PayloadMessage", message.replace("ARN", FakeWorld.arn("odd")));
    world.payload(Tasks.task("t1", Tasks.container("app")));
    assertThat(world.told("t1")).containsExactly("RUNNING");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TaskManifestMessage",
        "TaskStopVerificationAck",
        "IAMRoleCredentialsMessage",
        "HeartbeatMessage",
        "AttachTaskNetworkInterfacesMessage",
        "ConfirmAttachmentMessage",
        "StageUpdateMessage",
        "PerformUpdateMessage"
      })
  void oddMessagesHarmNobody(String type) {
    world.connected();
    world.say(type, "{}");
    world.say(
        type, "{\"messageId\":\"x\",\"timeline\":99,\"tasks\":[null,{}],\"stopTasks\":[null,{}]}");
    world.say(type, "{\"messageId\":\"x\",\"stopTasks\":[null,{}]}");
    world.say(type, "[" + "[".repeat(5_000));
    world.payload(Tasks.task("t1", Tasks.container("app")));
    assertThat(world.told("t1")).containsExactly("RUNNING");
  }

  @Test
  void aManifestNamesStopCandidatesAndTheVerifiedOnesStop() {
    world.connected();
    world.payload(
        Tasks.task("kept", Tasks.container("a")), Tasks.task("gone", Tasks.container("b")));
    String manifest = world.manifest(List.of(Tasks.identifier("kept", "RUNNING")));

    assertThat(world.acked(manifest)).isTrue();
    assertThat(world.acsFrames.getLast())
        .contains("TaskStopVerificationMessage", FakeWorld.arn("gone"), "STOPPED")
        .doesNotContain(FakeWorld.arn("kept"));
    assertThat(world.told("gone")).containsExactly("RUNNING");

    world.verify(manifest, List.of(Tasks.identifier("gone", "STOPPED")));
    assertThat(world.told("gone")).containsExactly("RUNNING", "STOPPED");
    assertThat(world.told("kept")).containsExactly("RUNNING");
  }

  @Test
  void anOldManifestIsDroppedWithoutAnswer() {
    world.connected();
    world.payload(Tasks.task("t1", Tasks.container("a")));
    world.nextSequence = 1;
    String manifest = world.manifest(List.of());
    assertThat(world.acked(manifest)).isFalse();
  }

  @Test
  void aVerificationCountsOnce() {
    world.connected();
    world.payload(Tasks.task("t1", Tasks.container("a")), Tasks.task("t2", Tasks.container("b")));
    String manifest = world.manifest(List.of());
    world.verify(manifest, List.of(Tasks.identifier("t1", "STOPPED")));
    world.verify(manifest, List.of(Tasks.identifier("t2", "STOPPED")));
    assertThat(world.told("t1")).containsExactly("RUNNING", "STOPPED");
    assertThat(world.told("t2")).containsExactly("RUNNING");
  }

  @Test
  void aDroppedConnectionIsMadeAgainWithoutAskingForCredentials() {
    world.connected();
    world.advance(Duration.ofSeconds(2));
    world.dropAcs(1006);
    assertThat(world.acsUrls).hasSize(2);
    assertThat(world.acsUrls.getLast()).contains("sendCredentials=false");
  }

  @Test
  void aSilentServerIsLeftAndCalledAgain() {
    world.connected();
    world.advance(Duration.ofSeconds(59));
    assertThat(world.acsUrls).hasSize(1);
    world.advance(Duration.ofSeconds(62));
    assertThat(world.acsUrls).hasSize(2);
  }

  @Test
  void aDeregisteredInstanceStaysAwayForAnHour() {
    world.connected();
    world.interfere =
        effect ->
            effect instanceof AgentEffect.OpenSocket open
                ? new AgentEvent.SocketRefused(
                    open.socket(), 400, "{\"InactiveInstanceException\":\"gone\"}")
                : null;
    world.dropAcs(1006);
    world.advance(Duration.ofSeconds(10));
    world.interfere = _ -> null;
    int before = world.acsUrls.size();
    world.advance(Duration.ofMinutes(58));
    assertThat(world.acsUrls).hasSize(before);
    world.advance(Duration.ofMinutes(3));
    assertThat(world.acsUrls).hasSize(before + 1);
  }

  // ---- logs -------------------------------------------------------------------------------------

  @Test
  void outputGoesToItsStreamLiveAndInOrder() {
    world.connected();
    world.payload(Tasks.task("t1", Tasks.logged("app")));
    FakeContainer container = world.container("app");
    assertThat(container.spec.logDriver()).isEqualTo("json-file");
    assertThat(container.spec.logOptions()).containsKeys("max-size", "max-file");
    assertThat(container.spec.engineHostConfig()).isNull();
    world.print(container, "one");
    assertThat(world.logged("pre/app/t1")).containsExactly("one");
    world.print(container, "two");
    world.print(container, "three");
    world.exit(container, 0);
    assertThat(world.logged("pre/app/t1")).containsExactly("one", "two", "three");
    assertThat(world.told("t1")).containsExactly("RUNNING", "STOPPED");
    assertThat(world.core().summary().unshipped()).isZero();
  }

  @Test
  void aMissingLogGroupFailsTheTaskAsTheEnginesDriverDoes() {
    world.logGroups.clear();
    world.connected();
    world.payload(Tasks.task("t1", Tasks.logged("app")));
    assertThat(world.told("t1")).containsExactly("STOPPED");
    assertThat(Objects.requireNonNull(world.lastEntry("t1", "app")).reason())
        .isEqualTo(
            "CannotStartContainerError: Error response from daemon: failed to initialize logging"
                + " driver: failed to create Cloudwatch log stream: ResourceNotFoundException: The"
                + " specified log group does not exist.");
    assertThat(world.engineCalls).doesNotContain("start app");
  }

  @Test
  void aMissingLogGroupIsMadeWhenAskedFor() {
    world.logGroups.clear();
    world.connected();
    world.payload(
        Tasks.task(
            "t1",
            Tasks.withHostConfig(
                Tasks.container("app"),
                "{\"LogConfig\":{\"Type\":\"awslogs\",\"Config\":{\"awslogs-group\":\"/new\","
                    + "\"awslogs-create-group\":\"true\"}}}")));
    assertThat(world.told("t1")).containsExactly("RUNNING");
    assertThat(world.logGroups).containsExactly("/new");
    assertThat(world.logStreams).containsOnlyKeys(world.container("app").id);
  }

  @Test
  void stoppedIsHeldBackForTheLastOutputButNotForLong() {
    world.connected();
    world.payload(Tasks.task("t1", Tasks.logged("app")));
    world.hold =
        effect ->
            effect instanceof CallApi<?, ?> call && call.operation().name().equals("PutLogEvents");
    world.print(world.container("app"), "last words");
    world.exit(world.container("app"), 0);
    assertThat(world.told("t1")).containsExactly("RUNNING");
    world.advance(TaskReport.LOG_GRACE);
    assertThat(world.told("t1")).containsExactly("RUNNING", "STOPPED");
    world.advance(Duration.ofHours(4));
    assertThat(world.containers).as("kept until its log is drained").hasSize(1);
    world.release();
    assertThat(world.logged("pre/app/t1")).containsExactly("last words");
    world.advance(Duration.ofMinutes(1));
    assertThat(world.containers).isEmpty();
  }

  @Test
  void aBatchWhoseAnswerWasLostIsNotDoubled() {
    world.connected();
    world.payload(Tasks.task("t1", Tasks.logged("app")));
    boolean[] lost = new boolean[1];
    world.interfere =
        effect -> {
          if (effect instanceof CallApi<?, ?> call
              && call.input() instanceof dev.gantry.api.logs.PutLogEventsRequest put
              && !lost[0]) {
            lost[0] = true;
            world.append("pre/app/t1", put);
            return new AgentEvent.Unanswered(call.id(), "connection reset");
          }
          return null;
        };
    world.print(world.container("app"), "one");
    world.print(world.container("app"), "two");
    world.advance(Duration.ofSeconds(10));
    world.print(world.container("app"), "three");
    world.advance(Duration.ofSeconds(10));
    assertThat(world.logged("pre/app/t1")).containsExactly("one", "two", "three");
  }
}

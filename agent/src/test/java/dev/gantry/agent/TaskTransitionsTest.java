package dev.gantry.agent;

import static dev.gantry.agent.TaskTables.NOW;
import static dev.gantry.agent.TaskTables.container;
import static dev.gantry.agent.TaskTables.first;
import static dev.gantry.agent.TaskTables.in;
import static dev.gantry.agent.TaskTables.learn;
import static dev.gantry.agent.TaskTables.logged;
import static dev.gantry.agent.TaskTables.reason;
import static dev.gantry.agent.TaskTables.rules;
import static dev.gantry.agent.TaskTables.sidecar;
import static dev.gantry.agent.TaskTables.status;
import static dev.gantry.agent.TaskTables.stored;
import static dev.gantry.agent.TaskTables.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.gantry.agent.ContainerRuntime.ContainerStatus.State;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure.Kind;
import dev.gantry.agent.TaskActivity.Doing;
import dev.gantry.agent.TaskActivity.Doubt;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What follows from each fact in each phase.
final class TaskTransitionsTest {

  /// Every fact that can move a container, with what was under way for it.
  private static Map<String, Row> facts() {
    Map<String, Row> facts = new LinkedHashMap<>();
    facts.put(
        "image found", new Row(Doing.INSPECTING_IMAGE, new TaskFact.ImageInspected(0, true, null)));
    facts.put(
        "image absent",
        new Row(Doing.INSPECTING_IMAGE, new TaskFact.ImageInspected(0, false, null)));
    facts.put("pulled", new Row(Doing.PULLING, new TaskFact.Pulled(0, null)));
    facts.put("created", new Row(Doing.CREATING, new TaskFact.Created(0, "c1")));
    facts.put("started", new Row(Doing.STARTING, new TaskFact.Started(0)));
    facts.put("stopped", new Row(Doing.STOPPING, new TaskFact.Stopped(0)));
    facts.put("gone", new Row(Doing.INSPECTING, new TaskFact.Observed(0, null)));
    for (State state : State.values()) {
      facts.put(
          "seen " + state, new Row(Doing.INSPECTING, new TaskFact.Observed(0, status(state, 0))));
    }
    for (Doing doing : Doing.values()) {
      for (Kind kind : Kind.values()) {
        facts.put(
            doing + " failed: " + kind, new Row(doing, new TaskFact.EngineFailed(0, kind, "text")));
      }
    }
    facts.put("stop wanted", new Row(Doing.NOTHING, new TaskFact.StopWanted()));
    facts.put("maybe ended", new Row(Doing.NOTHING, new TaskFact.MayHaveEnded(0)));
    facts.put("removed", new Row(Doing.REMOVING, new TaskFact.Removed(0)));
    facts.put("stream refused", new Row(Doing.NOTHING, new TaskFact.StreamRefused(0, "c", "m")));
    facts.put("stream away", new Row(Doing.NOTHING, new TaskFact.StreamUnavailable(0, "m")));
    return facts;
  }

  private record Row(Doing doing, TaskFact fact) {}

  /// The legal moves; in every other pair the phase stays as it is.
  private static @Nullable Phase move(Phase from, String fact) {
    String key = from + " " + fact;
    return switch (key) {
      case "NONE image found", "NONE pulled" -> Phase.PULLED;
      case "NONE created", "PULLED created" -> Phase.CREATED;
      case "CREATED started" -> Phase.RUNNING;
      case "NONE seen CREATED", "PULLED seen CREATED" -> Phase.CREATED;
      case "NONE seen RUNNING", "PULLED seen RUNNING", "CREATED seen RUNNING" -> Phase.RUNNING;
      case "NONE seen EXITED", "PULLED seen EXITED", "CREATED seen EXITED", "RUNNING seen EXITED" ->
          Phase.STOPPED;
      case "CREATED gone", "RUNNING gone" -> Phase.STOPPED;
      case "NONE stop wanted", "PULLED stop wanted", "CREATED stop wanted" -> Phase.STOPPED;
      case "NONE stream refused", "PULLED stream refused" -> Phase.STOPPED;
      default -> {
        if (from == Phase.STOPPED) {
          yield null;
        }
        String failure = fact.replaceAll(".* failed: ", "");
        boolean unclear = failure.equals("UNREACHABLE") || failure.equals("INTERRUPTED");
        boolean ends =
            // What was refused may pass: it is tried again.
            (fact.startsWith("PULLING failed") && !unclear && !failure.equals("REFUSED"))
                || (fact.startsWith("CREATING failed")
                    && !unclear
                    && !failure.equals("TIMEOUT")
                    && !failure.equals("CONFLICT"))
                || (fact.startsWith("STARTING failed") && !unclear && !failure.equals("TIMEOUT"));
        // A start in doubt condemns the container; one that was never created has then ended.
        boolean condemned = fact.equals("STARTING failed: TIMEOUT");
        boolean uncreated = from == Phase.NONE || from == Phase.PULLED;
        yield ends || (condemned && uncreated) ? Phase.STOPPED : null;
      }
    };
  }

  static Stream<Arguments> everyPair() {
    Stream.Builder<Arguments> pairs = Stream.builder();
    for (Phase from : Phase.values()) {
      facts().forEach((name, row) -> pairs.add(arguments(from, name, row)));
    }
    return pairs.build();
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("everyPair")
  void everyFactInEveryPhase(Phase from, String name, Object given) {
    Row row = (Row) given;
    TaskState before =
        with(
            in(from, stored(container("app"))),
            draft -> draft.containers.getFirst().doing = row.doing());
    TaskState after = learn(before, row.fact());
    Phase expected = move(from, name);
    assertThat(after.record(0).phase()).isEqualTo(expected == null ? from : expected);
    assertThat(after.record(0).phase()).as("never backwards").isGreaterThanOrEqualTo(from);
    boolean answers =
        !(row.fact() instanceof TaskFact.StopWanted
            || row.fact() instanceof TaskFact.MayHaveEnded
            || row.fact() instanceof TaskFact.StreamRefused
            || row.fact() instanceof TaskFact.StreamUnavailable);
    if (answers) {
      assertThat(after.activity(0).doing()).isEqualTo(Doing.NOTHING);
    }
  }

  @Test
  void essentialEndsEverythingElse() {
    TaskState task = in(Phase.RUNNING, stored(container("app"), sidecar("helper")));
    task =
        with(
            task,
            draft -> {
              draft.containers.get(1).phase = Phase.RUNNING;
              draft.containers.get(1).startedAt = NOW;
            });
    TaskState after = learn(task, new TaskFact.Observed(0, status(State.EXITED, 3)));
    assertThat(after.record().wanted()).isFalse();
    assertThat(after.record().executionStoppedAt()).isEqualTo(NOW);
    assertThat(after.record().stoppedAt()).isNull();
    assertThat(after.record(1).phase()).isEqualTo(Phase.RUNNING);
    assertThat(TaskTables.step(TaskTables.saved(after))).isInstanceOf(TaskAction.Stop.class);
  }

  @Test
  void inessentialEndsNothing() {
    TaskState task = in(Phase.RUNNING, stored(sidecar("helper"), container("app")));
    TaskState after = learn(task, new TaskFact.Observed(0, status(State.EXITED, 3)));
    assertThat(after.record().wanted()).isTrue();
    assertThat(after.record().executionStoppedAt()).isNull();
  }

  @Test
  void withoutEssentialContainersTheTaskEndsWithTheLast() {
    TaskState task = in(Phase.RUNNING, stored(sidecar("a"), sidecar("b")));
    task = learn(task, new TaskFact.Observed(0, status(State.EXITED, 0)));
    assertThat(task.record().wanted()).isTrue();
    task =
        with(
            task,
            draft -> {
              draft.containers.get(1).phase = Phase.RUNNING;
              draft.containers.get(1).runtimeId = "c2";
            });
    task = learn(task, new TaskFact.Observed(1, status(State.EXITED, 0)));
    assertThat(task.record().wanted()).isFalse();
    assertThat(task.record().stoppedAt()).isEqualTo(NOW);
  }

  @Test
  void whatHasNotBegunNeverBeginsOnceTheTaskIsUnwanted() {
    TaskState task = stored(container("a"), container("b"), container("c"));
    task =
        with(
            task,
            draft -> {
              draft.containers.get(0).doing = Doing.PULLING;
              draft.containers.get(1).phase = Phase.PULLED;
              draft.containers.get(1).doing = Doing.CREATING;
              draft.containers.get(2).phase = Phase.CREATED;
              draft.containers.get(2).doing = Doing.STARTING;
            });
    task = learn(task, new TaskFact.StopWanted());
    assertThat(task.record(0).phase()).as("a pull is not waited for").isEqualTo(Phase.STOPPED);
    assertThat(task.record(1).phase()).as("a create is").isEqualTo(Phase.PULLED);
    assertThat(task.record(2).phase()).as("a start is").isEqualTo(Phase.CREATED);

    task = learn(task, new TaskFact.Created(1, "c2"));
    assertThat(task.record(1).phase()).isEqualTo(Phase.STOPPED);
    assertThat(task.record(1).runtimeId()).as("to be removed later").isEqualTo("c2");
    task = learn(task, new TaskFact.Started(2));
    assertThat(task.record(2).phase()).isEqualTo(Phase.RUNNING);
    task = learn(task, new TaskFact.Pulled(0, null));
    assertThat(task.record(0).phase()).isEqualTo(Phase.STOPPED);
  }

  @ParameterizedTest
  @EnumSource(PullBehaviour.class)
  void aFailedPullFailsButByDefaultACachedImageIsLookedFor(PullBehaviour behaviour) {
    TaskState task =
        with(stored(container("app")), draft -> draft.containers.getFirst().doing = Doing.PULLING);
    TaskState after =
        TaskTransitions.learn(
            task,
            new TaskFact.EngineFailed(0, Kind.NOT_FOUND, "Error response from daemon: no"),
            rules(behaviour),
            NOW,
            0);
    assertThat(reason(after)).isEqualTo("CannotPullContainerError: Error response from daemon: no");
    assertThat(after.record().wanted())
        .as("a task is not run without an image that was to be pulled")
        .isEqualTo(behaviour == PullBehaviour.DEFAULT);
    if (behaviour == PullBehaviour.DEFAULT) {
      assertThat(after.record(0).phase()).isEqualTo(Phase.NONE);
      TaskState found = learn(after, new TaskFact.ImageInspected(0, true, "sha256:d"));
      assertThat(found.record(0).phase()).isEqualTo(Phase.PULLED);
      TaskState absent = learn(after, new TaskFact.ImageInspected(0, false, null));
      assertThat(absent.record(0).phase()).isEqualTo(Phase.STOPPED);
    } else {
      assertThat(after.record(0).phase()).isEqualTo(Phase.STOPPED);
    }
  }

  @ParameterizedTest
  @EnumSource(PullBehaviour.class)
  void anOptionalContainersFailedPullEndsTheTaskOnlyWhereThePullIsDemanded(
      PullBehaviour behaviour) {
    TaskState task =
        with(
            stored(container("app"), sidecar("helper")),
            draft -> {
              draft.containers.get(0).phase = Phase.RUNNING;
              draft.containers.get(0).runtimeId = "c1";
              draft.containers.get(1).doing = Doing.PULLING;
            });
    TaskState after =
        TaskTransitions.learn(
            task, new TaskFact.EngineFailed(1, Kind.NOT_FOUND, "no"), rules(behaviour), NOW, 0);
    boolean demanded = behaviour == PullBehaviour.ALWAYS || behaviour == PullBehaviour.ONCE;
    assertThat(after.record().wanted()).isEqualTo(!demanded);
  }

  @Test
  void aRefusedPullIsTriedAgainWithLongerAndLongerPausesAndThenFails() {
    TaskState task = stored(container("app"));
    List<Long> pauses = new ArrayList<>();
    for (int attempt = 1; attempt < TaskTransitions.PULL_ATTEMPTS; attempt++) {
      task = with(task, draft -> draft.containers.getFirst().doing = Doing.PULLING);
      task =
          TaskTransitions.learn(
              task,
              new TaskFact.EngineFailed(0, Kind.REFUSED, "too busy"),
              rules(PullBehaviour.ALWAYS),
              NOW,
              0);
      assertThat(task.record(0).phase()).isEqualTo(Phase.NONE);
      Instant again = Objects.requireNonNull(task.activity(0).retry().at());
      pauses.add(Duration.between(NOW, again).toMillis());
      assertThat(TaskStepper.step(task, rules(PullBehaviour.ALWAYS), again))
          .isEqualTo(new TaskAction.PullImage(0));
    }
    assertThat(pauses).containsExactly(1_100L, 2_200L, 4_400L, 5_000L);
    task = with(task, draft -> draft.containers.getFirst().doing = Doing.PULLING);
    task = learn(task, new TaskFact.EngineFailed(0, Kind.REFUSED, "too busy"));
    assertThat(task.record(0).phase()).isEqualTo(Phase.STOPPED);
    assertThat(reason(task)).isEqualTo("CannotPullContainerError: too busy");
  }

  @Test
  void anImageThatCannotBeLookedAtIsPulled() {
    TaskState task =
        with(
            stored(container("app")),
            draft -> draft.containers.getFirst().doing = Doing.INSPECTING_IMAGE);
    task = learn(task, new TaskFact.EngineFailed(0, Kind.NOT_FOUND, "invalid reference format"));
    assertThat(TaskTables.step(task)).isEqualTo(new TaskAction.PullImage(0));
  }

  static Stream<Arguments> pullReasons() {
    String denied =
        "pull access denied for r/x: denied: requested access to the resource is denied";
    String ecr = "denied: User: u is not authorized to perform: ecr:BatchGetImage on resource: r";
    String network = "request canceled while waiting for connection";
    return Stream.of(
        arguments(Kind.NOT_FOUND, "no", false, "CannotPullContainerError: no"),
        arguments(Kind.NOT_FOUND, "no", true, "CannotPullImageManifestError: no"),
        arguments(Kind.UNAUTHORIZED, denied, true, "CannotPullImageManifestError: " + denied),
        arguments(
            Kind.UNAUTHORIZED,
            denied,
            false,
            "CannotPullContainerError: The task can’t pull the image. Check whether the image"
                + " exists. "
                + denied),
        arguments(
            Kind.UNAUTHORIZED,
            ecr,
            false,
            "CannotPullContainerError: The task can’t pull the image. Check that the role has the"
                + " permissions to pull images from the registry. "
                + ecr),
        arguments(
            Kind.NOT_FOUND,
            network,
            false,
            "CannotPullContainerError: The task can’t pull the image. Check your network"
                + " configuration. "
                + network),
        arguments(
            Kind.TIMEOUT,
            "Could not transition to pulled; timed out after waiting 2h0m0s",
            false,
            "DockerTimeoutError: Could not transition to pulled; timed out after waiting 2h0m0s"));
  }

  @ParameterizedTest(name = "{3}")
  @MethodSource("pullReasons")
  void failedPullsReadAsAmazonsAgentWritesThem(
      Kind kind, String message, boolean manifest, String expected) {
    TaskState task =
        with(stored(container("app")), draft -> draft.containers.getFirst().doing = Doing.PULLING);
    task = learn(task, new TaskFact.EngineFailed(0, kind, message, manifest));
    assertThat(reason(task)).isEqualTo(expected);
  }

  static Stream<Arguments> reasons() {
    return Stream.of(
        arguments(Doing.CREATING, Kind.REFUSED, "CannotCreateContainerError: text"),
        arguments(Doing.STARTING, Kind.REFUSED, "CannotStartContainerError: text"),
        arguments(
            Doing.STARTING,
            Kind.TIMEOUT,
            "DockerTimeoutError: Could not transition to started; timed out after waiting 3m0s"));
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("reasons")
  void reasonsReadAsAmazonsAgentWritesThem(Doing doing, Kind kind, String expected) {
    Phase phase = doing == Doing.STARTING ? Phase.CREATED : Phase.NONE;
    TaskState task =
        with(
            in(phase, stored(container("app"))),
            draft -> draft.containers.getFirst().doing = doing);
    assertThat(reason(learn(task, new TaskFact.EngineFailed(0, kind, "text")))).isEqualTo(expected);
  }

  /// Somebody may clean an engine up between a pull and the container's creation.
  @Test
  void anImageThatWentBeforeTheContainerWasMadeIsPulledAgainOnce() {
    TaskFact gone =
        new TaskFact.EngineFailed(
            0, Kind.NOT_FOUND, "Error response from daemon: No such image: app:latest");
    TaskState task =
        with(
            in(Phase.PULLED, stored(container("app"))),
            draft -> draft.containers.getFirst().doing = Doing.CREATING);
    task = learn(task, gone);
    assertThat(task.record(0).phase()).isEqualTo(Phase.NONE);
    assertThat(TaskTables.step(task)).isEqualTo(new TaskAction.PullImage(0));
    assertThat(reason(task)).isNull();
    task = TaskTransitions.begin(task, new TaskAction.PullImage(0), NOW);
    task = learn(task, new TaskFact.Pulled(0, "sha256:digest"));
    task = TaskTransitions.begin(task, new TaskAction.Create(0), NOW);
    task = learn(task, gone);
    assertThat(task.record(0).phase()).isEqualTo(Phase.STOPPED);
    assertThat(reason(task))
        .isEqualTo(
            "CannotCreateContainerError: Error response from daemon: No such image: app:latest");
  }

  @Test
  void aCreateInDoubtThatIsNotFoundFailsWithItsReason() {
    TaskState task =
        with(
            in(Phase.PULLED, stored(container("app"))),
            draft -> draft.containers.getFirst().doing = Doing.CREATING);
    task = learn(task, new TaskFact.EngineFailed(0, Kind.TIMEOUT, "text"));
    assertThat(task.activity(0).doubt())
        .isEqualTo(
            new Doubt(
                "DockerTimeoutError: Could not transition to created; timed out after waiting"
                    + " 4m0s",
                false));
    TaskState gone = learn(task, new TaskFact.Observed(0, null));
    assertThat(gone.record(0).phase()).isEqualTo(Phase.STOPPED);
    assertThat(reason(gone)).startsWith("DockerTimeoutError: Could not transition to created");
    TaskState found = learn(task, new TaskFact.Observed(0, status(State.CREATED, 0)));
    assertThat(found.record(0).phase()).isEqualTo(Phase.CREATED);
    assertThat(reason(found)).isNull();
  }

  @Test
  void aRefusedStreamStopsTheContainerOnceTheEngineHasAnswered() {
    TaskState task =
        with(
            in(Phase.PULLED, stored(logged("app"))),
            draft -> draft.containers.getFirst().doing = Doing.CREATING);
    task = learn(task, new TaskFact.StreamRefused(0, "AccessDeniedException", "no"));
    assertThat(task.record(0).phase()).isEqualTo(Phase.PULLED);
    task = TaskTables.saved(learn(task, new TaskFact.Created(0, "c1")));
    assertThat(TaskTables.step(task)).isInstanceOf(TaskAction.Stop.class);
    task = learn(task, new TaskFact.Observed(0, status(State.CREATED, 0)));
    assertThat(task.record(0).phase()).isEqualTo(Phase.STOPPED);
    assertThat(reason(task))
        .isEqualTo(
            "CannotStartContainerError: Error response from daemon: failed to initialize logging"
                + " driver: failed to create Cloudwatch log stream: AccessDeniedException: no");
  }

  @Test
  void anUnavailableLogServiceIsWaitedForButNotForEver() {
    TaskState task = in(Phase.CREATED, stored(logged("app")));
    task = learn(task, new TaskFact.StreamUnavailable(0, "connection refused"));
    assertThat(task.record(0).phase()).isEqualTo(Phase.CREATED);
    assertThat(task.activity(0).streamRetry().at()).isAfter(NOW);
    task =
        TaskTransitions.learn(
            task,
            new TaskFact.StreamUnavailable(0, "connection refused"),
            TaskTables.RULES,
            NOW.plus(TaskTransitions.LOG_STREAM_PATIENCE),
            0);
    assertThat(task.record(0).condemned()).isTrue();
    assertThat(reason(task)).endsWith("RequestError: connection refused");
  }

  @Test
  void nothingIsConcludedBeforeAllContainersWereMet() {
    TaskState task = stored(container("app"), sidecar("helper"));
    TaskState after =
        learn(task, new TaskFact.Met(List.of(status(State.EXITED, 3), status(State.RUNNING, 0))));
    assertThat(after.record().wanted()).isFalse();
    assertThat(after.record(1).phase()).isEqualTo(Phase.RUNNING);
  }

  @Test
  void aContainerThatRunsAfterItsEndWasToldIsAStray() {
    TaskState task = in(Phase.STOPPED, stored(container("app")));
    task = learn(task, new TaskFact.Observed(0, status(State.RUNNING, 0)));
    assertThat(task.record(0).phase()).isEqualTo(Phase.STOPPED);
    assertThat(task.activity(0).stray()).isTrue();
    task = learn(task, new TaskFact.Observed(0, status(State.EXITED, 0)));
    assertThat(task.activity(0).stray()).isFalse();
  }

  /// A start that was given up may come late: what the container wrote until it was stopped again
  /// is its task's output like any other.
  @ParameterizedTest
  @EnumSource(
      value = State.class,
      names = {"RUNNING", "EXITED"})
  void whatRanAfterItWasGivenUpHasOutput(State state) {
    TaskState task =
        first(
            in(Phase.STOPPED, stored(logged("app"))),
            each -> {
              each.startedAt = null;
              each.streamReady = true;
            });
    assertThat(task.silent()).isTrue();
    task = learn(task, new TaskFact.Observed(0, status(State.CREATED, 0)));
    assertThat(task.silent()).isTrue();
    task = learn(task, new TaskFact.Observed(0, status(state, 0)));
    assertThat(task.silent()).isFalse();
    assertThat(task.record(0).phase()).isEqualTo(Phase.STOPPED);
    TaskState stopped = with(task, draft -> draft.containers.getFirst().stray = false);
    assertThat(TaskTables.step(TaskTables.saved(stopped))).isEqualTo(new TaskAction.Follow(0));
  }

  @Test
  void aDeathDuringAnInspectionAsksForAnother() {
    TaskState task =
        with(
            in(Phase.RUNNING, stored(container("app"))),
            draft -> draft.containers.getFirst().doing = Doing.INSPECTING);
    task = learn(task, new TaskFact.MayHaveEnded(0));
    task = learn(task, new TaskFact.Observed(0, status(State.RUNNING, 0)));
    assertThat(task.activity(0).inspect()).isTrue();
  }

  @Test
  void reportingMovesWhatWasReportedAndNothingElse() {
    TaskState task = in(Phase.RUNNING, stored(container("app"), sidecar("helper")));
    task =
        with(
            first(task, each -> each.reported = Status.NONE),
            draft -> {
              draft.ran = true;
              draft.containers.get(1).phase = Phase.RUNNING;
              draft.containers.get(1).startedAt = NOW;
            });
    TaskReport report = Objects.requireNonNull(TaskReport.due(task, NOW));
    task = TaskTransitions.begin(task, new TaskAction.Submit(report), NOW);
    // While the report is under way one of them ends.
    task = TaskTables.saved(learn(task, new TaskFact.Observed(1, status(State.EXITED, 0))));
    task = learn(task, new TaskFact.Reported());
    assertThat(task.record().reported()).isEqualTo(Status.RUNNING);
    assertThat(task.record(0).reported()).isEqualTo(Status.RUNNING);
    assertThat(task.record(1).reported()).isEqualTo(Status.RUNNING);
    assertThat(task.activity().unreportedSince()).as("the end is still to be told").isEqualTo(NOW);
  }
}

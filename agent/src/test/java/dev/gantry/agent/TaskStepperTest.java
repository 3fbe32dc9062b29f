package dev.gantry.agent;

import static dev.gantry.agent.TaskTables.NOW;
import static dev.gantry.agent.TaskTables.RULES;
import static dev.gantry.agent.TaskTables.container;
import static dev.gantry.agent.TaskTables.first;
import static dev.gantry.agent.TaskTables.in;
import static dev.gantry.agent.TaskTables.logged;
import static dev.gantry.agent.TaskTables.published;
import static dev.gantry.agent.TaskTables.rules;
import static dev.gantry.agent.TaskTables.saved;
import static dev.gantry.agent.TaskTables.stored;
import static dev.gantry.agent.TaskTables.task;
import static dev.gantry.agent.TaskTables.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.gantry.agent.TaskAction.Create;
import dev.gantry.agent.TaskAction.CreateLogGroup;
import dev.gantry.agent.TaskAction.CreateLogStream;
import dev.gantry.agent.TaskAction.Delete;
import dev.gantry.agent.TaskAction.Find;
import dev.gantry.agent.TaskAction.Follow;
import dev.gantry.agent.TaskAction.Inspect;
import dev.gantry.agent.TaskAction.InspectImage;
import dev.gantry.agent.TaskAction.PullImage;
import dev.gantry.agent.TaskAction.Remove;
import dev.gantry.agent.TaskAction.Save;
import dev.gantry.agent.TaskAction.Start;
import dev.gantry.agent.TaskAction.Stop;
import dev.gantry.agent.TaskAction.Submit;
import dev.gantry.agent.TaskAction.Wait;
import dev.gantry.agent.TaskActivity.Doing;
import dev.gantry.agent.TaskActivity.Doubt;
import dev.gantry.agent.TaskActivity.Image;
import dev.gantry.agent.TaskActivity.Stream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// One row for each decision.
final class TaskStepperTest {
  private static final Duration GRACE = Duration.ofSeconds(30);

  private static TaskState app() {
    return stored(container("app"));
  }

  private static TaskState unwanted(TaskState task) {
    return saved(with(task, draft -> draft.wanted = false));
  }

  private static TaskState reported(TaskState task, Status status) {
    return saved(
        with(
            task,
            draft -> {
              draft.ran = true;
              draft.reported = status;
              draft.containers.forEach(each -> each.reported = status);
            }));
  }

  private static TaskState ended() {
    return reported(
        with(in(Phase.STOPPED, unwanted(app())), draft -> draft.stoppedAt = NOW), Status.STOPPED);
  }

  private static TaskState over() {
    return with(ended(), draft -> draft.stoppedAt = NOW.minus(RULES.cleanupWait()));
  }

  static java.util.stream.Stream<Arguments> rows() {
    java.util.stream.Stream.Builder<Arguments> rows = java.util.stream.Stream.builder();
    rows.add(arguments("a fresh task is saved first", task(container("app")), new Save()));
    rows.add(
        arguments(
            "while it is being saved its image is looked for",
            with(task(container("app")), draft -> draft.saving = draft.toRecord()),
            new InspectImage(0)));
    rows.add(
        arguments(
            "but no container is created before it is on disk",
            with(
                task(container("app")),
                draft -> {
                  draft.saving = draft.toRecord();
                  draft.containers.getFirst().phase = Phase.PULLED;
                }),
            new Wait(null)));
    rows.add(
        arguments(
            "a failed save waits",
            with(
                task(container("app")),
                draft -> {
                  draft.saveRetry = new Retry(1, NOW.plusSeconds(5));
                  draft.containers.getFirst().phase = Phase.PULLED;
                }),
            new Wait(NOW.plusSeconds(5))));

    rows.add(arguments("NONE: image", app(), new InspectImage(0)));
    rows.add(
        arguments(
            "NONE, image absent: pull",
            with(app(), draft -> draft.containers.getFirst().image = Image.ABSENT),
            new PullImage(0)));
    rows.add(
        arguments(
            "NONE, pull failed: look for a cached one",
            with(app(), draft -> draft.containers.getFirst().image = Image.NOT_PULLED),
            new InspectImage(0)));
    rows.add(arguments("PULLED: create", in(Phase.PULLED, app()), new Create(0)));
    rows.add(arguments("CREATED: start", in(Phase.CREATED, app()), new Start(0)));
    rows.add(
        arguments(
            "RUNNING: report", reported(in(Phase.RUNNING, app()), Status.NONE), "Submit RUNNING"));
    rows.add(
        arguments(
            "RUNNING and reported: nothing",
            reported(in(Phase.RUNNING, app()), Status.RUNNING),
            new Wait(null)));
    rows.add(
        arguments(
            "RUNNING but unwanted: stop",
            unwanted(reported(in(Phase.RUNNING, app()), Status.RUNNING)),
            new Stop(0, GRACE)));
    rows.add(
        arguments(
            "CREATED and condemned: stop, it may run",
            first(in(Phase.CREATED, app()), container -> container.condemned = true),
            new Stop(0, GRACE)));
    rows.add(
        arguments(
            "STOPPED but seen running: stop",
            with(ended(), draft -> draft.containers.getFirst().stray = true),
            new Stop(0, GRACE)));
    rows.add(
        arguments(
            "RUNNING, maybe ended: look",
            with(
                reported(in(Phase.RUNNING, app()), Status.RUNNING),
                draft -> draft.containers.getFirst().inspect = true),
            new Inspect(0)));
    rows.add(
        arguments(
            "a create in doubt: look for it",
            with(
                in(Phase.PULLED, app()),
                draft -> draft.containers.getFirst().doubt = new Doubt("reason", false)),
            new Find(0)));
    rows.add(
        arguments(
            "a failed engine call waits",
            with(
                app(),
                draft -> draft.containers.getFirst().retry = new Retry(1, NOW.plusSeconds(2))),
            new Wait(NOW.plusSeconds(2))));
    rows.add(
        arguments(
            "and goes on when its time has come",
            with(app(), draft -> draft.containers.getFirst().retry = new Retry(1, NOW)),
            new InspectImage(0)));
    for (Doing doing : Doing.values()) {
      if (doing != Doing.NOTHING) {
        rows.add(
            arguments(
                "one thing at a time: " + doing,
                with(app(), draft -> draft.containers.getFirst().doing = doing),
                new Wait(null)));
      }
    }

    rows.add(
        arguments(
            "published ports: RUNNING waits for the bindings",
            with(
                reported(in(Phase.RUNNING, stored(published("app"))), Status.NONE),
                draft -> draft.containers.getFirst().doing = Doing.INSPECTING),
            new Wait(null)));
    rows.add(
        arguments(
            "bindings read: report",
            first(
                reported(in(Phase.RUNNING, stored(published("app"))), Status.NONE),
                container -> container.bindings = List.of()),
            "Submit RUNNING"));

    rows.add(
        arguments(
            "log stream and image go side by side",
            with(
                stored(logged("app")),
                draft -> draft.containers.getFirst().doing = Doing.INSPECTING_IMAGE),
            new CreateLogStream(0)));
    rows.add(
        arguments(
            "no start without its stream",
            with(
                in(Phase.CREATED, stored(logged("app"))),
                draft -> draft.containers.getFirst().stream = Stream.CREATING_STREAM),
            new Wait(null)));
    rows.add(
        arguments(
            "stream ready: start",
            first(in(Phase.CREATED, stored(logged("app"))), each -> each.streamReady = true),
            new Start(0)));
    rows.add(
        arguments(
            "group missing: make it",
            with(
                in(Phase.CREATED, stored(logged("app"))),
                draft -> draft.containers.getFirst().stream = Stream.GROUP_MISSING),
            new CreateLogGroup(0)));
    rows.add(
        arguments(
            "running: follow its output",
            first(
                reported(in(Phase.RUNNING, stored(logged("app"))), Status.RUNNING),
                each -> each.streamReady = true),
            new Follow(0)));
    rows.add(
        arguments(
            "ended: its output is followed to the end",
            first(
                reported(
                    with(in(Phase.STOPPED, stored(logged("app"))), draft -> draft.stoppedAt = NOW),
                    Status.STOPPED),
                each -> each.streamReady = true),
            new Follow(0)));
    rows.add(
        arguments(
            "a stream that was not noted before a restart is made good",
            first(
                reported(in(Phase.RUNNING, stored(logged("app"))), Status.RUNNING),
                each -> each.streamReady = false),
            new CreateLogStream(0)));

    rows.add(
        arguments(
            "all ended: report STOPPED",
            reported(
                with(in(Phase.STOPPED, unwanted(app())), draft -> draft.stoppedAt = NOW),
                Status.RUNNING),
            "Submit STOPPED"));
    rows.add(
        arguments(
            "ended before RUNNING was told: RUNNING first",
            reported(
                with(in(Phase.STOPPED, unwanted(app())), draft -> draft.stoppedAt = NOW),
                Status.NONE),
            "Submit RUNNING"));
    rows.add(
        arguments(
            "STOPPED waits for the last output",
            first(
                reported(
                    with(
                        in(Phase.STOPPED, unwanted(stored(logged("app")))),
                        draft -> draft.stoppedAt = NOW),
                    Status.RUNNING),
                each -> {
                  each.streamReady = true;
                  each.following = true;
                }),
            new Wait(NOW.plus(TaskReport.LOG_GRACE))));
    rows.add(
        arguments(
            "one report at a time",
            with(
                reported(
                    with(in(Phase.STOPPED, unwanted(app())), draft -> draft.stoppedAt = NOW),
                    Status.RUNNING),
                draft ->
                    draft.reporting = new TaskReport(Status.RUNNING, List.of(), null, null, null)),
            new Wait(null)));
    rows.add(
        arguments(
            "a failed report waits",
            with(
                reported(in(Phase.RUNNING, app()), Status.NONE),
                draft -> draft.reportRetry = new Retry(1, NOW.plusSeconds(3))),
            new Wait(NOW.plusSeconds(3))));

    rows.add(
        arguments(
            "an ended task is kept for a while", ended(), new Wait(NOW.plus(RULES.cleanupWait()))));
    rows.add(arguments("then removed", saved(over()), new Remove(0)));
    rows.add(
        arguments(
            "and forgotten", first(over(), container -> container.removed = true), new Delete()));
    rows.add(
        arguments(
            "not while a write is under way",
            with(
                first(over(), container -> container.removed = true),
                draft -> draft.saving = draft.toRecord()),
            new Wait(null)));
    rows.add(
        arguments(
            "and then nothing more",
            with(
                first(over(), container -> container.removed = true),
                draft -> draft.deleting = true),
            new Wait(null)));
    return rows.build();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void decides(String name, TaskState task, Object expected) {
    TaskAction action = TaskTables.step(task);
    if (action instanceof Submit(TaskReport report)) {
      assertThat("Submit " + report.status()).as(name).isEqualTo(expected);
    } else {
      assertThat(action).as(name).isEqualTo(expected);
    }
  }

  static java.util.stream.Stream<Arguments> pulls() {
    return java.util.stream.Stream.of(
        arguments(PullBehaviour.DEFAULT, "app:latest", new PullImage(0)),
        arguments(PullBehaviour.ALWAYS, "app:latest", new PullImage(0)),
        arguments(PullBehaviour.ONCE, "app:latest", new PullImage(0)),
        arguments(PullBehaviour.ONCE, "known", new InspectImage(0)),
        arguments(PullBehaviour.PREFER_CACHED, "app:latest", new InspectImage(0)),
        // It is just being cleaned up.
        arguments(PullBehaviour.ALWAYS, "leaving", new Wait(null)));
  }

  @ParameterizedTest(name = "{0} of {1}")
  @MethodSource("pulls")
  void pulls(PullBehaviour behaviour, String image, TaskAction expected) {
    ContainerPlan plan =
        new ContainerPlan(
            "app",
            image,
            null,
            null,
            List.of(),
            true,
            0,
            0,
            List.of(),
            new java.util.TreeMap<>(),
            null,
            new LogPlan.Engine("json-file", new java.util.TreeMap<>()),
            null,
            null,
            false);
    assertThat(TaskStepper.step(stored(plan), rules(behaviour), NOW)).isEqualTo(expected);
  }

  /// A fresh task, stepped until it waits: everything independent is under way at once.
  @Test
  void independentThingsRunSideBySide() {
    TaskState task = task(logged("app"), container("helper"));
    List<TaskAction> actions = new ArrayList<>();
    while (true) {
      TaskAction action = TaskTables.step(task);
      actions.add(action);
      if (action instanceof Wait) {
        break;
      }
      task = TaskTransitions.begin(task, action, NOW);
    }
    assertThat(actions)
        .containsExactly(
            new Save(),
            new InspectImage(0),
            new CreateLogStream(0),
            new InspectImage(1),
            new Wait(null));
  }

  @Test
  void whatIsPastWakesNobody() {
    Instant past = NOW.minusSeconds(60);
    TaskState task =
        with(
            reported(in(Phase.RUNNING, stored(published("app"))), Status.NONE),
            draft -> {
              draft.unreportedSince = past;
              draft.containers.getFirst().doing = Doing.INSPECTING;
            });
    assertThat(TaskTables.step(task)).isEqualTo(new Wait(null));
  }
}

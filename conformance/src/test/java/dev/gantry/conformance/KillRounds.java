package dev.gantry.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.ContainerStatus.State;
import dev.gantry.conformance.KillLoad.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import software.amazon.awssdk.services.cloudwatchlogs.model.OutputLogEvent;
import software.amazon.awssdk.services.ecs.model.DesiredStatus;
import software.amazon.awssdk.services.ecs.model.Task;

/// Rounds of `kill -9` under load, on a real Gantry and a real engine of its own, and what must be
/// true after each: see [#check].
final class KillRounds implements AutoCloseable {
  /// Tasks that run from the first round to the last.
  private static final int SURVIVORS = 3;

  /// How long a kill, and the start after it, may be put off.
  private static final int MOST_DELAY_MILLIS = 900;

  private static final String SLEEPER = "trap 'exit 0' TERM; echo begun; sleep 3600 & wait";
  private static final String FINISHER = "echo begun; sleep 0.5; echo over; exit 7";
  private static final String COUNTER =
      "n=0; trap 'exit 0' TERM; while true; do n=$((n + 1)); echo $n; sleep 0.1; done";

  private final IsolatedEngine isolated;
  private final Engine engine;
  private final GantryProcess gantry;
  private final AwsClients clients;
  private final SdkTasks tasks;
  private final SplittableRandom random;
  private final String sleeper;
  private final String finisher;
  private final Task counter;
  private final List<Survivor> survivors = new ArrayList<>();
  private final List<String> story = new ArrayList<>();

  /// What of a task must not change as long as nobody asks for it.
  private record Survivor(String task, String container, String startedAt, String taskStartedAt) {}

  /// What is killed in a round.
  private enum Target {
    GANTRY,
    GANTRY_TWICE,
    ENGINE,
    BOTH;

    boolean isEngine() {
      return this == ENGINE || this == BOTH;
    }
  }

  private KillRounds(IsolatedEngine isolated, Engine engine, GantryProcess gantry, long seed)
      throws Exception {
    this.isolated = isolated;
    this.engine = engine;
    this.gantry = gantry;
    this.clients = AwsClients.of(gantry);
    this.tasks = SdkTasks.of(clients);
    this.random = new SplittableRandom(seed);
    this.sleeper = tasks.register(more -> {}, tasks.shell("app", SLEEPER).build());
    this.finisher = tasks.register(more -> {}, tasks.shell("app", FINISHER).build());
    this.counter = tasks.awaitRunning(tasks.run(tasks.shell("app", COUNTER).build()));
    survivors.add(survivor(counter));
    for (int n = 1; n < SURVIVORS; n++) {
      survivors.add(survivor(tasks.awaitRunning(tasks.run(sleeper))));
    }
  }

  /// Starts an engine and a Gantry for rounds.
  static KillRounds start(long seed) throws Exception {
    IsolatedEngine isolated = IsolatedEngine.start();
    Engine engine = isolated.open();
    GantryProcess gantry = GantryProcess.up(engine, isolated.environment());
    return new KillRounds(isolated, engine, gantry, seed);
  }

  private Survivor survivor(Task task) throws Exception {
    String id = SdkTasks.container(task, "app").runtimeId();
    return new Survivor(
        task.taskArn(), id, String.valueOf(container(id).startedAt()), task.startedAt().toString());
  }

  /// One round: load, kills at random points of it, starts, and when the load is over the checks.
  void round(int number) throws Exception {
    String name = "round-" + number;
    Target target = Target.values()[random.nextInt(Target.values().length)];
    story.add(name + ": " + target);
    try (KillLoad load =
        new KillLoad(gantry, name, tasks.group(), List.of(sleeper, finisher), random.split())) {
      load.start();
      pause();
      switch (target) {
        case GANTRY -> {
          gantry.kill();
          pause();
          gantry.begin();
        }
        case GANTRY_TWICE -> {
          gantry.kill();
          gantry.begin();
          pause();
          pause();
          gantry.kill();
          gantry.begin();
        }
        case ENGINE -> {
          isolated.kill();
          pause();
          isolated.begin();
          isolated.awaitReady();
        }
        case BOTH -> {
          if (random.nextBoolean()) {
            isolated.kill();
            pause();
            gantry.kill();
          } else {
            gantry.kill();
            pause();
            isolated.kill();
          }
          pause();
          isolated.begin();
          // An up that finds no engine says so and ends.
          isolated.awaitReady();
          gantry.begin();
        }
      }
      if (target != Target.ENGINE) {
        gantry.awaitReady();
      }
      pause();
      load.stop();
      story.add(name + ": " + load);
      check(load, target.isEngine());
    }
  }

  private void pause() throws InterruptedException {
    Thread.sleep(Duration.ofMillis(random.nextInt(MOST_DELAY_MILLIS)));
  }

  /// What must be true when everything is up again.
  private void check(KillLoad load, boolean engineKilled) throws Exception {
    awaitAgent();
    for (Run run : load.runs()) {
      oneTaskForOneToken(run);
    }
    for (Run run : load.runs()) {
      itsEnd(run, engineKilled);
    }
    List<String> there = clusters();
    assertThat(there).as(about("acknowledged clusters")).containsAll(load.clusters());
    assertThat(events(load.stream()))
        .as(about("acknowledged log events, each once"))
        .containsAll(load.events())
        .doesNotHaveDuplicates();
    for (Survivor survivor : survivors) {
      assertThat(survivor(tasks.describe(describedBy(survivor.task()))))
          .as(about("a task that nobody touched"))
          .isEqualTo(survivor);
    }
    for (Run run : load.runs()) {
      if (!run.stopAcknowledged) {
        tasks.stop(describedBy(run.task), "the round is over");
      }
    }
    for (Run run : load.runs()) {
      tasks.awaitStopped(describedBy(run.task));
    }
    onlySurvivorsRun();
    for (String cluster : load.clusters()) {
      clients.ecs().deleteCluster(request -> request.cluster(cluster));
    }
  }

  private static Task describedBy(String arn) {
    return Task.builder().taskArn(arn).build();
  }

  private void awaitAgent() throws Exception {
    Eventually.see(
        about("the agent").value(),
        () ->
            clients
                .ecs()
                .describeContainerInstances(request ->
                    request
                        .cluster(SdkTasks.CLUSTER)
                        .containerInstances(
                            clients
                                .ecs()
                                .listContainerInstances(list -> list.cluster(SdkTasks.CLUSTER))
                                .containerInstanceArns()))
                .containerInstances(),
        instances -> instances.size() == 1 && instances.getFirst().agentConnected());
  }

  /// A token asked for again gives the task that it gave before, and there is no second one.
  private void oneTaskForOneToken(Run run) throws Exception {
    List<Task> again =
        Eventually.see(
            "room for " + run.token,
            () ->
                clients
                    .ecs()
                    .runTask(request ->
                        request
                            .cluster(SdkTasks.CLUSTER)
                            .taskDefinition(run.definition)
                            .clientToken(run.token)
                            .startedBy(run.token))
                    .tasks(),
            placed -> !placed.isEmpty());
    assertThat(again).as(about("the task of token " + run.token)).hasSize(1);
    if (!run.task.isEmpty()) {
      assertThat(again.getFirst().taskArn())
          .as(about("the task that was acknowledged for token " + run.token))
          .isEqualTo(run.task);
    }
    run.task = again.getFirst().taskArn();
    // A task may end between the two lists, and is then in both.
    Set<String> all = new LinkedHashSet<>();
    for (DesiredStatus status : List.of(DesiredStatus.RUNNING, DesiredStatus.STOPPED)) {
      all.addAll(
          clients
              .ecs()
              .listTasks(request ->
                  request.cluster(SdkTasks.CLUSTER).startedBy(run.token).desiredStatus(status))
              .taskArns());
    }
    assertThat(all).as(about("all tasks of token " + run.token)).containsExactly(run.task);
  }

  /// A task gets to where it should be: RUNNING, or STOPPED because it was asked to or has ended,
  /// and was started once at most. If the engine was killed, its start may have failed, and says
  /// so.
  private void itsEnd(Run run, boolean engineKilled) throws Exception {
    boolean ends = run.stopAcknowledged || run.definition.equals(finisher);
    Task task =
        Eventually.see(
            run.token + " at rest",
            () -> tasks.describe(describedBy(run.task)),
            now ->
                now.lastStatus().equals("STOPPED")
                    || (now.lastStatus().equals("RUNNING") && !ends));
    List<ContainerStatus> containers =
        engine.containers(gantry.installation()).stream()
            .filter(each ->
                run.task.equals(each.labels().get("com.amazonaws.ecs.task-arn"))
                    // An engine that was killed in mid-start knows no time of it.
                    && (each.startedAt() != null || each.state() == State.RUNNING))
            .toList();
    assertThat(containers).as(about("started containers of " + task)).hasSizeLessThan(2);
    if (task.lastStatus().equals("RUNNING")) {
      assertThat(containers).as(about("the container of " + task)).hasSize(1);
      return;
    }
    assertThat(task.stoppedReason()).as(about("why " + task + " stopped")).isNotBlank();
    if (run.stopAsked || engineKilled) {
      return;
    }
    assertThat(run.definition).as(about(task + " was stopped by nobody")).isEqualTo(finisher);
    assertThat(SdkTasks.container(task, "app").exitCode()).as(about(task.toString())).isEqualTo(7);
    assertThat(tasks.lines(task, "app"))
        .as(about("the output of " + task))
        .containsExactly("begun", "over");
  }

  private List<String> clusters() {
    List<String> names = new ArrayList<>();
    clients.ecs().listClustersPaginator(request -> {}).clusterArns().stream()
        .map(arn -> arn.substring(arn.lastIndexOf('/') + 1))
        .forEach(names::add);
    return names;
  }

  private List<String> events(String stream) {
    List<String> messages = new ArrayList<>();
    String token = null;
    while (true) {
      String from = token;
      var page =
          clients
              .logs()
              .getLogEvents(request ->
                  request
                      .logGroupName(tasks.group())
                      .logStreamName(stream)
                      .startFromHead(true)
                      .nextToken(from));
      page.events().stream().map(OutputLogEvent::message).forEach(messages::add);
      if (page.nextForwardToken().equals(token)) {
        return messages;
      }
      token = page.nextForwardToken();
    }
  }

  private void onlySurvivorsRun() throws Exception {
    List<String> wanted = survivors.stream().map(Survivor::container).toList();
    Eventually.see(
        about("the survivors' containers alone").value(),
        () ->
            engine.containers(gantry.installation()).stream()
                .filter(each -> each.state() == State.RUNNING)
                .map(ContainerStatus::id)
                .toList(),
        running -> running.size() == wanted.size() && running.containsAll(wanted));
  }

  private ContainerStatus container(String id) throws Exception {
    return Objects.requireNonNull(
        engine.container(id), () -> about("container " + id + " is gone").value());
  }

  /// After the last round: what the counter wrote came once and in order, and after `gantry down`
  /// nothing is left behind.
  void finish() throws Exception {
    List<Integer> numbers = tasks.lines(counter, "app").stream().map(Integer::parseInt).toList();
    assertThat(numbers).as(about("the counter's output")).isSorted().isNotEmpty();
    assertThat(new HashSet<>(numbers)).as(about("the counter's output")).hasSameSizeAs(numbers);
    try (Program down =
        Program.start(
            List.of("down", "--data", gantry.data().toString()), isolated.environment())) {
      Program.Ended ended = down.await();
      assertThat(ended.code()).as(ended.text()).isZero();
    }
    assertThat(engine.containers()).as(about("containers left behind")).isEmpty();
    try (Stream<Path> files = Files.walk(gantry.data().root())) {
      assertThat(files.map(Path::toString).filter(name -> name.endsWith(".tmp")))
          .as(about("half-written files left behind"))
          .isEmpty();
    }
  }

  /// What the programs said last, and what the engine has, for whoever reads a failure.
  String evidence() throws Exception {
    StringBuilder text = new StringBuilder("gantry:\n").append(gantry.program().err());
    text.append("\nengine:\n").append(String.join("\n", isolated.lastWords()));
    text.append("\ncontainers:\n");
    for (ContainerStatus each : engine.containers(gantry.installation())) {
      text.append(each).append('\n');
    }
    return text.toString();
  }

  /// What happened so far, for whoever reads a failure.
  private org.assertj.core.description.TextDescription about(String what) {
    return new org.assertj.core.description.TextDescription(
        "%s; what happened: %s",
        what, String.join("; ", story.subList(Math.max(0, story.size() - 8), story.size())));
  }

  @Override
  public void close() throws IOException {
    clients.close();
    try {
      gantry.close();
    } finally {
      engine.close();
      isolated.close();
    }
  }
}

package dev.gantry.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.ContainerStatus.State;
import dev.gantry.conformance.KillLoad.Run;
import dev.gantry.home.InstallationId;
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
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.DesiredStatus;
import software.amazon.awssdk.services.ecs.model.Failure;
import software.amazon.awssdk.services.ecs.model.RunTaskResponse;
import software.amazon.awssdk.services.ecs.model.Task;

/// Rounds of `kill -9` under load, on a real Gantry and a real engine of its own, and what must be
/// true after each: see [#check]. The agent is a thread of `gantry up`, or a process of its own
/// that is killed apart from it.
final class KillRounds implements AutoCloseable {
  /// Tasks that run from the first round to the last.
  private static final int SURVIVORS = 3;

  /// How long a kill, and the start after it, may be put off.
  private static final int MOST_DELAY_MILLIS = 900;

  /// How much of what a program said is shown when a round fails.
  private static final int LAST_LINES = 20;

  private static final String SLEEPER = "trap 'exit 0' TERM; echo begun; sleep 3600 & wait";
  private static final String FINISHER = "echo begun; sleep 0.5; echo over; exit 7";
  private static final String COUNTER =
      "n=0; trap 'exit 0' TERM; while true; do n=$((n + 1)); echo $n; sleep 0.1; done";

  private final IsolatedEngine isolated;
  private final Engine engine;
  private final GantryProcess gantry;
  private final @Nullable RemoteAgent agent;
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

  /// What is killed in a round, each at its own moment.
  private enum Victim {
    GANTRY,
    AGENT,
    ENGINE
  }

  private KillRounds(
      IsolatedEngine isolated,
      Engine engine,
      GantryProcess gantry,
      @Nullable RemoteAgent agent,
      long seed)
      throws Exception {
    this.isolated = isolated;
    this.engine = engine;
    this.gantry = gantry;
    this.agent = agent;
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
  ///
  /// @param apart true for an agent that is a process of its own
  static KillRounds start(long seed, boolean apart) throws Exception {
    IsolatedEngine isolated = IsolatedEngine.start();
    Engine engine = isolated.open();
    if (!apart) {
      GantryProcess gantry = GantryProcess.up(engine, isolated.environment());
      return new KillRounds(isolated, engine, gantry, null, seed);
    }
    GantryProcess gantry = GantryProcess.up(engine, isolated.environment(), "--no-agent");
    RemoteAgent agent = RemoteAgent.start(isolated, gantry);
    agent.awaitJoined();
    return new KillRounds(isolated, engine, gantry, agent, seed);
  }

  private Survivor survivor(Task task) throws Exception {
    String id = SdkTasks.container(task, "app").runtimeId();
    return new Survivor(
        task.taskArn(), id, String.valueOf(container(id).startedAt()), task.startedAt().toString());
  }

  /// One round: load, kills at random points of it, starts, and when the load is over the checks.
  void round(int number) throws Exception {
    String name = "round-" + number;
    List<Victim> victims = victims();
    boolean again = random.nextInt(4) == 0;
    story.add(name + ": " + victims + (again ? " twice" : ""));
    try (KillLoad load =
        new KillLoad(gantry, name, tasks.group(), List.of(sleeper, finisher), random.split())) {
      load.start();
      killAndBegin(victims);
      if (again) {
        pause();
        killAndBegin(victims);
      }
      if (victims.contains(Victim.GANTRY)) {
        gantry.awaitReady();
      }
      pause();
      load.stop();
      story.add(name + ": " + load);
      check(load, victims.contains(Victim.ENGINE));
    }
  }

  /// One of them at least, in the order in which they are killed.
  private List<Victim> victims() {
    List<Victim> all = new ArrayList<>(List.of(Victim.values()));
    if (agent == null) {
      all.remove(Victim.AGENT);
    }
    List<Victim> victims = new ArrayList<>();
    int count = 1 + random.nextInt(all.size());
    while (victims.size() < count) {
      victims.add(all.remove(random.nextInt(all.size())));
    }
    return victims;
  }

  private void killAndBegin(List<Victim> victims) throws Exception {
    for (Victim victim : victims) {
      pause();
      switch (victim) {
        case GANTRY -> gantry.kill();
        case AGENT -> Objects.requireNonNull(agent).kill();
        case ENGINE -> isolated.kill();
      }
    }
    pause();
    if (victims.contains(Victim.ENGINE)) {
      isolated.begin();
      // Who finds no engine at its start says so and ends.
      isolated.awaitReady();
    }
    for (Victim victim : victims) {
      switch (victim) {
        case GANTRY -> gantry.begin();
        case AGENT -> Objects.requireNonNull(agent).restart();
        case ENGINE -> {}
      }
    }
  }

  private void pause() throws InterruptedException {
    Thread.sleep(Duration.ofMillis(random.nextInt(MOST_DELAY_MILLIS)));
  }

  /// What must be true when everything is up again.
  private void check(KillLoad load, boolean engineKilled) throws Exception {
    awaitAgent();
    List<Run> runs = new ArrayList<>();
    for (Run run : load.runs()) {
      if (oneTaskForOneToken(run)) {
        runs.add(run);
      }
    }
    for (Run run : runs) {
      itsEnd(run, engineKilled);
    }
    List<String> there = clusters();
    assertThat(there).as(about("acknowledged clusters")).containsAll(load.clusters());
    assertThat(tasks.lines(load.stream()))
        .as(about("acknowledged log events, each once"))
        .containsAll(load.events())
        .doesNotHaveDuplicates();
    for (Survivor survivor : survivors) {
      assertThat(survivor(tasks.describe(describedBy(survivor.task()))))
          .as(about("a task that nobody touched"))
          .isEqualTo(survivor);
    }
    for (Run run : runs) {
      if (!run.stopAcknowledged) {
        tasks.stop(describedBy(run.task), "the round is over");
      }
    }
    for (Run run : runs) {
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

  /// A token asked for again gives the task that it gave before, and there is no second one. It
  /// gives none again if it was first asked for while no agent was connected: ECS remembers
  /// failures, too.
  ///
  /// @return whether there is a task
  private boolean oneTaskForOneToken(Run run) {
    RunTaskResponse again =
        clients
            .ecs()
            .runTask(request ->
                request
                    .cluster(SdkTasks.CLUSTER)
                    .taskDefinition(run.definition)
                    .clientToken(run.token)
                    .startedBy(run.token));
    if (again.tasks().isEmpty()) {
      assertThat(again.failures())
          .as(about("why there is no task of token " + run.token))
          .extracting(Failure::reason)
          .containsOnly("AGENT");
      assertThat(run.task).as(about("what was acknowledged for token " + run.token)).isEmpty();
      assertThat(tasksOf(run)).as(about("all tasks of token " + run.token)).isEmpty();
      return false;
    }
    assertThat(again.tasks()).as(about("the task of token " + run.token)).hasSize(1);
    String task = again.tasks().getFirst().taskArn();
    if (!run.task.isEmpty()) {
      assertThat(task)
          .as(about("the task that was acknowledged for token " + run.token))
          .isEqualTo(run.task);
    }
    run.task = task;
    assertThat(tasksOf(run)).as(about("all tasks of token " + run.token)).containsExactly(task);
    return true;
  }

  private Set<String> tasksOf(Run run) {
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
    return all;
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
        engine.containers(installation()).stream()
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

  private void onlySurvivorsRun() throws Exception {
    List<String> wanted = survivors.stream().map(Survivor::container).toList();
    Eventually.see(
        about("the survivors' containers alone").value(),
        () ->
            engine.containers(installation()).stream()
                .filter(each -> each.state() == State.RUNNING)
                .map(ContainerStatus::id)
                .toList(),
        running -> running.size() == wanted.size() && running.containsAll(wanted));
  }

  private ContainerStatus container(String id) throws Exception {
    return Objects.requireNonNull(
        engine.container(id), () -> about("container " + id + " is gone").value());
  }

  private InstallationId installation() throws IOException {
    return agent == null ? gantry.installation() : agent.installation();
  }

  /// After the last round: what the counter wrote came once and in order, and after `gantry down`
  /// nothing is left behind.
  void finish() throws Exception {
    List<Integer> numbers = tasks.lines(counter, "app").stream().map(Integer::parseInt).toList();
    assertThat(numbers).as(about("the counter's output")).isSorted().isNotEmpty();
    assertThat(new HashSet<>(numbers)).as(about("the counter's output")).hasSameSizeAs(numbers);
    if (agent != null) {
      // The agent's directory first: whose containers end under it tells the control plane.
      down(agent.directory());
    }
    down(gantry.data().root());
    assertThat(engine.containers()).as(about("containers left behind")).isEmpty();
    noHalfWrittenFiles(gantry.data().root());
    if (agent != null) {
      noHalfWrittenFiles(agent.directory());
    }
  }

  private void down(Path data) throws Exception {
    try (Program down =
        Program.start(List.of("down", "--data", data.toString()), isolated.environment())) {
      Program.Ended ended = down.await();
      assertThat(ended.code()).as(ended.text()).isZero();
    }
  }

  private void noHalfWrittenFiles(Path data) throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      assertThat(files.map(Path::toString).filter(name -> name.endsWith(".tmp")))
          .as(about("half-written files left behind"))
          .isEmpty();
    }
  }

  /// What there is and what the programs said last, for whoever reads a failure: in one line, as
  /// reports of builds show no more of it.
  String evidence() throws Exception {
    List<String> parts = new ArrayList<>();
    for (ContainerStatus each : engine.containers(installation())) {
      parts.add(
          "%s %s of %s started %s finished %s, processes %s"
              .formatted(
                  each.id().substring(0, 12),
                  each.state(),
                  each.labels().get("com.amazonaws.ecs.task-arn"),
                  each.startedAt(),
                  each.finishedAt(),
                  isolated.processes(each.id())));
    }
    parts.addAll(end(gantry.program().err().lines()));
    if (agent != null) {
      parts.addAll(end(agent.program().err().lines()));
    }
    parts.addAll(isolated.lastWords());
    return String.join(" | ", parts);
  }

  private static List<String> end(List<String> lines) {
    return lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size());
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
      if (agent != null) {
        agent.close();
      }
      gantry.close();
    } finally {
      engine.close();
      isolated.close();
    }
  }
}

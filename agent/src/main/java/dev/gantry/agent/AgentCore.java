package dev.gantry.agent;

import dev.gantry.agent.AgentEffect.DescribeEngine;
import dev.gantry.agent.AgentEffect.GiveUp;
import dev.gantry.agent.AgentEffect.ListContainers;
import dev.gantry.agent.AgentEffect.LoadHome;
import dev.gantry.agent.AgentEffect.Note;
import dev.gantry.agent.AgentEffect.Quarantine;
import dev.gantry.agent.AgentEffect.SaveInstance;
import dev.gantry.agent.AgentEffect.WakeAt;
import dev.gantry.agent.AgentEffect.WatchContainers;
import dev.gantry.agent.ContainerRuntime.EngineInfo;
import dev.gantry.agent.Kernel.Outcome;
import dev.gantry.api.ecs.ContainerInstance;
import dev.gantry.api.ecs.CreateClusterRequest;
import dev.gantry.api.ecs.CreateClusterResponse;
import dev.gantry.api.ecs.DiscoverPollEndpointRequest;
import dev.gantry.api.ecs.DiscoverPollEndpointResponse;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.RegisterContainerInstanceRequest;
import dev.gantry.api.ecs.RegisterContainerInstanceResponse;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The container agent, decided: events in, effects out. It never blocks, owns no thread, asks no
/// clock and draws chance only from the generator it was given, so the same events give the same
/// effects.
///
/// Its life: load what was saved and ask the engine who it is; look at the containers that are
/// there and take every task up where it stood; register; learn the addresses; keep ACS and TCS
/// connected; run what payloads ask and report it. Tasks are looked after from the second step on,
/// whether or not a control plane is there.
///
/// One caller at a time. A core that is dropped, at any point, is replaced by a new one over the
/// same home and engine, which goes on: nothing that matters is in memory alone.
public final class AgentCore {

  /// How long discovered addresses are good for (agent-protocol 1.3).
  static final Duration ENDPOINT_LIFE = Duration.ofHours(12);

  /// After so many failed connections in a row the addresses are asked for again before that.
  static final int DISTRUST_AFTER_FAILURES = 10;

  /// Every so often all containers are looked at, in case an end went untold (agent-protocol 7).
  static final Duration STEADY_CHECK = Duration.ofMinutes(5);

  /// A new highest number is put on disk within this time: losing it costs one manifest.
  static final Duration INSTANCE_SAVE_DELAY = Duration.ofSeconds(5);

  private final Kernel kernel;
  private final AgentSettings settings;
  private final ReportDesk reports;
  private final LogDesk logs;
  private final ImageDesk images;
  private final TaskSupervisor tasks;
  private final HostHealth health;
  private final AcsSession acs;
  private final TcsSession tcs;
  private final ExecDesk execs;

  private @Nullable EngineInfo engine;
  private AgentEvent.@Nullable HomeLoaded home;
  private @Nullable String containerInstance;
  private long highestSequence = -1;
  private boolean savingInstance;
  private boolean instanceDirty;
  private int diskFailures;
  private int engineFailures;
  private int callFailures;
  private boolean givenUp;
  private @Nullable String warned;
  private boolean loaded;
  private @Nullable String acsEndpoint;
  private @Nullable String tcsEndpoint;
  private Instant discoveredAt = Instant.EPOCH;
  private @Nullable Instant wakeAt;

  /// @param random chance: back-off jitter, message ids, container names. Seeded in a simulation;
  ///   in production from a good source, as names must not collide.
  public AgentCore(AgentSettings settings, RandomGenerator random) {
    this.settings = settings;
    this.kernel = new Kernel(random);
    this.reports = new ReportDesk(kernel, settings);
    this.logs = new LogDesk(kernel);
    this.images = new ImageDesk(kernel, settings, this::saveInstanceSoon);
    this.tasks =
        new TaskSupervisor(kernel, settings, reports, logs, images, this::enterableChanged);
    Connection connection = new Connection();
    this.health = new HostHealth(kernel);
    this.acs = new AcsSession(kernel, settings, tasks, reports, health, connection);
    this.tcs = new TcsSession(kernel, settings, tasks, health, connection);
    this.execs = new ExecDesk(kernel, settings, tasks, connection::containerInstance);
  }

  /// Takes one event in and says what is to be done. The first event is [AgentEvent.Begin].
  ///
  /// @param now the time; never before that of an earlier call
  public List<AgentEffect> onEvent(Instant now, AgentEvent event) {
    kernel.begin(now);
    take(event);
    kernel.timers.run(now);
    Instant next = kernel.timers.earliest();
    if (next != null && !next.equals(wakeAt)) {
      kernel.emit(new WakeAt(next));
    }
    wakeAt = next;
    return kernel.take();
  }

  /// What a person, or a test that waits, may ask of a running agent.
  ///
  /// @param loaded true once everything saved was taken up; before, nothing is known of tasks
  /// @param containerInstanceArn null before the first registration
  /// @param connected the ACS socket is open
  /// @param tasks how many tasks are held, ended ones included until they are cleaned up
  /// @param runningTasks how many of them have a container that has not ended
  /// @param ending how many of them are to end and have not
  /// @param unshipped how many of them have output that the log service has not accepted
  /// @param uncertain how many of them have a container that the engine is being asked about
  /// @param untold how many of them have ended without the control plane having accepted that
  /// @param broughtImages how many images it brought, and no clean-up has removed yet
  public record Summary(
      boolean loaded,
      @Nullable String containerInstanceArn,
      boolean connected,
      int tasks,
      int runningTasks,
      int ending,
      int unshipped,
      int uncertain,
      int untold,
      int broughtImages) {}

  /// Where the agent stands after the last event.
  public Summary summary() {
    int running = 0;
    int ending = 0;
    int unshipped = 0;
    int uncertain = 0;
    int untold = 0;
    for (TaskState task : tasks.all()) {
      boolean stopped = task.record().stopped();
      running += stopped ? 0 : 1;
      ending += stopped || task.record().wanted() ? 0 : 1;
      unshipped += task.silent() ? 0 : 1;
      uncertain += task.uncertain() ? 1 : 0;
      untold += stopped && task.record().reported() != Status.STOPPED ? 1 : 0;
    }
    return new Summary(
        loaded,
        containerInstance,
        acs.link().isOpen(),
        tasks.size(),
        running,
        ending,
        unshipped,
        uncertain,
        untold,
        images.removable());
  }

  private void take(AgentEvent event) {
    switch (event) {
      case AgentEvent.Begin _ -> start();
      case AgentEvent.Woke _ -> wakeAt = null;
      case AgentEvent.HomeLoaded e -> kernel.answer(e.id(), e);
      case AgentEvent.Stored e -> kernel.answer(e.id(), e);
      case AgentEvent.DiskFailed e -> kernel.answer(e.id(), e);
      case AgentEvent.EngineDescribed e -> kernel.answer(e.id(), e);
      case AgentEvent.EnginePinged e -> kernel.answer(e.id(), e);
      case AgentEvent.ContainersListed e -> kernel.answer(e.id(), e);
      case AgentEvent.ImageInspected e -> kernel.answer(e.id(), e);
      case AgentEvent.ImagePulled e -> kernel.answer(e.id(), e);
      case AgentEvent.UsedImagesListed e -> kernel.answer(e.id(), e);
      case AgentEvent.ImageRemoved e -> kernel.answer(e.id(), e);
      case AgentEvent.ContainerCreated e -> kernel.answer(e.id(), e);
      case AgentEvent.ContainerStarted e -> kernel.answer(e.id(), e);
      case AgentEvent.ContainerStopped e -> kernel.answer(e.id(), e);
      case AgentEvent.ContainerInspected e -> kernel.answer(e.id(), e);
      case AgentEvent.ContainerRemoved e -> kernel.answer(e.id(), e);
      case AgentEvent.EngineFailed e -> kernel.answer(e.id(), e);
      case AgentEvent.Answered e -> kernel.answer(e.id(), e);
      case AgentEvent.Refused e -> kernel.answer(e.id(), e);
      case AgentEvent.Unanswered e -> kernel.answer(e.id(), e);
      case AgentEvent.ContainerDied(String id) -> tasks.died(id);
      case AgentEvent.ContainerBegan(String id) -> tasks.began(id);
      case AgentEvent.WatchGap _ -> tasks.gap();
      case AgentEvent.LogLines e -> logs.lines(e);
      case AgentEvent.LogEnded(long follow) -> logs.ended(follow);
      case AgentEvent.LogBroken(long follow, var kind, String reason) ->
          logs.broken(follow, kind, reason);
      case AgentEvent.SocketOpened(long socket) -> {
        acs.link().opened(socket);
        tcs.link().opened(socket);
        execs.socketOpened(socket);
      }
      case AgentEvent.SocketRefused(long socket, int status, String body) -> {
        acs.link().refused(socket, status, body);
        tcs.link().refused(socket, status, body);
        execs.socketRefused(socket, status, body);
      }
      case AgentEvent.SocketText(long socket, String text) -> {
        acs.link().text(socket, text);
        tcs.link().text(socket, text);
      }
      case AgentEvent.SocketClosed(long socket, int code, String reason) -> {
        acs.link().closed(socket, code, reason);
        tcs.link().closed(socket, code, reason);
        execs.socketClosed(socket, code, reason);
      }
      case AgentEvent.SocketBinary(long socket, byte[] message) ->
          execs.socketBinary(socket, message);
      case AgentEvent.ExecOutput(long exec, byte[] bytes) -> execs.output(exec, bytes);
      case AgentEvent.ExecInputTaken(long exec, int bytes) -> execs.inputTaken(exec, bytes);
      case AgentEvent.ExecEnded(long exec, String failure) -> execs.commandEnded(exec, failure);
    }
  }

  // ---- loading ----------------------------------------------------------------------------------

  private void start() {
    health.begin();
    loadHome();
    describeEngine();
  }

  private void loadHome() {
    kernel.request(
        LoadHome::new,
        answer -> {
          if (answer instanceof AgentEvent.HomeLoaded loaded) {
            diskFailures = 0;
            home = loaded;
            readInstance(loaded);
            takeUp();
          } else if (answer instanceof AgentEvent.DiskFailed failed) {
            diskFailures++;
            kernel.note(Note.Level.ERROR, "saved state cannot be read: " + failed.message());
            later("load", Backoff.DISK.delay(diskFailures, kernel.chance()), this::loadHome);
          } else {
            throw Kernel.unexpected("LoadHome was answered by", answer);
          }
        });
  }

  private void readInstance(AgentEvent.HomeLoaded loaded) {
    String text = loaded.instance();
    if (text == null) {
      return;
    }
    try {
      InstanceFile file = InstanceFile.read(text);
      if (!file.cluster().equals(settings.cluster())) {
        giveUp(
            "this agent's home belongs to cluster "
                + file.cluster()
                + ", not to "
                + settings.cluster()
                + ": give it a home of its own");
      }
      containerInstance = file.containerInstanceArn();
      highestSequence = file.highestSequence();
      images.restore(file.images());
    } catch (JsonTree.Corrupt e) {
      kernel.note(
          Note.Level.ERROR,
          "the instance file cannot be read and is put aside; registering as a new instance: "
              + e.text());
      kernel.request(id -> new Quarantine(id, null), _ -> {});
    }
  }

  private void describeEngine() {
    kernel.request(
        DescribeEngine::new,
        answer -> {
          if (answer instanceof AgentEvent.EngineDescribed described) {
            engineFailures = 0;
            warned = null;
            engine = described.info();
            takeUp();
          } else {
            engineFailed(answer, this::describeEngine);
          }
        });
  }

  private void engineFailed(AgentEvent answer, Runnable again) {
    if (!(answer instanceof AgentEvent.EngineFailed failed)) {
      throw Kernel.unexpected("an engine request was answered by", answer);
    }
    engineFailures++;
    warn("the container engine does not answer: " + failed.message());
    later("engine", Backoff.ENGINE.delay(engineFailures, kernel.chance()), again);
  }

  /// Once home and engine are known: looks at what is there.
  private void takeUp() {
    if (home == null || engine == null || givenUp) {
      return;
    }
    kernel.emit(new WatchContainers(Labels.own(settings)));
    listContainers();
  }

  private void listContainers() {
    kernel.request(
        id -> new ListContainers(id, Labels.own(settings)),
        answer -> {
          if (answer instanceof AgentEvent.ContainersListed listed) {
            tasks.restore(savedTasks(), listed.containers());
            loaded = true;
            later("steady", STEADY_CHECK, this::steadyCheck);
            images.begin(tasks);
            register();
          } else {
            engineFailed(answer, this::listContainers);
          }
        });
  }

  private Map<String, TaskFile.Contents> savedTasks() {
    Map<String, TaskFile.Contents> saved = new LinkedHashMap<>();
    AgentEvent.HomeLoaded loaded = home;
    if (loaded == null) {
      return saved;
    }
    loaded
        .tasks()
        .forEach((name, text) -> {
          try {
            TaskFile.Contents contents = TaskFile.read(text, settings.region());
            saved.put(contents.plan().arn(), contents);
          } catch (JsonTree.Corrupt e) {
            kernel.note(
                Note.Level.ERROR,
                "task file " + name + " cannot be read and is put aside: " + e.text());
            kernel.request(id -> new Quarantine(id, name), _ -> {});
          }
        });
    return saved;
  }

  private void enterableChanged() {
    execs.tasksChanged();
  }

  private void steadyCheck() {
    tasks.gap();
    later("steady", STEADY_CHECK, this::steadyCheck);
  }

  // ---- registering ------------------------------------------------------------------------------

  private void register() {
    EngineInfo info = engine;
    if (info == null || givenUp) {
      return;
    }
    RegisterContainerInstanceRequest request =
        Registration.request(settings, info, containerInstance);
    kernel.call(
        settings.region(),
        Ecs.REGISTER_CONTAINER_INSTANCE,
        request,
        RegisterContainerInstanceResponse.class,
        outcome -> {
          switch (outcome) {
            case Outcome.Done<RegisterContainerInstanceResponse>(var response) ->
                registered(request, response.containerInstance());
            case Outcome.Refused<RegisterContainerInstanceResponse> refused ->
                registrationRefused(refused);
            case Outcome.Lost<RegisterContainerInstanceResponse>(String message) ->
                callAgain("RegisterContainerInstance", message, Backoff.CONNECT, this::register);
          }
        });
  }

  private void registrationRefused(Outcome.Refused<RegisterContainerInstanceResponse> refused) {
    String text = refused.code() + ": " + refused.message();
    boolean missing =
        refused.code().equals("ClusterNotFoundException")
            || refused.message().contains("luster not found");
    if (missing && settings.createCluster()) {
      createCluster();
    } else if (!missing
        && (refused.code().equals("InvalidParameterException")
            || refused.code().equals("ClientException"))) {
      giveUp("the control plane does not take this container instance: " + text);
    } else {
      callAgain("RegisterContainerInstance", text, Backoff.REGISTER, this::register);
    }
  }

  private void createCluster() {
    kernel.call(
        settings.region(),
        Ecs.CREATE_CLUSTER,
        CreateClusterRequest.builder().clusterName(settings.clusterName()).build(),
        CreateClusterResponse.class,
        outcome -> {
          switch (outcome) {
            case Outcome.Done<CreateClusterResponse> _ -> register();
            case Outcome.Refused<CreateClusterResponse> refused ->
                callAgain("CreateCluster", refused.message(), Backoff.REGISTER, this::register);
            case Outcome.Lost<CreateClusterResponse>(String message) ->
                callAgain("CreateCluster", message, Backoff.CONNECT, this::register);
          }
        });
  }

  private void registered(
      RegisterContainerInstanceRequest request, @Nullable ContainerInstance instance) {
    String arn = instance == null ? null : instance.containerInstanceArn();
    if (instance == null || arn == null) {
      callAgain(
          "RegisterContainerInstance", "no ARN in the answer", Backoff.REGISTER, this::register);
      return;
    }
    String lost = Registration.lost(request, instance);
    if (lost != null) {
      giveUp("the control plane did not take over attribute " + lost);
      return;
    }
    callFailures = 0;
    warned = null;
    boolean known = arn.equals(containerInstance);
    containerInstance = arn;
    kernel.note(Note.Level.INFO, "registered as " + arn);
    if (known) {
      discover();
    } else {
      // Before anything else: an instance that forgets itself registers twice.
      saveInstance(this::discover);
    }
  }

  private void discover() {
    kernel.call(
        settings.region(),
        Ecs.DISCOVER_POLL_ENDPOINT,
        DiscoverPollEndpointRequest.builder()
            .cluster(settings.cluster())
            .containerInstance(containerInstance)
            .build(),
        DiscoverPollEndpointResponse.class,
        outcome -> {
          switch (outcome) {
            case Outcome.Done<DiscoverPollEndpointResponse>(var response) -> discovered(response);
            case Outcome.Refused<DiscoverPollEndpointResponse> refused ->
                callAgain(
                    "DiscoverPollEndpoint",
                    refused.code() + ": " + refused.message(),
                    Backoff.REGISTER,
                    this::discover);
            case Outcome.Lost<DiscoverPollEndpointResponse>(String message) ->
                callAgain("DiscoverPollEndpoint", message, Backoff.CONNECT, this::discover);
          }
        });
  }

  private void discovered(DiscoverPollEndpointResponse response) {
    String endpoint = response.endpoint();
    if (endpoint == null) {
      callAgain(
          "DiscoverPollEndpoint", "no endpoint in the answer", Backoff.REGISTER, this::discover);
      return;
    }
    callFailures = 0;
    warned = null;
    acsEndpoint = endpoint;
    tcsEndpoint = response.telemetryEndpoint();
    discoveredAt = kernel.now();
    acs.link().connect();
    if (tcsEndpoint != null) {
      tcs.link().connect();
    }
  }

  private void callAgain(String call, String why, Backoff backoff, Runnable again) {
    callFailures++;
    warn(call + " failed and is tried again: " + why);
    later("call", backoff.delay(callFailures, kernel.chance()), again);
  }

  /// Warns once of what fails again and again in the same way; after that it is the course of
  /// things.
  private void warn(String text) {
    kernel.note(text.equals(warned) ? Note.Level.INFO : Note.Level.WARNING, text);
    warned = text;
  }

  private void giveUp(String reason) {
    givenUp = true;
    kernel.emit(new GiveUp(reason));
  }

  private void later(String timer, Duration delay, Runnable action) {
    kernel.timers.set("core." + timer, kernel.now().plus(delay), action);
  }

  // ---- the instance file ------------------------------------------------------------------------

  private void saveInstanceSoon() {
    if (!instanceDirty) {
      instanceDirty = true;
      later("instance", INSTANCE_SAVE_DELAY, () -> saveInstance(() -> {}));
    }
  }

  private void saveInstance(Runnable then) {
    if (savingInstance) {
      later("instance", INSTANCE_SAVE_DELAY, () -> saveInstance(then));
      return;
    }
    savingInstance = true;
    instanceDirty = false;
    InstanceFile file =
        new InstanceFile(settings.cluster(), containerInstance, highestSequence, images.pulled());
    kernel.request(
        id -> new SaveInstance(id, file.write()),
        answer -> {
          savingInstance = false;
          if (answer instanceof AgentEvent.DiskFailed failed) {
            diskFailures++;
            kernel.note(Note.Level.ERROR, "the instance file is not saved: " + failed.message());
            later(
                "instance",
                Backoff.DISK.delay(diskFailures, kernel.chance()),
                () -> saveInstance(then));
          } else {
            diskFailures = 0;
            then.run();
          }
        });
  }

  // ---- addresses --------------------------------------------------------------------------------

  private final class Connection implements AcsSession.Owner, TcsSession.Owner {
    @Override
    public String containerInstance() {
      return containerInstance == null ? "" : containerInstance;
    }

    @Override
    public long highestSequence() {
      return highestSequence;
    }

    @Override
    public void raiseSequence(long number) {
      highestSequence = number;
      saveInstanceSoon();
    }

    @Override
    public void connected() {
      execs.registered();
      if (tcsEndpoint != null) {
        tcs.link().connect();
      }
    }

    @Override
    public void inactive() {
      execs.inactive();
      tcs.link().disconnect("the instance was deregistered");
    }

    @Override
    public String acsUrl(boolean sendCredentials) {
      rediscover();
      SortedMap<String, String> query = new TreeMap<>();
      query.put("agentHash", settings.agentHash());
      query.put("agentVersion", settings.agentVersion());
      query.put("clusterArn", settings.cluster());
      query.put("containerInstanceArn", containerInstance());
      query.put("dockerVersion", "DockerVersion: " + engineVersion());
      query.put("protocolVersion", "2");
      query.put("seqNum", "1");
      query.put("sendCredentials", Boolean.toString(sendCredentials));
      return url(acsEndpoint, query);
    }

    @Override
    public String tcsUrl() {
      SortedMap<String, String> query = new TreeMap<>();
      query.put("agentHash", settings.agentHash());
      query.put("agentVersion", settings.agentVersion());
      query.put("cluster", settings.cluster());
      query.put("containerInstance", containerInstance());
      query.put("dockerVersion", engineVersion());
      return url(tcsEndpoint, query);
    }

    private String engineVersion() {
      EngineInfo info = engine;
      return info == null ? "" : info.version();
    }

    /// Asks for the addresses anew, beside the attempt at hand, when they are old or do not work.
    private void rediscover() {
      boolean old = !discoveredAt.plus(ENDPOINT_LIFE).isAfter(kernel.now());
      int failures = acs.link().failures();
      boolean bad = failures > 0 && failures % DISTRUST_AFTER_FAILURES == 0;
      if (old || bad) {
        discover();
      }
    }

    private String url(@Nullable String endpoint, SortedMap<String, String> query) {
      String base = endpoint == null ? "" : endpoint;
      if (base.startsWith("http")) {
        base = "ws" + base.substring("http".length());
      }
      StringBuilder url = new StringBuilder(base);
      if (!base.endsWith("/")) {
        url.append('/');
      }
      url.append("ws");
      char separator = '?';
      for (Map.Entry<String, String> parameter : query.entrySet()) {
        url.append(separator)
            .append(parameter.getKey())
            .append('=')
            .append(escape(parameter.getValue()));
        separator = '&';
      }
      return url.toString();
    }

    private String escape(String value) {
      // The signature wants %20 where forms have a plus sign.
      return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
    }
  }
}

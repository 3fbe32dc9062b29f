package dev.gantry.agent;

import dev.gantry.agent.AgentEffect.Channel;
import dev.gantry.agent.AgentEvent.LogLine;
import dev.gantry.agent.ContainerRuntime.ContainerSpec;
import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.EngineInfo;
import dev.gantry.agent.ContainerRuntime.ImageInfo;
import dev.gantry.agent.ContainerRuntime.PublishedPort;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure.Kind;
import dev.gantry.api.acs.PayloadMessage;
import dev.gantry.api.acs.Task;
import dev.gantry.api.acs.TaskIdentifier;
import dev.gantry.api.acs.TaskManifestMessage;
import dev.gantry.api.acs.TaskStopVerificationAck;
import dev.gantry.api.ecs.Attribute;
import dev.gantry.api.ecs.ContainerInstance;
import dev.gantry.api.ecs.ContainerStateChange;
import dev.gantry.api.ecs.CreateClusterResponse;
import dev.gantry.api.ecs.DiscoverPollEndpointResponse;
import dev.gantry.api.ecs.RegisterContainerInstanceRequest;
import dev.gantry.api.ecs.RegisterContainerInstanceResponse;
import dev.gantry.api.ecs.SubmitTaskStateChangeRequest;
import dev.gantry.api.ecs.SubmitTaskStateChangeResponse;
import dev.gantry.api.logs.CreateLogGroupRequest;
import dev.gantry.api.logs.CreateLogStreamRequest;
import dev.gantry.api.logs.EventOrigin;
import dev.gantry.api.logs.InputLogEvent;
import dev.gantry.api.logs.PutLogEventsRequest;
import dev.gantry.api.logs.PutLogEventsResponse;
import dev.gantry.api.ssmmessages.AgentMessage;
import dev.gantry.api.tcs.InstanceStatus;
import dev.gantry.api.tcs.PublishInstanceStatusRequest;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.json.MessageEnvelope;
import dev.gantry.wire.shape.Unit;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A whole world for one agent, in memory: disk, engine, control plane and log service, with a
/// clock that moves only when nothing else is to be done. Everything answers at once and rightly,
/// unless a test says otherwise.
final class FakeWorld {
  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  static final String INSTANCE = "arn:aws:ecs:us-east-1:000000000000:container-instance/default/i1";
  static final String CLUSTER = "arn:aws:ecs:us-east-1:000000000000:cluster/default";

  // disk
  @Nullable String instanceFile;
  final SortedMap<String, String> taskFiles = new TreeMap<>();
  final List<String> quarantined = new ArrayList<>();

  // engine
  final Map<String, FakeContainer> containers = new LinkedHashMap<>();
  final Map<String, @Nullable String> images = new LinkedHashMap<>();
  final Map<String, @Nullable String> registry = new LinkedHashMap<>();
  final List<String> engineCalls = new ArrayList<>();

  /// Ids of images that containers of others use.
  final Set<String> usedByOthers = new LinkedHashSet<>();

  /// Whether pulls bring images of which the engine has nothing else.
  boolean alone = true;

  /// The engine's ids of images, by name; a name that is not here has an id of its own.
  final Map<String, String> imageIds = new LinkedHashMap<>();

  // control plane
  final List<SubmitTaskStateChangeRequest> reports = new ArrayList<>();
  final List<RegisterContainerInstanceRequest> registrations = new ArrayList<>();
  final List<String> acsFrames = new ArrayList<>();
  final List<String> tcsFrames = new ArrayList<>();
  final List<String> acsUrls = new ArrayList<>();

  // sessions in containers: nobody answers but the test
  final Map<Long, String> execSockets = new LinkedHashMap<>();
  final List<String> execFrames = new ArrayList<>();
  final List<Said> execMessages = new ArrayList<>();
  final List<AgentEffect> execEffects = new ArrayList<>();

  /// A binary message that the agent sent.
  record Said(long socket, AgentMessage message) {}

  final Set<String> clusters = new LinkedHashSet<>(List.of("default"));
  final Set<String> logGroups = new LinkedHashSet<>(List.of("/group"));
  final Map<String, List<InputLogEvent>> logStreams = new LinkedHashMap<>();
  private final Map<String, EventOrigin> origins = new LinkedHashMap<>();
  int nextSequence = 1;
  int nextMessage = 1;

  /// Asked before an effect is carried out; an event instead of null is the answer.
  Function<AgentEffect, @Nullable AgentEvent> interfere = _ -> null;

  /// Effects for which this is true are never carried out nor answered, until [#release].
  Predicate<AgentEffect> hold = _ -> false;

  final List<AgentEffect> held = new ArrayList<>();
  final List<AgentEffect.Note> notes = new ArrayList<>();
  final List<AgentEffect> all = new ArrayList<>();

  AgentSettings settings =
      AgentSettings.builder("default", "us-east-1", "installation-1")
          .pullBehaviour(PullBehaviour.PREFER_CACHED)
          .build();

  Instant now = START;
  private long seed = 42;
  private @Nullable AgentCore core;
  private Deque<Object> queue = new ArrayDeque<>();
  private @Nullable Instant wakeAt;
  private long acsSocket;
  private long tcsSocket;
  private @Nullable String gaveUp;
  private final Map<Long, FakeContainer> following = new LinkedHashMap<>();

  static final class FakeContainer {
    final String id;
    final ContainerSpec spec;
    final Instant createdAt;
    final String imageId;
    ContainerStatus.State state = ContainerStatus.State.CREATED;
    int starts;
    int exitCode;
    boolean oom;
    @Nullable String error;
    @Nullable Instant startedAt;
    @Nullable Instant finishedAt;
    List<PublishedPort> ports = List.of();
    final List<LogLine> output = new ArrayList<>();
    private int told;

    FakeContainer(String id, ContainerSpec spec, String imageId, Instant createdAt) {
      this.id = id;
      this.spec = spec;
      this.imageId = imageId;
      this.createdAt = createdAt;
    }

    ContainerStatus status() {
      return new ContainerStatus(
          id,
          spec.name(),
          state,
          exitCode,
          oom,
          error,
          createdAt,
          startedAt,
          finishedAt,
          imageId,
          spec.labels(),
          ports);
    }
  }

  // ---- driving ----------------------------------------------------------------------------------

  AgentCore core() {
    AgentCore present = core;
    if (present == null) {
      throw new IllegalStateException("not booted");
    }
    return present;
  }

  /// Starts an agent over what is there; one that ran before is gone without a farewell.
  void boot() {
    core = new AgentCore(settings, new Random(seed++));
    queue = new ArrayDeque<>();
    following.clear();
    held.clear();
    wakeAt = null;
    acsSocket = 0;
    tcsSocket = 0;
    deliver(new AgentEvent.Begin());
  }

  /// Boots and runs until the agent is connected.
  FakeWorld connected() {
    boot();
    settle();
    if (acsSocket == 0) {
      throw new IllegalStateException("the agent did not connect: " + notes);
    }
    return this;
  }

  /// Carries out everything that can be done at this instant.
  void settle() {
    int steps = 0;
    while (step()) {
      if (++steps > 100_000) {
        throw new IllegalStateException("the agent does not come to rest");
      }
    }
  }

  /// One effect or event; false if there is none.
  boolean step() {
    Object next = queue.pollFirst();
    if (next == null) {
      return false;
    }
    switch (next) {
      case AgentEffect effect -> perform(effect);
      case AgentEvent event -> deliver(event);
      default -> throw new IllegalStateException();
    }
    return true;
  }

  /// The next thing that [#step] would do.
  @Nullable Object peek() {
    return queue.peekFirst();
  }

  void deliver(AgentEvent event) {
    for (AgentEffect effect : core().onEvent(now, event)) {
      all.add(effect);
      queue.addLast(effect);
    }
  }

  /// Lets time pass; the agent is woken when it asked for it.
  void advance(Duration time) {
    Instant until = now.plus(time);
    settle();
    while (wakeAt != null && !wakeAt.isAfter(until)) {
      now = wakeAt.isAfter(now) ? wakeAt : now;
      wakeAt = null;
      deliver(new AgentEvent.Woke());
      settle();
    }
    now = until;
    deliver(new AgentEvent.Woke());
    settle();
  }

  /// Carries out what was held back.
  void release() {
    hold = _ -> false;
    List<AgentEffect> kept = new ArrayList<>(held);
    held.clear();
    kept.forEach(queue::addLast);
    settle();
  }

  // ---- the control plane's side -----------------------------------------------------------------

  static String arn(String id) {
    return "arn:aws:ecs:us-east-1:000000000000:task/default/" + id;
  }

  /// Sends a payload; gives its message id.
  String payload(Task... tasks) {
    String id = "m" + nextMessage++;
    say(
        "PayloadMessage",
        AwsJson.encodeToString(
            PayloadMessage.SHAPE,
            PayloadMessage.builder()
                .clusterArn(CLUSTER)
                .containerInstanceArn(INSTANCE)
                .generatedAt(now.toEpochMilli())
                .messageId(id)
                .seqNum(nextSequence++)
                .tasks(List.of(tasks))
                .build()));
    return id;
  }

  /// Sends a payload without carrying anything out.
  void enqueuePayload(Task task) {
    deliver(
        new AgentEvent.SocketText(
            acsSocket,
            MessageEnvelope.wrap(
                "PayloadMessage",
                AwsJson.encodeToString(
                    PayloadMessage.SHAPE,
                    PayloadMessage.builder()
                        .messageId("m" + nextMessage++)
                        .seqNum(nextSequence++)
                        .tasks(List.of(task))
                        .build()))));
  }

  String manifest(List<TaskIdentifier> tasks) {
    String id = "m" + nextMessage++;
    say(
        "TaskManifestMessage",
        AwsJson.encodeToString(
            TaskManifestMessage.SHAPE,
            TaskManifestMessage.builder()
                .clusterArn(CLUSTER)
                .containerInstanceArn(INSTANCE)
                .generatedAt(now.toEpochMilli())
                .messageId(id)
                .timeline((long) nextSequence++)
                .tasks(tasks)
                .build()));
    return id;
  }

  void verify(String manifest, List<TaskIdentifier> stops) {
    say(
        "TaskStopVerificationAck",
        AwsJson.encodeToString(
            TaskStopVerificationAck.SHAPE,
            TaskStopVerificationAck.builder()
                .generatedAt(now.toEpochMilli())
                .messageId(manifest)
                .stopTasks(stops)
                .build()));
  }

  void say(String type, String message) {
    deliver(new AgentEvent.SocketText(acsSocket, MessageEnvelope.wrap(type, message)));
    settle();
  }

  /// The control plane's heartbeat on the socket of payloads.
  void heartbeat() {
    say("HeartbeatMessage", "{\"healthy\":true,\"messageId\":\"m" + nextMessage++ + "\"}");
  }

  void dropTcs(int code) {
    long socket = tcsSocket;
    tcsSocket = 0;
    deliver(new AgentEvent.SocketClosed(socket, code, ""));
    settle();
  }

  /// What the control plane was told of this host's health, in order.
  List<InstanceStatus> health() {
    List<InstanceStatus> told = new ArrayList<>();
    for (String frame : tcsFrames) {
      MessageEnvelope envelope = Objects.requireNonNull(MessageEnvelope.parse(frame));
      if (envelope.type().equals("PublishInstanceStatusRequest")) {
        told.addAll(
            Objects.requireNonNull(
                AwsJson.decode(PublishInstanceStatusRequest.SHAPE, envelope.message()).statuses()));
      }
    }
    return told;
  }

  void dropAcs(int code) {
    long socket = acsSocket;
    acsSocket = 0;
    deliver(new AgentEvent.SocketClosed(socket, code, ""));
    settle();
  }

  boolean acked(String message) {
    return acsFrames.stream()
        .anyMatch(frame -> frame.contains("AckRequest") && frame.contains("\"" + message + "\""));
  }

  @Nullable String gaveUp() {
    return gaveUp;
  }

  boolean isConnected() {
    return acsSocket != 0;
  }

  /// The statuses that the control plane was told of a task, in order.
  List<String> told(String id) {
    return reports.stream()
        .filter(report -> arn(id).equals(report.task()))
        .map(report -> String.valueOf(report.status()))
        .toList();
  }

  /// The last entry of a container in any report of its task.
  @Nullable ContainerStateChange lastEntry(String id, String container) {
    ContainerStateChange last = null;
    for (SubmitTaskStateChangeRequest report : reports) {
      if (arn(id).equals(report.task()) && report.containers() != null) {
        for (ContainerStateChange change : report.containers()) {
          if (container.equals(change.containerName())) {
            last = change;
          }
        }
      }
    }
    return last;
  }

  // ---- the engine's side ------------------------------------------------------------------------

  FakeContainer container(String name) {
    FakeContainer found = null;
    for (FakeContainer container : containers.values()) {
      if (name.equals(container.spec.labels().get(Labels.CONTAINER_NAME))) {
        found = container;
      }
    }
    if (found == null) {
      throw new IllegalStateException("no container " + name + " in " + containers.keySet());
    }
    return found;
  }

  /// A container ends by itself.
  void exit(FakeContainer container, int code) {
    end(container, code);
    deliver(new AgentEvent.ContainerDied(container.id));
    settle();
  }

  void end(FakeContainer container, int code) {
    container.state = ContainerStatus.State.EXITED;
    container.exitCode = code;
    container.finishedAt = now;
    following.forEach((follow, followed) -> {
      if (followed == container) {
        queue.addLast(new AgentEvent.LogEnded(follow));
      }
    });
  }

  void print(FakeContainer container, String line) {
    enqueueLine(container, line);
    settle();
  }

  /// A line is written; nothing is carried out.
  void enqueueLine(FakeContainer container, String line) {
    container.output.add(
        new LogLine(
            now.plusNanos(container.output.size()),
            line.getBytes(StandardCharsets.UTF_8),
            false,
            false));
    List.copyOf(following.keySet()).forEach(this::feed);
  }

  private void feed(long follow) {
    FakeContainer container = following.get(follow);
    if (container != null && container.told < container.output.size()) {
      List<LogLine> lines =
          new ArrayList<>(container.output.subList(container.told, container.output.size()));
      container.told = container.output.size();
      queue.addLast(new AgentEvent.LogLines(follow, lines));
    }
  }

  // ---- carrying effects out ---------------------------------------------------------------------

  private void perform(AgentEffect effect) {
    if (hold.test(effect)) {
      held.add(effect);
      return;
    }
    AgentEvent instead = interfere.apply(effect);
    if (instead != null) {
      queue.addLast(instead);
      return;
    }
    AgentEvent answer = answer(effect);
    if (answer != null) {
      queue.addLast(answer);
    }
  }

  private ImageInfo info(String image) {
    return new ImageInfo(imageIds.getOrDefault(image, "sha256:" + image), images.get(image));
  }

  private @Nullable AgentEvent answer(AgentEffect effect) {
    return switch (effect) {
      case AgentEffect.LoadHome(long id) ->
          new AgentEvent.HomeLoaded(id, instanceFile, new TreeMap<>(taskFiles));
      case AgentEffect.SaveInstance(long id, String text) -> {
        instanceFile = text;
        yield new AgentEvent.Stored(id);
      }
      case AgentEffect.SaveTask(long id, String name, String text) -> {
        taskFiles.put(name, text);
        yield new AgentEvent.Stored(id);
      }
      case AgentEffect.DeleteTask(long id, String name) -> {
        taskFiles.remove(name);
        yield new AgentEvent.Stored(id);
      }
      case AgentEffect.Quarantine(long id, String name) -> {
        quarantined.add(name == null ? "instance" : name);
        if (name == null) {
          instanceFile = null;
        } else {
          taskFiles.remove(name);
        }
        yield new AgentEvent.Stored(id);
      }
      case AgentEffect.DescribeEngine(long id) ->
          new AgentEvent.EngineDescribed(
              id,
              new EngineInfo(
                  "engine",
                  "20.10.24",
                  "1.41",
                  2,
                  8L << 30,
                  "linux",
                  "x86_64",
                  List.of("json-file", "syslog")));
      case AgentEffect.PingEngine(long id) -> new AgentEvent.EnginePinged(id);
      case AgentEffect.ListContainers(long id, SortedMap<String, String> labels) ->
          new AgentEvent.ContainersListed(
              id,
              containers.values().stream()
                  .filter(c -> c.spec.labels().entrySet().containsAll(labels.entrySet()))
                  .map(FakeContainer::status)
                  .toList());
      case AgentEffect.InspectImage(long id, String image) -> {
        engineCalls.add("inspect image " + image);
        yield new AgentEvent.ImageInspected(id, images.containsKey(image) ? info(image) : null);
      }
      case AgentEffect.PullImage(long id, String image) -> {
        engineCalls.add("pull " + image);
        if (!registry.containsKey(image)) {
          yield new AgentEvent.EngineFailed(
              id, Kind.NOT_FOUND, "Error response from daemon: no such image");
        }
        ImageInfo before = images.containsKey(image) ? info(image) : null;
        images.put(image, registry.get(image));
        yield new AgentEvent.ImagePulled(
            id,
            new ContainerRuntime.Pulled(
                info(image), !info(image).equals(before), !info(image).equals(before) && alone));
      }
      case AgentEffect.ListUsedImages(long id) -> {
        engineCalls.add("list used images");
        Set<String> used = new TreeSet<>(usedByOthers);
        containers.values().forEach(container -> used.add(container.imageId));
        yield new AgentEvent.UsedImagesListed(id, used);
      }
      case AgentEffect.RemoveImage(long id, String imageId, String name) -> {
        engineCalls.add("remove image " + (name == null ? imageId : name));
        images.keySet().removeIf(image -> ImageReference.canonical(image).equals(name));
        yield new AgentEvent.ImageRemoved(id);
      }
      case AgentEffect.CreateContainer(long id, ContainerSpec spec) -> {
        engineCalls.add("create " + spec.labels().get(Labels.CONTAINER_NAME));
        if (!taskFiles.containsKey(taskId(spec))) {
          throw new IllegalStateException("a container is created before its task is on disk");
        }
        for (FakeContainer other : containers.values()) {
          if (other.spec.name().equals(spec.name())) {
            yield new AgentEvent.EngineFailed(
                id, Kind.CONFLICT, "Error response from daemon: name in use");
          }
        }
        String containerId = "c" + (containers.size() + 1);
        containers.put(
            containerId, new FakeContainer(containerId, spec, info(spec.image()).id(), now));
        yield new AgentEvent.ContainerCreated(id, containerId);
      }
      case AgentEffect.StartContainer(long id, String containerId) -> {
        FakeContainer container = containers.get(containerId);
        engineCalls.add("start " + name(container));
        if (container == null) {
          yield new AgentEvent.EngineFailed(id, Kind.NOT_FOUND, "no such container");
        }
        start(container);
        yield new AgentEvent.ContainerStarted(id);
      }
      case AgentEffect.StopContainer(long id, String containerId, Duration _) -> {
        FakeContainer container = containers.get(containerId);
        engineCalls.add("stop " + name(container));
        if (container != null && container.state == ContainerStatus.State.RUNNING) {
          end(container, 143);
          queue.addLast(new AgentEvent.ContainerDied(container.id));
        }
        yield container == null
            ? new AgentEvent.EngineFailed(id, Kind.NOT_FOUND, "no such container")
            : new AgentEvent.ContainerStopped(id);
      }
      case AgentEffect.InspectContainer(long id, String containerId) -> {
        FakeContainer container = containers.get(containerId);
        engineCalls.add("inspect " + name(container));
        yield new AgentEvent.ContainerInspected(id, container == null ? null : container.status());
      }
      case AgentEffect.RemoveContainer(long id, String containerId) -> {
        engineCalls.add("remove " + name(containers.get(containerId)));
        containers.remove(containerId);
        yield new AgentEvent.ContainerRemoved(id);
      }
      case AgentEffect.WatchContainers _ -> new AgentEvent.WatchGap();
      case AgentEffect.FollowLog(long follow, String containerId, Instant since) -> {
        FakeContainer container = containers.get(containerId);
        if (container == null) {
          yield new AgentEvent.LogBroken(follow, Kind.NOT_FOUND, "no such container");
        }
        following.put(follow, container);
        List<LogLine> lines =
            container.output.stream()
                .filter(line -> since == null || !line.at().isBefore(since))
                .toList();
        container.told = container.output.size();
        if (!lines.isEmpty()) {
          queue.addLast(new AgentEvent.LogLines(follow, lines));
        }
        if (container.state == ContainerStatus.State.EXITED) {
          queue.addLast(new AgentEvent.LogEnded(follow));
        }
        yield null;
      }
      case AgentEffect.ContinueLog(long follow) -> {
        feed(follow);
        yield null;
      }
      case AgentEffect.OpenSocket(long socket, Channel channel, String url) -> {
        if (channel == Channel.ACS) {
          acsSocket = socket;
          acsUrls.add(url);
        } else if (channel == Channel.TCS) {
          tcsSocket = socket;
        } else {
          execSockets.put(socket, url);
        }
        yield new AgentEvent.SocketOpened(socket);
      }
      case AgentEffect.SendText(long socket, String text) -> {
        if (socket == acsSocket) {
          acsFrames.add(text);
        } else if (socket == tcsSocket) {
          tcsFrames.add(text);
        } else {
          execFrames.add(socket + " " + text);
        }
        yield null;
      }
      case AgentEffect.SendBinary(long socket, byte[] message) -> {
        AgentMessage sent = Objects.requireNonNull(AgentMessage.decode(message));
        execMessages.add(new Said(socket, sent));
        yield null;
      }
      case AgentEffect.StartExec _,
          AgentEffect.ContinueExec _,
          AgentEffect.ExecInput _,
          AgentEffect.ResizeExec _,
          AgentEffect.EndExec _ -> {
        execEffects.add(effect);
        yield null;
      }
      case AgentEffect.CloseSocket(long socket, int code, String reason) ->
          new AgentEvent.SocketClosed(socket, code, reason);
      case AgentEffect.WakeAt(Instant at) -> {
        wakeAt = at;
        yield null;
      }
      case AgentEffect.Note note -> {
        notes.add(note);
        yield null;
      }
      case AgentEffect.GiveUp(String reason) -> {
        gaveUp = reason;
        yield null;
      }
      case AgentEffect.CallApi<?, ?> call -> api(call);
    };
  }

  private void start(FakeContainer container) {
    container.starts++;
    container.state = ContainerStatus.State.RUNNING;
    container.startedAt = now;
    List<PublishedPort> ports = new ArrayList<>();
    for (PublishedPort port : container.spec.ports()) {
      int host = port.hostPort() == 0 ? 32768 + containers.size() : port.hostPort();
      ports.add(new PublishedPort(port.containerPort(), host, port.protocol(), "0.0.0.0"));
      ports.add(new PublishedPort(port.containerPort(), host, port.protocol(), "::"));
    }
    container.ports = ports;
  }

  private static String name(@Nullable FakeContainer container) {
    return container == null
        ? "?"
        : String.valueOf(container.spec.labels().get(Labels.CONTAINER_NAME));
  }

  private static String taskId(ContainerSpec spec) {
    String arn = String.valueOf(spec.labels().get(Labels.TASK_ARN));
    return arn.substring(arn.lastIndexOf('/') + 1);
  }

  private AgentEvent api(AgentEffect.CallApi<?, ?> call) {
    long id = call.id();
    return switch (call.input()) {
      case RegisterContainerInstanceRequest request -> {
        registrations.add(request);
        String cluster = String.valueOf(request.cluster());
        if (!clusters.contains(cluster)) {
          yield new AgentEvent.Refused(id, "ClientException", 400, "Cluster not found.");
        }
        List<Attribute> attributes = new ArrayList<>();
        if (request.attributes() != null) {
          attributes.addAll(request.attributes());
        }
        yield new AgentEvent.Answered(
            id,
            RegisterContainerInstanceResponse.builder()
                .containerInstance(
                    ContainerInstance.builder()
                        .containerInstanceArn(INSTANCE)
                        .attributes(attributes)
                        .build())
                .build());
      }
      case dev.gantry.api.ecs.CreateClusterRequest request -> {
        clusters.add(String.valueOf(request.clusterName()));
        yield new AgentEvent.Answered(id, CreateClusterResponse.builder().build());
      }
      case dev.gantry.api.ecs.DiscoverPollEndpointRequest _ ->
          new AgentEvent.Answered(
              id,
              DiscoverPollEndpointResponse.builder()
                  .endpoint("http://127.0.0.1:4566/acs")
                  .telemetryEndpoint("http://127.0.0.1:4566/tcs/")
                  .build());
      case SubmitTaskStateChangeRequest request -> {
        reports.add(request);
        yield new AgentEvent.Answered(
            id, SubmitTaskStateChangeResponse.builder().acknowledgment("ok").build());
      }
      case CreateLogGroupRequest request -> {
        logGroups.add(String.valueOf(request.logGroupName()));
        yield new AgentEvent.Answered(id, Unit.UNIT);
      }
      case CreateLogStreamRequest request -> {
        if (!logGroups.contains(String.valueOf(request.logGroupName()))) {
          yield new AgentEvent.Refused(
              id, "ResourceNotFoundException", 400, "The specified log group does not exist.");
        }
        String stream = String.valueOf(request.logStreamName());
        if (logStreams.containsKey(stream)) {
          yield new AgentEvent.Refused(
              id, "ResourceAlreadyExistsException", 400, "The specified log stream already exists");
        }
        logStreams.put(stream, new ArrayList<>());
        yield new AgentEvent.Answered(id, Unit.UNIT);
      }
      case PutLogEventsRequest request -> {
        List<InputLogEvent> stream = logStreams.get(String.valueOf(request.logStreamName()));
        if (stream == null || request.logEvents() == null) {
          yield new AgentEvent.Refused(
              id, "ResourceNotFoundException", 400, "The specified log stream does not exist.");
        }
        append(String.valueOf(request.logStreamName()), request);
        yield new AgentEvent.Answered(id, PutLogEventsResponse.builder().build());
      }
      default -> throw new IllegalStateException("unexpected call " + call);
    };
  }

  /// Stores a batch but for what its writer has sent before.
  void append(String stream, PutLogEventsRequest request) {
    EventOrigin origin = Objects.requireNonNull(EventOrigin.parse(request.sequenceToken()));
    List<InputLogEvent> events = Objects.requireNonNull(request.logEvents());
    EventOrigin last = origins.get(stream);
    long known = last != null && last.writer().equals(origin.writer()) ? last.position() : 0;
    if (origin.position() > known) {
      throw new IllegalStateException("events are missing: " + known + ", then " + origin);
    }
    int skip = (int) Math.min(known - origin.position(), events.size());
    Objects.requireNonNull(logStreams.get(stream)).addAll(events.subList(skip, events.size()));
    origins.put(
        stream,
        new EventOrigin(Math.max(known, origin.position() + events.size()), origin.writer()));
  }

  /// What the log service has of a stream.
  List<String> logged(String stream) {
    return logStreams.getOrDefault(stream, List.of()).stream()
        .map(event -> String.valueOf(event.message()))
        .toList();
  }
}

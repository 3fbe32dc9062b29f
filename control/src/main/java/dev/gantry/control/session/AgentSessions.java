package dev.gantry.control.session;

import dev.gantry.api.acs.AckRequest;
import dev.gantry.api.acs.HeartbeatMessage;
import dev.gantry.api.acs.NackRequest;
import dev.gantry.api.acs.PayloadMessage;
import dev.gantry.api.acs.TaskIdentifier;
import dev.gantry.api.acs.TaskManifestMessage;
import dev.gantry.api.acs.TaskStopVerificationAck;
import dev.gantry.api.acs.TaskStopVerificationMessage;
import dev.gantry.api.tcs.PublishInstanceStatusRequest;
import dev.gantry.control.Ids;
import dev.gantry.control.InstanceHealth;
import dev.gantry.control.ecs.EcsIds;
import dev.gantry.model.Change;
import dev.gantry.model.ClusterId;
import dev.gantry.model.ContainerInstance;
import dev.gantry.model.ContainerInstance.ContainerInstanceStatus;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.DesiredStatus;
import dev.gantry.model.Scope;
import dev.gantry.model.Task;
import dev.gantry.model.TaskId;
import dev.gantry.model.TaskStatus;
import dev.gantry.store.Index;
import dev.gantry.store.OrderedMap;
import dev.gantry.store.OrderedSet;
import dev.gantry.store.State;
import dev.gantry.wire.TextSocket;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.json.MalformedInputException;
import dev.gantry.wire.json.MessageEnvelope;
import dev.gantry.wire.server.SocketCall;
import dev.gantry.wire.shape.Structure;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The open sockets of all agents, and the loop that tells each agent what it should run.
///
/// The rule: what an agent should run is derived from durable State, never remembered as a message.
/// A session knows only what this agent, on this socket, has been sent and has acknowledged; a new
/// socket starts from nothing, so a message lost with its socket is sent again (agent-protocol:
/// sending a payload twice is safe).
///
/// Part of the control plane's core: called by the writer alone, with the time as an argument.
public final class AgentSessions {
  /// How often each socket hears a heartbeat. An agent closes a socket that is silent for 60 to 120
  /// s.
  public static final Duration HEARTBEAT_EVERY = Duration.ofSeconds(25);

  /// A socket on which nothing arrived for this long is closed: three heartbeats went unanswered.
  public static final Duration SILENCE_LIMIT = Duration.ofSeconds(90);

  /// A payload that is not acknowledged by then is sent again.
  public static final Duration REDELIVER_AFTER = Duration.ofSeconds(30);

  /// The most tasks in one payload.
  public static final int MAX_TASKS_PER_PAYLOAD = 10;

  /// Message numbers are leased in blocks of this size, one durable put each.
  public static final int MESSAGE_NUMBER_BLOCK = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(AgentSessions.class);

  private final Ids ids;
  private final PayloadMapping payloads;
  private final TelemetryFrames frames;

  private final TreeMap<Long, Socket> sockets = new TreeMap<>();
  private final TreeMap<ContainerInstanceId, Session> sessions = new TreeMap<>();
  private final TreeMap<ContainerInstanceId, MessageNumbers> numbers = new TreeMap<>();
  private final TreeSet<Due> schedule = new TreeSet<>();
  private final TreeSet<ContainerInstanceId> marked = new TreeSet<>();
  private OrderedSet<ContainerInstanceId> connected = OrderedSet.empty();
  private OrderedMap<ContainerInstanceId, InstanceHealth> health = OrderedMap.empty();
  private final List<ContainerInstanceId> arrived = new ArrayList<>();
  private boolean changed;

  /// @param ids where message ids come from
  /// @param payloads makes an agent's task out of ours
  /// @param frames opens telemetry frames
  public AgentSessions(Ids ids, PayloadMapping payloads, TelemetryFrames frames) {
    this.ids = ids;
    this.payloads = payloads;
    this.frames = frames;
  }

  /// Which of the two sockets of an agent this is.
  private enum Channel {
    /// Agent communication: payloads, manifests.
    ACS,
    /// Telemetry.
    TCS
  }

  private static final class Socket {
    final long id;
    final Channel channel;
    final ContainerInstanceId instance;
    final SocketCall call;
    final TextSocket text;
    Instant lastHeard;

    Socket(
        long id,
        Channel channel,
        ContainerInstanceId instance,
        SocketCall call,
        TextSocket text,
        Instant now) {
      this.id = id;
      this.channel = channel;
      this.instance = instance;
      this.call = call;
      this.text = text;
      this.lastHeard = now;
    }
  }

  /// What one agent was told on its present socket.
  private static final class Session {
    final Socket socket;
    final TreeMap<TaskId, Delivery> deliveries = new TreeMap<>();
    final TreeMap<String, List<TaskId>> unacknowledged = new TreeMap<>();
    @Nullable String manifest;
    boolean manifestSent;

    Session(Socket socket) {
      this.socket = socket;
    }
  }

  private record Delivery(DesiredStatus told, Instant at, String messageId, boolean acknowledged) {}

  /// The message numbers of one instance: rising, across crashes too.
  private static final class MessageNumbers {
    long next;
    long leasedTo;
    boolean asked;
  }

  /// Something to do at a time.
  private record Due(Instant at, long socketId) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      int byTime = at.compareTo(other.at);
      return byTime != 0 ? byTime : Long.compare(socketId, other.socketId);
    }
  }

  /// The container instances whose agent has an open ACS socket.
  public OrderedSet<ContainerInstanceId> connected() {
    return connected;
  }

  /// What agents said last of their hosts' health.
  public OrderedMap<ContainerInstanceId, InstanceHealth> health() {
    return health;
  }

  /// Whether [#connected] or [#health] has changed since this was last asked.
  public boolean takeChanged() {
    boolean was = changed;
    changed = false;
    return was;
  }

  /// The instances whose agent has connected since this was last asked.
  public List<ContainerInstanceId> takeArrived() {
    List<ContainerInstanceId> taken = List.copyOf(arrived);
    arrived.clear();
    return taken;
  }

  /// An instance is no longer remembered: nothing is kept of it here either.
  public void forget(ContainerInstanceId instance) {
    numbers.remove(instance);
    if (health.get(instance) != null) {
      health = health.remove(instance);
      changed = true;
    }
  }

  /// When [#turn] wants to be called next though nothing happened, or null.
  public @Nullable Instant wakeAt() {
    return schedule.isEmpty() ? null : schedule.first().at();
  }

  /// Whether marks are left that [#turn] did not get to.
  public boolean hasMarks() {
    return !marked.isEmpty();
  }

  /// Marks an instance: something about it or its tasks has become durable.
  public void mark(ContainerInstanceId instance) {
    if (sessions.containsKey(instance)) {
      marked.add(instance);
    }
  }

  /// A task has reached STOPPED: nothing more is to be told of it.
  public void stopped(ContainerInstanceId instance, TaskId task) {
    Session session = sessions.get(instance);
    if (session != null) {
      session.deliveries.remove(task);
    }
  }

  /// An agent opened a socket. Its query names the instance; the version it brings is remembered.
  public void opened(Instant now, long socketId, SocketCall call, TextSocket text, Outbox out) {
    ContainerInstanceId id = instanceOf(call);
    ContainerInstance instance = id == null ? null : out.head().containerInstance(id);
    if (id == null || instance == null || instance.status() == ContainerInstanceStatus.INACTIVE) {
      // Checked when the upgrade was accepted; deregistered in between.
      out.close(text, 1008, "InactiveInstanceException");
      return;
    }
    Channel channel = channelOf(call);
    Socket socket = new Socket(socketId, channel, id, call, text, now);
    sockets.put(socketId, socket);
    schedule.add(new Due(now.plus(HEARTBEAT_EVERY), socketId));
    if (channel == Channel.ACS) {
      Session old = sessions.put(id, new Session(socket));
      if (old != null) {
        drop(old.socket);
        out.close(old.socket.text, 1000, "replaced by a newer connection");
      }
      connected = connected.add(id);
      arrived.add(id);
      changed = true;
      rememberVersion(instance, call, out);
      marked.add(id);
    }
    LOG.info("{} connected to {}", id.arn(), channel);
  }

  /// A message arrived on a socket.
  public void text(Instant now, long socketId, String text, Outbox out) {
    Socket socket = sockets.get(socketId);
    if (socket == null) {
      return;
    }
    socket.lastHeard = now;
    switch (socket.channel) {
      case ACS -> acs(now, socket, text, out);
      case TCS -> tcs(now, socket, text, out);
    }
  }

  /// A socket is gone.
  public void closed(long socketId) {
    Socket socket = sockets.get(socketId);
    if (socket != null) {
      drop(socket);
    }
  }

  /// Tells connected agents what they should hear by now.
  ///
  /// @param durable what agents are told is durable
  /// @param limit the most marks to handle in this turn
  public void turn(Instant now, State durable, int limit, Outbox out) {
    while (!schedule.isEmpty() && !schedule.first().at().isAfter(now)) {
      due(now, schedule.removeFirst(), out);
    }
    for (int i = 0; i < limit && !marked.isEmpty(); i++) {
      tell(now, marked.removeFirst(), durable, out);
    }
  }

  private void due(Instant now, Due due, Outbox out) {
    Socket socket = sockets.get(due.socketId());
    if (socket == null) {
      return;
    }
    if (socket.lastHeard.plus(SILENCE_LIMIT).isBefore(now)) {
      LOG.warn("{} has been silent on {}; closing", socket.instance.arn(), socket.channel);
      drop(socket);
      out.close(socket.text, 1001, "no heartbeat acknowledgement");
      return;
    }
    String heartbeat =
        switch (socket.channel) {
          case ACS ->
              message(
                  HeartbeatMessage.SHAPE,
                  HeartbeatMessage.builder().healthy(true).messageId(ids.uuid()).build());
          case TCS -> MessageEnvelope.wrap("HeartbeatMessage", "{\"healthy\":true}");
        };
    out.send(socket.text, heartbeat);
    schedule.add(new Due(now.plus(HEARTBEAT_EVERY), socket.id));
    // A payload that was not acknowledged meanwhile is found by looking again.
    if (socket.channel == Channel.ACS) {
      marked.add(socket.instance);
    }
  }

  private void tell(Instant now, ContainerInstanceId id, State durable, Outbox out) {
    Session session = sessions.get(id);
    ContainerInstance instance = durable.containerInstance(id);
    if (session == null || instance == null) {
      return;
    }
    if (instance.status() == ContainerInstanceStatus.INACTIVE) {
      drop(session.socket);
      out.close(session.socket.text, 1008, "InactiveInstanceException");
      return;
    }
    List<Task> wanted = new ArrayList<>();
    for (Task task : durable.group(Index.LIVE_TASKS_BY_CONTAINER_INSTANCE, id)) {
      if (mustTell(session, task, now)) {
        wanted.add(task);
      }
    }
    int messages =
        (wanted.size() + MAX_TASKS_PER_PAYLOAD - 1) / MAX_TASKS_PER_PAYLOAD
            + (session.manifestSent ? 0 : 1);
    if (messages == 0 || !lease(instance, messages, out)) {
      return;
    }
    for (int from = 0; from < wanted.size(); from += MAX_TASKS_PER_PAYLOAD) {
      List<Task> batch =
          wanted.subList(from, Math.min(wanted.size(), from + MAX_TASKS_PER_PAYLOAD));
      sendPayload(now, session, batch, durable, out);
    }
    if (!session.manifestSent) {
      sendManifest(now, session, durable, out);
    }
  }

  /// A task that the agent has not reported RUNNING, or that is to stop, is told unless it already
  /// was on this socket and the acknowledgement came or is not yet overdue.
  private static boolean mustTell(Session session, Task task, Instant now) {
    if (task.desiredStatus() == DesiredStatus.RUNNING
        && task.lastStatus().compareTo(TaskStatus.RUNNING) >= 0) {
      return false;
    }
    Delivery delivery = session.deliveries.get(task.id());
    return delivery == null
        || delivery.told() != task.desiredStatus()
        || (!delivery.acknowledged() && !delivery.at().plus(REDELIVER_AFTER).isAfter(now));
  }

  private void sendPayload(
      Instant now, Session session, List<Task> batch, State durable, Outbox out) {
    String messageId = ids.uuid();
    List<dev.gantry.api.acs.Task> tasks = new ArrayList<>();
    for (Task task : batch) {
      session.deliveries.put(task.id(), new Delivery(task.desiredStatus(), now, messageId, false));
      tasks.add(payloads.toAcs(task, durable, endpointOf(session.socket.call)));
    }
    session.unacknowledged.put(messageId, batch.stream().map(Task::id).toList());
    long number = nextNumber(session.socket.instance);
    out.send(
        session.socket.text,
        message(
            PayloadMessage.SHAPE,
            PayloadMessage.builder()
                .clusterArn(session.socket.instance.clusterId().arn())
                .containerInstanceArn(session.socket.instance.arn())
                .generatedAt(now.toEpochMilli())
                .messageId(messageId)
                .seqNum((int) number)
                .tasks(tasks)
                .build()));
  }

  private void sendManifest(Instant now, Session session, State durable, Outbox out) {
    ContainerInstanceId id = session.socket.instance;
    String messageId = ids.uuid();
    List<TaskIdentifier> tasks = new ArrayList<>();
    for (Task task : durable.group(Index.LIVE_TASKS_BY_CONTAINER_INSTANCE, id)) {
      tasks.add(identifier(task.id().arn(), id, task.desiredStatus()));
    }
    session.manifest = messageId;
    session.manifestSent = true;
    out.send(
        session.socket.text,
        message(
            TaskManifestMessage.SHAPE,
            TaskManifestMessage.builder()
                .clusterArn(id.clusterId().arn())
                .containerInstanceArn(id.arn())
                .generatedAt(now.toEpochMilli())
                .messageId(messageId)
                .timeline(nextNumber(id))
                .tasks(tasks)
                .build()));
  }

  private static TaskIdentifier identifier(
      String taskArn, ContainerInstanceId instance, DesiredStatus desired) {
    return TaskIdentifier.builder()
        .taskArn(taskArn)
        .taskClusterArn(instance.clusterId().arn())
        .desiredStatus(desired.name())
        .build();
  }

  private void acs(Instant now, Socket socket, String text, Outbox out) {
    Session session = sessions.get(socket.instance);
    MessageEnvelope frame = MessageEnvelope.parse(text);
    if (frame == null || session == null || session.socket != socket) {
      return;
    }
    try {
      switch (frame.type()) {
        case "AckRequest" ->
            acknowledged(session, AwsJson.decode(AckRequest.SHAPE, frame.message()), out);
        case "NackRequest" -> {
          NackRequest nack = AwsJson.decode(NackRequest.SHAPE, frame.message());
          LOG.warn("{} refused {}: {}", socket.instance.arn(), nack.messageId(), nack.reason());
        }
        case "TaskStopVerificationMessage" ->
            verifyStops(
                now,
                session,
                AwsJson.decode(TaskStopVerificationMessage.SHAPE, frame.message()),
                out);
        case "HeartbeatAckRequest", "IAMRoleCredentialsAckRequest" -> {
          // Having been heard at all is what counts.
        }
        default -> LOG.debug("{} sent a {}", socket.instance.arn(), frame.type());
      }
    } catch (MalformedInputException e) {
      LOG.warn("{} sent a malformed {}: {}", socket.instance.arn(), frame.type(), e.getMessage());
    }
  }

  private void acknowledged(Session session, AckRequest ack, Outbox out) {
    String messageId = ack.messageId();
    List<TaskId> tasks = messageId == null ? null : session.unacknowledged.remove(messageId);
    if (messageId == null || tasks == null) {
      return;
    }
    for (TaskId id : tasks) {
      Delivery delivery = session.deliveries.get(id);
      if (delivery == null || !delivery.messageId().equals(messageId)) {
        // The task is over, or has been told something newer meanwhile.
        continue;
      }
      session.deliveries.put(id, new Delivery(delivery.told(), delivery.at(), messageId, true));
      Task task = out.head().task(id);
      if (task != null
          && delivery.told() == DesiredStatus.STOPPED
          && task.lastStatus().compareTo(TaskStatus.STOPPING) < 0) {
        out.change(new Change.Put(task.edit().lastStatus(TaskStatus.STOPPING).done()));
      }
    }
  }

  /// The agent runs tasks that the manifest did not list as RUNNING. It stops only those that are
  /// confirmed here: State may have moved on since the manifest was written.
  private void verifyStops(
      Instant now, Session session, TaskStopVerificationMessage question, Outbox out) {
    if (question.messageId() == null || !Objects.equals(question.messageId(), session.manifest)) {
      return;
    }
    session.manifest = null;
    ContainerInstanceId instance = session.socket.instance;
    List<TaskIdentifier> stop = new ArrayList<>();
    for (TaskIdentifier candidate :
        Objects.requireNonNullElse(question.stopCandidates(), List.<TaskIdentifier>of())) {
      String arn = candidate.taskArn();
      TaskId id = arn == null ? null : EcsIds.taskOfArn(arn);
      Task task = id == null ? null : out.head().task(id);
      boolean keep =
          task != null
              && task.desiredStatus() == DesiredStatus.RUNNING
              && instance.equals(task.containerInstance());
      if (arn != null && !keep) {
        stop.add(identifier(arn, instance, DesiredStatus.STOPPED));
      }
    }
    if (!stop.isEmpty()) {
      out.send(
          session.socket.text,
          message(
              TaskStopVerificationAck.SHAPE,
              TaskStopVerificationAck.builder()
                  .generatedAt(now.toEpochMilli())
                  .messageId(question.messageId())
                  .stopTasks(stop)
                  .build()));
    }
  }

  private void tcs(Instant now, Socket socket, String text, Outbox out) {
    String json = frames.open(socket.call, text, now);
    MessageEnvelope frame = json == null ? null : MessageEnvelope.parse(json);
    if (frame == null) {
      LOG.warn("{} sent a telemetry frame that does not verify; closing", socket.instance.arn());
      drop(socket);
      out.close(socket.text, 1008, "AccessDeniedException");
      return;
    }
    String acknowledgement =
        switch (frame.type()) {
          case "PublishMetricsRequest" -> "AckPublishMetric";
          case "PublishHealthRequest" -> "AckPublishHealth";
          case "PublishInstanceStatusRequest" -> "AckPublishInstanceStatus";
          default -> null;
        };
    if (frame.type().equals("PublishInstanceStatusRequest")) {
      healthReported(socket.instance, frame.message(), out);
    }
    if (acknowledgement != null) {
      out.send(socket.text, MessageEnvelope.wrap(acknowledgement, "{\"message\":\"\"}"));
    }
  }

  private void healthReported(ContainerInstanceId id, String report, Outbox out) {
    ContainerInstance instance = out.head().containerInstance(id);
    if (instance == null || !instance.isMember()) {
      return;
    }
    try {
      InstanceHealth said =
          InstanceStatusMapping.health(AwsJson.decode(PublishInstanceStatusRequest.SHAPE, report));
      if (!said.equals(health.get(id))) {
        health = health.put(id, said);
        changed = true;
      }
    } catch (MalformedInputException e) {
      LOG.warn("{} sent a malformed report of its health: {}", id.arn(), e.getMessage());
    }
  }

  /// Sees to it that `count` numbers can be drawn. If not, asks for a further block; when that is
  /// durable, the instance is marked by it and the turn comes again.
  private boolean lease(ContainerInstance instance, int count, Outbox out) {
    MessageNumbers mine =
        numbers.computeIfAbsent(
            instance.id(),
            id -> {
              MessageNumbers fresh = new MessageNumbers();
              // Whatever an earlier process drew lies below.
              fresh.next = instance.messageNumbersLeasedTo();
              fresh.leasedTo = instance.messageNumbersLeasedTo();
              return fresh;
            });
    if (mine.asked && instance.messageNumbersLeasedTo() > mine.leasedTo) {
      mine.leasedTo = instance.messageNumbersLeasedTo();
      mine.asked = false;
    }
    if (mine.next + count <= mine.leasedTo) {
      return true;
    }
    if (!mine.asked) {
      ContainerInstance latest = out.head().containerInstance(instance.id());
      if (latest != null) {
        mine.asked = true;
        out.change(
            new Change.Put(
                latest.withMessageNumbersLeasedTo(
                    mine.leasedTo + Math.max(count, MESSAGE_NUMBER_BLOCK))));
      }
    }
    return false;
  }

  private long nextNumber(ContainerInstanceId id) {
    MessageNumbers mine = Objects.requireNonNull(numbers.get(id));
    return mine.next++;
  }

  private void rememberVersion(ContainerInstance instance, SocketCall call, Outbox out) {
    String version = call.parameter("agentVersion");
    String hash = call.parameter("agentHash");
    String docker = call.parameter("dockerVersion");
    if (!Objects.equals(version, instance.agentVersion())
        || !Objects.equals(hash, instance.agentHash())
        || !Objects.equals(docker, instance.dockerVersion())) {
      out.change(new Change.Put(instance.withVersions(version, hash, docker)));
    }
  }

  private void drop(Socket socket) {
    sockets.remove(socket.id);
    Session session = sessions.get(socket.instance);
    if (session != null && session.socket == socket) {
      sessions.remove(socket.instance);
      marked.remove(socket.instance);
      connected = connected.remove(socket.instance);
      changed = true;
      LOG.info("{} disconnected", socket.instance.arn());
    }
  }

  /// The instance that a socket's query names, or null if it names none.
  public static @Nullable ContainerInstanceId instanceOf(SocketCall call) {
    String arn =
        call.parameter(
            channelOf(call) == Channel.ACS ? "containerInstanceArn" : "containerInstance");
    ContainerInstanceId id = arn == null ? null : EcsIds.containerInstanceOfArn(arn);
    Scope caller = new Scope(call.principal().account(), call.region());
    return id == null || !id.scope().equals(caller) ? null : id;
  }

  /// The instance whose agent opens a control channel: `<cluster>_<id>`. An id has no underscore.
  ///
  /// @return null if it is none of the caller's
  public static @Nullable ContainerInstanceId instanceOfChannel(SocketCall call, String channel) {
    int split = channel.lastIndexOf('_');
    Scope caller = new Scope(call.principal().account(), call.region());
    return split < 1
        ? null
        : EcsIds.containerInstance(
            new ClusterId(caller, channel.substring(0, split)), channel.substring(split + 1));
  }

  /// How this agent reaches us; the way its own log drivers can take too.
  private static String endpointOf(SocketCall call) {
    return "http://" + call.head().headers().first("Host");
  }

  private static Channel channelOf(SocketCall call) {
    return call.path().startsWith(AgentPaths.TCS) ? Channel.TCS : Channel.ACS;
  }

  private static <T> String message(Structure<T> shape, T message) {
    return MessageEnvelope.wrap(shape.name(), AwsJson.encodeToString(shape, message));
  }
}

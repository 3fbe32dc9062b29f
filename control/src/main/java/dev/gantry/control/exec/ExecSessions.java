package dev.gantry.control.exec;

import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.ExecuteCommandResponse;
import dev.gantry.api.ecs.Session;
import dev.gantry.api.ssmmessages.AgentMessage;
import dev.gantry.api.ssmmessages.AgentSessionState;
import dev.gantry.api.ssmmessages.AgentTaskComplete;
import dev.gantry.api.ssmmessages.ChannelClosed;
import dev.gantry.api.ssmmessages.ChannelPaths;
import dev.gantry.api.ssmmessages.OpenControlChannelInput;
import dev.gantry.api.ssmmessages.OpenDataChannelInput;
import dev.gantry.api.ssmmessages.SessionDocument;
import dev.gantry.api.ssmmessages.SessionInputs;
import dev.gantry.api.ssmmessages.SessionProperties;
import dev.gantry.api.ssmmessages.SessionTask;
import dev.gantry.api.ssmmessages.ShellProperties;
import dev.gantry.api.ssmmessages.TaskMessage;
import dev.gantry.control.Ids;
import dev.gantry.control.exec.ExecRelay.Side;
import dev.gantry.control.exec.ExecSocket.Purpose;
import dev.gantry.control.session.Outbox;
import dev.gantry.model.ContainerInstance;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.store.OrderedSet;
import dev.gantry.wire.BinarySocket;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.json.MalformedInputException;
import dev.gantry.wire.shape.ServiceException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The sessions of ExecuteCommand, and who takes part in them.
///
/// A session begins with a call, which hands its client a token. The client opens the session's
/// data channel and shows the token in its first frame; then the agent, which waits on its control
/// channel, is told what to run and given a token of its own, with which it opens the same data
/// channel. From then on each speaks to the other ([ExecRelay]) until the agent says that the
/// command is over, either of them leaves, or both are silent for too long.
///
/// The rule: an end is believed for its token alone, which is good once, for one end of one session
/// and for a short time. An agent's socket must be signed besides. Tokens are never logged.
///
/// Sessions are facts of the moment. A control plane that ends takes them along, and agents end
/// their commands when their sockets break.
///
/// Part of the control plane's core: called by the writer alone, with the time as an argument.
public final class ExecSessions {
  /// The most sessions in one container at a time (Amazon ECS service quotas).
  public static final int MAX_SESSIONS_PER_CONTAINER = 1_000;

  /// The most sessions of the whole installation at a time.
  public static final int MAX_SESSIONS = 10_000;

  /// The most sockets that have not said yet who they are.
  static final int MAX_STRANGERS = 10_000;

  /// How long a client may take to open its data channel.
  public static final Duration TOKEN_LIFE = Duration.ofMinutes(1);

  /// How long a socket may take to say who it is, and an agent to open its data channel.
  public static final Duration OPENING_LIMIT = Duration.ofSeconds(15);

  /// A session in which nothing is typed or written for this long is ended (Amazon ECS Developer
  /// Guide, "Monitor Amazon ECS containers with ECS Exec": it cannot be changed).
  public static final Duration IDLE_LIMIT = Duration.ofMinutes(20);

  /// How often it is looked whether anything was.
  static final Duration IDLE_CHECK = Duration.ofMinutes(1);

  /// The document by which Amazon's agent is told to run one command.
  private static final String DOCUMENT = "AmazonECS-ExecuteInteractiveCommand";

  private static final String SESSION_TYPE = "InteractiveCommands";
  private static final String SESSION_PREFIX = "ecs-execute-command-";
  private static final String TERMINATING = "Terminating";

  private static final int NORMAL = 1000;
  private static final int POLICY = 1008;

  /// AWS's text when nothing answers in the container (github.com/aws-containers/
  /// amazon-ecs-exec-checker, issue 43).
  private static final String INTERNAL =
      "The execute command failed due to an internal error. Try again later.";

  private static final Logger LOG = LoggerFactory.getLogger(ExecSessions.class);

  private final Ids ids;
  private final TreeMap<Long, ExecSocket> strangers = new TreeMap<>();
  private final TreeMap<ContainerInstanceId, ExecSocket> agents = new TreeMap<>();
  private final TreeMap<String, Open> sessions = new TreeMap<>();
  private final TreeMap<String, Integer> perContainer = new TreeMap<>();
  private final TreeSet<Due> schedule = new TreeSet<>();
  private OrderedSet<String> open = OrderedSet.empty();
  private boolean changed;

  /// @param ids where session ids and tokens come from
  public ExecSessions(Ids ids) {
    this.ids = ids;
  }

  /// Where a session stands.
  private enum Stage {
    /// The client has a token.
    CALLED,
    /// The client is there, and the agent was told.
    JOINED,
    /// Both are there.
    LIVE
  }

  private static final class Open {
    final String id;
    final ExecRequest request;
    final String clientToken;
    final String agentToken;
    final ExecRelay relay = new ExecRelay();
    Stage stage = Stage.CALLED;
    Instant deadline;
    Instant active;
    long client;
    long agent;

    Open(String id, ExecRequest request, String clientToken, String agentToken, Instant now) {
      this.id = id;
      this.request = request;
      this.clientToken = clientToken;
      this.agentToken = agentToken;
      this.deadline = now.plus(TOKEN_LIFE);
      this.active = now;
    }
  }

  /// Something to look at, at a time: a session, or a socket that has not said who it is.
  private record Due(Instant at, String session, long socket) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      int order = at.compareTo(other.at);
      if (order == 0) {
        order = session.compareTo(other.session);
      }
      return order != 0 ? order : Long.compare(socket, other.socket);
    }
  }

  /// The ids of all sessions: only to these is a socket opened.
  public OrderedSet<String> open() {
    return open;
  }

  /// Whether [#open] has changed since this was last asked.
  public boolean takeChanged() {
    boolean was = changed;
    changed = false;
    return was;
  }

  /// When [#turn] wants to be called next though nothing happened, or null.
  public @Nullable Instant wakeAt() {
    return schedule.isEmpty() ? null : schedule.first().at();
  }

  /// Opens a session.
  ///
  /// @throws ServiceException TargetNotConnectedException if no agent waits for it, ClientException
  ///   if there are too many sessions
  public ExecuteCommandResponse open(Instant now, ExecRequest request) {
    if (!agents.containsKey(request.instance())) {
      throw EcsErrors.targetNotConnectedException(INTERNAL);
    }
    String container = request.container().arn(request.task());
    if (perContainer.getOrDefault(container, 0) >= MAX_SESSIONS_PER_CONTAINER) {
      throw EcsErrors.clientException(
          "The maximum number of execute command sessions in this container, "
              + MAX_SESSIONS_PER_CONTAINER
              + ", has been reached.");
    }
    if (sessions.size() >= MAX_SESSIONS) {
      throw EcsErrors.clientException(
          "The maximum number of execute command sessions, "
              + MAX_SESSIONS
              + ", has been reached.");
    }
    // 17 digits, as Amazon's.
    String id = SESSION_PREFIX + "0" + ids.hex().substring(16);
    Open session = new Open(id, request, ids.secret(), ids.secret(), now);
    sessions.put(id, session);
    perContainer.merge(container, 1, Integer::sum);
    open = open.add(id);
    changed = true;
    schedule.add(new Due(session.deadline, id, 0));
    return ExecuteCommandResponse.builder()
        .clusterArn(request.task().clusterId().arn())
        .containerArn(container)
        .containerName(request.container().name())
        .interactive(true)
        .session(
            Session.builder()
                .sessionId(id)
                .streamUrl(
                    "ws://"
                        + request.host()
                        + ChannelPaths.DATA
                        + id
                        + "?"
                        + ChannelPaths.DATA_QUERY)
                .tokenValue(session.clientToken)
                .build())
        .taskArn(request.task().arn())
        .build();
  }

  /// A socket was opened; its first frame says by whom.
  public void opened(Instant now, ExecSocket socket, Outbox out) {
    if (strangers.size() >= MAX_STRANGERS) {
      out.close(socket.socket(), POLICY, "too many sockets are being opened");
      return;
    }
    strangers.put(socket.id(), socket);
    schedule.add(new Due(now.plus(OPENING_LIMIT), "", socket.id()));
  }

  /// A text frame came. The first one says who opened the socket; no other means anything.
  public void text(Instant now, ExecSocket socket, String text, Outbox out) {
    if (strangers.remove(socket.id()) == null) {
      return;
    }
    try {
      String refused =
          switch (socket.purpose()) {
            case Purpose.Control(ContainerInstanceId instance) -> {
              OpenControlChannelInput said = AwsJson.decode(OpenControlChannelInput.SHAPE, text);
              yield control(socket, instance, said, out);
            }
            case Purpose.Data(String session, boolean signed) -> {
              OpenDataChannelInput said = AwsJson.decode(OpenDataChannelInput.SHAPE, text);
              yield data(now, socket, session, signed, said, out);
            }
          };
      if (refused != null) {
        out.close(socket.socket(), POLICY, refused);
      }
    } catch (MalformedInputException e) {
      out.close(socket.socket(), POLICY, "the first frame cannot be read");
    }
  }

  private @Nullable String control(
      ExecSocket socket, ContainerInstanceId id, OpenControlChannelInput said, Outbox out) {
    ContainerInstance instance = out.head().containerInstance(id);
    if (instance == null || !instance.isMember()) {
      return "InactiveInstanceException";
    }
    if (!ChannelPaths.SCHEMA_VERSION.equals(said.messageSchemaVersion())) {
      return "unknown schema version";
    }
    ExecSocket old = agents.put(id, socket);
    if (old != null) {
      out.close(old.socket(), NORMAL, "replaced by a newer connection");
    }
    LOG.info("{} waits for sessions", id.arn());
    return null;
  }

  private @Nullable String data(
      Instant now,
      ExecSocket socket,
      String id,
      boolean signed,
      OpenDataChannelInput said,
      Outbox out) {
    Open session = sessions.get(id);
    if (session == null || session.deadline.isBefore(now)) {
      return "the session is over";
    }
    if (session.stage == Stage.CALLED && matches(session.clientToken, said.tokenValue())) {
      session.stage = Stage.JOINED;
      session.client = socket.id();
      session.deadline = now.plus(OPENING_LIMIT);
      schedule.add(new Due(session.deadline, id, 0));
      socket.join(session.relay, Side.CLIENT);
      ExecSocket agent = agents.get(session.request.instance());
      if (agent == null) {
        finish(now, session, INTERNAL, out);
      } else {
        out.send(agent.socket(), start(now, session).encode());
      }
      return null;
    }
    if (session.stage == Stage.JOINED && signed && matches(session.agentToken, said.tokenValue())) {
      session.stage = Stage.LIVE;
      session.agent = socket.id();
      session.deadline = Instant.MAX;
      session.active = now;
      schedule.add(new Due(now.plus(IDLE_CHECK), id, 0));
      socket.join(session.relay, Side.AGENT);
      return null;
    }
    return "the token is not valid";
  }

  private static boolean matches(String token, @Nullable String shown) {
    return shown != null
        && MessageDigest.isEqual(
            token.getBytes(StandardCharsets.UTF_8), shown.getBytes(StandardCharsets.UTF_8));
  }

  /// The message that tells an agent to run a session's command. `Target` and `TokenValue` are
  /// ours: Amazon's agent sits in the container that is meant, and asks for a token itself.
  private AgentMessage start(Instant now, Open session) {
    ExecRequest request = session.request;
    ExecRequest.Log log = request.log();
    SessionTask task =
        SessionTask.builder()
            .documentName(DOCUMENT)
            .documentContent(
                SessionDocument.builder()
                    .schemaVersion("1.0")
                    .sessionType(SESSION_TYPE)
                    .inputs(
                        log == null
                            ? null
                            : SessionInputs.builder()
                                .cloudWatchLogGroupName(log.group())
                                .cloudWatchLogRegion(log.region())
                                .cloudWatchStreamingEnabled(true)
                                .build())
                    .properties(
                        SessionProperties.builder()
                            .linux(ShellProperties.builder().commands(request.command()).build())
                            .build())
                    .build())
            .sessionId(session.id)
            .target(request.target())
            .tokenValue(session.agentToken)
            .build();
    String message =
        AwsJson.encodeToString(
            TaskMessage.SHAPE,
            TaskMessage.builder()
                .content(AwsJson.encodeToString(SessionTask.SHAPE, task))
                .taskId(session.id)
                .topic("aws.ssm.session")
                .schemaVersion(AgentMessage.SCHEMA_VERSION)
                .build());
    return single(now, AgentMessage.INTERACTIVE_SHELL, message);
  }

  private AgentMessage single(Instant now, String type, String json) {
    return AgentMessage.single(
        type,
        now.toEpochMilli(),
        UUID.fromString(ids.uuid()),
        json.getBytes(StandardCharsets.UTF_8));
  }

  /// A message came that is not part of a session's stream.
  public void message(Instant now, ExecSocket socket, byte[] bytes, Outbox out) {
    AgentMessage message = AgentMessage.decode(bytes);
    if (message == null) {
      return;
    }
    String json = new String(message.payload(), StandardCharsets.UTF_8);
    try {
      switch (message.type()) {
        case AgentMessage.SESSION_STATE -> {
          if (socket.purpose() instanceof Purpose.Data(String id, boolean _)) {
            Open session = sessions.get(id);
            AgentSessionState state = AwsJson.decode(AgentSessionState.SHAPE, json);
            if (session != null
                && session.agent == socket.id()
                && TERMINATING.equals(state.sessionState())) {
              finish(now, session, "", out);
            }
          }
        }
        case AgentMessage.TASK_COMPLETE -> {
          AgentTaskComplete complete = AwsJson.decode(AgentTaskComplete.SHAPE, json);
          String id = complete.taskId();
          Open session = id == null ? null : sessions.get(id);
          if (session != null && agents.get(session.request.instance()) == socket) {
            finish(now, session, Objects.requireNonNullElse(complete.output(), ""), out);
          }
        }
        default -> LOG.debug("a {} is not for the control plane", message.type());
      }
    } catch (MalformedInputException e) {
      LOG.warn("a malformed {} was ignored: {}", message.type(), e.text());
    }
  }

  /// A socket is gone. A session is over without its client, as nothing can bring it back, and
  /// without its agent.
  public void closed(Instant now, ExecSocket socket, Outbox out) {
    strangers.remove(socket.id());
    switch (socket.purpose()) {
      case Purpose.Control(ContainerInstanceId instance) -> {
        if (agents.get(instance) == socket) {
          agents.remove(instance);
          LOG.info("{} does not wait for sessions any more", instance.arn());
        }
      }
      case Purpose.Data(String id, boolean _) -> {
        Open session = sessions.get(id);
        if (session != null && (session.client == socket.id() || session.agent == socket.id())) {
          finish(now, session, "", out);
        }
      }
    }
  }

  /// An instance is no member of its cluster any more: nothing is run in its containers from here.
  public void left(ContainerInstanceId instance, Instant now, Outbox out) {
    ExecSocket socket = agents.remove(instance);
    if (socket != null) {
      out.close(socket.socket(), POLICY, "InactiveInstanceException");
    }
    List<Open> theirs = new ArrayList<>();
    for (Open session : sessions.values()) {
      if (session.request.instance().equals(instance)) {
        theirs.add(session);
      }
    }
    theirs.forEach(session -> finish(now, session, "", out));
  }

  /// Ends what is overdue.
  public void turn(Instant now, Outbox out) {
    while (!schedule.isEmpty() && !schedule.first().at().isAfter(now)) {
      Due due = schedule.removeFirst();
      if (due.session().isEmpty()) {
        ExecSocket stranger = strangers.remove(due.socket());
        if (stranger != null) {
          out.close(stranger.socket(), POLICY, "nothing was said");
        }
      } else {
        Open session = sessions.get(due.session());
        if (session != null) {
          due(now, session, out);
        }
      }
    }
  }

  private void due(Instant now, Open session, Outbox out) {
    switch (session.stage) {
      case CALLED -> {
        if (!session.deadline.isAfter(now)) {
          finish(now, session, "", out);
        }
      }
      case JOINED -> {
        if (!session.deadline.isAfter(now)) {
          LOG.warn("the agent of {} did not take {}", session.request.instance().arn(), session.id);
          finish(now, session, INTERNAL, out);
        }
      }
      case LIVE -> {
        if (session.relay.takeActive()) {
          session.active = now;
        }
        if (session.active.plus(IDLE_LIMIT).isAfter(now)) {
          schedule.add(new Due(now.plus(IDLE_CHECK), session.id, 0));
        } else {
          LOG.info("session {} is ended: nothing was typed or written for long", session.id);
          finish(now, session, "", out);
        }
      }
    }
  }

  /// Ends a session: both ends are told, and closed.
  ///
  /// @param output what the client shows, or empty
  private void finish(Instant now, Open session, String output, Outbox out) {
    sessions.remove(session.id);
    perContainer.computeIfPresent(
        session.request.container().arn(session.request.task()),
        (_, count) -> count == 1 ? null : count - 1);
    open = open.remove(session.id);
    changed = true;
    String json =
        AwsJson.encodeToString(
            ChannelClosed.SHAPE,
            ChannelClosed.builder()
                .messageType(AgentMessage.CHANNEL_CLOSED)
                .messageId(ids.uuid())
                .destinationId(session.request.target())
                .sessionId(session.id)
                .schemaVersion(AgentMessage.SCHEMA_VERSION)
                .createdDate(Long.toString(now.toEpochMilli()))
                .output(output)
                .build());
    for (Side side : Side.values()) {
      BinarySocket end = session.relay.end(side);
      if (end != null) {
        out.send(end, single(now, AgentMessage.CHANNEL_CLOSED, json).encode());
        out.close(end, NORMAL, "the session is over");
      }
    }
    session.relay.close();
  }
}

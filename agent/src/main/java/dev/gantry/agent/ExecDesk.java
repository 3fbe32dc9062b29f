package dev.gantry.agent;

import dev.gantry.agent.AgentEffect.Channel;
import dev.gantry.agent.AgentEffect.Note;
import dev.gantry.agent.AgentEffect.SendBinary;
import dev.gantry.agent.ExecSession.LogTarget;
import dev.gantry.api.ssmmessages.AgentMessage;
import dev.gantry.api.ssmmessages.AgentTaskComplete;
import dev.gantry.api.ssmmessages.ChannelPaths;
import dev.gantry.api.ssmmessages.OpenControlChannelInput;
import dev.gantry.api.ssmmessages.SessionDocument;
import dev.gantry.api.ssmmessages.SessionInputs;
import dev.gantry.api.ssmmessages.SessionProperties;
import dev.gantry.api.ssmmessages.SessionTask;
import dev.gantry.api.ssmmessages.ShellProperties;
import dev.gantry.api.ssmmessages.TaskMessage;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.json.MalformedInputException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Runs commands in this agent's containers: hears of sessions on one control channel for all of
/// them, and keeps the sessions.
///
/// Amazon's SSM agent sits in each container and has a control channel there. This agent stands for
/// all of its containers at once, so that nothing is put into them: it opens its channel while it
/// has a task whose containers may be entered, and a session names the container that it means.
final class ExecDesk implements SocketLink.Talk, ExecSession.Owner {

  /// The most sessions at a time (Amazon ECS service quotas, for one container).
  static final int MAX_SESSIONS = 1_000;

  /// Ids become names of log streams, parts of paths and values of variables.
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9-]{1,96}");

  private final Kernel kernel;
  private final AgentSettings settings;
  private final TaskSupervisor tasks;
  private final Supplier<String> containerInstance;
  private final SocketLink link;
  private final Map<Long, ExecSession> bySocket = new TreeMap<>();
  private final Map<Long, ExecSession> byExec = new TreeMap<>();
  private boolean registered;

  /// @param containerInstance this agent's own ARN
  ExecDesk(
      Kernel kernel,
      AgentSettings settings,
      TaskSupervisor tasks,
      Supplier<String> containerInstance) {
    this.kernel = kernel;
    this.settings = settings;
    this.tasks = tasks;
    this.containerInstance = containerInstance;
    this.link = SocketLink.withoutHeartbeats(kernel, Channel.EXEC, Backoff.ACS, this);
  }

  SocketLink link() {
    return link;
  }

  /// The control plane knows this agent.
  void registered() {
    registered = true;
    tasksChanged();
  }

  /// The control plane does not know this agent any more.
  void inactive() {
    registered = false;
    tasksChanged();
  }

  /// There may be a task to be entered now, or none any more.
  void tasksChanged() {
    if (registered && tasks.enterable() > 0) {
      link.connect();
    } else {
      link.disconnect("no container can be entered");
    }
  }

  /// How many sessions there are.
  int size() {
    return bySocket.size();
  }

  // ---- the control channel ----------------------------------------------------------------------

  @Override
  public String url() {
    String arn = containerInstance.get();
    return ChannelPaths.CONTROL
        + settings.clusterName()
        + "_"
        + arn.substring(arn.lastIndexOf('/') + 1)
        + "?"
        + ChannelPaths.CONTROL_QUERY;
  }

  @Override
  public void opened() {
    link.send(
        AwsJson.encodeToString(
            OpenControlChannelInput.SHAPE,
            OpenControlChannelInput.builder()
                .messageSchemaVersion(ChannelPaths.SCHEMA_VERSION)
                .requestId(kernel.uuid())
                .build()));
  }

  @Override
  public void text(String text) {
    // Nothing is said in text to an agent.
  }

  @Override
  public void closed() {
    // Sessions have sockets of their own and go on.
  }

  @Override
  public Duration refused(String body) {
    return body.contains("InactiveInstanceException") ? SocketLink.INACTIVE_WAIT : Duration.ZERO;
  }

  private void control(byte[] bytes) {
    AgentMessage message = AgentMessage.decode(bytes);
    if (message == null || !message.type().equals(AgentMessage.INTERACTIVE_SHELL)) {
      return;
    }
    try {
      String content = AwsJson.decode(TaskMessage.SHAPE, message.payload()).content();
      start(AwsJson.decode(SessionTask.SHAPE, content == null ? "{}" : content));
    } catch (MalformedInputException e) {
      kernel.note(Note.Level.ERROR, "a session that cannot be read is ignored: " + e.text());
    }
  }

  private void start(SessionTask task) {
    String id = task.sessionId();
    String target = task.target();
    String token = task.tokenValue();
    if (id == null || !ID.matcher(id).matches() || target == null || token == null) {
      kernel.note(Note.Level.ERROR, "a session without a valid id, target or token is ignored");
      return;
    }
    String containerId = tasks.enterable(target);
    if (containerId == null) {
      complete(id, "The container is not running.");
      return;
    }
    if (bySocket.size() >= MAX_SESSIONS) {
      complete(id, "There are " + MAX_SESSIONS + " sessions on this host already.");
      return;
    }
    List<String> command = new ArrayList<>();
    try {
      command.addAll(CommandLine.split(command(task)));
    } catch (CommandLine.Malformed e) {
      complete(id, "Unable to start command: Failed to parse commands input: " + e.text());
      return;
    }
    if (command.isEmpty()) {
      // As Amazon's agent, which then opens a shell.
      command.add("sh");
    }
    ExecSession session =
        new ExecSession(
            kernel,
            this,
            id,
            target,
            token,
            containerId,
            List.copyOf(command),
            log(task),
            settings.agentVersion());
    bySocket.put(session.socket(), session);
    byExec.put(session.exec(), session);
    kernel.note(Note.Level.INFO, "session " + id + " begins in container " + containerId);
    session.begin();
  }

  private static String command(SessionTask task) {
    SessionDocument document = task.documentContent();
    SessionProperties properties = document == null ? null : document.properties();
    ShellProperties linux = properties == null ? null : properties.linux();
    String commands = linux == null ? null : linux.commands();
    return commands == null ? "" : commands;
  }

  private @Nullable LogTarget log(SessionTask task) {
    SessionDocument document = task.documentContent();
    SessionInputs inputs = document == null ? null : document.inputs();
    String group = inputs == null ? null : inputs.cloudWatchLogGroupName();
    if (inputs == null || group == null || group.isEmpty()) {
      return null;
    }
    String region = inputs.cloudWatchLogRegion();
    return new LogTarget(region == null ? settings.region() : region, group);
  }

  /// Says that a session is over before, or other than, its command ended.
  private void complete(String session, String output) {
    kernel.note(Note.Level.WARNING, "session " + session + " failed: " + output);
    if (!link.isOpen()) {
      // The control plane does not wait for long.
      return;
    }
    kernel.emit(
        new SendBinary(
            link.socket(),
            AgentMessage.single(
                    AgentMessage.TASK_COMPLETE,
                    kernel.now().toEpochMilli(),
                    UUID.fromString(kernel.uuid()),
                    AwsJson.encode(
                        AgentTaskComplete.SHAPE,
                        AgentTaskComplete.builder()
                            .schemaVersion(AgentMessage.SCHEMA_VERSION)
                            .taskId(session)
                            .topic("aws.ssm.session")
                            .finalTaskStatus("Failed")
                            .output(output)
                            .build()))
                .encode()));
  }

  // ---- sessions ---------------------------------------------------------------------------------

  @Override
  public void over(ExecSession session, @Nullable String failure) {
    bySocket.remove(session.socket());
    byExec.remove(session.exec());
    if (failure == null) {
      kernel.note(Note.Level.INFO, "session " + session.id() + " is over");
    } else {
      complete(session.id(), failure);
    }
  }

  /// A socket was opened; true if it is a session's.
  void socketOpened(long socket) {
    link.opened(socket);
    ExecSession session = bySocket.get(socket);
    if (session != null) {
      session.opened();
    }
  }

  void socketRefused(long socket, int status, String body) {
    link.refused(socket, status, body);
    ExecSession session = bySocket.get(socket);
    if (session != null) {
      session.refused((status == 0 ? "" : status + " ") + body);
    }
  }

  void socketBinary(long socket, byte[] message) {
    if (socket == link.socket() && link.isOpen()) {
      control(message);
    }
    ExecSession session = bySocket.get(socket);
    if (session != null) {
      session.binary(message);
    }
  }

  void socketClosed(long socket, int code, String reason) {
    link.closed(socket, code, reason);
    ExecSession session = bySocket.get(socket);
    if (session != null) {
      session.closed();
    }
  }

  void output(long exec, byte[] bytes) {
    ExecSession session = byExec.get(exec);
    if (session != null) {
      session.output(bytes);
    }
  }

  void inputTaken(long exec, int bytes) {
    ExecSession session = byExec.get(exec);
    if (session != null) {
      session.inputTaken(bytes);
    }
  }

  void commandEnded(long exec, @Nullable String failure) {
    ExecSession session = byExec.get(exec);
    if (session != null) {
      session.commandEnded(failure);
    }
  }
}

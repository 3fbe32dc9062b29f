package dev.gantry.agent;

import dev.gantry.agent.AgentEffect.Channel;
import dev.gantry.agent.AgentEffect.Note;
import dev.gantry.api.acs.AckRequest;
import dev.gantry.api.acs.AttachInstanceNetworkInterfacesMessage;
import dev.gantry.api.acs.AttachTaskNetworkInterfacesMessage;
import dev.gantry.api.acs.ConfirmAttachmentMessage;
import dev.gantry.api.acs.Container;
import dev.gantry.api.acs.HeartbeatAckRequest;
import dev.gantry.api.acs.HeartbeatMessage;
import dev.gantry.api.acs.IAMRoleCredentials;
import dev.gantry.api.acs.IAMRoleCredentialsAckRequest;
import dev.gantry.api.acs.IAMRoleCredentialsMessage;
import dev.gantry.api.acs.NackRequest;
import dev.gantry.api.acs.PayloadMessage;
import dev.gantry.api.acs.PerformUpdateMessage;
import dev.gantry.api.acs.StageUpdateMessage;
import dev.gantry.api.acs.Task;
import dev.gantry.api.acs.TaskIdentifier;
import dev.gantry.api.acs.TaskManifestMessage;
import dev.gantry.api.acs.TaskStopVerificationAck;
import dev.gantry.api.acs.TaskStopVerificationMessage;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.json.MalformedInputException;
import dev.gantry.wire.json.MessageEnvelope;
import dev.gantry.wire.shape.Structure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The agent's end of the agent communication service: what the control plane says, and the answers
/// (agent-protocol 3).
///
/// A payload is acknowledged when every task in it is on disk, not before: what was acknowledged is
/// never sent again. A message that cannot be read is noted and not acknowledged.
final class AcsSession implements SocketLink.Talk {

  /// More tasks in one payload are refused.
  static final int MAX_PAYLOAD_TASKS = 1_000;

  private static final String RUNNING = "RUNNING";
  private static final String STOPPED = "STOPPED";

  /// What the session needs of the agent around it.
  interface Owner {
    /// The address of ACS, query included.
    ///
    /// @param sendCredentials true on the first connection of a process
    String acsUrl(boolean sendCredentials);

    /// This agent's own ARN.
    String containerInstance();

    /// The highest number of a payload or manifest so far.
    long highestSequence();

    /// A higher one came.
    void raiseSequence(long number);

    /// ACS is connected.
    void connected();

    /// The control plane says that this instance was deregistered.
    void inactive();
  }

  private final Kernel kernel;
  private final AgentSettings settings;
  private final TaskSupervisor tasks;
  private final ReportDesk reports;
  private final HostHealth health;
  private final Owner owner;
  private final SocketLink link;

  private boolean connectedBefore;
  private @Nullable String manifestMessage;

  AcsSession(
      Kernel kernel,
      AgentSettings settings,
      TaskSupervisor tasks,
      ReportDesk reports,
      HostHealth health,
      Owner owner) {
    this.kernel = kernel;
    this.settings = settings;
    this.tasks = tasks;
    this.reports = reports;
    this.health = health;
    this.owner = owner;
    this.link = new SocketLink(kernel, Channel.ACS, Backoff.ACS, this);
  }

  SocketLink link() {
    return link;
  }

  @Override
  public String url() {
    return owner.acsUrl(!connectedBefore);
  }

  @Override
  public void opened() {
    connectedBefore = true;
    owner.connected();
    kernel.note(Note.Level.INFO, "connected to the control plane");
  }

  @Override
  public void closed() {}

  @Override
  public Duration refused(String body) {
    if (!body.contains("InactiveInstanceException")) {
      return Duration.ZERO;
    }
    kernel.note(
        Note.Level.ERROR,
        "container instance "
            + owner.containerInstance()
            + " was deregistered; running tasks stay, trying again in an hour");
    owner.inactive();
    return SocketLink.INACTIVE_WAIT;
  }

  @Override
  public void text(String text) {
    link.alive();
    MessageEnvelope envelope = MessageEnvelope.parse(text);
    if (envelope == null) {
      kernel.note(Note.Level.WARNING, "an ACS frame that is no message is ignored");
      return;
    }
    try {
      message(envelope);
    } catch (MalformedInputException e) {
      kernel.note(
          Note.Level.ERROR,
          "a " + envelope.type() + " cannot be read and is not acknowledged: " + e.text());
    }
  }

  private void message(MessageEnvelope envelope) {
    String body = envelope.message();
    switch (envelope.type()) {
      case "HeartbeatMessage" -> {
        String id = AwsJson.decode(HeartbeatMessage.SHAPE, body).messageId();
        health.check();
        send(
            "HeartbeatAckRequest",
            HeartbeatAckRequest.SHAPE,
            HeartbeatAckRequest.builder().messageId(id).build());
      }
      case "PayloadMessage" -> payload(AwsJson.decode(PayloadMessage.SHAPE, body));
      case "TaskManifestMessage" -> manifest(AwsJson.decode(TaskManifestMessage.SHAPE, body));
      case "TaskStopVerificationAck" ->
          verified(AwsJson.decode(TaskStopVerificationAck.SHAPE, body));
      case "IAMRoleCredentialsMessage" -> {
        IAMRoleCredentialsMessage message = AwsJson.decode(IAMRoleCredentialsMessage.SHAPE, body);
        credentials(message.messageId(), message.roleCredentials());
      }
      // Network interfaces and volumes are not served yet. The message is acknowledged, as it was
      // understood; the attachment never becomes ATTACHED and the control plane's deadline ends it.
      case "AttachTaskNetworkInterfacesMessage" ->
          ack(AwsJson.decode(AttachTaskNetworkInterfacesMessage.SHAPE, body).messageId());
      case "AttachInstanceNetworkInterfacesMessage" ->
          ack(AwsJson.decode(AttachInstanceNetworkInterfacesMessage.SHAPE, body).messageId());
      case "ConfirmAttachmentMessage" ->
          ack(AwsJson.decode(ConfirmAttachmentMessage.SHAPE, body).messageId());
      case "StageUpdateMessage" -> nack(AwsJson.decode(StageUpdateMessage.SHAPE, body).messageId());
      case "PerformUpdateMessage" ->
          nack(AwsJson.decode(PerformUpdateMessage.SHAPE, body).messageId());
      // Errors and closes sent inside an open socket have no effect in Amazon's agent either.
      default -> kernel.note(Note.Level.INFO, "ACS message " + envelope.type() + " is ignored");
    }
  }

  // ---- payloads ---------------------------------------------------------------------------------

  private void payload(PayloadMessage message) {
    String id = message.messageId();
    List<Task> payloadTasks = message.tasks();
    if (id == null || payloadTasks == null || payloadTasks.size() > MAX_PAYLOAD_TASKS) {
      kernel.note(Note.Level.ERROR, "a payload without id or tasks, or too large, is ignored");
      return;
    }
    Integer sequence = message.seqNum();
    if (sequence != null && sequence > owner.highestSequence()) {
      owner.raiseSequence(sequence);
    }
    boolean good = true;
    Set<String> unsaved = new LinkedHashSet<>();
    for (Task task : payloadTasks) {
      good &= taken(task);
      credentials(id, task.roleCredentials());
      credentials(id, task.executionRoleCredentials());
      String arn = task.arn();
      if (arn != null) {
        unsaved.add(arn);
      }
    }
    if (!good) {
      // The bad tasks are reported STOPPED; the payload as a whole is not acknowledged
      // (agent-protocol 3).
      return;
    }
    long socket = link.socket();
    Set<String> awaited = new LinkedHashSet<>(unsaved);
    if (awaited.isEmpty()) {
      ack(id);
    }
    for (String arn : unsaved) {
      tasks.whenStored(
          arn,
          () -> {
            awaited.remove(arn);
            if (awaited.isEmpty() && link.socket() == socket) {
              ack(id);
            }
          });
    }
  }

  /// True unless the task object cannot be read.
  private boolean taken(Task task) {
    String arn = task.arn();
    boolean stop = STOPPED.equals(task.desiredStatus());
    if (arn != null && tasks.knows(arn)) {
      // Only the desired status of a known task counts, and it never goes back to RUNNING.
      if (stop) {
        tasks.stop(arn);
      }
      return true;
    }
    if (arn != null && !stop && tasks.isOver(arn)) {
      // Sent before its end was known, and late.
      return true;
    }
    if (arn != null && stop) {
      reports.submitFinal(arn, Reasons.UNKNOWN_TASK);
      return true;
    }
    try {
      TaskPlan plan = PayloadMapping.plan(task, settings.region());
      if (tasks.size() >= TaskSupervisor.MAX_TASKS) {
        throw new PayloadMapping.Unreadable(
            "this agent holds " + TaskSupervisor.MAX_TASKS + " tasks already");
      }
      tasks.take(plan);
      return true;
    } catch (PayloadMapping.Unreadable e) {
      kernel.note(Note.Level.ERROR, "task " + arn + " cannot be taken: " + e.text());
      if (arn != null) {
        reports.submitFinal(arn, Reasons.unreadable(e.text()), names(task));
      }
      return false;
    }
  }

  private static List<String> names(Task task) {
    List<String> names = new ArrayList<>();
    for (Container container :
        Objects.requireNonNullElse(task.containers(), List.<Container>of())) {
      if (container.name() != null && names.size() < TaskPlan.MAX_CONTAINERS) {
        names.add(container.name());
      }
    }
    return names;
  }

  /// Credentials are acknowledged and forgotten: this agent does not serve them to tasks yet.
  private void credentials(@Nullable String message, @Nullable IAMRoleCredentials credentials) {
    if (message == null || credentials == null) {
      return;
    }
    send(
        "IAMRoleCredentialsAckRequest",
        IAMRoleCredentialsAckRequest.SHAPE,
        IAMRoleCredentialsAckRequest.builder()
            .messageId(message)
            .expiration(credentials.expiration())
            .credentialsId(credentials.credentialsId())
            .build());
  }

  // ---- manifests --------------------------------------------------------------------------------

  private void manifest(TaskManifestMessage message) {
    Long timeline = message.timeline();
    String id = message.messageId();
    if (timeline == null || id == null || timeline <= owner.highestSequence()) {
      return;
    }
    owner.raiseSequence(timeline);
    ack(id);
    Set<String> listed = new LinkedHashSet<>();
    List<TaskIdentifier> named = message.tasks();
    if (named != null) {
      for (TaskIdentifier task : named) {
        String arn = task.taskArn();
        if (arn != null && RUNNING.equals(task.desiredStatus())) {
          listed.add(arn);
        }
      }
    }
    List<TaskIdentifier> candidates = new ArrayList<>();
    for (TaskState task : tasks.all()) {
      if (task.record().wanted() && !listed.contains(task.plan().arn())) {
        candidates.add(
            TaskIdentifier.builder()
                .taskArn(task.plan().arn())
                .taskClusterArn(task.plan().clusterArn())
                .desiredStatus(STOPPED)
                .build());
      }
    }
    manifestMessage = id;
    if (!candidates.isEmpty()) {
      send(
          "TaskStopVerificationMessage",
          TaskStopVerificationMessage.SHAPE,
          TaskStopVerificationMessage.builder().messageId(id).stopCandidates(candidates).build());
    }
  }

  private void verified(TaskStopVerificationAck message) {
    String id = message.messageId();
    if (id == null || !id.equals(manifestMessage)) {
      return;
    }
    // Good for one answer only.
    manifestMessage = null;
    List<TaskIdentifier> stops = message.stopTasks();
    if (stops == null) {
      return;
    }
    for (TaskIdentifier task : stops) {
      String arn = task.taskArn();
      if (arn != null && STOPPED.equals(task.desiredStatus()) && tasks.knows(arn)) {
        tasks.stop(arn);
      }
    }
  }

  // ---- answers ----------------------------------------------------------------------------------

  private void ack(@Nullable String message) {
    send(
        "AckRequest",
        AckRequest.SHAPE,
        AckRequest.builder()
            .cluster(settings.cluster())
            .containerInstance(owner.containerInstance())
            .messageId(message)
            .build());
  }

  private void nack(@Nullable String message) {
    send(
        "NackRequest",
        NackRequest.SHAPE,
        NackRequest.builder()
            .cluster(settings.cluster())
            .containerInstance(owner.containerInstance())
            .messageId(message)
            .reason("Updates are disabled")
            .build());
  }

  private <T> void send(String type, Structure<T> shape, T message) {
    link.send(MessageEnvelope.wrap(type, AwsJson.encodeToString(shape, message)));
  }
}

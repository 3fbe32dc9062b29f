package dev.gantry.control;

import dev.gantry.api.acs.AckRequest;
import dev.gantry.api.acs.PayloadMessage;
import dev.gantry.api.acs.TaskIdentifier;
import dev.gantry.api.acs.TaskManifestMessage;
import dev.gantry.api.acs.TaskStopVerificationAck;
import dev.gantry.api.acs.TaskStopVerificationMessage;
import dev.gantry.api.ecs.Attribute;
import dev.gantry.api.ecs.ContainerStateChange;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.ManagedAgentStateChange;
import dev.gantry.api.ecs.PutAttributesRequest;
import dev.gantry.api.ecs.RegisterContainerInstanceRequest;
import dev.gantry.api.ecs.Resource;
import dev.gantry.api.ecs.SubmitTaskStateChangeRequest;
import dev.gantry.wire.Headers;
import dev.gantry.wire.RequestHead;
import dev.gantry.wire.TextSocket;
import dev.gantry.wire.auth.Principal;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.json.MessageEnvelope;
import dev.gantry.wire.server.SocketCall;
import dev.gantry.wire.server.SocketCall.Parameter;
import dev.gantry.wire.shape.Structure;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// An agent driven by hand: registers, opens sockets, and keeps what it was sent.
public final class FakeAgent {
  /// What it says it can do, in the order of the names.
  public static final List<String> CAPABILITIES =
      List.of(
          "com.amazonaws.ecs.capability.docker-remote-api.1.18",
          "com.amazonaws.ecs.capability.docker-remote-api.1.19",
          "com.amazonaws.ecs.capability.docker-remote-api.1.21",
          "com.amazonaws.ecs.capability.docker-remote-api.1.28",
          "com.amazonaws.ecs.capability.docker-remote-api.1.29",
          "com.amazonaws.ecs.capability.logging-driver.awslogs",
          "ecs.capability.execute-command");

  private static long lastSocket;

  private final ControlHarness control;
  private final String cluster;
  private final String arn;
  private final List<MessageEnvelope> received = new ArrayList<>();
  private long socket;
  private @Nullable String closed;

  private FakeAgent(ControlHarness control, String cluster, String arn) {
    this.control = control;
    this.cluster = cluster;
    this.arn = arn;
  }

  /// A host with two processors and 4 GiB that can log to json-file and awslogs, registered but not
  /// connected.
  public static FakeAgent register(ControlHarness control, String cluster) {
    return register(control, cluster, 2048, 4096);
  }

  /// A host of that size, registered but not connected.
  public static FakeAgent register(
      ControlHarness control, String cluster, int cpuUnits, int memoryMiB) {
    var instance =
        control
            .call(
                Ecs.REGISTER_CONTAINER_INSTANCE,
                RegisterContainerInstanceRequest.builder()
                    .cluster(cluster)
                    .totalResources(
                        List.of(
                            Resource.builder()
                                .name("CPU")
                                .type("INTEGER")
                                .integerValue(cpuUnits)
                                .build(),
                            Resource.builder()
                                .name("MEMORY")
                                .type("INTEGER")
                                .integerValue(memoryMiB)
                                .build(),
                            Resource.builder()
                                .name("PORTS")
                                .type("STRINGSET")
                                .stringSetValue(List.of("22", "2375"))
                                .build()))
                    .attributes(attributes())
                    .build())
            .containerInstance();
    return new FakeAgent(
        control,
        cluster,
        Objects.requireNonNull(Objects.requireNonNull(instance).containerInstanceArn()));
  }

  /// The host becomes one of an Auto Scaling group.
  public FakeAgent inGroup(String group) {
    control.call(
        Ecs.PUT_ATTRIBUTES,
        PutAttributesRequest.builder()
            .cluster(cluster)
            .attributes(
                List.of(
                    Attribute.builder()
                        .name("gantry.auto-scaling-group")
                        .value(group)
                        .targetId(arn)
                        .build()))
            .build());
    return this;
  }

  private static List<Attribute> attributes() {
    List<Attribute> attributes = new ArrayList<>();
    for (String capability : CAPABILITIES) {
      attributes.add(Attribute.builder().name(capability).build());
    }
    attributes.add(Attribute.builder().name("rack").value("7").build());
    return attributes;
  }

  /// The same host against a control plane that was started again.
  public FakeAgent against(ControlHarness other) {
    return new FakeAgent(other, cluster, arn);
  }

  /// Its container instance.
  public String arn() {
    return arn;
  }

  /// Opens the ACS socket.
  public FakeAgent connect() {
    open(
        "/acs/ws",
        List.of(
            new Parameter("clusterArn", cluster),
            new Parameter("containerInstanceArn", arn),
            new Parameter("agentVersion", "1.0"),
            new Parameter("seqNum", "1")));
    return this;
  }

  /// Opens the TCS socket instead.
  public FakeAgent connectTelemetry() {
    open("/tcs/ws", List.of(new Parameter("containerInstance", arn)));
    return this;
  }

  private void open(String path, List<Parameter> parameters) {
    socket = ++lastSocket;
    closed = null;
    received.clear();
    SocketCall call =
        new SocketCall(
            path,
            parameters,
            new Principal(ControlHarness.SCOPE.account(), "arn"),
            ControlHarness.SCOPE.region(),
            "request",
            new RequestHead("GET", path, null, Headers.of("Host", "127.0.0.1:4566"), "peer"));
    control.tell(
        new ControlEvent.SocketOpened(
            socket,
            call,
            new TextSocket() {
              @Override
              public void send(String text) {
                received.add(Objects.requireNonNull(MessageEnvelope.parse(text)));
              }

              @Override
              public void close(int code, String reason) {
                closed = code + " " + reason;
              }
            }));
    control.settle();
  }

  /// The socket breaks.
  public void disconnect() {
    control.tell(new ControlEvent.SocketClosed(socket));
    control.settle();
  }

  /// How the control plane closed the socket, or null.
  public @Nullable String closed() {
    return closed;
  }

  /// Sends a message as it stands.
  public void sendText(String text) {
    control.tell(new ControlEvent.SocketText(socket, text));
    control.settle();
  }

  /// Sends a message.
  public <T> void send(Structure<T> shape, T message) {
    sendText(MessageEnvelope.wrap(shape.name(), AwsJson.encodeToString(shape, message)));
  }

  /// The types of everything received on this socket.
  public List<String> types() {
    return received.stream().map(MessageEnvelope::type).toList();
  }

  /// Forgets what was received.
  public void clear() {
    received.clear();
  }

  /// Everything received of one type.
  public <T> List<T> received(Structure<T> shape) {
    return received.stream()
        .filter(frame -> frame.type().equals(shape.name()))
        .map(frame -> AwsJson.decode(shape, frame.message()))
        .toList();
  }

  /// The payloads received.
  public List<PayloadMessage> payloads() {
    return received(PayloadMessage.SHAPE);
  }

  /// The tasks of all payloads received, as `RUNNING <arn>`.
  public List<String> told() {
    return payloads().stream()
        .flatMap(payload ->
            Objects.requireNonNullElse(payload.tasks(), List.<dev.gantry.api.acs.Task>of())
                .stream())
        .map(task -> task.desiredStatus() + " " + task.arn())
        .toList();
  }

  /// The manifests received.
  public List<TaskManifestMessage> manifests() {
    return received(TaskManifestMessage.SHAPE);
  }

  /// The stop verifications received.
  public List<TaskStopVerificationAck> verifications() {
    return received(TaskStopVerificationAck.SHAPE);
  }

  /// Acknowledges every payload and manifest received.
  public void acknowledge() {
    for (PayloadMessage payload : payloads()) {
      send(
          AckRequest.SHAPE,
          AckRequest.builder()
              .cluster(cluster)
              .containerInstance(arn)
              .messageId(payload.messageId())
              .build());
    }
  }

  /// Asks whether to stop tasks that the last manifest did not list.
  public void question(String... taskArns) {
    send(
        TaskStopVerificationMessage.SHAPE,
        TaskStopVerificationMessage.builder()
            .messageId(manifests().getLast().messageId())
            .stopCandidates(
                List.of(taskArns).stream()
                    .map(task -> TaskIdentifier.builder().taskArn(task).build())
                    .toList())
            .build());
  }

  /// Reports a task and some of its containers.
  public void report(String taskArn, @Nullable String status, ContainerStateChange... containers) {
    control.call(
        Ecs.SUBMIT_TASK_STATE_CHANGE,
        SubmitTaskStateChangeRequest.builder()
            .cluster(cluster)
            .task(taskArn)
            .status(status)
            .reason("")
            .containers(List.of(containers))
            .build());
  }

  /// Reports a task, its containers, and what stands beside them.
  public void report(
      String taskArn,
      @Nullable String status,
      List<ContainerStateChange> containers,
      List<ManagedAgentStateChange> managed) {
    control.call(
        Ecs.SUBMIT_TASK_STATE_CHANGE,
        SubmitTaskStateChangeRequest.builder()
            .cluster(cluster)
            .task(taskArn)
            .status(status)
            .reason("")
            .containers(containers)
            .managedAgents(managed)
            .build());
  }

  /// The agent that runs commands in a container stands so.
  public static ManagedAgentStateChange execAgent(String container, String status) {
    return ManagedAgentStateChange.builder()
        .containerName(container)
        .managedAgentName("ExecuteCommandAgent")
        .status(status)
        .build();
  }

  /// A container that runs.
  public static ContainerStateChange running(String name) {
    return ContainerStateChange.builder()
        .containerName(name)
        .status("RUNNING")
        .runtimeId("docker-" + name)
        .build();
  }

  /// A container that ended.
  public static ContainerStateChange stopped(
      String name, @Nullable Integer exitCode, @Nullable String reason) {
    return ContainerStateChange.builder()
        .containerName(name)
        .status("STOPPED")
        .exitCode(exitCode)
        .reason(reason)
        .build();
  }
}

package dev.gantry.control.ecs;

import dev.gantry.api.ecs.ContainerStateChange;
import dev.gantry.api.ecs.DiscoverPollEndpointRequest;
import dev.gantry.api.ecs.DiscoverPollEndpointResponse;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.ManagedAgentStateChange;
import dev.gantry.api.ecs.RegisterContainerInstanceRequest;
import dev.gantry.api.ecs.RegisterContainerInstanceResponse;
import dev.gantry.api.ecs.Resource;
import dev.gantry.api.ecs.SubmitAttachmentStateChangesRequest;
import dev.gantry.api.ecs.SubmitAttachmentStateChangesResponse;
import dev.gantry.api.ecs.SubmitContainerStateChangeRequest;
import dev.gantry.api.ecs.SubmitContainerStateChangeResponse;
import dev.gantry.api.ecs.SubmitTaskStateChangeRequest;
import dev.gantry.api.ecs.SubmitTaskStateChangeResponse;
import dev.gantry.api.ecs.VersionInfo;
import dev.gantry.control.Context;
import dev.gantry.control.Decision;
import dev.gantry.control.Head;
import dev.gantry.control.OperationTable;
import dev.gantry.control.Snapshot;
import dev.gantry.control.session.AgentPaths;
import dev.gantry.model.Attribute;
import dev.gantry.model.ClusterId;
import dev.gantry.model.ContainerInstance;
import dev.gantry.model.ContainerInstance.ContainerInstanceStatus;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.ContainerStatus;
import dev.gantry.model.HostPort;
import dev.gantry.model.HostPort.Protocol;
import dev.gantry.model.ManagedAgent;
import dev.gantry.model.ManagedAgent.ManagedAgentStatus;
import dev.gantry.model.NetworkBinding;
import dev.gantry.model.PlatformDevice;
import dev.gantry.model.Resources;
import dev.gantry.model.StopCode;
import dev.gantry.model.Task;
import dev.gantry.model.TaskContainer;
import dev.gantry.model.TaskId;
import dev.gantry.model.TaskStatus;
import dev.gantry.model.TaskStop;
import dev.gantry.model.TaskTimes;
import dev.gantry.scheduler.TaskLifecycle;
import dev.gantry.store.Index;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What agents call: RegisterContainerInstance, DiscoverPollEndpoint, SubmitTaskStateChange,
/// SubmitContainerStateChange, SubmitAttachmentStateChanges.
///
/// A state report is applied entry by entry, in order, and only ever forward, so that a report
/// which comes twice or late does no harm. It is answered with success even for an unknown task: an
/// agent repeats for ever what it is refused (agent-protocol section 4).
public final class AgentOperations {
  /// Where hosts are that did not say: every host needs a zone, and spreading wants one.
  static final String DEFAULT_ZONE_SUFFIX = "a";

  /// The most attributes one agent registers with; Amazon's sends some dozens.
  static final int MAX_ATTRIBUTES = 1_000;

  /// The most devices one host offers.
  static final int MAX_DEVICES = 1_000;

  private static final String ZONE = InstanceIdentity.ZONE;
  private static final String ACKNOWLEDGMENT = "ACCEPT";
  private static final int MAX_REASON = 1024;

  private final Quotas quotas;

  private AgentOperations(Quotas quotas) {
    this.quotas = quotas;
  }

  /// Registers the operations.
  public static void register(OperationTable table, Quotas quotas) {
    AgentOperations operations = new AgentOperations(quotas);
    table.command(Ecs.REGISTER_CONTAINER_INSTANCE, operations::registerInstance);
    table.query(Ecs.DISCOVER_POLL_ENDPOINT, AgentOperations::discover);
    table.command(Ecs.SUBMIT_TASK_STATE_CHANGE, AgentOperations::submitTask);
    table.command(Ecs.SUBMIT_CONTAINER_STATE_CHANGE, AgentOperations::submitContainer);
    table.command(
        Ecs.SUBMIT_ATTACHMENT_STATE_CHANGES, (head, input, context) -> submitAttachments(input));
  }

  /// An agent that knows its container instance gets that one again and makes no twin, whatever
  /// became of the host meanwhile; a DRAINING one stays so.
  private Decision<RegisterContainerInstanceResponse> registerInstance(
      Head head, RegisterContainerInstanceRequest input, Context context) {
    ClusterId cluster = EcsIds.activeCluster(head.state(), context.scope(), input.cluster()).id();
    InstanceIdentity identity = InstanceIdentity.read(input.instanceIdentityDocument());
    List<Attribute> attributes = attributes(input, identity, context);
    Resources resources = resources(input);
    List<PlatformDevice> devices = devices(input);
    ContainerInstance instance;
    String known = input.containerInstanceArn();
    if (known != null && !known.isEmpty()) {
      ContainerInstanceId id = EcsIds.containerInstance(cluster, known);
      ContainerInstance before = id == null ? null : head.state().containerInstance(id);
      if (before == null) {
        throw EcsErrors.clientException("Referenced container instance " + known + " not found.");
      }
      if (!before.isMember()) {
        // Amazon's text: github.com/aws/amazon-ecs-agent, issue 583.
        throw EcsErrors.clientException("Container instance " + before.id().id() + " is inactive.");
      }
      instance =
          before.withRegistration(
              InstanceAttributes.again(before.attributes(), attributes),
              resources,
              devices,
              identity.instanceId());
    } else {
      if (head.state().group(Index.MEMBER_CONTAINER_INSTANCES, cluster).size()
          >= quotas.containerInstancesPerCluster()) {
        throw EcsErrors.clientException(
            "The maximum number of container instances in this cluster, "
                + quotas.containerInstancesPerCluster()
                + ", has been reached.");
      }
      instance =
          new ContainerInstance(
              new ContainerInstanceId(context.scope(), cluster.name(), head.ids().hex()),
              ContainerInstanceStatus.ACTIVE,
              identity.instanceId(),
              attributes,
              resources,
              devices,
              null,
              null,
              null,
              context.now(),
              Tags.read(input.tags()),
              1,
              1,
              null);
    }
    VersionInfo version = input.versionInfo();
    if (version != null) {
      instance =
          instance.withVersions(
              version.agentVersion(), version.agentHash(), version.dockerVersion());
    }
    return Decision.put(
        RegisterContainerInstanceResponse.builder()
            .containerInstance(
                ContainerInstanceOperations.show(
                    head.state(), instance, head.connected().contains(instance.id()), true))
            .build(),
        instance);
  }

  /// What the agent sent, what its identity document adds, and a zone if neither names one. Every
  /// attribute that is taken comes back with the value it had; an agent gives up for good if one
  /// does not (agent-protocol 1.2).
  private static List<Attribute> attributes(
      RegisterContainerInstanceRequest input, InstanceIdentity identity, Context context) {
    List<dev.gantry.api.ecs.Attribute> given =
        Objects.requireNonNullElse(input.attributes(), List.<dev.gantry.api.ecs.Attribute>of());
    if (given.size() > MAX_ATTRIBUTES) {
      throw EcsErrors.invalidParameterException(
          "attributes can have at most " + MAX_ATTRIBUTES + " items.");
    }
    List<Attribute> attributes = new ArrayList<>(identity.attributes());
    boolean zone = identity.attributes().stream().anyMatch(one -> one.name().equals(ZONE));
    for (dev.gantry.api.ecs.Attribute attribute : given) {
      String name = attribute.name();
      if (name == null || name.isEmpty()) {
        throw EcsErrors.invalidParameterException("An attribute must have a name.");
      }
      zone |= name.equals(ZONE);
      attributes.add(new Attribute(name, Objects.requireNonNullElse(attribute.value(), "")));
    }
    if (!zone) {
      attributes.add(new Attribute(ZONE, context.scope().region() + DEFAULT_ZONE_SUFFIX));
    }
    return InstanceAttributes.accept(InstanceAttributes.put(List.of(), attributes));
  }

  private static Resources resources(RegisterContainerInstanceRequest input) {
    int cpuUnits = 0;
    int memoryMiB = 0;
    List<HostPort> ports = new ArrayList<>();
    for (Resource resource :
        Objects.requireNonNullElse(input.totalResources(), List.<Resource>of())) {
      switch (Objects.requireNonNullElse(resource.name(), "")) {
        case "CPU" -> cpuUnits = number(resource);
        case "MEMORY" -> memoryMiB = number(resource);
        case "PORTS" -> ports.addAll(ports(resource, Protocol.TCP));
        case "PORTS_UDP" -> ports.addAll(ports(resource, Protocol.UDP));
        default -> {
          // Kinds of resource that no task can ask for here take no part in placement.
        }
      }
    }
    ports.sort(null);
    return new Resources(cpuUnits, memoryMiB, List.copyOf(ports));
  }

  private static List<PlatformDevice> devices(RegisterContainerInstanceRequest input) {
    List<dev.gantry.api.ecs.PlatformDevice> given =
        Objects.requireNonNullElse(
            input.platformDevices(), List.<dev.gantry.api.ecs.PlatformDevice>of());
    if (given.size() > MAX_DEVICES) {
      throw EcsErrors.invalidParameterException(
          "platformDevices can have at most " + MAX_DEVICES + " items.");
    }
    return given.stream()
        .map(device ->
            new PlatformDevice(
                Objects.requireNonNull(device.id()), Objects.requireNonNull(device.type())))
        .toList();
  }

  private static int number(Resource resource) {
    int value = Objects.requireNonNullElse(resource.integerValue(), 0);
    if (value < 0) {
      throw EcsErrors.invalidParameterException(
          "Resource " + resource.name() + " must not be negative.");
    }
    return value;
  }

  private static List<HostPort> ports(Resource resource, Protocol protocol) {
    List<HostPort> ports = new ArrayList<>();
    for (String text : Objects.requireNonNullElse(resource.stringSetValue(), List.<String>of())) {
      try {
        ports.add(new HostPort(protocol, Integer.parseInt(text)));
      } catch (IllegalArgumentException e) {
        throw EcsErrors.invalidParameterException(
            "Resource " + resource.name() + " has an entry that is not a port: " + text);
      }
    }
    return ports;
  }

  /// The endpoints are where the call itself was sent, as the caller signed it, so that they are
  /// right behind a proxy or a port mapping too; an agent keeps them for twelve hours.
  private static DiscoverPollEndpointResponse discover(
      Snapshot snapshot, DiscoverPollEndpointRequest input, Context context) {
    EcsIds.activeCluster(snapshot.state(), context.scope(), input.cluster());
    String host = context.head().headers().first("Host");
    if (host == null || host.isEmpty()) {
      throw EcsErrors.clientException("The request has no Host header.");
    }
    String base = "http://" + host;
    return DiscoverPollEndpointResponse.builder()
        .endpoint(base + AgentPaths.ACS)
        .telemetryEndpoint(base + AgentPaths.TCS)
        .serviceConnectEndpoint(base + AgentPaths.ACS)
        .build();
  }

  private static Decision<SubmitTaskStateChangeResponse> submitTask(
      Head head, SubmitTaskStateChangeRequest input, Context context) {
    SubmitTaskStateChangeResponse done =
        SubmitTaskStateChangeResponse.builder().acknowledgment(ACKNOWLEDGMENT).build();
    Task task = reported(head, input.cluster(), input.task(), context);
    if (task == null) {
      return Decision.answer(done);
    }
    List<TaskContainer> containers = task.containers();
    for (ContainerStateChange change :
        Objects.requireNonNullElse(input.containers(), List.<ContainerStateChange>of())) {
      containers = apply(containers, change);
    }
    for (ManagedAgentStateChange change :
        Objects.requireNonNullElse(input.managedAgents(), List.<ManagedAgentStateChange>of())) {
      containers = apply(containers, change, context);
    }
    Task after = advance(task, containers, input, context);
    return after == null ? Decision.answer(done) : Decision.put(done, after);
  }

  private static Decision<SubmitContainerStateChangeResponse> submitContainer(
      Head head, SubmitContainerStateChangeRequest input, Context context) {
    SubmitContainerStateChangeResponse done =
        SubmitContainerStateChangeResponse.builder().acknowledgment(ACKNOWLEDGMENT).build();
    Task task = reported(head, input.cluster(), input.task(), context);
    if (task == null) {
      return Decision.answer(done);
    }
    List<TaskContainer> containers =
        apply(
            task.containers(),
            ContainerStateChange.builder()
                .containerName(input.containerName())
                .runtimeId(input.runtimeId())
                .status(input.status())
                .exitCode(input.exitCode())
                .reason(input.reason())
                .networkBindings(input.networkBindings())
                .build());
    Task after = advance(task, containers, SubmitTaskStateChangeRequest.builder().build(), context);
    return after == null ? Decision.answer(done) : Decision.put(done, after);
  }

  private static Decision<SubmitAttachmentStateChangesResponse> submitAttachments(
      SubmitAttachmentStateChangesRequest input) {
    if (input.attachments() == null) {
      throw EcsErrors.invalidParameterException("Attachments cannot be empty.");
    }
    // No task has attachments here, so every report is of one that is gone.
    return Decision.answer(
        SubmitAttachmentStateChangesResponse.builder().acknowledgment(ACKNOWLEDGMENT).build());
  }

  private static @Nullable Task reported(
      Head head, @Nullable String cluster, @Nullable String name, Context context) {
    if (name == null) {
      return null;
    }
    ClusterId clusterId = EcsIds.cluster(context.scope(), cluster);
    TaskId id = name.startsWith("arn:") ? EcsIds.taskOfArn(name) : EcsIds.task(clusterId, name);
    Task task = id == null || !id.scope().equals(context.scope()) ? null : head.state().task(id);
    // No agent was told of a task that has no place, so that none can know anything of it.
    return task == null || task.containerInstance() == null ? null : task;
  }

  /// The task with the report applied, or null if the report says nothing new.
  private static @Nullable Task advance(
      Task task,
      List<TaskContainer> containers,
      SubmitTaskStateChangeRequest report,
      Context context) {
    TaskStatus said = status(report.status());
    boolean moves = said != null && TaskLifecycle.mayMove(task.lastStatus(), said);
    TaskStatus status = moves && said != null ? said : task.lastStatus();
    TaskTimes times =
        task.times()
            .connectivityAt(context.now())
            .pullStartedAt(report.pullStartedAt())
            .pullStoppedAt(report.pullStoppedAt())
            .executionStoppedAt(report.executionStoppedAt());
    Task.Edit edit = task.edit();
    boolean ends = status == TaskStatus.STOPPED || TaskLifecycle.endsTask(containers);
    if (ends && task.stop() == null) {
      edit.stop(end(task, containers, report.reason()));
      times = times.stoppingAt(context.now());
    }
    if (moves && status == TaskStatus.RUNNING) {
      times = times.startedAt(context.now());
    }
    if (moves && status == TaskStatus.STOPPED) {
      times = times.stoppedAt(context.now());
    }
    boolean same =
        status == task.lastStatus()
            && containers.equals(task.containers())
            && times.equals(task.times())
            && (task.stop() != null || !ends);
    return same ? null : edit.lastStatus(status).containers(containers).times(times).done();
  }

  /// Why a task ended that nobody asked to stop. Of one that failed to start its containers say the
  /// reason; where none does, what the agent says of the task itself is all there is.
  private static TaskStop end(Task task, List<TaskContainer> containers, @Nullable String reason) {
    TaskStop end = TaskLifecycle.ownEnd(task.lastStatus(), containers);
    boolean explained = containers.stream().anyMatch(container -> container.reason() != null);
    return end.code() == StopCode.TASK_FAILED_TO_START
            && !explained
            && reason != null
            && !reason.isEmpty()
        ? new TaskStop(end.code(), reason.substring(0, Math.min(MAX_REASON, reason.length())))
        : end;
  }

  /// What an agent's words mean; what it does not say, or says in words of later releases, moves
  /// nothing.
  private static @Nullable TaskStatus status(@Nullable String said) {
    return switch (Objects.requireNonNullElse(said, "")) {
      case "PENDING" -> TaskStatus.PENDING;
      case "RUNNING" -> TaskStatus.RUNNING;
      case "STOPPED" -> TaskStatus.STOPPED;
      default -> null;
    };
  }

  private static List<TaskContainer> apply(
      List<TaskContainer> containers, ContainerStateChange change) {
    List<TaskContainer> after = new ArrayList<>(containers);
    after.replaceAll(container ->
        container.name().equals(change.containerName()) ? apply(container, change) : container);
    return List.copyOf(after);
  }

  private static TaskContainer apply(TaskContainer container, ContainerStateChange change) {
    ContainerStatus said =
        switch (Objects.requireNonNullElse(change.status(), "")) {
          case "PENDING" -> ContainerStatus.PENDING;
          case "RUNNING" -> ContainerStatus.RUNNING;
          case "STOPPED" -> ContainerStatus.STOPPED;
          default -> container.lastStatus();
        };
    if (said.compareTo(container.lastStatus()) < 0) {
      // A report that was overtaken.
      return container;
    }
    if (container.lastStatus() == ContainerStatus.STOPPED
        && container.runtimeId() != null
        && change.runtimeId() != null
        && !container.runtimeId().equals(change.runtimeId())) {
      // Of another one, which an engine made in its place when its agent had given that up.
      return container;
    }
    String reason = change.reason();
    return new TaskContainer(
        container.name(),
        container.uuid(),
        container.image(),
        container.essential(),
        container.cpuUnits(),
        container.memoryMiB(),
        container.memoryReservationMiB(),
        said,
        change.exitCode() != null ? change.exitCode() : container.exitCode(),
        reason != null && !reason.isEmpty()
            ? reason.substring(0, Math.min(MAX_REASON, reason.length()))
            : container.reason(),
        change.runtimeId() != null ? change.runtimeId() : container.runtimeId(),
        change.imageDigest() != null ? change.imageDigest() : container.imageDigest(),
        change.networkBindings() != null && !change.networkBindings().isEmpty()
            ? change.networkBindings().stream().map(AgentOperations::binding).toList()
            : container.networkBindings(),
        said == ContainerStatus.STOPPED
            ? container.managedAgents().stream().map(ManagedAgent::stopped).toList()
            : container.managedAgents());
  }

  /// A managed agent may end and be started again while its container runs, so that any status may
  /// follow any other; in a container that has stopped none runs, whatever a late report says.
  private static List<TaskContainer> apply(
      List<TaskContainer> containers, ManagedAgentStateChange change, Context context) {
    ManagedAgentStatus said =
        switch (Objects.requireNonNullElse(change.status(), "")) {
          case "PENDING" -> ManagedAgentStatus.PENDING;
          case "RUNNING" -> ManagedAgentStatus.RUNNING;
          case "STOPPED" -> ManagedAgentStatus.STOPPED;
          default -> null;
        };
    String name = change.managedAgentName();
    List<TaskContainer> after = new ArrayList<>(containers);
    after.replaceAll(container -> {
      ManagedAgent before = name == null ? null : container.managedAgent(name);
      boolean over =
          container.lastStatus() == ContainerStatus.STOPPED && said != ManagedAgentStatus.STOPPED;
      if (!container.name().equals(change.containerName())
          || before == null
          || said == null
          || over) {
        return container;
      }
      String reason = change.reason();
      ManagedAgent now =
          new ManagedAgent(
              before.name(),
              said,
              said == ManagedAgentStatus.RUNNING && before.lastStatus() != said
                  ? context.now()
                  : before.lastStartedAt(),
              reason == null || reason.isEmpty()
                  ? null
                  : reason.substring(0, Math.min(MAX_REASON, reason.length())));
      List<ManagedAgent> all = new ArrayList<>(container.managedAgents());
      all.replaceAll(agent -> agent.name().equals(before.name()) ? now : agent);
      return container.withManagedAgents(all);
    });
    return List.copyOf(after);
  }

  private static NetworkBinding binding(dev.gantry.api.ecs.NetworkBinding binding) {
    return new NetworkBinding(
        Objects.requireNonNullElse(binding.bindIP(), "0.0.0.0"),
        Objects.requireNonNullElse(binding.containerPort(), 0),
        Objects.requireNonNullElse(binding.hostPort(), 0),
        Objects.requireNonNullElse(binding.protocol(), "tcp"));
  }
}

package dev.gantry.control.ecs;

import dev.gantry.api.ecs.Attribute;
import dev.gantry.api.ecs.ContainerInstance;
import dev.gantry.api.ecs.ContainerInstanceHealthStatus;
import dev.gantry.api.ecs.DeregisterContainerInstanceRequest;
import dev.gantry.api.ecs.DeregisterContainerInstanceResponse;
import dev.gantry.api.ecs.DescribeContainerInstancesRequest;
import dev.gantry.api.ecs.DescribeContainerInstancesResponse;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.Failure;
import dev.gantry.api.ecs.InstanceHealthCheckResult;
import dev.gantry.api.ecs.ListContainerInstancesRequest;
import dev.gantry.api.ecs.ListContainerInstancesResponse;
import dev.gantry.api.ecs.Resource;
import dev.gantry.api.ecs.UpdateContainerAgentRequest;
import dev.gantry.api.ecs.UpdateContainerAgentResponse;
import dev.gantry.api.ecs.UpdateContainerInstancesStateRequest;
import dev.gantry.api.ecs.UpdateContainerInstancesStateResponse;
import dev.gantry.api.ecs.VersionInfo;
import dev.gantry.control.Context;
import dev.gantry.control.Decision;
import dev.gantry.control.Head;
import dev.gantry.control.InstanceHealth;
import dev.gantry.control.OperationTable;
import dev.gantry.control.Snapshot;
import dev.gantry.model.Change;
import dev.gantry.model.ClusterId;
import dev.gantry.model.ContainerInstance.ContainerInstanceStatus;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.HostPort;
import dev.gantry.model.HostPort.Protocol;
import dev.gantry.model.PlatformDevice;
import dev.gantry.model.Resources;
import dev.gantry.model.StopCode;
import dev.gantry.model.Task;
import dev.gantry.model.TaskStatus;
import dev.gantry.model.TaskStop;
import dev.gantry.scheduler.query.ClusterQuery;
import dev.gantry.store.Group;
import dev.gantry.store.Index;
import dev.gantry.store.State;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Container instances as callers see them: ListContainerInstances, DescribeContainerInstances,
/// UpdateContainerInstancesState, DeregisterContainerInstance, UpdateContainerAgent.
///
/// Where a text is Amazon's, the line says where it was seen; the others are made after them.
public final class ContainerInstanceOperations {
  /// The most instances one DescribeContainerInstances names (API Reference).
  static final int MAX_DESCRIBED = 100;

  /// The most instances one UpdateContainerInstancesState names.
  static final int MAX_UPDATED = 10;

  private static final String HEALTH = "CONTAINER_INSTANCE_HEALTH";
  private static final String TAGS = "TAGS";
  private static final String GPU = "GPU";

  private ContainerInstanceOperations() {}

  /// Registers the operations.
  public static void register(OperationTable table) {
    table.query(Ecs.LIST_CONTAINER_INSTANCES, ContainerInstanceOperations::list);
    table.query(Ecs.DESCRIBE_CONTAINER_INSTANCES, ContainerInstanceOperations::describe);
    table.command(Ecs.UPDATE_CONTAINER_INSTANCES_STATE, ContainerInstanceOperations::updateState);
    table.command(Ecs.DEREGISTER_CONTAINER_INSTANCE, ContainerInstanceOperations::deregister);
    table.command(Ecs.UPDATE_CONTAINER_AGENT, ContainerInstanceOperations::updateAgent);
  }

  /// Without a state asked for, all are listed that are members of the cluster. Registering and
  /// deregistering take no time here, so that no instance is in one of the other states.
  private static ListContainerInstancesResponse list(
      Snapshot snapshot, ListContainerInstancesRequest input, Context context) {
    State state = snapshot.state();
    ClusterId cluster = EcsIds.activeCluster(state, context.scope(), input.cluster()).id();
    ClusterQuery filter = ClusterQueries.parse(input.filter());
    String status = input.status();
    Group<ContainerInstanceId, dev.gantry.model.ContainerInstance> all =
        state.group(Index.MEMBER_CONTAINER_INSTANCES, cluster);
    String collection =
        Pages.collection(
            Ecs.LIST_CONTAINER_INSTANCES.name(), cluster.name(), status, input.filter());
    String after = Pages.after(input.nextToken(), collection);
    Pages.Page<String> page =
        Pages.take(
            after == null
                ? all
                : all.after(new ContainerInstanceId(cluster.scope(), cluster.name(), after)),
            Pages.size(input.maxResults()),
            instance ->
                (status == null || status.equals(instance.status().name()))
                    && (filter == null
                        || filter.matches(
                            ClusterQueries.queried(state, snapshot.connected(), instance))),
            instance -> instance.id().id(),
            instance -> instance.id().arn());
    return ListContainerInstancesResponse.builder()
        .containerInstanceArns(page.items())
        .nextToken(page.nextToken(collection))
        .build();
  }

  private static DescribeContainerInstancesResponse describe(
      Snapshot snapshot, DescribeContainerInstancesRequest input, Context context) {
    ClusterId cluster =
        EcsIds.activeCluster(snapshot.state(), context.scope(), input.cluster()).id();
    List<String> names = named(input.containerInstances(), MAX_DESCRIBED);
    List<String> include = Objects.requireNonNullElse(input.include(), List.of());
    List<ContainerInstance> instances = new ArrayList<>();
    List<Failure> failures = new ArrayList<>();
    for (String name : names) {
      dev.gantry.model.ContainerInstance instance = find(snapshot.state(), cluster, name);
      if (instance == null) {
        failures.add(missing(cluster, name));
        continue;
      }
      boolean connected = snapshot.connected().contains(instance.id());
      ContainerInstance shown = show(snapshot.state(), instance, connected, include.contains(TAGS));
      instances.add(
          include.contains(HEALTH)
              ? shown.toBuilder()
                  .healthStatus(health(snapshot.health().get(instance.id()), connected))
                  .build()
              : shown);
    }
    return DescribeContainerInstancesResponse.builder()
        .containerInstances(instances)
        .failures(failures)
        .build();
  }

  /// The instances that a request names, each once. The texts are Amazon's
  /// (github.com/mapbox/ecs-watchbot, issue 81; github.com/minamijoyo/myaws, pull request 25;
  /// github.com/gchq/sleeper, issue 3387).
  private static List<String> named(@Nullable List<String> given, int max) {
    if (given == null || given.isEmpty()) {
      throw EcsErrors.invalidParameterException("Container instance cannot be empty.");
    }
    if (given.size() > max) {
      throw EcsErrors.invalidParameterException("instanceIds can have at most " + max + " items.");
    }
    return List.copyOf(new LinkedHashSet<>(given));
  }

  private static dev.gantry.model.@Nullable ContainerInstance find(
      State state, ClusterId cluster, String name) {
    ContainerInstanceId id = EcsIds.containerInstance(cluster, name);
    return id == null ? null : state.containerInstance(id);
  }

  private static Failure missing(ClusterId cluster, String name) {
    ContainerInstanceId id = EcsIds.containerInstance(cluster, name);
    return Failure.builder().arn(id == null ? name : id.arn()).reason("MISSING").build();
  }

  /// What the agent said last. What it said is old when it cannot be heard, so that nobody knows
  /// how the host is now.
  private static ContainerInstanceHealthStatus health(
      @Nullable InstanceHealth said, boolean connected) {
    InstanceHealth health = said == null ? InstanceHealth.UNKNOWN : said;
    InstanceHealth.Status overall =
        connected ? health.overall() : InstanceHealth.Status.INSUFFICIENT_DATA;
    return ContainerInstanceHealthStatus.builder()
        .overallStatus(overall.name())
        .details(
            health.checks().stream()
                .map(check ->
                    InstanceHealthCheckResult.builder()
                        .type(check.type())
                        .status(check.status().name())
                        .statusReason(check.reason())
                        .lastUpdated(check.lastUpdated())
                        .lastStatusChange(check.lastStatusChange())
                        .build())
                .toList())
        .build();
  }

  /// Both ways between ACTIVE and DRAINING. A DRAINING instance gets no more tasks and keeps those
  /// it has; no task belongs to a service here, so that none is replaced.
  private static Decision<UpdateContainerInstancesStateResponse> updateState(
      Head head, UpdateContainerInstancesStateRequest input, Context context) {
    State state = head.state();
    ClusterId cluster = EcsIds.activeCluster(state, context.scope(), input.cluster()).id();
    List<String> names = named(input.containerInstances(), MAX_UPDATED);
    ContainerInstanceStatus wanted =
        switch (Objects.requireNonNullElse(input.status(), "")) {
          case "ACTIVE" -> ContainerInstanceStatus.ACTIVE;
          case "DRAINING" -> ContainerInstanceStatus.DRAINING;
          default ->
              throw EcsErrors.invalidParameterException(
                  "Container instances can only be updated to the status ACTIVE or DRAINING.");
        };
    List<Change> changes = new ArrayList<>();
    List<ContainerInstance> instances = new ArrayList<>();
    List<Failure> failures = new ArrayList<>();
    for (String name : names) {
      dev.gantry.model.ContainerInstance instance = find(state, cluster, name);
      if (instance == null) {
        failures.add(missing(cluster, name));
      } else if (!instance.isMember()) {
        failures.add(Failure.builder().arn(instance.id().arn()).reason("INACTIVE").build());
      } else {
        dev.gantry.model.ContainerInstance after =
            instance.status() == wanted ? instance : instance.withStatus(wanted);
        if (instance.status() != wanted
            && changes.stream().noneMatch(change -> change.id().equals(after.id()))) {
          changes.add(new Change.Put(after));
        }
        instances.add(show(state, after, head.connected().contains(after.id()), false));
      }
    }
    return new Decision<>(
        changes,
        UpdateContainerInstancesStateResponse.builder()
            .containerInstances(instances)
            .failures(failures)
            .build());
  }

  private static Decision<DeregisterContainerInstanceResponse> deregister(
      Head head, DeregisterContainerInstanceRequest input, Context context) {
    State state = head.state();
    dev.gantry.model.ContainerInstance instance =
        member(state, context, input.cluster(), input.containerInstance());
    Group<?, Task> live = state.group(Index.LIVE_TASKS_BY_CONTAINER_INSTANCE, instance.id());
    boolean force = Boolean.TRUE.equals(input.force());
    if (!force && !live.isEmpty()) {
      throw EcsErrors.invalidParameterException("Found running tasks on the instance.");
    }
    List<Change> changes = new ArrayList<>();
    dev.gantry.model.ContainerInstance gone = instance.deregistered(context.now());
    changes.add(new Change.Put(gone));
    // The containers are orphans from now on: nobody will report their end
    // (DeregisterContainerInstance.force).
    for (Task task : live) {
      changes.add(
          new Change.Put(
              task.edit()
                  .stop(
                      new TaskStop(
                          StopCode.USER_INITIATED,
                          "Container instance deregistration forced by user"))
                  .lastStatus(TaskStatus.STOPPED)
                  .times(task.times().stoppingAt(context.now()).stoppedAt(context.now()))
                  .done()));
    }
    State after = state.apply(changes);
    return new Decision<>(
        changes,
        DeregisterContainerInstanceResponse.builder()
            .containerInstance(show(after, gone, head.connected().contains(gone.id()), true))
            .build());
  }

  /// This control plane has no agents to hand out, so that there never is an update. The text is
  /// Amazon's (github.com/aws/amazon-ecs-agent, issue 2287), that about a version which is not
  /// known follows the API Reference.
  private static Decision<UpdateContainerAgentResponse> updateAgent(
      Head head, UpdateContainerAgentRequest input, Context context) {
    dev.gantry.model.ContainerInstance instance =
        member(head.state(), context, input.cluster(), input.containerInstance());
    String version = instance.agentVersion();
    throw version == null || version.isEmpty()
        ? EcsErrors.missingVersionException(
            "Amazon ECS can't determine the current version of the container agent on the container"
                + " instance.")
        : EcsErrors.noUpdateAvailableException(
            "There is no update available for your container agent.");
  }

  private static dev.gantry.model.ContainerInstance member(
      State state, Context context, @Nullable String clusterName, @Nullable String name) {
    ClusterId cluster = EcsIds.activeCluster(state, context.scope(), clusterName).id();
    dev.gantry.model.ContainerInstance instance = name == null ? null : find(state, cluster, name);
    if (instance == null || !instance.isMember()) {
      throw EcsErrors.invalidParameterException(
          "Referenced container instance " + name + " not found.");
    }
    return instance;
  }

  /// A container instance as the API shows it. What remains is what was registered less what
  /// unstopped tasks take.
  static ContainerInstance show(
      State state, dev.gantry.model.ContainerInstance instance, boolean connected, boolean tags) {
    int cpuUnits = 0;
    int memoryMiB = 0;
    int running = 0;
    int pending = 0;
    TreeSet<HostPort> ports = new TreeSet<>(instance.registered().ports());
    for (Task task : state.group(Index.LIVE_TASKS_BY_CONTAINER_INSTANCE, instance.id())) {
      cpuUnits += task.reserved().cpuUnits();
      memoryMiB += task.reserved().memoryMiB();
      ports.addAll(task.reserved().ports());
      if (task.lastStatus() == TaskStatus.RUNNING) {
        running++;
      } else if (task.lastStatus().compareTo(TaskStatus.RUNNING) < 0) {
        pending++;
      }
    }
    Resources registered = instance.registered();
    return ContainerInstance.builder()
        .containerInstanceArn(instance.id().arn())
        .ec2InstanceId(instance.ec2InstanceId())
        .capacityProviderName(InstanceProviders.of(state, instance.id().clusterId()).of(instance))
        .version(instance.version())
        .versionInfo(
            VersionInfo.builder()
                .agentVersion(instance.agentVersion())
                .agentHash(instance.agentHash())
                .dockerVersion(instance.dockerVersion())
                .build())
        .registeredResources(resources(registered, instance.platformDevices()))
        .remainingResources(
            resources(
                new Resources(
                    registered.cpuUnits() - cpuUnits,
                    registered.memoryMiB() - memoryMiB,
                    List.copyOf(ports)),
                instance.platformDevices()))
        .status(instance.status().name())
        .agentConnected(connected)
        .runningTasksCount(running)
        .pendingTasksCount(pending)
        .attributes(
            instance.attributes().stream().map(ContainerInstanceOperations::attribute).toList())
        .registeredAt(instance.registeredAt())
        .attachments(List.of())
        .tags(tags ? Tags.show(instance.tags()) : List.of())
        .build();
  }

  private static Attribute attribute(dev.gantry.model.Attribute attribute) {
    return Attribute.builder()
        .name(attribute.name())
        .value(attribute.value().isEmpty() ? null : attribute.value())
        .build();
  }

  /// The kinds of resource of a host; the last of them only where there are any. No task can ask
  /// for a GPU here, so that what is registered of them remains.
  private static List<Resource> resources(Resources resources, List<PlatformDevice> devices) {
    List<Resource> all = new ArrayList<>();
    all.add(number("CPU", resources.cpuUnits()));
    all.add(number("MEMORY", resources.memoryMiB()));
    all.add(ports("PORTS", Protocol.TCP, resources));
    all.add(ports("PORTS_UDP", Protocol.UDP, resources));
    List<String> gpus =
        devices.stream()
            .filter(device -> device.type().equals(GPU))
            .map(PlatformDevice::id)
            .toList();
    if (!gpus.isEmpty()) {
      all.add(set(GPU, gpus));
    }
    return all;
  }

  private static Resource number(String name, int value) {
    return Resource.builder()
        .name(name)
        .type("INTEGER")
        .doubleValue(0.0)
        .longValue(0L)
        .integerValue(value)
        .build();
  }

  private static Resource ports(String name, Protocol protocol, Resources resources) {
    return set(
        name,
        resources.ports().stream()
            .filter(port -> port.protocol() == protocol)
            .map(port -> Integer.toString(port.port()))
            .toList());
  }

  private static Resource set(String name, List<String> values) {
    return Resource.builder()
        .name(name)
        .type("STRINGSET")
        .doubleValue(0.0)
        .longValue(0L)
        .integerValue(0)
        .stringSetValue(values)
        .build();
  }
}

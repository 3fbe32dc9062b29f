package dev.gantry.control.ecs;

import dev.gantry.api.ecs.Attribute;
import dev.gantry.api.ecs.ContainerInstance;
import dev.gantry.api.ecs.DeregisterContainerInstanceRequest;
import dev.gantry.api.ecs.DeregisterContainerInstanceResponse;
import dev.gantry.api.ecs.DescribeContainerInstancesRequest;
import dev.gantry.api.ecs.DescribeContainerInstancesResponse;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.Failure;
import dev.gantry.api.ecs.ListContainerInstancesRequest;
import dev.gantry.api.ecs.ListContainerInstancesResponse;
import dev.gantry.api.ecs.Resource;
import dev.gantry.api.ecs.VersionInfo;
import dev.gantry.control.Context;
import dev.gantry.control.Decision;
import dev.gantry.control.Head;
import dev.gantry.control.OperationTable;
import dev.gantry.control.Snapshot;
import dev.gantry.model.Change;
import dev.gantry.model.ClusterId;
import dev.gantry.model.ContainerInstance.ContainerInstanceStatus;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.HostPort;
import dev.gantry.model.HostPort.Protocol;
import dev.gantry.model.Resources;
import dev.gantry.model.StopCode;
import dev.gantry.model.Task;
import dev.gantry.model.TaskStatus;
import dev.gantry.model.TaskStop;
import dev.gantry.store.Group;
import dev.gantry.store.Index;
import dev.gantry.store.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;

/// Container instances as callers see them: ListContainerInstances, DescribeContainerInstances,
/// DeregisterContainerInstance.
public final class ContainerInstanceOperations {
  /// The most instances one DescribeContainerInstances names (API Reference).
  static final int MAX_DESCRIBED = 100;

  private ContainerInstanceOperations() {}

  /// Registers the operations.
  public static void register(OperationTable table) {
    table.query(Ecs.LIST_CONTAINER_INSTANCES, ContainerInstanceOperations::list);
    table.query(Ecs.DESCRIBE_CONTAINER_INSTANCES, ContainerInstanceOperations::describe);
    table.command(Ecs.DEREGISTER_CONTAINER_INSTANCE, ContainerInstanceOperations::deregister);
  }

  private static ListContainerInstancesResponse list(
      Snapshot snapshot, ListContainerInstancesRequest input, Context context) {
    State state = snapshot.state();
    ClusterId cluster = EcsIds.activeCluster(state, context.scope(), input.cluster()).id();
    Refusals no = new Refusals();
    no.unlessAbsent(input.filter(), "filter");
    no.check("ListContainerInstances");
    ContainerInstanceStatus status =
        switch (Objects.requireNonNullElse(input.status(), "ACTIVE")) {
          case "ACTIVE" -> ContainerInstanceStatus.ACTIVE;
          case "DRAINING" -> ContainerInstanceStatus.DRAINING;
          default -> ContainerInstanceStatus.INACTIVE;
        };
    Group<ContainerInstanceId, dev.gantry.model.ContainerInstance> all =
        state.group(Index.CONTAINER_INSTANCES, cluster, status);
    String after = Pages.after(input.nextToken());
    Pages.Page<String> page =
        Pages.take(
            after == null
                ? all
                : all.after(new ContainerInstanceId(cluster.scope(), cluster.name(), after)),
            Pages.size(input.maxResults()),
            instance -> true,
            instance -> instance.id().id(),
            instance -> instance.id().arn());
    return ListContainerInstancesResponse.builder()
        .containerInstanceArns(page.items())
        .nextToken(page.nextToken())
        .build();
  }

  private static DescribeContainerInstancesResponse describe(
      Snapshot snapshot, DescribeContainerInstancesRequest input, Context context) {
    ClusterId cluster =
        EcsIds.activeCluster(snapshot.state(), context.scope(), input.cluster()).id();
    List<String> names = input.containerInstances();
    if (names == null || names.isEmpty()) {
      throw EcsErrors.invalidParameterException("Container instances cannot be empty.");
    }
    if (names.size() > MAX_DESCRIBED) {
      throw EcsErrors.invalidParameterException(
          "containerInstances can have at most " + MAX_DESCRIBED + " items.");
    }
    boolean tags = input.include() != null && input.include().contains("TAGS");
    List<ContainerInstance> instances = new ArrayList<>();
    List<Failure> failures = new ArrayList<>();
    for (String name : names) {
      ContainerInstanceId id = EcsIds.containerInstance(cluster, name);
      dev.gantry.model.ContainerInstance instance =
          id == null ? null : snapshot.state().containerInstance(id);
      if (instance == null) {
        failures.add(Failure.builder().arn(id == null ? name : id.arn()).reason("MISSING").build());
      } else {
        instances.add(
            show(snapshot.state(), instance, snapshot.connected().contains(instance.id()), tags));
      }
    }
    return DescribeContainerInstancesResponse.builder()
        .containerInstances(instances)
        .failures(failures)
        .build();
  }

  private static Decision<DeregisterContainerInstanceResponse> deregister(
      Head head, DeregisterContainerInstanceRequest input, Context context) {
    State state = head.state();
    ClusterId cluster = EcsIds.activeCluster(state, context.scope(), input.cluster()).id();
    String name = input.containerInstance();
    ContainerInstanceId id = name == null ? null : EcsIds.containerInstance(cluster, name);
    dev.gantry.model.ContainerInstance instance = id == null ? null : state.containerInstance(id);
    if (instance == null || instance.status() == ContainerInstanceStatus.INACTIVE) {
      throw EcsErrors.invalidParameterException(
          "Referenced container instance " + name + " not found.");
    }
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
    return new Decision<>(
        changes,
        DeregisterContainerInstanceResponse.builder()
            .containerInstance(show(state, gone, head.connected().contains(gone.id()), true))
            .build());
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
        .version(instance.version())
        .versionInfo(
            VersionInfo.builder()
                .agentVersion(instance.agentVersion())
                .agentHash(instance.agentHash())
                .dockerVersion(instance.dockerVersion())
                .build())
        .registeredResources(resources(registered))
        .remainingResources(
            resources(
                new Resources(
                    registered.cpuUnits() - cpuUnits,
                    registered.memoryMiB() - memoryMiB,
                    List.copyOf(ports))))
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

  private static List<Resource> resources(Resources resources) {
    return List.of(
        number("CPU", resources.cpuUnits()),
        number("MEMORY", resources.memoryMiB()),
        ports("PORTS", Protocol.TCP, resources),
        ports("PORTS_UDP", Protocol.UDP, resources));
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
    return Resource.builder()
        .name(name)
        .type("STRINGSET")
        .doubleValue(0.0)
        .longValue(0L)
        .integerValue(0)
        .stringSetValue(
            resources.ports().stream()
                .filter(port -> port.protocol() == protocol)
                .map(port -> Integer.toString(port.port()))
                .toList())
        .build();
  }
}

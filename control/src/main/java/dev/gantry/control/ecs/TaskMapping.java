package dev.gantry.control.ecs;

import dev.gantry.api.ecs.Attribute;
import dev.gantry.api.ecs.Container;
import dev.gantry.api.ecs.ContainerOverride;
import dev.gantry.api.ecs.ManagedAgent;
import dev.gantry.api.ecs.NetworkBinding;
import dev.gantry.api.ecs.Task;
import dev.gantry.api.ecs.TaskOverride;
import dev.gantry.control.Head;
import dev.gantry.control.Snapshot;
import dev.gantry.model.ContainerInstance;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.TaskContainer;
import dev.gantry.model.TaskId;
import dev.gantry.model.TaskStatus;
import dev.gantry.store.OrderedSet;
import dev.gantry.store.State;
import dev.gantry.wire.json.AwsJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Tasks as the API shows them at one moment.
///
/// @param state where a task's instance is looked up, whose zone and processor it has
/// @param connected the instances whose agent is connected
record TaskMapping(State state, OrderedSet<ContainerInstanceId> connected) {
  /// A task that gave no overrides.
  static final String NO_OVERRIDES = "{\"containerOverrides\":[]}";

  private static final String ZONE = "ecs.availability-zone";
  private static final String PROCESSOR = "ecs.cpu-architecture";

  static TaskMapping of(Head head) {
    return new TaskMapping(head.state(), head.connected());
  }

  static TaskMapping of(Snapshot snapshot) {
    return new TaskMapping(snapshot.state(), snapshot.connected());
  }

  /// @param tags whether to show the tags
  Task show(dev.gantry.model.Task task, boolean tags) {
    TaskId id = task.id();
    ContainerInstanceId instance = task.containerInstance();
    String processor = attribute(instance, PROCESSOR);
    return Task.builder()
        .attachments(List.of())
        .attributes(
            processor == null
                ? List.of()
                : List.of(Attribute.builder().name(PROCESSOR).value(processor).build()))
        .availabilityZone(attribute(instance, ZONE))
        .capacityProviderName(task.origin().capacityProvider())
        .clusterArn(id.clusterId().arn())
        .connectivity(connectivity(task))
        .connectivityAt(task.times().connectivityAt())
        .containerInstanceArn(instance == null ? null : instance.arn())
        .containers(task.containers().stream().map(c -> container(id, c)).toList())
        .cpu(Integer.toString(task.reserved().cpuUnits()))
        .createdAt(task.times().createdAt())
        .desiredStatus(task.desiredStatus().name())
        .enableExecuteCommand(task.origin().executeCommand())
        .executionStoppedAt(task.times().executionStoppedAt())
        .group(task.origin().group())
        .healthStatus("UNKNOWN")
        .inferenceAccelerators(List.of())
        .lastStatus(task.lastStatus().name())
        .launchType(task.origin().launchType().name())
        .memory(Integer.toString(task.reserved().memoryMiB()))
        .overrides(overrides(task))
        .pullStartedAt(task.times().pullStartedAt())
        .pullStoppedAt(task.times().pullStoppedAt())
        .startedAt(task.times().startedAt())
        .startedBy(task.origin().startedBy())
        .stopCode(task.stop() == null ? null : task.stop().code().spelling())
        .stoppedAt(task.times().stoppedAt())
        .stoppedReason(task.stop() == null ? null : task.stop().reason())
        .stoppingAt(task.times().stoppingAt())
        .tags(tags ? Tags.show(task.tags()) : List.of())
        .taskArn(id.arn())
        .taskDefinitionArn(task.taskDefinition().arn())
        .version(task.version())
        .build();
  }

  /// Nothing until its agent took it; then whether that agent can be reached now. What has stopped
  /// keeps what it last was.
  private @Nullable String connectivity(dev.gantry.model.Task task) {
    if (task.times().connectivityAt() == null) {
      return null;
    }
    ContainerInstanceId instance = task.containerInstance();
    return task.lastStatus() == TaskStatus.STOPPED
            || (instance != null && connected.contains(instance))
        ? "CONNECTED"
        : "DISCONNECTED";
  }

  private @Nullable String attribute(@Nullable ContainerInstanceId id, String name) {
    ContainerInstance instance = id == null ? null : state.containerInstance(id);
    if (instance != null) {
      for (dev.gantry.model.Attribute attribute : instance.attributes()) {
        if (attribute.name().equals(name) && !attribute.value().isEmpty()) {
          return attribute.value();
        }
      }
    }
    return null;
  }

  /// The overrides that were given, and an empty one for each container that was given none.
  private static TaskOverride overrides(dev.gantry.model.Task task) {
    TaskOverride given = AwsJson.decode(TaskOverride.SHAPE, task.origin().overrides());
    List<ContainerOverride> containers =
        new ArrayList<>(
            Objects.requireNonNullElse(given.containerOverrides(), List.<ContainerOverride>of()));
    for (TaskContainer container : task.containers()) {
      if (containers.stream().noneMatch(one -> container.name().equals(one.name()))) {
        containers.add(ContainerOverride.builder().name(container.name()).build());
      }
    }
    return given.toBuilder()
        .containerOverrides(containers)
        .inferenceAcceleratorOverrides(
            Objects.requireNonNullElse(given.inferenceAcceleratorOverrides(), List.of()))
        .build();
  }

  private static Container container(TaskId task, TaskContainer container) {
    return Container.builder()
        .containerArn(container.arn(task))
        .taskArn(task.arn())
        .name(container.name())
        .image(container.image())
        .imageDigest(container.imageDigest())
        .runtimeId(container.runtimeId())
        .lastStatus(container.lastStatus().name())
        .exitCode(container.exitCode())
        .reason(container.reason())
        .networkBindings(container.networkBindings().stream().map(TaskMapping::binding).toList())
        .networkInterfaces(List.of())
        .managedAgents(
            container.managedAgents().isEmpty()
                ? null
                : container.managedAgents().stream().map(TaskMapping::managedAgent).toList())
        .healthStatus("UNKNOWN")
        .cpu(Integer.toString(container.cpuUnits()))
        .memory(text(container.memoryMiB()))
        .memoryReservation(text(container.memoryReservationMiB()))
        .build();
  }

  private static ManagedAgent managedAgent(dev.gantry.model.ManagedAgent agent) {
    return ManagedAgent.builder()
        .lastStartedAt(agent.lastStartedAt())
        .name(agent.name())
        .reason(agent.reason())
        .lastStatus(agent.lastStatus().name())
        .build();
  }

  private static NetworkBinding binding(dev.gantry.model.NetworkBinding binding) {
    return NetworkBinding.builder()
        .bindIP(binding.bindIp())
        .containerPort(binding.containerPort())
        .hostPort(binding.hostPort())
        .protocol(binding.protocol())
        .build();
  }

  private static @Nullable String text(@Nullable Integer number) {
    return number == null ? null : number.toString();
  }
}

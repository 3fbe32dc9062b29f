package dev.gantry.control.ecs;

import dev.gantry.api.ecs.Container;
import dev.gantry.api.ecs.NetworkBinding;
import dev.gantry.api.ecs.Task;
import dev.gantry.api.ecs.TaskOverride;
import dev.gantry.model.TaskContainer;
import dev.gantry.model.TaskId;
import dev.gantry.wire.json.AwsJson;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A task as the API shows it.
final class TaskMapping {
  /// A task that gave no overrides.
  static final String NO_OVERRIDES = "{\"containerOverrides\":[]}";

  private TaskMapping() {}

  /// @param tags whether to show the tags
  static Task show(dev.gantry.model.Task task, boolean tags) {
    TaskId id = task.id();
    return Task.builder()
        .attachments(List.of())
        .attributes(List.of())
        .clusterArn(id.clusterId().arn())
        .connectivity(task.times().connectivityAt() == null ? null : "CONNECTED")
        .connectivityAt(task.times().connectivityAt())
        .containerInstanceArn(
            task.containerInstance() == null ? null : task.containerInstance().arn())
        .containers(task.containers().stream().map(c -> container(id, c)).toList())
        .cpu(Integer.toString(task.reserved().cpuUnits()))
        .createdAt(task.times().createdAt())
        .desiredStatus(task.desiredStatus().name())
        .enableExecuteCommand(false)
        .executionStoppedAt(task.times().executionStoppedAt())
        .group(task.origin().group())
        .healthStatus("UNKNOWN")
        .lastStatus(task.lastStatus().name())
        .launchType(task.origin().launchType().name())
        .memory(Integer.toString(task.reserved().memoryMiB()))
        .overrides(AwsJson.decode(TaskOverride.SHAPE, task.origin().overrides()))
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
        .healthStatus("UNKNOWN")
        .cpu(Integer.toString(container.cpuUnits()))
        .memory(text(container.memoryMiB()))
        .memoryReservation(text(container.memoryReservationMiB()))
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

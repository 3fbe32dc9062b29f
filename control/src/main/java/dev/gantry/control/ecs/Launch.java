package dev.gantry.control.ecs;

import dev.gantry.api.ecs.NetworkConfiguration;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.StartTaskRequest;
import dev.gantry.api.ecs.Tag;
import dev.gantry.api.ecs.TaskOverride;
import dev.gantry.api.ecs.TaskVolumeConfiguration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What RunTask and StartTask ask for alike: everything but how many tasks go where.
///
/// @param operation RunTask or StartTask, for refusals
/// @param token the client token of the call, or null
record Launch(
    String operation,
    @Nullable String cluster,
    @Nullable String taskDefinition,
    @Nullable String group,
    @Nullable String startedBy,
    @Nullable String referenceId,
    @Nullable String token,
    @Nullable TaskOverride overrides,
    @Nullable List<Tag> tags,
    @Nullable String propagateTags,
    boolean managedTags,
    boolean executeCommand,
    @Nullable NetworkConfiguration network,
    @Nullable List<TaskVolumeConfiguration> volumes) {

  static Launch of(RunTaskRequest input) {
    return new Launch(
        "RunTask",
        input.cluster(),
        input.taskDefinition(),
        input.group(),
        input.startedBy(),
        input.referenceId(),
        input.clientToken(),
        input.overrides(),
        input.tags(),
        input.propagateTags(),
        Objects.requireNonNullElse(input.enableECSManagedTags(), false),
        Objects.requireNonNullElse(input.enableExecuteCommand(), false),
        input.networkConfiguration(),
        input.volumeConfigurations());
  }

  static Launch of(StartTaskRequest input) {
    return new Launch(
        "StartTask",
        input.cluster(),
        input.taskDefinition(),
        input.group(),
        input.startedBy(),
        input.referenceId(),
        null,
        input.overrides(),
        input.tags(),
        input.propagateTags(),
        Objects.requireNonNullElse(input.enableECSManagedTags(), false),
        Objects.requireNonNullElse(input.enableExecuteCommand(), false),
        input.networkConfiguration(),
        input.volumeConfigurations());
  }
}

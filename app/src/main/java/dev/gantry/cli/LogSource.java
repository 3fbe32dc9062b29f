package dev.gantry.cli;

import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.LogConfiguration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where one container's output is to be found.
///
/// @param container the container's name
/// @param group the log group
/// @param region the region it lies in
/// @param prefix the stream prefix, or null: the stream is then named by the container's runtime id
record LogSource(String container, String group, String region, @Nullable String prefix) {

  /// The stream of one task, as the `awslogs` driver and ECS's agent name it; null while it cannot
  /// be known yet.
  ///
  /// @param taskId the last part of the task's ARN
  /// @param runtimeId the container's id in the engine, or null while there is none
  @Nullable String stream(String taskId, @Nullable String runtimeId) {
    return prefix == null ? runtimeId : prefix + "/" + container + "/" + taskId;
  }

  /// The sources of a task definition's containers, in its order; those whose output goes elsewhere
  /// are left out.
  static List<LogSource> of(List<ContainerDefinition> containers, String region) {
    List<LogSource> sources = new ArrayList<>();
    for (ContainerDefinition container : containers) {
      LogConfiguration log = container.logConfiguration();
      if (log == null || !"awslogs".equals(log.logDriver()) || container.name() == null) {
        continue;
      }
      Map<String, String> options = log.options() == null ? Map.of() : log.options();
      String group = options.get("awslogs-group");
      if (group != null) {
        sources.add(
            new LogSource(
                container.name(),
                group,
                options.getOrDefault("awslogs-region", region),
                options.get("awslogs-stream-prefix")));
      }
    }
    return List.copyOf(sources);
  }
}

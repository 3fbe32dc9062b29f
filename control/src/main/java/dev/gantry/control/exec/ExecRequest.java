package dev.gantry.control.exec;

import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.TaskContainer;
import dev.gantry.model.TaskId;
import org.jspecify.annotations.Nullable;

/// A session that was asked for and that nothing forbids.
///
/// @param runtimeId the engine's id of the container
/// @param log where its output is written, or null
/// @param host where the caller reached us, so that the session's own address is reached as well
public record ExecRequest(
    TaskId task,
    TaskContainer container,
    ContainerInstanceId instance,
    String runtimeId,
    String command,
    @Nullable Log log,
    String host) {

  /// A log group.
  ///
  /// @param region the group's, or null for the task's own
  public record Log(String group, @Nullable String region) {}

  /// How Amazon's clients name a container: `ecs:<cluster>_<task>_<runtime id>`.
  public String target() {
    return "ecs:" + task.cluster() + "_" + task.id() + "_" + runtimeId;
  }

  @Override
  public String toString() {
    // Commands carry passwords.
    return "ExecRequest[" + container.arn(task) + "]";
  }
}

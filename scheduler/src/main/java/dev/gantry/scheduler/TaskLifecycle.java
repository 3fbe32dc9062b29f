package dev.gantry.scheduler;

import dev.gantry.model.ContainerStatus;
import dev.gantry.model.StopCode;
import dev.gantry.model.TaskContainer;
import dev.gantry.model.TaskStatus;
import dev.gantry.model.TaskStop;
import java.util.List;

/// The life of a task as one table, and the reasons for its end.
///
/// A task only ever moves forward (Task lifecycle, Amazon ECS Developer Guide). States may be
/// skipped, because an agent reports late and in summary; none is ever revisited. Everything the
/// table does not allow is illegal.
public final class TaskLifecycle {
  /// What ECS says when an essential container ended by itself (Stopped task error messages).
  public static final String ESSENTIAL_CONTAINER_EXITED = "Essential container in task exited";

  /// What ECS says when a container of a task on EC2 capacity could not be started; the container's
  /// own reason has the details.
  public static final String TASK_FAILED_TO_START = "Task failed to start";

  /// What ECS says when StopTask gave no reason.
  public static final String STOPPED_BY_USER = "Task stopped by user";

  private TaskLifecycle() {}

  /// Whether a task may move from one state to the other. Staying is not a move.
  public static boolean mayMove(TaskStatus from, TaskStatus to) {
    return switch (from) {
      case PROVISIONING, PENDING, ACTIVATING, RUNNING, DEACTIVATING, STOPPING, DEPROVISIONING ->
          to.compareTo(from) > 0;
      case STOPPED -> false;
    };
  }

  /// Whether a container may move from one state to the other. Staying is not a move.
  public static boolean mayMove(ContainerStatus from, ContainerStatus to) {
    return to.compareTo(from) > 0;
  }

  /// Why a task ended that nobody asked to stop.
  ///
  /// A task that had reached RUNNING, or whose essential containers all ran and one of them ended,
  /// exited; any other failed to start. The agent does not say which: it reports containers, and
  /// this is the conclusion.
  ///
  /// @param before the task's state before the report of its end
  /// @param containers the containers, with that report applied
  public static TaskStop ownEnd(TaskStatus before, List<TaskContainer> containers) {
    boolean everRan = before.compareTo(TaskStatus.RUNNING) >= 0;
    boolean essentialExited =
        containers.stream().anyMatch(c -> c.essential() && c.exitCode() != null);
    boolean neverStarted =
        containers.stream()
            .anyMatch(c ->
                c.lastStatus() == ContainerStatus.STOPPED
                    && c.exitCode() == null
                    && c.reason() != null);
    return everRan || (essentialExited && !neverStarted)
        ? new TaskStop(StopCode.ESSENTIAL_CONTAINER_EXITED, ESSENTIAL_CONTAINER_EXITED)
        : new TaskStop(StopCode.TASK_FAILED_TO_START, TASK_FAILED_TO_START);
  }

  /// Whether the end of these containers ends their task: an essential one has stopped, or all
  /// have.
  public static boolean endsTask(List<TaskContainer> containers) {
    boolean all = !containers.isEmpty();
    for (TaskContainer container : containers) {
      boolean stopped = container.lastStatus() == ContainerStatus.STOPPED;
      if (stopped && container.essential()) {
        return true;
      }
      all &= stopped;
    }
    return all;
  }
}

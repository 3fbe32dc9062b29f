package dev.gantry.agent;

import dev.gantry.agent.TaskActivity.ContainerActivity;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Everything about one task: what it is to be, what is known for good, what is in flight.
///
/// Immutable. It has one owner, [TaskSupervisor], which replaces it after each event; that is why
/// nothing here needs a lock.
record TaskState(TaskPlan plan, TaskRecord record, TaskActivity activity) {

  TaskState {
    int count = plan.containers().size();
    if (record.containers().size() != count || activity.containers().size() != count) {
      throw new IllegalArgumentException("plan, record and activity differ in their containers");
    }
  }

  /// A task that was just taken.
  ///
  /// @param engineNames one for each container
  static TaskState taken(TaskPlan plan, boolean wanted, List<String> engineNames) {
    List<ContainerRecord> containers = new ArrayList<>();
    for (String name : engineNames) {
      containers.add(ContainerRecord.fresh(name));
    }
    TaskRecord record =
        new TaskRecord(wanted, false, containers, null, null, null, null, Status.NONE);
    return new TaskState(plan, record, TaskActivity.none(containers.size(), null));
  }

  /// A task as its file has it, nothing in flight. An image that was there may be gone by now.
  static TaskState loaded(TaskPlan plan, TaskRecord record) {
    TaskDraft draft =
        new TaskDraft(
            new TaskState(plan, record, TaskActivity.none(record.containers().size(), record)));
    for (TaskDraft.ContainerDraft container : draft.containers) {
      if (container.phase == Phase.PULLED) {
        container.phase = Phase.NONE;
      }
    }
    return draft.toState();
  }

  int size() {
    return plan.containers().size();
  }

  ContainerPlan plan(int container) {
    return plan.containers().get(container);
  }

  ContainerRecord record(int container) {
    return record.containers().get(container);
  }

  ContainerActivity activity(int container) {
    return activity.containers().get(container);
  }

  /// True if the container is to end, or not to begin.
  boolean unwanted(int container) {
    return !record.wanted() || record(container).condemned();
  }

  /// True if a container is on its way to being made.
  boolean unborn() {
    for (int i = 0; i < size(); i++) {
      Phase phase = record(i).phase();
      if ((phase == Phase.NONE || phase == Phase.PULLED) && !unwanted(i)) {
        return true;
      }
    }
    return false;
  }

  /// The name of the container's log stream; null if its output is not shipped, or the name hangs
  /// on a container id that is not known yet.
  @Nullable String logStream(int container) {
    return switch (plan(container).log()) {
      case LogPlan.Engine _ -> null;
      case LogPlan.Shipped shipped ->
          shipped.streamName(plan(container).name(), plan.taskId(), record(container).runtimeId());
    };
  }

  /// True once nothing of any container's output is left to be shipped.
  boolean silent() {
    for (int i = 0; i < size(); i++) {
      if (!record(i).silent(plan(i).log())) {
        return false;
      }
    }
    return true;
  }

  /// True if the engine is being asked how a container stands.
  boolean uncertain() {
    for (ContainerActivity container : activity.containers()) {
      if (container.inspect() || container.doing() == TaskActivity.Doing.INSPECTING) {
        return true;
      }
    }
    return false;
  }

  /// True if the container publishes ports that the engine has not told yet.
  boolean bindingsMissing(int container) {
    return !plan(container).ports().isEmpty()
        && record(container).bindings() == null
        && record(container).phase() == Phase.RUNNING;
  }
}

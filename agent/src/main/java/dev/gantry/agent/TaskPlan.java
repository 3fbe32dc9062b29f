package dev.gantry.agent;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a task is to be, as its payload asked.
///
/// @param arn the task's ARN
/// @param clusterArn its cluster's ARN, or the name that the payload gave
/// @param networkMode `bridge`, `host` or `none`
/// @param containers at least one, in the payload's order
/// @param payload the payload's task object, without credentials, as it is kept on disk; null for a
///   task whose file was lost and that was adopted from its containers' labels
record TaskPlan(
    String arn,
    String clusterArn,
    String family,
    String version,
    String networkMode,
    List<ContainerPlan> containers,
    @Nullable String payload) {

  /// More containers than this in one task are refused; ECS allows ten.
  static final int MAX_CONTAINERS = 64;

  TaskPlan {
    if (containers.isEmpty() || containers.size() > MAX_CONTAINERS) {
      throw new IllegalArgumentException(
          "a task has 1 to " + MAX_CONTAINERS + " containers, not " + containers.size());
    }
    containers = List.copyOf(containers);
    Set<String> names = new LinkedHashSet<>();
    for (ContainerPlan container : containers) {
      if (!names.add(container.name())) {
        throw new IllegalArgumentException("two containers are named " + container.name());
      }
    }
  }

  /// True if commands may be run in some container.
  boolean execEnabled() {
    for (ContainerPlan container : containers) {
      if (container.execEnabled()) {
        return true;
      }
    }
    return false;
  }

  /// The last part of the ARN.
  String taskId() {
    return arn.substring(arn.lastIndexOf('/') + 1);
  }

  /// The place of the container of that name, or -1.
  int indexOf(String container) {
    for (int i = 0; i < containers.size(); i++) {
      if (containers.get(i).name().equals(container)) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public String toString() {
    return "TaskPlan[" + arn + ", containers=" + containers + "]";
  }
}

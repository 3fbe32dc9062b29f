package dev.gantry.control.ecs;

import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.model.ContainerInstance;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.Task;
import dev.gantry.model.TaskStatus;
import dev.gantry.scheduler.query.ClusterQuery;
import dev.gantry.scheduler.query.QueriedInstance;
import dev.gantry.scheduler.query.QuerySyntaxException;
import dev.gantry.store.Index;
import dev.gantry.store.OrderedSet;
import dev.gantry.store.State;
import dev.gantry.wire.shape.ServiceException;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Expressions of the cluster query language as requests have them, and what they are asked of.
final class ClusterQueries {
  private ClusterQueries() {}

  /// @return null if there is no expression, which chooses every instance
  /// @throws ServiceException InvalidParameterException if it is none
  static @Nullable ClusterQuery parse(@Nullable String expression) {
    if (expression == null || expression.isEmpty()) {
      return null;
    }
    try {
      return ClusterQuery.parse(expression);
    } catch (QuerySyntaxException e) {
      throw EcsErrors.invalidParameterException(String.valueOf(e.getMessage()));
    }
  }

  /// What of an instance an expression can ask.
  static QueriedInstance queried(
      State state, OrderedSet<ContainerInstanceId> connected, ContainerInstance instance) {
    int running = 0;
    SortedSet<String> groups = new TreeSet<>();
    for (Task task : state.group(Index.LIVE_TASKS_BY_CONTAINER_INSTANCE, instance.id())) {
      running += task.lastStatus() == TaskStatus.RUNNING ? 1 : 0;
      groups.add(task.origin().group());
    }
    return new QueriedInstance(
        connected.contains(instance.id()),
        instance.agentVersion(),
        instance.ec2InstanceId(),
        instance.registeredAt(),
        running,
        instance.attributes(),
        groups);
  }
}

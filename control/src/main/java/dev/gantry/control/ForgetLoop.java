package dev.gantry.control;

import dev.gantry.control.ecs.TaskDefinitionOperations;
import dev.gantry.model.Change;
import dev.gantry.model.ClientToken;
import dev.gantry.model.ClientTokenId;
import dev.gantry.model.EntityId;
import dev.gantry.model.Task;
import dev.gantry.model.TaskDefinition;
import dev.gantry.model.TaskDefinitionId;
import dev.gantry.model.TaskId;
import dev.gantry.store.Index;
import dev.gantry.store.OrderedMap;
import dev.gantry.store.OrderedSet;
import dev.gantry.store.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Forgets what is over for long enough: stopped tasks, deregistered container instances, deleted
/// clusters and capacity providers, deleted task definitions, client tokens. Each index by time has
/// the next one to be forgotten in front, so a turn looks at nothing else.
final class ForgetLoop {
  /// A stopped task stays describable for at least an hour (DescribeTasks, Amazon ECS API
  /// Reference).
  static final Duration STOPPED_TASK = Duration.ofHours(1);

  /// A deregistered container instance stays describable for an hour (Amazon ECS Developer Guide,
  /// container instance life cycle).
  static final Duration INACTIVE_INSTANCE = Duration.ofHours(1);

  /// A deleted cluster stays discoverable for a while, which may change (DeleteCluster).
  static final Duration INACTIVE_CLUSTER = Duration.ofHours(1);

  /// A deleted capacity provider is shown INACTIVE for a while.
  static final Duration INACTIVE_PROVIDER = Duration.ofHours(1);

  /// How often it is looked whether a task definition that was deleted is still referred to.
  static final Duration LOOK_AGAIN = TaskDefinitionOperations.DELETE_IN_PROGRESS;

  /// The most that one turn forgets.
  static final int MAX_PER_TURN = 200;

  private ForgetLoop() {}

  /// What to forget now, and when to look again.
  record Turn(List<Change> changes, @Nullable Instant wakeAt) {}

  static Turn turn(Instant now, State head) {
    List<Change> changes = new ArrayList<>();
    Instant next = null;
    next = due(now, head.groups(Index.TASKS_BY_STOPPED_AT), STOPPED_TASK, changes, next);
    next =
        due(
            now,
            head.groups(Index.CONTAINER_INSTANCES_BY_INACTIVE_SINCE),
            INACTIVE_INSTANCE,
            changes,
            next);
    next = due(now, head.groups(Index.CLUSTERS_BY_INACTIVE_SINCE), INACTIVE_CLUSTER, changes, next);
    next =
        due(
            now,
            head.groups(Index.CAPACITY_PROVIDERS_BY_INACTIVE_SINCE),
            INACTIVE_PROVIDER,
            changes,
            next);
    next = due(now, head.groups(Index.CLIENT_TOKENS_BY_LATEST_END), Duration.ZERO, changes, next);
    next = definitions(now, head, changes, next);
    forgetTokensOf(head, changes);
    return new Turn(changes, next);
  }

  private static <I extends EntityId> @Nullable Instant due(
      Instant now,
      OrderedMap<Instant, OrderedSet<I>> groups,
      Duration keep,
      List<Change> changes,
      @Nullable Instant next) {
    OrderedMap.Entry<Instant, OrderedSet<I>> group = groups.first();
    while (group != null) {
      Instant at = group.key().plus(keep);
      if (at.isAfter(now) || changes.size() >= MAX_PER_TURN) {
        return next == null || at.isBefore(next) ? at : next;
      }
      for (I id : group.value()) {
        changes.add(new Change.Remove(id));
      }
      group = groups.firstAfter(group.key());
    }
    return next;
  }

  /// A task definition that was deleted goes when no task refers to it, a stopped one that is still
  /// remembered included (DeleteTaskDefinitions, Amazon ECS API Reference).
  private static @Nullable Instant definitions(
      Instant now, State head, List<Change> changes, @Nullable Instant next) {
    var groups = head.groups(Index.TASK_DEFINITIONS_BY_REMOVABLE_AT);
    var group = groups.first();
    while (group != null) {
      if (group.key().isAfter(now) || changes.size() >= MAX_PER_TURN) {
        return next == null || group.key().isBefore(next) ? group.key() : next;
      }
      for (TaskDefinitionId id : group.value()) {
        TaskDefinition definition = head.taskDefinition(id);
        boolean referredTo = !head.group(Index.TASKS_BY_TASK_DEFINITION, id).isEmpty();
        if (referredTo && definition != null) {
          Instant again = now.plus(LOOK_AGAIN);
          changes.add(new Change.Put(definition.stillReferredTo(again)));
          next = next == null || again.isBefore(next) ? again : next;
        } else {
          changes.add(new Change.Remove(id));
        }
      }
      group = groups.firstAfter(group.key());
    }
    return next;
  }

  /// A token goes with the last of its tasks: its time to live is the life of the task and an hour,
  /// as a stopped task's is.
  private static void forgetTokensOf(State head, List<Change> changes) {
    for (Change change : List.copyOf(changes)) {
      if (change.id() instanceof TaskId id) {
        Task task = head.task(id);
        ClientTokenId token = task == null ? null : task.origin().clientToken(id.clusterId());
        ClientToken remembered = token == null ? null : head.clientToken(token);
        if (remembered != null
            && changes.stream().noneMatch(c -> c.id().equals(remembered.id()))
            && remembered.tasks().stream()
                .allMatch(other ->
                    head.task(other) == null
                        || changes.stream().anyMatch(c -> c.id().equals(other)))) {
          changes.add(new Change.Remove(remembered.id()));
        }
      }
    }
  }
}

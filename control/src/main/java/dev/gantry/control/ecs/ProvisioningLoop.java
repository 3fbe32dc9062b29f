package dev.gantry.control.ecs;

import dev.gantry.api.ecs.TaskOverride;
import dev.gantry.control.Head;
import dev.gantry.model.CapacityProviderId;
import dev.gantry.model.Change;
import dev.gantry.model.ClusterId;
import dev.gantry.model.ContainerInstance;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.DesiredStatus;
import dev.gantry.model.EntityId;
import dev.gantry.model.StopCode;
import dev.gantry.model.Task;
import dev.gantry.model.TaskContainer;
import dev.gantry.model.TaskDefinition;
import dev.gantry.model.TaskId;
import dev.gantry.model.TaskStatus;
import dev.gantry.model.TaskStop;
import dev.gantry.scheduler.InstanceView;
import dev.gantry.scheduler.Provisioning;
import dev.gantry.scheduler.TaskDemand;
import dev.gantry.store.Index;
import dev.gantry.store.State;
import dev.gantry.wire.json.AwsJson;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Finds places for the tasks that wait for one, and ends those that were stopped meanwhile.
///
/// Level-triggered, a cluster at a time: whatever might make room marks its cluster, and a turn
/// looks at all that waits in it once more. What is marked in vain costs one look into an index. A
/// restart marks every cluster in which anything waits. The decision itself is [Provisioning].
///
/// Part of the control plane's core: called by the writer alone, with the time as an argument.
public final class ProvisioningLoop {
  /// How long after its start the control plane gives nobody up: longer than the longest pause of
  /// an agent between two attempts to connect.
  static final Duration PATIENCE = Duration.ofMinutes(3);

  /// The most clusters of one turn.
  static final int MAX_CLUSTERS_PER_TURN = 32;

  /// The most actions in one cluster of one turn.
  static final int MAX_ACTIONS = 100;

  private static final Comparator<Task> ARRIVAL =
      Comparator.comparing((Task task) -> task.times().createdAt()).thenComparing(Task::id);

  private final Definitions definitions = new Definitions();
  private final TreeSet<ClusterId> marked = new TreeSet<>();
  private final TreeMap<ClusterId, Instant> alarms = new TreeMap<>();
  private @Nullable Instant patience;

  private ProvisioningLoop() {}

  /// The loop that a loaded State needs.
  public static ProvisioningLoop of(State loaded) {
    ProvisioningLoop loop = new ProvisioningLoop();
    loop.markAll(loaded);
    return loop;
  }

  /// Takes notice of a change.
  ///
  /// @param before the State the change is about to be applied to
  public void changed(State before, Change change) {
    EntityId id = change.id();
    switch (id) {
      case TaskId task -> marked.add(task.clusterId());
      case ContainerInstanceId instance -> marked.add(instance.clusterId());
      case ClusterId cluster -> marked.add(cluster);
      case CapacityProviderId provider -> markAll(before);
      default -> {
        // Nothing that a task waits for.
      }
    }
  }

  /// Takes notice that other agents are connected than before.
  public void agentsChanged(State head) {
    markAll(head);
  }

  private void markAll(State state) {
    state.groups(Index.UNPLACED_TASKS).forEach(group -> marked.add(group.key()));
  }

  /// Whether another turn is needed.
  public boolean hasMarks() {
    return !marked.isEmpty();
  }

  /// When [#turn] wants to be called next though nothing happened, or null.
  public @Nullable Instant wakeAt() {
    Instant first = null;
    for (Instant alarm : alarms.values()) {
      first = first == null || alarm.isBefore(first) ? alarm : first;
    }
    return first;
  }

  /// What becomes of the tasks of the clusters that are marked.
  public List<Change> turn(Instant now, Head head) {
    if (patience == null) {
      patience = now.plus(PATIENCE);
    }
    alarms.forEach((cluster, alarm) -> {
      if (!alarm.isAfter(now)) {
        marked.add(cluster);
      }
    });
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < MAX_CLUSTERS_PER_TURN && !marked.isEmpty(); i++) {
      ClusterId cluster = marked.removeFirst();
      alarms.remove(cluster);
      if (!head.state().group(Index.UNPLACED_TASKS, cluster).isEmpty()) {
        look(now, head, cluster, patience, changes);
      }
    }
    return changes;
  }

  /// A cluster with more to do than one turn does is marked again by what this turn changes.
  private void look(
      Instant now, Head head, ClusterId cluster, Instant until, List<Change> changes) {
    List<Task> waiting = new ArrayList<>();
    int ended = 0;
    for (Task task : head.state().group(Index.UNPLACED_TASKS, cluster)) {
      if (task.isWaiting()) {
        waiting.add(task);
      } else if (task.desiredStatus() == DesiredStatus.STOPPED && ended < MAX_ACTIONS) {
        changes.add(new Change.Put(ended(task, now)));
        ended++;
      }
    }
    if (waiting.isEmpty()) {
      return;
    }
    waiting.sort(ARRIVAL);
    Provisioning.Plan plan =
        Provisioning.plan(
            now,
            waiting.stream().map(task -> view(head.state(), task)).toList(),
            hosts(head, cluster),
            until,
            MAX_ACTIONS,
            head.ids()::below);
    for (Provisioning.Action action : plan.actions()) {
      changes.add(
          switch (action) {
            case Provisioning.Action.Place(TaskId id, ContainerInstanceId instance) ->
                new Change.Put(task(head, id).edit().placedOn(instance).done());
            case Provisioning.Action.GiveUp(TaskId id, String reason) ->
                new Change.Put(
                    ended(
                        task(head, id)
                            .edit()
                            .stop(new TaskStop(StopCode.TASK_FAILED_TO_START, reason))
                            .done(),
                        now));
          });
    }
    if (plan.wakeAt() != null && plan.complete()) {
      alarms.put(cluster, plan.wakeAt());
    }
  }

  private static Task task(Head head, TaskId id) {
    Task task = head.state().task(id);
    if (task == null) {
      throw new IllegalStateException(id + " was decided on and is not there");
    }
    return task;
  }

  /// A task that no agent ever heard of is over at once.
  private static Task ended(Task task, Instant now) {
    return task.edit()
        .lastStatus(TaskStatus.STOPPED)
        .containers(task.containers().stream().map(TaskContainer::neverStarted).toList())
        .times(task.times().stoppingAt(now).stoppedAt(now))
        .done();
  }

  /// A definition is not forgotten while a task refers to it, so that a task which waits keeps its
  /// own, whatever became of it.
  private Provisioning.Waiting view(State state, Task task) {
    TaskDefinition record = state.taskDefinition(task.taskDefinition());
    if (record == null) {
      throw new IllegalStateException(task.id() + " has lost its definition");
    }
    dev.gantry.api.ecs.TaskDefinition definition = definitions.read(record);
    TaskOverride overrides = AwsJson.decode(TaskOverride.SHAPE, task.origin().overrides());
    String provider = String.valueOf(task.origin().capacityProvider());
    return new Provisioning.Waiting(
        task.id(),
        task.times().createdAt(),
        provider,
        task.origin().group(),
        String.join(
            "\n",
            provider,
            task.taskDefinition().key(),
            task.origin().group(),
            task.origin().overrides(),
            String.valueOf(task.origin().placement()),
            String.valueOf(task.origin().executeCommand())),
        new TaskDemand(
            task.reserved(),
            Launcher.demand(EffectiveTask.of(definition, overrides), task.origin().executeCommand())
                .requiredAttributes()),
        PlacementInput.kept(definition, task.origin().placement()));
  }

  private static List<Provisioning.Host> hosts(Head head, ClusterId cluster) {
    InstanceProviders providers = InstanceProviders.of(head.state(), cluster);
    List<Provisioning.Host> hosts = new ArrayList<>();
    for (InstanceView view : InstanceViews.ofCluster(head, cluster).all()) {
      ContainerInstance instance = head.state().containerInstance(view.id());
      String provider = instance == null ? null : providers.of(instance);
      if (instance != null && provider != null) {
        SortedMap<String, Integer> groups = new TreeMap<>();
        for (Task task : head.state().group(Index.LIVE_TASKS_BY_CONTAINER_INSTANCE, view.id())) {
          groups.merge(task.origin().group(), 1, Integer::sum);
        }
        hosts.add(
            new Provisioning.Host(
                view,
                provider,
                groups,
                ClusterQueries.queried(head.state(), head.connected(), instance)));
      }
    }
    return hosts;
  }
}

package dev.gantry.control.ecs;

import dev.gantry.api.ecs.TaskOverride;
import dev.gantry.control.Head;
import dev.gantry.model.CapacityProviderId;
import dev.gantry.model.Change;
import dev.gantry.model.ClusterId;
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
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Finds places for the tasks that wait for one, and ends those that were stopped meanwhile.
///
/// Level-triggered, a cluster at a time: whatever might make room marks the instance it happened
/// to, or its whole cluster, and a turn looks once more whether what waits in the cluster has a
/// place on what is marked. What is marked in vain costs one look into an index. A restart marks
/// every cluster in which anything waits. The decision itself is [Provisioning].
///
/// What is remembered between turns is a shortcut: which kinds of tasks are known to have no place
/// but on marked instances, and what was read of the tasks that wait. Without it a turn looks at
/// everything.
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

  /// The most looks at all instances of one cluster in one turn.
  static final int MAX_LOOKS = 20;

  private static final Comparator<Provisioning.Waiting> ARRIVAL =
      Comparator.comparing(Provisioning.Waiting::since).thenComparing(Provisioning.Waiting::id);

  private static final Provisioning.Limits LIMITS = new Provisioning.Limits(MAX_ACTIONS, MAX_LOOKS);

  private final Definitions definitions = new Definitions();
  private final TreeMap<ClusterId, Marks> marked = new TreeMap<>();
  private final TreeMap<ClusterId, Known> known = new TreeMap<>();
  private final TreeMap<ClusterId, Instant> alarms = new TreeMap<>();
  private @Nullable Instant patience;

  private ProvisioningLoop() {}

  /// What may have changed of one cluster.
  private static final class Marks {
    /// Whether others wait than before, or one is to be ended.
    boolean line;

    final TreeSet<ContainerInstanceId> instances = new TreeSet<>();

    /// Whether it may be more than that.
    boolean everything;
  }

  /// What is known of one cluster.
  ///
  /// @param waiting in the order in which they came
  /// @param hopeless as [Provisioning.Plan] says it
  private record Known(List<Provisioning.Waiting> waiting, SortedSet<String> hopeless) {}

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
      case TaskId task -> {
        marked(before.task(task));
        if (change instanceof Change.Put(Task now)) {
          marked(now);
        }
      }
      case ContainerInstanceId instance -> marks(instance.clusterId()).instances.add(instance);
      case ClusterId cluster -> marks(cluster).everything = true;
      case CapacityProviderId provider -> markAll(before);
      default -> {
        // Nothing that a task waits for.
      }
    }
  }

  private void marked(@Nullable Task task) {
    if (task == null) {
      return;
    }
    ContainerInstanceId instance = task.containerInstance();
    if (instance == null) {
      marks(task.id().clusterId()).line = true;
    } else {
      marks(instance.clusterId()).instances.add(instance);
    }
  }

  /// Takes notice that the agents of these instances have connected. One that is gone makes no
  /// room.
  public void connected(Iterable<ContainerInstanceId> instances) {
    instances.forEach(instance -> marks(instance.clusterId()).instances.add(instance));
  }

  private void markAll(State state) {
    state.groups(Index.UNPLACED_TASKS).forEach(group -> marks(group.key()).everything = true);
  }

  private Marks marks(ClusterId cluster) {
    return marked.computeIfAbsent(cluster, _ -> new Marks());
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
        marks(cluster);
      }
    });
    List<Change> changes = new ArrayList<>();
    List<ClusterId> again = new ArrayList<>();
    for (int i = 0; i < MAX_CLUSTERS_PER_TURN && !marked.isEmpty(); i++) {
      Map.Entry<ClusterId, Marks> next = marked.pollFirstEntry();
      ClusterId cluster = next.getKey();
      alarms.remove(cluster);
      if (head.state().group(Index.UNPLACED_TASKS, cluster).isEmpty()) {
        known.remove(cluster);
      } else if (!look(now, head, cluster, next.getValue(), patience, changes)) {
        again.add(cluster);
      }
    }
    // Not before the next turn: what this one has decided is not in head yet.
    again.forEach(this::marks);
    return changes;
  }

  /// Looks at one cluster.
  ///
  /// @return whether everything was looked at
  private boolean look(
      Instant now, Head head, ClusterId cluster, Marks marks, Instant until, List<Change> changes) {
    Known before = known.get(cluster);
    List<Provisioning.Waiting> waiting =
        before == null || marks.line
            ? line(now, head.state(), cluster, before, changes)
            : before.waiting();
    if (waiting.isEmpty()) {
      known.remove(cluster);
      return true;
    }
    Provisioning.Plan plan =
        Provisioning.plan(
            now,
            waiting,
            new ProvisioningHosts(head, cluster, marks.instances, waiting),
            before == null || marks.everything ? new TreeSet<>() : before.hopeless(),
            until,
            LIMITS,
            head.ids()::below);
    known.put(cluster, new Known(waiting, plan.hopeless()));
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
    return plan.complete();
  }

  /// Those that wait, in the order in which they came. Those that were stopped meanwhile are ended.
  private List<Provisioning.Waiting> line(
      Instant now, State state, ClusterId cluster, @Nullable Known before, List<Change> changes) {
    SortedMap<TaskId, Provisioning.Waiting> read = new TreeMap<>();
    if (before != null) {
      before.waiting().forEach(waiting -> read.put(waiting.id(), waiting));
    }
    List<Provisioning.Waiting> line = new ArrayList<>();
    int ended = 0;
    for (Task task : state.group(Index.UNPLACED_TASKS, cluster)) {
      if (task.isWaiting()) {
        Provisioning.Waiting waiting = read.get(task.id());
        line.add(waiting == null ? view(state, task) : waiting);
      } else if (task.desiredStatus() == DesiredStatus.STOPPED && ended < MAX_ACTIONS) {
        changes.add(new Change.Put(ended(task, now)));
        ended++;
      }
    }
    line.sort(ARRIVAL);
    return line;
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
}

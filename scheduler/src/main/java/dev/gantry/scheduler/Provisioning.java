package dev.gantry.scheduler;

import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.Resources;
import dev.gantry.model.TaskId;
import dev.gantry.scheduler.query.QueriedInstance;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/// What becomes of the tasks of a cluster that wait for capacity.
///
/// Goals, in order: a task that has a place gets it; who came first, chooses first; nobody waits
/// for ever.
///
/// Constraints: a task goes to an instance of its own capacity provider alone, and all that binds
/// the placement of any task binds this one too.
///
/// Algorithm: the tasks are looked at in the order in which they came. One that fits is placed, and
/// what it takes is gone for those behind it. One that does not fit waits on, and holds up nobody:
/// a task that is larger than every host would hold up all others for good. One that has waited too
/// long is given up. Tasks that are alike are looked at once: when the first of them has no place,
/// the others have none either. And who was looked at before and had no place has one now only on
/// an instance that has changed since, because whether an instance takes a task depends on the two
/// of them alone. So a change costs a look at its instance, however many there are.
public final class Provisioning {
  /// How long a task waits. Amazon ECS gives a task up after ten to thirty minutes (Deep Dive on
  /// Amazon ECS Cluster Auto Scaling, cited in github.com/aws/containers-roadmap issue 2381); here
  /// it has all of them.
  public static final Duration LONGEST_WAIT = Duration.ofMinutes(30);

  /// What ECS says before the reason of such an end (Amazon ECS API failure reasons).
  private static final String FAILED = "TaskFailedToStart: ";

  private Provisioning() {}

  /// A task that waits.
  ///
  /// @param since when it came
  /// @param provider the capacity provider whose instances it may run on
  /// @param kind the same for tasks that ask for exactly the same
  public record Waiting(
      TaskId id,
      Instant since,
      String provider,
      String group,
      String kind,
      TaskDemand demand,
      PlacementRules rules) {}

  /// An instance of a capacity provider.
  ///
  /// @param groupTasks its unstopped tasks by their group; who is not in it has none
  /// @param queried what an expression can ask of it; null where no task has one
  public record Host(
      InstanceView view,
      String provider,
      SortedMap<String, Integer> groupTasks,
      @Nullable QueriedInstance queried) {}

  /// The instances of a cluster, which are looked up only when they are asked for.
  public interface Hosts {
    /// All of them, in the order of their ARNs.
    List<Host> all();

    /// Those of them of which anything has changed since the last plan, in the same order.
    List<Host> changed();
  }

  /// What to do.
  public sealed interface Action {
    /// It has a place.
    record Place(TaskId task, ContainerInstanceId instance) implements Action {}

    /// It has waited too long.
    ///
    /// @param reason as ECS words it in `stoppedReason`
    record GiveUp(TaskId task, String reason) implements Action {}
  }

  /// @param actions in the order in which they were decided
  /// @param hopeless the kinds of which a task was looked at and had no place
  /// @param wakeAt when the next task will have waited too long, or null if none waits on
  /// @param complete whether every task was looked at
  public record Plan(
      List<Action> actions,
      SortedSet<String> hopeless,
      @Nullable Instant wakeAt,
      boolean complete) {}

  /// How much one plan does.
  ///
  /// @param actions the most actions
  /// @param looks the most looks at all instances
  public record Limits(int actions, int looks) {}

  /// Decides.
  ///
  /// @param waiting in the order in which they came
  /// @param hopeless what the last plan said, or nothing if anything may have changed since that is
  ///   not among the changed hosts
  /// @param patience nobody is given up before this, so that agents can come back first when the
  ///   control plane was away
  /// @param chance as for [Placement#place]
  public static Plan plan(
      Instant now,
      List<Waiting> waiting,
      Hosts hosts,
      SortedSet<String> hopeless,
      Instant patience,
      Limits limits,
      IntUnaryOperator chance) {
    Room room = new Room(hosts);
    List<Action> actions = new ArrayList<>();
    // Those of which it is known why, and those of which it is known only that they still have
    // none.
    SortedMap<String, Placement.Unplaceable> reasons = new TreeMap<>();
    SortedSet<String> still = new TreeSet<>();
    Instant wakeAt = null;
    int looks = 0;
    for (Waiting task : waiting) {
      Instant end = end(task, patience);
      boolean late = !end.isAfter(now);
      Placement placement = reasons.get(task.kind());
      if (placement == null && !late && still.contains(task.kind())) {
        wakeAt = earlier(wakeAt, end);
        continue;
      }
      if (actions.size() == limits.actions()) {
        return new Plan(actions, still, now, false);
      }
      if (placement == null && !late && hopeless.contains(task.kind())) {
        placement = place(task, room.changed(), chance);
        if (placement instanceof Placement.Unplaceable) {
          still.add(task.kind());
          wakeAt = earlier(wakeAt, end);
          continue;
        }
        if (task.rules().askForOthers()) {
          placement = null;
        }
      }
      if (placement == null) {
        if (looks++ == limits.looks()) {
          return new Plan(actions, still, now, false);
        }
        placement = place(task, room.all(), chance);
      }
      switch (placement) {
        case Placement.Placed(ContainerInstanceId instance) -> {
          actions.add(new Action.Place(task.id(), instance));
          room.take(instance, task);
        }
        case Placement.Unplaceable no -> {
          reasons.put(task.kind(), no);
          still.add(task.kind());
          if (late) {
            actions.add(new Action.GiveUp(task.id(), FAILED + reason(no)));
          } else {
            wakeAt = earlier(wakeAt, end);
          }
        }
      }
    }
    return new Plan(actions, still, wakeAt, true);
  }

  private static Instant earlier(@Nullable Instant one, Instant other) {
    return one == null || other.isBefore(one) ? other : one;
  }

  private static Instant end(Waiting task, Instant patience) {
    Instant end = task.since().plus(LONGEST_WAIT);
    return end.isBefore(patience) ? patience : end;
  }

  private static Placement place(Waiting task, List<Host> hosts, IntUnaryOperator chance) {
    List<Candidate> candidates = new ArrayList<>();
    for (Host host : hosts) {
      if (host.provider().equals(task.provider())) {
        candidates.add(
            new Candidate(
                host.view(), host.groupTasks().getOrDefault(task.group(), 0), host.queried()));
      }
    }
    return Placement.place(candidates, task.demand(), task.rules(), chance);
  }

  /// The hosts less what one plan has placed on them so far.
  private static final class Room {
    private final Hosts hosts;
    private final SortedMap<ContainerInstanceId, Host> taken = new TreeMap<>();
    private @Nullable List<Host> all;
    private @Nullable List<Host> changed;

    Room(Hosts hosts) {
      this.hosts = hosts;
    }

    List<Host> all() {
      List<Host> known = all;
      if (known == null) {
        known = hosts.all();
        all = known;
      }
      return now(known);
    }

    List<Host> changed() {
      List<Host> known = changed;
      if (known == null) {
        known = hosts.changed();
        changed = known;
      }
      return now(known);
    }

    private List<Host> now(List<Host> known) {
      return taken.isEmpty()
          ? known
          : known.stream().map(host -> taken.getOrDefault(host.view().id(), host)).toList();
    }

    void take(ContainerInstanceId instance, Waiting task) {
      for (Host host : all == null ? changed() : all()) {
        if (host.view().id().equals(instance)) {
          taken.put(instance, with(host, task));
          return;
        }
      }
      throw new IllegalStateException(task.id() + " was placed on " + instance + " from nowhere");
    }

    private static Host with(Host host, Waiting task) {
      Resources taken = task.demand().resources();
      SortedMap<String, Integer> groups = new TreeMap<>(host.groupTasks());
      groups.merge(task.group(), 1, Integer::sum);
      return new Host(host.view().without(taken), host.provider(), groups, host.queried());
    }
  }

  /// Why a task has no place, in the words of a task's end (Amazon ECS API failure reasons,
  /// DescribeTasks).
  static String reason(Placement.Unplaceable no) {
    if (no.rejections().isEmpty()) {
      return "EMPTY CAPACITY PROVIDER";
    }
    // The check that comes first: whoever is closest did not pass it, so nobody did.
    Placement.Reason closest = no.closest().reason();
    if (closest == Placement.Reason.INACTIVE) {
      return "NO ACTIVE INSTANCES";
    }
    String spelling = closest.spelling();
    return spelling.endsWith(".") ? spelling.substring(0, spelling.length() - 1) : spelling;
  }
}

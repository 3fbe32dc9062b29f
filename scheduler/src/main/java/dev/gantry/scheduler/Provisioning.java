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
import java.util.TreeMap;
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
/// the others have none either.
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
  /// @param queried what an expression can ask of it
  public record Host(
      InstanceView view,
      String provider,
      SortedMap<String, Integer> groupTasks,
      @Nullable QueriedInstance queried) {}

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
  /// @param wakeAt when the next task will have waited too long, or null if none waits on
  /// @param complete whether every task was looked at
  public record Plan(List<Action> actions, @Nullable Instant wakeAt, boolean complete) {}

  /// Decides.
  ///
  /// @param waiting in the order in which they came
  /// @param hosts in the order of their ARNs
  /// @param patience nobody is given up before this, so that agents can come back first when the
  ///   control plane was away
  /// @param limit the most actions
  /// @param chance as for [Placement#place]
  public static Plan plan(
      Instant now,
      List<Waiting> waiting,
      List<Host> hosts,
      Instant patience,
      int limit,
      IntUnaryOperator chance) {
    List<Host> left = new ArrayList<>(hosts);
    List<Action> actions = new ArrayList<>();
    SortedMap<String, Placement.Unplaceable> hopeless = new TreeMap<>();
    Instant wakeAt = null;
    for (Waiting task : waiting) {
      if (actions.size() == limit) {
        return new Plan(actions, now, false);
      }
      Placement placement = hopeless.get(task.kind());
      if (placement == null) {
        placement = Placement.place(candidates(task, left), task.demand(), task.rules(), chance);
      }
      switch (placement) {
        case Placement.Placed(ContainerInstanceId instance) -> {
          actions.add(new Action.Place(task.id(), instance));
          left.replaceAll(host -> host.view().id().equals(instance) ? with(host, task) : host);
        }
        case Placement.Unplaceable no -> {
          hopeless.put(task.kind(), no);
          Instant end = end(task, patience);
          if (!end.isAfter(now)) {
            actions.add(new Action.GiveUp(task.id(), FAILED + reason(no)));
          } else if (wakeAt == null || end.isBefore(wakeAt)) {
            wakeAt = end;
          }
        }
      }
    }
    return new Plan(actions, wakeAt, true);
  }

  private static Instant end(Waiting task, Instant patience) {
    Instant end = task.since().plus(LONGEST_WAIT);
    return end.isBefore(patience) ? patience : end;
  }

  private static List<Candidate> candidates(Waiting task, List<Host> hosts) {
    List<Candidate> candidates = new ArrayList<>();
    for (Host host : hosts) {
      if (host.provider().equals(task.provider())) {
        candidates.add(
            new Candidate(
                host.view(), host.groupTasks().getOrDefault(task.group(), 0), host.queried()));
      }
    }
    return candidates;
  }

  private static Host with(Host host, Waiting task) {
    Resources taken = task.demand().resources();
    SortedMap<String, Integer> groups = new TreeMap<>(host.groupTasks());
    groups.merge(task.group(), 1, Integer::sum);
    return new Host(host.view().without(taken), host.provider(), groups, host.queried());
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

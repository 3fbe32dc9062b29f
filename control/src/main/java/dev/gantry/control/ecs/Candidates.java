package dev.gantry.control.ecs;

import dev.gantry.control.Head;
import dev.gantry.model.ClusterId;
import dev.gantry.model.ContainerInstance;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.Resources;
import dev.gantry.model.Task;
import dev.gantry.scheduler.Candidate;
import dev.gantry.scheduler.InstanceView;
import dev.gantry.scheduler.PlacementRules;
import dev.gantry.scheduler.query.QueriedInstance;
import dev.gantry.store.Index;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The candidates of one RunTask: what is left on each instance, and, only where the call's rules
/// ask for it, what else is known of it.
final class Candidates {
  private final InstanceViews views;
  private final boolean ruled;
  private final SortedMap<ContainerInstanceId, Integer> groupTasks = new TreeMap<>();
  private final SortedMap<ContainerInstanceId, QueriedInstance> queried = new TreeMap<>();

  private Candidates(InstanceViews views, boolean ruled) {
    this.views = views;
    this.ruled = ruled;
  }

  /// @param provider the capacity provider whose instances they are, or null for all instances
  /// @param group the group that the new tasks belong to
  static Candidates of(
      Head head, ClusterId cluster, @Nullable String provider, PlacementRules rules, String group) {
    InstanceViews views = InstanceViews.ofCluster(head, cluster);
    if (provider != null) {
      InstanceProviders providers = InstanceProviders.of(head.state(), cluster);
      views.retain(id -> {
        ContainerInstance instance = head.state().containerInstance(id);
        return instance != null && provider.equals(providers.of(instance));
      });
    }
    Candidates all = new Candidates(views, !rules.isEmpty());
    if (all.ruled) {
      for (InstanceView view : all.views.all()) {
        ContainerInstance instance = head.state().containerInstance(view.id());
        if (instance != null) {
          all.queried.put(
              view.id(), ClusterQueries.queried(head.state(), head.connected(), instance));
        }
        int tasks = 0;
        for (Task task : head.state().group(Index.LIVE_TASKS_BY_CONTAINER_INSTANCE, view.id())) {
          tasks += task.origin().group().equals(group) ? 1 : 0;
        }
        all.groupTasks.put(view.id(), tasks);
      }
    }
    return all;
  }

  /// Whether there is no instance at all.
  boolean isEmpty() {
    return views.all().isEmpty();
  }

  /// In the order of their ARNs.
  List<Candidate> all() {
    List<Candidate> all = new ArrayList<>();
    for (InstanceView view : views.all()) {
      all.add(
          ruled
              ? new Candidate(view, groupTasks.getOrDefault(view.id(), 0), queried.get(view.id()))
              : Candidate.of(view));
    }
    return all;
  }

  /// Counts in a task that the call has just placed on an instance.
  void take(ContainerInstanceId id, Resources taken) {
    views.take(id, taken);
    groupTasks.computeIfPresent(id, (_, tasks) -> tasks + 1);
  }
}

package dev.gantry.control.ecs;

import dev.gantry.control.Head;
import dev.gantry.model.ClusterId;
import dev.gantry.model.ContainerInstance;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.Resources;
import dev.gantry.model.Task;
import dev.gantry.scheduler.Candidate;
import dev.gantry.scheduler.PlacementRules;
import dev.gantry.store.Index;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// The candidates of one RunTask: what is left on each instance, and, only where the call's rules
/// ask for it, what else is known of it.
///
/// An instance is looked up when placement comes to it and no sooner: a task without a wish goes to
/// the first that takes it, and a cluster can have thousands.
final class Candidates {
  private final Head head;
  private final PlacementRules rules;
  private final String group;
  private final @Nullable String provider;
  private final InstanceProviders providers;
  private final Iterator<ContainerInstance> ahead;

  /// Those that were looked up, less what the call has placed on them.
  private final List<Candidate> known = new ArrayList<>();

  private Candidates(
      Head head, ClusterId cluster, @Nullable String provider, PlacementRules rules, String group) {
    this.head = head;
    this.rules = rules;
    this.group = group;
    this.provider = provider;
    this.providers = InstanceProviders.of(head.state(), cluster);
    this.ahead = head.state().group(Index.MEMBER_CONTAINER_INSTANCES, cluster).iterator();
  }

  /// Instances that are not INACTIVE. A DRAINING one is among them: it is examined and rejected, so
  /// that a refusal names it.
  ///
  /// @param provider the capacity provider whose instances they are, or null for all instances
  /// @param group the group that the new tasks belong to
  static Candidates of(
      Head head, ClusterId cluster, @Nullable String provider, PlacementRules rules, String group) {
    return new Candidates(head, cluster, provider, rules, group);
  }

  /// Whether there is no instance at all.
  boolean isEmpty() {
    return known.isEmpty() && !lookUp();
  }

  /// In the order of their ARNs.
  Iterable<Candidate> all() {
    return () ->
        new Iterator<>() {
          private int next;

          @Override
          public boolean hasNext() {
            return next < known.size() || lookUp();
          }

          @Override
          public Candidate next() {
            if (!hasNext()) {
              throw new NoSuchElementException();
            }
            return known.get(next++);
          }
        };
  }

  /// Counts in a task that the call has just placed on an instance.
  void take(ContainerInstanceId id, Resources taken) {
    for (int i = 0; i < known.size(); i++) {
      if (known.get(i).view().id().equals(id)) {
        known.set(i, known.get(i).with(taken));
        return;
      }
    }
    throw new IllegalStateException(id + " was chosen and is no candidate");
  }

  /// Looks up the next one.
  ///
  /// @return whether there was one
  private boolean lookUp() {
    while (ahead.hasNext()) {
      ContainerInstance instance = ahead.next();
      if (provider == null || provider.equals(providers.of(instance))) {
        known.add(
            new Candidate(
                InstanceViews.view(head, instance),
                rules.askForTasks() ? tasks(instance.id()) : 0,
                rules.askExpressions()
                    ? ClusterQueries.queried(head.state(), head.connected(), instance)
                    : null));
        return true;
      }
    }
    return false;
  }

  private int tasks(ContainerInstanceId id) {
    int tasks = 0;
    for (Task task : head.state().group(Index.LIVE_TASKS_BY_CONTAINER_INSTANCE, id)) {
      tasks += task.origin().group().equals(group) ? 1 : 0;
    }
    return tasks;
  }
}

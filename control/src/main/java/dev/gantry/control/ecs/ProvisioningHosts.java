package dev.gantry.control.ecs;

import dev.gantry.control.Head;
import dev.gantry.model.ClusterId;
import dev.gantry.model.ContainerInstance;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.Task;
import dev.gantry.scheduler.Provisioning;
import dev.gantry.store.Index;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/// The instances of one cluster's capacity providers, of which nothing is looked up that the tasks
/// which wait do not ask for.
final class ProvisioningHosts implements Provisioning.Hosts {
  private final Head head;
  private final ClusterId cluster;
  private final SortedSet<ContainerInstanceId> changed;
  private final InstanceProviders providers;
  private final boolean tasks;
  private final boolean expressions;

  /// @param changed those of which anything may have changed
  ProvisioningHosts(
      Head head,
      ClusterId cluster,
      SortedSet<ContainerInstanceId> changed,
      List<Provisioning.Waiting> waiting) {
    this.head = head;
    this.cluster = cluster;
    this.changed = changed;
    this.providers = InstanceProviders.of(head.state(), cluster);
    this.tasks = waiting.stream().anyMatch(task -> task.rules().askForTasks());
    this.expressions = waiting.stream().anyMatch(task -> task.rules().askExpressions());
  }

  @Override
  public List<Provisioning.Host> all() {
    return hosts(head.state().group(Index.MEMBER_CONTAINER_INSTANCES, cluster));
  }

  @Override
  public List<Provisioning.Host> changed() {
    List<ContainerInstance> members = new ArrayList<>();
    for (ContainerInstanceId id : changed) {
      ContainerInstance instance = head.state().containerInstance(id);
      if (instance != null && instance.isMember()) {
        members.add(instance);
      }
    }
    return hosts(members);
  }

  private List<Provisioning.Host> hosts(Iterable<ContainerInstance> members) {
    List<Provisioning.Host> hosts = new ArrayList<>();
    for (ContainerInstance instance : members) {
      String provider = providers.of(instance);
      if (provider != null) {
        hosts.add(
            new Provisioning.Host(
                InstanceViews.view(head, instance),
                provider,
                tasks ? groups(instance) : new TreeMap<>(),
                expressions
                    ? ClusterQueries.queried(head.state(), head.connected(), instance)
                    : null));
      }
    }
    return hosts;
  }

  private SortedMap<String, Integer> groups(ContainerInstance instance) {
    SortedMap<String, Integer> groups = new TreeMap<>();
    for (Task task : head.state().group(Index.LIVE_TASKS_BY_CONTAINER_INSTANCE, instance.id())) {
      groups.merge(task.origin().group(), 1, Integer::sum);
    }
    return groups;
  }
}

package dev.gantry.sim;

import dev.gantry.model.Attribute;
import dev.gantry.model.CapacityProvider;
import dev.gantry.model.CapacityProviderId;
import dev.gantry.model.Cluster;
import dev.gantry.model.ContainerInstance;
import dev.gantry.model.ContainerInstance.ContainerInstanceStatus;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.HostPort;
import dev.gantry.model.Task;
import dev.gantry.model.TaskStatus;
import dev.gantry.store.Kind;
import dev.gantry.store.OrderedSet;
import dev.gantry.store.State;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What must be true of capacity providers, found out from the records alone and in another way
/// than the control plane does it.
final class Capacity {
  /// The attribute by which a host says which Auto Scaling group it belongs to.
  static final String GROUP_ATTRIBUTE = "gantry.auto-scaling-group";

  private Capacity() {}

  /// Whether a task may be on an instance as far as its capacity provider goes.
  static boolean belongs(State state, Task task, ContainerInstance instance) {
    String name = task.origin().capacityProvider();
    if (name == null) {
      return true;
    }
    Cluster cluster = state.cluster(task.id().clusterId());
    CapacityProvider provider =
        state.capacityProvider(new CapacityProviderId(task.id().scope(), name));
    return cluster != null
        && cluster.capacityProviders().contains(name)
        && provider != null
        && instance
            .attributes()
            .contains(new Attribute(GROUP_ATTRIBUTE, provider.autoScalingGroup()));
  }

  /// The instance that has room for a task which waits, or null. Such tasks ask for nothing but
  /// cpu, memory and ports here.
  static @Nullable ContainerInstance room(
      State state, OrderedSet<ContainerInstanceId> connected, Task task) {
    for (ContainerInstance instance : state.all(Kind.CONTAINER_INSTANCE).values()) {
      if (instance.status() == ContainerInstanceStatus.ACTIVE
          && instance.id().clusterId().equals(task.id().clusterId())
          && connected.contains(instance.id())
          && belongs(state, task, instance)
          && fits(state, task, instance)) {
        return instance;
      }
    }
    return null;
  }

  private static boolean fits(State state, Task task, ContainerInstance instance) {
    int cpuUnits = task.reserved().cpuUnits();
    int memoryMiB = task.reserved().memoryMiB();
    Set<HostPort> taken = new TreeSet<>(instance.registered().ports());
    for (Task other : state.all(Kind.TASK).values()) {
      if (instance.id().equals(other.containerInstance())
          && other.lastStatus() != TaskStatus.STOPPED) {
        cpuUnits += other.reserved().cpuUnits();
        memoryMiB += other.reserved().memoryMiB();
        taken.addAll(other.reserved().ports());
      }
    }
    return cpuUnits <= instance.registered().cpuUnits()
        && memoryMiB <= instance.registered().memoryMiB()
        && task.reserved().ports().stream().noneMatch(taken::contains);
  }
}

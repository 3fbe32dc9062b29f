package dev.gantry.control.ecs;

import dev.gantry.control.Head;
import dev.gantry.model.ContainerInstance;
import dev.gantry.model.ContainerInstance.ContainerInstanceStatus;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.HostPort;
import dev.gantry.model.Resources;
import dev.gantry.scheduler.InstanceView;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Container instances as placement sees them during one call: less what unstopped tasks take, and
/// less what the call itself has placed so far.
final class InstanceViews {
  private final TreeMap<ContainerInstanceId, InstanceView> views = new TreeMap<>();

  /// One instance, whatever its status; null if it is not known.
  @Nullable InstanceView find(Head head, ContainerInstanceId id) {
    ContainerInstance instance = head.state().containerInstance(id);
    return instance == null ? null : views.computeIfAbsent(id, _ -> view(head, instance));
  }

  /// Counts in what the call has just placed on an instance.
  void take(ContainerInstanceId id, Resources taken) {
    views.computeIfPresent(id, (_, view) -> view.without(taken));
  }

  /// One instance as it is now.
  static InstanceView view(Head head, ContainerInstance instance) {
    Resources taken = head.taken(instance.id());
    TreeSet<HostPort> ports = new TreeSet<>(instance.registered().ports());
    ports.addAll(taken.ports());
    return new InstanceView(
        instance.id(),
        instance.status() == ContainerInstanceStatus.ACTIVE,
        head.connected().contains(instance.id()),
        instance.registered().cpuUnits() - taken.cpuUnits(),
        instance.registered().memoryMiB() - taken.memoryMiB(),
        ports,
        instance.attributes());
  }
}

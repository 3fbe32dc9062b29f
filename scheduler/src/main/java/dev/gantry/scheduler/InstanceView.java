package dev.gantry.scheduler;

import dev.gantry.model.Attribute;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.HostPort;
import dev.gantry.model.Resources;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/// A container instance as placement sees it.
///
/// @param active true in status ACTIVE
/// @param agentConnected whether its agent's session is open now
/// @param freeCpuUnits what is registered less what unstopped tasks take; negative when a host came
///   back smaller
/// @param freeMemoryMiB likewise
/// @param takenPorts host ports that are reserved by the host or by unstopped tasks
public record InstanceView(
    ContainerInstanceId id,
    boolean active,
    boolean agentConnected,
    int freeCpuUnits,
    int freeMemoryMiB,
    SortedSet<HostPort> takenPorts,
    List<Attribute> attributes) {

  /// This instance once more is taken of it.
  public InstanceView without(Resources taken) {
    SortedSet<HostPort> ports = new TreeSet<>(takenPorts);
    ports.addAll(taken.ports());
    return new InstanceView(
        id,
        active,
        agentConnected,
        freeCpuUnits - taken.cpuUnits(),
        freeMemoryMiB - taken.memoryMiB(),
        ports,
        attributes);
  }
}

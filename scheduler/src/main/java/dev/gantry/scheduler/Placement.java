package dev.gantry.scheduler;

import dev.gantry.model.Attribute;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.HostPort;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where a task goes, or why it goes nowhere.
public sealed interface Placement {
  /// The most host ports that are reserved on one instance, those of the host itself included
  /// (PortMapping.hostPort, Amazon ECS API Reference). Ports the engine chooses are not counted.
  int MAX_RESERVED_PORTS = 100;

  /// It goes here.
  record Placed(ContainerInstanceId instance) implements Placement {}

  /// No instance can take it. One entry per instance examined, in the order they were examined.
  record Unplaceable(List<Rejection> rejections) implements Placement {

    /// The rejection to show when only one can be shown: that of the instance which came closest,
    /// the first of them where several came equally close.
    ///
    /// @throws IllegalStateException if no instance was examined at all
    public Rejection closest() {
      Rejection closest = null;
      for (Rejection rejection : rejections) {
        if (closest == null || rejection.reason().compareTo(closest.reason()) > 0) {
          closest = rejection;
        }
      }
      if (closest == null) {
        throw new IllegalStateException("no instance was examined");
      }
      return closest;
    }
  }

  /// One instance's answer.
  ///
  /// @param detail a sentence for people
  record Rejection(ContainerInstanceId instance, Reason reason, String detail) {}

  /// Why an instance cannot take a task, in the order of the checks: a later one came closer. The
  /// spelling is that of RunTask's failures (Amazon ECS API failure reasons).
  enum Reason {
    INACTIVE("INACTIVE"),
    AGENT("AGENT"),
    ATTRIBUTE("ATTRIBUTE"),
    CPU("RESOURCE:CPU"),
    MEMORY("RESOURCE:MEMORY"),
    PORTS("RESOURCE:PORTS");

    private final String spelling;

    Reason(String spelling) {
      this.spelling = spelling;
    }

    /// As ECS spells it in `failures[].reason`.
    public String spelling() {
      return spelling;
    }
  }

  /// Places one task on the first instance, in the order given, that can take it.
  ///
  /// Goal: a task runs where there is room. Constraints, none of which is ever traded away: the
  /// instance is ACTIVE, its agent is connected, it has every required attribute, and cpu, memory
  /// and fixed host ports are free. Example: with free memory of 256 and 512 MiB, a task of 300 MiB
  /// goes to the second, and one of 600 MiB nowhere, with `RESOURCE:MEMORY` twice.
  ///
  /// @param instances candidates in ARN order, so that the same question has the same answer
  static Placement firstFit(Iterable<InstanceView> instances, TaskDemand demand) {
    List<Rejection> rejections = new ArrayList<>();
    for (InstanceView instance : instances) {
      Rejection rejection = examine(instance, demand);
      if (rejection == null) {
        return new Placed(instance.id());
      }
      rejections.add(rejection);
    }
    return new Unplaceable(rejections);
  }

  /// Examines one instance: null if it can take the task, else the first reason why not.
  static @Nullable Rejection examine(InstanceView instance, TaskDemand demand) {
    ContainerInstanceId id = instance.id();
    if (!instance.active()) {
      return new Rejection(id, Reason.INACTIVE, "The container instance is not ACTIVE.");
    }
    if (!instance.agentConnected()) {
      return new Rejection(id, Reason.AGENT, "The agent is not connected.");
    }
    for (Attribute required : demand.requiredAttributes()) {
      if (instance.attributes().stream().noneMatch(offered -> satisfies(offered, required))) {
        return new Rejection(id, Reason.ATTRIBUTE, "Attribute " + required.name() + " is missing.");
      }
    }
    int cpuUnits = demand.resources().cpuUnits();
    if (cpuUnits > instance.freeCpuUnits()) {
      return new Rejection(id, Reason.CPU, insufficient("CPU", cpuUnits, instance.freeCpuUnits()));
    }
    int memoryMiB = demand.resources().memoryMiB();
    if (memoryMiB > instance.freeMemoryMiB()) {
      return new Rejection(
          id, Reason.MEMORY, insufficient("memory", memoryMiB, instance.freeMemoryMiB()));
    }
    for (HostPort port : demand.resources().ports()) {
      if (instance.takenPorts().contains(port)) {
        return new Rejection(id, Reason.PORTS, "Host port " + port.port() + " is already in use.");
      }
    }
    int ports = demand.resources().ports().size();
    if (ports > 0 && instance.takenPorts().size() + ports > MAX_RESERVED_PORTS) {
      return new Rejection(
          id,
          Reason.PORTS,
          insufficient("host ports", ports, MAX_RESERVED_PORTS - instance.takenPorts().size()));
    }
    return null;
  }

  private static boolean satisfies(Attribute offered, Attribute required) {
    return offered.name().equals(required.name())
        && (required.value().isEmpty() || offered.value().equals(required.value()));
  }

  // Worded as ECS words `detail`: github.com/aws/containers-roadmap issue 2231.
  private static String insufficient(String what, int requested, int available) {
    return "Insufficient "
        + what
        + " available. ("
        + requested
        + " requested, "
        + Math.max(0, available)
        + " available)";
  }
}

package dev.gantry.scheduler;

import dev.gantry.model.Attribute;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.HostPort;
import dev.gantry.scheduler.PlacementRules.Constraint;
import dev.gantry.scheduler.PlacementRules.Strategy;
import dev.gantry.scheduler.query.ClusterQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import java.util.function.ToIntFunction;
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
    PORTS("RESOURCE:PORTS"),
    MEMBER_OF("MemberOf placement constraint unsatisfied."),
    DISTINCT_INSTANCE("DistinctInstance placement constraint unsatisfied.");

    private final String spelling;

    Reason(String spelling) {
      this.spelling = spelling;
    }

    /// As ECS spells it in `failures[].reason`.
    public String spelling() {
      return spelling;
    }
  }

  /// Places one task.
  ///
  /// Goals, in order: it runs where there is room; it keeps to every constraint; it follows the
  /// strategies as far as they go.
  ///
  /// Constraints, none of which is ever traded away: the instance is ACTIVE, its agent is
  /// connected, it has every required attribute, cpu, memory and fixed host ports are free, and it
  /// breaks no constraint of the caller.
  ///
  /// Algorithm: of all that pass, each strategy in turn keeps the best; the first left is taken. So
  /// without a strategy it is the first, in the order given, that passes. Example: with free memory
  /// of 256, 512 and 768 MiB, a task of 300 MiB goes to the second; spread over instances, with a
  /// task of its group on the second already, to the third; and one of 900 MiB nowhere, with
  /// `RESOURCE:MEMORY` three times (Amazon ECS Developer Guide, "How Amazon ECS places tasks").
  ///
  /// @param candidates in ARN order, so that the same question has the same answer
  /// @param chance draws a number from 0 up to the bound it is given, for [Strategy.Random]
  static Placement place(
      Iterable<Candidate> candidates,
      TaskDemand demand,
      PlacementRules rules,
      IntUnaryOperator chance) {
    List<Candidate> all = new ArrayList<>();
    List<Candidate> fitting = new ArrayList<>();
    List<Rejection> rejections = new ArrayList<>();
    for (Candidate candidate : candidates) {
      all.add(candidate);
      Rejection rejection = examine(candidate, demand, rules.constraints());
      if (rejection != null) {
        rejections.add(rejection);
      } else if (rules.strategies().isEmpty()) {
        return new Placed(candidate.view().id());
      } else {
        fitting.add(candidate);
      }
    }
    if (fitting.isEmpty()) {
      return new Unplaceable(rejections);
    }
    for (Strategy strategy : rules.strategies()) {
      fitting = best(fitting, all, strategy, chance);
    }
    return new Placed(fitting.getFirst().view().id());
  }

  /// Examines one instance that a caller has named: null if it can take the task and breaks no
  /// constraint, else the first reason why not.
  static @Nullable Rejection examine(
      Candidate candidate, TaskDemand demand, List<Constraint> constraints) {
    Rejection rejection = examine(candidate.view(), demand);
    return rejection != null ? rejection : broken(candidate, constraints);
  }

  private static @Nullable Rejection broken(Candidate candidate, List<Constraint> constraints) {
    for (Constraint constraint : constraints) {
      switch (constraint) {
        case Constraint.DistinctInstance _ -> {
          if (candidate.groupTasks() > 0) {
            return new Rejection(
                candidate.view().id(),
                Reason.DISTINCT_INSTANCE,
                "A task of the group is on this container instance.");
          }
        }
        case Constraint.MemberOf(ClusterQuery query) -> {
          if (candidate.queried() == null || !query.matches(candidate.queried())) {
            return new Rejection(
                candidate.view().id(),
                Reason.MEMBER_OF,
                "The expression does not choose this container instance.");
          }
        }
      }
    }
    return null;
  }

  /// The candidates that a strategy likes best, in the order they came.
  ///
  /// @param all the cluster's instances: tasks on those that cannot take another count too
  private static List<Candidate> best(
      List<Candidate> fitting, List<Candidate> all, Strategy strategy, IntUnaryOperator chance) {
    return switch (strategy) {
      case Strategy.Random _ -> List.of(fitting.get(chance.applyAsInt(fitting.size())));
      case Strategy.SpreadOverInstances _ -> least(fitting, Candidate::groupTasks);
      case Strategy.SpreadOverAttribute(String attribute) -> {
        SortedMap<String, Integer> tasks = new TreeMap<>();
        all.forEach(candidate ->
            tasks.merge(value(candidate, attribute), candidate.groupTasks(), Integer::sum));
        yield least(fitting, candidate -> tasks.getOrDefault(value(candidate, attribute), 0));
      }
      case Strategy.Binpack(PlacementRules.Resource resource) ->
          least(
              fitting,
              switch (resource) {
                case CPU -> candidate -> candidate.view().freeCpuUnits();
                case MEMORY -> candidate -> candidate.view().freeMemoryMiB();
              });
    };
  }

  private static String value(Candidate candidate, String attribute) {
    for (Attribute offered : candidate.view().attributes()) {
      if (offered.name().equals(attribute)) {
        return offered.value();
      }
    }
    return "";
  }

  private static List<Candidate> least(List<Candidate> fitting, ToIntFunction<Candidate> measure) {
    int least = Integer.MAX_VALUE;
    for (Candidate candidate : fitting) {
      least = Math.min(least, measure.applyAsInt(candidate));
    }
    List<Candidate> kept = new ArrayList<>();
    for (Candidate candidate : fitting) {
      if (measure.applyAsInt(candidate) == least) {
        kept.add(candidate);
      }
    }
    return kept;
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

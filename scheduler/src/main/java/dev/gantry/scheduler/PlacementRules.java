package dev.gantry.scheduler;

import dev.gantry.scheduler.query.ClusterQuery;
import java.util.List;

/// What a caller asks of placement beyond room.
///
/// @param constraints each binds: an instance that breaks one is no candidate
/// @param strategies applied in turn, each choosing among what the one before left; best effort
public record PlacementRules(List<Constraint> constraints, List<Strategy> strategies) {
  /// The most constraints on one task, its definition's included (Amazon ECS Developer Guide, task
  /// placement constraints).
  public static final int MAX_CONSTRAINTS = 10;

  /// The most strategies (RunTaskRequest.placementStrategy).
  public static final int MAX_STRATEGIES = 5;

  /// Nothing is asked.
  public static final PlacementRules NONE = new PlacementRules(List.of(), List.of());

  /// A rule that binds.
  public sealed interface Constraint {
    /// Each task of a group on an instance of its own.
    record DistinctInstance() implements Constraint {}

    /// Only on the instances that an expression chooses.
    record MemberOf(ClusterQuery query) implements Constraint {}
  }

  /// A wish.
  public sealed interface Strategy {
    /// Anywhere.
    record Random() implements Strategy {}

    /// Where the fewest tasks of the group are, counted over the instances that have the same value
    /// of an attribute. Instances without it count together.
    record SpreadOverAttribute(String attribute) implements Strategy {}

    /// Where the fewest tasks of the group are, counted an instance at a time.
    record SpreadOverInstances() implements Strategy {}

    /// Where the least is left of a resource.
    record Binpack(Resource resource) implements Strategy {}
  }

  /// What can be packed.
  public enum Resource {
    /// Cpu units.
    CPU,
    /// Memory.
    MEMORY
  }

  /// Whether it matters which tasks of the group are on an instance.
  public boolean askForTasks() {
    return constraints.stream().anyMatch(Constraint.DistinctInstance.class::isInstance)
        || strategies.stream().anyMatch(Strategy.SpreadOverInstances.class::isInstance)
        || strategies.stream().anyMatch(Strategy.SpreadOverAttribute.class::isInstance);
  }

  /// Whether expressions have to be answered.
  public boolean askExpressions() {
    return constraints.stream().anyMatch(Constraint.MemberOf.class::isInstance);
  }

  /// Whether it matters what is on instances that cannot take the task.
  public boolean askForOthers() {
    return strategies.stream().anyMatch(Strategy.SpreadOverAttribute.class::isInstance);
  }

  /// Whether nothing is asked.
  public boolean isEmpty() {
    return constraints.isEmpty() && strategies.isEmpty();
  }
}

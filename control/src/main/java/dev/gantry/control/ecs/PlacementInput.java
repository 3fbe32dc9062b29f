package dev.gantry.control.ecs;

import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.PlacementConstraint;
import dev.gantry.api.ecs.PlacementStrategy;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.TaskDefinition;
import dev.gantry.api.ecs.TaskDefinitionPlacementConstraint;
import dev.gantry.scheduler.PlacementRules;
import dev.gantry.scheduler.PlacementRules.Constraint;
import dev.gantry.scheduler.PlacementRules.Resource;
import dev.gantry.scheduler.PlacementRules.Strategy;
import dev.gantry.scheduler.query.ClusterQuery;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.shape.ServiceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Constraints and strategies as requests and task definitions have them.
final class PlacementInput {
  private static final String ATTRIBUTE = "attribute:";

  private PlacementInput() {}

  /// The rules of one call: the definition's constraints and the call's own.
  ///
  /// @throws ServiceException InvalidParameterException naming the rule that is broken
  static PlacementRules rules(
      TaskDefinition definition,
      @Nullable List<PlacementConstraint> constraints,
      @Nullable List<PlacementStrategy> strategies) {
    List<Constraint> all = new ArrayList<>();
    for (TaskDefinitionPlacementConstraint constraint :
        Objects.requireNonNullElse(
            definition.placementConstraints(), List.<TaskDefinitionPlacementConstraint>of())) {
      all.add(constraint(constraint.type(), constraint.expression()));
    }
    for (PlacementConstraint constraint :
        Objects.requireNonNullElse(constraints, List.<PlacementConstraint>of())) {
      all.add(constraint(constraint.type(), constraint.expression()));
    }
    if (all.size() > PlacementRules.MAX_CONSTRAINTS) {
      throw EcsErrors.invalidParameterException(
          "placementConstraints can have at most "
              + PlacementRules.MAX_CONSTRAINTS
              + " items, those of the task definition included.");
    }
    List<Strategy> wishes = new ArrayList<>();
    for (PlacementStrategy strategy :
        Objects.requireNonNullElse(strategies, List.<PlacementStrategy>of())) {
      wishes.add(strategy(strategy));
    }
    if (wishes.size() > PlacementRules.MAX_STRATEGIES) {
      throw EcsErrors.invalidParameterException(
          "placementStrategy can have at most " + PlacementRules.MAX_STRATEGIES + " items.");
    }
    return new PlacementRules(List.copyOf(all), List.copyOf(wishes));
  }

  /// What a task that waits keeps of its request, or null if that asked for nothing.
  static @Nullable String keep(
      @Nullable List<PlacementConstraint> constraints,
      @Nullable List<PlacementStrategy> strategies) {
    boolean nothing =
        (constraints == null || constraints.isEmpty())
            && (strategies == null || strategies.isEmpty());
    return nothing
        ? null
        : AwsJson.encodeToString(
            RunTaskRequest.SHAPE,
            RunTaskRequest.builder()
                .placementConstraints(constraints)
                .placementStrategy(strategies)
                .build());
  }

  /// The rules of a task that waits.
  ///
  /// @param kept what [#keep] gave
  static PlacementRules kept(TaskDefinition definition, @Nullable String kept) {
    if (kept == null) {
      return rules(definition, null, null);
    }
    RunTaskRequest request = AwsJson.decode(RunTaskRequest.SHAPE, kept);
    return rules(definition, request.placementConstraints(), request.placementStrategy());
  }

  /// What a definition may ask for. Its expressions are read when a task is placed: Amazon ECS
  /// registers any (github.com/aws/amazon-ecs-agent pull request 3044).
  ///
  /// @throws ServiceException ClientException naming the rule that is broken
  static void checkDefinition(List<TaskDefinitionPlacementConstraint> constraints) {
    if (constraints.size() > PlacementRules.MAX_CONSTRAINTS) {
      throw EcsErrors.clientException(
          "placementConstraints can have at most " + PlacementRules.MAX_CONSTRAINTS + " items.");
    }
    for (TaskDefinitionPlacementConstraint constraint : constraints) {
      if (!"memberOf".equals(constraint.type())) {
        throw EcsErrors.clientException(
            "The type of a placement constraint of a task definition must be memberOf.");
      }
      if (constraint.expression() != null
          && constraint.expression().length() > ClusterQuery.MAX_LENGTH) {
        throw EcsErrors.clientException(
            "The expression of a placement constraint can have at most "
                + ClusterQuery.MAX_LENGTH
                + " characters.");
      }
    }
  }

  private static Constraint constraint(@Nullable String type, @Nullable String expression) {
    return switch (Objects.requireNonNullElse(type, "")) {
      case "distinctInstance" -> {
        if (expression != null && !expression.isEmpty()) {
          throw EcsErrors.invalidParameterException(
              "A distinctInstance placement constraint cannot have an expression.");
        }
        yield new Constraint.DistinctInstance();
      }
      case "memberOf" -> {
        ClusterQuery query = ClusterQueries.parse(expression);
        if (query == null) {
          throw EcsErrors.invalidParameterException(
              "A memberOf placement constraint needs an expression.");
        }
        yield new Constraint.MemberOf(query);
      }
      default ->
          throw EcsErrors.invalidParameterException(
              "The type of a placement constraint must be distinctInstance or memberOf.");
    };
  }

  /// Fields are taken in any case, as Amazon's own examples write them.
  private static Strategy strategy(PlacementStrategy strategy) {
    String field = Objects.requireNonNullElse(strategy.field(), "");
    return switch (Objects.requireNonNullElse(strategy.type(), "")) {
      case "random" -> new Strategy.Random();
      case "spread" -> spread(field);
      case "binpack" ->
          switch (field.toLowerCase(Locale.ROOT)) {
            case "cpu" -> new Strategy.Binpack(Resource.CPU);
            case "memory" -> new Strategy.Binpack(Resource.MEMORY);
            default ->
                throw EcsErrors.invalidParameterException(
                    "The field of a binpack placement strategy must be cpu or memory.");
          };
      default ->
          throw EcsErrors.invalidParameterException(
              "The type of a placement strategy must be random, spread or binpack.");
    };
  }

  private static Strategy spread(String field) {
    if (field.equalsIgnoreCase("instanceId") || field.equalsIgnoreCase("host")) {
      return new Strategy.SpreadOverInstances();
    }
    if (field.startsWith(ATTRIBUTE) && field.length() > ATTRIBUTE.length()) {
      return new Strategy.SpreadOverAttribute(field.substring(ATTRIBUTE.length()));
    }
    throw EcsErrors.invalidParameterException(
        "The field of a spread placement strategy must be instanceId, host or attribute:NAME.");
  }
}

package dev.gantry.control.ecs;

import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.model.CapacityProvider;
import dev.gantry.model.CapacityProviderStrategyItem;
import dev.gantry.model.Cluster;
import dev.gantry.scheduler.CapacityShares;
import dev.gantry.store.State;
import dev.gantry.wire.shape.ServiceException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the tasks of one RunTask may run on: the instances of capacity providers, shared out by a
/// strategy, or any instance of the cluster.
///
/// @param strategy empty for any instance
record RunCapacity(List<CapacityProviderStrategyItem> strategy) {

  /// A launch type and a strategy exclude each other; with neither, the cluster's default strategy
  /// counts, and without one the launch type is EC2 (RunTask, API Reference).
  ///
  /// @throws ServiceException InvalidParameterException if the request contradicts itself or its
  ///   strategy breaks a rule, UnsupportedFeatureException naming capacity that there is none of
  static RunCapacity of(State state, RunTaskRequest input, Cluster cluster) {
    String launchType = input.launchType();
    List<dev.gantry.api.ecs.CapacityProviderStrategyItem> given = input.capacityProviderStrategy();
    boolean asked = given != null && !given.isEmpty();
    if (launchType != null && asked) {
      throw EcsErrors.invalidParameterException(
          "Specifying both a launch type and capacity provider strategy is not supported. "
              + "Remove one and try again.");
    }
    if (input.platformVersion() != null && "EC2".equals(launchType)) {
      throw EcsErrors.invalidParameterException(
          "The platform version must be null when specifying an EC2 launch type.");
    }
    Refusals no = new Refusals();
    List<CapacityProviderStrategyItem> strategy = List.of();
    if (launchType != null) {
      if (!launchType.equals("EC2")) {
        no.always("launchType " + launchType);
      }
    } else if (asked) {
      strategy =
          CapacityProviders.strategy(
              state, cluster.id().scope(), given, cluster.capacityProviders());
      if (isFargate(strategy)) {
        no.always("capacityProviderStrategy of FARGATE or FARGATE_SPOT");
      } else {
        CapacityProviders.requireWeight(strategy, false);
      }
    } else if (!cluster.defaultCapacityProviderStrategy().isEmpty()) {
      strategy = cluster.defaultCapacityProviderStrategy();
      if (isFargate(strategy)) {
        no.always("defaultCapacityProviderStrategy of cluster " + cluster.id().name());
      } else {
        CapacityProviders.requireWeight(strategy, true);
      }
    }
    no.unlessAbsent(input.platformVersion(), "platformVersion");
    no.check("RunTask");
    return new RunCapacity(strategy);
  }

  private static boolean isFargate(List<CapacityProviderStrategyItem> strategy) {
    return strategy.stream()
        .anyMatch(item -> CapacityProviders.PREDEFINED.contains(item.capacityProvider()));
  }

  /// The provider of each of `count` tasks; empty for any instance.
  List<String> share(int count) {
    return strategy.isEmpty() ? List.of() : CapacityShares.of(strategy, count);
  }

  /// Whether a task that has no place waits for one: only where ECS sees to it that there will be
  /// one (Automatically manage Amazon ECS capacity with cluster auto scaling).
  static boolean waits(State state, Cluster cluster, @Nullable String provider) {
    CapacityProvider record =
        provider == null ? null : CapacityProviders.find(state, cluster.id().scope(), provider);
    return record != null && record.managedScaling().enabled();
  }
}

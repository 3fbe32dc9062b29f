package dev.gantry.control.ecs;

import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.model.Arn;
import dev.gantry.model.CapacityProvider;
import dev.gantry.model.CapacityProviderId;
import dev.gantry.model.CapacityProviderStrategyItem;
import dev.gantry.model.Cluster;
import dev.gantry.model.Cluster.ClusterStatus;
import dev.gantry.model.ClusterId;
import dev.gantry.model.Scope;
import dev.gantry.model.Task;
import dev.gantry.scheduler.CapacityShares;
import dev.gantry.store.Index;
import dev.gantry.store.State;
import dev.gantry.wire.shape.ServiceException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Capacity providers of a cluster and strategies over them: what a request may say.
///
/// Where a text is Amazon's, the line says where it was seen; the others are made after them.
final class CapacityProviders {
  /// The providers that exist without being created, and cannot be deleted.
  static final List<String> PREDEFINED = List.of("FARGATE", "FARGATE_SPOT");

  /// The most parts of a strategy (CapacityProviderStrategyItem).
  static final int MAX_STRATEGY = 20;

  private static final String ARN_RESOURCE = "capacity-provider/";

  private CapacityProviders() {}

  /// The names of the providers that a request associates with a cluster, each given by its name or
  /// ARN.
  ///
  /// @param cluster the cluster they are to be associated with
  /// @param max the most providers of one cluster
  /// @throws ServiceException InvalidParameterException if one does not exist or comes twice, there
  ///   are too many, or another cluster has one whose scaling is managed
  static List<String> read(State state, ClusterId cluster, @Nullable List<String> given, int max) {
    if (given == null) {
      return List.of();
    }
    if (given.size() > max) {
      // github.com/aws-cloudformation/cloudformation-coverage-roadmap, issue 1086.
      throw EcsErrors.invalidParameterException(
          "The maximum number of capacity providers per cluster has been exceeded.");
    }
    Set<String> names = new LinkedHashSet<>();
    for (String nameOrArn : given) {
      String name = existing(state, cluster.scope(), nameOrArn);
      if (!names.add(name)) {
        throw EcsErrors.invalidParameterException(
            "A capacity provider can only be specified once.");
      }
      CapacityProvider provider = find(state, cluster.scope(), name);
      if (provider != null && provider.managedScaling().enabled()) {
        requireAlone(state, provider, cluster);
      }
    }
    return List.copyOf(names);
  }

  /// A provider whose scaling is managed counts the tasks of one cluster (Automatically manage
  /// Amazon ECS capacity with cluster auto scaling).
  private static void requireAlone(State state, CapacityProvider provider, ClusterId cluster) {
    for (Cluster other : associatedWith(state, provider.id())) {
      if (!other.id().equals(cluster)) {
        throw EcsErrors.invalidParameterException(
            "The specified capacity provider "
                + provider.id().name()
                + " has managed scaling enabled and is already associated with cluster "
                + other.id().name()
                + ". A capacity provider with managed scaling can be associated with one cluster"
                + " only.");
      }
    }
  }

  /// The ACTIVE clusters that a provider is associated with.
  static List<Cluster> associatedWith(State state, CapacityProviderId provider) {
    List<Cluster> associated = new ArrayList<>();
    for (Cluster cluster : state.group(Index.CLUSTERS, provider.scope())) {
      if (cluster.status() == ClusterStatus.ACTIVE
          && cluster.capacityProviders().contains(provider.name())) {
        associated.add(cluster);
      }
    }
    return associated;
  }

  /// The ACTIVE provider of that name, or null; a predefined one is no record.
  static @Nullable CapacityProvider find(State state, Scope scope, String name) {
    CapacityProvider provider = state.capacityProvider(new CapacityProviderId(scope, name));
    return provider == null || !provider.isActive() ? null : provider;
  }

  /// The name in a name or ARN.
  ///
  /// @throws ServiceException InvalidParameterException if the ARN is somebody else's
  static String name(Scope scope, String nameOrArn) {
    Arn arn = Arn.parse(nameOrArn);
    if (arn != null && arn.service().equals("ecs") && arn.resource().startsWith(ARN_RESOURCE)) {
      EcsIds.requireOwn(scope, arn.account(), arn.region());
      return arn.resource().substring(ARN_RESOURCE.length());
    }
    return nameOrArn;
  }

  private static String existing(State state, Scope scope, String nameOrArn) {
    String name = name(scope, nameOrArn);
    if (!PREDEFINED.contains(name) && find(state, scope, name) == null) {
      throw notFound();
    }
    return name;
  }

  /// The text is Amazon's (github.com/terraform-aws-modules/terraform-aws-ecs, issue 53).
  static ServiceException notFound() {
    return EcsErrors.invalidParameterException(
        "The specified capacity provider was not found. Specify a valid capacity provider and try"
            + " again.");
  }

  /// The strategy that a request gives. Its weights may all be 0; what then runs by it fails.
  ///
  /// @param providers those of the cluster; the strategy has no others
  /// @throws ServiceException InvalidParameterException if a rule of strategies is broken
  static List<CapacityProviderStrategyItem> strategy(
      State state,
      Scope scope,
      @Nullable List<dev.gantry.api.ecs.CapacityProviderStrategyItem> given,
      List<String> providers) {
    if (given == null) {
      return List.of();
    }
    if (given.size() > MAX_STRATEGY) {
      throw EcsErrors.invalidParameterException(
          "A capacity provider strategy can contain a maximum of "
              + MAX_STRATEGY
              + " capacity providers.");
    }
    List<CapacityProviderStrategyItem> strategy = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    int bases = 0;
    for (dev.gantry.api.ecs.CapacityProviderStrategyItem item : given) {
      String name = existing(state, scope, Objects.requireNonNullElse(item.capacityProvider(), ""));
      if (!names.add(name)) {
        throw EcsErrors.invalidParameterException(
            "A capacity provider can only be specified once in a capacity provider strategy.");
      }
      if (!providers.contains(name)) {
        throw EcsErrors.invalidParameterException(
            "The specified capacity provider strategy cannot contain a capacity provider that is"
                + " not associated with the cluster. Associate the capacity provider with the"
                + " cluster and try again.");
      }
      int base = Objects.requireNonNullElse(item.base(), 0);
      bases += base > 0 ? 1 : 0;
      strategy.add(
          new CapacityProviderStrategyItem(
              name, Objects.requireNonNullElse(item.weight(), 0), base));
    }
    if (bases > 1) {
      throw EcsErrors.invalidParameterException(
          "Only one capacity provider in a capacity provider strategy can have a base defined.");
    }
    if (names.stream().anyMatch(PREDEFINED::contains) && !PREDEFINED.containsAll(names)) {
      // As the Developer Guide says it, Amazon ECS clusters, considerations of capacity providers.
      throw EcsErrors.invalidParameterException(
          "A capacity provider strategy cannot contain a mix of capacity providers using Auto"
              + " Scaling groups and Fargate providers. Specify a valid capacity provider strategy"
              + " and try again.");
    }
    return List.copyOf(strategy);
  }

  /// Checks that tasks can run by a strategy. A single provider that a call itself names takes all
  /// tasks whatever its weight; the default strategy of a cluster needs a weight even then. The
  /// text about the default strategy is Amazon's (github.com/terraform-aws-modules/
  /// terraform-aws-ecs, issue 27), the other is made after it.
  ///
  /// @param byDefault whether it is the cluster's default strategy
  /// @throws ServiceException InvalidParameterException if all weights are 0
  static void requireWeight(List<CapacityProviderStrategyItem> strategy, boolean byDefault) {
    if (CapacityShares.hasWeight(strategy) || (strategy.size() == 1 && !byDefault)) {
      return;
    }
    throw EcsErrors.invalidParameterException(
        byDefault
            ? "There are no capacity providers with a weight value greater than zero defined in the"
                + " default capacity provider strategy. At least one capacity provider must have a"
                + " weight value greater than zero specified. Update the cluster's default capacity"
                + " provider strategy or specify a valid capacity provider strategy and try again."
            : "There are no capacity providers with a weight value greater than zero defined in the"
                + " capacity provider strategy. At least one capacity provider must have a weight"
                + " value greater than zero specified. Specify a valid capacity provider strategy"
                + " and try again.");
  }

  /// Refuses to dissociate a provider that tasks use, waiting ones included. The text is Amazon's
  /// (github.com/aws/aws-cdk, issue 15366).
  ///
  /// @param kept the providers that stay
  /// @throws ServiceException ResourceInUseException
  static void requireUnused(State state, Cluster cluster, List<String> kept) {
    Set<String> gone = new LinkedHashSet<>(cluster.capacityProviders());
    kept.forEach(gone::remove);
    if (gone.isEmpty()) {
      return;
    }
    for (Task task : state.group(Index.LIVE_PROVIDER_TASKS, cluster.id())) {
      if (gone.contains(task.origin().capacityProvider())) {
        throw EcsErrors.resourceInUseException(
            "The specified capacity provider is in use and cannot be removed.");
      }
    }
  }

  /// A strategy as the API shows it: with the weights and bases that were left out.
  static List<dev.gantry.api.ecs.CapacityProviderStrategyItem> show(
      List<CapacityProviderStrategyItem> strategy) {
    return strategy.stream()
        .map(item ->
            dev.gantry.api.ecs.CapacityProviderStrategyItem.builder()
                .capacityProvider(item.capacityProvider())
                .weight(item.weight())
                .base(item.base())
                .build())
        .toList();
  }
}

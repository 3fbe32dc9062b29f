package dev.gantry.control.ecs;

import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.model.Arn;
import dev.gantry.model.CapacityProviderStrategyItem;
import dev.gantry.model.Scope;
import dev.gantry.wire.shape.ServiceException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Capacity providers of a cluster and strategies over them: what a request may say. The only
/// providers there are, are the two that Amazon predefines.
///
/// Where a text is Amazon's, the line says where it was seen; the others are made after them.
final class CapacityProviders {
  /// The providers that exist without being created, and cannot be deleted.
  static final List<String> PREDEFINED = List.of("FARGATE", "FARGATE_SPOT");

  /// The most parts of a strategy (CapacityProviderStrategyItem).
  static final int MAX_STRATEGY = 20;

  private static final String ARN_RESOURCE = "capacity-provider/";

  private CapacityProviders() {}

  /// The names of the providers that a request gives, each by its name or ARN.
  ///
  /// @param max the most providers of one cluster
  /// @throws ServiceException InvalidParameterException if one does not exist or comes twice, or
  ///   there are too many
  static List<String> read(Scope scope, @Nullable List<String> given, int max) {
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
      if (!names.add(name(scope, nameOrArn))) {
        throw EcsErrors.invalidParameterException(
            "A capacity provider can only be specified once.");
      }
    }
    return List.copyOf(names);
  }

  private static String name(Scope scope, String nameOrArn) {
    Arn arn = Arn.parse(nameOrArn);
    String name = nameOrArn;
    if (arn != null && arn.service().equals("ecs") && arn.resource().startsWith(ARN_RESOURCE)) {
      EcsIds.requireOwn(scope, arn.account(), arn.region());
      name = arn.resource().substring(ARN_RESOURCE.length());
    }
    if (!PREDEFINED.contains(name)) {
      // github.com/terraform-aws-modules/terraform-aws-ecs, issue 53.
      throw EcsErrors.invalidParameterException(
          "The specified capacity provider was not found. Specify a valid capacity provider and try"
              + " again.");
    }
    return name;
  }

  /// The strategy that a request gives. Its weights may all be 0; what then runs by it fails.
  ///
  /// @param providers those of the cluster; the strategy has no others
  /// @throws ServiceException InvalidParameterException if a rule of strategies is broken
  static List<CapacityProviderStrategyItem> strategy(
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
      String name = name(scope, Objects.requireNonNullElse(item.capacityProvider(), ""));
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
    return List.copyOf(strategy);
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

package dev.gantry.scheduler;

import dev.gantry.model.CapacityProviderStrategyItem;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// Which capacity provider takes the next task of a strategy (Amazon ECS API Reference,
/// CapacityProviderStrategyItem).
///
/// Goals, in order: the provider with a base has that many tasks; what is beyond stands to each
/// other as the weights do.
///
/// Constraint: a provider of weight 0 takes nothing beyond its base, unless it is the only one.
///
/// Algorithm: while a base is not met, its provider takes the task. Else the one takes it that
/// would then be the least ahead of its weight, the first of the strategy where several would.
/// Example: with weights 1 and 4 and no base, the tasks go to the second, second, second, first,
/// second, and so on, so that of ten tasks two go to the first and eight to the second.
public final class CapacityShares {
  private CapacityShares() {}

  /// Whether a strategy can take any number of tasks: some weight is above 0.
  public static boolean hasWeight(List<CapacityProviderStrategyItem> strategy) {
    return strategy.stream().anyMatch(item -> item.weight() > 0);
  }

  /// The providers of `count` tasks, in the order in which the tasks are started.
  ///
  /// @param strategy with a weight above 0, or of a single provider
  /// @throws IllegalArgumentException if it is neither
  public static List<String> of(List<CapacityProviderStrategyItem> strategy, int count) {
    SortedMap<String, Integer> tasks = new TreeMap<>();
    List<String> providers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String provider = next(strategy, tasks);
      tasks.merge(provider, 1, Integer::sum);
      providers.add(provider);
    }
    return List.copyOf(providers);
  }

  /// The provider of the next task.
  ///
  /// @param tasks how many each provider has already; who is not in it has none
  /// @throws IllegalArgumentException as [#of]
  public static String next(
      List<CapacityProviderStrategyItem> strategy, SortedMap<String, Integer> tasks) {
    if (strategy.size() == 1) {
      return strategy.getFirst().capacityProvider();
    }
    CapacityProviderStrategyItem next = null;
    for (CapacityProviderStrategyItem item : strategy) {
      int has = tasks.getOrDefault(item.capacityProvider(), 0);
      if (has < item.base()) {
        return item.capacityProvider();
      }
      if (item.weight() > 0
          && (next == null
              || (long) beyond(item, tasks) * next.weight()
                  < (long) beyond(next, tasks) * item.weight())) {
        next = item;
      }
    }
    if (next == null) {
      throw new IllegalArgumentException("no weight above 0");
    }
    return next.capacityProvider();
  }

  /// How many tasks a provider would have beyond its base with one more.
  private static int beyond(CapacityProviderStrategyItem item, SortedMap<String, Integer> tasks) {
    return tasks.getOrDefault(item.capacityProvider(), 0) - item.base() + 1;
  }
}

package dev.gantry.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.model.CapacityProviderStrategyItem;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Strategies over capacity providers a, b, c, each written as weight/base.
class CapacitySharesTest {

  @ParameterizedTest(name = "{0} of {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          10 | 1/0 4/0     | bbbabbbbab
          4  | 1/0 1/0     | abab
          5  | 1/2 1/0     | aaaba
          5  | 0/2 1/0     | aabbb
          3  | 1/0 0/9     | bbb
          3  | 0/0         | aaa
          3  | 0/1         | aaa
          6  | 1/0 2/0 3/0 | cbcabc
          2  | 1000/0 1/0  | aa
          0  | 1/0 1/0     |
          """)
  void shares(int count, String strategy, String expected) {
    assertThat(String.join("", CapacityShares.of(strategy(strategy), count)))
        .isEqualTo(expected == null ? "" : expected);
  }

  @Test
  void withoutAnyWeightNothingIsDecided() {
    assertThat(CapacityShares.hasWeight(strategy("0/0 0/1"))).isFalse();
    assertThatThrownBy(() -> CapacityShares.of(strategy("0/0 0/1"), 2))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /// The base comes first, weight 0 takes nothing more, and nobody is ever a whole task further
  /// from its share than the number of providers allows.
  @Test
  void everyStrategyIsKeptTo() {
    Random random = new Random(7);
    for (int round = 0; round < 500; round++) {
      List<CapacityProviderStrategyItem> strategy = new ArrayList<>();
      int providers = 2 + random.nextInt(4);
      int based = random.nextInt(providers);
      int sum = 0;
      for (int i = 0; i < providers; i++) {
        int weight = random.nextInt(4) == 0 ? 0 : random.nextInt(10);
        weight = i == providers - 1 && sum == 0 ? 1 : weight;
        sum += weight;
        strategy.add(item(i, weight, i == based ? random.nextInt(6) : 0));
      }
      int count = random.nextInt(60);
      List<String> taken = CapacityShares.of(strategy, count);
      assertThat(taken).hasSize(count);
      int beyond = Math.max(0, count - strategy.get(based).base());
      for (CapacityProviderStrategyItem item : strategy) {
        long has = taken.stream().filter(item.capacityProvider()::equals).count();
        assertThat(has)
            .as("base of %s in %s", item, strategy)
            .isGreaterThanOrEqualTo(Math.min(item.base(), count));
        double share = (double) beyond * item.weight() / sum;
        assertThat(has - Math.min(item.base(), count) - share)
            .as("%s in %s of %s", item, strategy, count)
            .isBetween(-(double) providers, (double) providers);
        if (item.weight() == 0) {
          assertThat(has).isLessThanOrEqualTo(item.base());
        }
      }
    }
  }

  private static List<CapacityProviderStrategyItem> strategy(String text) {
    List<CapacityProviderStrategyItem> strategy = new ArrayList<>();
    for (String item : text.split(" ", -1)) {
      String[] parts = item.split("/", -1);
      strategy.add(item(strategy.size(), Integer.parseInt(parts[0]), Integer.parseInt(parts[1])));
    }
    return strategy;
  }

  private static CapacityProviderStrategyItem item(int index, int weight, int base) {
    return new CapacityProviderStrategyItem(Character.toString((char) ('a' + index)), weight, base);
  }
}

package dev.gantry.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The map against `TreeMap`, which does the same in place. Keys come from a small range, so that
/// they meet each other often.
class OrderedMapTest {

  private static final int KEYS = 200;

  /// A put of `value`, or a removal if that is negative.
  record Step(int key, int value) {}

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.integers().between(0, KEYS), Arbitraries.integers().between(-5, 5))
        .as(Step::new)
        .list()
        .ofMaxSize(400);
  }

  /// Steps that run up, then down, in order: what leans a careless tree most.
  @Provide
  Arbitrary<List<Step>> slopes() {
    return Combinators.combine(
            Arbitraries.integers().between(0, KEYS),
            Arbitraries.of(1, -1),
            Arbitraries.integers().between(0, KEYS),
            Arbitraries.of(1, -1))
        .as((puts, putStep, removals, removalStep) -> {
          List<Step> steps = new ArrayList<>();
          for (int i = 0; i < puts; i++) {
            steps.add(new Step(putStep > 0 ? i : KEYS - i, 1));
          }
          for (int i = 0; i < removals; i++) {
            steps.add(new Step(removalStep > 0 ? i : KEYS - i, -1));
          }
          return steps;
        });
  }

  private static OrderedMap<Integer, Integer> apply(OrderedMap<Integer, Integer> map, Step step) {
    return step.value < 0 ? map.remove(step.key) : map.put(step.key, step.value);
  }

  private static OrderedMap<Integer, Integer> run(List<Step> steps) {
    OrderedMap<Integer, Integer> map = OrderedMap.empty();
    for (Step step : steps) {
      map = apply(map, step);
    }
    return map;
  }

  private static NavigableMap<Integer, Integer> expected(List<Step> steps) {
    NavigableMap<Integer, Integer> map = new TreeMap<>();
    for (Step step : steps) {
      if (step.value < 0) {
        map.remove(step.key);
      } else {
        map.put(step.key, step.value);
      }
    }
    return map;
  }

  private static List<Map.Entry<Integer, Integer>> list(
      Iterable<OrderedMap.Entry<Integer, Integer>> entries) {
    List<Map.Entry<Integer, Integer>> list = new ArrayList<>();
    entries.forEach(entry -> list.add(Map.entry(entry.key(), entry.value())));
    return list;
  }

  private static void assertSame(
      OrderedMap<Integer, Integer> map, NavigableMap<Integer, Integer> expected) {
    map.check();
    assertThat(list(map)).isEqualTo(List.copyOf(expected.entrySet()));
    assertThat(map.size()).isEqualTo(expected.size());
  }

  @Property(tries = 300)
  void everyVersionIsAsItWasWhenItWasMade(@ForAll("steps") List<Step> steps) {
    List<OrderedMap<Integer, Integer>> versions = new ArrayList<>();
    OrderedMap<Integer, Integer> map = OrderedMap.empty();
    for (Step step : steps) {
      versions.add(map);
      map = apply(map, step);
    }
    versions.add(map);
    for (int i = 0; i < versions.size(); i += 1 + versions.size() / 16) {
      assertSame(versions.get(i), expected(steps.subList(0, i)));
    }
    assertSame(map, expected(steps));
  }

  @Property(tries = 300)
  void slopesStayBalanced(@ForAll("slopes") List<Step> steps) {
    assertSame(run(steps), expected(steps));
  }

  @Property
  void looksUpAsTreeMapDoes(
      @ForAll("steps") List<Step> steps, @ForAll @IntRange(min = -1, max = KEYS + 1) int key) {
    OrderedMap<Integer, Integer> map = run(steps);
    NavigableMap<Integer, Integer> expected = expected(steps);

    assertThat(map.get(key)).isEqualTo(expected.get(key));
    assertThat(map.containsKey(key)).isEqualTo(expected.containsKey(key));
    assertThat(key(map.firstAfter(key))).isEqualTo(expected.higherKey(key));
    assertThat(key(map.lastBefore(key))).isEqualTo(expected.lowerKey(key));
    assertThat(map.countBefore(key)).isEqualTo(expected.headMap(key).size());
    assertThat(key(map.first())).isEqualTo(expected.isEmpty() ? null : expected.firstKey());
    assertThat(key(map.last())).isEqualTo(expected.isEmpty() ? null : expected.lastKey());
  }

  private static @Nullable Integer key(OrderedMap.@Nullable Entry<Integer, Integer> entry) {
    return entry == null ? null : entry.key();
  }

  @Property
  void iteratesRangesAsTreeMapDoes(
      @ForAll("steps") List<Step> steps,
      @ForAll @IntRange(min = -1, max = KEYS + 1) int key,
      @ForAll @IntRange(min = 0, max = KEYS) int length) {
    OrderedMap<Integer, Integer> map = run(steps);
    NavigableMap<Integer, Integer> expected = expected(steps);

    assertThat(list(map.from(key))).isEqualTo(List.copyOf(expected.tailMap(key, true).entrySet()));
    assertThat(list(map.after(key)))
        .isEqualTo(List.copyOf(expected.tailMap(key, false).entrySet()));
    assertThat(list(map.range(key, key + length)))
        .isEqualTo(List.copyOf(expected.subMap(key, true, key + length, false).entrySet()));
    assertThat(list(map.descending())).isEqualTo(List.copyOf(expected.descendingMap().entrySet()));
    assertThat(list(map.descendingBefore(key)))
        .isEqualTo(List.copyOf(expected.headMap(key, false).descendingMap().entrySet()));
  }

  @Property
  void builtAtOnceIsTheSameAsGrown(@ForAll("steps") List<Step> steps) {
    NavigableMap<Integer, Integer> expected = expected(steps);
    OrderedMap<Integer, Integer> built =
        OrderedMap.ofSorted(List.copyOf(expected.keySet()), List.copyOf(expected.values()));

    assertSame(built, expected);
    assertThat(built).isEqualTo(run(steps)).hasSameHashCodeAs(run(steps));
  }

  @Property
  void setsDoAsMapsDo(
      @ForAll("steps") List<Step> steps, @ForAll @IntRange(min = -1, max = KEYS + 1) int element) {
    OrderedSet<Integer> set = OrderedSet.empty();
    for (Step step : steps) {
      set = step.value < 0 ? set.remove(step.key) : set.add(step.key);
    }
    var expected = expected(steps).navigableKeySet();

    assertThat(set).containsExactlyElementsOf(expected);
    assertThat(set.size()).isEqualTo(expected.size());
    assertThat(set.from(element)).containsExactlyElementsOf(expected.tailSet(element, true));
    assertThat(set.after(element)).containsExactlyElementsOf(expected.tailSet(element, false));
    assertThat(set.descending()).containsExactlyElementsOf(expected.descendingSet());
    assertThat(set.descendingBefore(element))
        .containsExactlyElementsOf(expected.headSet(element, false).descendingSet());
    assertThat(set.firstAfter(element)).isEqualTo(expected.higher(element));
    assertThat(set.contains(element)).isEqualTo(expected.contains(element));
    assertThat(set).isEqualTo(OrderedSet.ofSorted(List.copyOf(expected)));
  }

  @Test
  void changingNothingGivesTheSameMap() {
    String value = "1";
    OrderedMap<String, String> map = OrderedMap.<String, String>empty().put("a", value);

    assertThat(map.put("a", value)).isSameAs(map);
    assertThat(map.remove("b")).isSameAs(map);
  }

  @Test
  void takesAnyOrder() {
    OrderedMap<String, Integer> map =
        OrderedMap.<String, Integer>empty(Comparator.reverseOrder()).put("a", 1).put("b", 2);

    assertThat(map).hasToString("{b=2, a=1}");
  }

  @Test
  void refusesKeysOutOfOrder() {
    assertThatThrownBy(() -> OrderedMap.ofSorted(List.of(1, 3, 2), List.of("", "", "")))
        .hasMessage("Keys must ascend strictly, but 3 comes before 2");
    assertThatThrownBy(() -> OrderedMap.ofSorted(List.of(1), List.of()))
        .hasMessage("1 keys do not go with 0 values");
  }
}

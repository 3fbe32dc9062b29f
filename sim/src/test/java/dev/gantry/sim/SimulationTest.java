package dev.gantry.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SimulationTest {
  /// How many seeds run in every build.
  private static final int SEEDS = 200;

  /// Every so many seeds, one is run twice.
  private static final int TWICE_EVERY = 20;

  private static @Nullable List<Simulation.Outcome> outcomes;

  @BeforeAll
  static void run() throws InterruptedException {
    Simulate.quiet();
    outcomes = new Seeds(Simulate.DEFAULT_STEPS, () -> Seams.NONE).runAll(1, SEEDS, TWICE_EVERY);
  }

  @Test
  void everySeedHolds() {
    assertThat(outcomes)
        .hasSize(SEEDS)
        .filteredOn(outcome -> outcome.violation() != null)
        .extracting(Simulate::report)
        .isEmpty();
  }

  @Test
  void everySeedDoesSomethingElse() {
    assertThat(outcomes).extracting(Simulation.Outcome::did).doesNotHaveDuplicates();
  }

  /// Whoever adds a kind of fault says by what it is known to have happened.
  @Test
  void everyFaultHappens() {
    Tally all = new Tally();
    Objects.requireNonNull(outcomes).forEach(outcome -> all.add(outcome.tally()));
    List<String> effects =
        new ArrayList<>(List.of("world of 2 hosts", "world of 3 hosts", "world of 4 hosts"));
    for (Faults.Kind kind : Faults.Kind.values()) {
      effects.add("fault " + kind);
      effects.addAll(kind.effects());
    }
    assertThat(all.all()).containsKeys(effects.toArray(String[]::new));
  }

  /// What is to be checked happens: an invariant of something that never happens holds for ever.
  @Test
  void theTrafficHappens() {
    Tally all = new Tally();
    Objects.requireNonNull(outcomes).forEach(outcome -> all.add(outcome.tally()));
    assertThat(all.all())
        .containsKeys(
            "task begins with tags",
            "stop of a task with tags",
            "call UntagResource",
            "call ListTagsForResource",
            "cluster deleted",
            "instance drains",
            "instance takes tasks again",
            "task runs on an instance that drains",
            "no sign of life",
            "task waits for capacity",
            "task has capacity at once",
            "waiting task placed",
            "host joins a group",
            "host leaves its group");
  }

  @ParameterizedTest
  @MethodSource("dev.gantry.sim.Mutants#all")
  void aPlantedBugIsFoundByItsInvariant(Mutants.Mutant mutant) {
    Violation found = find(mutant);
    assertThat(found == null ? null : found.invariant())
        .as(() -> mutant + ", found as " + found)
        .isEqualTo(mutant.breaks());
  }

  /// Whoever adds an invariant shows that it can fail.
  @Test
  void everyInvariantHasAPlantedBug() {
    Set<Invariant> without = EnumSet.allOf(Invariant.class);
    Mutants.all().forEach(mutant -> without.remove(mutant.breaks()));
    assertThat(without).isEmpty();
  }

  private static @Nullable Violation find(Mutants.Mutant mutant) {
    Seeds seeds = new Seeds(Simulate.DEFAULT_STEPS, mutant.bug());
    for (int seed = 1; seed <= mutant.seeds(); seed++) {
      Violation violation =
          mutant.breaks() == Invariant.SAME_SEED
              ? seeds.runTwice(seed).violation()
              : seeds.run(seed).violation();
      if (violation != null) {
        return violation;
      }
    }
    return null;
  }
}

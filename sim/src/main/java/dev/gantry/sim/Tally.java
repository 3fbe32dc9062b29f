package dev.gantry.sim;

import java.util.SortedMap;
import java.util.TreeMap;

/// Counts what happened in a run, so that it shows whether the run was worth anything.
final class Tally {
  private final SortedMap<String, Integer> counts = new TreeMap<>();

  /// It happened once more.
  void count(String what) {
    counts.merge(what, 1, Integer::sum);
  }

  /// How often each thing happened, by name.
  SortedMap<String, Integer> all() {
    return new TreeMap<>(counts);
  }

  /// Adds another run's counts.
  void add(SortedMap<String, Integer> other) {
    other.forEach((what, times) -> counts.merge(what, times, Integer::sum));
  }
}

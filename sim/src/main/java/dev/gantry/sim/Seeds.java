package dev.gantry.sim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Runs seeds, on as many threads as there are processors: each is a world of its own and shares
/// nothing with the others.
final class Seeds {
  /// How many outcomes may wait for an earlier one, for each thread.
  private static final int AHEAD = 4;

  private final int steps;
  private final Supplier<Seams> seams;

  /// @param steps how many events phase one has
  /// @param seams asked for once for each run
  Seeds(int steps, Supplier<Seams> seams) {
    this.steps = steps;
    this.seams = seams;
  }

  /// Runs one seed.
  Simulation.Outcome run(long seed) {
    return new Simulation(seed, steps, seams.get(), new Trace(null)).run();
  }

  /// Runs one seed twice, and finds [Invariant#SAME_SEED] broken unless both did the same.
  Simulation.Outcome runTwice(long seed) {
    Simulation.Outcome first = run(seed);
    if (first.violation() != null) {
      return first;
    }
    Simulation.Outcome second = run(seed);
    return first.did().equals(second.did())
        ? first
        : first.with(
            new Violation(
                Invariant.SAME_SEED, "did " + first.did() + ", and then " + second.did()));
  }

  /// Runs every seed from `first` to `last`, both included.
  ///
  /// @param twiceEvery every so many seeds, one is run twice; none if 0
  /// @param each hears how they went, in their order, on the caller's thread
  void runAll(long first, long last, int twiceEvery, Consumer<Simulation.Outcome> each)
      throws InterruptedException {
    int threads = Runtime.getRuntime().availableProcessors();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    Deque<Future<Simulation.Outcome>> running = new ArrayDeque<>();
    try {
      for (long seed = first; seed <= last; seed++) {
        long mine = seed;
        boolean twice = twiceEvery > 0 && seed % twiceEvery == 0;
        running.add(pool.submit(() -> twice ? runTwice(mine) : run(mine)));
        if (running.size() > threads * AHEAD) {
          each.accept(outcome(running.removeFirst()));
        }
      }
      while (!running.isEmpty()) {
        each.accept(outcome(running.removeFirst()));
      }
    } finally {
      pool.shutdownNow();
    }
  }

  /// Runs every seed from `first` to `last` and keeps how they went.
  List<Simulation.Outcome> runAll(long first, long last, int twiceEvery)
      throws InterruptedException {
    List<Simulation.Outcome> outcomes = new ArrayList<>();
    runAll(first, last, twiceEvery, outcomes::add);
    return outcomes;
  }

  private static Simulation.Outcome outcome(Future<Simulation.Outcome> run)
      throws InterruptedException {
    try {
      return run.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a run ended without an outcome", e.getCause());
    }
  }
}

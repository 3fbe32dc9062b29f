package dev.gantry.sim;

import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/// `./gantry simulate`: runs one seed, or many, and says how it went. Ends with 0 if everything
/// held, 1 if something did not, 2 if it was not asked properly.
public final class Simulate {
  /// How many events phase one has unless it is said.
  static final int DEFAULT_STEPS = 6_000;

  private static final String USAGE =
      """
      Usage: gantry simulate --seed N [--steps M] [--seeds COUNT] [--trace]

        --seed N       the seed; the same seed does the same things
        --steps M      events before everything is healed (default %d)
        --seeds COUNT  run COUNT seeds, from N on
        --trace        print everything that happens

      docs/internals/sim.md explains what is simulated and what is checked.
      """
          .formatted(DEFAULT_STEPS);

  private Simulate() {}

  private record Wish(long seed, int steps, int seeds, boolean trace) {}

  /// The command.
  public static void main(String[] arguments) {
    quiet();
    Wish wish = read(arguments);
    if (wish == null) {
      System.err.print(USAGE);
      System.exit(2);
      return;
    }
    int failed = 0;
    for (long seed = wish.seed(); seed < wish.seed() + wish.seeds(); seed++) {
      failed += run(seed, wish, System.out) ? 0 : 1;
    }
    if (wish.seeds() > 1) {
      System.out.println(wish.seeds() - failed + " seeds held, " + failed + " did not");
    }
    System.out.flush();
    System.exit(failed == 0 ? 0 : 1);
  }

  private static @Nullable Wish read(String[] arguments) {
    Long seed = null;
    int steps = DEFAULT_STEPS;
    int seeds = 1;
    boolean trace = false;
    try {
      for (int i = 0; i < arguments.length; i++) {
        switch (arguments[i]) {
          case "--seed" -> seed = Long.parseLong(arguments[++i]);
          case "--steps" -> steps = Integer.parseInt(arguments[++i]);
          case "--seeds" -> seeds = Integer.parseInt(arguments[++i]);
          case "--trace" -> trace = true;
          default -> {
            return null;
          }
        }
      }
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return null;
    }
    return seed == null || steps < 1 || seeds < 1 ? null : new Wish(seed, steps, seeds, trace);
  }

  private static boolean run(long seed, Wish wish, PrintStream out) {
    long began = System.nanoTime();
    Trace trace = new Trace(wish.trace() ? out::println : null);
    Simulation.Outcome outcome = new Simulation(seed, wish.steps(), Seams.NONE, trace).run();
    double seconds = (System.nanoTime() - began) / 1e9;
    out.println(summary(outcome) + String.format(Locale.ROOT, " [%.2f s]", seconds));
    Violation violation = outcome.violation();
    if (violation == null) {
      if (wish.seeds() == 1) {
        for (Map.Entry<String, Integer> count : outcome.tally().entrySet()) {
          out.printf(Locale.ROOT, "  %6d %s%n", count.getValue(), count.getKey());
        }
      }
      return true;
    }
    if (wish.seeds() == 1) {
      outcome.lastLines().forEach(out::println);
      if (violation.getCause() != null) {
        violation.getCause().printStackTrace(out);
      }
    }
    out.println(report(outcome));
    return false;
  }

  /// One line on how a run went.
  static String summary(Simulation.Outcome outcome) {
    return String.format(
        Locale.ROOT,
        "seed %d: %s, %d events, %d min %02d s, at rest after %s s, %d tasks, faults %s, %s",
        outcome.seed(),
        outcome.violation() == null ? "held" : "FAILED",
        outcome.allSteps(),
        outcome.simulated().toMinutes(),
        outcome.simulated().toSecondsPart(),
        outcome.restAfter() == null ? "-" : outcome.restAfter().toSeconds(),
        outcome.tally().getOrDefault("task created", 0),
        outcome.faults(),
        outcome.digest().isEmpty() ? "-" : outcome.digest().substring(0, 12));
  }

  /// What did not hold, and the one command that shows it again.
  static String report(Simulation.Outcome outcome) {
    Violation violation = outcome.violation();
    String what = violation == null ? "nothing" : violation.invariant() + ": " + violation.text();
    return what
        + "\nTo see it again: ./gantry simulate --seed "
        + outcome.seed()
        + (outcome.steps() == DEFAULT_STEPS ? "" : " --steps " + outcome.steps());
  }

  /// The parts log as they go; a broken world would fill the screen.
  static void quiet() {
    LogManager.getLogManager().reset();
    Logger.getLogger("").setLevel(Level.OFF);
  }
}

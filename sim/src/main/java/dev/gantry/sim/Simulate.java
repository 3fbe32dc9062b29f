package dev.gantry.sim;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/// `./gantry simulate`: runs one seed, or many, and says how it went. Ends with 0 if everything
/// held, 1 if something did not, 2 if it was not asked properly.
public final class Simulate {
  /// How many events phase one has unless it is said.
  static final int DEFAULT_STEPS = 6_000;

  /// A seed that is one of many is run twice now and then, to see that it does the same again.
  private static final int TWICE_EVERY = 10;

  private static final Duration BETWEEN_WORDS = Duration.ofSeconds(10);

  private static final String USAGE =
      """
      Usage: gantry simulate --seed N [--steps M] [--trace]
             gantry simulate --seeds A-B [--steps M]

        --seed N     run one seed, twice: the same seed does the same things
        --seeds A-B  run all of these, on every processor; says which do not hold
        --steps M    events before everything is healed (default %d)
        --trace      print everything that happens

      docs/internals/sim.md explains what is simulated and what is checked.
      """
          .formatted(DEFAULT_STEPS);

  private Simulate() {}

  private record Wish(long first, long last, boolean many, int steps, boolean trace) {}

  /// The command.
  public static void main(String[] arguments) throws InterruptedException {
    quiet();
    Wish wish = read(arguments);
    if (wish == null) {
      System.err.print(USAGE);
      System.exit(2);
      return;
    }
    boolean held = wish.many() ? runMany(wish, System.out) : runOne(wish, System.out);
    System.out.flush();
    System.exit(held ? 0 : 1);
  }

  private static @Nullable Wish read(String[] arguments) {
    Long first = null;
    Long last = null;
    boolean many = false;
    int steps = DEFAULT_STEPS;
    boolean trace = false;
    try {
      for (int i = 0; i < arguments.length; i++) {
        switch (arguments[i]) {
          case "--seed" -> {
            first = Long.valueOf(arguments[++i]);
            last = first;
          }
          case "--seeds" -> {
            String[] ends = arguments[++i].split("-", 2);
            first = Long.valueOf(ends[0]);
            last = Long.valueOf(ends[1]);
            many = true;
          }
          case "--steps" -> steps = Integer.parseInt(arguments[++i]);
          case "--trace" -> trace = true;
          default -> {
            return null;
          }
        }
      }
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return null;
    }
    return first == null || last == null || last < first || steps < 1
        ? null
        : new Wish(first, last, many, steps, trace);
  }

  private static boolean runOne(Wish wish, PrintStream out) {
    long began = System.nanoTime();
    Simulation.Outcome outcome =
        wish.trace()
            ? new Simulation(wish.first(), wish.steps(), Seams.NONE, new Trace(out::println)).run()
            : new Seeds(wish.steps(), () -> Seams.NONE).runTwice(wish.first());
    out.printf(Locale.ROOT, "%s [%.2f s]%n", summary(outcome), (System.nanoTime() - began) / 1e9);
    printTally(outcome.tally(), out);
    Violation violation = outcome.violation();
    if (violation == null) {
      return true;
    }
    outcome.lastLines().forEach(out::println);
    if (violation.getCause() != null) {
      violation.getCause().printStackTrace(out);
    }
    out.println(report(outcome));
    return false;
  }

  private static boolean runMany(Wish wish, PrintStream out) throws InterruptedException {
    long began = System.nanoTime();
    Tally tally = new Tally();
    List<Long> failed = new ArrayList<>();
    long[] spoken = {began};
    new Seeds(wish.steps(), () -> Seams.NONE)
        .runAll(
            wish.first(),
            wish.last(),
            TWICE_EVERY,
            outcome -> {
              tally.add(outcome.tally());
              if (outcome.violation() != null) {
                failed.add(outcome.seed());
                out.println(summary(outcome));
                out.println(report(outcome));
              }
              long now = System.nanoTime();
              if (now - spoken[0] > BETWEEN_WORDS.toNanos()) {
                spoken[0] = now;
                long done = outcome.seed() - wish.first() + 1;
                out.printf(
                    Locale.ROOT,
                    "%d of %d seeds, %d failed, %.1f seeds/s%n",
                    done,
                    wish.last() - wish.first() + 1,
                    failed.size(),
                    done / ((now - began) / 1e9));
              }
            });
    printTally(tally.all(), out);
    long all = wish.last() - wish.first() + 1;
    out.println(
        all
            - failed.size()
            + " seeds held, "
            + failed.size()
            + " did not"
            + (failed.isEmpty() ? "" : ": " + failed));
    return failed.isEmpty();
  }

  private static void printTally(SortedMap<String, Integer> tally, PrintStream out) {
    for (Map.Entry<String, Integer> count : tally.entrySet()) {
      out.printf(Locale.ROOT, "  %8d %s%n", count.getValue(), count.getKey());
    }
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

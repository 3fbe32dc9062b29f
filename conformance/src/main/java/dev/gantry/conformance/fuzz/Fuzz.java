package dev.gantry.conformance.fuzz;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// `./gantry fuzz`: sends a server of its own what nobody should, and says how it bore it. Ends
/// with 0 if nothing was wrong, 1 if something was, 2 if it was not asked properly.
public final class Fuzz {
  private static final int DEFAULT_REQUESTS = 50_000;
  private static final int DEFAULT_CLIENTS = 16;

  private static final String USAGE =
      """
      Usage: gantry fuzz [--requests N] [--seed S] [--clients C] [--only CASE]

        --requests N  how many requests are sent (default %d)
        --seed S      the seed; the same seed sends the same things (default 1)
        --clients C   how many clients send at once (default %d)
        --only CASE   send one case of the seed alone, as a failure names it

      docs/internals/hostile.md explains what is sent and what is demanded.
      """
          .formatted(DEFAULT_REQUESTS, DEFAULT_CLIENTS);

  private Fuzz() {}

  private record Wish(long requests, long seed, int clients, long only) {}

  /// The command.
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Wish wish = read(arguments);
    if (wish == null) {
      System.err.print(USAGE);
      System.exit(2);
      return;
    }
    FuzzRun.Report report =
        wish.only() >= 0
            ? FuzzRun.only(wish.only(), wish.seed())
            : FuzzRun.run(wish.requests(), wish.seed(), wish.clients(), System.err::println);
    System.out.println(report);
    System.out.flush();
    System.exit(report.failures().isEmpty() ? 0 : 1);
  }

  private static @Nullable Wish read(String[] arguments) {
    long requests = DEFAULT_REQUESTS;
    long seed = 1;
    int clients = DEFAULT_CLIENTS;
    long only = -1;
    try {
      for (int i = 0; i < arguments.length; i++) {
        switch (arguments[i]) {
          case "--requests" -> requests = Long.parseLong(arguments[++i]);
          case "--seed" -> seed = Long.parseLong(arguments[++i]);
          case "--clients" -> clients = Integer.parseInt(arguments[++i]);
          case "--only" -> only = Long.parseLong(arguments[++i]);
          default -> {
            return null;
          }
        }
      }
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return null;
    }
    return requests < 1 || clients < 1 ? null : new Wish(requests, seed, clients, only);
  }
}

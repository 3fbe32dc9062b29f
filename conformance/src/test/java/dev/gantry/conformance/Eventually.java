package dev.gantry.conformance;

import java.time.Duration;
import java.util.function.Predicate;

/// Looks again and again, as a client does, until something has come about.
final class Eventually {
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);
  private static final Duration LIMIT = Duration.ofSeconds(90);

  private Eventually() {}

  /// One look at the world.
  interface Look<T> {
    T look() throws Exception;
  }

  /// The first thing seen that is wanted.
  ///
  /// @throws AssertionError naming the last thing seen, if none comes within the limit
  static <T> T see(String what, Look<T> look, Predicate<T> wanted) throws Exception {
    long begun = System.nanoTime();
    while (true) {
      T seen = look.look();
      if (wanted.test(seen)) {
        return seen;
      }
      if (System.nanoTime() - begun > LIMIT.toNanos()) {
        throw new AssertionError(what + " did not come about; last seen: " + seen);
      }
      Thread.sleep(BETWEEN_LOOKS);
    }
  }
}

package dev.gantry.conformance;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// `kill -9` of Gantry and of the engine at random points, under load.
///
/// Ten rounds in each build; by hand as many as are asked for: `mvn -pl conformance -am test
/// -Dtest=KillTest -Dgantry.kill.rounds=200 -Dgantry.kill.seed=7
/// -Dsurefire.failIfNoSpecifiedTests=false`. The seed says what is killed and when; what that meets
/// is up to the machine.
@Tag("docker")
class KillTest {
  private static final int ROUNDS = Integer.getInteger("gantry.kill.rounds", 10);
  private static final long SEED = Long.getLong("gantry.kill.seed", 1L);

  @Test
  void nothingIsLostDoubledOrLeftBehind() throws Exception {
    try (KillRounds rounds = KillRounds.start(SEED)) {
      for (int number = 1; number <= ROUNDS; number++) {
        try {
          rounds.round(number);
        } catch (AssertionError e) {
          System.out.println(rounds.evidence());
          throw e;
        }
        if (number % 10 == 0) {
          System.out.println(number + " rounds");
        }
      }
      rounds.finish();
    }
  }
}

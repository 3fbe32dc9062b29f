package dev.gantry.conformance;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `kill -9` of Gantry, of an agent that is a process of its own, and of the engine, at random
/// points under load.
///
/// Ten rounds in each build; by hand as many as are asked for: `mvn -pl conformance -am test
/// -Dtest=KillTest -Dgantry.kill.rounds=200 -Dgantry.kill.seed=7
/// -Dsurefire.failIfNoSpecifiedTests=false`, half of them with an agent apart. The seed says what
/// is killed and when; what that meets is up to the machine.
@Tag("docker")
class KillTest {
  private static final int ROUNDS = Integer.getInteger("gantry.kill.rounds", 10);
  private static final long SEED = Long.getLong("gantry.kill.seed", 1L);

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void nothingIsLostDoubledOrLeftBehind(boolean apart) throws Exception {
    try (KillRounds rounds = KillRounds.start(SEED, apart)) {
      for (int number = 1; number <= ROUNDS / 2; number++) {
        try {
          rounds.round(number);
        } catch (AssertionError e) {
          throw new AssertionError(e.getMessage() + " | " + rounds.evidence(), e);
        }
        if (number % 10 == 0) {
          System.out.println(number + (apart ? " rounds with an agent apart" : " rounds"));
        }
      }
      rounds.finish();
    }
  }
}

package dev.gantry.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.control.ControlEffect;
import dev.gantry.control.ControlPlane;
import dev.gantry.store.State;
import dev.gantry.wire.server.Call;
import dev.gantry.wire.server.OperationHandler;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimulationTest {
  /// How many seeds run in every build.
  private static final int SEEDS = 50;

  /// A planted bug must be found within so many seeds.
  private static final int SEEDS_FOR_A_BUG = 20;

  @BeforeAll
  static void quiet() {
    Simulate.quiet();
  }

  @Test
  void everySeedHolds() {
    List<String> failures = new ArrayList<>();
    for (int seed = 1; seed <= SEEDS; seed++) {
      Simulation.Outcome outcome = run(seed, Seams.NONE);
      if (outcome.violation() != null) {
        failures.add(Simulate.report(outcome));
      }
    }
    assertThat(failures).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 7, 23})
  void theSameSeedDoesTheSame(long seed) {
    Simulation.Outcome first = run(seed, Seams.NONE);
    Simulation.Outcome second = run(seed, Seams.NONE);
    assertThat(first.digest()).isNotEmpty().isEqualTo(second.digest());
    assertThat(first.allSteps()).isEqualTo(second.allSteps());
    assertThat(run(seed + 100, Seams.NONE).digest()).isNotEqualTo(first.digest());
  }

  /// Client tokens that are ignored: a repeated RunTask starts its tasks again.
  @Test
  void aRequestThatIsDoneTwiceIsFound() {
    Seams forgetful =
        new Seams() {
          @Override
          public OperationHandler front(OperationHandler real) {
            return (call, answer) ->
                real.handle(
                    call.input() instanceof RunTaskRequest request
                        ? new Call(
                            call.operation(),
                            request.toBuilder().clientToken(null).build(),
                            call.principal(),
                            call.region(),
                            call.requestId(),
                            call.head())
                        : call,
                    answer);
          }
        };
    assertThat(found(forgetful)).isEqualTo(Invariant.ONE_TOKEN);
  }

  /// An agent that is never told of anything new: its tasks never run.
  @Test
  void messagesThatAreNotSentAreFound() {
    Seams silent =
        new Seams() {
          @Override
          public List<ControlEffect> effects(
              ControlPlane plane, State before, List<ControlEffect> effects) {
            return effects.stream()
                .filter(effect ->
                    !(effect instanceof ControlEffect.Send send
                        && send.text().contains("PayloadMessage")))
                .toList();
          }
        };
    assertThat(found(silent)).isIn(Invariant.DESIRED_STATUS, Invariant.NOTHING_EXTRA);
  }

  private static @Nullable Invariant found(Seams bug) {
    for (int seed = 1; seed <= SEEDS_FOR_A_BUG; seed++) {
      Violation violation = run(seed, bug).violation();
      if (violation != null) {
        return violation.invariant();
      }
    }
    return null;
  }

  private static Simulation.Outcome run(long seed, Seams seams) {
    return new Simulation(seed, Simulate.DEFAULT_STEPS, seams, new Trace(null)).run();
  }
}

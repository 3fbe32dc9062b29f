package dev.gantry.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Back-off, timers, reasons.
final class SmallPartsTest {

  @ParameterizedTest(name = "failure {0}: {1} ms, at most {2} ms")
  @CsvSource({
    "1, 250, 300",
    "2, 375, 450",
    "3, 562, 675",
    "15, 72982, 87579",
    "99, 120000, 144000"
  })
  void backOffGrowsWithinItsLimitAndJitter(int failures, long least, long most) {
    assertThat(Backoff.ACS.delay(failures, 0)).isEqualTo(Duration.ofMillis(least));
    assertThat(Backoff.ACS.delay(failures, 0.999_999))
        .isBetween(Duration.ofMillis(most - 1), Duration.ofMillis(most));
  }

  @Test
  void timersRunInOrderAndOnce() {
    Timers timers = new Timers();
    List<String> ran = new ArrayList<>();
    Instant start = Instant.EPOCH;
    timers.set("c", start.plusSeconds(3), () -> ran.add("c"));
    timers.set("a", start.plusSeconds(1), () -> ran.add("a"));
    timers.set(
        "b",
        start.plusSeconds(1),
        () -> {
          ran.add("b");
          timers.set("d", start, () -> ran.add("d"));
        });
    timers.set("a", start.plusSeconds(2), () -> ran.add("a again"));
    timers.set("gone", start.plusSeconds(1), () -> ran.add("gone"));
    timers.cancel("gone");
    assertThat(timers.earliest()).isEqualTo(start.plusSeconds(1));
    timers.run(start.plusSeconds(2));
    assertThat(ran).containsExactly("b", "d", "a again");
    timers.run(start.plusSeconds(2));
    assertThat(ran).hasSize(3);
    assertThat(timers.earliest()).isEqualTo(start.plusSeconds(3));
  }

  @ParameterizedTest
  @CsvSource({
    "7200000, 2h0m0s",
    "240000, 4m0s",
    "180000, 3m0s",
    "30000, 30s",
    "3661000, 1h1m1s",
    "250, 250ms",
    "0, 0s"
  })
  void durationsReadAsGoWritesThem(long millis, String expected) {
    assertThat(GoDuration.of(Duration.ofMillis(millis))).isEqualTo(expected);
  }

  @Test
  void reasonsFitTheApi() {
    assertThat(Reasons.startFailed(ContainerRuntime.RuntimeFailure.Kind.REFUSED, "x".repeat(5_000)))
        .hasSize(1_024);
  }
}

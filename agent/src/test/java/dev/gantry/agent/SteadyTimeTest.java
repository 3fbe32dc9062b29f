package dev.gantry.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SteadyTimeTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private Instant clock = START;
  private long nanos = Long.MAX_VALUE - 1_000;
  private final SteadyTime time = new SteadyTime(clock, nanos);

  private Instant after(Duration passed) {
    clock = clock.plus(passed);
    nanos += passed.toNanos();
    return time.read(clock, nanos);
  }

  @Test
  void itIsTheClocksTime() {
    assertThat(after(Duration.ofSeconds(1))).isEqualTo(START.plusSeconds(1));
    clock = clock.plusSeconds(3600);
    assertThat(after(Duration.ofSeconds(1))).as("set ahead").isEqualTo(START.plusSeconds(3602));
  }

  @Test
  void itGoesOnWhenTheClockIsSetBack() {
    after(Duration.ofSeconds(10));
    clock = clock.minusSeconds(3600);
    assertThat(after(Duration.ZERO)).isEqualTo(START.plusSeconds(10));
    assertThat(after(Duration.ofSeconds(5))).isEqualTo(START.plusSeconds(15));
    clock = clock.minusSeconds(1);
    assertThat(after(Duration.ofSeconds(5))).as("set back again").isEqualTo(START.plusSeconds(20));
    clock = START.plusSeconds(100);
    assertThat(after(Duration.ZERO)).as("set right").isEqualTo(START.plusSeconds(100));
  }
}

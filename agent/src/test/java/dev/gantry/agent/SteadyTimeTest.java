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
    assertThat(after(Duration.ofSeconds(6))).isEqualTo(START.plusSeconds(13));
    clock = clock.minusSeconds(1);
    assertThat(after(Duration.ofSeconds(6))).as("set back again").isEqualTo(START.plusSeconds(16));
    clock = START.plusSeconds(100);
    assertThat(after(Duration.ZERO)).as("set right").isEqualTo(START.plusSeconds(100));
  }

  @Test
  void theClockCatchesUp() {
    after(Duration.ofSeconds(10));
    clock = clock.minusSeconds(3600);
    for (int second = 1; second < 7199; second++) {
      assertThat(after(Duration.ofSeconds(1))).isAfter(clock);
    }
    assertThat(after(Duration.ofSeconds(1))).isEqualTo(clock);
    assertThat(after(Duration.ofSeconds(1))).isEqualTo(clock);
  }

  @Test
  void itGoesOnForWhoAsksAllTheTime() {
    after(Duration.ofSeconds(10));
    clock = clock.minusSeconds(3600);
    Instant before = after(Duration.ZERO);
    assertThat(after(Duration.ofNanos(1))).isAfter(before);
  }
}

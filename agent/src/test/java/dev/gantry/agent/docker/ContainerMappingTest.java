package dev.gantry.agent.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.ContainerStatus.State;
import dev.gantry.agent.ContainerRuntime.PublishedPort;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContainerMappingTest {
  private static final String ZERO = "0001-01-01T00:00:00Z";

  private static ContainerStatus status(String json) throws Json.BadJson {
    return ContainerMapping.status(Json.parse(json));
  }

  @ParameterizedTest
  @CsvSource({
    "created,      false, false, '',   0001-01-01T00:00:00Z, 0001-01-01T00:00:00Z, CREATED",
    "failed start, false, false, oops, 0001-01-01T00:00:00Z, 0001-01-01T00:00:00Z, EXITED",
    "running,      true,  false, '',   2026-01-01T00:00:00Z, 0001-01-01T00:00:00Z, RUNNING",
    "paused,       true,  false, '',   2026-01-01T00:00:00Z, 0001-01-01T00:00:00Z, RUNNING",
    "start unseen, true,  false, '',   0001-01-01T00:00:00Z, 0001-01-01T00:00:00Z, RUNNING",
    "exited,       false, false, '',   2026-01-01T00:00:00Z, 2026-01-01T00:00:01Z, EXITED",
    "only its end, false, false, '',   0001-01-01T00:00:00Z, 2026-01-01T00:00:01Z, EXITED",
    "dead,         false, true,  '',   0001-01-01T00:00:00Z, 0001-01-01T00:00:00Z, EXITED",
  })
  void statesAreFolded(
      String name,
      boolean running,
      boolean dead,
      String error,
      String startedAt,
      String finishedAt,
      State expected)
      throws Exception {
    String json =
        "{\"State\":{\"Running\":%s,\"Dead\":%s,\"Error\":\"%s\",\"StartedAt\":\"%s\",\"FinishedAt\":\"%s\"}}"
            .formatted(running, dead, error, startedAt, finishedAt);
    assertThat(status(json).state()).as(name).isEqualTo(expected);
  }

  @Test
  void runningContainerThatRanBeforeHasNotEnded() throws Exception {
    String times =
        "\"StartedAt\":\"2026-01-02T00:00:00.123456789Z\",\"FinishedAt\":\"2026-01-01T00:00:00Z\"";
    ContainerStatus status = status("{\"State\":{\"Running\":true," + times + "}}");
    assertThat(status.startedAt()).isEqualTo(Instant.parse("2026-01-02T00:00:00.123456789Z"));
    assertThat(status.finishedAt()).isNull();
  }

  @Test
  void containerDoesNotEndBeforeItsStart() throws Exception {
    ContainerStatus status =
        status(
            "{\"State\":{\"StartedAt\":\"2026-01-01T00:00:00.002Z\","
                + "\"FinishedAt\":\"2026-01-01T00:00:00.001Z\"}}");
    assertThat(status.finishedAt()).isEqualTo(status.startedAt());
  }

  @Test
  void timesOfOtherZonesAndNoTimesAreRead() {
    assertThat(ContainerMapping.instant("2026-01-01T02:00:00+02:00"))
        .isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
    assertThat(ContainerMapping.instant(ZERO)).isNull();
    assertThat(ContainerMapping.instant("")).isNull();
    assertThat(ContainerMapping.instant("soon")).isNull();
  }

  @Test
  void bothFamiliesOfABindingAreKept() throws Exception {
    String ports =
        "{\"NetworkSettings\":{\"Ports\":{\"53/udp\":null,\"80/tcp\":["
            + "{\"HostIp\":\"0.0.0.0\",\"HostPort\":\"32768\"},"
            + "{\"HostIp\":\"::\",\"HostPort\":\"32769\"}],\"81/tcp\":[{\"HostPort\":\"\"}]}}}";
    assertThat(status(ports).ports())
        .containsExactly(
            new PublishedPort(80, 32768, "tcp", "0.0.0.0"),
            new PublishedPort(80, 32769, "tcp", "::"));
  }

  @Test
  void emptyAnswerIsNoCrash() throws Exception {
    ContainerStatus status = status("{}");
    assertThat(status.state()).isEqualTo(State.CREATED);
    assertThat(status.ports()).isEmpty();
    assertThat(status("[]").labels()).isEmpty();
  }
}

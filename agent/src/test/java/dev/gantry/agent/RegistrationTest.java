package dev.gantry.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.agent.ContainerRuntime.EngineInfo;
import dev.gantry.api.ecs.Attribute;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistrationTest {
  /// What [PayloadMapping] refuses is not claimed, so that no task that needs it comes here.
  @Test
  void claimsWhatItCanDoAndNothingElse() {
    assertThat(names("1.41", "awslogs", "json-file", "local", "syslog"))
        .containsExactly(
            "com.amazonaws.ecs.capability.privileged-container",
            "com.amazonaws.ecs.capability.docker-remote-api.1.17",
            "com.amazonaws.ecs.capability.docker-remote-api.1.18",
            "com.amazonaws.ecs.capability.docker-remote-api.1.19",
            "com.amazonaws.ecs.capability.docker-remote-api.1.20",
            "com.amazonaws.ecs.capability.docker-remote-api.1.21",
            "com.amazonaws.ecs.capability.docker-remote-api.1.22",
            "com.amazonaws.ecs.capability.docker-remote-api.1.23",
            "com.amazonaws.ecs.capability.docker-remote-api.1.24",
            "com.amazonaws.ecs.capability.docker-remote-api.1.25",
            "com.amazonaws.ecs.capability.docker-remote-api.1.28",
            "com.amazonaws.ecs.capability.docker-remote-api.1.29",
            "com.amazonaws.ecs.capability.docker-remote-api.1.30",
            "com.amazonaws.ecs.capability.docker-remote-api.1.32",
            "com.amazonaws.ecs.capability.logging-driver.json-file",
            "com.amazonaws.ecs.capability.logging-driver.syslog",
            "com.amazonaws.ecs.capability.logging-driver.awslogs",
            "com.amazonaws.ecs.capability.ecr-auth",
            "ecs.capability.execution-role-ecr-pull",
            "ecs.capability.execution-role-awslogs",
            "ecs.capability.full-sync",
            "ecs.capability.execute-command",
            "ecs.os-type",
            "ecs.os-family",
            "ecs.cpu-architecture");
  }

  @ParameterizedTest
  @CsvSource({"1.24, 1.24, 1.25", "1.28, 1.28, 1.29", "1.99, 1.32, 1.33"})
  void claimsTheVersionsOfItsEngine(String engine, String last, String beyond) {
    assertThat(names(engine))
        .contains("com.amazonaws.ecs.capability.docker-remote-api." + last)
        .doesNotContain("com.amazonaws.ecs.capability.docker-remote-api." + beyond);
  }

  private static List<String> names(String apiVersion, String... drivers) {
    return Objects.requireNonNull(
            Registration.request(
                    AgentSettings.builder("default", "us-east-1", "installation-1").build(),
                    new EngineInfo(
                        "id",
                        "20.10",
                        apiVersion,
                        2,
                        1L << 32,
                        "linux",
                        "x86_64",
                        List.of(drivers)),
                    null)
                .attributes())
        .stream()
        .map(Attribute::name)
        .map(String::valueOf)
        .toList();
  }
}

package dev.gantry.control.ecs;

import static dev.gantry.control.ecs.EcsHarness.container;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.ContainerDependency;
import dev.gantry.api.ecs.ContainerRestartPolicy;
import dev.gantry.api.ecs.EphemeralStorage;
import dev.gantry.api.ecs.HealthCheck;
import dev.gantry.api.ecs.KeyValuePair;
import dev.gantry.api.ecs.LogConfiguration;
import dev.gantry.api.ecs.MountPoint;
import dev.gantry.api.ecs.PortMapping;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.api.ecs.TaskDefinition;
import dev.gantry.api.ecs.TaskDefinitionPlacementConstraint;
import dev.gantry.api.ecs.Volume;
import dev.gantry.wire.shape.ServiceException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Feature map TD4 to TD7, TD11, TD12 and W9.
class TaskDefinitionRulesTest {

  static Stream<Arguments> ofOneContainer() {
    return Stream.of(
        Arguments.of(
            "At least one of 'memory' or 'memoryReservation'", container("app").memory(null)),
        Arguments.of(
            "'memory' must be greater than or equal to 'memoryReservation'",
            container("app").memory(64).memoryReservation(65)),
        Arguments.of("'memory' must be at least 6 MiB", container("app").memory(5)),
        Arguments.of(
            "'memoryReservation' must be at least 6 MiB", container("app").memoryReservation(5)),
        Arguments.of("'cpu' must not be negative", container("app").cpu(-1)),
        Arguments.of("Container.image", container("app").image("")),
        Arguments.of("Container.name", container("a b")),
        Arguments.of("any essential container", container("app").essential(false)),
        Arguments.of("containerPort must be within", ports(port(65_536, null))),
        Arguments.of("containerPort must be within", ports(port(0, null))),
        Arguments.of("hostPort must be within", ports(port(1, 65_536))),
        Arguments.of("containerPort or a containerPortRange", ports(PortMapping.builder().build())),
        Arguments.of(
            "containerPort or a containerPortRange",
            ports(PortMapping.builder().containerPort(1).containerPortRange("1-2").build())),
        Arguments.of("Host port 80 is used more than once", ports(port(1, 80), port(2, 80))),
        Arguments.of(
            "Container port 1 is exposed for more than one protocol",
            ports(port(1, null), port(1, null).toBuilder().protocol("udp").build())),
        Arguments.of(
            "at most 64 characters", ports(port(1, 0).toBuilder().name("x".repeat(65)).build())),
        Arguments.of(
            "more than 100 ranges",
            container("app")
                .portMappings(
                    Collections.nCopies(
                        101, PortMapping.builder().containerPortRange("1-2").build()))),
        Arguments.of("must have a logDriver", logs("", Map.of())),
        Arguments.of(
            "Log driver awslogs requires options: awslogs-region, awslogs-group",
            logs("awslogs", Map.of())),
        Arguments.of(
            "requires options: awslogs-group", logs("awslogs", Map.of("awslogs-region", "r"))),
        Arguments.of(
            "must have a name",
            container("app").environment(List.of(KeyValuePair.builder().value("x").build()))),
        Arguments.of(
            "must not contain '='",
            container("app").environment(List.of(KeyValuePair.builder().name("a=b").build()))),
        Arguments.of(
            "Granular stop timeout on container 'app' must be at least 2 seconds.",
            container("app").stopTimeout(1)),
        Arguments.of(
            "Granular start timeout on container 'app' must be at least 2 seconds.",
            container("app").startTimeout(-1)),
        Arguments.of("begin with CMD or CMD-SHELL", health("true", 5, 2)),
        Arguments.of("interval of a healthCheck must be within 5 to 300", health("CMD", 4, 2)),
        Arguments.of("timeout of a healthCheck must be within 2 to 60", health("CMD", 5, 61)),
        Arguments.of(
            "restartAttemptPeriod of a restartPolicy must be within 60 to 1800",
            restart(ContainerRestartPolicy.builder().enabled(true).restartAttemptPeriod(59))),
        Arguments.of(
            "restartAttemptPeriod of a restartPolicy must be within 60 to 1800",
            restart(ContainerRestartPolicy.builder().enabled(false).restartAttemptPeriod(1801))),
        Arguments.of(
            "ignoredExitCodes of a restartPolicy can have at most 50 items",
            restart(
                ContainerRestartPolicy.builder()
                    .enabled(true)
                    .ignoredExitCodes(Collections.nCopies(51, 1)))),
        Arguments.of(
            "Cannot depend on container + 'b' because it does not exist",
            depends(container("app"), "b", "START")),
        Arguments.of("dependsOn contains a cycle", depends(container("app"), "app", "START")),
        Arguments.of(
            "Unknown volume 'data'.",
            container("app")
                .mountPoints(
                    List.of(
                        MountPoint.builder().sourceVolume("data").containerPath("/").build()))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ofOneContainer")
  void rulesOfOneContainerAreNamed(String expected, ContainerDefinition.Builder container) {
    refused(expected, definition(container.build()));
  }

  static Stream<Arguments> ofTheWhole() {
    ContainerDefinition app = container("app").build();
    return Stream.of(
        Arguments.of("Family contains", definition(app).family("a b")),
        Arguments.of("Container list cannot be empty.", definition()),
        Arguments.of("used more than once", definition(app, app)),
        Arguments.of("Invalid 'cpu' setting for task.", definition(app).cpu("one")),
        Arguments.of("Invalid 'memory' setting for task.", definition(app).memory("0")),
        Arguments.of(
            "The 'memory' setting for container 'app' is greater than for the task.",
            definition(app).memory("128")),
        Arguments.of(
            "When networkMode=none, the portMappings",
            definition(ports(port(1, null)).build()).networkMode("none")),
        Arguments.of(
            "When networkMode=host, the host ports and container ports",
            definition(ports(port(1, 2)).build()).networkMode("host")),
        Arguments.of(
            "When networkMode=awsvpc, the host ports and container ports",
            definition(ports(port(1, 2)).build()).networkMode("awsvpc")),
        Arguments.of(
            "'links' are only for networkMode bridge",
            definition(container("app").links(List.of("x")).build()).networkMode("awsvpc")),
        Arguments.of(
            "'hostname' is not for networkMode awsvpc",
            definition(container("app").hostname("x").build()).networkMode("awsvpc")),
        Arguments.of(
            "containerPortRange is only for",
            definition(ports(PortMapping.builder().containerPortRange("1-2").build()).build())
                .networkMode("host")),
        Arguments.of(
            "Volume name 'v' is used more than once.",
            definition(app)
                .volumes(
                    List.of(
                        Volume.builder().name("v").build(), Volume.builder().name("v").build()))),
        Arguments.of(
            "A volume must have a name.",
            definition(app).volumes(List.of(Volume.builder().build()))),
        Arguments.of(
            "SUCCESS or COMPLETE condition cannot be an essential container",
            definition(app, depends(container("b"), "app", "SUCCESS").build())),
        Arguments.of(
            "HEALTHY condition must have health check configured",
            definition(app, depends(container("b"), "app", "HEALTHY").build())),
        Arguments.of(
            "dependsOn contains a cycle",
            definition(
                app,
                depends(container("b"), "c", "START").build(),
                depends(container("c"), "b", "START").build())),
        Arguments.of(
            "Fargate only supports network mode", requires("FARGATE").networkMode("bridge")),
        Arguments.of("Fargate requires that 'cpu'", requires("FARGATE").cpu(null)),
        Arguments.of("Fargate requires that 'memory'", requires("FARGATE").memory(null)),
        Arguments.of(
            "must have a container stop timeout of less than 120 seconds",
            requires("FARGATE")
                .containerDefinitions(List.of(container("app").stopTimeout(121).build()))),
        Arguments.of(
            "syslog is not a valid log driver. Must be one of [awslogs,splunk,awsfirelens]",
            requires("FARGATE").containerDefinitions(List.of(logs("syslog", Map.of()).build()))),
        Arguments.of(
            "execution role ARN to support log driver awslogs",
            requires("FARGATE")
                .containerDefinitions(
                    List.of(
                        logs("awslogs", Map.of("awslogs-group", "g", "awslogs-region", "r"))
                            .build()))),
        Arguments.of(
            "ephemeralStorage.sizeInGiB must be within 21 to 200",
            requires("FARGATE")
                .ephemeralStorage(EphemeralStorage.builder().sizeInGiB(20).build())));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ofTheWhole")
  void rulesOfTheWholeAreNamed(String expected, RegisterTaskDefinitionRequest.Builder input) {
    refused(expected, input);
  }

  /// The table of RegisterTaskDefinition, Amazon ECS API Reference: the ends of each row, and what
  /// lies beside them.
  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "256,   512,    true",
    "256,   1024,   true",
    "256,   1536,   false",
    "256,   2048,   true",
    "256,   3072,   false",
    "256,   4096,   false",
    "512,   512,    false",
    "512,   1024,   true",
    "512,   4096,   true",
    "512,   5120,   false",
    "1024,  1024,   false",
    "1024,  2048,   true",
    "1024,  8192,   true",
    "1024,  9216,   false",
    "2048,  3072,   false",
    "2048,  4096,   true",
    "2048,  16384,  true",
    "2048,  17408,  false",
    "4096,  7168,   false",
    "4096,  8192,   true",
    "4096,  30720,  true",
    "4096,  31744,  false",
    "4096,  9000,   false",
    "8192,  12288,  false",
    "8192,  16384,  true",
    "8192,  17408,  false",
    "8192,  61440,  true",
    "8192,  65536,  false",
    "16384, 24576,  false",
    "16384, 32768,  true",
    "16384, 36864,  false",
    "16384, 122880, true",
    "16384, 131072, false",
    "300,   1024,   false"
  })
  void fargateHasItsSizes(String cpu, String memory, boolean exists) {
    RegisterTaskDefinitionRequest.Builder input = requires("FARGATE").cpu(cpu).memory(memory);
    if (exists) {
      assertThat(normalise(input).compatibilities()).contains("FARGATE");
    } else {
      refused(
          "No Fargate configuration exists for given values: "
              + cpu
              + " CPU, "
              + memory
              + " memory.",
          input);
    }
  }

  @ParameterizedTest(name = "{0} and {1}")
  @CsvSource({
    "256,     512,   256,  512",
    "1 vCPU,  2 GB,  1024, 2048",
    ".5 vCPU, 1GB,   512,  1024",
    "2VCPU,   .5gb,  2048, 512",
    "' 64 ',  300,   64,   300"
  })
  void amountsMayHaveUnits(String cpu, String memory, String shownCpu, String shownMemory) {
    TaskDefinition shown =
        normalise(definition(container("app").memory(null).build()).cpu(cpu).memory(memory));
    assertThat(shown.cpu()).isEqualTo(shownCpu);
    assertThat(shown.memory()).isEqualTo(shownMemory);
  }

  @Test
  void placementConstraintsAreMembershipsAndTenAtMost() {
    TaskDefinitionPlacementConstraint member =
        TaskDefinitionPlacementConstraint.builder()
            .type("memberOf")
            .expression("attribute:a == b")
            .build();
    refused(
        "must be memberOf",
        definition(container("app").build())
            .placementConstraints(
                List.of(
                    TaskDefinitionPlacementConstraint.builder().type("distinctInstance").build())));
    refused(
        "at most 10 items",
        definition(container("app").build()).placementConstraints(Collections.nCopies(11, member)));
    refused(
        "at most 2000 characters",
        definition(container("app").build())
            .placementConstraints(
                List.of(member.toBuilder().expression("x".repeat(2_001)).build())));
  }

  @ParameterizedTest
  @CsvSource({
    "-1",
    "0",
    "1.5",
    "1e3",
    "NaN",
    "0x10",
    "1 GB",
    "vCPU",
    "9999999999",
    "1 vCPU vCPU",
    "."
  })
  void whatIsNoAmountIsRefused(String cpu) {
    refused("Invalid 'cpu' setting for task.", definition(container("app").build()).cpu(cpu));
  }

  @Test
  void limitAndReservationMayBeEqual() {
    normalise(definition(container("app").memory(64).memoryReservation(64).build()));
  }

  @Test
  void hostPortsAreThoseOfTheContainerWhereThereIsNoBridge() {
    for (String mode : List.of("awsvpc", "host")) {
      assertThat(
              Objects.requireNonNull(
                      normalise(
                              definition(ports(port(80, null), port(81, 0), port(82, 82)).build())
                                  .networkMode(mode))
                          .containerDefinitions())
                  .getFirst()
                  .portMappings())
          .extracting(PortMapping::hostPort)
          .containsExactly(80, 81, 82);
    }
  }

  @Test
  void healthChecksAreShownWithTheirDefaults() {
    assertThat(
            Objects.requireNonNull(
                    normalise(
                            definition(
                                container("app")
                                    .healthCheck(
                                        HealthCheck.builder()
                                            .command(List.of("CMD", "true"))
                                            .build())
                                    .build()))
                        .containerDefinitions())
                .getFirst()
                .healthCheck())
        .isEqualTo(
            HealthCheck.builder()
                .command(List.of("CMD", "true"))
                .interval(30)
                .timeout(5)
                .retries(3)
                .build());
  }

  @Test
  void compatibilitiesFollowNetworkAndTimeouts() {
    assertThat(normalise(definition(container("app").build())).compatibilities())
        .containsExactly("EXTERNAL", "EC2");
    assertThat(normalise(requires("EC2")).compatibilities())
        .containsExactly("EC2", "MANAGED_INSTANCES", "FARGATE");
    assertThat(
            normalise(
                    requires("EC2")
                        .containerDefinitions(List.of(container("app").stopTimeout(121).build())))
                .compatibilities())
        .containsExactly("EC2", "MANAGED_INSTANCES");
  }

  @Test
  void aDefinitionHasAtMost64KiB() {
    refused(
        "Max allowed length is '65536' bytes.",
        definition(container("app").command(List.of("x".repeat(65_536))).build()));
    normalise(definition(container("app").command(List.of("x".repeat(65_000))).build()));
    refused(
        "Max allowed length is '65536' bytes.",
        definition(container("app").command(List.of("é".repeat(33_000))).build()));
  }

  private static void refused(String expected, RegisterTaskDefinitionRequest.Builder input) {
    assertThatThrownBy(() -> normalise(input))
        .isInstanceOfSatisfying(
            ServiceException.class,
            refused -> {
              assertThat(refused.code()).isEqualTo("ClientException");
              assertThat(refused.text()).contains(expected);
            });
  }

  private static TaskDefinition normalise(RegisterTaskDefinitionRequest.Builder input) {
    return TaskDefinitionRules.normalise(input.build(), Quotas.DEFAULTS);
  }

  private static RegisterTaskDefinitionRequest.Builder definition(
      ContainerDefinition... containers) {
    return RegisterTaskDefinitionRequest.builder()
        .family("a")
        .containerDefinitions(List.of(containers));
  }

  private static RegisterTaskDefinitionRequest.Builder requires(String compatibility) {
    return definition(container("app").build())
        .networkMode("awsvpc")
        .cpu("256")
        .memory("512")
        .requiresCompatibilities(List.of(compatibility));
  }

  private static PortMapping port(int containerPort, @Nullable Integer hostPort) {
    return PortMapping.builder().containerPort(containerPort).hostPort(hostPort).build();
  }

  private static ContainerDefinition.Builder ports(PortMapping... ports) {
    return container("app").portMappings(List.of(ports));
  }

  private static ContainerDefinition.Builder logs(String driver, Map<String, String> options) {
    return container("app")
        .logConfiguration(LogConfiguration.builder().logDriver(driver).options(options).build());
  }

  private static ContainerDefinition.Builder restart(ContainerRestartPolicy.Builder policy) {
    return container("app").restartPolicy(policy.build());
  }

  private static ContainerDefinition.Builder health(String first, int interval, int timeout) {
    return container("app")
        .healthCheck(
            HealthCheck.builder()
                .command(List.of(first))
                .interval(interval)
                .timeout(timeout)
                .build());
  }

  private static ContainerDefinition.Builder depends(
      ContainerDefinition.Builder container, String on, String condition) {
    return container.dependsOn(
        List.of(ContainerDependency.builder().containerName(on).condition(condition).build()));
  }
}

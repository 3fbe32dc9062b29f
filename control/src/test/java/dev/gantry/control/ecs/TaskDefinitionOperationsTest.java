package dev.gantry.control.ecs;

import static dev.gantry.control.ecs.EcsHarness.container;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.DeregisterTaskDefinitionRequest;
import dev.gantry.api.ecs.DescribeTaskDefinitionRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.HealthCheck;
import dev.gantry.api.ecs.KeyValuePair;
import dev.gantry.api.ecs.ListTaskDefinitionFamiliesRequest;
import dev.gantry.api.ecs.ListTaskDefinitionsRequest;
import dev.gantry.api.ecs.LogConfiguration;
import dev.gantry.api.ecs.PortMapping;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.api.ecs.TaskDefinition;
import dev.gantry.control.ControlHarness;
import dev.gantry.wire.shape.ServiceException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TaskDefinitionOperationsTest {
  private final ControlHarness control = new ControlHarness(EcsHarness::register);

  @Test
  void revisionsCountUpAndAreNeverUsedAgain() {
    assertThat(register("a").revision()).isEqualTo(1);
    assertThat(register("a").revision()).isEqualTo(2);
    deregister("a:2");
    assertThat(register("a").revision()).isEqualTo(3);
    assertThat(register("b").revision()).isEqualTo(1);
  }

  /// Terraform compares what it sent with what it is shown (feature map W9).
  @Test
  void defaultsAreShown() {
    ContainerDefinition shown =
        Objects.requireNonNull(
                register(
                        "a",
                        ContainerDefinition.builder()
                            .name("app")
                            .image("busybox")
                            .memory(64)
                            .portMappings(List.of(PortMapping.builder().containerPort(80).build()))
                            .build())
                    .containerDefinitions())
            .getFirst();
    assertThat(shown.cpu()).isZero();
    assertThat(shown.essential()).isTrue();
    assertThat(shown.environment()).isEmpty();
    assertThat(shown.mountPoints()).isEmpty();
    assertThat(shown.volumesFrom()).isEmpty();
    assertThat(shown.systemControls()).isEmpty();
    assertThat(shown.portMappings())
        .containsExactly(
            PortMapping.builder().containerPort(80).hostPort(0).protocol("tcp").build());
  }

  @Test
  void whatDoesNotActYetIsKept() {
    HealthCheck check = HealthCheck.builder().command(List.of("CMD", "true")).interval(9).build();
    register("a", container("app").healthCheck(check).build());
    assertThat(
            Objects.requireNonNull(describe("a").containerDefinitions()).getFirst().healthCheck())
        .isEqualTo(check);
  }

  @Test
  void cpuAndMemoryMayHaveUnits() {
    TaskDefinition shown =
        Objects.requireNonNull(
            control
                .call(
                    Ecs.REGISTER_TASK_DEFINITION,
                    RegisterTaskDefinitionRequest.builder()
                        .family("a")
                        .cpu("1 vCPU")
                        .memory("2GB")
                        .containerDefinitions(
                            List.of(ContainerDefinition.builder().name("app").image("x").build()))
                        .build())
                .taskDefinition());
    assertThat(shown.cpu()).isEqualTo("1024");
    assertThat(shown.memory()).isEqualTo("2048");
  }

  @Test
  void aFamilyMeansItsLatestActiveRevision() {
    register("a");
    register("a");
    deregister("a:2");
    assertThat(describe("a").revision()).isEqualTo(1);
    assertThat(describe("a:2").status()).isEqualTo("INACTIVE");
    assertThat(describe("arn:aws:ecs:us-east-1:000000000000:task-definition/a:1").revision())
        .isEqualTo(1);
    ServiceException unknown =
        control.refusal(
            Ecs.DESCRIBE_TASK_DEFINITION,
            DescribeTaskDefinitionRequest.builder().taskDefinition("b").build());
    assertThat(unknown.code()).isEqualTo("ClientException");
    assertThat(unknown.text()).isEqualTo("Unable to describe task definition.");
  }

  @Test
  void listsAreInOrderOfFamilyAndRevision() {
    register("b");
    for (int i = 0; i < 11; i++) {
      register("a");
    }
    deregister("a:3");
    assertThat(list(ListTaskDefinitionsRequest.builder()))
        .startsWith("a:1", "a:2", "a:4")
        .endsWith("a:10", "a:11", "b:1");
    assertThat(list(ListTaskDefinitionsRequest.builder().familyPrefix("a").sort("DESC")))
        .startsWith("a:11", "a:10")
        .doesNotContain("b:1", "a:3");
    assertThat(list(ListTaskDefinitionsRequest.builder().status("INACTIVE")))
        .containsExactly("a:3");
    assertThat(
            control
                .call(
                    Ecs.LIST_TASK_DEFINITION_FAMILIES,
                    ListTaskDefinitionFamiliesRequest.builder().familyPrefix("a").build())
                .families())
        .containsExactly("a");
  }

  static Stream<Arguments> invalid() {
    return Stream.of(
        Arguments.of(
            "no memory",
            "At least one of 'memory' or 'memoryReservation'",
            container("app").memory(null).build()),
        Arguments.of(
            "reservation above limit",
            "'memory' must be greater",
            container("app").memory(64).memoryReservation(64).build()),
        Arguments.of("too little memory", "at least 6 MiB", container("app").memory(5).build()),
        Arguments.of("no image", "Container.image", container("app").image("").build()),
        Arguments.of("bad name", "Container.name", container("a b").build()),
        Arguments.of(
            "none essential", "must be essential", container("app").essential(false).build()),
        Arguments.of(
            "port out of range",
            "containerPort",
            container("app")
                .portMappings(List.of(PortMapping.builder().containerPort(65_536).build()))
                .build()),
        Arguments.of(
            "host port twice",
            "more than once",
            container("app")
                .portMappings(
                    List.of(
                        PortMapping.builder().containerPort(1).hostPort(80).build(),
                        PortMapping.builder().containerPort(2).hostPort(80).build()))
                .build()),
        Arguments.of(
            "awslogs without group",
            "awslogs-group",
            container("app")
                .logConfiguration(
                    LogConfiguration.builder()
                        .logDriver("awslogs")
                        .options(Map.of("awslogs-region", "us-east-1"))
                        .build())
                .build()),
        Arguments.of(
            "variable without name",
            "must have a name",
            container("app")
                .environment(List.of(KeyValuePair.builder().value("x").build()))
                .build()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("invalid")
  void rulesAreNamed(String name, String expected, ContainerDefinition container) {
    assertThat(name).isNotEmpty();
    ServiceException refused =
        control.refusal(
            Ecs.REGISTER_TASK_DEFINITION,
            RegisterTaskDefinitionRequest.builder()
                .family("a")
                .containerDefinitions(List.of(container))
                .build());
    assertThat(refused.code()).isEqualTo("ClientException");
    assertThat(refused.text()).contains(expected);
    assertThat(control.state().size()).isZero();
  }

  private TaskDefinition register(String family, ContainerDefinition... containers) {
    return Objects.requireNonNull(
        control
            .call(
                Ecs.REGISTER_TASK_DEFINITION,
                RegisterTaskDefinitionRequest.builder()
                    .family(family)
                    .containerDefinitions(
                        containers.length == 0
                            ? List.of(container("app").build())
                            : List.of(containers))
                    .build())
            .taskDefinition());
  }

  private void deregister(String name) {
    assertThat(
            Objects.requireNonNull(
                    control
                        .call(
                            Ecs.DEREGISTER_TASK_DEFINITION,
                            DeregisterTaskDefinitionRequest.builder().taskDefinition(name).build())
                        .taskDefinition())
                .status())
        .isEqualTo("INACTIVE");
  }

  private TaskDefinition describe(String name) {
    return Objects.requireNonNull(
        control
            .call(
                Ecs.DESCRIBE_TASK_DEFINITION,
                DescribeTaskDefinitionRequest.builder().taskDefinition(name).build())
            .taskDefinition());
  }

  private List<String> list(ListTaskDefinitionsRequest.Builder input) {
    return Objects.requireNonNull(
            control.call(Ecs.LIST_TASK_DEFINITIONS, input.build()).taskDefinitionArns())
        .stream()
        .map(arn -> arn.substring(arn.indexOf('/') + 1))
        .toList();
  }
}

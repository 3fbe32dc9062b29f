package dev.gantry.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.gantry.api.acs.Container;
import dev.gantry.api.acs.ContainerDependency;
import dev.gantry.api.acs.DockerConfig;
import dev.gantry.api.acs.HealthCheckType;
import dev.gantry.api.acs.IAMRoleCredentials;
import dev.gantry.api.acs.MountPoint;
import dev.gantry.api.acs.PortMapping;
import dev.gantry.api.acs.RestartPolicy;
import dev.gantry.api.acs.Secret;
import dev.gantry.api.acs.Task;
import dev.gantry.api.acs.Volume;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class PayloadMappingTest {

  private static TaskPlan plan(Task task) throws PayloadMapping.Unreadable {
    return PayloadMapping.plan(task, "us-east-1");
  }

  private static ContainerPlan container(Container container) throws PayloadMapping.Unreadable {
    return plan(Tasks.task("t1", container)).containers().getFirst();
  }

  @Test
  void theSmallestTaskOfTheProtocol() throws PayloadMapping.Unreadable {
    TaskPlan plan = plan(Tasks.task("t1", Tasks.container("app")));
    assertThat(plan.taskId()).isEqualTo("t1");
    assertThat(plan.networkMode()).isEqualTo("bridge");
    ContainerPlan app = plan.containers().getFirst();
    assertThat(app.essential()).isTrue();
    assertThat(app.command()).isNull();
    assertThat(app.engineConfig()).isNull();
    assertThat(app.engineHostConfig()).isNull();
    assertThat(app.log()).isEqualTo(new LogPlan.Engine("json-file", LogPlan.fileLimits()));
  }

  @ParameterizedTest(name = "cpu {0} becomes {1}, memory {2} becomes {3}")
  @CsvSource({"0, 2, 0, 0", "1, 2, 1, 4", "2, 2, 4, 4", "1024, 1024, 512, 512"})
  void tooLittleIsRaised(int cpu, int cpuShares, int memory, long memoryMiB)
      throws PayloadMapping.Unreadable {
    ContainerPlan plan =
        container(Tasks.container("app").toBuilder().cpu(cpu).memory(memory).build());
    assertThat(plan.cpuShares()).isEqualTo(cpuShares);
    assertThat(plan.memoryMiB()).isEqualTo(memoryMiB);
  }

  @Test
  void theTasksOwnRegionIsLeftAlone() throws PayloadMapping.Unreadable {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("AWS_REGION", "mars-1");
    ContainerPlan plan =
        container(Tasks.container("app").toBuilder().environment(environment).build());
    assertThat(plan.environment()).containsExactly("AWS_REGION=mars-1");
  }

  @Test
  void theCommandOverrideCounts() throws PayloadMapping.Unreadable {
    Container container =
        Tasks.container("app").toBuilder()
            .command(List.of("a"))
            .overrides("{\"command\":[\"b\",\"c\"]}")
            .build();
    assertThat(container(container).command()).containsExactly("b", "c");
    assertThat(container(container.toBuilder().overrides("{\"command\":null}").build()).command())
        .containsExactly("a");
  }

  @Test
  void labelsAndLogConfigurationAreTakenOutAndTheRestIsPassedOn() throws PayloadMapping.Unreadable {
    ContainerPlan plan =
        container(
            Tasks.container("app").toBuilder()
                .dockerConfig(
                    DockerConfig.builder()
                        .config("{\"User\":\"me\",\"Labels\":{\"a\":\"b\"}}")
                        .hostConfig(
                            "{\"NetworkMode\":\"bridge\",\"Privileged\":true,\"LogConfig\":{"
                                + "\"Type\":\"syslog\",\"Config\":{\"tag\":\"x\"}},"
                                + "\"Ulimits\":[{\"Name\":\"nofile\",\"Soft\":1,\"Hard\":2}]}")
                        .build())
                .build());
    assertThat(plan.labels()).containsExactly(Map.entry("a", "b"));
    assertThat(plan.engineConfig()).isEqualTo("{\"User\":\"me\"}");
    assertThat(plan.engineHostConfig())
        .isEqualTo(
            "{\"Privileged\":true,\"Ulimits\":[{\"Name\":\"nofile\",\"Soft\":1,\"Hard\":2}]}");
    LogPlan.Engine log = (LogPlan.Engine) plan.log();
    assertThat(log.driver()).isEqualTo("syslog");
    assertThat(log.options()).containsExactly(Map.entry("tag", "x"));
  }

  @ParameterizedTest(name = "task {0}, hostConfig {1}: {2}")
  @CsvSource({"host, bridge, host", ", host, host", "'', none, none", ", , bridge"})
  void theTasksNetworkModeComesFirst(String task, String host, String expected)
      throws PayloadMapping.Unreadable {
    Container container =
        host == null
            ? Tasks.container("app")
            : Tasks.withHostConfig(Tasks.container("app"), "{\"NetworkMode\":\"" + host + "\"}");
    assertThat(
            plan(Tasks.task("t1", container).toBuilder().networkMode(task).build()).networkMode())
        .isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "'\"awslogs-stream\":\"s\",\"awslogs-stream-prefix\":\"p\"', s",
    "'\"awslogs-stream-prefix\":\"p\"', p/app/t1",
    "'\"awslogs-region\":\"us-east-1\"', c1"
  })
  void theLogStreamsName(String options, String expected) throws PayloadMapping.Unreadable {
    ContainerPlan plan =
        container(
            Tasks.withHostConfig(
                Tasks.container("app"),
                "{\"LogConfig\":{\"Type\":\"awslogs\",\"Config\":{\"awslogs-group\":\"g\","
                    + options
                    + "}}}"));
    LogPlan.Shipped log = (LogPlan.Shipped) plan.log();
    assertThat(log.streamName("app", "t1", "c1")).isEqualTo(expected);
    assertThat(log.region()).isEqualTo("us-east-1");
    assertThat(log.engineDriver()).isEqualTo("json-file");
  }

  @Test
  void credentialsAreNotKept() throws PayloadMapping.Unreadable {
    Task task =
        Tasks.task("t1", Tasks.container("app")).toBuilder()
            .roleCredentials(IAMRoleCredentials.builder().secretAccessKey("hush").build())
            .executionRoleCredentials(IAMRoleCredentials.builder().secretAccessKey("hush").build())
            .build();
    assertThat(plan(task).payload()).doesNotContain("hush");
  }

  @Test
  void secretsAreNotPrinted() throws PayloadMapping.Unreadable {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("PASSWORD", "hush");
    TaskPlan plan =
        plan(Tasks.task("t1", Tasks.container("app").toBuilder().environment(environment).build()));
    assertThat(plan.toString()).doesNotContain("hush");
    assertThat(TaskState.taken(plan, true, List.of("x")).toString()).doesNotContain("hush");
  }

  static Stream<Arguments> refused() {
    Container app = Tasks.container("app");
    Task task = Tasks.task("t1", app);
    return Stream.of(
        arguments("the task has no valid ARN", task.toBuilder().arn("../../x").build()),
        arguments("the task has no valid ARN", task.toBuilder().arn(null).build()),
        arguments(
            "the task's id has characters", task.toBuilder().arn(FakeWorld.arn("a_b")).build()),
        arguments("family is missing", task.toBuilder().family(null).build()),
        arguments("version is missing", task.toBuilder().version("x").build()),
        arguments("1 to 64 containers", task.toBuilder().containers(List.of()).build()),
        arguments("two containers are named app", Tasks.task("t1", app, app)),
        arguments(
            "volumes is not supported",
            task.toBuilder().volumes(List.of(Volume.builder().name("v").build())).build()),
        arguments("pidMode is not supported", task.toBuilder().pidMode("host").build()),
        arguments(
            "network mode awsvpc is not supported", task.toBuilder().networkMode("awsvpc").build()),
        with("container name is missing", app.toBuilder().name("a/b").build()),
        with("has no image", app.toBuilder().image(" ").build()),
        with(
            "mountPoints is not supported",
            app.toBuilder().mountPoints(List.of(MountPoint.builder().build())).build()),
        with(
            "secrets is not supported",
            app.toBuilder().secrets(List.of(Secret.builder().build())).build()),
        with(
            "dependsOn is not supported",
            app.toBuilder().dependsOn(List.of(ContainerDependency.builder().build())).build()),
        with(
            "healthCheckType is not supported",
            app.toBuilder().healthCheckType(HealthCheckType.DOCKER).build()),
        with(
            "restartPolicy is not supported",
            app.toBuilder().restartPolicy(RestartPolicy.builder().enabled(true).build()).build()),
        with("stopTimeout is out of range", app.toBuilder().stopTimeout(-1).build()),
        with("overrides.cpu is not known", app.toBuilder().overrides("{\"cpu\":1}").build()),
        with("a port is out of range", port(70_000, 0, "tcp")),
        with("a port is out of range", port(80, -1, "tcp")),
        with("protocol sctp is not known", port(80, 0, "sctp")),
        with(
            "awslogs-group is required",
            Tasks.withHostConfig(app, "{\"LogConfig\":{\"Type\":\"awslogs\"}}")),
        with("hostConfig is not a JSON object", Tasks.withHostConfig(app, "[]")),
        with("hostConfig is not JSON", Tasks.withHostConfig(app, "{\"a\":")),
        with("hostConfig goes on after its end", Tasks.withHostConfig(app, "{} {}")),
        with("hostConfig is not JSON", Tasks.withHostConfig(app, "{\"a\":" + "[".repeat(100))),
        with(
            "hostConfig.LogConfig.Config holds something that is not a string",
            Tasks.withHostConfig(app, "{\"LogConfig\":{\"Config\":{\"a\":1}}}")));
  }

  private static Arguments with(String text, Container container) {
    return arguments(text, Tasks.task("t1", container));
  }

  private static Container port(int containerPort, int hostPort, String protocol) {
    return Tasks.container("app").toBuilder()
        .portMappings(
            List.of(
                PortMapping.builder()
                    .containerPort(containerPort)
                    .hostPort(hostPort)
                    .protocol(protocol)
                    .build()))
        .build();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void whatCannotBeDoneIsRefusedByName(String text, Task task) {
    assertThatThrownBy(() -> plan(task))
        .isInstanceOf(PayloadMapping.Unreadable.class)
        .hasMessageContaining(text);
  }

  @Test
  void nothingIsPublishedWithoutANetwork() throws PayloadMapping.Unreadable {
    Task task = Tasks.task("t1", port(80, 0, "udp")).toBuilder().networkMode("none").build();
    assertThat(plan(task).containers().getFirst().ports()).isEmpty();
    assertThat(Objects.requireNonNull(container(port(80, 0, "udp")).ports().getFirst()).protocol())
        .isEqualTo("udp");
  }

  @Test
  void theStopTimeoutIsTheContainersOwn() throws PayloadMapping.Unreadable {
    assertThat(container(Tasks.container("app").toBuilder().stopTimeout(5).build()).stopTimeout())
        .isEqualTo(Duration.ofSeconds(5));
    assertThat(container(Tasks.container("app")).stopTimeout()).isNull();
  }
}

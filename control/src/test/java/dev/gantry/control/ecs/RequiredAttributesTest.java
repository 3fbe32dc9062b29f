package dev.gantry.control.ecs;

import static dev.gantry.control.ecs.EcsHarness.container;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.ecs.Attribute;
import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.ContainerDependency;
import dev.gantry.api.ecs.ContainerRestartPolicy;
import dev.gantry.api.ecs.DockerVolumeConfiguration;
import dev.gantry.api.ecs.EFSAuthorizationConfig;
import dev.gantry.api.ecs.EFSVolumeConfiguration;
import dev.gantry.api.ecs.EnvironmentFile;
import dev.gantry.api.ecs.FSxWindowsFileServerVolumeConfiguration;
import dev.gantry.api.ecs.FirelensConfiguration;
import dev.gantry.api.ecs.HealthCheck;
import dev.gantry.api.ecs.LinuxParameters;
import dev.gantry.api.ecs.LogConfiguration;
import dev.gantry.api.ecs.PortMapping;
import dev.gantry.api.ecs.ProxyConfiguration;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.api.ecs.RepositoryCredentials;
import dev.gantry.api.ecs.Secret;
import dev.gantry.api.ecs.Tmpfs;
import dev.gantry.api.ecs.Ulimit;
import dev.gantry.api.ecs.Volume;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RequiredAttributesTest {
  private static final String ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:1";
  private static final String ROLE = "arn:aws:iam::000000000000:role/r";
  private static final Map<String, String> AWSLOGS =
      Map.of("awslogs-group", "/g", "awslogs-region", "us-east-1");

  static Stream<Arguments> members() {
    return Stream.of(
        row("nothing", app(), ""),
        row("an image of a hub", app().image("library/nginx:1"), ""),
        row("privileged", app().privileged(true), "com:privileged-container"),
        row("not privileged", app().privileged(false), ""),
        row("reservation", app().memoryReservation(8), "api:1.21"),
        row("labels", app().dockerLabels(Map.of("a", "b")), "api:1.18"),
        row("no labels", app().dockerLabels(Map.of()), ""),
        row(
            "ulimits",
            app()
                .ulimits(
                    List.of(Ulimit.builder().name("nofile").softLimit(1).hardLimit(2).build())),
            "api:1.18"),
        row(
            "tmpfs",
            app()
                .linuxParameters(
                    LinuxParameters.builder()
                        .tmpfs(List.of(Tmpfs.builder().containerPath("/t").size(1).build()))
                        .build()),
            "api:1.22"),
        row(
            "init",
            app().linuxParameters(LinuxParameters.builder().initProcessEnabled(true).build()),
            "api:1.25"),
        row(
            "health check",
            app().healthCheck(HealthCheck.builder().command(List.of("CMD", "x")).build()),
            "api:1.24 ecs:container-health-check"),
        row(
            "dependency",
            app()
                .dependsOn(
                    List.of(
                        ContainerDependency.builder()
                            .containerName("b")
                            .condition("START")
                            .build())),
            "ecs:container-ordering"),
        row(
            "restart policy",
            app().restartPolicy(ContainerRestartPolicy.builder().enabled(true).build()),
            "ecs:container-restart-policy"),
        row(
            "environment file",
            app()
                .environmentFiles(
                    List.of(
                        EnvironmentFile.builder()
                            .type("s3")
                            .value("arn:aws:s3:::b/e.env")
                            .build())),
            "ecs:env-files.s3"),
        row(
            "port range",
            app().portMappings(List.of(PortMapping.builder().containerPortRange("80-90").build())),
            "ecs:network.container-port-range"),
        row(
            "one port",
            app().portMappings(List.of(PortMapping.builder().containerPort(80).build())),
            ""),
        row(
            "credentials of a registry",
            app()
                .repositoryCredentials(
                    RepositoryCredentials.builder().credentialsParameter("arn:s").build()),
            "ecs:private-registry-authentication.secretsmanager"),
        row(
            "secrets of both stores",
            app()
                .secrets(
                    List.of(
                        secret("arn:aws:secretsmanager:us-east-1:000000000000:secret:s"),
                        secret("/app/parameter"))),
            "ecs:secrets.asm.environment-variables ecs:secrets.ssm.environment-variables"),
        row(
            "a parameter by its ARN",
            app().secrets(List.of(secret("arn:aws:ssm:us-east-1:000000000000:parameter/p"))),
            "ecs:secrets.ssm.environment-variables"),
        row(
            "a router of logs",
            app()
                .firelensConfiguration(
                    FirelensConfiguration.builder()
                        .type("fluentbit")
                        .options(Map.of("config-file-type", "s3"))
                        .build()),
            "ecs:firelens.fluentbit ecs:firelens.options.config.s3"),
        row("json-file", logs("json-file", Map.of()), "com:logging-driver.json-file api:1.18"),
        row(
            "an option",
            logs("syslog", Map.of("tag", "x")),
            "com:logging-driver.syslog api:1.18 api:1.19"),
        row(
            "awslogs without a role",
            logs("awslogs", AWSLOGS),
            "com:logging-driver.awslogs api:1.18 api:1.19"),
        row(
            "a mode",
            logs("syslog", Map.of("mode", "blocking")),
            "com:logging-driver.syslog api:1.18 api:1.19 api:1.28"),
        row(
            "a group to be made",
            logs("awslogs", Map.of("awslogs-create-group", "true")),
            "com:logging-driver.awslogs api:1.18 api:1.19 api:1.29"),
        row(
            "a secret of a driver",
            app()
                .logConfiguration(
                    LogConfiguration.builder()
                        .logDriver("splunk")
                        .secretOptions(
                            List.of(
                                secret("arn:aws:secretsmanager:us-east-1:000000000000:secret:s")))
                        .build()),
            "com:logging-driver.splunk api:1.18 ecs:secrets.asm.bootstrap.log-driver"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("members")
  void aMemberOfAContainerAsksFor(
      String name, ContainerDefinition.Builder container, String expected) {
    assertThat(of(RegisterTaskDefinitionRequest.builder(), container))
        .containsExactlyInAnyOrderElementsOf(spelled(expected));
  }

  static Stream<Arguments> tasks() {
    return Stream.of(
        task("a role", task().taskRoleArn(ROLE), "com:task-iam-role"),
        task(
            "a role on the host's network",
            task().taskRoleArn(ROLE).networkMode("host"),
            "com:task-iam-role com:task-iam-role-network-host"),
        task("an execution role alone", task().executionRoleArn(ROLE), ""),
        task("awsvpc", task().networkMode("awsvpc"), "ecs:task-eni"),
        task("pids", task().pidMode("task"), "ecs:pid-ipc-namespace-sharing"),
        task("ipc", task().ipcMode("host"), "ecs:pid-ipc-namespace-sharing"),
        task(
            "a mesh",
            task().proxyConfiguration(ProxyConfiguration.builder().containerName("p").build()),
            "ecs:aws-appmesh"),
        task("faults", task().enableFaultInjection(true), "ecs:fault-injection"),
        task("no faults", task().enableFaultInjection(false), ""),
        task("a folder of the host", volume(Volume.builder().name("v")), ""),
        task(
            "EFS",
            volume(
                Volume.builder()
                    .efsVolumeConfiguration(
                        EFSVolumeConfiguration.builder().fileSystemId("f").build())),
            "ecs:efs api:1.25"),
        task(
            "EFS with authorization",
            volume(
                Volume.builder()
                    .efsVolumeConfiguration(
                        EFSVolumeConfiguration.builder()
                            .fileSystemId("f")
                            .transitEncryption("ENABLED")
                            .authorizationConfig(EFSAuthorizationConfig.builder().build())
                            .build())),
            "ecs:efs ecs:efsAuth api:1.25"),
        task(
            "a driver of the engine",
            volume(
                Volume.builder()
                    .dockerVolumeConfiguration(
                        DockerVolumeConfiguration.builder().driver("Local").build())),
            "ecs:docker-plugin.Local api:1.25"),
        task(
            "FSx",
            volume(
                Volume.builder()
                    .fsxWindowsFileServerVolumeConfiguration(
                        FSxWindowsFileServerVolumeConfiguration.builder()
                            .fileSystemId("f")
                            .build())),
            "ecs:fsxWindowsFileServer"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("tasks")
  void aMemberOfATaskAsksFor(
      String name, RegisterTaskDefinitionRequest.Builder input, String expected) {
    assertThat(of(input, app())).containsExactlyInAnyOrderElementsOf(spelled(expected));
  }

  /// As Amazon ECS was recorded to answer (github.com search, `requiresAttributes`): a role for
  /// pulling and logging asks for nothing by itself.
  static Stream<Arguments> recorded() {
    return Stream.of(
        Arguments.of(app().image(ECR), "com:ecr-auth ecs:execution-role-ecr-pull"),
        Arguments.of(
            logs("awslogs", AWSLOGS).image("nginx"),
            "com:logging-driver.awslogs ecs:execution-role-awslogs api:1.18 api:1.19"),
        Arguments.of(
            logs("awslogs", AWSLOGS).image("registry.example.com/123456789012.dkr.ecr/x"),
            "com:logging-driver.awslogs ecs:execution-role-awslogs api:1.18 api:1.19"));
  }

  @ParameterizedTest
  @MethodSource("recorded")
  void anExecutionRoleAsksForWhatItIsUsedFor(
      ContainerDefinition.Builder container, String expected) {
    assertThat(of(RegisterTaskDefinitionRequest.builder().executionRoleArn(ROLE), container))
        .containsExactlyInAnyOrderElementsOf(spelled(expected));
  }

  private static List<String> of(
      RegisterTaskDefinitionRequest.Builder input, ContainerDefinition.Builder container) {
    List<String> names =
        RequiredAttributes.of(input.build(), List.of(container.build())).stream()
            .map(Attribute::name)
            .map(String::valueOf)
            .toList();
    assertThat(names).isSorted();
    return names;
  }

  private static List<String> spelled(String expected) {
    return expected.isEmpty()
        ? List.of()
        : Stream.of(expected.split(" ", -1))
            .map(name ->
                name.replace("com:", "com.amazonaws.ecs.capability.")
                    .replace("ecs:", "ecs.capability.")
                    .replace("api:", "com.amazonaws.ecs.capability.docker-remote-api."))
            .toList();
  }

  private static ContainerDefinition.Builder app() {
    return container("app");
  }

  private static Secret secret(String from) {
    return Secret.builder().name("S").valueFrom(from).build();
  }

  private static ContainerDefinition.Builder logs(String driver, Map<String, String> options) {
    return app()
        .logConfiguration(LogConfiguration.builder().logDriver(driver).options(options).build());
  }

  private static RegisterTaskDefinitionRequest.Builder task() {
    return RegisterTaskDefinitionRequest.builder();
  }

  private static RegisterTaskDefinitionRequest.Builder volume(Volume.Builder volume) {
    return task().volumes(List.of(volume.name("v").build()));
  }

  private static Arguments row(
      String name, ContainerDefinition.Builder container, String expected) {
    return Arguments.of(name, container, expected);
  }

  private static Arguments task(
      String name, RegisterTaskDefinitionRequest.Builder input, String expected) {
    return Arguments.of(name, input, expected);
  }
}

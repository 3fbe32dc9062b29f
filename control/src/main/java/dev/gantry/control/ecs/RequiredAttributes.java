package dev.gantry.control.ecs;

import dev.gantry.api.ecs.Attribute;
import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.DockerVolumeConfiguration;
import dev.gantry.api.ecs.EFSVolumeConfiguration;
import dev.gantry.api.ecs.LinuxParameters;
import dev.gantry.api.ecs.LogConfiguration;
import dev.gantry.api.ecs.PortMapping;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.api.ecs.Secret;
import dev.gantry.api.ecs.Volume;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a host must be able to do to run a task, derived from its definition
/// (TaskDefinition.requiresAttributes): the capabilities by which Amazon's agent tells what it can
/// do, as far as it is known which member asks for which. Placement demands them all.
///
/// The versions of the engine's interface are those that the API Reference names with a member, or
/// in which the engine got it. Where no source says so, as of `docker-remote-api.1.17`, nothing is
/// derived; any agent there is has it.
final class RequiredAttributes {
  private static final String OLD = "com.amazonaws.ecs.capability.";
  private static final String NEW = "ecs.capability.";

  private static final Pattern ECR =
      Pattern.compile("[0-9]{12}\\.dkr[.-]ecr[a-z0-9.-]*\\.[a-z0-9-]+\\.[a-z0-9.]+/.*");

  private final Set<String> names = new TreeSet<>();

  private RequiredAttributes() {}

  /// In the order of their names.
  ///
  /// @param containers the definition's containers, with their defaults
  static List<Attribute> of(
      RegisterTaskDefinitionRequest input, List<ContainerDefinition> containers) {
    RequiredAttributes all = new RequiredAttributes();
    all.task(input);
    for (ContainerDefinition container : containers) {
      all.container(container, input.executionRoleArn() != null);
    }
    return all.names.stream().map(name -> Attribute.builder().name(name).build()).toList();
  }

  private void task(RegisterTaskDefinitionRequest input) {
    if (input.taskRoleArn() != null) {
      names.add(OLD + "task-iam-role");
      if ("host".equals(input.networkMode())) {
        names.add(OLD + "task-iam-role-network-host");
      }
    }
    when("awsvpc".equals(input.networkMode()), NEW + "task-eni");
    when(input.pidMode() != null || input.ipcMode() != null, NEW + "pid-ipc-namespace-sharing");
    when(input.proxyConfiguration() != null, NEW + "aws-appmesh");
    when(Boolean.TRUE.equals(input.enableFaultInjection()), NEW + "fault-injection");
    for (Volume volume : orEmpty(input.volumes())) {
      volume(volume);
    }
  }

  private void volume(Volume volume) {
    EFSVolumeConfiguration efs = volume.efsVolumeConfiguration();
    if (efs != null) {
      names.add(NEW + "efs");
      engine("1.25");
      when(
          efs.authorizationConfig() != null || "ENABLED".equals(efs.transitEncryption()),
          NEW + "efsAuth");
    }
    DockerVolumeConfiguration docker = volume.dockerVolumeConfiguration();
    if (docker != null) {
      engine("1.25");
      names.add(NEW + "docker-plugin." + Objects.requireNonNullElse(docker.driver(), "local"));
    }
    when(volume.fsxWindowsFileServerVolumeConfiguration() != null, NEW + "fsxWindowsFileServer");
  }

  private void container(ContainerDefinition container, boolean executionRole) {
    if (ECR.matcher(Objects.requireNonNullElse(container.image(), "")).matches()) {
      names.add(OLD + "ecr-auth");
      when(executionRole, NEW + "execution-role-ecr-pull");
    }
    when(Boolean.TRUE.equals(container.privileged()), OLD + "privileged-container");
    when(
        container.repositoryCredentials() != null,
        NEW + "private-registry-authentication.secretsmanager");
    if (container.healthCheck() != null) {
      names.add(NEW + "container-health-check");
      engine("1.24");
    }
    when(!orEmpty(container.dependsOn()).isEmpty(), NEW + "container-ordering");
    when(!orEmpty(container.environmentFiles()).isEmpty(), NEW + "env-files.s3");
    when(container.restartPolicy() != null, NEW + "container-restart-policy");
    for (PortMapping port : orEmpty(container.portMappings())) {
      when(port.containerPortRange() != null, NEW + "network.container-port-range");
    }
    secrets(container.secrets(), "environment-variables");
    if (container.memoryReservation() != null) {
      engine("1.21");
    }
    if ((container.dockerLabels() != null && !container.dockerLabels().isEmpty())
        || !orEmpty(container.ulimits()).isEmpty()) {
      engine("1.18");
    }
    linux(container.linuxParameters());
    if (container.firelensConfiguration() != null) {
      names.add(NEW + "firelens." + container.firelensConfiguration().type());
      Map<String, String> options = container.firelensConfiguration().options();
      String source = options == null ? null : options.get("config-file-type");
      when(source != null, NEW + "firelens.options.config." + source);
    }
    if (container.logConfiguration() != null) {
      logs(container.logConfiguration(), executionRole);
    }
  }

  private void linux(@Nullable LinuxParameters linux) {
    if (linux == null) {
      return;
    }
    if (!orEmpty(linux.tmpfs()).isEmpty()) {
      engine("1.22");
    }
    if (Boolean.TRUE.equals(linux.initProcessEnabled())) {
      engine("1.25");
    }
  }

  private void logs(LogConfiguration logs, boolean executionRole) {
    names.add(OLD + "logging-driver." + logs.logDriver());
    engine("1.18");
    Map<String, String> options = Objects.requireNonNullElse(logs.options(), Map.of());
    if (!options.isEmpty()) {
      engine("1.19");
    }
    if (options.containsKey("mode") || options.containsKey("max-buffer-size")) {
      engine("1.28");
    }
    if ("awslogs".equals(logs.logDriver())) {
      when(executionRole, NEW + "execution-role-awslogs");
      if ("true".equals(options.get("awslogs-create-group"))) {
        engine("1.29");
      }
    }
    secrets(logs.secretOptions(), "bootstrap.log-driver");
  }

  /// A secret of Secrets Manager has its ARN; what has another, or none, is a parameter.
  private void secrets(@Nullable List<Secret> secrets, String use) {
    for (Secret secret : orEmpty(secrets)) {
      String from = Objects.requireNonNullElse(secret.valueFrom(), "");
      String store = from.matches("arn:[^:]*:secretsmanager:.*") ? "asm" : "ssm";
      names.add(NEW + "secrets." + store + "." + use);
    }
  }

  private void engine(String version) {
    names.add(OLD + "docker-remote-api." + version);
  }

  private void when(boolean asked, String name) {
    if (asked) {
      names.add(name);
    }
  }

  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }
}

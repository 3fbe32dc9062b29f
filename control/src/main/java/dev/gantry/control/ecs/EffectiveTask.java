package dev.gantry.control.ecs;

import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.ContainerOverride;
import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.KeyValuePair;
import dev.gantry.api.ecs.LogConfiguration;
import dev.gantry.api.ecs.PortMapping;
import dev.gantry.api.ecs.RuntimePlatform;
import dev.gantry.api.ecs.TaskDefinition;
import dev.gantry.api.ecs.TaskOverride;
import dev.gantry.model.Attribute;
import dev.gantry.model.HostPort;
import dev.gantry.model.HostPort.Protocol;
import dev.gantry.model.Resources;
import dev.gantry.scheduler.TaskDemand;
import dev.gantry.wire.shape.ServiceException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A task definition with the overrides of one task applied: what is really to run.
///
/// @param cpu the task's own cpu units, or null
/// @param memory the task's own memory in MiB, or null
/// @param containers the containers, each with its overrides
public record EffectiveTask(
    TaskDefinition definition,
    @Nullable Integer cpu,
    @Nullable Integer memory,
    List<ContainerDefinition> containers) {

  /// Overrides are at most this long as JSON (RunTask, Amazon ECS API Reference).
  static final int MAX_OVERRIDES = 8192;

  /// The options of `awslogs` that act whatever their value is.
  private static final List<String> AWSLOGS_OPTIONS =
      List.of(
          "awslogs-group",
          "awslogs-region",
          "awslogs-stream-prefix",
          "awslogs-stream",
          "awslogs-datetime-format",
          "awslogs-multiline-pattern",
          "max-buffer-size");

  /// Applies overrides.
  ///
  /// @throws ServiceException InvalidParameterException if an override names no container
  public static EffectiveTask of(TaskDefinition definition, @Nullable TaskOverride overrides) {
    Map<String, ContainerDefinition> containers = new LinkedHashMap<>();
    for (ContainerDefinition container :
        Objects.requireNonNullElse(
            definition.containerDefinitions(), List.<ContainerDefinition>of())) {
      containers.put(Objects.requireNonNull(container.name()), container);
    }
    List<ContainerOverride> given =
        overrides == null || overrides.containerOverrides() == null
            ? List.of()
            : overrides.containerOverrides();
    for (ContainerOverride override : given) {
      ContainerDefinition container =
          override.name() == null ? null : containers.get(override.name());
      if (container == null) {
        throw EcsErrors.invalidParameterException(
            "Override for container named "
                + override.name()
                + " is not a container in the TaskDefinition.");
      }
      containers.put(Objects.requireNonNull(container.name()), apply(container, override));
    }
    Integer cpu = Amounts.cpuUnits(either(overrides, TaskOverride::cpu, definition.cpu()));
    Integer memory =
        Amounts.memoryMiB(either(overrides, TaskOverride::memory, definition.memory()));
    return new EffectiveTask(definition, cpu, memory, List.copyOf(containers.values()));
  }

  private static @Nullable String either(
      @Nullable TaskOverride overrides,
      Function<TaskOverride, @Nullable String> member,
      @Nullable String defined) {
    String overriding = overrides == null ? null : member.apply(overrides);
    return overriding == null ? defined : overriding;
  }

  private static ContainerDefinition apply(
      ContainerDefinition container, ContainerOverride override) {
    ContainerDefinition.Builder result = container.toBuilder();
    if (override.command() != null) {
      result.command(override.command());
    }
    if (override.environment() != null) {
      Map<String, KeyValuePair> environment = new LinkedHashMap<>();
      for (KeyValuePair pair :
          Objects.requireNonNullElse(container.environment(), List.<KeyValuePair>of())) {
        environment.put(String.valueOf(pair.name()), pair);
      }
      for (KeyValuePair pair : override.environment()) {
        environment.put(String.valueOf(pair.name()), pair);
      }
      result.environment(List.copyOf(environment.values()));
    }
    if (override.cpu() != null) {
      result.cpu(override.cpu());
    }
    if (override.memory() != null) {
      result.memory(override.memory());
    }
    if (override.memoryReservation() != null) {
      result.memoryReservation(override.memoryReservation());
    }
    return result.build();
  }

  /// Checks that the overrides led to nothing that RegisterTaskDefinition would not have taken. Not
  /// done when overrides are applied, since what an earlier release took must go on running.
  ///
  /// @throws ServiceException InvalidParameterException naming the container and the rule
  void check() {
    for (ContainerDefinition container : containers) {
      String broken = ContainerRules.broken(container, memory);
      if (broken != null) {
        throw EcsErrors.invalidParameterException(broken);
      }
    }
  }

  /// What the task takes of its host. Its own cpu and memory where it has them; else the sum over
  /// its containers, of which each counts its reservation before its limit
  /// (ContainerDefinition.memoryReservation).
  TaskDemand demand() {
    int cpuUnits = 0;
    int memoryMiB = 0;
    List<HostPort> ports = new ArrayList<>();
    for (ContainerDefinition container : containers) {
      cpuUnits += Objects.requireNonNullElse(container.cpu(), 0);
      memoryMiB +=
          container.memoryReservation() != null
              ? container.memoryReservation()
              : Objects.requireNonNullElse(container.memory(), 0);
      for (PortMapping port :
          Objects.requireNonNullElse(container.portMappings(), List.<PortMapping>of())) {
        if (port.hostPort() != null && port.hostPort() != 0) {
          ports.add(
              new HostPort(
                  "udp".equals(port.protocol()) ? Protocol.UDP : Protocol.TCP, port.hostPort()));
        }
      }
    }
    ports.sort(null);
    return new TaskDemand(
        new Resources(
            cpu == null ? cpuUnits : cpu, memory == null ? memoryMiB : memory, List.copyOf(ports)),
        requiredAttributes());
  }

  private List<Attribute> requiredAttributes() {
    List<Attribute> required = new ArrayList<>();
    for (dev.gantry.api.ecs.Attribute attribute :
        Objects.requireNonNullElse(
            definition.requiresAttributes(), List.<dev.gantry.api.ecs.Attribute>of())) {
      required.add(
          new Attribute(
              Objects.requireNonNull(attribute.name()),
              Objects.requireNonNullElse(attribute.value(), "")));
    }
    RuntimePlatform platform = definition.runtimePlatform();
    if (platform != null && platform.cpuArchitecture() != null) {
      required.add(
          new Attribute(
              "ecs.cpu-architecture", platform.cpuArchitecture().toLowerCase(Locale.ROOT)));
    }
    return required;
  }

  /// Names every member of the definition that does not act yet.
  void refuseWhatDoesNotAct(Refusals no) {
    no.unlessAbsent(definition.taskRoleArn(), "taskRoleArn");
    if ("awsvpc".equals(definition.networkMode())) {
      no.always("networkMode awsvpc");
    }
    no.unlessEmpty(definition.volumes(), "volumes");
    no.unlessEmpty(definition.inferenceAccelerators(), "inferenceAccelerators");
    no.unlessAbsent(definition.pidMode(), "pidMode");
    no.unlessAbsent(definition.ipcMode(), "ipcMode");
    no.unlessAbsent(definition.proxyConfiguration(), "proxyConfiguration");
    no.unlessAbsent(definition.ephemeralStorage(), "ephemeralStorage");
    no.unlessFalse(definition.enableFaultInjection(), "enableFaultInjection");
    RuntimePlatform platform = definition.runtimePlatform();
    if (platform != null
        && platform.operatingSystemFamily() != null
        && !platform.operatingSystemFamily().equals("LINUX")) {
      no.always("runtimePlatform.operatingSystemFamily " + platform.operatingSystemFamily());
    }
    for (int i = 0; i < containers.size(); i++) {
      refuse(containers.get(i), "containerDefinitions[" + i + "].", no);
    }
  }

  private static void refuse(ContainerDefinition container, String path, Refusals no) {
    no.unlessAbsent(container.repositoryCredentials(), path + "repositoryCredentials");
    no.unlessEmpty(container.links(), path + "links");
    no.unlessAbsent(container.restartPolicy(), path + "restartPolicy");
    no.unlessEmpty(container.environmentFiles(), path + "environmentFiles");
    no.unlessEmpty(container.mountPoints(), path + "mountPoints");
    no.unlessEmpty(container.volumesFrom(), path + "volumesFrom");
    no.unlessEmpty(container.secrets(), path + "secrets");
    no.unlessEmpty(container.dependsOn(), path + "dependsOn");
    no.unlessAbsent(container.startTimeout(), path + "startTimeout");
    no.unlessAbsent(container.healthCheck(), path + "healthCheck");
    no.unlessEmpty(container.resourceRequirements(), path + "resourceRequirements");
    no.unlessAbsent(container.firelensConfiguration(), path + "firelensConfiguration");
    no.unlessEmpty(container.credentialSpecs(), path + "credentialSpecs");
    for (PortMapping port :
        Objects.requireNonNullElse(container.portMappings(), List.<PortMapping>of())) {
      no.unlessAbsent(port.containerPortRange(), path + "portMappings[].containerPortRange");
    }
    LogConfiguration logs = container.logConfiguration();
    if (logs != null) {
      no.unlessEmpty(logs.secretOptions(), path + "logConfiguration.secretOptions");
      if ("awsfirelens".equals(logs.logDriver())) {
        no.always(path + "logConfiguration.logDriver awsfirelens");
      }
      if ("awslogs".equals(logs.logDriver()) && logs.options() != null) {
        refuseAwslogs(logs.options(), path + "logConfiguration.options.", no);
      }
    }
  }

  /// Of the options of `awslogs`, what changes where output is sent and by whom does not act; nor
  /// does anything that is not known here. What the values of the others must be, the agent knows:
  /// a task with a pattern or a size that cannot be read stops and says so.
  private static void refuseAwslogs(Map<String, String> options, String path, Refusals no) {
    options.forEach((option, value) -> {
      boolean acts =
          switch (option) {
            case "mode" -> "blocking".equals(value) || "non-blocking".equals(value);
            case "awslogs-create-group" -> "true".equals(value) || "false".equals(value);
            default -> AWSLOGS_OPTIONS.contains(option);
          };
      if (!acts) {
        no.always(path + option);
      }
    });
  }
}

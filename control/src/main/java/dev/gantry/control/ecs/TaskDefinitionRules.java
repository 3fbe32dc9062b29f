package dev.gantry.control.ecs;

import dev.gantry.api.ecs.Attribute;
import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.KeyValuePair;
import dev.gantry.api.ecs.LogConfiguration;
import dev.gantry.api.ecs.PortMapping;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.api.ecs.TaskDefinition;
import dev.gantry.wire.shape.ServiceException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What RegisterTaskDefinition demands of a definition, and the form in which it is kept and shown:
/// with every default that ECS shows, because Terraform compares the two (feature map W9).
///
/// Every refusal is a ClientException, as ECS answers a definition that its model allows and its
/// rules do not.
final class TaskDefinitionRules {
  /// The largest definition (Amazon ECS service quotas), in characters of its kept form.
  static final int MAX_DOCUMENT = 64 * 1024;

  /// The most containers in one definition (Amazon ECS service quotas).
  static final int MAX_CONTAINERS = 10;

  /// The smallest memory of a container on Docker 20.10 and later (ContainerDefinition.memory).
  static final int MIN_MEMORY_MIB = 6;

  private static final String LOG_DRIVER_CAPABILITY =
      "com.amazonaws.ecs.capability.logging-driver.";
  private static final List<String> LINUX_NETWORK_MODES =
      List.of("bridge", "host", "awsvpc", "none");

  private TaskDefinitionRules() {}

  /// Checks a definition and gives it its defaults. What is kept has no ARN, revision, status or
  /// date yet.
  ///
  /// @throws ServiceException ClientException naming the container, field and rule
  static TaskDefinition normalise(RegisterTaskDefinitionRequest input) {
    String family = input.family();
    if (family == null || !EcsIds.isName(family)) {
      throw EcsErrors.clientException("Family contains invalid characters.");
    }
    List<ContainerDefinition> containers = input.containerDefinitions();
    if (containers == null || containers.isEmpty()) {
      throw EcsErrors.clientException("Container list cannot be empty.");
    }
    if (containers.size() > MAX_CONTAINERS) {
      throw EcsErrors.clientException(
          "A task definition has at most " + MAX_CONTAINERS + " containers.");
    }
    String networkMode = input.networkMode();
    if (networkMode != null && !LINUX_NETWORK_MODES.contains(networkMode)) {
      throw EcsErrors.clientException("'" + networkMode + "' is not a valid networkMode.");
    }
    String cpu = amount(input.cpu(), "cpu", "vCPU", 1024);
    String memory = amount(input.memory(), "memory", "GB", 1024);
    List<ContainerDefinition> normalised = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    boolean essential = false;
    for (ContainerDefinition container : containers) {
      ContainerDefinition one = container(container, networkMode, memory);
      if (!names.add(Objects.requireNonNull(one.name()))) {
        throw EcsErrors.clientException(
            "Container name '" + one.name() + "' is used more than once.");
      }
      essential |= Boolean.TRUE.equals(one.essential());
      normalised.add(one);
    }
    if (!essential) {
      throw EcsErrors.clientException(
          "Invalid setting for containers. At least one container must be essential.");
    }
    uniqueHostPorts(normalised);
    List<String> requires = input.requiresCompatibilities();
    return TaskDefinition.builder()
        .family(family)
        .containerDefinitions(normalised)
        .taskRoleArn(input.taskRoleArn())
        .executionRoleArn(input.executionRoleArn())
        .networkMode(networkMode)
        .volumes(Objects.requireNonNullElse(input.volumes(), List.of()))
        .placementConstraints(Objects.requireNonNullElse(input.placementConstraints(), List.of()))
        .requiresAttributes(requiredAttributes(input, normalised))
        .compatibilities(compatibilities(networkMode))
        .requiresCompatibilities(requires == null || requires.isEmpty() ? null : requires)
        .runtimePlatform(input.runtimePlatform())
        .cpu(cpu)
        .memory(memory)
        .inferenceAccelerators(input.inferenceAccelerators())
        .pidMode(input.pidMode())
        .ipcMode(input.ipcMode())
        .proxyConfiguration(input.proxyConfiguration())
        .ephemeralStorage(input.ephemeralStorage())
        .enableFaultInjection(input.enableFaultInjection())
        .build();
  }

  private static ContainerDefinition container(
      ContainerDefinition given, @Nullable String networkMode, @Nullable String taskMemory) {
    String name = given.name();
    if (name == null || !EcsIds.isName(name)) {
      throw EcsErrors.clientException("Container.name contains invalid characters.");
    }
    if (given.image() == null || given.image().isBlank()) {
      throw EcsErrors.clientException("Container.image should not be null or empty.");
    }
    memory(given, name, taskMemory);
    if (given.cpu() != null && given.cpu() < 0) {
      throw invalid(name, "'cpu' must not be negative.");
    }
    if (given.stopTimeout() != null && given.stopTimeout() < 0) {
      throw invalid(name, "'stopTimeout' must not be negative.");
    }
    for (KeyValuePair variable : orEmpty(given.environment())) {
      if (variable.name() == null || variable.name().isEmpty()) {
        throw invalid(name, "An environment variable must have a name.");
      }
      if (variable.name().indexOf('=') >= 0) {
        throw invalid(name, "The name of an environment variable must not contain '='.");
      }
    }
    logging(given.logConfiguration(), name);
    return given.toBuilder()
        .cpu(Objects.requireNonNullElse(given.cpu(), 0))
        .essential(Objects.requireNonNullElse(given.essential(), true))
        .portMappings(ports(orEmpty(given.portMappings()), name, networkMode))
        .environment(orEmpty(given.environment()))
        .mountPoints(orEmpty(given.mountPoints()))
        .volumesFrom(orEmpty(given.volumesFrom()))
        .systemControls(orEmpty(given.systemControls()))
        .build();
  }

  private static void memory(ContainerDefinition given, String name, @Nullable String taskMemory) {
    Integer hard = given.memory();
    Integer soft = given.memoryReservation();
    if (hard == null && soft == null && taskMemory == null) {
      throw invalid(name, "At least one of 'memory' or 'memoryReservation' must be specified.");
    }
    if (hard != null && hard < MIN_MEMORY_MIB) {
      throw invalid(name, "'memory' must be at least " + MIN_MEMORY_MIB + " MiB.");
    }
    if (soft != null && soft < MIN_MEMORY_MIB) {
      throw invalid(name, "'memoryReservation' must be at least " + MIN_MEMORY_MIB + " MiB.");
    }
    if (hard != null && soft != null && hard <= soft) {
      throw invalid(name, "'memory' must be greater than 'memoryReservation'.");
    }
    if (hard != null && taskMemory != null && hard > Integer.parseInt(taskMemory)) {
      throw invalid(name, "'memory' must not be greater than the memory of the task.");
    }
  }

  private static List<PortMapping> ports(
      List<PortMapping> given, String name, @Nullable String networkMode) {
    if ("none".equals(networkMode) && !given.isEmpty()) {
      throw EcsErrors.clientException(
          "When networkMode=none, the portMappings of a container must be empty.");
    }
    boolean samePort = "awsvpc".equals(networkMode) || "host".equals(networkMode);
    List<PortMapping> ports = new ArrayList<>();
    for (PortMapping port : given) {
      Integer containerPort = port.containerPort();
      Integer hostPort = port.hostPort();
      if (containerPort == null && port.containerPortRange() == null) {
        throw invalid(name, "A port mapping must have a containerPort.");
      }
      if (containerPort != null && (containerPort < 1 || containerPort > 65_535)) {
        throw invalid(name, "A containerPort must be within 1 to 65535.");
      }
      if (hostPort != null && (hostPort < 0 || hostPort > 65_535)) {
        throw invalid(name, "A hostPort must be within 0 to 65535.");
      }
      if (samePort && hostPort != null && hostPort != 0 && !hostPort.equals(containerPort)) {
        throw EcsErrors.clientException(
            "When networkMode="
                + networkMode
                + ", the host ports and container ports in port mappings must match.");
      }
      Integer shown = hostPort;
      if (port.containerPortRange() == null && (hostPort == null || samePort)) {
        shown = samePort ? containerPort : Integer.valueOf(0);
      }
      ports.add(
          port.toBuilder()
              .hostPort(shown)
              .protocol(Objects.requireNonNullElse(port.protocol(), "tcp"))
              .build());
    }
    return ports;
  }

  private static void uniqueHostPorts(List<ContainerDefinition> containers) {
    Set<String> taken = new TreeSet<>();
    for (ContainerDefinition container : containers) {
      for (PortMapping port : orEmpty(container.portMappings())) {
        if (port.hostPort() != null
            && port.hostPort() != 0
            && !taken.add(port.protocol() + "/" + port.hostPort())) {
          throw invalid(
              Objects.requireNonNull(container.name()),
              "Host port " + port.hostPort() + " is used more than once.");
        }
      }
    }
  }

  private static void logging(@Nullable LogConfiguration logs, String name) {
    if (logs == null) {
      return;
    }
    if (logs.logDriver() == null || logs.logDriver().isEmpty()) {
      throw invalid(name, "A logConfiguration must have a logDriver.");
    }
    if (logs.logDriver().equals("awslogs")) {
      Map<String, String> options = logs.options();
      if (options == null || !options.containsKey("awslogs-group")) {
        throw EcsErrors.clientException("Log driver awslogs requires options: awslogs-group");
      }
      if (!options.containsKey("awslogs-region")) {
        throw EcsErrors.clientException("Log driver awslogs requires options: awslogs-region");
      }
    }
  }

  /// A task's cpu or memory: a number, or a number with its unit, kept as the number
  /// (RegisterTaskDefinition).
  private static @Nullable String amount(
      @Nullable String given, String field, String unit, int perUnit) {
    if (given == null || given.isEmpty()) {
      return null;
    }
    String text = given.trim();
    boolean inUnits =
        text.regionMatches(true, text.length() - unit.length(), unit, 0, unit.length());
    String digits = inUnits ? text.substring(0, text.length() - unit.length()).trim() : text;
    try {
      double number = Double.parseDouble(digits);
      double amount = inUnits ? number * perUnit : number;
      if (amount >= 1 && amount <= Integer.MAX_VALUE && amount == Math.rint(amount)) {
        return Integer.toString((int) amount);
      }
    } catch (NumberFormatException notANumber) {
      // Falls through to the one answer that every bad amount gets.
    }
    throw EcsErrors.clientException("Invalid '" + field + "' setting for task.");
  }

  /// Everything the definition can run on. Fargate asks for awsvpc.
  private static List<String> compatibilities(@Nullable String networkMode) {
    return "awsvpc".equals(networkMode) ? List.of("EC2", "FARGATE") : List.of("EXTERNAL", "EC2");
  }

  /// What an instance must be able to do (TaskDefinition.requiresAttributes), as far as it is told
  /// apart here.
  private static List<Attribute> requiredAttributes(
      RegisterTaskDefinitionRequest input, List<ContainerDefinition> containers) {
    Set<String> names = new TreeSet<>();
    for (ContainerDefinition container : containers) {
      if (container.logConfiguration() != null) {
        names.add(LOG_DRIVER_CAPABILITY + container.logConfiguration().logDriver());
      }
      if (Boolean.TRUE.equals(container.privileged())) {
        names.add("com.amazonaws.ecs.capability.privileged-container");
      }
    }
    if (input.taskRoleArn() != null) {
      names.add("com.amazonaws.ecs.capability.task-iam-role");
    }
    if ("awsvpc".equals(input.networkMode())) {
      names.add("ecs.capability.task-eni");
    }
    return names.stream().map(name -> Attribute.builder().name(name).build()).toList();
  }

  private static ServiceException invalid(String container, String rule) {
    return EcsErrors.clientException("Invalid setting for container '" + container + "'. " + rule);
  }

  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }
}

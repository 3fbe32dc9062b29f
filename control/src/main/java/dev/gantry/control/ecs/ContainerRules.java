package dev.gantry.control.ecs;

import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.ContainerRestartPolicy;
import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.HealthCheck;
import dev.gantry.api.ecs.KeyValuePair;
import dev.gantry.api.ecs.LogConfiguration;
import dev.gantry.api.ecs.PortMapping;
import dev.gantry.wire.shape.ServiceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What RegisterTaskDefinition demands of one container, and the form in which it is kept: with the
/// defaults that ECS shows.
///
/// Texts are ECS's where one is known: recorded answers of Amazon ECS of September 2026
/// (github.com/radkawar/stackd) and reports of users.
final class ContainerRules {
  /// The smallest memory of a container on Docker 20.10 and later (ContainerDefinition.memory).
  static final int MIN_MEMORY_MIB = 6;

  /// The shortest start and stop timeouts, in seconds.
  static final int MIN_TIMEOUT = 2;

  /// The longest name of a port mapping (PortMapping.name).
  static final int MAX_PORT_NAME = 64;

  /// The most ranges of ports of one container (PortMapping.containerPortRange).
  static final int MAX_PORT_RANGES = 100;

  /// How many exit codes a restart policy can ignore.
  private static final int MAX_IGNORED_EXIT_CODES = 50;

  private static final int MAX_PORT = 65_535;

  private ContainerRules() {}

  /// Checks a container and gives it its defaults.
  ///
  /// @throws ServiceException ClientException naming the container and the rule
  static ContainerDefinition normalise(
      ContainerDefinition given, @Nullable String networkMode, @Nullable Integer taskMemoryMiB) {
    String name = given.name();
    if (name == null || !EcsIds.isName(name)) {
      throw EcsErrors.clientException("Container.name contains invalid characters.");
    }
    if (given.image() == null || given.image().isBlank()) {
      throw EcsErrors.clientException("Container.image should not be null or empty.");
    }
    String broken = broken(given, taskMemoryMiB);
    if (broken != null) {
      throw EcsErrors.clientException(broken);
    }
    timeout(given.startTimeout(), "start", name);
    timeout(given.stopTimeout(), "stop", name);
    network(given, name, networkMode);
    logging(given.logConfiguration(), name);
    restarts(given.restartPolicy(), name);
    return given.toBuilder()
        .cpu(Objects.requireNonNullElse(given.cpu(), 0))
        .essential(Objects.requireNonNullElse(given.essential(), true))
        .portMappings(ports(orEmpty(given.portMappings()), name, networkMode))
        .environment(orEmpty(given.environment()))
        .mountPoints(orEmpty(given.mountPoints()))
        .volumesFrom(orEmpty(given.volumesFrom()))
        .systemControls(orEmpty(given.systemControls()))
        .healthCheck(health(given.healthCheck(), name))
        .build();
  }

  /// Which rule of size or environment a container breaks, or null. RunTask asks too, with
  /// overrides applied.
  static @Nullable String broken(ContainerDefinition container, @Nullable Integer taskMemoryMiB) {
    Integer hard = container.memory();
    Integer soft = container.memoryReservation();
    String rule = null;
    if (container.cpu() != null && container.cpu() < 0) {
      rule = "'cpu' must not be negative.";
    } else if (hard == null && soft == null && taskMemoryMiB == null) {
      rule = "At least one of 'memory' or 'memoryReservation' must be specified.";
    } else if (hard != null && hard < MIN_MEMORY_MIB) {
      rule = "'memory' must be at least " + MIN_MEMORY_MIB + " MiB.";
    } else if (soft != null && soft < MIN_MEMORY_MIB) {
      rule = "'memoryReservation' must be at least " + MIN_MEMORY_MIB + " MiB.";
    } else if (hard != null && soft != null && hard < soft) {
      // The reference says greater; equal is taken (awsdocs/amazon-ecs-developer-guide, #242).
      rule = "'memory' must be greater than or equal to 'memoryReservation'.";
    } else if (hard != null && taskMemoryMiB != null && hard > taskMemoryMiB) {
      // Worded as ECS words it: github.com/pulumi/pulumi-awsx issue 1220.
      return "The 'memory' setting for container '"
          + container.name()
          + "' is greater than for the task.";
    }
    for (KeyValuePair variable : orEmpty(container.environment())) {
      if (variable.name() == null || variable.name().isEmpty()) {
        rule = "An environment variable must have a name.";
      } else if (variable.name().indexOf('=') >= 0) {
        rule = "The name of an environment variable must not contain '='.";
      }
    }
    return rule == null ? null : sentence(Objects.requireNonNull(container.name()), rule);
  }

  private static void timeout(@Nullable Integer seconds, String which, String name) {
    if (seconds != null && seconds < MIN_TIMEOUT) {
      throw EcsErrors.clientException(
          "Granular "
              + which
              + " timeout on container '"
              + name
              + "' must be at least "
              + MIN_TIMEOUT
              + " seconds.");
    }
  }

  private static void network(
      ContainerDefinition given, String name, @Nullable String networkMode) {
    if (!orEmpty(given.links()).isEmpty() && networkMode != null && !networkMode.equals("bridge")) {
      throw invalid(name, "'links' are only for networkMode bridge.");
    }
    if (given.hostname() != null && "awsvpc".equals(networkMode)) {
      throw invalid(name, "'hostname' is not for networkMode awsvpc.");
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
    Map<Integer, String> protocols = new TreeMap<>();
    int ranges = 0;
    for (PortMapping port : given) {
      Integer containerPort = port.containerPort();
      String protocol = Objects.requireNonNullElse(port.protocol(), "tcp");
      numbers(port, name);
      if (port.containerPortRange() != null && ++ranges > MAX_PORT_RANGES) {
        throw invalid(name, "It has more than " + MAX_PORT_RANGES + " ranges of ports.");
      }
      if (port.containerPortRange() != null && "host".equals(networkMode)) {
        throw invalid(name, "A containerPortRange is only for networkMode bridge and awsvpc.");
      }
      if (containerPort != null) {
        String other = protocols.putIfAbsent(containerPort, protocol);
        if (other != null && !other.equals(protocol)) {
          throw invalid(
              name, "Container port " + containerPort + " is exposed for more than one protocol.");
        }
      }
      Integer hostPort = port.hostPort();
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
      ports.add(port.toBuilder().hostPort(shown).protocol(protocol).build());
    }
    return ports;
  }

  private static void numbers(PortMapping port, String name) {
    Integer containerPort = port.containerPort();
    if ((containerPort == null) == (port.containerPortRange() == null)) {
      throw invalid(
          name, "A port mapping must have a containerPort or a containerPortRange, and not both.");
    }
    if (containerPort != null && (containerPort < 1 || containerPort > MAX_PORT)) {
      throw invalid(name, "A containerPort must be within 1 to " + MAX_PORT + ".");
    }
    if (port.hostPort() != null && (port.hostPort() < 0 || port.hostPort() > MAX_PORT)) {
      throw invalid(name, "A hostPort must be within 0 to " + MAX_PORT + ".");
    }
    if (port.name() != null && port.name().length() > MAX_PORT_NAME) {
      throw invalid(
          name, "The name of a port mapping has at most " + MAX_PORT_NAME + " characters.");
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
      List<String> missing = new ArrayList<>();
      for (String option : List.of("awslogs-region", "awslogs-group")) {
        if (options == null || Objects.requireNonNullElse(options.get(option), "").isEmpty()) {
          missing.add(option);
        }
      }
      if (!missing.isEmpty()) {
        throw EcsErrors.clientException(
            "Log driver awslogs requires options: " + String.join(", ", missing));
      }
    }
  }

  /// A health check with its defaults (HealthCheck, Amazon ECS API Reference).
  private static @Nullable HealthCheck health(@Nullable HealthCheck given, String name) {
    if (given == null) {
      return null;
    }
    List<String> command = orEmpty(given.command());
    if (command.isEmpty() || !List.of("CMD", "CMD-SHELL").contains(command.getFirst())) {
      throw invalid(name, "The command of a healthCheck must begin with CMD or CMD-SHELL.");
    }
    return given.toBuilder()
        .interval(within(given.interval(), 30, 5, 300, "interval of a healthCheck", name))
        .timeout(within(given.timeout(), 5, 2, 60, "timeout of a healthCheck", name))
        .retries(within(given.retries(), 3, 1, 10, "retries of a healthCheck", name))
        .startPeriod(
            given.startPeriod() == null
                ? null
                : within(given.startPeriod(), 0, 0, 300, "startPeriod of a healthCheck", name))
        .build();
  }

  /// The limits of a restart policy (ContainerRestartPolicy, Amazon ECS API Reference). They hold
  /// whether it is enabled or not.
  private static void restarts(@Nullable ContainerRestartPolicy given, String name) {
    if (given == null) {
      return;
    }
    within(
        given.restartAttemptPeriod(),
        300,
        60,
        1800,
        "restartAttemptPeriod of a restartPolicy",
        name);
    if (orEmpty(given.ignoredExitCodes()).size() > MAX_IGNORED_EXIT_CODES) {
      throw invalid(
          name,
          "The ignoredExitCodes of a restartPolicy can have at most "
              + MAX_IGNORED_EXIT_CODES
              + " items.");
    }
  }

  private static int within(
      @Nullable Integer given, int usual, int least, int most, String field, String name) {
    int value = Objects.requireNonNullElse(given, usual);
    if (value < least || value > most) {
      throw invalid(name, "The " + field + " must be within " + least + " to " + most + ".");
    }
    return value;
  }

  private static ServiceException invalid(String container, String rule) {
    return EcsErrors.clientException(sentence(container, rule));
  }

  private static String sentence(String container, String rule) {
    return "Invalid setting for container '" + container + "'. " + rule;
  }

  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }
}

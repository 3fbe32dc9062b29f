package dev.gantry.agent;

import dev.gantry.agent.ContainerRuntime.EngineInfo;
import dev.gantry.api.ecs.Attribute;
import dev.gantry.api.ecs.ContainerInstance;
import dev.gantry.api.ecs.RegisterContainerInstanceRequest;
import dev.gantry.api.ecs.Resource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What an agent says of itself when it registers (agent-protocol 1.1), and the check of what comes
/// back.
final class Registration {

  /// The TCP ports that Amazon's agent reserves.
  static final List<String> RESERVED_PORTS = List.of("22", "2375", "2376", "51678", "51679");

  private static final int CPU_UNITS_PER_CORE = 1024;
  private static final long MEBIBYTE = 1024 * 1024;

  private static final String CAPABILITY = "com.amazonaws.ecs.capability.";
  private static final String NEW_CAPABILITY = "ecs.capability.";

  /// The engine API versions that Amazon's agent knows by name; no others ever appear.
  private static final List<String> API_VERSIONS =
      List.of(
          "1.17", "1.18", "1.19", "1.20", "1.21", "1.22", "1.23", "1.24", "1.25", "1.28", "1.29",
          "1.30", "1.32");

  /// The engine's log drivers that ECS has names for.
  private static final List<String> LOG_DRIVERS =
      List.of("json-file", "syslog", "journald", "gelf", "fluentd", "splunk");

  private Registration() {}

  static RegisterContainerInstanceRequest request(
      AgentSettings settings, EngineInfo engine, @Nullable String containerInstanceArn) {
    return RegisterContainerInstanceRequest.builder()
        .cluster(settings.cluster())
        .containerInstanceArn(containerInstanceArn)
        .instanceIdentityDocument("")
        .instanceIdentityDocumentSignature("")
        .attributes(attributes(settings, engine, containerInstanceArn == null))
        .totalResources(resources(settings, engine))
        .build();
  }

  private static List<Resource> resources(AgentSettings settings, EngineInfo engine) {
    Integer cpu = settings.cpuUnits();
    Integer memory = settings.memoryMiB();
    return List.of(
        integer("CPU", cpu != null ? cpu : engine.cpus() * CPU_UNITS_PER_CORE),
        integer("MEMORY", memory != null ? memory : (int) (engine.memoryBytes() / MEBIBYTE)),
        strings("PORTS", RESERVED_PORTS),
        strings("PORTS_UDP", List.of()));
  }

  private static Resource integer(String name, int value) {
    return Resource.builder().name(name).type("INTEGER").integerValue(value).build();
  }

  private static Resource strings(String name, List<String> values) {
    return Resource.builder().name(name).type("STRINGSET").stringSetValue(values).build();
  }

  /// Custom attributes come first, and at the first registration only. Of Amazon's capabilities
  /// only those are claimed that this agent has.
  private static List<Attribute> attributes(
      AgentSettings settings, EngineInfo engine, boolean first) {
    Map<String, @Nullable String> all = new LinkedHashMap<>();
    if (first) {
      settings.attributes().forEach((name, value) -> all.put(name, value.isEmpty() ? null : value));
    }
    all.put(CAPABILITY + "privileged-container", null);
    for (String version : API_VERSIONS) {
      if (minor(version) <= minor(engine.apiVersion())) {
        all.put(CAPABILITY + "docker-remote-api." + version, null);
      }
    }
    for (String driver : LOG_DRIVERS) {
      if (engine.loggingDrivers().contains(driver)) {
        all.put(CAPABILITY + "logging-driver." + driver, null);
      }
    }
    // Shipped by the agent, whatever the engine has.
    all.put(CAPABILITY + "logging-driver.awslogs", null);
    // With a login or a credential helper of the host's Docker configuration.
    all.put(CAPABILITY + "ecr-auth", null);
    // A task may have an execution role, for which Amazon's agent pulls and writes logs. This one
    // does both with what the host has, whether there is a role or not.
    all.put(NEW_CAPABILITY + "execution-role-ecr-pull", null);
    all.put(NEW_CAPABILITY + "execution-role-awslogs", null);
    all.put(NEW_CAPABILITY + "full-sync", null);
    all.put(NEW_CAPABILITY + "execute-command", null);
    all.put("ecs.os-type", "linux");
    all.put("ecs.os-family", "LINUX");
    all.put("ecs.cpu-architecture", architecture(engine.architecture()));
    List<Attribute> attributes = new ArrayList<>();
    all.forEach(
        (name, value) -> attributes.add(Attribute.builder().name(name).value(value).build()));
    return attributes;
  }

  /// ECS says `arm64` where engines say `aarch64`.
  private static String architecture(String engine) {
    return switch (engine) {
      case "aarch64" -> "arm64";
      case "amd64" -> "x86_64";
      default -> engine;
    };
  }

  private static int minor(String version) {
    int dot = version.indexOf('.');
    try {
      return Integer.parseInt(version.substring(dot + 1));
    } catch (NumberFormatException _) {
      // An engine that names its API otherwise is claimed to have none of these versions.
      return -1;
    }
  }

  /// The first attribute that did not come back as it was sent, or null. Amazon's agent ends itself
  /// over a missing one: the control plane would place tasks on the wrong hosts.
  static @Nullable String lost(RegisterContainerInstanceRequest sent, ContainerInstance received) {
    Map<String, String> echoed = new LinkedHashMap<>();
    List<Attribute> back = received.attributes();
    if (back != null) {
      for (Attribute attribute : back) {
        String name = attribute.name();
        if (name != null) {
          echoed.put(name, text(attribute.value()));
        }
      }
    }
    List<Attribute> attributes = sent.attributes();
    if (attributes != null) {
      for (Attribute attribute : attributes) {
        if (!text(attribute.value()).equals(echoed.get(attribute.name()))) {
          return attribute.name();
        }
      }
    }
    return null;
  }

  private static String text(@Nullable String value) {
    return value == null ? "" : value;
  }
}

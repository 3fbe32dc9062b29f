package dev.gantry.control.session;

import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.Device;
import dev.gantry.api.ecs.HostEntry;
import dev.gantry.api.ecs.KernelCapabilities;
import dev.gantry.api.ecs.LinuxParameters;
import dev.gantry.api.ecs.SystemControl;
import dev.gantry.api.ecs.Tmpfs;
import dev.gantry.api.ecs.Ulimit;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// The parts of a container definition that an agent takes as JSON in the Docker Engine API's own
/// names: the create call's body and its `HostConfig` (agent-protocol 3.3). Only what the
/// definition says is written; everything else is the agent's to derive.
final class EngineJson {
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final long MIB = 1024L * 1024;

  private EngineJson() {}

  /// `dockerConfig.config`.
  static String config(ContainerDefinition definition) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      string(json, "Hostname", definition.hostname());
      string(json, "User", definition.user());
      string(json, "WorkingDir", definition.workingDirectory());
      flag(json, "OpenStdin", definition.interactive());
      flag(json, "Tty", definition.pseudoTerminal());
      flag(json, "NetworkDisabled", definition.disableNetworking());
      strings(json, "Labels", definition.dockerLabels());
      json.writeEndObject();
    }
    return text.toString();
  }

  /// `dockerConfig.hostConfig`.
  static String hostConfig(
      ContainerDefinition definition, String networkMode, Map<String, String> logOptions) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeStringProperty("NetworkMode", networkMode);
      if (definition.logConfiguration() != null) {
        json.writeObjectPropertyStart("LogConfig");
        json.writeStringProperty("Type", definition.logConfiguration().logDriver());
        strings(json, "Config", logOptions);
        json.writeEndObject();
      }
      if (definition.memoryReservation() != null) {
        json.writeNumberProperty("MemoryReservation", definition.memoryReservation() * MIB);
      }
      flag(json, "Privileged", definition.privileged());
      flag(json, "ReadonlyRootfs", definition.readonlyRootFilesystem());
      strings(json, "Dns", definition.dnsServers());
      strings(json, "DnsSearch", definition.dnsSearchDomains());
      strings(json, "SecurityOpt", definition.dockerSecurityOptions());
      hosts(json, definition.extraHosts());
      ulimits(json, definition.ulimits());
      sysctls(json, definition.systemControls());
      linux(json, definition.linuxParameters(), definition.memory());
      json.writeEndObject();
    }
    return text.toString();
  }

  private static void hosts(JsonGenerator json, @Nullable List<HostEntry> hosts) {
    if (hosts != null) {
      strings(
          json,
          "ExtraHosts",
          hosts.stream().map(host -> host.hostname() + ":" + host.ipAddress()).toList());
    }
  }

  private static void ulimits(JsonGenerator json, @Nullable List<Ulimit> ulimits) {
    if (ulimits != null && !ulimits.isEmpty()) {
      json.writeArrayPropertyStart("Ulimits");
      for (Ulimit ulimit : ulimits) {
        json.writeStartObject();
        string(json, "Name", ulimit.name());
        json.writeNumberProperty("Soft", Objects.requireNonNullElse(ulimit.softLimit(), 0));
        json.writeNumberProperty("Hard", Objects.requireNonNullElse(ulimit.hardLimit(), 0));
        json.writeEndObject();
      }
      json.writeEndArray();
    }
  }

  private static void sysctls(JsonGenerator json, @Nullable List<SystemControl> controls) {
    if (controls != null && !controls.isEmpty()) {
      json.writeObjectPropertyStart("Sysctls");
      for (SystemControl control : controls) {
        string(json, String.valueOf(control.namespace()), control.value());
      }
      json.writeEndObject();
    }
  }

  private static void linux(
      JsonGenerator json, @Nullable LinuxParameters linux, @Nullable Integer memoryMiB) {
    if (linux == null) {
      return;
    }
    KernelCapabilities capabilities = linux.capabilities();
    if (capabilities != null) {
      strings(json, "CapAdd", capabilities.add());
      strings(json, "CapDrop", capabilities.drop());
    }
    flag(json, "Init", linux.initProcessEnabled());
    if (linux.sharedMemorySize() != null) {
      json.writeNumberProperty("ShmSize", linux.sharedMemorySize() * MIB);
    }
    if (linux.maxSwap() != null && memoryMiB != null) {
      // Docker counts memory and swap together (LinuxParameters.maxSwap).
      json.writeNumberProperty("MemorySwap", ((long) memoryMiB + linux.maxSwap()) * MIB);
    }
    if (linux.swappiness() != null) {
      json.writeNumberProperty("MemorySwappiness", linux.swappiness());
    }
    List<Tmpfs> mounts = linux.tmpfs();
    if (mounts != null && !mounts.isEmpty()) {
      json.writeObjectPropertyStart("Tmpfs");
      for (Tmpfs mount : mounts) {
        String size = "size=" + mount.size() + "m";
        String options =
            mount.mountOptions() == null || mount.mountOptions().isEmpty()
                ? size
                : String.join(",", mount.mountOptions()) + "," + size;
        string(json, String.valueOf(mount.containerPath()), options);
      }
      json.writeEndObject();
    }
    List<Device> devices = linux.devices();
    if (devices != null && !devices.isEmpty()) {
      json.writeArrayPropertyStart("Devices");
      for (Device device : devices) {
        json.writeStartObject();
        string(json, "PathOnHost", device.hostPath());
        string(
            json,
            "PathInContainer",
            device.containerPath() == null ? device.hostPath() : device.containerPath());
        string(json, "CgroupPermissions", permissions(device.permissions()));
        json.writeEndObject();
      }
      json.writeEndArray();
    }
  }

  private static String permissions(@Nullable List<String> permissions) {
    if (permissions == null || permissions.isEmpty()) {
      return "rwm";
    }
    StringBuilder letters = new StringBuilder();
    for (String permission : permissions) {
      letters.append(
          switch (permission) {
            case "read" -> "r";
            case "write" -> "w";
            case "mknod" -> "m";
            default -> "";
          });
    }
    return letters.toString();
  }

  private static void string(JsonGenerator json, String name, @Nullable String value) {
    if (value != null) {
      json.writeStringProperty(name, value);
    }
  }

  private static void flag(JsonGenerator json, String name, @Nullable Boolean value) {
    if (value != null) {
      json.writeBooleanProperty(name, value);
    }
  }

  private static void strings(JsonGenerator json, String name, @Nullable List<String> values) {
    if (values != null && !values.isEmpty()) {
      json.writeArrayPropertyStart(name);
      values.forEach(json::writeString);
      json.writeEndArray();
    }
  }

  private static void strings(
      JsonGenerator json, String name, @Nullable Map<String, String> values) {
    if (values != null && !values.isEmpty()) {
      json.writeObjectPropertyStart(name);
      values.forEach((key, value) -> json.writeStringProperty(key, value));
      json.writeEndObject();
    }
  }
}

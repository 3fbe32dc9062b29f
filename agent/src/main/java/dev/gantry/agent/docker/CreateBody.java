package dev.gantry.agent.docker;

import dev.gantry.agent.ContainerRuntime.ContainerSpec;
import dev.gantry.agent.ContainerRuntime.PublishedPort;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Spells a [ContainerSpec] as the body of `POST /containers/create`.
///
/// First the body is derived from the spec's fields. Then the payload's two free-form objects are
/// laid over it the way Amazon's agent does it, which is what Go's `json.Unmarshal` does into a
/// filled struct: names are matched in any case; lists and plain values replace; maps (labels, log
/// options, ports) gain or replace single keys; `null` empties a list or map and leaves a plain
/// value alone. Last, the labels that ownership hangs on are written once more, so that no task
/// definition can forge them.
final class CreateBody {
  /// Most bytes of one of the payload's free-form objects.
  static final int MAX_OVERLAY_CHARS = 1024 * 1024;

  /// Labels with this beginning say who owns a container. Only the agent may set them.
  static final String OWNERSHIP_LABELS = "dev.gantry.";

  /// Labels with this beginning say which task a container belongs to. The agent's win.
  static final String TASK_LABELS = "com.amazonaws.ecs.";

  // Beside the container's own fields, the request has these two objects; they are not the
  // payload's `config` to set.
  private static final Set<String> NOT_CONFIG = foldedSet("HostConfig", "NetworkingConfig");

  // The derived objects whose members are fields, not a map's keys.
  private static final Set<String> STRUCTS = foldedSet("LogConfig");

  private CreateBody() {}

  /// The request's body.
  ///
  /// @throws RuntimeFailure REFUSED if a free-form object is not a JSON object
  static byte[] of(ContainerSpec spec) throws RuntimeFailure {
    Json.Obj config = derivedConfig(spec);
    Json.Obj hostConfig = derivedHostConfig(spec);
    merge(config, overlay(spec.engineConfig(), "Unable decode given docker config: "), NOT_CONFIG);
    merge(
        hostConfig,
        overlay(spec.engineHostConfig(), "Unable to decode given host config: "),
        Set.of());
    config.put("Labels", labels(config.at("Labels"), spec));
    return config.put("HostConfig", hostConfig).bytes();
  }

  private static Json.Obj derivedConfig(ContainerSpec spec) {
    Json.Obj config = new Json.Obj().put("Image", spec.image());
    // To the engine an empty entry point means "none at all"; to ECS it means "the image's own".
    putUnlessEmpty(config, "Cmd", spec.command());
    putUnlessEmpty(config, "Entrypoint", spec.entryPoint());
    putUnlessEmpty(config, "Env", spec.environment());
    Json.Obj labels = new Json.Obj();
    spec.labels().forEach(labels::put);
    config.put("Labels", labels);
    Json.Obj exposed = new Json.Obj();
    for (PublishedPort port : spec.ports()) {
      exposed.put(port.containerPort() + "/" + port.protocol(), new Json.Obj());
    }
    return config.put("ExposedPorts", exposed);
  }

  private static Json.Obj derivedHostConfig(ContainerSpec spec) {
    Json.Obj bindings = new Json.Obj();
    for (PublishedPort port : spec.ports()) {
      String key = port.containerPort() + "/" + port.protocol();
      List<Json> forPort = new ArrayList<>(bindings.at(key).list());
      forPort.add(
          new Json.Obj()
              .put("HostIp", port.bindIp())
              .put("HostPort", port.hostPort() == 0 ? "" : Integer.toString(port.hostPort())));
      bindings.put(key, new Json.Arr(forPort));
    }
    Json.Obj logOptions = new Json.Obj();
    spec.logOptions().forEach(logOptions::put);
    return new Json.Obj()
        .put("NetworkMode", spec.networkMode())
        .put("CpuShares", spec.cpuShares())
        .put("Memory", spec.memoryBytes())
        .put("MemoryReservation", spec.memoryReservationBytes())
        .put("PortBindings", bindings)
        .put("LogConfig", new Json.Obj().put("Type", spec.logDriver()).put("Config", logOptions));
  }

  private static void putUnlessEmpty(Json.Obj target, String key, @Nullable List<String> values) {
    if (values != null && !values.isEmpty()) {
      target.put(key, Json.Arr.of(values));
    }
  }

  private static Json.Obj overlay(@Nullable String text, String complaint) throws RuntimeFailure {
    if (text == null) {
      return new Json.Obj();
    }
    try {
      if (text.length() > MAX_OVERLAY_CHARS) {
        throw new Json.BadJson("more than " + MAX_OVERLAY_CHARS + " characters", null);
      }
      return switch (Json.parse(text)) {
        case Json.Obj object -> object;
        case Json.Null() -> new Json.Obj();
        case Json.Arr _, Json.Text _, Json.Num _, Json.Bool _ ->
            throw new Json.BadJson("not an object", null);
      };
    } catch (Json.BadJson e) {
      throw new RuntimeFailure(Kind.REFUSED, complaint + e.getMessage(), e);
    }
  }

  /// Lays the overlay over an object whose members are a struct's fields.
  private static void merge(Json.Obj target, Json.Obj overlay, Set<String> leftOut) {
    overlay
        .members()
        .forEach((written, value) -> {
          if (leftOut.contains(fold(written))) {
            return;
          }
          String name = existingName(target, written);
          Json derived = target.at(name);
          switch (value) {
            case Json.Null() -> {
              if (derived instanceof Json.Obj || derived instanceof Json.Arr) {
                target.members().remove(name);
              }
            }
            case Json.Obj object when derived instanceof Json.Obj map -> {
              if (STRUCTS.contains(fold(name))) {
                merge(map, object, Set.of());
              } else {
                map.members().putAll(object.members());
              }
            }
            case Json.Obj _, Json.Arr _, Json.Text _, Json.Num _, Json.Bool _ ->
                target.put(name, value);
          }
        });
  }

  private static String existingName(Json.Obj target, String written) {
    if (target.members().containsKey(written)) {
      return written;
    }
    for (String name : target.members().keySet()) {
      if (fold(name).equals(fold(written))) {
        return name;
      }
    }
    return written;
  }

  private static Json.Obj labels(Json merged, ContainerSpec spec) {
    Json.Obj labels = new Json.Obj();
    merged
        .fields()
        .forEach((name, value) -> {
          if (!name.startsWith(OWNERSHIP_LABELS)) {
            labels.put(name, value);
          }
        });
    spec.labels()
        .forEach((name, value) -> {
          if (name.startsWith(OWNERSHIP_LABELS) || name.startsWith(TASK_LABELS)) {
            labels.put(name, value);
          }
        });
    return labels;
  }

  private static Set<String> foldedSet(String... names) {
    Set<String> folded = new TreeSet<>();
    for (String name : names) {
      folded.add(fold(name));
    }
    return folded;
  }

  private static String fold(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}

package dev.gantry.agent.docker;

import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.ContainerStatus.State;
import dev.gantry.agent.ContainerRuntime.PublishedPort;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Reads the engine's `GET /containers/{id}/json`.
final class ContainerMapping {
  private ContainerMapping() {}

  /// The container's status in the agent's words.
  static ContainerStatus status(Json container) {
    Json state = container.at("State");
    State where = state(state);
    Instant startedAt = instant(state.at("StartedAt").text());
    String error = state.at("Error").text();
    String name = container.at("Name").text();
    SortedMap<String, String> labels = new TreeMap<>();
    container
        .at("Config")
        .at("Labels")
        .fields()
        .forEach((label, value) -> labels.put(label, value.text()));
    return new ContainerStatus(
        container.at("Id").text(),
        name.startsWith("/") ? name.substring(1) : name,
        where,
        (int) state.at("ExitCode").integer(0),
        state.at("OOMKilled").truth(),
        error.isEmpty() ? null : error,
        instant(container.at("Created").text()),
        startedAt,
        where == State.EXITED ? finished(startedAt, state) : null,
        container.at("Image").text(),
        labels,
        ports(container.at("NetworkSettings").at("Ports")));
  }

  /// True for a container that runs according to an engine which knows no time of its start.
  static boolean runsSinceNobodyKnows(Json container) {
    Json state = container.at("State");
    return state.at("Running").truth() && instant(state.at("StartedAt").text()) == null;
  }

  // Only asked of a container that is not running: one that was started again still shows the end
  // of its run before. The two times are taken by different processes, and a short-lived container
  // may have ended a moment before the engine noted its start (seen with 20.10).
  private static @Nullable Instant finished(@Nullable Instant startedAt, Json state) {
    Instant finishedAt = instant(state.at("FinishedAt").text());
    return finishedAt != null && startedAt != null && finishedAt.isBefore(startedAt)
        ? startedAt
        : finishedAt;
  }

  // A paused or restarting container still has its task's resources, so it runs. One that never
  // started and has an error is over, as Amazon's agent sees it: nobody will start it again. An
  // engine that was killed between a start and its note of it learns of the start from containerd
  // when it is back, and then knows no time of it, only that of the end (seen with 20.10).
  private static State state(Json state) {
    if (state.at("Running").truth()) {
      return State.RUNNING;
    }
    if (state.at("Dead").truth()
        || instant(state.at("StartedAt").text()) != null
        || instant(state.at("FinishedAt").text()) != null
        || !state.at("Error").text().isEmpty()) {
      return State.EXITED;
    }
    return State.CREATED;
  }

  // {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "32768"}, {"HostIp": "::", ...}], "81/tcp": null}
  private static List<PublishedPort> ports(Json ports) {
    List<PublishedPort> published = new ArrayList<>();
    ports
        .fields()
        .forEach((key, bindings) -> {
          int slash = key.indexOf('/');
          int containerPort = port(slash < 0 ? key : key.substring(0, slash));
          String protocol = slash < 0 ? "tcp" : key.substring(slash + 1);
          for (Json binding : bindings.list()) {
            int hostPort = port(binding.at("HostPort").text());
            if (containerPort > 0 && hostPort > 0) {
              published.add(
                  new PublishedPort(
                      containerPort, hostPort, protocol, binding.at("HostIp").text()));
            }
          }
        });
    return published;
  }

  private static int port(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException notAPort) {
      return 0;
    }
  }

  /// The engine's spelling of a time, to the nanosecond.
  ///
  /// @return null for its zero time, the year 1, and for what is no time
  static @Nullable Instant instant(String text) {
    try {
      Instant instant = Instant.parse(text);
      return instant.getEpochSecond() <= 0 ? null : instant;
    } catch (DateTimeException notATime) {
      return null;
    }
  }
}

package dev.gantry.agent;

import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What becomes of a container's output.
sealed interface LogPlan {

  /// The file size at which the engine begins a new log file, in its own notation.
  String FILE_SIZE = "34m";

  /// How many such files the engine keeps. Together they are the time a control plane may be away
  /// before output is lost: 100 MB for each container. Few large ones, as older engines' followers
  /// stumble over each rotation.
  String FILE_COUNT = "3";

  /// The engine's own driver does everything.
  record Engine(String driver, SortedMap<String, String> options) implements LogPlan {}

  /// `awslogs`: the engine keeps size-limited files, and the agent ships them.
  ///
  /// The engine's own `awslogs` driver is not used: it would need the control plane's credentials
  /// and address in the engine's environment, keeps no cursor, and drops what it cannot deliver.
  ///
  /// @param group the log group
  /// @param region whose log group it is
  /// @param stream the stream's name where the payload gives it
  /// @param prefix the stream is `<prefix>/<container>/<task-id>`; without stream and prefix it is
  ///   the container's id, as the engine's driver has it
  /// @param createGroup make the group when it is missing
  /// @param bufferBytes how much output at least can wait for the log service before the oldest of
  ///   it is lost; null for what every container has
  /// @param eventStart with what lines events begin; null if each line is one
  record Shipped(
      String group,
      String region,
      @Nullable String stream,
      @Nullable String prefix,
      boolean createGroup,
      @Nullable Long bufferBytes,
      @Nullable EventStart eventStart)
      implements LogPlan {

    /// The stream's name, or null as long as it hangs on a container id that is not known.
    @Nullable String streamName(String container, String taskId, @Nullable String containerId) {
      if (stream != null) {
        return stream;
      }
      return prefix != null ? prefix + "/" + container + "/" + taskId : containerId;
    }
  }

  /// The engine's driver that the container is created with.
  default String engineDriver() {
    return switch (this) {
      case Engine engine -> engine.driver();
      case Shipped _ -> "json-file";
    };
  }

  /// The options of that driver.
  default SortedMap<String, String> engineOptions() {
    return switch (this) {
      case Engine engine -> engine.options();
      case Shipped shipped -> {
        Long buffer = shipped.bufferBytes();
        if (buffer == null) {
          yield fileLimits();
        }
        // The engine begins a new file as soon as one is full and then drops the oldest, so that
        // two full ones are always there. In them a line costs more than its own bytes, hence one
        // whole buffer in each.
        yield fileLimits(Long.toString(buffer));
      }
    };
  }

  /// Options that keep `json-file` from filling the disk.
  static SortedMap<String, String> fileLimits() {
    return fileLimits(FILE_SIZE);
  }

  private static SortedMap<String, String> fileLimits(String size) {
    SortedMap<String, String> options = new TreeMap<>();
    options.put("max-size", size);
    options.put("max-file", FILE_COUNT);
    return options;
  }
}

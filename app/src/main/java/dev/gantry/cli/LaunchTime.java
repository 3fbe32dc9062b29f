package dev.gantry.cli;

import java.time.Instant;
import java.util.Map;

/// When the user started the command: before the launcher script built anything.
final class LaunchTime {

  /// Set by the launcher when it had something to build, in seconds since 1970.
  private static final String VARIABLE = "GANTRY_LAUNCHED_AT";

  private LaunchTime() {}

  static Instant of(Map<String, String> environment) {
    String seconds = environment.getOrDefault(VARIABLE, "");
    if (seconds.matches("\\d{1,12}")) {
      return Instant.ofEpochSecond(Long.parseLong(seconds));
    }
    return ProcessHandle.current().info().startInstant().orElseGet(Instant::now);
  }
}

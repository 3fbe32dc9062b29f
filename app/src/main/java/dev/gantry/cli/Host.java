package dev.gantry.cli;

import java.nio.file.Path;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// What a command knows of the machine and the shell it was called from. Read once, in [Main], so
/// that tests can say it.
///
/// @param environment the environment variables
/// @param userHome the user's home directory
/// @param command how the user called the launcher, as `./gantry`: repeated in advice
/// @param launcher the launcher script, or null when the JVM was started without it
/// @param console where to speak
/// @param signals how to hear Ctrl-C and the like
public record Host(
    Map<String, String> environment,
    Path userHome,
    String command,
    @Nullable Path launcher,
    Console console,
    Signals signals) {

  /// A source of signals.
  interface Signals {
    /// From now on `listener` hears the number of each SIGINT, SIGTERM and SIGHUP.
    void hear(IntConsumer listener);
  }
}

package dev.gantry.cli;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a command knows of the machine and the shell it was called from. Read once, in [Main], so
/// that tests can say it.
///
/// @param environment the environment variables
/// @param userHome the user's home directory
/// @param command how the user called the launcher, as `./gantry`: repeated in advice
/// @param launcher the launcher script, or null when the JVM was started without it
/// @param console where to speak
public record Host(
    Map<String, String> environment,
    Path userHome,
    String command,
    @Nullable Path launcher,
    Console console) {}

package dev.gantry.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The AWS CLI that the user's shell would find.
sealed interface AwsCli {

  /// How long `aws --version` may take; it is a Python program and slow on a cold disk.
  Duration VERSION_LIMIT = Duration.ofSeconds(10);

  /// There is none.
  record Absent() implements AwsCli {}

  /// There is one that would not tell its version.
  record Unknown(Path path, String reason) implements AwsCli {}

  /// There is one.
  record Found(Path path, int major, int minor, int patch) implements AwsCli {

    /// As `2.9.19`.
    String version() {
      return major + "." + minor + "." + patch;
    }

    /// Whether this version reads `AWS_ENDPOINT_URL`: 1.29.0 and 2.13.0 were the first (July 2023,
    /// <https://github.com/localstack/awscli-local/issues/76>, and the CLI's own change log). Those
    /// before it ignore the variable without a word and call the real AWS.
    boolean knowsEndpointVariable() {
      return switch (major) {
        case 0 -> false;
        case 1 -> minor >= 29;
        case 2 -> minor >= 13;
        default -> true;
      };
    }
  }

  /// What `aws --version` printed, read: `aws-cli/2.9.19 Python/3.11.2 Linux/...`.
  static AwsCli parse(Path path, String output) {
    Matcher matcher =
        Pattern.compile("aws-cli/(\\d{1,4})\\.(\\d{1,4})\\.(\\d{1,6})").matcher(output);
    if (!matcher.find()) {
      return new Unknown(path, "it printed no version");
    }
    return new Found(
        path,
        Integer.parseInt(matcher.group(1)),
        Integer.parseInt(matcher.group(2)),
        Integer.parseInt(matcher.group(3)));
  }

  /// Finds `aws` on PATH and asks it for its version.
  static AwsCli find(Map<String, String> environment) {
    for (String directory : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      Path candidate = Path.of(directory, "aws");
      if (!directory.isEmpty() && Files.isExecutable(candidate) && !Files.isDirectory(candidate)) {
        return ask(candidate);
      }
    }
    return new Absent();
  }

  private static AwsCli ask(Path path) {
    try {
      Path output = Files.createTempFile("gantry-aws-version", ".txt");
      try {
        // A file, not a pipe: a wrapper's children may hold a pipe open after the time limit.
        // Version 1 on Python 2 printed its version to standard error.
        Process process =
            new ProcessBuilder(path.toString(), "--version")
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(VERSION_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
          process.destroyForcibly();
          return new Unknown(path, "no answer in " + VERSION_LIMIT.toSeconds() + " s");
        }
        byte[] bytes = Files.readAllBytes(output);
        return parse(path, new String(bytes, StandardCharsets.UTF_8));
      } finally {
        Files.deleteIfExists(output);
      }
    } catch (IOException unusable) {
      return new Unknown(path, String.valueOf(unusable.getMessage()));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return new Unknown(path, "interrupted");
    }
  }
}

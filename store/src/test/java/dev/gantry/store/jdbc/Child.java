package dev.gantry.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A JVM of its own that runs until it is killed.
final class Child {

  private static final int PATIENCE_SECONDS = 60;

  private Child() {}

  /// Runs a class, and kills its process with SIGKILL when it has printed so many lines, each a
  /// number.
  ///
  /// @return the highest number it printed before it died
  static long killAfter(int lines, Class<?> main, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName()));
    command.addAll(List.of(arguments));
    Process child =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    long highest = 0;
    try (BufferedReader output = child.inputReader(StandardCharsets.UTF_8)) {
      for (int i = 0; i < lines; i++) {
        String line = output.readLine();
        assertThat(line).as("a line from the child").isNotNull();
        highest = Long.parseLong(line);
      }
      // Through the handle: Process.destroyForcibly would also throw away what was not read yet.
      child.toHandle().destroyForcibly();
      // What it said before it died counts too. A line that was cut short is a smaller number.
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        highest = line.isEmpty() ? highest : Math.max(Long.parseLong(line), highest);
      }
    } finally {
      child.destroyForcibly();
      assertThat(child.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }
    return highest;
  }
}

package dev.gantry.engine;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Runs a slow command of the system for the user: its output goes to a log, and a sign of life is
/// given while it lasts.
final class LoggedCommand {

  /// How often a person hears that it still goes on.
  private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(10);

  /// How much of a log's end is shown when something failed.
  static final int TAIL_LINES = 15;

  private static final int TAIL_BYTES = 16 * 1024;

  private LoggedCommand() {}

  /// Runs it to its end.
  ///
  /// @param what what it does, as `installing docker.io`: for the signs of life
  /// @param log where its output goes, after what is there already
  /// @param limit it is killed when it takes longer
  /// @return its exit code, or 124 if it was killed, as timeout(1) says it
  static int run(
      List<String> command,
      Map<String, String> environment,
      String what,
      Path log,
      Duration limit,
      Consumer<String> progress)
      throws IOException, InterruptedException {
    // The launcher starts us with a umask that keeps others out of our files. What the system
    // installs
    // is for everybody.
    List<String> underUsualUmask =
        new ArrayList<>(List.of("sh", "-c", "umask 022; exec \"$@\"", "sh"));
    underUsualUmask.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(underUsualUmask)
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    Process process = builder.start();
    long begun = System.nanoTime();
    try {
      while (true) {
        if (process.waitFor(SIGN_OF_LIFE.toMillis(), TimeUnit.MILLISECONDS)) {
          return process.exitValue();
        }
        Duration gone = Duration.ofNanos(System.nanoTime() - begun);
        if (gone.compareTo(limit) > 0) {
          return 124;
        }
        progress.accept("  still " + what + " (" + gone.toSeconds() + " s)");
      }
    } finally {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
    }
  }

  /// The last lines of a log, or none if it cannot be read.
  static List<String> tail(Path log) {
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
      int length = (int) Math.min(file.length(), TAIL_BYTES);
      byte[] bytes = new byte[length];
      file.seek(file.length() - length);
      file.readFully(bytes);
      List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
      return lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size());
    } catch (IOException unreadable) {
      return List.of("(" + log + " cannot be read: " + unreadable.getMessage() + ")");
    }
  }
}

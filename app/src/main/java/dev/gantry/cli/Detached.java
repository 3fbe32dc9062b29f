package dev.gantry.cli;

import dev.gantry.home.DataDirectory;
import dev.gantry.home.RunningInstance;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Starts `gantry up` again, in the background, and waits until it is up.
///
/// It goes through the launcher script, so that the JVM's options stay in one place. Its output
/// goes to `up.log` in the data directory and, until it is up, to the user as well: installing an
/// engine takes a while, and a silent wait is a bad one.
final class Detached {
  private static final String MARK = "GANTRY_DETACHED";
  private static final String LOG = "up.log";
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);

  /// The engine's installation is the longest part of a start, and has limits of its own.
  private static final Duration LIMIT = Duration.ofMinutes(10);

  private final Host host;
  private final DataDirectory data;

  Detached(Host host, DataDirectory data) {
    this.host = host;
    this.data = data;
  }

  /// Whether this process is the one in the background.
  static boolean isDetached(Map<String, String> environment) {
    return environment.containsKey(MARK);
  }

  /// Starts and returns when it is up.
  ///
  /// @param arguments of this very command
  /// @throws CommandFailure if it ended instead
  void start(List<String> arguments) throws IOException, InterruptedException {
    Path launcher = host.launcher();
    if (launcher == null) {
      throw new CommandFailure("--detach needs the launcher script ./gantry.");
    }
    data.create();
    Path log = data.resolve(LOG);
    data.write(LOG, "");
    List<String> command = new ArrayList<>();
    // A session of its own keeps it from the terminal's signals; where setsid is missing (macOS),
    // nohup keeps it from the closing of the window.
    command.add(hasSetsid() ? "setsid" : "nohup");
    command.add(launcher.toString());
    for (String argument : arguments) {
      if (!argument.equals("--detach") && !argument.equals("--detach=true")) {
        command.add(argument);
      }
    }
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().put(MARK, "1");
    // We have just been built; and a build in the background would be one that nobody sees.
    builder.environment().put("GANTRY_NO_BUILD", "1");
    builder.environment().put("GANTRY_DATA", data.toString());
    Process process = builder.start();
    long begun = System.nanoTime();
    long shown = 0;
    while (true) {
      boolean alive = process.isAlive();
      RunningInstance running = RunningInstance.find(data);
      shown = relay(log, shown);
      if (running != null && running.pid() == process.pid()) {
        return;
      }
      if (!alive) {
        throw new CommandFailure("Gantry did not start; its log is " + log + ".");
      }
      if (System.nanoTime() - begun > LIMIT.toNanos()) {
        process.destroy();
        throw new CommandFailure(
            "Gantry was not up within " + LIMIT.toMinutes() + " minutes; its log is " + log + ".");
      }
      Thread.sleep(BETWEEN_LOOKS);
    }
  }

  private static boolean hasSetsid() {
    return Files.isExecutable(Path.of("/usr/bin/setsid"))
        || Files.isExecutable(Path.of("/bin/setsid"));
  }

  /// Shows the whole lines that came since.
  private long relay(Path log, long from) throws IOException {
    byte[] bytes = Files.readAllBytes(log);
    String fresh = new String(bytes, (int) from, bytes.length - (int) from, StandardCharsets.UTF_8);
    int end = fresh.lastIndexOf('\n');
    if (end < 0) {
      return from;
    }
    fresh.substring(0, end).lines().forEach(host.console()::relay);
    return from + fresh.substring(0, end + 1).getBytes(StandardCharsets.UTF_8).length;
  }
}

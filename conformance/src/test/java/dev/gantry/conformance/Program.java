package dev.gantry.conformance;

import dev.gantry.cli.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// One Gantry command in a JVM of its own, started from the tests' class path.
final class Program implements AutoCloseable {
  /// How long a command may take on a busy machine; the commands have tighter limits of their own.
  static final Duration LIMIT = Duration.ofMinutes(2);

  private final Process process;
  private final Transcript out;
  private final Transcript err;

  private Program(Process process) {
    this.process = process;
    this.out = Transcript.of(process.getInputStream());
    this.err = Transcript.of(process.getErrorStream());
  }

  /// Starts `gantry ARGUMENTS`.
  ///
  /// @param environment laid over this process's, from which AWS and Gantry settings are taken out
  static Program start(List<String> arguments, Map<String, String> environment) throws IOException {
    return start(List.of(), arguments, environment);
  }

  /// Starts `gantry ARGUMENTS` by another program.
  ///
  /// @param prefix what it is run by, such as a command that gives it name spaces of its own; must
  ///   become the program instead of starting it, so that signals reach it
  static Program start(List<String> prefix, List<String> arguments, Map<String, String> environment)
      throws IOException {
    List<String> command = new ArrayList<>(prefix);
    if (System.getProperty("os.name", "").equals("Linux")) {
      // Shells start background jobs with SIGINT ignored, that is inherited, and tests are often
      // run so; a program which a person starts hears Ctrl-C.
      command.addAll(List.of("env", "--default-signal=INT"));
    }
    command.addAll(java(List.of()));
    command.addAll(arguments);
    return new Program(builder(command, environment).start());
  }

  /// Runs a shell script to its end, in which `gantry` is the program as the launcher starts it, so
  /// that it can start itself again in the background.
  ///
  /// @param prefix what the shell is run by, such as a command that gives it name spaces of its own
  static Ended script(List<String> prefix, Path directory, String script)
      throws IOException, InterruptedException {
    Path launcher = directory.resolve("gantry");
    List<String> quoted = new ArrayList<>();
    java(List.of("-Dgantry.launcher=" + launcher, "-Dgantry.command=" + launcher))
        .forEach(word -> quoted.add("'" + word.replace("'", "'\\''") + "'"));
    Files.writeString(launcher, "#!/bin/sh\nexec " + String.join(" ", quoted) + " \"$@\"\n");
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
    List<String> command = new ArrayList<>(prefix);
    command.addAll(List.of("sh", "-eu", "-c", script));
    ProcessBuilder builder = builder(command, Map.of());
    builder.environment().merge("PATH", directory.toString(), (path, own) -> own + ":" + path);
    try (Program program = new Program(builder.start())) {
      return program.await();
    }
  }

  private static List<String> java(List<String> properties) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(properties);
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(Main.class.getName());
    return command;
  }

  private static ProcessBuilder builder(List<String> command, Map<String, String> environment) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.startsWith("AWS_") || name.startsWith("GANTRY_"));
    builder.environment().putAll(new TreeMap<>(environment));
    return builder;
  }

  /// Runs a command to its end.
  static Ended run(List<String> arguments) throws IOException, InterruptedException {
    try (Program program = start(arguments, Map.of())) {
      return program.await();
    }
  }

  /// How a command ended.
  record Ended(int code, List<String> out, List<String> err) {
    /// Both streams, for messages.
    String text() {
      return String.join("\n", out) + "\n" + String.join("\n", err);
    }
  }

  /// Waits for its end.
  Ended await() throws InterruptedException {
    if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError("gantry does not end; it said:\n" + out + "\n" + err);
    }
    return new Ended(process.exitValue(), out.whole(LIMIT), err.whole(LIMIT));
  }

  Transcript out() {
    return out;
  }

  Transcript err() {
    return err;
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /// Ctrl-C.
  void interrupt() throws IOException, InterruptedException {
    int code = new ProcessBuilder("kill", "-INT", Long.toString(pid())).start().waitFor();
    if (code != 0) {
      throw new AssertionError("kill -INT " + pid() + " ended with " + code);
    }
  }

  /// SIGTERM.
  void terminate() {
    process.destroy();
  }

  /// SIGKILL, and waits until the process is gone.
  void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      kill();
    }
  }
}

package dev.gantry.bench;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// `./gantry bench [--quick] [run-task] [start] [burst] [many] [load] [launch] [hosts]`: measures
/// what is promised about speed and size, each figure beside its floor or peer from the same run,
/// and prints one table.
///
/// It uses the launcher as a user does, each time with a data directory and a port of its own, and
/// leaves nothing behind; only `hosts` stays in this process, see [ManyHosts]. It never fails
/// because something is slow: a busy machine is not a bug, and the table says how busy it was.
public final class Bench {
  /// The one row that needs no launcher: all of it happens in this process.
  private static final String HOSTS = "hosts";

  private static final List<String> ROWS =
      List.of("run-task", "start", "burst", "many", "load", "launch", HOSTS);
  private static final Duration TRAINING_LIMIT = Duration.ofMinutes(3);
  private static final Duration TRAINING_POLL = Duration.ofMillis(200);

  private Bench() {}

  /// Measures and prints.
  public static void main(String[] args) throws Exception {
    Settings settings = Settings.FULL;
    List<String> wanted = new ArrayList<>();
    for (String arg : args) {
      if (arg.equals("--quick")) {
        settings = Settings.QUICK;
      } else if (ROWS.contains(arg)) {
        wanted.add(arg);
      } else {
        System.out.println("usage: gantry bench [--quick] [" + String.join("] [", ROWS) + "]");
        System.out.println("Without a name it measures all of them.");
        return;
      }
    }
    Path launcher = Path.of(System.getProperty("gantry.launcher", "gantry")).toAbsolutePath();
    String before = load();
    if (wanted.isEmpty()) {
      wanted.addAll(ROWS);
    }
    String cache =
        wanted.equals(List.of(HOSTS)) ? "not used" : prepare(launcher) ? "present" : "MISSING";
    List<Row> rows = new ArrayList<>();
    for (String name : wanted) {
      System.err.println("bench: measuring " + name);
      switch (name) {
        case "run-task" -> rows.add(RunTaskCall.measure(launcher, settings));
        case "start" -> rows.add(TaskStart.measure(launcher, settings));
        case "burst" -> rows.add(Burst.measure(launcher, settings));
        case "many" -> rows.addAll(ManyTasks.measure(launcher, settings));
        case "load" -> rows.addAll(SignedLoad.measure(launcher, settings));
        case "launch" -> rows.add(Launch.measure(launcher, settings));
        case HOSTS -> rows.addAll(ManyHosts.measure(settings));
        default -> throw new IllegalStateException(name);
      }
    }
    System.out.printf(
        "%d processors, Java %s; load average %s before, %s after; AOT cache %s%n",
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.version"),
        before,
        load(),
        cache);
    print(rows);
  }

  /// Builds what is not built and waits for the AOT cache, which the first launch makes.
  ///
  /// @return whether there is one
  private static boolean prepare(Path launcher) throws IOException, InterruptedException {
    Process version =
        new ProcessBuilder(launcher.toString(), "version")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (version.waitFor() != 0) {
      throw new IOException(launcher + " does not work");
    }
    Path dist = launcher.resolveSibling(".gantry").resolve("dist");
    Path build = dist.resolve(Files.readString(dist.resolve("current")).strip());
    long end = System.nanoTime() + TRAINING_LIMIT.toNanos();
    while (System.nanoTime() < end) {
      if (has(build, "*.aot")) {
        return true;
      }
      if (has(build, "*.aot.failed")) {
        return false;
      }
      Thread.sleep(TRAINING_POLL);
    }
    throw new InterruptedIOException("the AOT cache is not made after " + TRAINING_LIMIT);
  }

  private static boolean has(Path directory, String pattern) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, pattern)) {
      return files.iterator().hasNext();
    }
  }

  private static String load() throws IOException {
    Path file = Path.of("/proc/loadavg");
    return Files.isReadable(file) ? Files.readString(file).split(" ", 2)[0] : "unknown";
  }

  private static void print(List<Row> rows) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(List.of("what", "measured", "floor or peer", "relation", "reach", ""));
    for (Row row : rows) {
      lines.add(
          List.of(
              row.what(),
              row.measured(),
              row.floor(),
              row.relation(),
              row.reach(),
              row.reached() ? "reached" : "MISSED"));
    }
    int columns = lines.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> line : lines) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    StringBuilder rule = new StringBuilder("|");
    for (int width : widths) {
      rule.append("-".repeat(width + 2)).append('|');
    }
    System.out.println(text(lines.removeFirst(), widths));
    System.out.println(rule);
    for (List<String> line : lines) {
      System.out.println(text(line, widths));
    }
  }

  private static String text(List<String> line, int[] widths) {
    StringBuilder text = new StringBuilder("|");
    for (int i = 0; i < widths.length; i++) {
      text.append(String.format(Locale.ROOT, " %-" + widths[i] + "s |", line.get(i)));
    }
    return text.toString();
  }
}

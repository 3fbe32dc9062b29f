package dev.gantry.conformance.fuzz;

import dev.gantry.cli.Main;
import dev.gantry.home.DataDirectory;
import dev.gantry.home.RootKey;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A Gantry in a process of its own, without an agent, that can be looked into: heap, threads,
/// connections, what it logs.
final class Target implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);
  private static final Duration TOOL_LIMIT = Duration.ofMinutes(1);
  private static final Pattern TOTAL = Pattern.compile("(?m)^Total +\\d+ +(\\d+)");

  /// Room that a collection leaves between objects rather than move them; it is nobody's.
  private static final Pattern FILLER =
      Pattern.compile("(?m)^ *\\d+: +\\d+ +(\\d+) +\\S*jdk\\.internal\\.vm\\.Filler");

  private static final Pattern FAULT =
      Pattern.compile("\\bERROR\\b|Exception\\b|\\bat dev\\.gantry");
  private static final int MAX_FAULTS = 40;

  private final DataDirectory data;
  private final Path log;
  private final int port;
  private Process process;
  private int starts;

  private Target(DataDirectory data, Path log, int port) throws IOException {
    this.data = data;
    this.log = log;
    this.port = port;
    this.process = launch();
  }

  /// What a server takes.
  ///
  /// @param heapBytes what is alive on the heap
  /// @param threads platform threads
  /// @param virtualThreads virtual threads, of which every connection has one
  /// @param sockets open sockets
  record Figures(long heapBytes, int threads, int virtualThreads, int sockets) {
    @Override
    public String toString() {
      return "%,d KiB alive, %d threads, %d virtual threads, %d sockets"
          .formatted(heapBytes / 1024, threads, virtualThreads, sockets);
    }
  }

  /// Starts a server and waits until it is ready.
  static Target start() throws IOException, InterruptedException {
    Path root = Files.createTempDirectory("gantry-fuzz-");
    Path log = root.resolve("fuzz-target.log");
    int port;
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = probe.getLocalPort();
    }
    Target target = new Target(new DataDirectory(root), log, port);
    try {
      target.await();
    } catch (IOException | InterruptedException | RuntimeException e) {
      target.close();
      throw e;
    }
    return target;
  }

  private Process launch() throws IOException {
    starts++;
    ProcessBuilder builder =
        new ProcessBuilder(
            tool("java"),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "up",
            "--no-install",
            "--no-agent",
            "--data",
            data.root().toString(),
            "--port",
            Integer.toString(port));
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.startsWith("AWS_") || name.startsWith("GANTRY_"));
    builder.redirectErrorStream(true).redirectOutput(Redirect.appendTo(log.toFile()));
    return builder.start();
  }

  /// Kills the server and starts it again on what it has stored.
  void restart() throws IOException, InterruptedException {
    process.destroyForcibly();
    process.onExit().join();
    process = launch();
    await();
  }

  private void await() throws IOException, InterruptedException {
    long end = System.nanoTime() + START_LIMIT.toNanos();
    while (count(Files.readString(log), "ready at ") < starts) {
      if (!process.isAlive() || System.nanoTime() > end) {
        throw new IllegalStateException("Gantry does not start:\n" + Files.readString(log));
      }
      Thread.sleep(BETWEEN_LOOKS);
    }
  }

  int port() {
    return port;
  }

  RootKey key() throws IOException {
    return Objects.requireNonNull(RootKey.read(data));
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /// Looks, after a collection of all garbage.
  Figures figures() throws IOException, InterruptedException {
    String histogram = jcmd("GC.class_histogram");
    Matcher total = TOTAL.matcher(histogram);
    if (!total.find()) {
      throw new IllegalStateException("jcmd told no total");
    }
    long alive = Long.parseLong(total.group(1));
    Matcher filler = FILLER.matcher(histogram);
    while (filler.find()) {
      alive -= Long.parseLong(filler.group(1));
    }
    Path threads = data.resolve("fuzz-threads.json");
    jcmd("Thread.dump_to_file", "-overwrite", "-format=json", threads.toString());
    String dump = Files.readString(threads);
    Files.delete(threads);
    int virtual = count(dump, "\"virtual\": true");
    return new Figures(alive, count(dump, "\"tid\"") - virtual, virtual, sockets());
  }

  /// The classes that take most, after a collection of all garbage.
  List<String> alive() throws IOException, InterruptedException {
    return jcmd("GC.class_histogram").lines().limit(MAX_FAULTS).toList();
  }

  private int sockets() throws IOException {
    int count = 0;
    try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
      for (Path each : open.toList()) {
        if (Files.isSymbolicLink(each) && linked(each).startsWith("socket:")) {
          count++;
        }
      }
    }
    return count;
  }

  private static String linked(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException _) {
      return "closed meanwhile";
    }
  }

  /// The lines of the log that tell of a fault.
  List<String> faults() throws IOException {
    try (Stream<String> lines = Files.lines(log, StandardCharsets.UTF_8)) {
      return lines.filter(line -> FAULT.matcher(line).find()).limit(MAX_FAULTS).toList();
    }
  }

  /// The end of the log.
  List<String> lastWords() throws IOException {
    List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
    return lines.subList(Math.max(0, lines.size() - MAX_FAULTS), lines.size());
  }

  private String jcmd(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        Stream.concat(Stream.of(tool("jcmd"), Long.toString(process.pid())), Stream.of(arguments))
            .toList();
    Path out = data.resolve("fuzz-jcmd.out");
    Process jcmd =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    if (!jcmd.waitFor(TOOL_LIMIT.toMillis(), TimeUnit.MILLISECONDS) || jcmd.exitValue() != 0) {
      jcmd.destroyForcibly();
      throw new IllegalStateException("jcmd failed: " + Files.readString(out));
    }
    String text = Files.readString(out);
    Files.delete(out);
    return text;
  }

  private static String tool(String name) {
    return Path.of(System.getProperty("java.home"), "bin", name).toString();
  }

  private static int count(String text, String what) {
    int count = 0;
    for (int at = text.indexOf(what); at >= 0; at = text.indexOf(what, at + 1)) {
      count++;
    }
    return count;
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    process.onExit().join();
    try (Stream<Path> files = Files.walk(data.root())) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}

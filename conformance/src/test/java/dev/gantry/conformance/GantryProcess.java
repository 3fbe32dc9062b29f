package dev.gantry.conformance;

import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.home.DataDirectory;
import dev.gantry.home.InstallationId;
import dev.gantry.home.RootKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/// One installation of Gantry in a throw-away data directory, run by `gantry up` in a process of
/// its own that can be killed and started again. Closing it kills the process and removes its
/// containers and its directory, whatever state they are in.
final class GantryProcess implements AutoCloseable {
  /// From the start of a JVM on a busy machine to the line that says it is ready.
  private static final Duration START_LIMIT = Duration.ofMinutes(2);

  private final Engine engine;
  private final DataDirectory data;
  private final int port;
  private final Map<String, String> environment;
  private final List<String> options;
  private final Thread lastResort;
  private Program program;

  private GantryProcess(
      Engine engine,
      DataDirectory data,
      int port,
      Map<String, String> environment,
      List<String> options)
      throws IOException {
    this.engine = engine;
    this.data = data;
    this.port = port;
    this.environment = environment;
    this.options = options;
    this.lastResort = new Thread(this::abandon);
    Runtime.getRuntime().addShutdownHook(lastResort);
    this.program = Program.start(command(), environment);
  }

  /// Starts an installation and waits until it is ready.
  ///
  /// @param options further options of `gantry up`
  static GantryProcess up(Engine engine, String... options)
      throws IOException, InterruptedException {
    return up(engine, Map.of(), options);
  }

  /// Starts an installation with these environment variables, and waits until it is ready.
  static GantryProcess up(Engine engine, Map<String, String> environment, String... options)
      throws IOException, InterruptedException {
    Path root = Files.createTempDirectory("gantry-conformance-");
    GantryProcess gantry =
        new GantryProcess(
            engine, new DataDirectory(root), freePort(), environment, List.of(options));
    try {
      gantry.awaitReady();
    } catch (AssertionError e) {
      gantry.close();
      throw e;
    }
    return gantry;
  }

  private List<String> command() {
    List<String> command = new ArrayList<>(List.of("up", "--no-install"));
    command.addAll(List.of("--data", data.root().toString(), "--port", Integer.toString(port)));
    command.addAll(options);
    return command;
  }

  /// Waits until it is ready.
  void awaitReady() throws InterruptedException {
    program.err().await(line -> line.contains("ready at "), START_LIMIT);
  }

  /// A port of the loopback address that nobody listens on.
  static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    }
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  int port() {
    return port;
  }

  DataDirectory data() {
    return data;
  }

  RootKey key() throws IOException {
    return Objects.requireNonNull(RootKey.read(data), "a Gantry that is up has a key");
  }

  InstallationId installation() throws IOException {
    return Objects.requireNonNull(InstallationId.read(data), "a Gantry that is up has an id");
  }

  Engine engine() {
    return engine;
  }

  Program program() {
    return program;
  }

  /// Ends the process as `kill -9` does.
  void kill() {
    program.kill();
  }

  /// Starts it again on the same data directory and port, and waits until it is ready.
  void restart() throws IOException, InterruptedException {
    begin();
    awaitReady();
  }

  /// Starts it again on the same data directory and port, and does not wait.
  void begin() throws IOException {
    program.close();
    program = Program.start(command(), environment);
  }

  @Override
  public void close() throws IOException {
    try {
      program.close();
      removeContainers();
    } finally {
      delete(data.root());
      Runtime.getRuntime().removeShutdownHook(lastResort);
    }
  }

  private void removeContainers() throws IOException {
    InstallationId installation = InstallationId.read(data);
    if (installation == null) {
      return;
    }
    try {
      engine.sweep(installation);
    } catch (RuntimeFailure e) {
      throw new IOException("containers of " + installation.value() + " are left behind", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted; containers may be left behind", e);
    }
  }

  /// The tests themselves were killed.
  private void abandon() {
    try {
      program.close();
      removeContainers();
      delete(data.root());
    } catch (IOException e) {
      System.err.println("conformance: " + data + " is left behind: " + e.getMessage());
    }
  }

  static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}

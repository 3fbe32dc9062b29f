package dev.gantry.bench;

import dev.gantry.home.DataDirectory;
import dev.gantry.home.InstallationId;
import dev.gantry.home.RootKey;
import dev.gantry.wire.Headers;
import dev.gantry.wire.auth.Credentials;
import dev.gantry.wire.client.AwsClient;
import dev.gantry.wire.client.ClientRequest;
import dev.gantry.wire.shape.Operation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// One `./gantry up` as a user starts it, with a data directory and a port of its own. Closing it
/// leaves nothing behind.
final class GantryProcess implements AutoCloseable {
  /// The region the benchmarks ask in; the agents of `up` join clusters of this one.
  static final String REGION = "us-east-1";

  /// How long a start may take before it counts as failed.
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  private static final Duration STOP_LIMIT = Duration.ofSeconds(60);

  /// Often enough for the figure, seldom enough not to take the processor from the start.
  private static final long POLL_MILLIS = 5;

  private final Path launcher;
  private final Path data;
  private final URI endpoint;
  private final Process process;
  private final Credentials credentials;
  private final AwsClient client = new AwsClient();
  private final long launchedAt;
  private boolean ranTasks;

  private GantryProcess(
      Path launcher,
      Path data,
      URI endpoint,
      Process process,
      Credentials credentials,
      long launchedAt) {
    this.launcher = launcher;
    this.data = data;
    this.endpoint = endpoint;
    this.process = process;
    this.credentials = credentials;
    this.launchedAt = launchedAt;
  }

  /// Starts one and returns at once. The root key is drawn here, so that the first request can be
  /// signed before anybody answers.
  ///
  /// @param launcher the script
  /// @param options more options of `up`
  static GantryProcess launch(Path launcher, String... options) throws IOException {
    Path data = Files.createTempDirectory("gantry-bench-");
    DataDirectory directory = new DataDirectory(data);
    RootKey key = RootKey.readOrDraw(directory, new SecureRandom());
    int port = freePort();
    List<String> command =
        new ArrayList<>(
            List.of(
                launcher.toString(),
                "up",
                "--data",
                data.toString(),
                "--port",
                Integer.toString(port)));
    command.addAll(List.of(options));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(data.resolve("bench-output.txt").toFile());
    long launchedAt = System.nanoTime();
    Process process = builder.start();
    return new GantryProcess(
        launcher,
        data,
        URI.create("http://127.0.0.1:" + port),
        process,
        Credentials.of(key.accessKeyId(), key.secret()),
        launchedAt);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /// When the process was started, in the time of [System#nanoTime].
  long launchedAt() {
    return launchedAt;
  }

  URI endpoint() {
    return endpoint;
  }

  Credentials credentials() {
    return credentials;
  }

  /// Where it keeps its files: the floor of a commit is measured on the same file system.
  Path data() {
    return data;
  }

  /// The label that its containers bear.
  InstallationId installation() throws IOException {
    InstallationId id = InstallationId.read(new DataDirectory(data));
    if (id == null) {
      throw new IOException("no installation id in " + data);
    }
    return id;
  }

  /// The bytes of a signed request, good for five minutes.
  <I> byte[] signed(Operation<I, ?> operation, I input) {
    ClientRequest request =
        client.request(operation, input, endpoint, credentials, REGION, Instant.now());
    return RawConnection.bytes(request);
  }

  /// Asks and reads the answer.
  <I, O> O call(RawConnection connection, Operation<I, O> operation, I input) throws IOException {
    int status = connection.exchange(signed(operation, input));
    return client.output(operation, status, Headers.none(), connection.body());
  }

  /// Reads the answer to [#signed].
  <O> O output(RawConnection connection, Operation<?, O> operation, int status) {
    return client.output(operation, status, Headers.none(), connection.body());
  }

  /// Waits until a signed request is answered with 200.
  ///
  /// @return nanoseconds since the launch
  long awaitAnswer(byte[] request) throws IOException, InterruptedException {
    long end = launchedAt + START_LIMIT.toNanos();
    while (System.nanoTime() < end) {
      if (!process.isAlive()) {
        throw new IOException("gantry up ended: " + output());
      }
      try (RawConnection connection = RawConnection.tryConnect(endpoint)) {
        if (connection != null) {
          connection.succeed(request);
          return System.nanoTime() - launchedAt;
        }
      }
      Thread.sleep(POLL_MILLIS);
    }
    throw new IOException("gantry up does not answer: " + output());
  }

  /// Waits until `up` has told that it is up, its agent joined included.
  void awaitUp() throws IOException, InterruptedException {
    long end = launchedAt + START_LIMIT.toNanos();
    while (!Files.exists(data.resolve("pid"))) {
      if (!process.isAlive() || System.nanoTime() > end) {
        throw new IOException("gantry up did not come up: " + output());
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  private String output() throws IOException {
    return Files.readString(data.resolve("bench-output.txt"));
  }

  /// The process's number; the script has become the JVM.
  long pid() {
    return process.pid();
  }

  /// The resident memory of the process, in KiB; the script has become the JVM.
  long residentKiB() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IOException("no VmRSS of process " + process.pid());
  }

  /// Stops it and removes whatever it made.
  @Override
  public void close() throws IOException {
    try {
      if (ranTasks) {
        ProcessBuilder down =
            new ProcessBuilder(launcher.toString(), "down", "--data", data.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        down.environment().put("GANTRY_NO_BUILD", "1");
        down.start().waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS);
      }
      process.destroy();
      if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException _) {
      process.destroy();
      Thread.currentThread().interrupt();
    }
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /// From now on closing it runs `./gantry down`, which removes containers.
  void willRunTasks() {
    ranTasks = true;
  }
}

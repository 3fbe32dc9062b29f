package dev.gantry.conformance;

import dev.gantry.home.DataDirectory;
import dev.gantry.home.InstallationId;
import dev.gantry.home.RootKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/// `gantry agent` with an engine that is not the control plane's, in a process of its own, with its
/// own data directory.
final class RemoteAgent implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final List<String> prefix;
  private final String engineUrl;
  private final DataDirectory data;
  private final RootKey key;
  private final String endpoint;
  private final List<String> options;
  private Program program;

  private RemoteAgent(
      List<String> prefix,
      String engineUrl,
      DataDirectory data,
      RootKey key,
      String endpoint,
      List<String> options)
      throws IOException {
    this.prefix = prefix;
    this.engineUrl = engineUrl;
    this.data = data;
    this.key = key;
    this.endpoint = endpoint;
    this.options = options;
    this.program = begin();
  }

  /// Starts an agent for a control plane that listens on every address, and returns at once.
  ///
  /// @param options further options of `gantry agent`
  static RemoteAgent start(OtherHost host, GantryProcess gantry, String... options)
      throws IOException {
    return new RemoteAgent(
        host.prefix(),
        host.engineUrl(),
        new DataDirectory(Files.createTempDirectory("gantry-agent-")),
        gantry.key(),
        "http://" + host.ourAddress() + ":" + gantry.port(),
        List.of(options));
  }

  /// Starts an agent on the control plane's own host that uses another engine, and returns at once.
  static RemoteAgent start(IsolatedEngine engine, GantryProcess gantry) throws IOException {
    return new RemoteAgent(
        List.of(),
        engine.host(),
        new DataDirectory(Files.createTempDirectory("gantry-agent-")),
        gantry.key(),
        gantry.endpoint().toString(),
        List.of());
  }

  private Program begin() throws IOException {
    List<String> arguments = new ArrayList<>(List.of("agent", "--no-install"));
    arguments.addAll(List.of("--endpoint", endpoint, "--image-pull", "prefer-cached"));
    arguments.addAll(options);
    return begin(arguments.toArray(String[]::new));
  }

  private Program begin(String... arguments) throws IOException {
    Map<String, String> environment = new TreeMap<>();
    environment.put("DOCKER_HOST", engineUrl);
    environment.put("GANTRY_DATA", data.toString());
    environment.put("AWS_ACCESS_KEY_ID", key.accessKeyId());
    environment.put("AWS_SECRET_ACCESS_KEY", key.secret());
    environment.put("AWS_REGION", AwsClients.REGION.id());
    return Program.start(prefix, List.of(arguments), environment);
  }

  /// Runs another command with this agent's data directory and engine, to its end.
  Program.Ended run(String... arguments) throws IOException, InterruptedException {
    try (Program other = begin(arguments)) {
      return other.await();
    }
  }

  /// Waits until it has said something to its user.
  void awaitSaid(String text) throws InterruptedException {
    program.err().await(line -> line.contains(text), LIMIT);
  }

  /// Waits until it has joined.
  void awaitJoined() throws InterruptedException {
    awaitSaid("joined as ");
  }

  Program program() {
    return program;
  }

  Path directory() {
    return data.root();
  }

  /// What its containers are labelled with, once it has begun.
  InstallationId installation() throws IOException {
    return Objects.requireNonNull(InstallationId.read(data), "an agent that has begun has an id");
  }

  /// Ends the process as `kill -9` does.
  void kill() {
    program.kill();
  }

  /// Starts it again over the same data directory, and does not wait.
  void restart() throws IOException {
    program.close();
    program = begin();
  }

  @Override
  public void close() throws IOException {
    program.close();
    GantryProcess.delete(data.root());
  }
}

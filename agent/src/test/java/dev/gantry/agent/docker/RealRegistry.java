package dev.gantry.agent.docker;

import dev.gantry.agent.ContainerRuntime.ImageInfo;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.ImageReference;
import dev.gantry.agent.docker.EngineApi.Target;
import dev.gantry.agent.docker.EngineHttp.Exchange;
import dev.gantry.agent.docker.EngineHttp.Lane;
import dev.gantry.agent.docker.EngineHttp.Limits;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/// The Docker registry of the package `docker-registry`, on a port of the loopback address, where
/// engines take plain HTTP. Where the package is not installed, its program is fetched and used
/// from a temporary directory; where it cannot be had, the test is skipped and says so.
public final class RealRegistry implements AutoCloseable {
  /// The login that a guarded registry takes.
  public static final String USER = "gantry";

  public static final String PASSWORD = "secret";

  // bcrypt of PASSWORD, as `htpasswd -B` writes it: the registry reads no other kind.
  private static final String PASSWORD_FILE =
      USER + ":$2y$05$gantrygantrygantryganeFuX21zbt/4tAF6SLbcRZQm/gxvBqMsS\n";

  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final Path directory;
  private final Process process;
  private final int port;
  private final boolean guarded;

  private RealRegistry(Path directory, Process process, int port, boolean guarded) {
    this.directory = directory;
    this.process = process;
    this.port = port;
    this.guarded = guarded;
  }

  /// Starts a registry and waits until it listens.
  ///
  /// @param guarded true to let in nobody without the login
  public static RealRegistry start(boolean guarded) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("gantry-registry-");
    String program = program(directory);
    int port;
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = probe.getLocalPort();
    }
    Path passwords = Files.writeString(directory.resolve("htpasswd"), PASSWORD_FILE);
    String config =
        """
        version: 0.1
        log: {level: info}
        storage: {filesystem: {rootdirectory: %s}}
        http: {addr: "127.0.0.1:%d"}
        """
            .formatted(directory.resolve("data"), port);
    if (guarded) {
      config += "auth: {htpasswd: {realm: test, path: " + passwords + "}}\n";
    }
    Path file = Files.writeString(directory.resolve("config.yml"), config);
    Process process =
        new ProcessBuilder(program, "serve", file.toString()).redirectErrorStream(true).start();
    RealRegistry registry = new RealRegistry(directory, process, port, guarded);
    registry.awaitListening();
    return registry;
  }

  private static String program(Path directory) throws IOException, InterruptedException {
    for (String bin : List.of("/usr/bin", "/usr/local/bin")) {
      if (Files.isExecutable(Path.of(bin, "docker-registry"))) {
        return bin + "/docker-registry";
      }
    }
    boolean fetched =
        run(directory, "apt-get", "download", "-qq", "docker-registry")
            && run(directory, "sh", "-c", "dpkg-deb --extract docker-registry_*.deb package");
    Assumptions.assumeTrue(fetched, "needs the Debian package docker-registry");
    return directory.resolve("package/usr/bin/docker-registry").toString();
  }

  private static boolean run(Path directory, String... command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException absent) {
      return false;
    }
  }

  private void awaitListening() throws IOException {
    BufferedReader output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.contains("listening on")) {
        // It goes on logging, and must not wait for a reader.
        Thread.ofVirtual().start(() -> drain(output));
        return;
      }
    }
    throw new AssertionError("the registry has ended without listening");
  }

  private static void drain(BufferedReader output) {
    try {
      while (output.readLine() != null) {
        // Nobody wants it.
      }
    } catch (IOException ended) {
      return;
    }
  }

  /// The registry's name in an image's: `127.0.0.1:PORT`.
  public String host() {
    return "127.0.0.1:" + port;
  }

  /// The user's Docker configuration with the login for this registry.
  public DockerConfig login(Path home) throws IOException {
    String login =
        Base64.getEncoder()
            .encodeToString((USER + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8));
    Files.writeString(
        home.resolve("config.json"),
        "{\"auths\":{\"" + host() + "\":{\"auth\":\"" + login + "\"}}}");
    return new DockerConfig(home);
  }

  /// Pushes an image that the engine has, under a name in this registry, and takes the name off
  /// again, so that the engine has to pull it.
  ///
  /// @param image the image that is there
  /// @param name a repository with its tag, as `app:1`
  /// @return the manifest's digest
  public String push(DockerEndpoint endpoint, String image, String name)
      throws RuntimeFailure, IOException {
    String full = host() + "/" + name;
    try (DockerContainerRuntime runtime =
            new DockerContainerRuntime(endpoint, new DockerConfig(directory));
        EngineApi api = new EngineApi(endpoint)) {
      runtime.tagImage(image, full);
      ImageReference reference = ImageReference.parse(full);
      Json.Obj login = new Json.Obj();
      if (guarded) {
        login.put("username", USER).put("password", PASSWORD);
      }
      Map<String, String> headers = new TreeMap<>();
      headers.put("X-Registry-Auth", Base64.getUrlEncoder().encodeToString(login.bytes()));
      String target =
          new Target("/images/" + reference.name() + "/push")
              .query("tag", reference.wanted())
              .toString();
      try (Exchange exchange =
          api.open(Lane.LONG, "POST", target, headers, null, Limits.call(LIMIT))) {
        String said = new String(exchange.readAll(), StandardCharsets.UTF_8);
        if (said.contains("errorDetail")) {
          throw new AssertionError("cannot push: " + said);
        }
      }
      @Nullable ImageInfo pushed = runtime.inspectImage(full);
      String digest = Objects.requireNonNull(Objects.requireNonNull(pushed).digest());
      runtime.removeImage(full);
      return digest;
    }
  }

  @Override
  public void close() throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    process.destroyForcibly();
    process.onExit().join();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}

package dev.gantry.agent.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.gantry.agent.ContainerRuntime.ImageInfo;
import dev.gantry.agent.ContainerRuntime.Pulled;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure.Kind;
import dev.gantry.agent.docker.EngineApi.Target;
import dev.gantry.agent.docker.EngineHttp.Lane;
import dev.gantry.agent.docker.EngineHttp.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Pulls by a real engine from a real registry that wants a login. Engines take plain HTTP from
/// registries on 127.0.0.1, so this needs an engine that shares the test's loopback address.
@Tag("docker")
class PullTest {
  private static final Duration LONG = Duration.ofMinutes(5);

  @TempDir Path directory;

  private RealEngine engine;
  private RealRegistry registry;
  private DockerConfig login;

  @BeforeEach
  void open() throws Exception {
    registry = RealRegistry.start(true);
    engine = RealEngine.open();
    login = registry.login(directory);
  }

  @AfterEach
  void close() throws Exception {
    engine.runtime.removeImage(registry.host() + "/app:1");
    engine.close();
    registry.close();
  }

  @Test
  void pulledImageIsKnownByItsDigest() throws Exception {
    String digest = registry.push(engine.endpoint, RealEngine.IMAGE, "app:1");
    String image = registry.host() + "/app:1";
    try (DockerContainerRuntime runtime = new DockerContainerRuntime(engine.endpoint, login)) {
      assertThat(runtime.inspectImage(image)).isNull();
      Pulled first = runtime.pullImage(image);
      ImageInfo pulled = first.image();

      assertThat(first.brought()).isTrue();
      assertThat(first.alone()).as("it has the name that it was pushed from").isFalse();
      assertThat(runtime.pullImage(image)).isEqualTo(new Pulled(pulled, false, false));
      assertThat(pulled.digest()).isEqualTo(digest);
      assertThat(runtime.inspectImage(image)).isEqualTo(pulled);
      String byDigest = registry.host() + "/app@" + digest;
      assertThat(runtime.pullImage(byDigest).image()).isEqualTo(pulled);
      assertThat(Objects.requireNonNull(runtime.inspectImage(byDigest)).digest()).isEqualTo(digest);
    }
  }

  @Test
  void tagThatTheRegistryDoesNotKnowHasNoManifest() {
    try (DockerContainerRuntime runtime = new DockerContainerRuntime(engine.endpoint, login)) {
      assertThatExceptionOfType(RuntimeFailure.class)
          .isThrownBy(() -> runtime.pullImage(registry.host() + "/app:missing"))
          .withMessageContaining("manifest unknown")
          .satisfies(failure -> assertThat(failure.kind()).isEqualTo(Kind.NOT_FOUND))
          .satisfies(failure -> assertThat(failure.manifest()).isTrue());
    }
  }

  @Test
  void digestThatTheRegistryDoesNotKnowIsAFailedPull() {
    String digest = "sha256:" + "0".repeat(64);
    try (DockerContainerRuntime runtime = new DockerContainerRuntime(engine.endpoint, login)) {
      assertThatExceptionOfType(RuntimeFailure.class)
          .isThrownBy(() -> runtime.pullImage(registry.host() + "/app@" + digest))
          .satisfies(failure -> assertThat(failure.kind()).isEqualTo(Kind.NOT_FOUND))
          .satisfies(failure -> assertThat(failure.manifest()).isFalse());
    }
  }

  @Test
  void withoutALoginTheRegistryRefuses() throws Exception {
    registry.push(engine.endpoint, RealEngine.IMAGE, "app:1");
    assertThatExceptionOfType(RuntimeFailure.class)
        .isThrownBy(() -> engine.runtime.pullImage(registry.host() + "/app:1"))
        .withMessageContaining("no basic auth credentials")
        .satisfies(failure -> assertThat(failure.kind()).isEqualTo(Kind.UNAUTHORIZED))
        .satisfies(failure -> assertThat(failure.manifest()).isTrue());
  }

  static Stream<Arguments> stalls() {
    Duration soon = Duration.ofSeconds(1);
    return Stream.of(
        arguments(
            "before it begins",
            0,
            new Limits(soon, LONG, LONG),
            Kind.TIMEOUT,
            "Could not transition to pullBegin; timed out after waiting 1s"),
        arguments(
            "in the middle of a layer",
            64 * 1024,
            new Limits(LONG, LONG, soon),
            Kind.REFUSED,
            "inactivity time exceeded timeout while pulling image"),
        arguments(
            "for as long as a pull may take at all",
            64 * 1024,
            new Limits(LONG, Duration.ofSeconds(2), LONG),
            Kind.TIMEOUT,
            "Could not transition to pulled; timed out after waiting 2s"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("stalls")
  void registryThatStalls(String when, int bytes, Limits limits, Kind kind, String text)
      throws Exception {
    String name = "gantry-docker-test-layer:" + engine.run.substring(0, 8);
    layered(name);
    registry.push(engine.endpoint, name, "app:1");
    engine.runtime.removeImage(name);
    int port = Integer.parseInt(registry.host().substring("127.0.0.1:".length()));
    try (StallingProxy proxy = new StallingProxy(port, bytes);
        DockerContainerRuntime runtime =
            new DockerContainerRuntime(engine.endpoint, login(proxy), limits)) {
      assertThatExceptionOfType(RuntimeFailure.class)
          .isThrownBy(() -> runtime.pullImage(proxy.host() + "/app:1"))
          .withMessage(text)
          .satisfies(failure -> assertThat(failure.kind()).isEqualTo(kind));
    }
  }

  private DockerConfig login(StallingProxy proxy) throws IOException {
    java.nio.file.Files.writeString(
        directory.resolve("config.json"),
        java.nio.file.Files.readString(directory.resolve("config.json"))
            .replace(registry.host(), proxy.host()));
    return login;
  }

  /// An image with a layer of its own, which no engine has until it is pulled.
  private void layered(String name) throws RuntimeFailure {
    String id = engine.spec("sh", "-c", "head -c 400000 /dev/urandom > /data").start();
    engine.awaitExit(id);
    try (EngineApi api = new EngineApi(engine.endpoint)) {
      api.call(
          Lane.LONG,
          "POST",
          new Target("/commit")
              .query("container", id)
              .query("repo", name.substring(0, name.indexOf(':')))
              .query("tag", name.substring(name.indexOf(':') + 1))
              .toString(),
          new byte[0],
          Limits.call(LONG));
    }
    engine.runtime.removeContainer(id);
  }

  /// Stands before the registry and says nothing more on a connection after so many bytes.
  private static final class StallingProxy implements AutoCloseable {
    private final ServerSocket server;
    private final int target;
    private final int bytes;
    private final List<Socket> open = new CopyOnWriteArrayList<>();

    StallingProxy(int target, int bytes) throws IOException {
      this.server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
      this.target = target;
      this.bytes = bytes;
      Thread.ofVirtual().start(this::accept);
    }

    String host() {
      return "127.0.0.1:" + server.getLocalPort();
    }

    private void accept() {
      try {
        while (true) {
          Socket client = server.accept();
          Socket upstream = new Socket();
          open.add(client);
          open.add(upstream);
          upstream.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
          Thread.ofVirtual().start(() -> copy(client, upstream, Integer.MAX_VALUE));
          Thread.ofVirtual().start(() -> copy(upstream, client, bytes));
        }
      } catch (IOException closed) {
        return;
      }
    }

    private static void copy(Socket from, Socket to, int limit) {
      byte[] buffer = new byte[4096];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        int left = limit;
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
          int passed = Math.min(left, count);
          out.write(buffer, 0, passed);
          left -= passed;
        }
        if (limit == Integer.MAX_VALUE || left > 0) {
          to.close();
        }
      } catch (IOException closed) {
        return;
      }
    }

    @Override
    public void close() throws IOException {
      server.close();
      for (Socket socket : open) {
        socket.close();
      }
    }
  }
}

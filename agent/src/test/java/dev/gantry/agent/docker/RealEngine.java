package dev.gantry.agent.docker;

import dev.gantry.agent.ContainerRuntime.ContainerSpec;
import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.PublishedPort;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The machine's Docker Engine, found as the agent finds it, with a small test image in it. Tests
/// that use it are tagged `docker`, and fail when there is none. Containers made through it are
/// removed when it is closed.
final class RealEngine implements AutoCloseable {
  static final String IMAGE = "gantry-docker-test:1";
  static final String LABEL = "dev.gantry.test";

  final DockerEndpoint endpoint;
  final DockerContainerRuntime runtime;
  final String run = UUID.randomUUID().toString();
  private final List<String> made = new ArrayList<>();
  private int number;

  private RealEngine(DockerEndpoint endpoint) {
    this.endpoint = endpoint;
    this.runtime = new DockerContainerRuntime(endpoint, new DockerConfig(Path.of("/nowhere")));
  }

  /// Finds the engine, or fails the test with a text that says what to do.
  static RealEngine open() {
    DockerEndpoint endpoint;
    try {
      endpoint =
          DockerEndpoint.find(System.getenv(), Path.of(System.getProperty("user.home", "/")));
    } catch (NoDockerEngine e) {
      throw new AssertionError(
          "This test needs a Docker Engine. Start one, or leave out the tests tagged docker. "
              + e.getMessage(),
          e);
    }
    RealEngine engine = new RealEngine(endpoint);
    try {
      if (engine.runtime.inspectImage(IMAGE) == null) {
        engine.runtime.loadImage(ImageMaker.busyboxArchive(busybox(), IMAGE, new TreeMap<>()));
      }
    } catch (RuntimeFailure e) {
      throw new AssertionError("Cannot load the test image: " + e.getMessage(), e);
    }
    return engine;
  }

  /// The id of an image that no other test has, and that has lost its name to another.
  String namelessImage() throws RuntimeFailure {
    String name = "gantry-docker-test-nameless:" + run;
    TreeMap<String, String> label = new TreeMap<>(Map.of(LABEL, run));
    runtime.loadImage(ImageMaker.busyboxArchive(busybox(), name, label));
    String id = Objects.requireNonNull(runtime.inspectImage(name)).id();
    runtime.tagImage(IMAGE, name);
    runtime.removeImage(name);
    return id;
  }

  /// The host's static busybox.
  static byte[] busybox() {
    try {
      return Files.readAllBytes(Path.of("/bin/busybox"));
    } catch (IOException e) {
      throw new AssertionError(
          "The tests make their image from /bin/busybox; install busybox-static", e);
    }
  }

  /// A container to be made; its parts can be changed before.
  Spec spec(String... command) {
    return new Spec(command);
  }

  final class Spec {
    String name = "gantry-docker-test-" + run.substring(0, 8) + "-" + number++;
    String image = IMAGE;
    List<String> command;
    long memoryBytes;
    String networkMode = "none";
    List<PublishedPort> ports = List.of();
    Map<String, String> labels = new TreeMap<>();
    String logDriver = "json-file";
    @Nullable String engineConfig;
    @Nullable String engineHostConfig;

    Spec(String... command) {
      this.command = Arrays.asList(command);
    }

    ContainerSpec build() {
      TreeMap<String, String> all = new TreeMap<>(labels);
      all.put(LABEL, run);
      return new ContainerSpec(
          name,
          image,
          command,
          null,
          List.of("GREETING=hello"),
          all,
          2,
          memoryBytes,
          0,
          networkMode,
          ports,
          logDriver,
          new TreeMap<>(),
          engineConfig,
          engineHostConfig);
    }

    String create() throws RuntimeFailure {
      String id = runtime.createContainer(build());
      made.add(id);
      return id;
    }

    String start() throws RuntimeFailure {
      String id = create();
      runtime.startContainer(id);
      return id;
    }
  }

  /// Waits, without a timer of its own, until the container has ended.
  ContainerStatus awaitExit(String id) throws RuntimeFailure {
    try (EngineApi api = new EngineApi(endpoint)) {
      api.call(
          EngineHttp.Lane.LONG,
          "POST",
          "/containers/" + id + "/wait",
          null,
          EngineHttp.Limits.call(Duration.ofMinutes(1)));
    }
    ContainerStatus status = runtime.inspectContainer(id);
    if (status == null) {
      throw new AssertionError("container " + id + " is gone");
    }
    return status;
  }

  @Override
  public void close() {
    try {
      for (String id : made) {
        ContainerStatus status = runtime.inspectContainer(id);
        if (status != null) {
          runtime.stopContainer(id, Duration.ZERO);
          runtime.removeContainer(id);
        }
      }
    } catch (RuntimeFailure e) {
      throw new AssertionError("Cannot remove a test's container: " + e.getMessage(), e);
    } finally {
      runtime.close();
    }
  }
}

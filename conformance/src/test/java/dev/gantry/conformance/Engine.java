package dev.gantry.conformance;

import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.docker.DockerConfig;
import dev.gantry.agent.docker.DockerContainerRuntime;
import dev.gantry.agent.docker.DockerEndpoint;
import dev.gantry.agent.docker.ImageMaker;
import dev.gantry.agent.docker.NoDockerEngine;
import dev.gantry.engine.ContainerSweep;
import dev.gantry.home.InstallationId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The machine's Docker Engine, asked beside Gantry for what really is.
final class Engine implements AutoCloseable {
  /// A busybox, with a shell, `nc` and `httpd`.
  static final String IMAGE = "gantry-conformance:1";

  private static final Path BUSYBOX = Path.of("/bin/busybox");

  private final DockerContainerRuntime runtime;

  private Engine(DockerContainerRuntime runtime) {
    this.runtime = runtime;
  }

  /// Finds the engine and gives it the tests' image.
  ///
  /// @throws AssertionError with a text that says what to do, if there is none
  static Engine open() {
    Path home = Path.of(System.getProperty("user.home", "/"));
    DockerEndpoint endpoint;
    try {
      endpoint = DockerEndpoint.find(System.getenv(), home);
    } catch (NoDockerEngine e) {
      throw new AssertionError(
          "This test needs a Docker Engine. Start one, or leave out the tests tagged docker. "
              + e.getMessage(),
          e);
    }
    return open(endpoint);
  }

  /// Gives this engine the tests' image.
  static Engine open(DockerEndpoint endpoint) {
    Path home = Path.of(System.getProperty("user.home", "/"));
    Engine engine =
        new Engine(new DockerContainerRuntime(endpoint, DockerConfig.of(System.getenv(), home)));
    try {
      if (engine.runtime.inspectImage(IMAGE) == null) {
        engine.runtime.loadImage(ImageMaker.busyboxArchive(busybox(), IMAGE, new TreeMap<>()));
      }
    } catch (RuntimeFailure e) {
      engine.close();
      throw new AssertionError("Cannot load the test image: " + e.getMessage(), e);
    }
    return engine;
  }

  private static byte[] busybox() {
    try {
      return Files.readAllBytes(BUSYBOX);
    } catch (IOException e) {
      throw new AssertionError(
          "The tests make their image from " + BUSYBOX + "; install busybox-static", e);
    }
  }

  /// The container, or null if the engine has none of this id.
  @Nullable ContainerStatus container(String id) throws RuntimeFailure {
    return runtime.inspectContainer(id);
  }

  /// The containers that bear an installation's label, running or not.
  List<ContainerStatus> containers(InstallationId installation) throws RuntimeFailure {
    return runtime.listContainers(Map.of(InstallationId.LABEL, installation.value()));
  }

  /// The containers of a task definition's family, whoever started them.
  List<ContainerStatus> containersOfFamily(String family) throws RuntimeFailure {
    return runtime.listContainers(Map.of("com.amazonaws.ecs.task-definition-family", family));
  }

  /// All containers that are left, of whoever, running or not.
  List<ContainerStatus> containers() throws RuntimeFailure {
    return runtime.listContainers(Map.of());
  }

  /// Removes a container, running or not.
  void remove(ContainerStatus container) throws RuntimeFailure {
    if (container.state() == ContainerStatus.State.RUNNING) {
      runtime.stopContainer(container.id(), Duration.ZERO);
    }
    runtime.removeContainer(container.id());
  }

  /// Removes the containers of an installation.
  void sweep(InstallationId installation) throws RuntimeFailure, InterruptedException {
    new ContainerSweep(runtime, installation).removeAll(Duration.ZERO);
  }

  @Override
  public void close() {
    runtime.close();
  }
}

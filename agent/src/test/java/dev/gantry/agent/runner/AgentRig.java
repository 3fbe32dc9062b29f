package dev.gantry.agent.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.agent.AgentSettings;
import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.ImageCleanup;
import dev.gantry.agent.PullBehaviour;
import dev.gantry.agent.docker.DockerConfig;
import dev.gantry.agent.docker.DockerContainerRuntime;
import dev.gantry.agent.docker.DockerEndpoint;
import dev.gantry.agent.docker.ImageMaker;
import dev.gantry.api.acs.Container;
import dev.gantry.api.acs.Task;
import dev.gantry.api.ecs.ContainerStateChange;
import dev.gantry.api.ecs.SubmitTaskStateChangeRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/// What a test of a whole agent stands on: a real engine with a small image in it, and as much of a
/// control plane as one agent needs. Closing it removes the containers.
final class AgentRig implements AutoCloseable {
  static final String IMAGE = "gantry-docker-test:1";
  static final Duration PATIENCE = Duration.ofSeconds(60);

  final String installation = "gantry-test-" + UUID.randomUUID();
  final DockerEndpoint engine;
  final DockerContainerRuntime runtime;
  final TinyControlPlane control = new TinyControlPlane();
  private final Path home;

  private AgentRig(DockerEndpoint engine, DockerContainerRuntime runtime, Path home) {
    this.engine = engine;
    this.runtime = runtime;
    this.home = home;
  }

  /// On the machine's engine, without a login for any registry.
  static AgentRig open(Path home) throws Exception {
    return open(
        home,
        DockerEndpoint.find(System.getenv(), Path.of(System.getProperty("user.home", "/"))),
        new DockerConfig(Path.of("/nowhere")));
  }

  /// On an engine, with somebody's logins.
  static AgentRig open(Path home, DockerEndpoint engine, DockerConfig config) throws Exception {
    DockerContainerRuntime runtime = new DockerContainerRuntime(engine, config);
    if (runtime.inspectImage(IMAGE) == null) {
      runtime.loadImage(
          ImageMaker.busyboxArchive(
              Files.readAllBytes(Path.of("/bin/busybox")), IMAGE, new TreeMap<>()));
    }
    return new AgentRig(engine, runtime, home);
  }

  /// Loads an image that no other test has, and says its name.
  String ownImage() throws RuntimeFailure, IOException {
    String name = "gantry-agent-test-own:" + installation;
    runtime.loadImage(
        ImageMaker.busyboxArchive(
            Files.readAllBytes(Path.of("/bin/busybox")),
            name,
            new TreeMap<>(Map.of("dev.gantry.installation", installation))));
    return name;
  }

  @Override
  public void close() throws RuntimeFailure {
    control.close();
    for (ContainerStatus container : containers()) {
      runtime.stopContainer(container.id(), Duration.ZERO);
      runtime.removeContainer(container.id());
    }
    runtime.close();
  }

  List<ContainerStatus> containers() throws RuntimeFailure {
    return runtime.listContainers(Map.of("dev.gantry.installation", installation));
  }

  /// An agent that has joined, and pulls only what is not there.
  Agent agent(Duration cleanupWait) throws Exception {
    return agent(cleanupWait, PullBehaviour.PREFER_CACHED);
  }

  /// An agent that has joined, and removes no images for as long as a test may last.
  Agent agent(Duration cleanupWait, PullBehaviour pulls) throws Exception {
    return agent(cleanupWait, pulls, ImageCleanup.STANDARD);
  }

  /// An agent that has joined.
  Agent agent(Duration cleanupWait, PullBehaviour pulls, ImageCleanup images) throws Exception {
    Agent agent =
        Agent.start(
            new AgentConfig(
                control.uri(),
                () -> TinyControlPlane.KEY,
                home.resolve("agent"),
                AgentSettings.builder("default", "us-east-1", installation)
                    .pullBehaviour(pulls)
                    .cleanupWait(cleanupWait)
                    .imageCleanup(images)
                    .build()),
            runtime);
    assertThat(agent.awaitConnected(PATIENCE)).as(() -> "connected; " + agent.gaveUp()).isTrue();
    return agent;
  }

  static Task task(Container... containers) {
    return Task.builder()
        .arn("arn:aws:ecs:us-east-1:000000000000:task/default/" + UUID.randomUUID())
        .taskClusterArn("default")
        .family("hello")
        .version("1")
        .desiredStatus("RUNNING")
        .containers(List.of(containers))
        .build();
  }

  /// A container that runs a shell script in the bridge network and logs to the agent.
  static Container container(String name, String script) {
    return container(
        name,
        script,
        "{\"NetworkMode\":\"bridge\",\"LogConfig\":{\"Type\":\"awslogs\",\"Config\":{"
            + "\"awslogs-group\":\"/g\",\"awslogs-stream\":\"s\"}}}");
  }

  /// A container that runs a shell script.
  ///
  /// @param hostConfig the payload's own
  static Container container(String name, String script, String hostConfig) {
    return Container.builder()
        .name(name)
        .image(IMAGE)
        .command(List.of("sh", "-c", script))
        .memory(32)
        .dockerConfig(
            dev.gantry.api.acs.DockerConfig.builder()
                .version("1.17")
                .hostConfig(hostConfig)
                .build())
        .build();
  }

  static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T item = queue.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(item).as("something within " + PATIENCE).isNotNull();
    return item;
  }

  /// The next report of this status; others before it are dropped.
  SubmitTaskStateChangeRequest report(String status) throws InterruptedException {
    while (true) {
      SubmitTaskStateChangeRequest report = next(control.reports);
      if (status.equals(report.status())) {
        return report;
      }
    }
  }

  /// What a report says of its last container.
  static ContainerStateChange entry(SubmitTaskStateChangeRequest report) {
    return Objects.requireNonNull(report.containers()).getLast();
  }
}

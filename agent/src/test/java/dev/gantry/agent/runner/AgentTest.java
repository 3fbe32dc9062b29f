package dev.gantry.agent.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.agent.AgentSettings;
import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.PullBehaviour;
import dev.gantry.agent.docker.DockerConfig;
import dev.gantry.agent.docker.DockerContainerRuntime;
import dev.gantry.agent.docker.DockerEndpoint;
import dev.gantry.agent.docker.ImageMaker;
import dev.gantry.api.acs.Container;
import dev.gantry.api.acs.PortMapping;
import dev.gantry.api.acs.Task;
import dev.gantry.api.ecs.ContainerStateChange;
import dev.gantry.api.ecs.NetworkBinding;
import dev.gantry.api.ecs.SubmitTaskStateChangeRequest;
import dev.gantry.wire.TextSocket;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A whole agent: real engine, real disk, real sockets.
@Tag("docker")
final class AgentTest {
  private static final String IMAGE = "gantry-docker-test:1";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path home;

  private final String installation = "gantry-test-" + UUID.randomUUID();
  private TinyControlPlane control;
  private DockerContainerRuntime runtime;

  @BeforeEach
  void start() throws Exception {
    runtime =
        new DockerContainerRuntime(
            DockerEndpoint.find(System.getenv(), Path.of(System.getProperty("user.home", "/"))),
            new DockerConfig(Path.of("/nowhere")));
    if (runtime.inspectImage(IMAGE) == null) {
      runtime.loadImage(
          ImageMaker.busyboxArchive(
              Files.readAllBytes(Path.of("/bin/busybox")), IMAGE, new TreeMap<>()));
    }
    control = new TinyControlPlane();
  }

  @AfterEach
  void clear() throws RuntimeFailure {
    control.close();
    for (ContainerStatus container : containers()) {
      runtime.stopContainer(container.id(), Duration.ZERO);
      runtime.removeContainer(container.id());
    }
    runtime.close();
  }

  private List<ContainerStatus> containers() throws RuntimeFailure {
    return runtime.listContainers(Map.of("dev.gantry.installation", installation));
  }

  private Agent agent(Duration cleanupWait) throws Exception {
    Agent agent =
        Agent.start(
            new AgentConfig(
                control.uri(),
                () -> TinyControlPlane.KEY,
                home.resolve("agent"),
                AgentSettings.builder("default", "us-east-1", installation)
                    .pullBehaviour(PullBehaviour.PREFER_CACHED)
                    .cleanupWait(cleanupWait)
                    .build()),
            runtime);
    assertThat(agent.awaitConnected(PATIENCE)).as(() -> "connected; " + agent.gaveUp()).isTrue();
    return agent;
  }

  private static Task task(Container... containers) {
    return Task.builder()
        .arn("arn:aws:ecs:us-east-1:000000000000:task/default/" + UUID.randomUUID())
        .taskClusterArn("default")
        .family("hello")
        .version("1")
        .desiredStatus("RUNNING")
        .containers(List.of(containers))
        .build();
  }

  private static Container container(String name, String script) {
    dev.gantry.api.acs.DockerConfig.Builder config =
        dev.gantry.api.acs.DockerConfig.builder()
            .version("1.17")
            .hostConfig(
                "{\"NetworkMode\":\"bridge\",\"LogConfig\":{\"Type\":\"awslogs\",\"Config\":{"
                    + "\"awslogs-group\":\"/g\",\"awslogs-stream\":\"s\"}}}");
    return Container.builder()
        .name(name)
        .image(IMAGE)
        .command(List.of("sh", "-c", script))
        .memory(32)
        .dockerConfig(config.build())
        .build();
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T item = queue.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(item).as("something within " + PATIENCE).isNotNull();
    return item;
  }

  private SubmitTaskStateChangeRequest report(String status) throws InterruptedException {
    while (true) {
      SubmitTaskStateChangeRequest report = next(control.reports);
      if (status.equals(report.status())) {
        return report;
      }
    }
  }

  private static ContainerStateChange entry(SubmitTaskStateChangeRequest report) {
    return Objects.requireNonNull(report.containers()).getLast();
  }

  @Test
  void runsATaskAndShipsItsOutputAndCleansUp() throws Exception {
    try (Agent agent = agent(Duration.ZERO)) {
      TextSocket socket = next(control.acs);
      assertThat(next(control.tcsFrames)).contains("PublishMetricsRequest");
      Container app =
          container("app", "for i in 1 2 3; do echo line $i; done; echo end >&2; exit 3")
              .toBuilder()
              .portMappings(List.of(PortMapping.builder().containerPort(80).build()))
              .build();
      control.payload(socket, task(app));

      ContainerStateChange running = entry(report("RUNNING"));
      assertThat(next(control.acsFrames)).contains("AckRequest", "\"m1\"");
      assertThat(Objects.requireNonNull(running.runtimeId())).hasSize(64);
      ContainerStateChange stopped = entry(report("STOPPED"));
      assertThat(stopped.exitCode()).isEqualTo(3);
      assertThat(stopped.runtimeId()).isEqualTo(running.runtimeId());
      // The engine keeps no order between the two streams.
      assertThat(control.logged())
          .containsExactlyInAnyOrder("line 1", "line 2", "line 3", "end")
          .containsSubsequence("line 1", "line 2", "line 3");
      assertThat(agent.awaitEmpty(PATIENCE)).isTrue();
      assertThat(containers()).isEmpty();
    }
    assertThat(control.faults).isEmpty();
  }

  @Test
  void readsADynamicPortBackAndStopsOnRequest() throws Exception {
    try (Agent agent = agent(Duration.ofHours(3))) {
      TextSocket socket = next(control.acs);
      Container app =
          container("app", "trap 'exit 5' TERM; while :; do sleep 0.1; done").toBuilder()
              .portMappings(List.of(PortMapping.builder().containerPort(80).build()))
              .build();
      Task task = task(app);
      control.payload(socket, task);
      List<NetworkBinding> bindings =
          Objects.requireNonNull(entry(report("RUNNING")).networkBindings());
      assertThat(bindings).hasSize(1);
      assertThat(Objects.requireNonNull(bindings.getFirst().hostPort())).isPositive();

      control.payload(
          socket, task.toBuilder().desiredStatus("STOPPED").containers(List.of()).build());
      assertThat(entry(report("STOPPED")).exitCode()).isEqualTo(5);
      assertThat(agent.awaitQuiet(PATIENCE)).isTrue();
      assertThat(containers()).as("kept for three hours").hasSize(1);
    }
  }

  @Test
  void aCommandThatDoesNotExistFailsWithTheEnginesWords() throws Exception {
    try (Agent agent = agent(Duration.ZERO)) {
      TextSocket socket = next(control.acs);
      control.payload(
          socket,
          task(container("app", "").toBuilder().command(List.of("/no/such/program")).build()));
      ContainerStateChange stopped = entry(report("STOPPED"));
      assertThat(stopped.reason())
          .startsWith("CannotStartContainerError: Error response from daemon: ")
          .contains("/no/such/program");
      assertThat(stopped.exitCode()).isNull();
      assertThat(agent.awaitEmpty(PATIENCE)).isTrue();
    }
  }

  @Test
  void anotherAgentOverTheSameHomeTakesUpWhatRunsAndWhatEnded() throws Exception {
    String id;
    try (Agent first = agent(Duration.ZERO)) {
      assertThat(first.gaveUp()).isNull();
      TextSocket socket = next(control.acs);
      control.payload(socket, task(container("app", "echo one; while :; do sleep 0.1; done")));
      id = Objects.requireNonNull(entry(report("RUNNING")).runtimeId());
    }
    assertThat(Objects.requireNonNull(runtime.inspectContainer(id)).state())
        .as("runs on without its agent")
        .isEqualTo(ContainerStatus.State.RUNNING);
    // Ended while nobody looks: by its own engine's kill.
    runtime.stopContainer(id, Duration.ZERO);

    try (Agent second = agent(Duration.ZERO)) {
      ContainerStateChange stopped = entry(report("STOPPED"));
      assertThat(stopped.runtimeId()).isEqualTo(id);
      assertThat(stopped.exitCode()).isEqualTo(137);
      assertThat(second.awaitEmpty(PATIENCE)).isTrue();
    }
    assertThat(control.logged()).containsOnlyOnce("one");
  }
}

package dev.gantry.bench;

import dev.gantry.agent.ContainerRuntime.ContainerSpec;
import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.docker.DockerContainerRuntime;
import dev.gantry.agent.docker.DockerEndpoint;
import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.DescribeTasksRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.RunTaskResponse;
import dev.gantry.api.ecs.StopTaskRequest;
import dev.gantry.api.ecs.Task;
import dev.gantry.engine.DockerProbe;
import dev.gantry.home.InstallationId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeMap;

/// From sending RunTask until DescribeTasks, asked every 5 ms, says RUNNING: one bridge container
/// of a cached image. The floor, measured in turn with it, is what Docker alone takes to create and
/// start the same container over its socket.
final class TaskStart {
  private static final String IMAGE = "gantry-hello:1";
  private static final long POLL_NANOS = 5_000_000;
  private static final Duration TASK_LIMIT = Duration.ofSeconds(60);
  private static final double REACH_MILLIS = 60;
  private static final int MEMORY_MIB = 32;

  /// Ends at once when it is told to.
  private static final List<String> COMMAND =
      List.of("sh", "-c", "trap 'exit 0' TERM; sleep 600 & wait");

  private TaskStart() {}

  static Row measure(Path launcher, Settings settings)
      throws IOException, InterruptedException, RuntimeFailure {
    DockerProbe probe = new DockerProbe(System.getenv(), Path.of(System.getProperty("user.home")));
    DockerEndpoint engine = probe.find();
    if (engine == null) {
      throw new IOException("no Docker Engine answers");
    }
    try (GantryProcess gantry = GantryProcess.launch(launcher);
        DockerContainerRuntime docker = probe.open(engine)) {
      gantry.willRunTasks();
      gantry.awaitUp();
      try (RawConnection connection = new RawConnection(gantry.endpoint())) {
        gantry.call(
            connection,
            Ecs.REGISTER_TASK_DEFINITION,
            RegisterTaskDefinitionRequest.builder()
                .family("bench")
                .containerDefinitions(
                    List.of(
                        ContainerDefinition.builder()
                            .name("main")
                            .image(IMAGE)
                            .memory(MEMORY_MIB)
                            .command(COMMAND)
                            .build()))
                .build());
        Figures floor = new Figures();
        Figures starts = new Figures();
        Stages stages = new Stages();
        for (int i = 0; i < settings.warmUpStarts() + settings.starts(); i++) {
          long bare = bareStart(docker, gantry.installation(), i);
          long start =
              taskStart(
                  gantry, connection, docker, i < settings.warmUpStarts() ? new Stages() : stages);
          if (i >= settings.warmUpStarts()) {
            floor.add(bare);
            starts.add(start);
          }
        }
        stages.print();
        double over = starts.medianMillis() - floor.medianMillis();
        return new Row(
            "RunTask to RUNNING (cached image, bridge, " + starts.count() + " tasks)",
            String.format(
                Locale.ROOT,
                "median %.0f ms, p90 %.0f ms",
                starts.medianMillis(),
                starts.percentileMillis(90)),
            String.format(Locale.ROOT, "Docker create + start %.0f ms", floor.medianMillis()),
            String.format(Locale.ROOT, "floor + %.0f ms", over),
            String.format(Locale.ROOT, "<= floor + %.0f ms", REACH_MILLIS),
            over <= REACH_MILLIS);
      }
    }
  }

  private static long bareStart(DockerContainerRuntime docker, InstallationId id, int number)
      throws RuntimeFailure {
    TreeMap<String, String> labels = new TreeMap<>();
    // So gantry down removes it too, should this program be interrupted.
    labels.put(InstallationId.LABEL, id.value());
    ContainerSpec spec =
        new ContainerSpec(
            "gantry-bench-" + id.value().substring(0, 8) + "-" + number,
            IMAGE,
            COMMAND,
            null,
            List.of(),
            labels,
            2,
            MEMORY_MIB << 20,
            0,
            "bridge",
            List.of(),
            "json-file",
            new TreeMap<>(),
            null,
            null);
    long start = System.nanoTime();
    String container = docker.createContainer(spec);
    docker.startContainer(container);
    long elapsed = System.nanoTime() - start;
    docker.stopContainer(container, Duration.ZERO);
    docker.removeContainer(container);
    return elapsed;
  }

  private static long taskStart(
      GantryProcess gantry, RawConnection connection, DockerContainerRuntime docker, Stages stages)
      throws IOException, InterruptedException, RuntimeFailure {
    byte[] run =
        gantry.signed(Ecs.RUN_TASK, RunTaskRequest.builder().taskDefinition("bench").build());
    Instant sent = Instant.now();
    long start = System.nanoTime();
    int status = connection.exchange(run);
    Instant answered = Instant.now();
    RunTaskResponse response = gantry.output(connection, Ecs.RUN_TASK, status);
    if (response.tasks() == null || response.tasks().isEmpty()) {
      throw new IOException("RunTask placed nothing: " + response.failures());
    }
    String arn = Objects.requireNonNull(response.tasks().getFirst().taskArn());
    byte[] describe =
        gantry.signed(
            Ecs.DESCRIBE_TASKS, DescribeTasksRequest.builder().tasks(List.of(arn)).build());
    Task running = await(gantry, connection, describe, "RUNNING");
    long elapsed = System.nanoTime() - start;
    stages.add("RunTask answered", sent, answered);
    stages.add("agent began", sent, running.pullStartedAt());
    stages.add("image found", sent, running.pullStoppedAt());
    String container =
        running.containers() == null ? null : running.containers().getFirst().runtimeId();
    ContainerStatus inspected = container == null ? null : docker.inspectContainer(container);
    if (inspected != null) {
      stages.add("engine created it", sent, inspected.createdAt());
      stages.add("engine started it", sent, inspected.startedAt());
    }
    stages.add("agent knew", sent, running.startedAt());
    stages.add("seen RUNNING", sent, sent.plusNanos(elapsed));
    gantry.call(connection, Ecs.STOP_TASK, StopTaskRequest.builder().task(arn).build());
    await(gantry, connection, describe, "STOPPED");
    return elapsed;
  }

  private static Task await(
      GantryProcess gantry, RawConnection connection, byte[] describe, String wanted)
      throws IOException, InterruptedException {
    long begin = System.nanoTime();
    long next = begin;
    while (System.nanoTime() - begin < TASK_LIMIT.toNanos()) {
      int status = connection.exchange(describe);
      List<Task> tasks = gantry.output(connection, Ecs.DESCRIBE_TASKS, status).tasks();
      if (tasks == null || tasks.isEmpty()) {
        throw new IOException("DescribeTasks does not know the task");
      }
      String last = tasks.getFirst().lastStatus();
      if (wanted.equals(last)) {
        return tasks.getFirst();
      }
      if ("STOPPED".equals(last)) {
        throw new IOException("the task ended: " + tasks.getFirst().stoppedReason());
      }
      next += POLL_NANOS;
      Thread.sleep(Duration.ofNanos(Math.max(0, next - System.nanoTime())));
    }
    throw new IOException("the task is not " + wanted + " after " + TASK_LIMIT);
  }
}

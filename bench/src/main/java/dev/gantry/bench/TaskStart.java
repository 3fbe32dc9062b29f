package dev.gantry.bench;

import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.docker.DockerContainerRuntime;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.Task;
import dev.gantry.home.InstallationId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/// From sending RunTask until DescribeTasks, asked every 5 ms, says RUNNING: one bridge container
/// of a cached image. The floor, measured in turn with it, is what Docker alone takes to create and
/// start the same container over its socket.
final class TaskStart {
  private static final double REACH_MILLIS = 60;

  private TaskStart() {}

  static Row measure(Path launcher, Settings settings)
      throws IOException, InterruptedException, RuntimeFailure {
    try (GantryProcess gantry = GantryProcess.launch(launcher);
        DockerContainerRuntime docker = BenchTasks.engine()) {
      gantry.willRunTasks();
      gantry.awaitUp();
      try (RawConnection connection = new RawConnection(gantry.endpoint())) {
        BenchTasks.register(gantry, connection);
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
    long start = System.nanoTime();
    String container = BenchTasks.bare(docker, id, number);
    long elapsed = System.nanoTime() - start;
    BenchTasks.remove(docker, container);
    return elapsed;
  }

  private static long taskStart(
      GantryProcess gantry, RawConnection connection, DockerContainerRuntime docker, Stages stages)
      throws IOException, InterruptedException, RuntimeFailure {
    byte[] run =
        gantry.signed(
            Ecs.RUN_TASK, RunTaskRequest.builder().taskDefinition(BenchTasks.FAMILY).build());
    Instant sent = Instant.now();
    long start = System.nanoTime();
    int status = connection.exchange(run);
    Instant answered = Instant.now();
    List<String> arns = BenchTasks.arns(gantry.output(connection, Ecs.RUN_TASK, status), 1);
    Task running = BenchTasks.await(gantry, connection, arns, "RUNNING").getFirst();
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
    BenchTasks.stop(gantry, connection, arns);
    return elapsed;
  }
}

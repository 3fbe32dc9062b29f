package dev.gantry.bench;

import dev.gantry.agent.ContainerRuntime.ContainerSpec;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.docker.DockerContainerRuntime;
import dev.gantry.agent.docker.DockerEndpoint;
import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.DescribeTasksRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.api.ecs.RunTaskResponse;
import dev.gantry.api.ecs.StopTaskRequest;
import dev.gantry.api.ecs.Task;
import dev.gantry.engine.DockerProbe;
import dev.gantry.home.InstallationId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;

/// The task that the benchmarks run, and the same container made by Docker alone.
final class BenchTasks {
  /// The family of the task: one container on the bridge, of a cached image, that ends at once when
  /// it is told to.
  static final String FAMILY = "bench";

  private static final String IMAGE = "gantry-hello:1";
  private static final int MEMORY_MIB = 32;
  private static final List<String> COMMAND =
      List.of("sh", "-c", "trap 'exit 0' TERM; sleep 3600 & wait");

  /// DescribeTasks takes no more at once.
  private static final int DESCRIBED = 100;

  /// How long DescribeTasks is not asked again, for each task that it did not show as wanted. The
  /// answers about many are long, and this program and the server share their processors with the
  /// engine that is measured; the last ones are what counts, and are seen at once.
  private static final long POLL_NANOS = 5_000_000;

  /// How long all of the tasks may take to come up, or to end.
  private static final Duration LIMIT = Duration.ofMinutes(4);

  private BenchTasks() {}

  /// Opens the engine that Gantry will find too.
  static DockerContainerRuntime engine() throws IOException, RuntimeFailure {
    DockerProbe probe = new DockerProbe(System.getenv(), Path.of(System.getProperty("user.home")));
    DockerEndpoint engine = probe.find();
    if (engine == null) {
      throw new IOException("no Docker Engine answers");
    }
    return probe.open(engine);
  }

  /// Registers the task.
  static void register(GantryProcess gantry, RawConnection connection) throws IOException {
    gantry.call(
        connection,
        Ecs.REGISTER_TASK_DEFINITION,
        RegisterTaskDefinitionRequest.builder()
            .family(FAMILY)
            .containerDefinitions(
                List.of(
                    ContainerDefinition.builder()
                        .name("main")
                        .image(IMAGE)
                        .memory(MEMORY_MIB)
                        .command(COMMAND)
                        .build()))
            .build());
  }

  /// Creates and starts the task's container by Docker alone.
  ///
  /// @param number tells it from the others of this installation
  /// @return the container's id
  static String bare(DockerContainerRuntime docker, InstallationId id, int number)
      throws RuntimeFailure {
    TreeMap<String, String> labels = new TreeMap<>();
    // So gantry down removes it too, should this program be interrupted.
    labels.put(InstallationId.LABEL, id.value());
    String container =
        docker.createContainer(
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
                null));
    docker.startContainer(container);
    return container;
  }

  /// Removes what [#bare] made.
  static void remove(DockerContainerRuntime docker, String container) throws RuntimeFailure {
    docker.stopContainer(container, Duration.ZERO);
    docker.removeContainer(container);
  }

  /// Asks again and again until all tasks have a status.
  ///
  /// @return the tasks as they were when they were seen to have it, in the order asked
  static List<Task> await(
      GantryProcess gantry, RawConnection connection, List<String> arns, String wanted)
      throws IOException, InterruptedException {
    List<Task> seen = new ArrayList<>();
    for (int from = 0; from < arns.size(); from += DESCRIBED) {
      seen.addAll(
          awaitSome(
              gantry,
              connection,
              arns.subList(from, Math.min(arns.size(), from + DESCRIBED)),
              wanted));
    }
    return seen;
  }

  private static List<Task> awaitSome(
      GantryProcess gantry, RawConnection connection, List<String> arns, String wanted)
      throws IOException, InterruptedException {
    byte[] describe =
        gantry.signed(Ecs.DESCRIBE_TASKS, DescribeTasksRequest.builder().tasks(arns).build());
    long begin = System.nanoTime();
    long next = begin;
    while (System.nanoTime() - begin < LIMIT.toNanos()) {
      int status = connection.exchange(describe);
      List<Task> tasks = gantry.output(connection, Ecs.DESCRIBE_TASKS, status).tasks();
      if (tasks == null || tasks.size() != arns.size()) {
        throw new IOException("DescribeTasks does not know all of the tasks");
      }
      int missing = 0;
      for (Task task : tasks) {
        missing += wanted.equals(task.lastStatus()) ? 0 : 1;
        if ("STOPPED".equals(task.lastStatus()) && !wanted.equals("STOPPED")) {
          throw new IOException("a task ended: " + task.stoppedReason());
        }
      }
      if (missing == 0) {
        return tasks;
      }
      next += POLL_NANOS * missing;
      Thread.sleep(Duration.ofNanos(Math.max(0, next - System.nanoTime())));
    }
    throw new IOException("not all tasks are " + wanted + " after " + LIMIT);
  }

  /// Stops tasks and waits for their ends.
  static void stop(GantryProcess gantry, RawConnection connection, List<String> arns)
      throws IOException, InterruptedException {
    for (String arn : arns) {
      gantry.call(connection, Ecs.STOP_TASK, StopTaskRequest.builder().task(arn).build());
    }
    await(gantry, connection, arns, "STOPPED");
  }

  /// The ARNs of a RunTask answer that placed all it was asked for.
  static List<String> arns(RunTaskResponse response, int wanted) throws IOException {
    if (response.tasks() == null || response.tasks().size() != wanted) {
      throw new IOException("RunTask placed less than it was asked for: " + response.failures());
    }
    List<String> arns = new ArrayList<>();
    for (Task task : response.tasks()) {
      arns.add(Objects.requireNonNull(task.taskArn()));
    }
    return arns;
  }
}

package dev.gantry.bench;

import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.docker.DockerContainerRuntime;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.Task;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Fifty callers ask for a task each at the same moment: tasks RUNNING per second, from the first
/// request until DescribeTasks shows the last. The floor, measured in turn with it, is the engine
/// creating and starting the same containers for as many threads.
final class Burst {
  private static final int CALLERS = 50;
  private static final double REACH = 0.9;

  private Burst() {}

  static Row measure(Path launcher, Settings settings)
      throws IOException, InterruptedException, RuntimeFailure {
    try (GantryProcess gantry = GantryProcess.launch(launcher);
        DockerContainerRuntime docker = BenchTasks.engine();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      gantry.willRunTasks();
      gantry.awaitUp();
      Figures floor = new Figures();
      Figures bursts = new Figures();
      Stages stages = new Stages();
      try (RawConnection connection = new RawConnection(gantry.endpoint())) {
        BenchTasks.register(gantry, connection);
        // The first round, which is not counted, is the JVM's to compile in.
        for (int round = 0; round <= settings.bursts(); round++) {
          long bare = bare(gantry, docker, threads);
          long own = tasks(gantry, connection, docker, threads, round == 0 ? new Stages() : stages);
          if (round > 0) {
            floor.add(bare);
            bursts.add(own);
          }
        }
        stages.print();
      }
      double ratio = floor.medianMillis() / bursts.medianMillis();
      return new Row(
          CALLERS + " simultaneous RunTask, all RUNNING (" + settings.bursts() + " rounds)",
          String.format(Locale.ROOT, "%.1f starts/s", perSecond(bursts)),
          String.format(Locale.ROOT, "Docker, as many threads: %.1f /s", perSecond(floor)),
          String.format(Locale.ROOT, "%.2f of it", ratio),
          String.format(Locale.ROOT, ">= %.1f of it", REACH),
          ratio >= REACH);
    }
  }

  private static double perSecond(Figures figures) {
    return CALLERS * 1_000 / figures.medianMillis();
  }

  private static long bare(
      GantryProcess gantry, DockerContainerRuntime docker, ExecutorService threads)
      throws IOException, InterruptedException {
    var id = gantry.installation();
    long begin = System.nanoTime();
    List<String> containers =
        together(threads, number -> () -> BenchTasks.bare(docker, id, number));
    long elapsed = System.nanoTime() - begin;
    together(
        threads,
        number ->
            () -> {
              BenchTasks.remove(docker, containers.get(number));
              return "";
            });
    return elapsed;
  }

  private static long tasks(
      GantryProcess gantry,
      RawConnection connection,
      DockerContainerRuntime docker,
      ExecutorService threads,
      Stages stages)
      throws IOException, InterruptedException, RuntimeFailure {
    byte[] run =
        gantry.signed(
            Ecs.RUN_TASK, RunTaskRequest.builder().taskDefinition(BenchTasks.FAMILY).build());
    long ticks = ProcessFigures.ticks(gantry.pid());
    Instant sent = Instant.now();
    long begin = System.nanoTime();
    List<String> arns =
        together(
            threads,
            number ->
                () -> {
                  try (RawConnection own = new RawConnection(gantry.endpoint())) {
                    int status = own.exchange(run);
                    return BenchTasks.arns(gantry.output(own, Ecs.RUN_TASK, status), 1).getFirst();
                  }
                });
    Instant answered = Instant.now();
    List<Task> running = BenchTasks.await(gantry, connection, arns, "RUNNING");
    long elapsed = System.nanoTime() - begin;
    System.err.printf(
        Locale.ROOT,
        "bench:   Gantry itself took %.0f %% of one processor during this round%n",
        ProcessFigures.percent(
            ProcessFigures.ticks(gantry.pid()) - ticks, Duration.ofNanos(elapsed)));
    stages.add("all answered", sent, answered);
    for (Task task : running) {
      stages.add("agent began", sent, task.pullStartedAt());
      stages.add("image found", sent, task.pullStoppedAt());
      String container =
          task.containers() == null ? null : task.containers().getFirst().runtimeId();
      ContainerStatus inspected = container == null ? null : docker.inspectContainer(container);
      if (inspected != null) {
        stages.add("engine created it", sent, inspected.createdAt());
        stages.add("engine started it", sent, inspected.startedAt());
      }
      stages.add("agent knew", sent, task.startedAt());
    }
    stages.add("all seen RUNNING", sent, sent.plusNanos(elapsed));
    BenchTasks.stop(gantry, connection, arns);
    return elapsed;
  }

  private interface Numbered {
    Callable<String> work(int number);
  }

  private static List<String> together(ExecutorService threads, Numbered numbered)
      throws IOException, InterruptedException {
    List<Callable<String>> works = new ArrayList<>();
    for (int number = 0; number < CALLERS; number++) {
      works.add(numbered.work(number));
    }
    List<String> results = new ArrayList<>();
    try {
      for (Future<String> result : threads.invokeAll(works)) {
        results.add(result.get());
      }
    } catch (ExecutionException e) {
      throw new IOException("one of " + CALLERS + " failed", e.getCause());
    }
    return results;
  }
}

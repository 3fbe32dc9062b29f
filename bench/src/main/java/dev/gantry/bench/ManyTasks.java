package dev.gantry.bench;

import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.RunTaskRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Two hundred tasks RUNNING on this host: what holding them costs Gantry, control plane and agent
/// in one process, in processor time and memory. Beside it stand the same process without a task,
/// and what the engine spends on the same containers meanwhile.
final class ManyTasks {
  private static final int TASKS = 200;

  /// RunTask takes no more at once.
  private static final int AT_ONCE = 10;

  /// What holding them may take of one processor.
  private static final double REACH_PERCENT = 5;

  private ManyTasks() {}

  static List<Row> measure(Path launcher, Settings settings)
      throws IOException, InterruptedException, RuntimeFailure {
    try (GantryProcess gantry = GantryProcess.launch(launcher)) {
      gantry.willRunTasks();
      gantry.awaitUp();
      try (RawConnection connection = new RawConnection(gantry.endpoint())) {
        BenchTasks.register(gantry, connection);
        double idle = percent(gantry.pid(), settings.hold());
        long before = gantry.residentKiB();
        List<String> arns = new ArrayList<>();
        long begin = System.nanoTime();
        while (arns.size() < TASKS) {
          arns.addAll(
              BenchTasks.arns(
                  gantry.call(
                      connection,
                      Ecs.RUN_TASK,
                      RunTaskRequest.builder()
                          .taskDefinition(BenchTasks.FAMILY)
                          .count(AT_ONCE)
                          .build()),
                  AT_ONCE));
        }
        BenchTasks.await(gantry, connection, arns, "RUNNING");
        double seconds = (System.nanoTime() - begin) / 1e9;
        Thread.sleep(settings.hold());
        ProcessHandle engine = engine();
        long ticksBefore = engine == null ? 0 : ProcessFigures.ticks(engine.pid());
        double held = percent(gantry.pid(), settings.hold());
        double engines =
            engine == null
                ? 0
                : ProcessFigures.percent(
                    ProcessFigures.ticks(engine.pid()) - ticksBefore, settings.hold());
        long after = gantry.residentKiB();
        BenchTasks.stop(gantry, connection, arns);
        return List.of(
            new Row(
                TASKS + " tasks RUNNING: processor of control plane and agent",
                String.format(Locale.ROOT, "%.1f %% of one (up after %.0f s)", held, seconds),
                String.format(Locale.ROOT, "no task %.1f %%, dockerd %.1f %%", idle, engines),
                String.format(Locale.ROOT, "%+.1f %%", held - idle),
                String.format(Locale.ROOT, "<= +%.0f %%", REACH_PERCENT),
                held - idle <= REACH_PERCENT),
            new Row(
                TASKS + " tasks RUNNING: RSS of control plane and agent",
                String.format(Locale.ROOT, "%d MiB", after >> 10),
                String.format(Locale.ROOT, "no task %d MiB", before >> 10),
                String.format(Locale.ROOT, "%.0f KiB a task", (double) (after - before) / TASKS),
                "<= 256 MiB",
                after >> 10 <= 256));
      }
    }
  }

  private static double percent(long pid, Duration time) throws IOException, InterruptedException {
    long before = ProcessFigures.ticks(pid);
    Thread.sleep(time);
    return ProcessFigures.percent(ProcessFigures.ticks(pid) - before, time);
  }

  private static @Nullable ProcessHandle engine() {
    return ProcessHandle.allProcesses()
        .filter(process ->
            process.info().command().map(command -> command.endsWith("/dockerd")).orElse(false))
        .findFirst()
        .orElse(null);
  }
}

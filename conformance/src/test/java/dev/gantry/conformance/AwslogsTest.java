package dev.gantry.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.ecs.model.ContainerDefinition;
import software.amazon.awssdk.services.ecs.model.LogConfiguration;
import software.amazon.awssdk.services.ecs.model.LogDriver;
import software.amazon.awssdk.services.ecs.model.NetworkMode;
import software.amazon.awssdk.services.ecs.model.Task;
import software.amazon.awssdk.services.ecs.model.TaskStopCode;

/// The options of `awslogs` that say what one event is and how much output may wait, with the
/// output of real containers.
@Tag("docker")
@ExtendWith(SharedGantry.class)
class AwslogsTest {
  /// A line of these digits costs some eighty bytes in the engine's files, so that these are more
  /// than three times the smallest buffer and less than what every container has.
  private static final int LINES = 120_000;

  private final GantryProcess gantry;
  private final Engine engine;

  AwslogsTest(GantryProcess gantry, Engine engine) {
    this.gantry = gantry;
    this.engine = engine;
  }

  @Test
  void linesAreGatheredByAPattern() throws Exception {
    assertThat(
            output(
                "awslogs-multiline-pattern",
                "^(INFO|ERROR)",
                "echo INFO one; echo ERROR two; echo '  at three'; echo; echo '  at four';"
                    + " echo INFO five"))
        .containsExactly("INFO one\n", "ERROR two\n  at three\n\n  at four\n", "INFO five\n");
  }

  @Test
  void linesAreGatheredByADate() throws Exception {
    String first = "2026-11-28 23:59:59.001 one";
    String noMonth = "2026-13-28 23:59:59.001 two";
    String noHour = "2026-11-28 24:00:00.001 three";
    String second = "2026-11-28 00:00:00.002 four";
    StringBuilder script = new StringBuilder();
    for (String line : List.of("no date", first, noMonth, noHour, second)) {
      script.append("echo '").append(line).append("';");
    }
    assertThat(output("awslogs-datetime-format", "^%Y-%m-%d %H:%M:%S%L", script.toString()))
        .containsExactly("no date\n", String.join("\n", first, noMonth, noHour, ""), second + "\n");
  }

  /// The last event of a container that goes on running has no next one to end it.
  @Test
  void anEventDoesNotWaitForEver() throws Exception {
    try (AwsClients clients = AwsClients.of(gantry)) {
      SdkTasks tasks = SdkTasks.of(clients);
      Task task =
          tasks.run(
              with(
                      tasks.shell(
                          "app",
                          "trap 'exit 0' TERM; echo x; echo y; while true; do sleep 0.1; done"),
                      Map.of("awslogs-multiline-pattern", "^x"))
                  .build());
      tasks.awaitRunning(task);
      Eventually.see(
          "the event", () -> tasks.lines(task, "app"), lines -> lines.equals(List.of("x\ny\n")));
      tasks.stop(task, "seen");
      tasks.awaitStopped(task);
      assertThat(tasks.lines(task, "app")).containsExactly("x\ny\n");
    }
  }

  @Test
  void aPatternThatIsNoneStopsTheTaskAndIsNamed() throws Exception {
    try (AwsClients clients = AwsClients.of(gantry)) {
      SdkTasks tasks = SdkTasks.of(clients);
      Task stopped =
          tasks.awaitStopped(
              tasks.run(
                  with(
                          tasks.shell("app", "echo never"),
                          Map.of("awslogs-multiline-pattern", "(?=x)"))
                      .build()));
      assertThat(stopped.stopCode()).isEqualTo(TaskStopCode.TASK_FAILED_TO_START);
      assertThat(SdkTasks.container(stopped, "app").reason())
          .contains("container app: awslogs could not parse multiline pattern key \"(?=x)\"");
    }
  }

  /// The log service is away while containers write: none of them is held back. What fits into the
  /// buffer is there afterwards, its newest; with `blocking`, everything is.
  @Test
  void outputBeyondTheBufferIsLostAndNoContainerWaits() throws Exception {
    try (GantryProcess own = GantryProcess.up(engine);
        AwsClients clients = AwsClients.of(own)) {
      SdkTasks tasks = SdkTasks.of(clients);
      // They begin to write when nobody answers any more.
      String flood =
          "while wget -q -O /dev/null 2>/dev/null http://127.0.0.1:"
              + own.port()
              + "/_gantry/health; do sleep 0.1; done; seq 100001 "
              + (100_000 + LINES);
      Map<String, String> small = new LinkedHashMap<>();
      small.put("mode", "non-blocking");
      small.put("max-buffer-size", "1m");
      Task dropping = start(tasks, flood, small);
      Task keeping = start(tasks, flood, Map.of("mode", "blocking"));
      String one = runtimeId(tasks, dropping);
      String other = runtimeId(tasks, keeping);
      own.kill();
      for (String id : List.of(one, other)) {
        Eventually.see(
            "a container that was not held back",
            () -> Objects.requireNonNull(engine.container(id)).state(),
            state -> state == ContainerStatus.State.EXITED);
      }
      own.restart();
      tasks.awaitStopped(dropping);
      tasks.awaitStopped(keeping);
      List<String> all = new ArrayList<>();
      for (int i = 1; i <= LINES; i++) {
        all.add(Integer.toString(100_000 + i));
      }
      Eventually.see(
          "all output", () -> tasks.lines(keeping, "app").size(), count -> count == LINES);
      assertThat(tasks.lines(keeping, "app")).isEqualTo(all);
      Eventually.see(
          "the last line", () -> last(tasks.lines(dropping, "app")), all.getLast()::equals);
      List<String> rest = tasks.lines(dropping, "app");
      assertThat(rest).isEqualTo(all.subList(all.size() - rest.size(), all.size()));
      // Two full files and a third; at least the buffer's own size of output.
      assertThat(rest.size()).isLessThan(3 * (1 << 20) / 70).isGreaterThan(2 * (1 << 20) / 90);
    }
  }

  private List<String> output(String option, String value, String script) throws Exception {
    try (AwsClients clients = AwsClients.of(gantry)) {
      SdkTasks tasks = SdkTasks.of(clients);
      Task task = tasks.run(with(tasks.shell("app", script), Map.of(option, value)).build());
      tasks.awaitStopped(task);
      return tasks.lines(task, "app");
    }
  }

  private static Task start(SdkTasks tasks, String script, Map<String, String> options)
      throws Exception {
    String definition =
        tasks.register(
            more -> more.networkMode(NetworkMode.HOST),
            with(tasks.shell("app", script), options).build());
    return tasks.awaitRunning(tasks.run(definition));
  }

  private static String last(List<String> lines) {
    return lines.isEmpty() ? "none" : lines.getLast();
  }

  private static String runtimeId(SdkTasks tasks, Task task) {
    return SdkTasks.container(tasks.describe(task), "app").runtimeId();
  }

  private static ContainerDefinition.Builder with(
      ContainerDefinition.Builder container, Map<String, String> more) {
    Map<String, String> options =
        new LinkedHashMap<>(container.build().logConfiguration().options());
    options.putAll(more);
    return container.logConfiguration(
        LogConfiguration.builder().logDriver(LogDriver.AWSLOGS).options(options).build());
  }
}

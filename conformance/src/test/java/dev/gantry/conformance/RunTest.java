package dev.gantry.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// `gantry run` on a machine where no Gantry runs: a private one for the task's life.
@Tag("docker")
@ExtendWith(SharedGantry.class)
class RunTest {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final Engine engine;
  private final Path data;
  private final String family = "run-" + UUID.randomUUID();

  RunTest(Engine engine, @TempDir Path data) {
    this.engine = engine;
    this.data = data;
  }

  /// Whatever happened, a run takes its containers with it.
  @AfterEach
  void nothingIsLeft() throws Exception {
    List<ContainerStatus> left = engine.containersOfFamily(family);
    for (ContainerStatus container : left) {
      engine.remove(container);
    }
    assertThat(left).isEmpty();
    try (var installations = Files.list(data.resolve("run"))) {
      assertThat(installations).isEmpty();
    }
  }

  @Test
  void endsWithTheTasksExitCode() throws IOException, InterruptedException {
    Program.Ended ended = Program.run(command("echo to out; echo to err >&2; exit 3", 30));
    assertThat(ended.code()).as(ended.text()).isEqualTo(3);
    assertThat(ended.out()).containsExactlyInAnyOrder("to out", "to err");
    assertThat(String.join("\n", ended.err()))
        .contains("no logConfiguration for app: output goes to log group /gantry/run")
        .contains("app exited with code 3")
        .contains("task is STOPPED (EssentialContainerExited): Essential container in task exited");
  }

  @Test
  void ctrlCAsksTheTaskToStop() throws IOException, InterruptedException {
    try (Program run =
        Program.start(
            command("trap 'echo bye; exit 0' TERM; echo begun; while true; do sleep 0.1; done", 30),
            Map.of())) {
      run.out().await(line -> line.equals("begun"), LIMIT);
      run.interrupt();
      Program.Ended ended = run.await();
      assertThat(ended.code()).as(ended.text()).isEqualTo(130);
      assertThat(ended.out()).containsExactly("begun", "bye");
      assertThat(ended.text()).contains("asking the task to stop");
    }
  }

  @Test
  void aSecondCtrlCKills() throws IOException, InterruptedException {
    try (Program run =
        Program.start(
            command("trap '' TERM; echo begun; while true; do sleep 0.1; done", 100), Map.of())) {
      run.out().await(line -> line.equals("begun"), LIMIT);
      run.interrupt();
      run.err().await(line -> line.contains("asking the task to stop"), LIMIT);
      run.interrupt();
      Program.Ended ended = run.await();
      assertThat(ended.code()).as(ended.text()).isEqualTo(130);
      assertThat(ended.text()).contains("killing the task").contains("app exited with code 137");
    }
  }

  private List<String> command(String script, int stopTimeoutSeconds) throws IOException {
    Path file = data.resolve("taskdef.json");
    Files.writeString(
        file,
        """
        {
          "family": "%s",
          "containerDefinitions": [
            {
              "name": "app",
              "image": "%s",
              "memory": 16,
              "stopTimeout": %d,
              "command": ["sh", "-c", "%s"]
            }
          ]
        }
        """
            .formatted(family, Engine.IMAGE, stopTimeoutSeconds, script));
    return List.of("run", "--no-install", "--data", data.toString(), file.toString());
  }
}

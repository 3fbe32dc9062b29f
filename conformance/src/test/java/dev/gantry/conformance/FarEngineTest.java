package dev.gantry.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.ecs.model.Container;
import software.amazon.awssdk.services.ecs.model.PortMapping;
import software.amazon.awssdk.services.ecs.model.Task;

/// An engine in another machine's network, processes and mounts, reached by its socket alone, found
/// by DOCKER_HOST: what Docker Desktop is on macOS. Its ports are published there and not here;
/// Docker Desktop forwards them, which nobody does here, so they are looked at from inside.
@Tag("docker")
class FarEngineTest {
  @Test
  void upRunEnvLogsPortsAndDown(@TempDir Path directory) throws Exception {
    try (IsolatedEngine far = IsolatedEngine.start();
        Engine engine = far.open()) {
      try (GantryProcess gantry = GantryProcess.up(engine, far.environment());
          AwsClients clients = AwsClients.of(gantry)) {
        SdkTasks tasks = SdkTasks.of(clients);
        Task task =
            tasks.run(
                tasks
                    .shell("app", "echo begun; while true; do echo hello | nc -l -p 9000; done")
                    .portMappings(PortMapping.builder().containerPort(9000).hostPort(0).build())
                    .build());
        Container running = SdkTasks.container(tasks.awaitRunning(task), "app");
        assertThat(running.networkBindings()).isNotEmpty();
        int port = running.networkBindings().getFirst().hostPort();
        assertThat(far.heard(port)).isEqualTo("hello\n");
        tasks.awaitLine(task, "app", "begun");

        Program.Ended run = program(far, run(gantry, directory));
        assertThat(run.code()).as(run.text()).isEqualTo(3);
        assertThat(run.out()).containsExactly("far away");

        Program.Ended env = program(far, List.of("env", "--data", gantry.data().toString()));
        assertThat(env.code()).isZero();
        assertThat(env.out())
            .anyMatch(line -> line.contains("AWS_ENDPOINT_URL=" + gantry.endpoint()));

        Program.Ended down = program(far, List.of("down", "--data", gantry.data().toString()));
        assertThat(down.code()).as(down.text()).isZero();
      }
      assertThat(engine.containers()).isEmpty();
    }
  }

  private static List<String> run(GantryProcess gantry, Path directory) throws IOException {
    Path file = directory.resolve("taskdef.json");
    Files.writeString(
        file,
        """
        {
          "family": "far",
          "containerDefinitions": [
            {
              "name": "app",
              "image": "%s",
              "memory": 16,
              "command": ["sh", "-c", "echo far away; exit 3"]
            }
          ]
        }
        """
            .formatted(Engine.IMAGE));
    return List.of("run", "--no-install", "--data", gantry.data().toString(), file.toString());
  }

  private static Program.Ended program(IsolatedEngine far, List<String> arguments)
      throws IOException, InterruptedException {
    try (Program program = Program.start(arguments, far.environment())) {
      return program.await();
    }
  }
}

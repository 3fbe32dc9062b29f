package dev.gantry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.services.ecs.model.Task;

/// `aws ecs execute-command` as a person types it, with either major version of the AWS CLI. It
/// starts what it finds as session-manager-plugin, which here is [StandInPlugin].
@Tag("docker")
@ExtendWith(SharedGantry.class)
@ParameterizedClass(name = "{0}")
@EnumSource(AwsCli.Major.class)
class ExecCliTest {
  private final AwsCli aws;
  private final AwsClients clients;
  private final SdkTasks tasks;
  private Task task = Task.builder().build();

  ExecCliTest(AwsCli.Major major, GantryProcess gantry) throws IOException, InterruptedException {
    AwsCli.Installed installed = major.find();
    assumeTrue(
        installed != null,
        "there is no AWS CLI " + major + " here: neither on PATH nor got by gantry test");
    aws = AwsCli.of(Objects.requireNonNull(installed), gantry);
    clients = AwsClients.of(gantry);
    tasks = SdkTasks.of(clients);
  }

  @BeforeEach
  void aTaskRuns() throws Exception {
    String definition =
        aws.call(
            "ecs",
            "run-task",
            "--task-definition",
            tasks.register(more -> {}, tasks.shell("app", "sleep 600").build()),
            "--enable-execute-command",
            "--query",
            "tasks[0].taskArn",
            "--output",
            "text");
    task = tasks.awaitRunning(Task.builder().taskArn(definition).build());
  }

  @AfterEach
  void close() {
    tasks.stop(task, "the test is over");
    clients.close();
  }

  private static Map<String, String> withPlugin(Path directory) throws IOException {
    StandInPlugin.install(directory);
    return Map.of("PATH", directory + ":" + System.getenv("PATH"));
  }

  @Test
  void aCommandRunsInItsContainer(@TempDir Path directory) throws Exception {
    String shown =
        aws.call(
            withPlugin(directory),
            "ecs",
            "execute-command",
            "--task",
            task.taskArn(),
            "--container",
            "app",
            "--interactive",
            "--command",
            "sh -c 'echo from inside; hostname'");
    String runtimeId = SdkTasks.container(tasks.describe(task), "app").runtimeId();
    assertThat(shown)
        .contains("The Session Manager plugin was installed successfully.")
        .contains("Starting session with SessionId: ecs-execute-command-")
        .contains("Target: ecs:default_" + SdkTasks.id(task) + "_" + runtimeId)
        .contains("from inside")
        .contains(runtimeId.substring(0, 12))
        .contains("Exiting session with sessionId: ecs-execute-command-");
  }

  @Test
  void whatIsRefusedSaysWhy(@TempDir Path directory) throws Exception {
    Map<String, String> plugin = withPlugin(directory);
    assertThat(
            aws.refusal(
                plugin,
                "ecs",
                "execute-command",
                "--task",
                task.taskArn(),
                "--non-interactive",
                "--command",
                "true"))
        .contains("InvalidParameterException")
        .contains("Interactive is the only mode supported currently.");
    Task plain = tasks.run(tasks.shell("app", "sleep 600").build());
    tasks.awaitRunning(plain);
    assertThat(
            aws.refusal(
                plugin,
                "ecs",
                "execute-command",
                "--task",
                plain.taskArn(),
                "--interactive",
                "--command",
                "true"))
        .contains("InvalidParameterException")
        .contains("execute command was not enabled when the task was run");
    tasks.stop(plain, "done");
    tasks.stop(task, "done");
    tasks.awaitStopped(task);
    assertThat(
            aws.refusal(
                plugin,
                "ecs",
                "execute-command",
                "--task",
                task.taskArn(),
                "--interactive",
                "--command",
                "true"))
        .contains("execute command agent isn’t running");
  }
}

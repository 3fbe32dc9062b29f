package dev.gantry.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.ecs.model.Container;
import software.amazon.awssdk.services.ecs.model.Session;
import software.amazon.awssdk.services.ecs.model.Task;
import software.amazon.awssdk.services.ecs.model.TaskStopCode;

/// The engine dies under a running agent and is started again. What its containers make of that is
/// the engine's own affair; the agent finds out and tells it.
@Tag("docker")
@ExtendWith(SharedGantry.class)
class EngineRestartTest {
  private static final String COUNTER =
      "n=0; trap 'exit 0' TERM; while true; do n=$((n + 1)); echo $n; sleep 0.02; done";

  private final Engine engine;

  EngineRestartTest(Engine engine) {
    this.engine = engine;
  }

  @Test
  void containersThatDieWithTheEngineAreReportedWithTheirExitCodes() throws Exception {
    try (OtherHost host = OtherHost.start();
        GantryProcess gantry = GantryProcess.up(engine, "--no-agent", "--bind", "0.0.0.0");
        RemoteAgent agent = RemoteAgent.start(host, gantry);
        AwsClients clients = AwsClients.of(gantry)) {
      agent.awaitJoined();
      SdkTasks tasks = SdkTasks.of(clients);
      Task task = tasks.run(tasks.shell("app", "while true; do sleep 0.1; done").build());
      Container before = SdkTasks.container(tasks.awaitRunning(task), "app");

      host.killEngine();
      host.startEngine();

      Container after = SdkTasks.container(tasks.awaitStopped(task), "app");
      ContainerStatus real = Objects.requireNonNull(host.container(before.runtimeId()));
      assertThat(real.state()).isEqualTo(ContainerStatus.State.EXITED);
      assertThat(after.exitCode()).isEqualTo(real.exitCode());
      assertThat(tasks.describe(task).stopCode())
          .isEqualTo(TaskStopCode.ESSENTIAL_CONTAINER_EXITED);
      runsAnother(tasks);
    }
  }

  @Test
  void containersThatOutliveTheEngineGoOnAsTheSameTasks() throws Exception {
    try (OtherHost host = OtherHost.start("--live-restore");
        GantryProcess gantry = GantryProcess.up(engine, "--no-agent", "--bind", "0.0.0.0");
        RemoteAgent agent = RemoteAgent.start(host, gantry);
        AwsClients clients = AwsClients.of(gantry)) {
      agent.awaitJoined();
      SdkTasks tasks = SdkTasks.of(clients);
      Task counter = tasks.run(tasks.shell("counter", COUNTER).build());
      Task ending = tasks.run(tasks.shell("ending", "sleep 3; exit 6").build());
      Container before = SdkTasks.container(tasks.awaitRunning(counter), "counter");
      tasks.awaitRunning(ending);
      tasks.awaitLine(counter, "counter", "10");

      host.killEngine();
      host.startEngine();

      assertThat(SdkTasks.container(tasks.awaitStopped(ending), "ending").exitCode())
          .as("an end while there is no engine, or just after")
          .isEqualTo(6);
      int soFar = tasks.lines(counter, "counter").size();
      Eventually.see(
          "further output",
          () -> tasks.lines(counter, "counter"),
          lines -> lines.size() > soFar + 20);
      Task still = tasks.describe(counter);
      assertThat(still.lastStatus()).isEqualTo("RUNNING");
      assertThat(SdkTasks.container(still, "counter").runtimeId()).isEqualTo(before.runtimeId());
      runsAnother(tasks);
      tasks.stop(counter, "counted enough");
      assertThat(SdkTasks.container(tasks.awaitStopped(counter), "counter").exitCode()).isZero();
    }
  }

  /// That the command could not be started would be wrong: its client has seen what it wrote.
  @Test
  void aSessionWhoseEngineFallsEndsAsWithItsCommand() throws Exception {
    try (OtherHost host = OtherHost.start("--live-restore");
        GantryProcess gantry = GantryProcess.up(engine, "--no-agent", "--bind", "0.0.0.0");
        RemoteAgent agent = RemoteAgent.start(host, gantry);
        AwsClients clients = AwsClients.of(gantry)) {
      agent.awaitJoined();
      SdkTasks tasks = SdkTasks.of(clients);
      Task task = tasks.runEnterable(tasks.shell("app", COUNTER).build());
      tasks.awaitRunning(task);
      Session session =
          clients
              .ecs()
              .executeCommand(request ->
                  request
                      .cluster(SdkTasks.CLUSTER)
                      .task(task.taskArn())
                      .interactive(true)
                      .command("sh -c 'echo begun; sleep 1000'"))
              .session();
      try (PluginClient client = PluginClient.open(session.streamUrl(), session.tokenValue())) {
        client.awaitText(text -> text.contains("begun"));

        host.killEngine();

        assertThat(client.awaitEnd()).isEmpty();
        assertThat(client.text()).isEqualTo("begun\r\n");
      }
      host.startEngine();
      assertThat(tasks.describe(task).lastStatus()).isEqualTo("RUNNING");
      tasks.stop(task, "the test is over");
      tasks.awaitStopped(task);
    }
  }

  private static void runsAnother(SdkTasks tasks) throws Exception {
    Task another = tasks.run(tasks.shell("another", "echo hello; exit 4").build());
    assertThat(SdkTasks.container(tasks.awaitStopped(another), "another").exitCode()).isEqualTo(4);
    assertThat(tasks.lines(another, "another")).containsExactly("hello");
  }
}

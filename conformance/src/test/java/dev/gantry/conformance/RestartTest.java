package dev.gantry.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.ecs.model.Container;
import software.amazon.awssdk.services.ecs.model.PortMapping;
import software.amazon.awssdk.services.ecs.model.Task;
import software.amazon.awssdk.services.ecs.model.TaskStopCode;

/// `kill -9` of control plane and agent, in the middle of everything: nothing that was acknowledged
/// is lost, and containers do not notice.
@Tag("docker")
@ExtendWith(SharedGantry.class)
class RestartTest {
  private static final String COUNTER =
      "n=0; trap 'exit 0' TERM; while true; do n=$((n + 1)); echo $n; sleep 0.02; done";

  private final Engine engine;

  RestartTest(Engine engine) {
    this.engine = engine;
  }

  @Test
  void tasksSurviveAndTheirLogsAreWhole() throws Exception {
    try (GantryProcess gantry = GantryProcess.up(engine);
        AwsClients clients = AwsClients.of(gantry)) {
      SdkTasks tasks = SdkTasks.of(clients);
      Task counter = tasks.run(tasks.shell("counter", COUNTER).build());
      // Ends with code 7 as soon as somebody connects.
      Task ending =
          tasks.run(
              tasks
                  .shell("waiter", "nc -l -p 9000 < /dev/null > /dev/null; echo over; exit 7")
                  .portMappings(PortMapping.builder().containerPort(9000).hostPort(0).build())
                  .build());
      Task running = tasks.awaitRunning(counter);
      Container before = SdkTasks.container(running, "counter");
      Container waiter = SdkTasks.container(tasks.awaitRunning(ending), "waiter");
      Eventually.see("output", () -> tasks.lines(counter, "counter"), lines -> lines.size() > 20);

      gantry.kill();
      knock(waiter.networkBindings().getFirst().hostPort());
      Eventually.see(
          "the waiter's end",
          () -> container(waiter.runtimeId()).state(),
          state -> state == ContainerStatus.State.EXITED);
      gantry.restart();

      Task ended = tasks.awaitStopped(ending);
      assertThat(SdkTasks.container(ended, "waiter").exitCode()).isEqualTo(7);
      assertThat(ended.stopCode()).isEqualTo(TaskStopCode.ESSENTIAL_CONTAINER_EXITED);
      assertThat(tasks.lines(ending, "waiter")).containsExactly("over");

      int linesSoFar = tasks.lines(counter, "counter").size();
      Eventually.see(
          "further output",
          () -> tasks.lines(counter, "counter"),
          lines -> lines.size() > linesSoFar + 20);
      Task still = tasks.describe(counter);
      Container after = SdkTasks.container(still, "counter");
      assertThat(still.lastStatus()).isEqualTo("RUNNING");
      assertThat(still.startedAt()).isEqualTo(running.startedAt());
      assertThat(after.runtimeId()).isEqualTo(before.runtimeId());
      assertThat(container(after.runtimeId()).state()).isEqualTo(ContainerStatus.State.RUNNING);

      tasks.stop(counter, "counted enough");
      tasks.awaitStopped(counter);
      List<String> lines = tasks.lines(counter, "counter");
      List<String> expected = new ArrayList<>();
      for (int n = 1; n <= lines.size(); n++) {
        expected.add(Integer.toString(n));
      }
      assertThat(lines).containsExactlyElementsOf(expected);
    }
  }

  @Test
  void whatWasAcknowledgedIsThere() throws Exception {
    try (GantryProcess gantry = GantryProcess.up(engine, "--no-agent");
        AwsClients clients = AwsClients.of(gantry)) {
      List<String> names = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        String name = "cluster-" + i;
        clients.ecs().createCluster(request -> request.clusterName(name));
        names.add("arn:aws:ecs:us-east-1:000000000000:cluster/" + name);
      }
      gantry.kill();
      gantry.restart();
      assertThat(clients.ecs().listClusters(request -> {}).clusterArns()).containsAll(names);
    }
  }

  private ContainerStatus container(String id) throws Exception {
    return Objects.requireNonNull(engine.container(id), () -> "container " + id + " is gone");
  }

  private static void knock(int port) throws IOException {
    new Socket(InetAddress.getLoopbackAddress(), port).close();
  }
}

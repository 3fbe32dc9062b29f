package dev.gantry.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.ecs.model.ContainerInstance;
import software.amazon.awssdk.services.ecs.model.ContainerInstanceStatus;
import software.amazon.awssdk.services.ecs.model.PortMapping;
import software.amazon.awssdk.services.ecs.model.Task;

/// `gantry agent` on a host of its own, with a real engine there and a real network between.
@Tag("docker")
@ExtendWith(SharedGantry.class)
class OtherHostTest {
  private static final String COUNTER =
      "n=0; trap 'exit 0' TERM; while true; do n=$((n + 1)); echo $n; sleep 0.02; done";

  private final Engine engine;

  OtherHostTest(Engine engine) {
    this.engine = engine;
  }

  @Test
  void joinsRunsTasksOutlivesItsControlPlaneAndLeaves() throws Exception {
    try (OtherHost host = OtherHost.start();
        GantryProcess gantry = GantryProcess.up(engine, "--no-agent", "--bind", "0.0.0.0")) {
      gantry.kill();
      try (RemoteAgent agent = RemoteAgent.start(host, gantry)) {
        agent.awaitSaid("nobody answers at http://" + host.ourAddress() + ":" + gantry.port());
        gantry.restart();
        agent.awaitJoined();
        try (AwsClients clients = AwsClients.of(gantry)) {
          SdkTasks tasks = SdkTasks.of(clients);
          Task counter = running(host, tasks);
          outlivesTheControlPlane(gantry, host, tasks, counter);
          endsAndTakesOverAgain(agent, host, tasks, counter);
          drains(clients, tasks, counter);
          leaves(agent, clients, host, tasks, counter);
        }
      }
    }
  }

  /// A task runs there and not here, its port answers there, its output arrives here.
  private Task running(OtherHost host, SdkTasks tasks) throws Exception {
    Task counter = tasks.run(tasks.shell("counter", COUNTER).build());
    Task served =
        tasks.run(
            tasks
                .shell("server", "echo up; nc -l -p 9000 < /dev/null > /dev/null; exit 7")
                .portMappings(PortMapping.builder().containerPort(9000).hostPort(0).build())
                .build());
    String id = SdkTasks.container(tasks.awaitRunning(counter), "counter").runtimeId();
    assertThat(Objects.requireNonNull(host.container(id)).state())
        .isEqualTo(ContainerStatus.State.RUNNING);
    assertThat(engine.container(id)).isNull();
    tasks.awaitLine(counter, "counter", "20");
    int port =
        SdkTasks.container(tasks.awaitRunning(served), "server")
            .networkBindings()
            .getFirst()
            .hostPort();
    new Socket(InetAddress.getByName(host.address()), port).close();
    assertThat(SdkTasks.container(tasks.awaitStopped(served), "server").exitCode()).isEqualTo(7);
    return counter;
  }

  private static void outlivesTheControlPlane(
      GantryProcess gantry, OtherHost host, SdkTasks tasks, Task counter) throws Exception {
    Task ending = tasks.run(tasks.shell("ending", "sleep 2; echo over; exit 5").build());
    String id = SdkTasks.container(tasks.awaitRunning(ending), "ending").runtimeId();
    int before = tasks.lines(counter, "counter").size();
    gantry.kill();
    Eventually.see(
        "an end without a control plane",
        () -> Objects.requireNonNull(host.container(id)).state(),
        state -> state == ContainerStatus.State.EXITED);
    gantry.restart();
    assertThat(SdkTasks.container(tasks.awaitStopped(ending), "ending").exitCode()).isEqualTo(5);
    // What a task wrote while nobody could be told may follow its end.
    Eventually.see("the last words", () -> tasks.lines(ending, "ending"), List.of("over")::equals);
    Eventually.see(
        "further output",
        () -> tasks.lines(counter, "counter"),
        lines -> lines.size() > before + 20);
  }

  private static void endsAndTakesOverAgain(
      RemoteAgent agent, OtherHost host, SdkTasks tasks, Task counter) throws Exception {
    String id = SdkTasks.container(tasks.describe(counter), "counter").runtimeId();
    String instance = tasks.describe(counter).containerInstanceArn();
    agent.program().terminate();
    assertThat(agent.program().await().code()).isZero();
    assertThat(Objects.requireNonNull(host.container(id)).state())
        .as("tasks outlive their agent")
        .isEqualTo(ContainerStatus.State.RUNNING);
    agent.restart();
    agent.awaitSaid("joined as " + instance);
    Task still = tasks.describe(counter);
    assertThat(still.lastStatus()).isEqualTo("RUNNING");
    assertThat(SdkTasks.container(still, "counter").runtimeId()).isEqualTo(id);
    Task another = tasks.run(tasks.shell("another", "exit 3").build());
    assertThat(SdkTasks.container(tasks.awaitStopped(another), "another").exitCode()).isEqualTo(3);
  }

  /// A draining host gets no tasks and keeps those it has; an active one gets some again.
  private static void drains(AwsClients clients, SdkTasks tasks, Task counter) throws Exception {
    String instance = tasks.describe(counter).containerInstanceArn();
    String definition = tasks.register(more -> {}, tasks.shell("more", "exit 2").build());
    setState(clients, instance, ContainerInstanceStatus.DRAINING);
    assertThat(
            clients
                .ecs()
                .runTask(run -> run.cluster(SdkTasks.CLUSTER).taskDefinition(definition))
                .tasks())
        .isEmpty();
    assertThat(tasks.describe(counter).lastStatus()).isEqualTo("RUNNING");
    setState(clients, instance, ContainerInstanceStatus.ACTIVE);
    Task placed = tasks.run(definition);
    assertThat(SdkTasks.container(tasks.awaitStopped(placed), "more").exitCode()).isEqualTo(2);
  }

  private static void setState(
      AwsClients clients, String instance, ContainerInstanceStatus status) {
    assertThat(
            clients
                .ecs()
                .updateContainerInstancesState(update ->
                    update.cluster(SdkTasks.CLUSTER).containerInstances(instance).status(status))
                .failures())
        .isEmpty();
  }

  /// As with Amazon's agent, a deregistered instance is not registered anew by itself.
  private static void leaves(
      RemoteAgent agent, AwsClients clients, OtherHost host, SdkTasks tasks, Task counter)
      throws Exception {
    String instance = tasks.describe(counter).containerInstanceArn();
    String id = SdkTasks.container(tasks.describe(counter), "counter").runtimeId();
    Program.Ended status = agent.run("status");
    assertThat(status.out()).first().asString().contains("An agent of http://");
    clients
        .ecs()
        .deregisterContainerInstance(
            request -> request.cluster(SdkTasks.CLUSTER).containerInstance(instance).force(true));
    agent.awaitSaid("container instance " + instance + " was deregistered");
    assertThat(Objects.requireNonNull(host.container(id)).state())
        .as("orphaned, not ended")
        .isEqualTo(ContainerStatus.State.RUNNING);
    assertThat(agent.program().isAlive()).isTrue();
    agent.program().terminate();
    assertThat(agent.program().await().code()).isZero();
    agent.restart();
    Program.Ended refused = agent.program().await();
    assertThat(refused.code()).isEqualTo(125);
    assertThat(refused.text()).contains("The agent cannot go on").contains(" is inactive.");

    Program.Ended down = agent.run("down");
    assertThat(down.code()).isZero();
    assertThat(down.text()).contains("removed ");
    assertThat(host.containers()).isEmpty();
    assertThat(
            clients
                .ecs()
                .listContainerInstances(request -> request.cluster(SdkTasks.CLUSTER))
                .containerInstanceArns())
        .isEmpty();
  }

  @Test
  void credentialsThatTheControlPlaneDoesNotKnowAreRefusedAtOnce() throws Exception {
    try (GantryProcess gantry = GantryProcess.up(engine, "--no-agent")) {
      Path data = Files.createTempDirectory("gantry-agent-");
      String endpoint = gantry.endpoint().toString();
      for (String[] key :
          new String[][] {{"AKIANOBODY", "x"}, {gantry.key().accessKeyId(), "not-the-secret"}}) {
        Map<String, String> environment =
            Map.of(
                "AWS_ACCESS_KEY_ID",
                key[0],
                "AWS_SECRET_ACCESS_KEY",
                key[1],
                "GANTRY_DATA",
                data.toString());
        try (Program program =
            Program.start(List.of("agent", "--no-install", "--endpoint", endpoint), environment)) {
          Program.Ended ended = program.await();
          assertThat(ended.code()).isEqualTo(125);
          assertThat(ended.text())
              .contains(endpoint + " refuses these credentials: ")
              .contains(key[0])
              .doesNotContain("not-the-secret");
        }
      }
      GantryProcess.delete(data);
    }
  }

  @Test
  void downEndsAnAgentAndTellsHowItsTasksEnded() throws Exception {
    try (OtherHost host = OtherHost.start();
        GantryProcess gantry = GantryProcess.up(engine, "--no-agent", "--bind", "0.0.0.0");
        RemoteAgent agent = RemoteAgent.start(host, gantry);
        AwsClients clients = AwsClients.of(gantry)) {
      agent.awaitJoined();
      SdkTasks tasks = SdkTasks.of(clients);
      Task task =
          tasks.run(
              tasks.shell("app", "trap 'exit 9' TERM; while true; do sleep 0.1; done").build());
      tasks.awaitRunning(task);
      List<ContainerInstance> instances =
          clients
              .ecs()
              .describeContainerInstances(request ->
                  request
                      .cluster(SdkTasks.CLUSTER)
                      .containerInstances(tasks.describe(task).containerInstanceArn()))
              .containerInstances();
      assertThat(instances)
          .singleElement()
          .satisfies(instance -> assertThat(instance.agentConnected()).isTrue());

      assertThat(agent.run("down").code()).isZero();
      assertThat(agent.program().await().code()).isZero();
      assertThat(host.containers()).isEmpty();
      assertThat(SdkTasks.container(tasks.awaitStopped(task), "app").exitCode()).isEqualTo(9);
    }
  }
}

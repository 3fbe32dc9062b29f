package dev.gantry.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.home.InstallationId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.ecs.model.Task;

/// `gantry up`, `gantry down` and `gantry env` as processes.
@Tag("docker")
@ExtendWith(SharedGantry.class)
class UpAndDownTest {
  private static final String OBEDIENT =
      "trap 'echo bye; exit 0' TERM; echo begun; while true; do sleep 0.1; done";

  private final Engine engine;
  private final GantryProcess shared;

  UpAndDownTest(Engine engine, GantryProcess shared) {
    this.engine = engine;
    this.shared = shared;
  }

  @Test
  void downLeavesTheDataDirectoryAndNothingElse() throws Exception {
    try (GantryProcess gantry = GantryProcess.up(engine);
        AwsClients clients = AwsClients.of(gantry)) {
      SdkTasks tasks = SdkTasks.of(clients);
      Task task = tasks.run(tasks.shell("app", OBEDIENT).build());
      tasks.awaitRunning(task);
      tasks.awaitLine(task, "app", "begun");
      assertThat(engine.containers(gantry.installation())).hasSize(1);

      Program.Ended down = Program.run(List.of("down", "--data", gantry.data().toString()));
      assertThat(down.code()).as(down.text()).isZero();
      assertThat(down.text()).contains("stopping 1 task").contains("Gantry is stopped");
      assertThat(gantry.program().await().code()).isZero();
      assertThat(engine.containers(gantry.installation())).isEmpty();
      assertThat(gantry.data().root()).isDirectoryContaining("glob:**/state.db");

      // What it remembers is all there, the end of the task and its last words included.
      gantry.restart();
      Task remembered = tasks.describe(task);
      assertThat(remembered.lastStatus()).isEqualTo("STOPPED");
      assertThat(remembered.stoppedReason()).isEqualTo("gantry down");
      assertThat(SdkTasks.container(remembered, "app").exitCode()).isZero();
      assertThat(tasks.lines(task, "app")).containsExactly("begun", "bye");
    }
  }

  /// What nobody can stop is not waited for until the stop's own limit.
  @Test
  void downSaysWhichTasksItCannotReach() throws Exception {
    try (IsolatedEngine isolated = IsolatedEngine.start();
        Engine other = isolated.open();
        GantryProcess gantry = GantryProcess.up(engine, "--no-agent");
        AwsClients clients = AwsClients.of(gantry);
        RemoteAgent agent = RemoteAgent.start(isolated, gantry)) {
      agent.awaitJoined();
      SdkTasks tasks = SdkTasks.of(clients);
      Task task = tasks.awaitRunning(tasks.run(tasks.shell("app", OBEDIENT).build()));
      agent.kill();
      Program.Ended down = Program.run(List.of("down", "--data", gantry.data().toString()));
      assertThat(down.code()).as(down.text()).isZero();
      assertThat(down.text())
          .contains("1 task cannot be reached: the agents of their hosts are not connected");

      // It is asked for again as soon as its agent is back.
      gantry.restart();
      agent.restart();
      assertThat(tasks.awaitStopped(task).stoppedReason()).isEqualTo("gantry down");
      assertThat(other.containers())
          .noneMatch(each -> each.state() == ContainerStatus.State.RUNNING);
    }
  }

  @Test
  void downTidiesUpAfterAKilledGantryToo() throws Exception {
    try (GantryProcess gantry = GantryProcess.up(engine);
        AwsClients clients = AwsClients.of(gantry)) {
      SdkTasks tasks = SdkTasks.of(clients);
      Task task = tasks.awaitRunning(tasks.run(tasks.shell("app", OBEDIENT).build()));
      tasks.awaitLine(task, "app", "begun");
      gantry.kill();
      assertThat(engine.containers(gantry.installation())).hasSize(1);
      Program.Ended down = Program.run(List.of("down", "--data", gantry.data().toString()));
      assertThat(down.code()).as(down.text()).isZero();
      assertThat(down.text()).contains("Gantry was not running; removed 1 container");
      assertThat(engine.containers(gantry.installation())).isEmpty();
    }
  }

  @Test
  void ctrlCLeavesTasksRunning() throws Exception {
    try (GantryProcess gantry = GantryProcess.up(engine);
        AwsClients clients = AwsClients.of(gantry)) {
      SdkTasks tasks = SdkTasks.of(clients);
      Task task = tasks.run(tasks.shell("app", OBEDIENT).build());
      tasks.awaitRunning(task);
      gantry.program().interrupt();
      Program.Ended ended = gantry.program().await();
      assertThat(ended.code()).isEqualTo(130);
      assertThat(ended.text()).contains("1 task goes on running");
      assertThat(engine.containers(gantry.installation()))
          .singleElement()
          .satisfies(
              container -> assertThat(container.state()).isEqualTo(ContainerStatus.State.RUNNING));
    }
  }

  @Test
  void aSecondUpSaysSoAndChangesNothing() throws Exception {
    InstallationId before = shared.installation();
    Program.Ended second =
        Program.run(
            List.of(
                "up",
                "--data",
                shared.data().toString(),
                "--port",
                Integer.toString(GantryProcess.freePort())));
    assertThat(second.code()).isEqualTo(125);
    assertThat(second.text())
        .contains("A Gantry already runs on " + shared.data())
        .contains("process " + shared.program().pid())
        .contains(shared.endpoint().toString())
        .contains("Nothing was changed.");
    assertThat(shared.installation()).isEqualTo(before);
    try (AwsClients clients = AwsClients.of(shared)) {
      assertThat(clients.ecs().listClusters(request -> {}).clusterArns()).isNotEmpty();
    }
  }

  @Test
  void aTakenPortIsSaid(@TempDir Path directory) throws IOException, InterruptedException {
    Program.Ended refused =
        Program.run(
            List.of(
                "up",
                "--no-agent",
                "--data",
                directory.toString(),
                "--port",
                Integer.toString(shared.port())));
    assertThat(refused.code()).isEqualTo(125);
    assertThat(refused.text())
        .contains("Port " + shared.port() + " on 127.0.0.1 is taken by another program.")
        .contains("up --port ");
  }

  @Test
  void envExportsWhatAwsClientsRead() throws IOException, InterruptedException {
    Program.Ended env = Program.run(List.of("env", "--data", shared.data().toString()));
    String keyId = shared.key().accessKeyId();
    assertThat(env.code()).isZero();
    assertThat(env.out())
        .contains(
            "export AWS_REGION=us-east-1",
            "export AWS_DEFAULT_REGION=us-east-1",
            "unset AWS_SESSION_TOKEN AWS_PROFILE AWS_CA_BUNDLE")
        .anyMatch(line -> line.contains("AWS_ENDPOINT_URL=" + shared.endpoint()))
        .anyMatch(line -> line.contains(keyId));
    // The secret's file is for its owner alone.
    assertThat(Files.getPosixFilePermissions(shared.data().resolve("credentials")))
        .allMatch(permission -> permission.name().startsWith("OWNER_"));
  }
}

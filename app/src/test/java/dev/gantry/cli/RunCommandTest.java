package dev.gantry.cli;

import static dev.gantry.cli.FakeServer.container;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.ecs.Container;
import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.Failure;
import dev.gantry.home.DataDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `gantry run` against a Gantry whose one task does what the test wrote down.
@Timeout(60)
class RunCommandTest {
  private static final String TASK =
      """
      {"family": "f", "containerDefinitions": [{"name": "app", "image": "any", "memory": 32}]}\
      """;

  @TempDir private Path home = Path.of("unset");
  private FakeServer server = new FakeServer();
  private FakeEngine engine;

  @BeforeEach
  void startEngine() throws IOException {
    engine = new FakeEngine(home);
  }

  @AfterEach
  void stopEngine() throws IOException {
    engine.close();
  }

  @Test
  void showsTheOutputLiveAndEndsWithTheContainersCode() throws IOException {
    server
        .then("PENDING", container("app", "PENDING", null))
        .then("RUNNING", container("app", "RUNNING", null), "one")
        .then("RUNNING", container("app", "RUNNING", null), "one", "two")
        .then("STOPPED", container("app", "STOPPED", 3), "one", "two", "three");
    Shelled shell = shell();
    int code = shell.run("run", task(TASK));
    assertThat(shell.out()).isEqualTo("one\ntwo\nthree\n");
    assertThat(shell.err())
        .contains("no logConfiguration for app: output goes to log group /gantry/run")
        .contains("task 0123456789abcdef0123456789abcdef of f:1 in cluster default")
        .contains("task is RUNNING")
        .contains("app exited with code 3")
        .contains("task is STOPPED (EssentialContainerExited): Essential container in task exited")
        .contains("the first output came");
    assertThat(code).isEqualTo(3);
    assertThat(server.calls())
        .containsSubsequence("CreateLogGroup", "RegisterTaskDefinition", "RunTask");
  }

  @Test
  void severalContainersAreToldApart() throws IOException {
    Map<Container, List<String>> containers = new LinkedHashMap<>();
    containers.put(container("web", "STOPPED", 0), List.of("hello"));
    containers.put(container("helper", "STOPPED", 137), List.of("hi"));
    server.then(FakeServer.step("STOPPED", containers));
    Shelled shell = shell();
    int code =
        shell.run(
            "run",
            task(
                """
                {"family": "f", "containerDefinitions": [
                  {"name": "web", "image": "any", "memory": 32},
                  {"name": "helper", "image": "any", "memory": 32, "essential": false}]}\
                """));
    assertThat(shell.out()).isEqualTo("web    | hello\nhelper | hi\n");
    assertThat(code).isZero();
  }

  @Test
  void thePrivateGantryLeavesNothingBehind() throws IOException {
    server.then("STOPPED", container("app", "STOPPED", 0));
    Shelled shell = shell();
    assertThat(shell.run("run", task(TASK))).isZero();
    assertThat(server.wasStarted()).isTrue();
    try (Stream<Path> left = Files.list(data().resolve("run"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void aContainerThatNeverRanIsOurFailureWithItsReason() throws IOException {
    server.then(
        "STOPPED",
        Container.builder()
            .name("app")
            .lastStatus("STOPPED")
            .reason("CannotPullContainerError: no such image")
            .build());
    Shelled shell = shell();
    assertThat(shell.run("run", task(TASK))).isEqualTo(ExitCodes.OWN_FAILURE);
    assertThat(shell.err()).contains("app did not run: CannotPullContainerError: no such image");
  }

  @Test
  void aRefusedDefinitionIsExplainedInTheServicesWords() throws IOException {
    server.refusing(
        EcsErrors.clientException("Invalid setting for container 'app'. memory is too small."));
    Shelled shell = shell();
    assertThat(shell.run("run", task(TASK))).isEqualTo(ExitCodes.OWN_FAILURE);
    assertThat(shell.err())
        .contains(
            "task.json was refused: Invalid setting for container 'app'. memory is too small.")
        .contains("(ClientException)");
  }

  @Test
  void aTaskWithoutRoomIsExplained() throws IOException {
    server.unplaceable(Failure.builder().reason("RESOURCE:MEMORY").build());
    Shelled shell = shell();
    assertThat(shell.run("run", task(TASK))).isEqualTo(ExitCodes.OWN_FAILURE);
    assertThat(shell.err())
        .contains("could not be placed in cluster default")
        .contains("RESOURCE:MEMORY: no instance has as much memory free");
  }

  @Test
  void ctrlCAsksTheTaskToStop() throws Exception {
    server
        .then("RUNNING", container("app", "RUNNING", null), "working")
        .afterStop(container("app", "STOPPED", 0), "working", "told to stop");
    Shelled shell = shell();
    CompletableFuture<Integer> end = shell.begin("run", task(TASK));
    server.awaitRunning();
    shell.signal(Interrupts.INT);
    assertThat(end.get()).isEqualTo(ExitCodes.INTERRUPTED);
    assertThat(shell.out()).isEqualTo("working\ntold to stop\n");
    assertThat(shell.err()).contains("asking the task to stop");
    assertThat(server.calls()).contains("StopTask");
  }

  @Test
  void sigtermDoesTheSameWithItsOwnCode() throws Exception {
    server
        .then("RUNNING", container("app", "RUNNING", null))
        .afterStop(container("app", "STOPPED", 0));
    Shelled shell = shell();
    CompletableFuture<Integer> end = shell.begin("run", task(TASK));
    server.awaitRunning();
    shell.signal(Interrupts.TERM);
    assertThat(end.get()).isEqualTo(ExitCodes.TERMINATED);
  }

  @Test
  void usesTheGantryThatRunsAlready() throws Exception {
    server.then("RUNNING", container("app", "RUNNING", null));
    Shelled up = shell();
    CompletableFuture<Integer> upEnd = up.begin("up", "--port", "0");
    up.awaitErr("ready at");
    Shelled shell = shell();
    CompletableFuture<Integer> end = shell.begin("run", task(TASK));
    server.awaitRunning();
    server.afterStop(container("app", "STOPPED", 0));
    shell.signal(Interrupts.INT);
    end.get();
    assertThat(shell.err()).contains("using the Gantry at http://127.0.0.1:");
    assertThat(data().resolve("run")).doesNotExist();
    up.signal(Interrupts.INT);
    assertThat(upEnd.get()).isEqualTo(ExitCodes.INTERRUPTED);
  }

  @Test
  void withoutAnEngineItSaysWhichOneWasMeant() throws IOException {
    Shelled shell = new Shelled(home, null, server);
    assertThat(shell.run("run", task(TASK))).isEqualTo(ExitCodes.OWN_FAILURE);
    assertThat(shell.err()).contains("The Docker Engine that DOCKER_HOST names does not answer.");
    assertThat(server.wasStarted()).isFalse();
  }

  @Test
  void aFileThatIsNotThereIsNamedBeforeAnythingIsStarted() {
    Shelled shell = shell();
    assertThat(shell.run("run", "absent.json")).isEqualTo(ExitCodes.OWN_FAILURE);
    assertThat(shell.err()).isEqualTo("gantry: There is no file absent.json.\n");
    assertThat(data().resolve("run")).doesNotExist();
  }

  private Shelled shell() {
    return new Shelled(home, engine.url(), server);
  }

  private Path data() {
    return DataDirectory.resolve(null, Map.of(), home).root();
  }

  private String task(String text) throws IOException {
    return Shelled.file(home, "task.json", text).toString();
  }
}

package dev.gantry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.ecs.model.InvalidParameterException;
import software.amazon.awssdk.services.ecs.model.Session;
import software.amazon.awssdk.services.ecs.model.Task;

/// Commands in real containers, with a client that speaks session-manager-plugin's protocol.
@Tag("docker")
@ExtendWith(SharedGantry.class)
class ExecTest {
  private final AwsClients clients;
  private final GantryProcess gantry;
  private SdkTasks tasks;
  private Task task = Task.builder().build();

  ExecTest(GantryProcess gantry) throws IOException {
    this.gantry = gantry;
    clients = AwsClients.of(gantry);
    tasks = new SdkTasks(clients, "");
  }

  @BeforeEach
  void aTaskRuns() throws Exception {
    tasks = SdkTasks.of(clients);
    task =
        tasks.runEnterable(
            tasks.shell("app", "trap 'exit 0' TERM; while true; do sleep 0.1; done").build());
    task = tasks.awaitRunning(task);
  }

  @AfterEach
  void close() {
    tasks.stop(task, "the test is over");
    clients.close();
  }

  private Session session(String command) {
    return clients
        .ecs()
        .executeCommand(request ->
            request
                .cluster(SdkTasks.CLUSTER)
                .task(task.taskArn())
                .container("app")
                .interactive(true)
                .command(command))
        .session();
  }

  private PluginClient run(String command) {
    Session session = session(command);
    return PluginClient.open(session.streamUrl(), session.tokenValue());
  }

  /// Runs a command to its end.
  private String output(String command) throws InterruptedException {
    try (PluginClient client = run(command)) {
      assertThat(client.awaitEnd()).isEmpty();
      return client.text();
    }
  }

  @Test
  void aCommandsOutputComesAndThenItsEnd() throws Exception {
    assertThat(task.enableExecuteCommand()).isTrue();
    assertThat(SdkTasks.container(task, "app").managedAgents())
        .singleElement()
        .satisfies(agent -> {
          assertThat(agent.nameAsString()).isEqualTo("ExecuteCommandAgent");
          assertThat(agent.lastStatus()).isEqualTo("RUNNING");
          assertThat(agent.lastStartedAt()).isNotNull();
        });
    assertThat(output("echo 'hello  there' again")).isEqualTo("hello  there again\r\n");
    assertThat(output("sh -c \"echo $((6*7)); id -u\"")).isEqualTo("42\r\n0\r\n");
  }

  @Test
  void aShellTakesWhatIsTypedUntilItIsLeft() throws Exception {
    try (PluginClient client = run("/bin/sh")) {
      client.awaitReady();
      client.type("echo a$((1+1))c ünï\r");
      client.awaitText(text -> text.contains("a2c ünï"));
      client.type("exit 3\r");
      assertThat(client.awaitEnd()).isEmpty();
    }
    assertThat(tasks.describe(task).lastStatus()).isEqualTo("RUNNING");
  }

  @Test
  void theTerminalIsAsLargeAsTheWindow() throws Exception {
    try (PluginClient client = run("/bin/sh")) {
      client.awaitReady();
      client.resize(132, 43);
      // The size and what is typed take different ways into the container.
      Eventually.see(
          "the first size",
          () -> {
            client.type("stty size\r");
            return client.text();
          },
          text -> text.contains("43 132"));
      client.resize(80, 24);
      Eventually.see(
          "the second size",
          () -> {
            client.type("stty size\r");
            return client.text();
          },
          text -> text.contains("24 80"));
    }
  }

  @Test
  void muchOutputComesWhole() throws Exception {
    // 8 MiB of lines, each of 64 bytes with its line break.
    String script =
        "yes 012345678901234567890123456789012345678901234567890123456789ab | head -n 131072";
    try (PluginClient client = run("sh -c 'stty -opost; " + script + "'")) {
      assertThat(client.awaitEnd()).isEmpty();
      byte[] bytes = client.bytes();
      assertThat(bytes).hasSize(131072 * 63);
      byte[] expected =
          "012345678901234567890123456789012345678901234567890123456789ab\n"
              .repeat(131072)
              .getBytes(StandardCharsets.UTF_8);
      assertThat(sha256(bytes)).isEqualTo(sha256(expected));
    }
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  @Test
  void aClientThatDoesNotAcknowledgeHoldsTheCommandUp() throws Exception {
    try (PluginClient client = run("sh -c 'yes'")) {
      client.awaitReady();
      client.awaitText(text -> text.length() > 1000);
      client.hang();
      long before = client.newest();
      int repeated = client.repeated();
      // The oldest is repeated all the same, which shows that time passes.
      Eventually.see("repetitions", client::repeated, count -> count > repeated + 5);
      // The agent's window is 64 messages.
      assertThat(client.newest() - before).isLessThan(100);
    }
  }

  @Test
  void controlCInterruptsWhatRuns() throws Exception {
    try (PluginClient client = run("/bin/sh")) {
      client.awaitReady();
      client.type("trap : INT; sleep 1000; echo woke $?\r");
      Eventually.see("sleep 1000", this::processes, list -> list.contains("sleep 1000"));
      client.type("\u0003");
      client.awaitText(text -> text.contains("woke 130"));
    }
  }

  /// What runs in the container, as a command in it sees it.
  private String processes() throws InterruptedException {
    return output("ps -o args");
  }

  @Test
  void theCommandEndsWhenTheClientVanishes() throws Exception {
    String mark = "97531";
    PluginClient client = run("sh -c 'sleep " + mark + "; echo never'");
    client.awaitReady();
    Eventually.see("it runs", this::processes, list -> list.contains("sleep " + mark));
    client.vanish();
    Eventually.see("its end", this::processes, list -> !list.contains("sleep " + mark));
    assertThat(tasks.describe(task).lastStatus()).isEqualTo("RUNNING");
  }

  @Test
  void twoSessionsAtOnceAreTwo() throws Exception {
    try (PluginClient one = run("/bin/sh");
        PluginClient two = run("/bin/sh")) {
      one.awaitReady();
      two.awaitReady();
      one.type("name=one; echo $name-$((1+1))\r");
      two.type("name=two; echo $name-$((1+1))\r");
      one.awaitText(text -> text.contains("one-2"));
      two.awaitText(text -> text.contains("two-2"));
      assertThat(one.text()).doesNotContain("two-2");
      one.type("exit\r");
      assertThat(one.awaitEnd()).isEmpty();
      two.type("echo still-$((2+2))\r");
      two.awaitText(text -> text.contains("still-4"));
    }
  }

  @Test
  void aSessionEndsWithItsContainer() throws Exception {
    try (PluginClient client = run("/bin/sh")) {
      client.awaitReady();
      client.type("kill -TERM 1\r");
      assertThat(client.awaitEnd()).isEmpty();
    }
    Task stopped = tasks.awaitStopped(task);
    assertThat(SdkTasks.container(stopped, "app").managedAgents().getFirst().lastStatus())
        .isEqualTo("STOPPED");
    assertThatThrownBy(() -> session("true"))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining("execute command agent isn’t running");
  }

  @Test
  void aCommandThatIsNotThereSaysSo() throws Exception {
    try (PluginClient client = run("/no/such/program")) {
      String end = client.awaitEnd();
      assertThat(end + client.text()).contains("/no/such/program");
    }
    try (PluginClient client = run("echo 'unclosed")) {
      assertThat(client.awaitEnd())
          .isEqualTo(
              "Unable to start command: Failed to parse commands input: a quote is not closed");
    }
  }

  @Test
  void aTokenOpensItsSessionOnce() throws Exception {
    Session session = session("/bin/sh");
    try (PluginClient thief = PluginClient.open(session.streamUrl(), "0".repeat(64))) {
      assertThat(thief.awaitEnd()).isEqualTo("socket 1008 the token is not valid");
    }
    try (PluginClient client = PluginClient.open(session.streamUrl(), session.tokenValue());
        PluginClient second = PluginClient.open(session.streamUrl(), session.tokenValue())) {
      assertThat(second.awaitEnd()).isEqualTo("socket 1008 the token is not valid");
      client.awaitReady();
    }
    assertThat(String.join("\n", gantry.program().err().lines()))
        .doesNotContain(session.tokenValue());
  }

  @Test
  void aSessionsOutputIsLoggedAsTheContainersIs() throws Exception {
    String word = UUID.randomUUID().toString();
    Session session = session("sh -c 'echo logged " + word + "; echo twice'");
    try (PluginClient client = PluginClient.open(session.streamUrl(), session.tokenValue())) {
      assertThat(client.awaitEnd()).isEmpty();
    }
    List<String> lines =
        Eventually.see(
            "the session's log",
            () ->
                clients
                    .logs()
                    .filterLogEvents(request ->
                        request
                            .logGroupName(tasks.group())
                            .logStreamNamePrefix(session.sessionId()))
                    .events()
                    .stream()
                    .map(event -> event.message())
                    .toList(),
            seen -> seen.size() == 2);
    assertThat(lines).containsExactly("logged " + word, "twice");
  }

  @Test
  void withoutTheOptionThereIsNoSession() throws Exception {
    Task plain = tasks.run(tasks.shell("app", "sleep 100").build());
    tasks.awaitRunning(plain);
    Task entered = task;
    task = plain;
    try {
      assertThatThrownBy(() -> session("true"))
          .isInstanceOf(InvalidParameterException.class)
          .hasMessageContaining("execute command was not enabled when the task was run");
    } finally {
      tasks.stop(plain, "done");
      task = entered;
    }
  }
}

package dev.gantry.cli;

import static dev.gantry.cli.FakeServer.container;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.control.AdjustableQuota;
import dev.gantry.control.ServiceQuotas;
import dev.gantry.home.DataDirectory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class UpCommandTest {
  @TempDir private Path home = Path.of("unset");
  private final FakeServer server = new FakeServer();
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
  void itsLastLineNamesTheEndpointAndWhatToExport() throws Exception {
    Shelled up = shell();
    CompletableFuture<Integer> end = up.begin("up", "--port", "0");
    up.awaitErr("ready at");
    String last = up.err().lines().reduce("", (before, line) -> line);
    assertThat(last)
        .matches("gantry: ready at http://127\\.0\\.0\\.1:\\d+; .*")
        .contains("eval \"$(./gantry env)\"")
        .contains("AWS_ENDPOINT_URL");

    Shelled env = shell();
    assertThat(env.run("env")).isZero();
    assertThat(env.out()).contains("export AWS_ENDPOINT_URL=http://127.0.0.1:").contains("AKIA");
    assertThat(env.err()).isEmpty();

    Shelled status = shell();
    assertThat(status.run("status")).isZero();
    assertThat(status.out()).contains("Gantry").contains("default").contains("ACTIVE");

    up.signal(Interrupts.INT);
    assertThat(end.get()).isEqualTo(ExitCodes.INTERRUPTED);
    assertThat(up.err()).contains("stopping; no task is running");

    Shelled after = shell();
    assertThat(after.run("status")).isEqualTo(ExitCodes.NOT_RUNNING);
    assertThat(after.out()).contains("No Gantry runs on");
    assertThat(after.run("env")).isZero();
    assertThat(after.err()).contains("nothing runs on");
  }

  @Test
  void aSecondOneSaysSoAndChangesNothing() throws Exception {
    Shelled first = shell();
    CompletableFuture<Integer> end = first.begin("up", "--port", "0");
    first.awaitErr("ready at");
    String endpoint = Files.readString(data().resolve("endpoint"));
    for (String[] command :
        new String[][] {{"up", "--port", "0"}, {"up", "--port", "0", "--detach"}}) {
      Shelled second = shell();
      assertThat(second.run(command)).isEqualTo(ExitCodes.OWN_FAILURE);
      assertThat(second.err())
          .contains("A Gantry already runs on " + data())
          .contains(endpoint.strip())
          .contains("Nothing was changed.");
    }
    assertThat(Files.readString(data().resolve("endpoint"))).isEqualTo(endpoint);
    first.signal(Interrupts.TERM);
    assertThat(end.get()).as("SIGTERM is an orderly end").isZero();
  }

  @Test
  void saysWhatGoesOnWithoutIt() throws Exception {
    server.then("RUNNING", container("app", "RUNNING", null));
    Shelled up = shell();
    CompletableFuture<Integer> end = up.begin("up", "--port", "0");
    up.awaitErr("ready at");
    up.signal(Interrupts.INT);
    end.get();
    assertThat(up.err()).contains("1 task goes on running: ./gantry up takes over again");
  }

  @Test
  void saysWhyItsAgentCannotGoOnAndHowToJoinAnew() throws Exception {
    Path old = data().resolve("agent").resolve("default");
    server.withoutAgent("Container instance x is inactive.", old);
    Shelled up = shell();
    CompletableFuture<Integer> end = up.begin("up", "--port", "0");
    up.awaitErr("ready at");
    up.signal(Interrupts.INT);
    end.get();
    assertThat(up.err())
        .contains("agent in cluster default cannot go on: Container instance x is inactive.")
        .contains(
            "./gantry down --keep-tasks && rm -r "
                + Shell.quote(old.toString())
                + " && ./gantry up")
        .doesNotContain("it keeps trying");
  }

  @Test
  void aTakenPortIsSaidBeforeAnythingElse() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Shelled shell = shell();
      assertThat(shell.run("up", "--port", Integer.toString(taken.getLocalPort())))
          .isEqualTo(ExitCodes.OWN_FAILURE);
      assertThat(shell.err())
          .contains("Port " + taken.getLocalPort() + " on 127.0.0.1 is taken by another program.")
          .contains("./gantry up --port");
      assertThat(server.wasStarted()).isFalse();
    }
  }

  @Test
  void anAddressOfAnotherMachineIsSaid() {
    Shelled shell = shell();
    assertThat(shell.run("up", "--bind", "192.0.2.1")).isEqualTo(ExitCodes.OWN_FAILURE);
    assertThat(shell.err()).contains("This machine has no address 192.0.2.1.");
  }

  @Test
  void interruptedBeforeItIsUpItSimplyEnds() throws Exception {
    CountDownLatch starting = new CountDownLatch(1);
    Shelled up =
        new Shelled(
            home,
            engine.url(),
            settings -> {
              starting.countDown();
              new CountDownLatch(1).await();
              throw new IllegalStateException("nobody counts that down");
            });
    CompletableFuture<Integer> end = up.begin("up", "--port", "0");
    starting.await();
    up.signal(Interrupts.INT);
    assertThat(end.get()).isEqualTo(ExitCodes.INTERRUPTED);
    assertThat(shell().run("status")).isEqualTo(ExitCodes.NOT_RUNNING);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "up --port x|'x' is not an int",
        "up --auth none|neither sigv4 nor any",
        "up --image-pull never|none of default, always, once, prefer-cached",
        "up --quota clusters|'clusters' is not NAME=VALUE",
        "up --quota clusters=3|there is no quota 'clusters' to set; there are clusters-per-account",
        "up --quota log-groups=none|'none' is no number from 1 to 10000000 for log-groups",
        "up --quota log-groups=1 --quota log-groups=2|--quota sets log-groups twice.",
        "run|Missing required parameter: 'FILE'",
        "run a b|Unmatched argument",
        "dwon|There is no command 'dwon'.",
        "--dwon|Unknown option: '--dwon'",
        "up --cluster a/b|'a/b' is no name of a cluster: 1 to 255 letters, digits, - and _",
        "up --cluster arn:/../../x|is no name of a cluster",
        "run --cluster a/b FILE|'a/b' is no name of a cluster",
        "agent --endpoint http://h:1 --cluster a/b|'a/b' is no name of a cluster",
      })
  void aWrongCommandLineIsNamedAndIsOurFailure(String line, String expected) {
    Shelled shell = shell();
    assertThat(shell.run(line.split(" ", -1))).isEqualTo(ExitCodes.OWN_FAILURE);
    assertThat(shell.err()).contains(expected);
    assertThat(shell.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "up", "agent", "down", "env", "run", "status", "version", "engine", "train"})
  void everythingHasHelp(String command) {
    Shelled shell = shell();
    String[] line = command.isEmpty() ? new String[] {"--help"} : new String[] {command, "--help"};
    assertThat(shell.run(line)).isZero();
    assertThat(shell.out()).contains("Usage: gantry").contains("--help");
    assertThat(shell.out()).containsPattern("Exit codes:\n  0[ -]");
    assertThat(shell.err()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "file, there is a file in its place",
    "file/below, a file is where one of its directories should be",
    "/proc/none, it cannot be made there"
  })
  void aDataDirectoryThatCannotBeSaysWhy(String path, String reason) throws Exception {
    Files.createFile(home.resolve("file"));
    Shelled shell = shell();
    String directory = home.resolve(path).toString();
    assertThat(shell.run("up", "--port", "0", "--data", directory))
        .isEqualTo(ExitCodes.OWN_FAILURE);
    assertThat(shell.err()).contains("The data directory " + directory + " ").contains(reason);
  }

  @Test
  void helpListsTheQuotasThatCanBeSet() {
    Shelled shell = shell();
    assertThat(shell.run("up", "--help")).isZero();
    String help = shell.out().replaceAll("\\s+", " ");
    for (AdjustableQuota quota : AdjustableQuota.values()) {
      assertThat(help)
          .contains(
              quota.text()
                  + " ("
                  + quota.meaning()
                  + "; "
                  + ServiceQuotas.DEFAULTS.value(quota)
                  + ")");
    }
  }

  @Test
  void theServerIsGivenItsLimits() throws Exception {
    Shelled up = shell();
    CompletableFuture<Integer> end =
        up.begin("up", "--port", "0", "--quota", "log-groups=7", "--throttle");
    up.awaitErr("ready at");
    assertThat(server.limits())
        .isEqualTo(
            new ServerLauncher.Limits(
                ServiceQuotas.DEFAULTS.with(AdjustableQuota.LOG_GROUPS, 7), true));
    up.signal(Interrupts.INT);
    end.get();
  }

  @Test
  void downOfNothingIsNoFailure() {
    Shelled shell = shell();
    assertThat(shell.run("down")).isZero();
    assertThat(shell.err()).contains("there is nothing to take down");
  }

  @Test
  void envBeforeTheFirstUpSaysSo() {
    Shelled shell = shell();
    assertThat(shell.run("env")).isEqualTo(ExitCodes.OWN_FAILURE);
    assertThat(shell.out()).isEmpty();
    assertThat(shell.err()).contains("./gantry up --detach");
  }

  private Shelled shell() {
    return new Shelled(home, engine.url(), server);
  }

  private Path data() {
    return DataDirectory.resolve(null, Map.of(), home).root();
  }
}

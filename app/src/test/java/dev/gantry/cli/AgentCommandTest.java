package dev.gantry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.home.DataDirectory;
import dev.gantry.home.InstanceLock;
import dev.gantry.home.RootKey;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What `gantry agent` says when it cannot or may not; what it does otherwise is for the
/// conformance tests, which have a second host.
@Timeout(60)
class AgentCommandTest {
  private static final Map<String, String> KEY =
      Map.of("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY", "hidden-away");

  @TempDir private Path home = Path.of("unset");

  private Shelled shell(Map<String, String> environment) {
    return new Shelled(home, null, new FakeServer(), environment);
  }

  @ParameterizedTest
  @CsvSource({
    "ftp://host:1",
    "host:4566",
    "http://",
    "http://host/path",
    "http://key:secret@host:4566",
    "http://host:4566?x=y",
    "'http://a host'",
  })
  void endpointsThatAreNone(String endpoint) {
    Shelled shell = shell(KEY);
    assertThat(shell.run("agent", "--endpoint", endpoint)).isEqualTo(ExitCodes.OWN_FAILURE);
    assertThat(shell.err()).contains("--endpoint").contains("http://10.0.0.1:4566");
  }

  @ParameterizedTest
  @CsvSource({"ecs.mine=x", "two words=x", "rack=ä", "rack=' x'", "com.amazonaws.ecs.x"})
  void attributesThatAreNone(String attribute) {
    for (String command : new String[] {"up", "agent --endpoint http://h:1"}) {
      Shelled shell = shell(KEY);
      String[] words = (command + " --attribute").split(" ", -1);
      String[] arguments = Arrays.copyOf(words, words.length + 1);
      arguments[words.length] = attribute;
      assertThat(shell.run(arguments)).isEqualTo(ExitCodes.OWN_FAILURE);
      assertThat(shell.err()).contains("cannot be an attribute").contains("letters, digits");
    }
  }

  @Test
  void theEndpointIsAsked() {
    Shelled shell = shell(KEY);
    assertThat(shell.run("agent")).isEqualTo(ExitCodes.OWN_FAILURE);
    assertThat(shell.err()).contains("--endpoint").contains("agent --help says more");
  }

  @Test
  void withoutCredentialsItSaysWhereTheyComeFrom() {
    Shelled none = shell(Map.of());
    assertThat(none.run("agent", "--endpoint", "http://h:1")).isEqualTo(ExitCodes.OWN_FAILURE);
    assertThat(none.err()).contains("AWS_ACCESS_KEY_ID is not set").contains("gantry env");
    Shelled half = shell(Map.of("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"));
    assertThat(half.run("agent", "--endpoint", "http://h:1")).isEqualTo(ExitCodes.OWN_FAILURE);
    assertThat(half.err()).contains("AWS_SECRET_ACCESS_KEY is not set");
  }

  @Test
  void anotherOnesDirectoryIsRefused() throws Exception {
    DataDirectory data = new DataDirectory(home.resolve("data"));
    data.create();
    InstanceLock lock = InstanceLock.tryAcquire(data);
    try (lock) {
      Shelled second = shell(KEY);
      assertThat(second.run("agent", "--endpoint", "http://h:1", "--data", data.toString()))
          .isEqualTo(ExitCodes.OWN_FAILURE);
      assertThat(second.err()).contains("already runs on " + data);
    }
    RootKey.readOrDraw(data, new SecureRandom());
    Shelled beside = shell(KEY);
    assertThat(beside.run("agent", "--endpoint", "http://h:1", "--data", data.toString()))
        .isEqualTo(ExitCodes.OWN_FAILURE);
    assertThat(beside.err()).contains("the data directory of a control plane");
  }

  @Test
  void withoutAnEngineItSaysWhatToDo() {
    Shelled shell = shell(KEY);
    assertThat(shell.run("agent", "--endpoint", "http://127.0.0.1:1", "--no-install"))
        .isEqualTo(ExitCodes.OWN_FAILURE);
    // Before anything else is tried: the control plane is not even asked.
    assertThat(shell.err())
        .contains("Docker", "does not answer", "Start that engine")
        .doesNotContain("nobody answers", "hidden-away");
  }

  @Test
  void anAbsentControlPlaneIsSaidAndWaitedFor() throws Exception {
    int nobody;
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = probe.getLocalPort();
    }
    try (FakeEngine engine = new FakeEngine(home)) {
      Shelled shell = new Shelled(home, engine.url(), new FakeServer(), KEY);
      CompletableFuture<Integer> end =
          shell.begin("agent", "--endpoint", "http://127.0.0.1:" + nobody + "/");
      shell.awaitErr("nobody answers at http://127.0.0.1:" + nobody + " yet");
      shell.awaitErr("agent for cluster default");
      Shelled status = new Shelled(home, engine.url(), new FakeServer(), KEY);
      shell.signal(Interrupts.INT);
      assertThat(end.get()).isEqualTo(ExitCodes.INTERRUPTED);
      assertThat(shell.err()).contains("tasks go on running").doesNotContain("hidden-away");
      assertThat(status.run("status")).isEqualTo(ExitCodes.NOT_RUNNING);
    }
  }

  @Test
  void itsHelpNamesTheVariables() {
    Shelled shell = shell(Map.of());
    assertThat(shell.run("agent", "--help")).isZero();
    assertThat(shell.out())
        .contains("--endpoint=URL", "--cluster=NAME", "--data=DIR", "--image-pull=WHEN")
        .contains("AWS_ACCESS_KEY_ID");
  }
}

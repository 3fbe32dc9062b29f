package dev.gantry.agent.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.agent.ContainerRuntime.Exec;
import dev.gantry.agent.ContainerRuntime.ExecListener;
import dev.gantry.agent.ContainerRuntime.ExecSpec;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Commands in real containers.
@Tag("docker")
class DockerExecTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static RealEngine engine;
  private static String container;

  @BeforeAll
  static void open() throws RuntimeFailure {
    engine = RealEngine.open();
    container = engine.spec("sleep", "1000").start();
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  /// Writes down what it hears.
  private static final class Heard implements ExecListener {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean over;
    private @Nullable RuntimeFailure failure;

    @Override
    public synchronized void output(byte[] output) {
      bytes.writeBytes(output);
      notifyAll();
    }

    @Override
    public synchronized void ended(@Nullable RuntimeFailure why) {
      over = true;
      failure = why;
      notifyAll();
    }

    synchronized String text() {
      return bytes.toString(StandardCharsets.UTF_8);
    }

    synchronized String await(Predicate<Heard> wanted) throws InterruptedException {
      long deadline = System.nanoTime() + LIMIT.toNanos();
      while (!wanted.test(this)) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          throw new AssertionError("heard " + text() + ", over " + over);
        }
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
      return text();
    }

    String awaitEnd() throws InterruptedException {
      return await(heard -> heard.over);
    }

    synchronized @Nullable String failure() {
      return failure == null ? null : failure.getMessage();
    }
  }

  private static String run(String... command) throws InterruptedException {
    Heard heard = new Heard();
    Exec exec =
        engine.runtime.exec(
            container, new ExecSpec(List.of(command), UUID.randomUUID().toString()), heard);
    String text = heard.awaitEnd();
    exec.close();
    assertThat(heard.failure()).isNull();
    return text;
  }

  @Test
  void aCommandsOutputComesWholeAndThenItsEnd() throws Exception {
    assertThat(run("sh", "-c", "id -u; echo $TERM; test -t 0 && echo terminal"))
        .isEqualTo("0\r\nxterm-256color\r\nterminal\r\n");
    assertThat(run("sh", "-c", "yes x | head -n 100000")).hasSize(300_000);
  }

  @Test
  void itReadsWhatIsWrittenAndKnowsItsTerminalsSize() throws Exception {
    Heard heard = new Heard();
    Exec exec = engine.runtime.exec(container, new ExecSpec(List.of("sh"), "s"), heard);
    exec.resize(132, 43);
    exec.write("stty size; echo done\r".getBytes(StandardCharsets.UTF_8));
    heard.await(now -> now.text().contains("43 132"));
    exec.write("exit\r".getBytes(StandardCharsets.UTF_8));
    heard.awaitEnd();
    assertThat(heard.failure()).isNull();
    // Nobody reads it any more.
    exec.write("late".getBytes(StandardCharsets.UTF_8));
    exec.resize(1, 1);
  }

  @Test
  void whatCannotBeRunIsTold() throws Exception {
    Heard gone = new Heard();
    engine.runtime.exec("0".repeat(64), new ExecSpec(List.of("true"), "s"), gone);
    gone.awaitEnd();
    assertThat(gone.failure()).contains("No such container");
    Heard missing = new Heard();
    engine.runtime.exec(container, new ExecSpec(List.of("/no/such"), "s"), missing);
    String text = missing.awaitEnd();
    assertThat(text + missing.failure()).contains("/no/such");
  }

  /// By its process id, and, as for an engine on another host, from within the container.
  @ParameterizedTest(name = "same host: {0}")
  @ValueSource(booleans = {true, false})
  void aCommandThatIsClosedIsKilled(boolean sameHost) throws Exception {
    String session = "ecs-execute-command-" + UUID.randomUUID();
    String mark = sameHost ? "4711" : "4712";
    Heard heard = new Heard();
    EngineApi api = new EngineApi(engine.endpoint);
    DockerExec exec =
        new DockerExec(
            api,
            container,
            new ExecSpec(List.of("sh", "-c", "echo begun; sleep " + mark + "; true"), session),
            heard,
            sameHost);
    exec.start();
    heard.await(now -> now.text().contains("begun"));
    assertThat(run("ps", "-o", "args")).contains("sleep " + mark);
    exec.close();
    heard.awaitEnd();
    awaitGone("sleep " + mark);
    api.close();
  }

  private static void awaitGone(String command) throws InterruptedException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (run("ps", "-o", "args").contains(command)) {
      assertThat(System.nanoTime()).isLessThan(deadline);
    }
  }

  /// The engine has fallen, or is back at once, on this host or, as far as one can tell, another.
  @ParameterizedTest(name = "same host: {0}, engine back: {1}")
  @CsvSource({"true, false, 4713", "true, true, 4714", "false, true, 4715"})
  void aCommandWhoseStreamBreaksIsKilledAndHasEnded(
      boolean sameHost, boolean back, String mark, @TempDir Path directory) throws Exception {
    String session = "ecs-execute-command-" + UUID.randomUUID();
    Heard heard = new Heard();
    try (SocketProxy proxy = new SocketProxy(engine.endpoint, directory);
        EngineApi api = new EngineApi(proxy.endpoint())) {
      new DockerExec(
              api,
              container,
              new ExecSpec(List.of("sh", "-c", "echo begun; sleep " + mark + "; true"), session),
              heard,
              sameHost)
          .start();
      heard.await(now -> now.text().contains("begun"));
      assertThat(run("ps", "-o", "args")).contains("sleep " + mark);
      if (back) {
        proxy.cutOnce();
      } else {
        proxy.cut();
      }
      assertThat(heard.awaitEnd()).isEqualTo("begun\r\n");
      assertThat(heard.failure()).as("that it could not be run").isNull();
      awaitGone("sleep " + mark);
    }
  }

  /// The engine's own keys to leave a terminal are the command's here, as every other.
  @Test
  void whatIsTypedReachesTheCommandByteByByte() throws Exception {
    Heard heard = new Heard();
    Exec exec =
        engine.runtime.exec(
            container,
            new ExecSpec(
                List.of(
                    "sh",
                    "-c",
                    "stty raw -echo; echo begun; head -c 1 | od -An -tx1; head -c 1 | od -An -tx1"),
                "s"),
            heard);
    heard.await(now -> now.text().contains("begun"));
    exec.write(new byte[] {16});
    heard.await(now -> now.text().contains("10"));
    exec.write(new byte[] {17});
    heard.await(now -> now.text().contains("11"));
    heard.awaitEnd();
    assertThat(heard.failure()).isNull();
  }
}

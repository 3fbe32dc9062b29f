package dev.gantry.agent.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.agent.ContainerRuntime.EventListener;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("docker")
class EventWatchTest {
  private static RealEngine engine;

  @TempDir Path directory;

  @BeforeAll
  static void open() {
    engine = RealEngine.open();
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  private static final class Heard implements EventListener {
    private final BlockingQueue<String> calls = new LinkedBlockingQueue<>();

    @Override
    public void started(String containerId) {
      calls.add("started " + containerId);
    }

    @Override
    public void died(String containerId) {
      calls.add("died " + containerId);
    }

    @Override
    public void gap() {
      calls.add("gap");
    }

    String next() throws InterruptedException {
      String call = calls.poll(60, TimeUnit.SECONDS);
      if (call == null) {
        throw new AssertionError("no event for a minute");
      }
      return call;
    }

    /// Events may come twice around a gap, so calls that were heard before are passed over.
    void await(String wanted) throws InterruptedException {
      String call = next();
      while (!call.equals(wanted)) {
        call = next();
      }
    }
  }

  private static Map<String, String> ours() {
    return Map.of(RealEngine.LABEL, engine.run);
  }

  @Test
  void startsAndEndsOfOwnContainersAreHeard() throws RuntimeFailure, InterruptedException {
    // A label of this test alone: a watch also hears what happened in the second it began in.
    Map<String, String> only = Map.of(RealEngine.LABEL, engine.run, "gantry.test", "events");
    RealEngine.Spec spec = engine.spec("sh", "-c", "exit 1");
    spec.labels = only;
    Heard heard = new Heard();
    try (var _ = engine.runtime.watch(only, heard)) {
      assertThat(heard.next()).isEqualTo("gap");
      String id = spec.start();

      assertThat(heard.next()).isEqualTo("started " + id);
      assertThat(heard.next()).isEqualTo("died " + id);
    }
  }

  @Test
  void watchForOtherLabelsHearsNothing() throws RuntimeFailure, InterruptedException {
    Heard others = new Heard();
    Heard own = new Heard();
    try (var _ = engine.runtime.watch(Map.of(RealEngine.LABEL, "somebody-else"), others);
        var _ = engine.runtime.watch(ours(), own)) {
      assertThat(others.next()).isEqualTo("gap");
      assertThat(own.next()).isEqualTo("gap");
      String id = engine.spec("true").start();
      own.await("died " + id);
    }
    assertThat(others.calls).isEmpty();
  }

  @Test
  void cutWatchStandsAgainAndSaysSo() throws Exception {
    Heard heard = new Heard();
    try (SocketProxy proxy = new SocketProxy(engine.endpoint, directory);
        DockerContainerRuntime runtime =
            new DockerContainerRuntime(proxy.endpoint(), new DockerConfig(directory));
        var _ = runtime.watch(ours(), heard)) {
      assertThat(heard.next()).isEqualTo("gap");

      proxy.cut();
      String missed = engine.spec("true").start();
      engine.awaitExit(missed);
      proxy.mend();
      heard.await("gap");

      String id = engine.spec("sleep", "1000").start();
      heard.await("started " + id);
      engine.runtime.stopContainer(id, Duration.ZERO);
      heard.await("died " + id);
    }
  }

  @Test
  void closedWatchHearsNothingMore() throws RuntimeFailure, InterruptedException {
    Heard closed = new Heard();
    Heard witness = new Heard();
    var watch = engine.runtime.watch(ours(), closed);
    assertThat(closed.next()).isEqualTo("gap");
    watch.close();
    watch.close();
    try (var _ = engine.runtime.watch(ours(), witness)) {
      assertThat(witness.next()).isEqualTo("gap");
      witness.await("died " + engine.spec("true").start());
    }
    assertThat(closed.calls).isEmpty();
  }

  @Test
  void brokenLogStreamSaysThatItMayBeFollowedAgain() throws RuntimeFailure, IOException {
    String id = engine.spec("sh", "-c", "echo x; sleep 1000").start();
    try (SocketProxy proxy = new SocketProxy(engine.endpoint, directory);
        DockerContainerRuntime runtime =
            new DockerContainerRuntime(proxy.endpoint(), new DockerConfig(directory))) {
      Recorder recorder = new Recorder();
      try (var _ = runtime.followLogs(id, null, recorder)) {
        recorder.nextLine();
        proxy.cut();

        assertThat(recorder.next())
            .isInstanceOfSatisfying(
                Recorder.Broken.class,
                broken ->
                    assertThat(broken.failure().kind()).isEqualTo(RuntimeFailure.Kind.UNREACHABLE));
      }
    }
  }
}

package dev.gantry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A host where no Docker Engine runs: name spaces of its own for mounts, network and processes, in
/// which the places that an engine keeps its things in are empty.
@Tag("docker")
class EngineLifeTest {
  private static final List<String> OTHER_HOST =
      List.of("unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child");

  /// An engine keeps its socket and pid under `/run` and its images under `/var/lib/docker`.
  private static final String EMPTY_HOST =
      """
      mount -t tmpfs none /run
      mount -t tmpfs none /var/lib/docker
      ip link set lo up
      unset DOCKER_HOST DOCKER_CONTEXT
      engines() { ps -A -o comm= | grep -c '^dockerd$' || true; }
      """;

  private final Path directory;

  EngineLifeTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeEach
  void rootOnLinux() throws IOException {
    assumeThat(System.getProperty("os.name")).as("name spaces are Linux's").isEqualTo("Linux");
    assumeThat(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))
        .as("only root may make the name spaces of a host")
        .isEqualTo(0);
    assumeThat(Path.of("/usr/sbin/dockerd")).as("Debian's docker.io").exists();
  }

  @Test
  void upStartsAnEngineInTheBackgroundAndDownStopsIt() throws Exception {
    Program.Ended ended =
        script(
            """
            echo "before: $(engines)"
            gantry status --data D || echo "status before: $?"
            gantry up --detach --port 0 --no-install --data D
            echo "up: $(engines)"
            gantry status --data D
            gantry up --no-install --port 0 --data D || echo "second up: $?"
            gantry run "$TASK" --data D || echo "run: $?"
            gantry down --data D
            echo "down: $(engines)"
            gantry status --data D || echo "status after: $?"
            """);
    assertThat(ended.code()).as(ended.text()).isZero();
    assertThat(ended.out())
        .as(ended.text())
        .containsSubsequence("before: 0", "status before: 1", "up: 1", "second up: 125", "down: 0")
        .contains("status after: 1")
        .anyMatch(line -> line.contains("Hello, world."))
        .noneMatch(line -> line.startsWith("run: "));
    assertThat(String.join("\n", ended.err()))
        .contains("starting the Docker Engine", "ready at http://127.0.0.1:")
        .contains("A Gantry already runs on", "Nothing was changed.")
        .contains("the Docker Engine is stopped", "Gantry is stopped");
  }

  @Test
  void downLeavesAnEngineInWhichSomethingElseRuns() throws Exception {
    Program.Ended ended =
        script(
            """
            gantry up --detach --port 0 --no-install --data D
            other=$(docker run --detach --network none gantry-hello:1 sleep 300)
            gantry down --data D
            echo "down: $(engines)"
            docker inspect --format 'other: {{.State.Running}}' "$other"
            docker rm --force "$other" >&2
            gantry down --data D
            echo "second down: $(engines)"
            """);
    assertThat(ended.code()).as(ended.text()).isZero();
    assertThat(ended.out()).as(ended.text()).contains("down: 1", "other: true", "second down: 0");
  }

  private Program.Ended script(String script) throws IOException, InterruptedException {
    Path task = Path.of("..", "examples", "hello", "taskdef.json").toAbsolutePath().normalize();
    return Program.script(
        OTHER_HOST,
        directory,
        EMPTY_HOST
            + "TASK='"
            + task
            + "'\n"
            + script.replace("--data D", "--data " + directory.resolve("data")));
  }
}

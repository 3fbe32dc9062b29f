package dev.gantry.agent.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.api.acs.Container;
import dev.gantry.wire.TextSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a container writes, on its whole way: a real engine's files, the follower, the shipper, the
/// log service.
@Tag("docker")
final class OutputTest {
  /// Each line of [#flood] with its line break.
  private static final int LINE_BYTES = 100;

  /// With the engine's own additions two of its files of 34 MB, of which it keeps three.
  private static final int ROTATING_LINES = 400_000;

  private static final int BLOCKED_LINES = 250_000;

  /// The pump's batches, the shipper's queue, one call under way, each more than once in memory.
  private static final long MAX_HELD_BYTES = 16L << 20;

  @TempDir Path home;

  private AgentRig rig;

  @BeforeEach
  void start() throws Exception {
    rig = AgentRig.open(home);
  }

  @AfterEach
  void clear() throws RuntimeFailure {
    rig.close();
  }

  /// Numbered lines, as fast as the engine takes them.
  private static Container flood(int lines) {
    String padding = "x".repeat(LINE_BYTES - 11);
    return AgentRig.container(
        "app",
        "exec awk 'BEGIN { for (i = 0; i < "
            + lines
            + "; i++) printf \"%09d "
            + padding
            + "\\n\", i }'");
  }

  private static void isWhole(List<String> logged, int lines) {
    for (int i = 0; i < logged.size(); i++) {
      if (Integer.parseInt(logged.get(i).substring(0, 9)) != i) {
        throw new AssertionError("line " + i + " is " + logged.get(i));
      }
    }
    assertThat(logged.size()).isEqualTo(lines);
  }

  @Test
  void nothingIsLostOrDoubledWhileTheEngineRotatesItsFiles() throws Exception {
    try (Agent agent = rig.agent(Duration.ZERO)) {
      TextSocket socket = AgentRig.next(rig.control.acs);
      rig.control.payload(socket, AgentRig.task(flood(ROTATING_LINES)));
      assertThat(AgentRig.entry(rig.report("STOPPED")).exitCode()).isZero();
      assertThat(agent.awaitEmpty(AgentRig.PATIENCE)).isTrue();
      isWhole(rig.control.logged(), ROTATING_LINES);
    }
  }

  @Test
  void aContainerThatOutrunsTheLogServiceCostsNoMemory() throws Exception {
    try (Agent agent = rig.agent(Duration.ZERO)) {
      TextSocket socket = AgentRig.next(rig.control.acs);
      long before = used();
      rig.control.logGate.acquire();
      try {
        rig.control.payload(socket, AgentRig.task(flood(BLOCKED_LINES)));
        // The end is told although the output is not yet taken.
        assertThat(AgentRig.entry(rig.report("STOPPED")).exitCode()).isZero();
        assertThat(used() - before)
            .as("of %d bytes that wait", (long) BLOCKED_LINES * LINE_BYTES)
            .isLessThan(MAX_HELD_BYTES);
      } finally {
        rig.control.logGate.release();
      }
      assertThat(agent.awaitEmpty(AgentRig.PATIENCE)).isTrue();
      isWhole(rig.control.logged(), BLOCKED_LINES);
    }
  }

  private static long used() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  @Test
  void longLinesAreOneEventAndOverlongOnesAreCut() throws Exception {
    List<String> logged =
        output(
            "head -c 100000 /dev/zero | tr '\\0' a; echo; echo between;"
                + " head -c 300000 /dev/zero | tr '\\0' b; echo");
    assertThat(logged)
        .containsExactly(
            "a".repeat(100_000), "between", "b".repeat(262_118), "b".repeat(300_000 - 262_118));
  }

  @Test
  void bytesThatAreNoTextAreReplacedAndHarmNothing() throws Exception {
    assertThat(output("printf 'caf\\303\\251\\n\\377\\376\\000x\\n\\033[1mbold\\n'; echo end"))
        .containsExactly("caf\u00e9", "\ufffd\ufffd\u0000x", "\u001b[1mbold", "end");
  }

  private List<String> output(String script) throws Exception {
    try (Agent agent = rig.agent(Duration.ZERO)) {
      TextSocket socket = AgentRig.next(rig.control.acs);
      rig.control.payload(socket, AgentRig.task(AgentRig.container("app", script)));
      assertThat(Objects.requireNonNull(AgentRig.entry(rig.report("STOPPED")).exitCode())).isZero();
      assertThat(agent.awaitEmpty(AgentRig.PATIENCE)).isTrue();
      return rig.control.logged();
    }
  }
}

package dev.gantry.agent.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.gantry.agent.ContainerRuntime.LogListener.Stream;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure.Kind;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("docker")
class LogFollowTest {
  private static RealEngine engine;

  @BeforeAll
  static void open() {
    engine = RealEngine.open();
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  private static List<Recorder.Line> wholeLog(String id) {
    Recorder recorder = new Recorder();
    try (var _ = engine.runtime.followLogs(id, null, recorder)) {
      return recorder.toEnd();
    }
  }

  @Test
  void runningContainersOutputArrivesWhileItRuns() throws RuntimeFailure {
    String id =
        engine
            .spec(
                "sh",
                "-c",
                "echo one; echo two >&2; trap 'echo last; exit 0' TERM;"
                    + " while true; do sleep 0.05; done")
            .start();
    Recorder recorder = new Recorder();
    try (var _ = engine.runtime.followLogs(id, null, recorder)) {
      List<Recorder.Line> first = List.of(recorder.nextLine(), recorder.nextLine());
      assertThat(first)
          .extracting(Recorder.Line::text, Recorder.Line::stream)
          .containsExactlyInAnyOrder(tuple("one", Stream.STDOUT), tuple("two", Stream.STDERR));

      engine.runtime.stopContainer(id, Duration.ofSeconds(30));

      List<Recorder.Line> rest = recorder.toEnd();
      assertThat(rest).extracting(Recorder.Line::text).containsExactly("last");
      assertThat(rest.getFirst().partial()).isFalse();
    }
  }

  @Test
  void endedContainersOutputIsDeliveredWhole() throws RuntimeFailure {
    String id =
        engine.spec("sh", "-c", "i=0; while [ $i -lt 3000 ]; do echo $i; i=$((i+1)); done").start();
    engine.awaitExit(id);

    List<Recorder.Line> lines = wholeLog(id);

    assertThat(lines).hasSize(3000);
    for (int i = 0; i < 3000; i++) {
      assertThat(lines.get(i).text()).isEqualTo(Integer.toString(i));
    }
  }

  /// The end is where followers lose lines: the last ones are written just before the logger
  /// closes.
  @Test
  void nothingIsLostOrDoubledWhenTheContainerEndsUnderTheFollower() throws RuntimeFailure {
    for (int round = 0; round < 3; round++) {
      String id =
          engine
              .spec("sh", "-c", "i=0; while [ $i -lt 500 ]; do echo $i; i=$((i+1)); done")
              .create();
      Recorder recorder = new Recorder();
      engine.runtime.startContainer(id);
      try (var _ = engine.runtime.followLogs(id, null, recorder)) {
        List<Recorder.Line> lines = recorder.toEnd();
        assertThat(lines).as("round " + round).hasSize(500);
        assertThat(lines.getLast().text()).isEqualTo("499");
      }
    }
  }

  /// Docker 20.10 leaves out such a line in three of four followers (moby issue 43860).
  @Test
  void lastWordsWithoutALineBreakAreNotLostUnderTheFollower() throws RuntimeFailure {
    for (int round = 0; round < 3; round++) {
      String id = engine.spec("sh", "-c", "echo first; sleep 0.1; printf last").create();
      Recorder recorder = new Recorder();
      engine.runtime.startContainer(id);
      try (var _ = engine.runtime.followLogs(id, null, recorder)) {
        assertThat(recorder.toEnd())
            .extracting(Recorder.Line::text, Recorder.Line::partial)
            .containsExactly(tuple("first", false), tuple("last", true));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void longLinesComeInPartsThatMakeTheWhole(boolean terminal) throws RuntimeFailure {
    RealEngine.Spec spec =
        engine.spec(
            "sh",
            "-c",
            "head -c 40000 /dev/zero | tr '\\0' x; echo; echo short;"
                + " head -c 16384 /dev/zero | tr '\\0' y; echo; echo end");
    if (terminal) {
      spec.engineConfig = "{\"Tty\":true}";
    }
    String id = spec.start();
    engine.awaitExit(id);

    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    int parts = 0;
    for (Recorder.Line piece : wholeLog(id)) {
      assertThat(piece.bytes().length).isLessThanOrEqualTo(LogDecoder.ENGINE_PIECE_BYTES);
      line.append(piece.text());
      if (piece.partial()) {
        parts++;
      } else {
        lines.add(line.toString().strip());
        line.setLength(0);
      }
    }

    assertThat(parts).isGreaterThanOrEqualTo(2);
    assertThat(line).isEmpty();
    assertThat(lines).containsExactly("x".repeat(40_000), "short", "y".repeat(16_384), "end");
  }

  @Test
  void outputThatEndsInMidLineIsPartial() throws RuntimeFailure {
    String id = engine.spec("sh", "-c", "echo whole; printf half").start();
    engine.awaitExit(id);

    assertThat(wholeLog(id))
        .extracting(Recorder.Line::text, Recorder.Line::partial)
        .containsExactly(tuple("whole", false), tuple("half", true));
  }

  /// The engine keeps its log as JSON text, and so replaces what is no UTF-8 by U+FFFD. What can be
  /// kept is kept: NUL and other control bytes, and any valid UTF-8.
  @Test
  void bytesComeAsTheEngineKeepsThem() throws RuntimeFailure {
    String id =
        engine
            .spec("sh", "-c", "printf 'a\\000b\\001\\033[0m\\303\\244\\r\\n'; printf '\\377\\n'")
            .start();
    engine.awaitExit(id);

    List<Recorder.Line> lines = wholeLog(id);

    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    expected.writeBytes(new byte[] {'a', 0, 'b', 1, 0x1B, '[', '0', 'm'});
    expected.writeBytes(new byte[] {(byte) 0xC3, (byte) 0xA4, '\r'});
    assertThat(lines.get(0).bytes()).isEqualTo(expected.toByteArray());
    assertThat(lines.get(1).text()).isEqualTo("\uFFFD");
  }

  @Test
  void followingFromAStampDeliversThatLineAgainAndNoEarlierOne() throws RuntimeFailure {
    String id = engine.spec("sh", "-c", "for i in 1 2 3 4 5; do echo $i; sleep 0.01; done").start();
    engine.awaitExit(id);
    Instant third = wholeLog(id).get(2).at();

    Recorder recorder = new Recorder();
    try (var _ = engine.runtime.followLogs(id, third, recorder)) {
      assertThat(recorder.toEnd()).extracting(Recorder.Line::text).containsExactly("3", "4", "5");
    }
    Recorder after = new Recorder();
    try (var _ = engine.runtime.followLogs(id, third.plusNanos(1), after)) {
      assertThat(after.toEnd()).extracting(Recorder.Line::text).containsExactly("4", "5");
    }
  }

  @Test
  void unknownContainersLogIsNotFound() {
    Recorder recorder = new Recorder();
    try (var _ = engine.runtime.followLogs("gantry-no-such-container", null, recorder)) {
      assertThat(recorder.next())
          .isInstanceOfSatisfying(
              Recorder.Broken.class,
              broken -> assertThat(broken.failure().kind()).isEqualTo(Kind.NOT_FOUND));
    }
  }

  @Test
  void outputOfAnotherLogDriverCannotBeRead() throws RuntimeFailure {
    RealEngine.Spec spec = engine.spec("echo", "lost");
    spec.logDriver = "none";
    String id = spec.start();
    engine.awaitExit(id);
    Recorder recorder = new Recorder();
    try (var _ = engine.runtime.followLogs(id, null, recorder)) {
      assertThat(recorder.next())
          .isInstanceOfSatisfying(
              Recorder.Broken.class,
              broken -> {
                assertThat(broken.failure().kind()).isEqualTo(Kind.REFUSED);
                assertThat(broken.failure()).hasMessageContaining("does not support reading");
              });
    }
  }

  @Test
  void closedFollowerSaysNothingMore() throws RuntimeFailure {
    String id = engine.spec("sh", "-c", "while true; do echo x; sleep 0.01; done").start();
    Recorder recorder = new Recorder();
    var follow = engine.runtime.followLogs(id, null, recorder);
    recorder.nextLine();

    follow.close();
    follow.close();
    engine.runtime.stopContainer(id, Duration.ZERO);

    // A second follower that hears the end proves that the first one could have.
    Recorder witness = new Recorder();
    try (var _ = engine.runtime.followLogs(id, null, witness)) {
      witness.toEnd();
    }
    assertThat(recorder.heardEnd()).isFalse();
  }

  @Test
  void labelsOfTheImageShowOnItsContainers() throws RuntimeFailure {
    TreeMap<String, String> labels = new TreeMap<>();
    labels.put("dev.gantry.image", "hello");
    String image = "gantry-docker-test-labels:" + engine.run;
    engine.runtime.loadImage(ImageMaker.busyboxArchive(RealEngine.busybox(), image, labels));
    RealEngine.Spec spec = engine.spec("echo", "hello");
    spec.image = image;
    String id = spec.start();

    assertThat(engine.awaitExit(id).labels()).containsEntry("dev.gantry.image", "hello");
    assertThat(wholeLog(id)).extracting(Recorder.Line::text).containsExactly("hello");
    engine.runtime.removeContainer(id);
    engine.runtime.removeImage(image);
  }
}

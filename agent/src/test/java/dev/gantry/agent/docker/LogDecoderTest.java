package dev.gantry.agent.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.gantry.agent.ContainerRuntime.LogListener.Stream;
import dev.gantry.agent.docker.LogFollow.Delivered;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogDecoderTest {
  private static final String T1 = "2026-01-02T03:04:05.000000001Z ";
  private static final String T2 = "2026-01-02T03:04:05.000000002Z ";
  private static final String FULL = "x".repeat(LogDecoder.ENGINE_PIECE_BYTES);

  private static byte[] frame(int stream, String piece) {
    byte[] bytes = piece.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + bytes.length)
        .put((byte) stream)
        .put(new byte[3])
        .putInt(bytes.length)
        .put(bytes)
        .array();
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static List<String> decode(boolean terminal, byte[] bytes, int cut) throws IOException {
    List<String> pieces = new ArrayList<>();
    LogDecoder decoder =
        new LogDecoder(
            terminal,
            (at, stream, piece, partial) ->
                pieces.add(
                    at.getEpochSecond() % 100
                        + "."
                        + at.getNano()
                        + " "
                        + stream
                        + (partial ? " part " : " line ")
                        + shorten(new String(piece, StandardCharsets.UTF_8))));
    byte[] first = Arrays.copyOfRange(bytes, 0, cut);
    byte[] second = Arrays.copyOfRange(bytes, cut, bytes.length);
    decoder.feed(first, first.length);
    decoder.feed(second, second.length);
    decoder.end();
    return pieces;
  }

  private static String shorten(String text) {
    return text.replace(FULL, "<16K>");
  }

  private static List<String> atAnyCut(boolean terminal, byte[] bytes) throws IOException {
    List<String> whole = decode(terminal, bytes, bytes.length);
    for (int cut = 0; cut < bytes.length; cut++) {
      assertThat(decode(terminal, bytes, cut)).as("cut at " + cut).isEqualTo(whole);
    }
    return whole.stream().map(piece -> piece.substring(piece.indexOf(' ') + 1)).toList();
  }

  @Test
  void framesComeApartHoweverTheyArrive() throws IOException {
    byte[] bytes =
        join(
            frame(1, T1 + "out\n"),
            frame(2, T2 + "err\n"),
            frame(1, T2 + "\n"),
            frame(1, T2 + " two  blanks \r\n"),
            frame(1, T2 + "no end"));

    assertThat(atAnyCut(false, bytes))
        .containsExactly(
            "STDOUT line out",
            "STDERR line err",
            "STDOUT line ",
            "STDOUT line  two  blanks \r",
            "STDOUT part no end");
  }

  @Test
  void terminalsPiecesComeApartHoweverTheyArrive() throws IOException {
    byte[] bytes = (T1 + "one\r\n" + T2 + "\n" + T2 + "no end").getBytes(StandardCharsets.UTF_8);

    assertThat(atAnyCut(true, bytes))
        .containsExactly("STDOUT line one\r", "STDOUT line ", "STDOUT part no end");
  }

  @Test
  void terminalsLongLineIsCutWhereTheEngineCutIt() throws IOException {
    String text = T1 + FULL + T1 + FULL + T2 + "rest\r\n" + T2 + "next\r\n";
    for (int cut = 16_300; cut < 16_500; cut++) {
      assertThat(decode(true, text.getBytes(StandardCharsets.UTF_8), cut))
          .as("cut at " + cut)
          .extracting(piece -> piece.substring(piece.indexOf(' ') + 1))
          .containsExactly(
              "STDOUT part <16K>", "STDOUT part <16K>", "STDOUT line rest\r", "STDOUT line next\r");
    }
  }

  @Test
  void stampThatTheContainerPrintsIsText() throws IOException {
    String text = T1 + "copy of " + T2 + "x\n" + T1 + FULL + "\n" + T2 + "x\n";
    assertThat(decode(true, text.getBytes(StandardCharsets.UTF_8), 40))
        .extracting(piece -> piece.substring(piece.indexOf(' ') + 1))
        .containsExactly("STDOUT line copy of " + T2 + "x", "STDOUT line <16K>", "STDOUT line x");
  }

  @Test
  void terminalLineOfAnEngineThatCutsLaterIsTakenWhole() throws IOException {
    String text = T1 + FULL + "yyy\n";
    assertThat(decode(true, text.getBytes(StandardCharsets.UTF_8), 2_000))
        .extracting(piece -> piece.substring(piece.indexOf(' ') + 1))
        .containsExactly("STDOUT line <16K>yyy");
    byte[] tooLong = (T1 + FULL.repeat(20)).getBytes(StandardCharsets.UTF_8);
    assertThatExceptionOfType(LogDecoder.LogUnreadable.class)
        .isThrownBy(() -> decode(true, tooLong, 0));
  }

  @Test
  void whatIsNoLogStreamIsRefused() {
    for (byte[] bytes :
        List.of(
            "plain text".getBytes(StandardCharsets.UTF_8),
            new byte[] {1, 0, 0, 0, 0x7F, 0, 0, 0},
            new byte[] {1, 0, 0, 0, -1, -1, -1, -1},
            new byte[] {1, 0, 0},
            frame(1, ""),
            frame(1, "no stamp\n"),
            frame(1, "2026-13-01T00:00:00Z x\n"))) {
      assertThatExceptionOfType(HttpConnection.MalformedAnswer.class)
          .isThrownBy(() -> decode(false, bytes, bytes.length));
    }
  }

  @Test
  void enginesOwnErrorInTheStreamIsAnError() {
    assertThatExceptionOfType(LogDecoder.LogUnreadable.class)
        .isThrownBy(() -> decode(false, frame(3, "Error grabbing logs: bad file\n"), 8))
        .withMessage("Error grabbing logs: bad file");
  }

  // --- where the end of a log is read again ---

  private static Instant at(long nanos) {
    return Instant.ofEpochSecond(1_700_000_000L, nanos);
  }

  @Test
  void shortLogIsReadAgainFromItsCursor() {
    Delivered delivered = new Delivered(at(5));
    assertThat(delivered.resume()).isEqualTo(new Delivered.Resume(at(5), 0));
    delivered.add(at(5), Stream.STDOUT, 10);
    assertThat(delivered.progressed()).isFalse();
    delivered.add(at(7), Stream.STDOUT, 10);
    assertThat(delivered.progressed()).isTrue();
    assertThat(delivered.resume()).isEqualTo(new Delivered.Resume(at(5), 2));
    assertThat(new Delivered(null).resume()).isEqualTo(new Delivered.Resume(null, 0));
  }

  /// The lines' stamps step back by up to a few hundred lines, as two streams in one file do. The
  /// file is then read again as the engine would: all lines at or after the given stamp.
  @Test
  void longLogIsReadAgainWithoutALineLostOrDoubled() {
    for (int missed = 0; missed < 5; missed++) {
      List<Instant> file = new ArrayList<>();
      for (int i = 0; i < 5000; i++) {
        file.add(at(1000L * i - (i % 7 == 0 ? 300_000 : 0) - (i % 3 == 0 ? i % 1000 : 0)));
      }
      Delivered delivered = new Delivered(null);
      int seen = file.size() - missed;
      file.subList(0, seen).forEach(at -> delivered.add(at, Stream.STDOUT, 10));

      Delivered.Resume resume = delivered.resume();

      List<Integer> again = new ArrayList<>();
      for (int i = 0; i < file.size(); i++) {
        if (resume.since() == null || !file.get(i).isBefore(resume.since())) {
          again.add(i);
        }
      }
      assertThat(resume.skip()).isLessThanOrEqualTo(Delivered.MAX_STAMPS).isPositive();
      List<Integer> expected = new ArrayList<>();
      for (int i = seen; i < file.size(); i++) {
        expected.add(i);
      }
      assertThat(again.subList(resume.skip(), again.size())).isEqualTo(expected);
    }
  }

  @Test
  void aStreamThatStepsBackIsRepeatedUnlessTheClockWasSet() {
    Delivered delivered = new Delivered(null);
    delivered.add(at(100), Stream.STDOUT, 10);
    assertThat(delivered.stepsBack(at(99), Stream.STDOUT)).isTrue();
    assertThat(delivered.stepsBack(at(100), Stream.STDOUT)).isFalse();
    assertThat(delivered.stepsBack(at(99), Stream.STDERR)).as("another thread's stamps").isFalse();
    Instant set = at(100).minus(LogFollow.CLOCK_SET);
    assertThat(delivered.stepsBack(set, Stream.STDOUT)).isFalse();
    assertThat(delivered.stepsBack(set.plusNanos(1), Stream.STDOUT)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "'', 16777216",
    "34m, 16777216",
    "104857600, 16777216",
    "10485760, 5242880",
    "1048576, 524288"
  })
  void aFollowerMayLagByHalfAFile(String fileSize, int bytes) {
    assertThat(LogFollow.maxLag(fileSize)).isEqualTo(bytes);
  }

  @Test
  void aFollowerLagsByWhatWasWrittenSince() {
    long[] nanos = {0};
    Instant begun = Instant.ofEpochSecond(1_700_000_000L);
    LogFollow.Pace pace = new LogFollow.Pace(begun, () -> nanos[0], LogFollow.MAX_LAG_BYTES);
    // Ten megabytes in a second, from before and from after the following began.
    for (int i = 0; i < 10; i++) {
      pace.add(begun.minusSeconds(5).plusMillis(i), 1_000_000);
    }
    nanos[0] = Duration.ofSeconds(100).toNanos();
    assertThat(pace.lags(begun.minusSeconds(4))).as("what was there before").isFalse();
    for (int i = 0; i <= 10; i++) {
      pace.add(begun.plusMillis(i * 100L), 1_000_000 - LogFollow.ENTRY_OVERHEAD);
    }
    Instant line = begun.plusSeconds(1);
    nanos[0] = Duration.ofSeconds(2).toNanos();
    assertThat(pace.lags(line)).as("11 MB in the second since").isFalse();
    nanos[0] = Duration.ofSeconds(3).toNanos();
    assertThat(pace.lags(line)).as("22 MB in two seconds").isTrue();
  }

  @Test
  void anEngineThatDoesNotSayTheTimeIsFollowedWithoutLooking() {
    LogFollow.Pace pace = new LogFollow.Pace(null, () -> 0, LogFollow.MAX_LAG_BYTES);
    pace.add(at(1), 1 << 30);
    assertThat(pace.lags(at(1))).isFalse();
  }
}

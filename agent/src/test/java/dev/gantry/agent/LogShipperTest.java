package dev.gantry.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.agent.AgentEvent.LogLine;
import dev.gantry.agent.LogShipper.Batch;
import dev.gantry.api.logs.InputLogEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class LogShipperTest {
  private static final Instant T = Instant.parse("2026-01-01T00:00:00Z");

  private static LogLine line(Instant at, String text) {
    return new LogLine(at, text.getBytes(StandardCharsets.UTF_8), false, false);
  }

  private static LogLine part(Instant at, String text) {
    return new LogLine(at, text.getBytes(StandardCharsets.UTF_8), true, false);
  }

  private static LogLine error(Instant at, String text) {
    return new LogLine(at, text.getBytes(StandardCharsets.UTF_8), false, true);
  }

  private static List<String> messages(@Nullable Batch batch) {
    return batch == null
        ? List.of()
        : batch.events().stream().map(event -> String.valueOf(event.message())).toList();
  }

  @Test
  void aLineGoesAtOnceAndTheNextOnesTogether() {
    LogShipper shipper = new LogShipper(null, null);
    shipper.lines(List.of(line(T, "one")));
    assertThat(messages(shipper.next(T))).containsExactly("one");
    shipper.lines(List.of(line(T, "two")));
    shipper.lines(List.of(line(T, "three")));
    assertThat(shipper.next(T)).as("one batch at a time").isNull();
    shipper.accepted();
    assertThat(shipper.next(T)).as("paced").isNull();
    assertThat(shipper.wakeAt(T)).isEqualTo(T.plus(LogShipper.PACE));
    Batch batch = Objects.requireNonNull(shipper.next(T.plus(LogShipper.PACE)));
    assertThat(messages(batch)).containsExactly("two", "three");
    assertThat(batch.position()).isEqualTo(1);
  }

  @Test
  void theEndWaitsForNoPace() {
    LogShipper shipper = new LogShipper(null, null);
    shipper.lines(List.of(line(T, "one")));
    shipper.next(T);
    shipper.accepted();
    shipper.lines(List.of(line(T, "two")));
    shipper.ended();
    assertThat(messages(shipper.next(T))).containsExactly("two");
    assertThat(shipper.drained()).isFalse();
    shipper.accepted();
    assertThat(shipper.drained()).isTrue();
  }

  @Test
  void aFailedBatchIsSentAgainWithItsNumber() {
    LogShipper shipper = new LogShipper(null, null);
    shipper.lines(List.of(line(T, "one"), line(T, "two")));
    assertThat(Objects.requireNonNull(shipper.next(T)).position()).isZero();
    shipper.failed(T, 0);
    assertThat(shipper.next(T)).isNull();
    Instant later = Objects.requireNonNull(shipper.wakeAt(T));
    assertThat(later).isAfter(T);
    shipper.lines(List.of(line(T, "three")));
    Batch again = Objects.requireNonNull(shipper.next(later));
    assertThat(again.position()).isZero();
    assertThat(messages(again)).containsExactly("one", "two", "three");
  }

  @Test
  void partsAreJoinedForEachStream() {
    LogShipper shipper = new LogShipper(null, null);
    shipper.lines(
        List.of(
            part(T, "long "), error(T, "oops"), part(T, "long "), line(T, "line"), line(T, "x")));
    shipper.ended();
    assertThat(messages(shipper.next(T))).containsExactly("oops", "long long line", "x");
  }

  @Test
  void aLineThatNeverEndsIsSentAtTheEnd() {
    LogShipper shipper = new LogShipper(null, null);
    shipper.lines(List.of(part(T, "no line break")));
    assertThat(shipper.next(T)).isNull();
    shipper.ended();
    assertThat(messages(shipper.next(T))).containsExactly("no line break");
  }

  @Test
  void aLineThatDoesNotEndHoldsTheCursorOnlySoLong() {
    LogShipper shipper = new LogShipper(null, null);
    shipper.lines(List.of(part(T, "prompt")));
    List<LogLine> others = new ArrayList<>();
    for (int i = 1; i < LogShipper.MAX_ENTRIES_UNFINISHED; i++) {
      others.add(error(T.plusMillis(i), "x"));
    }
    shipper.lines(others);
    assertThat(messages(shipper.next(T))).hasSize(1000).contains("prompt");
  }

  @Test
  void emptyLinesAreLeftOut() {
    LogShipper shipper = new LogShipper(null, null);
    shipper.lines(List.of(line(T, ""), line(T, "x"), line(T, "")));
    shipper.ended();
    assertThat(messages(shipper.next(T))).containsExactly("x");
    shipper.accepted();
    assertThat(shipper.drained()).isTrue();
  }

  @Test
  void anOverlongLineIsCutBetweenCharacters() {
    LogShipper shipper = new LogShipper(null, null);
    String text = "ü".repeat(LogShipper.MAX_EVENT_BYTES / 2) + "üx";
    shipper.lines(List.of(line(T, "a" + text)));
    List<String> events = messages(shipper.next(T));
    assertThat(events).hasSize(2);
    assertThat(String.join("", events)).isEqualTo("a" + text);
    assertThat(events.getFirst().getBytes(StandardCharsets.UTF_8).length)
        .isLessThanOrEqualTo(LogShipper.MAX_EVENT_BYTES);
  }

  @Test
  void aBatchHasAtMostTenThousandEvents() {
    LogShipper shipper = new LogShipper(null, null);
    List<LogLine> lines = new ArrayList<>();
    for (int i = 0; i < 10_001; i++) {
      lines.add(line(T, "x"));
    }
    shipper.lines(lines);
    assertThat(messages(shipper.next(T))).hasSize(10_000);
    shipper.accepted();
    shipper.ended();
    assertThat(Objects.requireNonNull(shipper.next(T)).position()).isEqualTo(10_000);
  }

  @Test
  void aBatchHasAtMostAMebibyteWithTheOverhead() {
    LogShipper shipper = new LogShipper(null, null);
    // 1,048,576 / (1,024 - 26 + 26) is 1,024 events exactly.
    List<LogLine> lines = new ArrayList<>();
    for (int i = 0; i < 1_025; i++) {
      lines.add(line(T, "x".repeat(1_024 - LogShipper.EVENT_OVERHEAD)));
    }
    shipper.lines(lines);
    assertThat(messages(shipper.next(T))).hasSize(1_024);
  }

  @Test
  void aBatchSpansLessThanADay() {
    LogShipper shipper = new LogShipper(null, null);
    shipper.lines(
        List.of(
            line(T, "one"),
            line(T.plus(LogShipper.MAX_BATCH_SPAN).minusMillis(1), "two"),
            line(T.plus(LogShipper.MAX_BATCH_SPAN), "three")));
    assertThat(messages(shipper.next(T))).containsExactly("one", "two");
  }

  @Test
  void stampsInABatchDoNotRunBackwards() {
    LogShipper shipper = new LogShipper(null, null);
    shipper.lines(
        List.of(
            line(T.plusMillis(3), "one"),
            error(T.plusMillis(1), "two"),
            line(T.plusMillis(4), "three"),
            line(T.minusSeconds(10), "the clock was set")));
    Batch batch = Objects.requireNonNull(shipper.next(T));
    assertThat(messages(batch)).containsExactly("one", "two", "three");
    assertThat(batch.events().stream().map(InputLogEvent::timestamp))
        .containsExactly(
            T.plusMillis(3).toEpochMilli(),
            T.plusMillis(3).toEpochMilli(),
            T.plusMillis(4).toEpochMilli());
  }

  @Test
  void theReaderIsStoppedWhileTooMuchIsQueued() {
    LogShipper shipper = new LogShipper(null, null);
    shipper.lines(List.of(line(T, "x".repeat(LogShipper.MAX_QUEUE_BYTES / 2))));
    assertThat(shipper.roomy()).isTrue();
    shipper.lines(List.of(line(T, "x".repeat(LogShipper.MAX_QUEUE_BYTES / 2))));
    assertThat(shipper.roomy()).isFalse();
    shipper.next(T);
    assertThat(shipper.roomy()).as("as long as it is not accepted").isFalse();
    shipper.accepted();
    assertThat(shipper.roomy()).isTrue();
  }

  private static LogShipper gathering() {
    return new LogShipper(null, EventStart.matching("^\\["));
  }

  @Test
  void linesAreGatheredUpToTheNextBeginning() {
    LogShipper shipper = gathering();
    shipper.lines(
        List.of(
            line(T, "before any"),
            line(T, "[1] one"),
            error(T.plusMillis(3), "  at two"),
            line(T.plusMillis(4), ""),
            line(T.plusMillis(5), "[2] three"),
            line(T.plusMillis(6), "four")));
    Batch batch = Objects.requireNonNull(shipper.next(T));
    assertThat(messages(batch)).containsExactly("before any\n", "[1] one\n  at two\n\n");
    assertThat(batch.events().get(1).timestamp()).isEqualTo(T.toEpochMilli());
    shipper.accepted();
    shipper.ended();
    assertThat(messages(shipper.next(T))).containsExactly("[2] three\nfour\n");
    shipper.accepted();
    assertThat(shipper.drained()).isTrue();
  }

  @Test
  void theLastEventWaitsForItsNextLineOnlySoLong() {
    LogShipper shipper = gathering();
    shipper.lines(List.of(line(T, "[1] one")));
    assertThat(shipper.next(T)).isNull();
    Instant due = T.plus(LogShipper.MAX_EVENT_SPAN);
    assertThat(shipper.wakeAt(T)).isEqualTo(due);
    assertThat(shipper.next(due.minusMillis(1))).isNull();
    assertThat(messages(shipper.next(due))).containsExactly("[1] one\n");
  }

  /// What is read late, as after the agent's restart, is not cut where one piece of it ends.
  @Test
  void whatIsHeardGoesOnWaiting() {
    LogShipper shipper = gathering();
    Instant late = T.plusSeconds(3_600);
    shipper.lines(List.of(line(T, "[1] one")));
    assertThat(shipper.next(late)).isNull();
    shipper.lines(List.of(line(T.plusSeconds(1), "two")));
    assertThat(shipper.next(late.plusSeconds(4))).isNull();
    shipper.lines(List.of(line(T.plusSeconds(2), "three")));
    assertThat(shipper.next(late.plusSeconds(8))).isNull();
    shipper.lines(List.of(line(T.plusSeconds(3), "[2] four")));
    assertThat(messages(shipper.next(late.plusSeconds(8))))
        .containsExactly("[1] one\ntwo\nthree\n");
  }

  @Test
  void anEventIsNotAskedForWhileTheReaderIsStopped() {
    LogShipper shipper = gathering();
    shipper.lines(List.of(line(T, "[" + "x".repeat(200_000)), line(T, "[" + "x".repeat(200_000))));
    shipper.lines(List.of(line(T, "[" + "x".repeat(200_000)), line(T, "[1] last")));
    assertThat(messages(shipper.next(T))).hasSize(3);
    shipper.failed(T, 0);
    assertThat(shipper.roomy()).isFalse();
    Instant later = T.plusSeconds(60);
    assertThat(messages(shipper.next(later))).hasSize(3);
    shipper.accepted();
    // Its rest may be what the reader did not bring: it waits from now on.
    assertThat(shipper.next(later)).isNull();
    assertThat(messages(shipper.next(later.plus(LogShipper.MAX_EVENT_SPAN))))
        .containsExactly("[1] last\n");
  }

  @Test
  void anEventHasItsLimits() {
    LogShipper old = gathering();
    old.lines(List.of(line(T, "[1]"), line(T.plusSeconds(4), "a"), line(T.plusSeconds(5), "b")));
    assertThat(messages(old.next(T))).as("by the stamps").containsExactly("[1]\na\n");

    LogShipper set = gathering();
    set.lines(List.of(line(T, "[1]"), line(T.minusSeconds(1), "a")));
    assertThat(messages(set.next(T))).as("a clock that was set").containsExactly("[1]\n");

    LogShipper many = gathering();
    List<LogLine> lines = new ArrayList<>();
    for (int i = 0; i <= LogShipper.MAX_EVENT_LINES; i++) {
      lines.add(line(T, "x"));
    }
    many.lines(lines);
    assertThat(messages(many.next(T)))
        .as("lines")
        .containsExactly("x\n".repeat(LogShipper.MAX_EVENT_LINES));

    LogShipper large = gathering();
    String half = "y".repeat(LogShipper.MAX_EVENT_BYTES / 2);
    large.lines(List.of(line(T, half), line(T, half)));
    assertThat(messages(large.next(T))).as("bytes").containsExactly(half + "\n");
    large.accepted();
    large.ended();
    assertThat(messages(large.next(T))).containsExactly(half + "\n");
  }

  @Test
  void whatIsLeftOfACutLineBeginsNoEvent() {
    LogShipper shipper = gathering();
    String whole = "x".repeat(LogShipper.MAX_EVENT_BYTES);
    shipper.lines(List.of(line(T, whole + "[rest"), line(T, "next")));
    shipper.ended();
    assertThat(messages(shipper.next(T))).containsExactly(whole, "[rest\nnext\n");
  }

  /// Output with equal and disordered stamps, parts on both streams and empty lines; the agent
  /// falls after any batch, with its cursor of then or of any batch before.
  @ParameterizedTest
  @MethodSource("seeds")
  void readingOnFromAnyCursorGivesTheSameEventsWithTheSameNumbers(long seed) {
    Random random = new Random(seed);
    readOnFromAnyCursor(output(random, 300, Duration.ZERO), random, start(seed));
  }

  /// The same while somebody sets the clock, back and ahead.
  @ParameterizedTest
  @MethodSource("seeds")
  void readingOnMissesNothingWhenTheClockIsSet(long seed) {
    Random random = new Random(seed);
    readOnFromAnyCursor(
        output(random, 300, LogShipper.CLOCK_STEP.dividedBy(2)), random, start(seed));
  }

  /// Every other time events are of several lines.
  private static @Nullable EventStart start(long seed) {
    return seed % 2 == 0 ? null : EventStart.matching("[37]$");
  }

  @Test
  void onlySoMuchIsReadAgain() {
    LogShipper shipper = new LogShipper(null, null);
    for (int i = 0; i < 3 * LogShipper.MAX_READ_AGAIN; i++) {
      shipper.lines(List.of(line(T.plusSeconds(i), "line " + i)));
      shipper.next(T.plusSeconds(i));
      shipper.accepted();
      assertThat(Objects.requireNonNull(shipper.cursor()).lines())
          .isLessThanOrEqualTo(LogShipper.MAX_READ_AGAIN);
    }
  }

  private static List<LogLine> output(Random random, int entries, Duration mostSet) {
    List<LogLine> output = new ArrayList<>();
    Instant at = T;
    Duration set = Duration.ZERO;
    Instant[] last = {T, T};
    for (int i = 0; i < entries; i++) {
      if (random.nextInt(40) == 0) {
        Duration now = mostSet.multipliedBy(random.nextInt(201) - 100).dividedBy(100);
        at = at.plus(now.minus(set));
        set = now;
        last[0] = at;
        last[1] = at;
      }
      at = at.plusNanos(random.nextInt(4) * 700_000L);
      // Each stream's stamps run forward; one stream's may lag behind the other's.
      int stream = random.nextInt(2);
      Instant lagging = at.minusNanos(random.nextInt(5) == 0 ? random.nextInt(2_000_000) : 0);
      last[stream] = lagging.isBefore(last[stream]) ? last[stream] : lagging;
      output.add(
          new LogLine(
              last[stream],
              (random.nextInt(10) == 0 ? "" : "line " + i).getBytes(StandardCharsets.UTF_8),
              random.nextInt(4) == 0,
              stream == 1));
    }
    return output;
  }

  private static void readOnFromAnyCursor(
      List<LogLine> output, Random random, @Nullable EventStart start) {
    List<String> whole = new ArrayList<>();
    List<@Nullable LogCursor> cursors = new ArrayList<>();
    cursors.add(null);
    ship(new LogShipper(null, start), output, random, whole, cursors);

    for (LogCursor cursor : cursors) {
      List<LogLine> rest =
          cursor == null
              ? output
              : output.stream().filter(line -> !line.at().isBefore(cursor.since())).toList();
      List<String> again = new ArrayList<>();
      ship(new LogShipper(cursor, start), rest, random, again, new ArrayList<>());
      int from = cursor == null ? 0 : (int) cursor.events();
      assertThat(again).isEqualTo(whole.subList(from, whole.size()));
    }
  }

  static LongStream seeds() {
    return LongStream.rangeClosed(1, 200);
  }

  private static void ship(
      LogShipper shipper,
      List<LogLine> output,
      Random random,
      List<String> shipped,
      List<@Nullable LogCursor> cursors) {
    Instant now = T;
    int read = 0;
    long expected = -1;
    while (!shipper.drained()) {
      now = now.plusSeconds(1);
      int to = Math.min(output.size(), read + random.nextInt(20));
      shipper.lines(output.subList(read, to));
      read = to;
      if (read == output.size()) {
        shipper.ended();
      }
      Batch batch = shipper.next(now);
      if (batch != null) {
        assertThat(expected == -1 || batch.position() == expected).isTrue();
        expected = batch.position() + batch.events().size();
        for (int i = 0; i < batch.events().size(); i++) {
          shipped.add((batch.position() + i) + " " + batch.events().get(i).message());
        }
        shipper.accepted();
        cursors.add(shipper.cursor());
      }
    }
  }
}

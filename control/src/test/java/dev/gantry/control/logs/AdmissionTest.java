package dev.gantry.control.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.gantry.api.logs.InputLogEvent;
import dev.gantry.api.logs.RejectedLogEventsInfo;
import dev.gantry.wire.shape.ServiceException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

class AdmissionTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofDays(1);

  private static final int ROOM_OF_ONE_EVENT = 1_048_576 - 26;

  /// Name, retention, the events' times from now in milliseconds, first stored, first not stored
  /// behind them, what is told: too new from, too old to, expired to.
  static final List<Arguments> BATCHES =
      List.of(
          row("now", null, ages(0), 0, 1, null, null, null),
          row("as new as may be", null, ages(hours(2)), 0, 1, null, null, null),
          row("too new", null, ages(hours(2) + 1), 0, 0, 0, null, null),
          row("as old as may be", null, ages(-days(14)), 0, 1, null, null, null),
          row("too old", null, ages(-days(14) - 1), 1, 1, null, 1, null),
          row("as old as the retention", 1, ages(-days(1)), 0, 1, null, null, null),
          row("older than the retention", 1, ages(-days(1) - 1), 1, 1, null, null, 1),
          row(
              "a retention longer than what is too old anyway",
              30,
              ages(-days(31), -days(20), 0),
              2,
              3,
              null,
              2,
              1),
          row(
              "some of each kind",
              1,
              ages(
                  -days(16),
                  -days(15),
                  -days(2),
                  -hours(36),
                  -hours(2),
                  -hours(1),
                  hours(3),
                  hours(4)),
              4,
              6,
              6,
              2,
              4),
          row("24 hours", null, ages(-hours(24), 0), 0, 2, null, null, null),
          row(
              "what is not stored does not count in the 24 hours",
              null,
              ages(-days(20), -hours(23), 0, hours(3)),
              1,
              3,
              3,
              1,
              null),
          row("nothing in between", null, ages(-days(20), hours(3)), 1, 1, 1, 1, null));

  @ParameterizedTest(name = "{0}")
  @FieldSource("BATCHES")
  void stores(
      String name,
      @Nullable Integer retention,
      List<InputLogEvent> events,
      int from,
      int to,
      @Nullable RejectedLogEventsInfo told) {
    Admission admission = Admission.of(events, NOW, retention);

    assertThat(admission.from()).isEqualTo(from);
    assertThat(admission.to()).isEqualTo(to);
    assertThat(admission.rejected()).isEqualTo(told);
  }

  @Test
  void refusesABatchOfMoreThan24Hours() {
    assertRefused(
        ages(-hours(24) - 1, 0),
        "The batch of log events in a single PutLogEvents request cannot span more than 24"
            + " hours.");
  }

  @Test
  void refusesABatchOutOfOrder() {
    assertRefused(
        ages(0, -1), "Log events in a single PutLogEvents request must be in chronological order.");
  }

  @Test
  void takesEventsOfTheSameTime() {
    assertThat(Admission.of(ages(-5, -5, -5), NOW, null).to()).isEqualTo(3);
  }

  @Test
  void countsBytesOfUtf8And26ForEachEvent() {
    assertThat(Admission.of(List.of(event("é".repeat(ROOM_OF_ONE_EVENT / 2))), NOW, null).to())
        .isEqualTo(1);
    assertRefused(
        List.of(event("é".repeat(ROOM_OF_ONE_EVENT / 2 + 1))),
        "Log event too large: 1048578 bytes exceeds limit of 1048576");
    String half = "x".repeat(1_048_576 / 2 - 26);
    assertThat(Admission.of(List.of(event(half), event(half)), NOW, null).to()).isEqualTo(2);
    assertRefused(
        List.of(event(half), event(half + "x")),
        "Upload too large: 1048577 bytes exceeds limit of 1048576");
  }

  private static void assertRefused(List<InputLogEvent> events, String text) {
    assertThatExceptionOfType(ServiceException.class)
        .isThrownBy(() -> Admission.of(events, NOW, null))
        .withMessage(text)
        .satisfies(refused -> assertThat(refused.code()).isEqualTo("InvalidParameterException"));
  }

  private static Arguments row(
      String name,
      @Nullable Integer retention,
      List<InputLogEvent> events,
      int from,
      int to,
      @Nullable Integer tooNew,
      @Nullable Integer tooOld,
      @Nullable Integer expired) {
    RejectedLogEventsInfo told =
        tooNew == null && tooOld == null && expired == null
            ? null
            : new RejectedLogEventsInfo(tooNew, tooOld, expired);
    return Arguments.of(name, retention, events, from, to, told);
  }

  private static long hours(int hours) {
    return HOUR.multipliedBy(hours).toMillis();
  }

  private static long days(int days) {
    return DAY.multipliedBy(days).toMillis();
  }

  private static List<InputLogEvent> ages(long... millisFromNow) {
    return Arrays.stream(millisFromNow)
        .mapToObj(millis -> new InputLogEvent(NOW.toEpochMilli() + millis, "line"))
        .toList();
  }

  private static InputLogEvent event(String message) {
    return new InputLogEvent(NOW.toEpochMilli(), message);
  }
}

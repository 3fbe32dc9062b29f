package dev.gantry.control.logs;

import dev.gantry.api.logs.InputLogEvent;
import dev.gantry.api.logs.LogsErrors;
import dev.gantry.api.logs.RejectedLogEventsInfo;
import dev.gantry.store.LogStore;
import dev.gantry.wire.shape.ServiceException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which events of a PutLogEvents batch are stored. A batch that breaks a rule is refused as a
/// whole; of one that keeps them, the events that are too old or too new are left out and the
/// caller is told which.
///
/// The rules are those of the API Reference, PutLogEvents; the order of the checks, that the 24
/// hours count from the first to the last event that is *stored*, and that exactly 24 hours pass,
/// is how CloudWatch Logs answered in September 2026 (github.com/radkawar/stackd,
/// testdata/aws/logs/ingestion.json).
///
/// @param from the first event that is stored
/// @param to the first event behind those that are stored
/// @param rejected what is told of the others; null if there are none
record Admission(int from, int to, @Nullable RejectedLogEventsInfo rejected) {
  /// The most bytes of a batch, and of an event (256 KiB until 2025): messages in UTF-8 and
  /// [LogStore#EVENT_OVERHEAD_BYTES] for each event. The most events, 10,000, are in the model.
  static final int MAX_BYTES = 1_048_576;

  /// The time from the first to the last event of a batch.
  static final Duration MAX_SPAN = Duration.ofHours(24);

  /// Later events are too new.
  static final Duration MAX_AHEAD = Duration.ofHours(2);

  /// Earlier events are too old.
  static final Duration MAX_AGE = Duration.ofDays(14);

  /// Applies the rules.
  ///
  /// @param retentionInDays the retention of the group; null for ever
  /// @throws ServiceException InvalidParameterException if the batch is refused
  static Admission of(List<InputLogEvent> events, Instant now, @Nullable Integer retentionInDays) {
    checkSize(events);
    checkOrder(events);
    int tooNew = firstFrom(events, now.plus(MAX_AHEAD).toEpochMilli() + 1);
    int tooOld = firstFrom(events, now.minus(MAX_AGE).toEpochMilli());
    int expired =
        retentionInDays == null
            ? 0
            : firstFrom(events, now.minus(Duration.ofDays(retentionInDays)).toEpochMilli());
    int from = Math.min(Math.max(tooOld, expired), tooNew);
    if (from < tooNew
        && timestamp(events.get(tooNew - 1)) - timestamp(events.get(from)) > MAX_SPAN.toMillis()) {
      throw LogsErrors.invalidParameterException(
          "The batch of log events in a single PutLogEvents request cannot span more than 24"
              + " hours.");
    }
    boolean all = from == 0 && tooNew == events.size();
    return new Admission(
        from,
        tooNew,
        all
            ? null
            : RejectedLogEventsInfo.builder()
                .tooNewLogEventStartIndex(tooNew == events.size() ? null : tooNew)
                .tooOldLogEventEndIndex(tooOld == 0 ? null : tooOld)
                .expiredLogEventEndIndex(expired == 0 ? null : expired)
                .build());
  }

  private static void checkSize(List<InputLogEvent> events) {
    long batch = 0;
    for (InputLogEvent event : events) {
      long size = LogStore.sizeOf(String.valueOf(event.message()));
      if (size > MAX_BYTES) {
        throw LogsErrors.invalidParameterException(
            "Log event too large: " + size + " bytes exceeds limit of " + MAX_BYTES);
      }
      batch += size;
    }
    if (batch > MAX_BYTES) {
      throw LogsErrors.invalidParameterException(
          "Upload too large: " + batch + " bytes exceeds limit of " + MAX_BYTES);
    }
  }

  private static void checkOrder(List<InputLogEvent> events) {
    long before = Long.MIN_VALUE;
    for (InputLogEvent event : events) {
      if (timestamp(event) < before) {
        throw LogsErrors.invalidParameterException(
            "Log events in a single PutLogEvents request must be in chronological order.");
      }
      before = timestamp(event);
    }
  }

  /// The place of the first event at or after a time.
  private static int firstFrom(List<InputLogEvent> events, long time) {
    int place = 0;
    while (place < events.size() && timestamp(events.get(place)) < time) {
      place++;
    }
    return place;
  }

  private static long timestamp(InputLogEvent event) {
    Long timestamp = event.timestamp();
    if (timestamp == null) {
      throw new IllegalArgumentException("The model requires a timestamp");
    }
    return timestamp;
  }
}

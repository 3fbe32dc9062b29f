package dev.gantry.agent;

import dev.gantry.agent.AgentEvent.LogLine;
import dev.gantry.api.logs.InputLogEvent;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Ships one container's output: lines in, batches for PutLogEvents out.
///
/// Rules: events leave in the order the container wrote them, one batch at a time; a line is sent
/// at once when nothing is under way, and in batches under load; nothing is forgotten before it was
/// accepted; the queue is bounded, by asking the reader to stop. The cursor tells what was accepted
/// and only moves forward, so that reading again from it, after the agent's restart or a broken
/// stream, doubles nothing.
///
/// Pure: it does nothing by itself, and time is an argument. One owner, no lock.
final class LogShipper {

  /// PutLogEvents: most events in a batch.
  static final int MAX_BATCH_EVENTS = 10_000;

  /// PutLogEvents: most bytes in a batch, messages in UTF-8 and [#EVENT_OVERHEAD] each.
  static final int MAX_BATCH_BYTES = 1_048_576;

  /// PutLogEvents: what each event costs beyond its message.
  static final int EVENT_OVERHEAD = 26;

  /// PutLogEvents: a batch spans less than this.
  static final Duration MAX_BATCH_SPAN = Duration.ofHours(24);

  /// A longer line becomes several events, at the size at which the engine's own `awslogs` driver
  /// cuts (256 KiB less the overhead), so that both agents' logs look alike.
  static final int MAX_EVENT_BYTES = 262_144 - EVENT_OVERHEAD;

  /// The reader is asked to stop while more than this is queued.
  static final int MAX_QUEUE_BYTES = 512 * 1024;

  /// A batch follows the one before it no sooner than this, unless it is large: a chatty container
  /// makes some twenty calls a second, not a thousand.
  static final Duration PACE = Duration.ofMillis(50);

  /// A batch of this size waits for no pace.
  static final int LARGE_BATCH_BYTES = 64 * 1024;

  /// The engine stamps the two output streams on two threads, so stamps may run backwards by a
  /// hair; the cursor begins this much before the newest line.
  static final Duration STAMP_DISORDER = Duration.ofMillis(5);

  /// One line, or one piece of an overlong one.
  ///
  /// @param first the number of the engine's entry that it begins with
  private record Event(long first, long timestamp, String message, int bytes) {}

  /// One entry of the engine's, as the cursor counts them.
  private record Entry(long number, Instant at) {}

  /// A line whose end was not read yet.
  private static final class Unfinished {
    private long first;
    private long timestamp;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  }

  private final @Nullable Instant readFrom;
  private final long acceptedLines;
  private final long acceptedEvents;
  private @Nullable LogCursor cursor;

  private final Deque<Event> queue = new ArrayDeque<>();
  private final Deque<Entry> entries = new ArrayDeque<>();
  private final List<Event> flying = new ArrayList<>();
  private final @Nullable Unfinished[] unfinished = new Unfinished[2];
  private long nextEntry;
  private long nextEvent;
  private int queuedBytes;
  private boolean ended;
  private Retry retry = Retry.NONE;
  private @Nullable Instant lastPut;

  /// @param cursor where reading began; null for the container's first line
  /// @param acceptedEvents how many events the log service is known to have from there on; at least
  ///   as many as the cursor says if the agent fell between the two
  LogShipper(@Nullable LogCursor cursor, long acceptedEvents) {
    this.cursor = cursor;
    this.readFrom = cursor == null ? null : cursor.since();
    this.acceptedLines = cursor == null ? 0 : cursor.lines();
    this.acceptedEvents = acceptedEvents;
  }

  /// Takes what was read, in order.
  void lines(List<LogLine> lines) {
    for (LogLine line : lines) {
      if (readFrom != null && line.at().isBefore(readFrom)) {
        continue;
      }
      long number = nextEntry++;
      entries.add(new Entry(number, line.at()));
      join(number, line);
    }
  }

  /// Everything was read.
  void ended() {
    for (int stream = 0; stream < unfinished.length; stream++) {
      flush(stream);
    }
    ended = true;
  }

  /// True if more may be read.
  boolean roomy() {
    return queuedBytes <= MAX_QUEUE_BYTES;
  }

  /// True once everything was read and accepted.
  boolean drained() {
    return ended && queue.isEmpty() && flying.isEmpty();
  }

  /// True while a batch is under way.
  boolean busy() {
    return !flying.isEmpty();
  }

  /// The batch to be put now, which is under way from here on; empty if none is due.
  List<InputLogEvent> next(Instant now) {
    if (!flying.isEmpty() || queue.isEmpty() || !retry.due(now) || paced(now)) {
      return List.of();
    }
    takeBatch();
    lastPut = now;
    // The service wants a batch in order of time; equal stamps keep the order of writing.
    return flying.stream()
        .sorted(Comparator.comparingLong(Event::timestamp))
        .map(event -> new InputLogEvent(event.timestamp(), event.message()))
        .toList();
  }

  /// When [#next] may have a batch although nothing happens; null for never.
  @Nullable Instant wakeAt(Instant now) {
    if (!flying.isEmpty() || queue.isEmpty()) {
      return null;
    }
    if (!retry.due(now)) {
      return retry.at();
    }
    Instant last = lastPut;
    return last != null && paced(now) ? last.plus(PACE) : now;
  }

  /// The batch under way was accepted, or is given up.
  void accepted() {
    for (Event event : flying) {
      queuedBytes -= event.bytes();
    }
    flying.clear();
    retry = Retry.NONE;
    moveCursor();
  }

  /// The batch under way must be put again.
  void failed(Instant now, double chance) {
    for (int i = flying.size() - 1; i >= 0; i--) {
      queue.addFirst(flying.get(i));
    }
    flying.clear();
    retry = retry.failed(now, Backoff.LOGS, chance);
  }

  /// What was accepted so far; null if nothing was.
  @Nullable LogCursor cursor() {
    return cursor;
  }

  private boolean paced(Instant now) {
    Instant last = lastPut;
    return last != null
        && !ended
        && queuedBytes < LARGE_BATCH_BYTES
        && now.isBefore(last.plus(PACE));
  }

  private void takeBatch() {
    long bytes = 0;
    long earliest = Long.MAX_VALUE;
    long latest = Long.MIN_VALUE;
    while (!queue.isEmpty() && flying.size() < MAX_BATCH_EVENTS) {
      Event event = queue.getFirst();
      long from = Math.min(earliest, event.timestamp());
      long to = Math.max(latest, event.timestamp());
      boolean first = flying.isEmpty();
      if (!first
          && (bytes + event.bytes() > MAX_BATCH_BYTES || to - from >= MAX_BATCH_SPAN.toMillis())) {
        return;
      }
      bytes += event.bytes();
      earliest = from;
      latest = to;
      flying.add(queue.removeFirst());
    }
  }

  private void join(long number, LogLine line) {
    int stream = line.error() ? 1 : 0;
    byte[] bytes = line.bytes();
    int from = 0;
    while (true) {
      Unfinished open = unfinished[stream];
      if (open == null) {
        if (from == bytes.length) {
          return;
        }
        open = new Unfinished();
        open.first = number;
        open.timestamp = line.at().toEpochMilli();
        unfinished[stream] = open;
      }
      int room = MAX_EVENT_BYTES - open.bytes.size();
      int rest = bytes.length - from;
      if (rest <= room) {
        open.bytes.write(bytes, from, rest);
        break;
      }
      int cut = boundary(bytes, from, from + room);
      open.bytes.write(bytes, from, cut - from);
      from = cut;
      flush(stream);
    }
    if (!line.partial()) {
      flush(stream);
    }
  }

  /// The last place at or before `to` that does not cut a UTF-8 character; `to` itself if there is
  /// none nearby, as in bytes that are not UTF-8.
  private static int boundary(byte[] bytes, int from, int to) {
    for (int cut = to; cut > from && cut > to - 4; cut--) {
      if ((bytes[cut] & 0xC0) != 0x80) {
        return cut;
      }
    }
    return to;
  }

  private void flush(int stream) {
    Unfinished open = unfinished[stream];
    unfinished[stream] = null;
    // The service takes no empty message; the engine's own driver leaves empty lines out, too.
    if (open == null || open.bytes.size() == 0) {
      return;
    }
    String message = open.bytes.toString(StandardCharsets.UTF_8);
    long number = nextEvent++;
    if (number < acceptedEvents || open.first < acceptedLines) {
      return;
    }
    int bytes = message.getBytes(StandardCharsets.UTF_8).length + EVENT_OVERHEAD;
    queue.add(new Event(open.first, open.timestamp, message, bytes));
    queuedBytes += bytes;
  }

  /// Moves the cursor to the oldest entry that is not accepted.
  private void moveCursor() {
    long open = nextEntry;
    for (Event event : queue) {
      open = Math.min(open, event.first());
    }
    for (Unfinished line : unfinished) {
      if (line != null) {
        open = Math.min(open, line.first);
      }
    }
    Instant newest = null;
    for (Entry entry : entries) {
      if (entry.number() < open && (newest == null || entry.at().isAfter(newest))) {
        newest = entry.at();
      }
    }
    if (newest == null) {
      return;
    }
    // Whole milliseconds, as the service counts them.
    Instant since = newest.minus(STAMP_DISORDER).truncatedTo(ChronoUnit.MILLIS);
    LogCursor before = cursor;
    if (before != null && since.isBefore(before.since())) {
      since = before.since();
    }
    int lines = 0;
    for (Iterator<Entry> each = entries.iterator(); each.hasNext(); ) {
      Entry entry = each.next();
      if (entry.number() >= open) {
        continue;
      }
      if (entry.at().isBefore(since)) {
        each.remove();
      } else {
        lines++;
      }
    }
    cursor = new LogCursor(since, lines);
  }
}

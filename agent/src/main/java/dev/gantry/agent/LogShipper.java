package dev.gantry.agent;

import dev.gantry.agent.AgentEvent.LogLine;
import dev.gantry.api.logs.InputLogEvent;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Ships one container's output: lines in, batches for PutLogEvents out.
///
/// Rules: events leave in the order the container wrote them, one batch at a time; a line is sent
/// at once when nothing is under way, and in batches under load; nothing is forgotten before it was
/// accepted; the queue is bounded, by asking the reader to stop. Events are numbered from the
/// container's first on, the same event with the same number however often it is read, so that the
/// log service can tell a batch that it has already. The cursor says what was accepted and only
/// moves forward: reading goes on from it after the agent's restart or a broken stream.
///
/// A task may ask for events of several lines ([EventStart]); they are made as the engine's own
/// `awslogs` driver makes them: of the lines of both streams, each with a line break at its end.
/// Such an event ends with the line before the next beginning, at [#MAX_EVENT_BYTES], after
/// [#MAX_EVENT_LINES] or [#MAX_EVENT_SPAN] by the engine's stamps, or when nothing more is heard
/// for as long. All of these but the last come out the same when the output is read again; the last
/// does too, unless the engine gave a line out late.
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
  /// hair; the cursor begins this much before the newest line at least.
  static final Duration STAMP_DISORDER = Duration.ofMillis(5);

  /// If somebody sets the host's clock back, what a container writes next is stamped before what
  /// was accepted, and an engine that is asked for what came later does not give it. So the cursor
  /// begins this much before the newest line, as far as [#MAX_READ_AGAIN] allows.
  static final Duration CLOCK_STEP = Duration.ofMinutes(10);

  /// Reading from the cursor gives about so many entries again, at most, that were accepted.
  static final int MAX_READ_AGAIN = 500;

  /// The service wants a batch in order of time. A stamp that runs backwards by less than this is
  /// raised to the one before it; one that runs back further (somebody set the clock) begins a new
  /// batch.
  static final Duration MAX_RAISE = Duration.ofSeconds(1);

  /// A line whose end does not come is sent as it is when so many entries have come after its
  /// beginning; till then it holds the cursor back.
  static final int MAX_ENTRIES_UNFINISHED = 1_000;

  /// An event of several lines spans no more than this, and waits no longer for its next line: the
  /// time for which the engine's own driver holds one back.
  static final Duration MAX_EVENT_SPAN = Duration.ofSeconds(5);

  /// The most lines of one event: what is remembered of each is bounded.
  static final int MAX_EVENT_LINES = 10_000;

  /// Events to be put, in order.
  ///
  /// @param position the number of the first one
  record Batch(long position, List<InputLogEvent> events) {}

  /// One line, or one piece of an overlong one.
  ///
  /// @param number counts the container's events from 0
  /// @param span the engine's entries that it was made of
  private record Event(long number, Span span, long timestamp, String message, int bytes) {}

  /// A stretch of the engine's entries, both ends included. Between them there may be entries of
  /// the other stream.
  private record Span(long first, long last) {}

  /// One entry of the engine's, as the cursor counts them.
  private record Entry(long number, Instant at) {}

  /// A line whose end was not read yet.
  private static final class Unfinished {
    private final long first;
    private final Instant at;
    private final boolean continued;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /// @param continued whether it is what was left of a line that was cut
    Unfinished(long first, Instant at, boolean continued) {
      this.first = first;
      this.at = at;
      this.continued = continued;
    }
  }

  /// An event of several lines whose end was not seen yet.
  private static final class Gathering {
    private final Instant at;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private long first;
    private long last;
    private int lines;
    private @Nullable Instant quietSince;

    Gathering(long first, Instant at) {
      this.first = first;
      this.at = at;
    }

    boolean takes(Unfinished line) {
      Duration after = Duration.between(at, line.at);
      return bytes.size() + line.bytes.size() + 1 <= MAX_EVENT_BYTES
          && lines < MAX_EVENT_LINES
          && after.compareTo(MAX_EVENT_SPAN) < 0
          && after.compareTo(MAX_RAISE.negated()) > 0;
    }
  }

  private final @Nullable Instant readFrom;
  private final long acceptedLines;
  private @Nullable LogCursor cursor;

  private final Deque<Event> queue = new ArrayDeque<>();
  private final List<Event> flying = new ArrayList<>();
  private final @Nullable Unfinished[] unfinished = new Unfinished[2];
  private final @Nullable EventStart eventStart;
  private @Nullable Gathering gathering;

  /// Entries that the cursor has not passed, or that it must count.
  private final Deque<Entry> entries = new ArrayDeque<>();

  /// Accepted events that the cursor has not passed, because a line of the other stream that is not
  /// accepted holds it back.
  private final List<Span> acceptedAhead = new ArrayList<>();

  private long nextEntry;
  private long nextEvent;
  private long acceptedEvents;
  private int queuedBytes;
  private boolean ended;
  private Retry retry = Retry.NONE;
  private @Nullable Instant lastPut;

  /// @param cursor where reading begins; null for the container's first line
  /// @param eventStart with what lines events begin; null if each line is one
  LogShipper(@Nullable LogCursor cursor, @Nullable EventStart eventStart) {
    this.cursor = cursor;
    this.eventStart = eventStart;
    this.readFrom = cursor == null ? null : cursor.since();
    this.acceptedLines = cursor == null ? 0 : cursor.lines();
    this.nextEvent = cursor == null ? 0 : cursor.events();
    this.acceptedEvents = nextEvent;
  }

  /// Takes what was read, in order.
  void lines(List<LogLine> lines) {
    for (LogLine line : lines) {
      if (readFrom != null && line.at().isBefore(readFrom)) {
        continue;
      }
      long number = nextEntry++;
      entries.add(new Entry(number, line.at()));
      if (number < acceptedLines) {
        continue;
      }
      join(number, line);
      for (int stream = 0; stream < unfinished.length; stream++) {
        Unfinished open = unfinished[stream];
        if (open != null && nextEntry - open.first >= MAX_ENTRIES_UNFINISHED) {
          flush(stream, true);
        }
      }
    }
  }

  /// Everything was read.
  void ended() {
    for (int stream = 0; stream < unfinished.length; stream++) {
      flush(stream, true);
    }
    gathered();
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

  /// The batch to be put now, which is under way from here on; null if none is due.
  @Nullable Batch next(Instant now) {
    if (quiet(now)) {
      gathered();
    }
    if (!flying.isEmpty() || queue.isEmpty() || !retry.due(now) || paced(now)) {
      return null;
    }
    lastPut = now;
    return new Batch(queue.getFirst().number(), takeBatch());
  }

  /// When [#next] may have a batch although nothing happens; null for never.
  @Nullable Instant wakeAt(Instant now) {
    Gathering open = gathering;
    if (queue.isEmpty() && open != null) {
      return open.quietSince == null ? now : open.quietSince.plus(MAX_EVENT_SPAN);
    }
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
      acceptedEvents = event.number() + 1;
      acceptedAhead.add(event.span());
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

  private List<InputLogEvent> takeBatch() {
    List<InputLogEvent> batch = new ArrayList<>();
    long bytes = 0;
    long earliest = 0;
    long latest = 0;
    while (!queue.isEmpty() && batch.size() < MAX_BATCH_EVENTS) {
      Event event = queue.getFirst();
      long timestamp = event.timestamp();
      if (batch.isEmpty()) {
        earliest = timestamp;
      } else if (bytes + event.bytes() > MAX_BATCH_BYTES
          || timestamp - earliest >= MAX_BATCH_SPAN.toMillis()
          || latest - timestamp >= MAX_RAISE.toMillis()) {
        break;
      } else {
        timestamp = Math.max(timestamp, latest);
      }
      latest = timestamp;
      bytes += event.bytes();
      flying.add(queue.removeFirst());
      batch.add(new InputLogEvent(timestamp, event.message()));
    }
    return batch;
  }

  private void join(long number, LogLine line) {
    int stream = line.error() ? 1 : 0;
    byte[] bytes = line.bytes();
    int from = 0;
    boolean cutBefore = false;
    while (true) {
      Unfinished open = unfinished[stream];
      if (open == null) {
        if (from == bytes.length && (eventStart == null || line.partial())) {
          return;
        }
        open = new Unfinished(number, line.at(), cutBefore);
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
      cutBefore = true;
      flush(stream, false);
    }
    if (!line.partial()) {
      flush(stream, true);
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

  /// @param whole whether the line ends here
  private void flush(int stream, boolean whole) {
    Unfinished open = unfinished[stream];
    unfinished[stream] = null;
    if (open == null) {
      return;
    }
    if (eventStart != null) {
      gather(eventStart, open, whole);
    } else if (open.bytes.size() > 0) {
      // The service takes no empty message; the engine's own driver leaves empty lines out, too.
      queue(new Span(open.first, nextEntry - 1), open.at, open.bytes);
    }
  }

  /// Adds a line to the event that is open, or ends that one and begins the next.
  private void gather(EventStart start, Unfinished line, boolean whole) {
    boolean begins = !line.continued && start.begins(line.bytes.toByteArray());
    Gathering open = gathering;
    if (open != null && (begins || !open.takes(line))) {
      gathered();
      open = null;
    }
    if (open == null) {
      open = new Gathering(line.first, line.at);
      gathering = open;
    }
    open.first = Math.min(open.first, line.first);
    open.last = nextEntry - 1;
    open.lines++;
    open.quietSince = null;
    open.bytes.writeBytes(line.bytes.toByteArray());
    if (whole && open.bytes.size() < MAX_EVENT_BYTES) {
      open.bytes.write('\n');
    }
  }

  /// Ends the event that is open.
  private void gathered() {
    Gathering open = gathering;
    gathering = null;
    if (open != null) {
      queue(new Span(open.first, open.last), open.at, open.bytes);
    }
  }

  /// Whether the event that is open has waited long enough for its next line. It does not wait
  /// while the reader is asked to stop.
  private boolean quiet(Instant now) {
    Gathering open = gathering;
    if (open == null) {
      return false;
    }
    if (open.quietSince == null || !roomy()) {
      open.quietSince = now;
      return false;
    }
    return !now.isBefore(open.quietSince.plus(MAX_EVENT_SPAN));
  }

  private void queue(Span span, Instant at, ByteArrayOutputStream text) {
    String message = text.toString(StandardCharsets.UTF_8);
    int bytes = message.getBytes(StandardCharsets.UTF_8).length + EVENT_OVERHEAD;
    queue.add(new Event(nextEvent++, span, at.toEpochMilli(), message, bytes));
    queuedBytes += bytes;
  }

  /// The entry to read again from: none before it is missing, and no event has some entries before
  /// and some after it, so that reading from there makes the same events.
  private long openEntry() {
    long open = nextEntry;
    for (Event event : queue) {
      open = Math.min(open, event.span().first());
    }
    for (Unfinished line : unfinished) {
      if (line != null) {
        open = Math.min(open, line.first);
      }
    }
    if (gathering != null) {
      open = Math.min(open, gathering.first);
    }
    boolean moved = true;
    while (moved) {
      moved = false;
      for (Span accepted : acceptedAhead) {
        if (accepted.first() < open && accepted.last() >= open) {
          open = accepted.first();
          moved = true;
        }
      }
    }
    return open;
  }

  private void moveCursor() {
    long open = openEntry();
    Instant since = since(open);
    if (since == null) {
      return;
    }
    int lines = 0;
    for (Iterator<Entry> each = entries.iterator(); each.hasNext(); ) {
      Entry entry = each.next();
      if (entry.number() >= open) {
        break;
      }
      if (entry.at().isBefore(since)) {
        each.remove();
      } else {
        lines++;
      }
    }
    acceptedAhead.removeIf(accepted -> accepted.last() < open);
    cursor = new LogCursor(since, lines, acceptedEvents - acceptedAhead.size());
  }

  /// Where to read again from if everything before this entry is accepted; null for the beginning.
  private @Nullable Instant since(long open) {
    Instant newest = null;
    Instant oldestOfLatest = null;
    for (Entry entry : entries) {
      if (entry.number() >= open) {
        break;
      }
      newest = newest == null || entry.at().isAfter(newest) ? entry.at() : newest;
      boolean latest = entry.number() >= open - MAX_READ_AGAIN;
      if (latest && (oldestOfLatest == null || entry.at().isBefore(oldestOfLatest))) {
        oldestOfLatest = entry.at();
      }
    }
    // What is stamped before the cursor is not known any more: it never moves back.
    Instant before = cursor == null ? null : cursor.since();
    if (newest == null) {
      return before;
    }
    Instant since = newest.minus(CLOCK_STEP);
    if (open > MAX_READ_AGAIN && oldestOfLatest != null && oldestOfLatest.isAfter(since)) {
      since = oldestOfLatest;
    }
    if (since.isAfter(newest.minus(STAMP_DISORDER))) {
      since = newest.minus(STAMP_DISORDER);
    }
    return before != null && since.isBefore(before) ? before : since;
  }
}

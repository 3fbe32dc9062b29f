package dev.gantry.store;

import dev.gantry.model.LogGroupId;
import dev.gantry.model.LogStreamId;
import java.util.List;
import java.util.SortedMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Where log events live. They are not State: they are streams, appended in batches, read in pages,
/// and dropped by age. State knows which groups and streams exist; this store knows what is in
/// them, and takes a stream it has never heard of for an empty one.
///
/// No method blocks. Each answers through its [Callback] exactly once, from the store's own thread
/// or, when it refuses at once, from the caller's before it returns. What changes something is done
/// in the order it was asked for. Reads see everything that was answered before they were asked
/// for.
///
/// **An append that was answered is on disk**: it survives the loss of the process and of the
/// machine's power, as every other acknowledged write does. A failure, a full disk say, is told to
/// whom it concerns; the store goes on.
///
/// Order: the events of a stream are ordered by their timestamp, and those with the same timestamp
/// by the order in which they were accepted. All times are milliseconds since 1970, as in the API.
public interface LogStore extends AutoCloseable {

  /// The most events of one page (GetLogEvents, FilterLogEvents).
  int MAX_PAGE_EVENTS = 10_000;

  /// The most bytes of one page (GetLogEvents: 1 MB). A single event that is larger is a page of
  /// its own.
  int MAX_PAGE_BYTES = 1024 * 1024;

  /// What an event counts beside its message in UTF-8 (PutLogEvents).
  int EVENT_OVERHEAD_BYTES = 26;

  /// How many events one [#filter] looks at before it answers with what it found so far.
  int MAX_SCANNED_EVENTS = 50_000;

  /// How many bytes of events one [#filter] looks at before it answers with what it found so far.
  int MAX_SCANNED_BYTES = 32 * 1024 * 1024;

  /// The most events of one append (PutLogEvents).
  int MAX_APPENDED_EVENTS = 10_000;

  /// How many streams one [#filter] merges at most.
  int MAX_MERGED_STREAMS = 100_000;

  /// How many requests that change something may wait.
  int MAX_QUEUED_WRITES = 8_192;

  /// How many bytes of appended events may wait.
  int MAX_QUEUED_BYTES = 64 * 1024 * 1024;

  /// How many reads may wait.
  int MAX_QUEUED_READS = 1_024;

  /// How many events one [#expire] drops at most.
  int MAX_EXPIRED_EVENTS = 10_000;

  /// Adds events to a stream.
  ///
  /// @param events at most [#MAX_APPENDED_EVENTS]; in any order
  /// @param ingestedAt when they were received
  /// @param origin says where they stand in what their sender sends, so that a batch that is sent
  ///   again is not stored twice; null for a sender that does not know
  void append(
      LogStreamId stream,
      List<Event> events,
      long ingestedAt,
      @Nullable Origin origin,
      Callback<Appended> callback);

  /// Reads a page of one stream.
  void read(Read query, Callback<Page> callback);

  /// Reads a page of the events of many streams that a filter lets through.
  void filter(Filter query, Callback<FilteredPage> callback);

  /// What is in the given streams. Those in which nothing is are left out.
  void stats(List<LogStreamId> streams, Callback<SortedMap<LogStreamId, Stats>> callback);

  /// The streams of a group by the time of their last event; those in which nothing is are left
  /// out.
  void byLastEvent(ByLastEvent query, Callback<List<Stats>> callback);

  /// How many bytes of events the given groups hold; 0 for those in which nothing is.
  void storedBytes(List<LogGroupId> groups, Callback<SortedMap<LogGroupId, Long>> callback);

  /// Drops a stream. Nothing of it is seen any more once this is answered; its space is freed bit
  /// by bit. Answers whether anything was there.
  void deleteStream(LogStreamId stream, Callback<Boolean> callback);

  /// Drops all streams of a group, as [#deleteStream].
  void deleteGroup(LogGroupId group, Callback<Boolean> callback);

  /// Drops every stream that is not to be kept, and answers how many. State and this store commit
  /// apart: after a crash between the two, a stream may be gone from State and still be here.
  /// Called at each start, before any append, so that a stream of the same name does not begin with
  /// old events.
  ///
  /// @param keep is called on the store's thread
  void retainOnly(Predicate<LogStreamId> keep, Callback<Integer> callback);

  /// Drops events of a group that are older than `before`, at most [#MAX_EXPIRED_EVENTS] of them.
  /// Answers whether there may be more to drop.
  void expire(LogGroupId group, long before, Callback<Boolean> callback);

  /// Finishes what was asked for and ends. Blocks.
  @Override
  void close();

  /// How a request ended.
  ///
  /// @param <T> what it answers
  interface Callback<T> {
    /// It was done.
    void done(T result);

    /// It was not; nothing of it is visible, unless the kind is CLOSED or FAILED.
    void failed(StoreException cause);
  }

  /// An event to be added.
  ///
  /// @param timestamp when it happened
  record Event(long timestamp, String message) {}

  /// Where a batch stands in what one sender sends to a stream. The sender counts all events it
  /// ever sent to the stream; the store remembers with the stream, in the same transaction as the
  /// events, who wrote last and how far. Of a batch by the same writer, what lies before that is
  /// skipped, no matter how the events are cut into batches the second time. Another writer begins
  /// anew; a gap is accepted.
  ///
  /// @param writer who counts, at most 128 characters
  /// @param position the place of the batch's first event in the count, from 0
  record Origin(String writer, long position) {
    /// The longest name of a writer.
    public static final int MAX_WRITER_LENGTH = 128;

    /// @throws IllegalArgumentException if the writer's name is empty or too long, or the position
    ///   is negative
    public Origin {
      if (writer.isEmpty() || writer.length() > MAX_WRITER_LENGTH || position < 0) {
        throw new IllegalArgumentException("Not an origin: " + writer + " at " + position);
      }
    }

    /// How many events at the beginning of a batch are in the stream already.
    ///
    /// @param count how many the batch has
    /// @param last who wrote last to the stream, or null if nobody said so yet
    /// @param next where the last writer's count goes on
    public int stored(int count, @Nullable String last, long next) {
      return writer.equals(last) ? Math.clamp(next - position, 0, count) : 0;
    }

    /// Where this writer's count goes on after a batch. Parameters as for [#stored].
    public long next(int count, @Nullable String last, long next) {
      long end = position + count;
      return writer.equals(last) ? Math.max(next, end) : end;
    }
  }

  /// How an append ended.
  ///
  /// @param stored how many events were added
  /// @param skipped how many were there already
  record Appended(int stored, int skipped) {}

  /// The place of an event among all, which is also the order of [#filter]. What `stream` numbers
  /// is private to the store.
  ///
  /// @param timestamp of the event
  /// @param stream the number of its stream
  /// @param sequence counts the events of the stream as they were accepted
  record Position(long timestamp, long stream, long sequence) implements Comparable<Position> {

    /// Before everything.
    public static final Position START = new Position(Long.MIN_VALUE, 0, 0);

    @Override
    public int compareTo(Position other) {
      int order = Long.compare(timestamp, other.timestamp);
      if (order == 0) {
        order = Long.compare(stream, other.stream);
      }
      return order != 0 ? order : Long.compare(sequence, other.sequence);
    }

    /// As `1772366400000.3.17`, which [#parse] takes back.
    @Override
    public String toString() {
      return timestamp + "." + stream + "." + sequence;
    }

    /// The position of such a text, or null if it is not one.
    public static @Nullable Position parse(String text) {
      String[] parts = text.split("\\.", -1);
      if (parts.length != 3) {
        return null;
      }
      try {
        return new Position(
            Long.parseLong(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]));
      } catch (NumberFormatException notAPosition) {
        return null;
      }
    }
  }

  /// An event as it is stored.
  record StoredEvent(LogStreamId stream, Position position, long ingestedAt, String message) {
    /// When it happened.
    public long timestamp() {
      return position.timestamp;
    }
  }

  /// Asks for a page of one stream.
  ///
  /// @param from no earlier events
  /// @param to no events at this time or later
  /// @param forward true for the first events behind `position`, false for the last ones before it;
  ///   either way they come in ascending order
  /// @param position null: from the beginning, or from the end
  /// @param limit 1 to [#MAX_PAGE_EVENTS]
  record Read(
      LogStreamId stream,
      long from,
      long to,
      boolean forward,
      @Nullable Position position,
      int limit) {
    /// @throws IllegalArgumentException if the limit is out of range
    public Read {
      checkLimit(limit);
    }
  }

  /// A page of one stream.
  ///
  /// @param events ascending
  /// @param backward a backward read goes on from here; the position asked from, if the page is
  ///   empty
  /// @param forward a forward read goes on from here, now or when more has arrived; likewise
  record Page(List<StoredEvent> events, Position backward, Position forward) {
    /// The page of these events, which answers a query.
    public static Page of(List<StoredEvent> events, Read query) {
      if (events.isEmpty()) {
        Position from = query.position == null ? Position.START : query.position;
        return new Page(events, from, from);
      }
      return new Page(events, events.getFirst().position, events.getLast().position);
    }
  }

  /// Which streams of a group a [Filter] looks at.
  sealed interface Streams {
    /// Whether a stream of the group is one of them.
    boolean include(LogStreamId stream);

    /// All of them.
    record All() implements Streams {
      @Override
      public boolean include(LogStreamId stream) {
        return true;
      }
    }

    /// Those whose name begins so.
    record WithPrefix(String prefix) implements Streams {
      @Override
      public boolean include(LogStreamId stream) {
        return stream.name().startsWith(prefix);
      }
    }

    /// Those named.
    record Named(List<String> names) implements Streams {
      @Override
      public boolean include(LogStreamId stream) {
        return names.contains(stream.name());
      }
    }
  }

  /// Asks for a page of the events of many streams, merged in the order of their positions.
  ///
  /// @param from no earlier events
  /// @param to no events at this time or later
  /// @param after only events behind this position; null for all
  /// @param message lets an event through by its message; called on the store's thread
  /// @param limit 1 to [#MAX_PAGE_EVENTS]
  record Filter(
      LogGroupId group,
      Streams streams,
      long from,
      long to,
      @Nullable Position after,
      Predicate<String> message,
      int limit) {
    /// @throws IllegalArgumentException if the limit is out of range
    public Filter {
      checkLimit(limit);
    }
  }

  /// A page of what a filter let through.
  ///
  /// @param events ascending; may be empty although there is more
  /// @param next the position to ask on from; null if everything was looked at
  record FilteredPage(List<StoredEvent> events, @Nullable Position next) {}

  /// What is in a stream.
  ///
  /// @param firstEventAt the earliest timestamp
  /// @param lastEventAt the latest timestamp
  /// @param ingestedAt when it was last appended to
  /// @param bytes of its events, with [#EVENT_OVERHEAD_BYTES] each
  record Stats(
      LogStreamId stream, long firstEventAt, long lastEventAt, long ingestedAt, long bytes) {}

  /// Asks for streams by the time of their last event, and by name where that is the same.
  ///
  /// @param after only streams behind this one; null from the first
  /// @param limit 1 to [#MAX_PAGE_EVENTS]
  record ByLastEvent(LogGroupId group, boolean descending, @Nullable Mark after, int limit) {
    /// @throws IllegalArgumentException if the limit is out of range
    public ByLastEvent {
      checkLimit(limit);
    }
  }

  /// The place of a stream in [ByLastEvent].
  ///
  /// @param name of the stream
  record Mark(long lastEventAt, String name) {}

  /// The bytes an event counts as.
  static long sizeOf(String message) {
    long bytes = EVENT_OVERHEAD_BYTES;
    for (int i = 0; i < message.length(); i++) {
      char c = message.charAt(i);
      if (c < 0x80) {
        bytes++;
      } else if (c < 0x800) {
        bytes += 2;
      } else if (!Character.isSurrogate(c)) {
        bytes += 3;
      } else if (i + 1 < message.length() && Character.isSurrogatePair(c, message.charAt(i + 1))) {
        bytes += 4;
        i++;
      } else {
        // Half a pair has no UTF-8; a question mark is what becomes of it.
        bytes++;
      }
    }
    return bytes;
  }

  private static void checkLimit(int limit) {
    if (limit < 1 || limit > MAX_PAGE_EVENTS) {
      throw new IllegalArgumentException("A page has 1 to " + MAX_PAGE_EVENTS + ", not " + limit);
    }
  }
}

package dev.gantry.store.jdbc;

import dev.gantry.model.LogGroupId;
import dev.gantry.model.LogStreamId;
import dev.gantry.model.Scope;
import dev.gantry.store.FilterPage;
import dev.gantry.store.LogStore;
import dev.gantry.store.LogStore.ByLastEvent;
import dev.gantry.store.LogStore.Filter;
import dev.gantry.store.LogStore.FilteredPage;
import dev.gantry.store.LogStore.Mark;
import dev.gantry.store.LogStore.Page;
import dev.gantry.store.LogStore.Position;
import dev.gantry.store.LogStore.Read;
import dev.gantry.store.LogStore.Stats;
import dev.gantry.store.LogStore.StoredEvent;
import dev.gantry.store.LogStore.Streams;
import dev.gantry.store.RecordCodec;
import dev.gantry.store.StoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What only reads the log tables; used by one reading thread, which ends the transaction that
/// gives each read one consistent view.
final class LogReads implements AutoCloseable {

  /// How many events of one stream a merge reads ahead: fewer the more streams there are, so that
  /// all of them together stay within what one read may look at.
  private static final int MAX_CHUNK = 512;

  private static final int MIN_CHUNK = 8;
  private static final int ALL_CHUNKS = 4_096;
  private static final int MAX_CHUNK_BYTES = 256 * 1024;

  private static final String STATS =
      "select id, first_event_at, last_event_at, ingested_at, bytes from log_stream where ";

  private final Connection connection;
  private final PreparedStatement selectNumber;
  private final PreparedStatement selectForward;
  private final PreparedStatement selectBackward;

  /// The tables exist.
  LogReads(Connection connection) throws SQLException {
    this.connection = connection;
    this.selectNumber = connection.prepareStatement("select number from log_stream where id = ?");
    this.selectForward =
        connection.prepareStatement(
            "select at, sequence, ingested_at, message from log_event where stream = ?"
                + " and (at, sequence) > (?, ?) and at < ? order by at, sequence limit ?");
    this.selectBackward =
        connection.prepareStatement(
            "select at, sequence, ingested_at, message from log_event where stream = ?"
                + " and (at, sequence) < (?, ?) and at >= ? order by at desc, sequence desc limit ?");
  }

  /// Ends the view that the reads since the last call had.
  void endView() throws SQLException {
    connection.commit();
  }

  /// The id of a stream from its column.
  static LogStreamId streamId(String column) {
    String[] parts = RecordCodec.keyOf(column).split("\\|", 4);
    return new LogStreamId(new Scope(parts[0], parts[1]), parts[2], parts[3]);
  }

  /// See [LogStore#read].
  Page read(Read query) throws SQLException {
    List<StoredEvent> events = new ArrayList<>();
    Long number = number(query.stream());
    if (number != null) {
      long bytes = 0;
      try (ResultSet rows = query.forward() ? forward(number, query) : backward(number, query)) {
        while (rows.next()) {
          StoredEvent event = event(query.stream(), number, rows);
          bytes += LogStore.sizeOf(event.message());
          if (bytes > LogStore.MAX_PAGE_BYTES && !events.isEmpty()) {
            break;
          }
          events.add(event);
        }
      }
      if (!query.forward()) {
        Collections.reverse(events);
      }
    }
    return Page.of(List.copyOf(events), query);
  }

  private @Nullable Long number(LogStreamId stream) throws SQLException {
    selectNumber.setString(1, RecordCodec.column(stream));
    try (ResultSet row = selectNumber.executeQuery()) {
      return row.next() ? row.getLong(1) : null;
    }
  }

  /// Sequences count from 0, so -1 stands before all events of a time.
  private ResultSet forward(long number, Read query) throws SQLException {
    Position after = query.position();
    if (after == null || after.timestamp() < query.from()) {
      after = new Position(query.from(), number, -1);
    }
    return forward(number, after.timestamp(), after.sequence(), query.to(), query.limit());
  }

  private ResultSet forward(long number, long at, long sequence, long to, int limit)
      throws SQLException {
    selectForward.setLong(1, number);
    selectForward.setLong(2, at);
    selectForward.setLong(3, sequence);
    selectForward.setLong(4, to);
    selectForward.setInt(5, limit);
    return selectForward.executeQuery();
  }

  private ResultSet backward(long number, Read query) throws SQLException {
    Position before = query.position();
    if (before == null || before.timestamp() >= query.to()) {
      before = new Position(query.to(), number, -1);
    }
    selectBackward.setLong(1, number);
    selectBackward.setLong(2, before.timestamp());
    selectBackward.setLong(3, before.sequence());
    selectBackward.setLong(4, query.from());
    selectBackward.setInt(5, query.limit());
    return selectBackward.executeQuery();
  }

  private static StoredEvent event(LogStreamId stream, long number, ResultSet row)
      throws SQLException {
    return new StoredEvent(
        stream,
        new Position(row.getLong(1), number, row.getLong(2)),
        row.getLong(3),
        row.getString(4));
  }

  /// One stream of a merge: the events that were read ahead, and where to read on.
  private static final class Source {
    final LogStreamId stream;
    final long number;
    final Deque<StoredEvent> ahead = new ArrayDeque<>();

    /// The next event's position, or one that it cannot be before.
    Position head;

    /// Events up to and with this one were read.
    long markAt;

    long markSequence;

    /// Whether nothing is left to be read.
    boolean drained;

    Source(LogStreamId stream, long number, Position head, long markAt, long markSequence) {
      this.stream = stream;
      this.number = number;
      this.head = head;
      this.markAt = markAt;
      this.markSequence = markSequence;
    }
  }

  /// See [LogStore#filter]. Goals: events of all streams in the order of their positions; no more
  /// read than looked at; the cost of a page independent of how much lies before and behind it.
  ///
  /// Each stream's events are in order already, so this is a merge. The streams wait in a heap by
  /// the position of their next event. A stream that was not read yet stands there by the time of
  /// its first event, which `log_stream` knows: streams that begin behind the page are never read.
  FilteredPage filter(Filter query) throws SQLException, StoreException {
    PriorityQueue<Source> heap =
        new PriorityQueue<>(Comparator.comparing((Source source) -> source.head));
    sources(query, heap);
    int chunk = Math.clamp(ALL_CHUNKS / Math.max(1, heap.size()), MIN_CHUNK, MAX_CHUNK);
    FilterPage page = new FilterPage(query);
    for (Source source = heap.poll(); source != null; source = heap.poll()) {
      if (source.ahead.isEmpty()) {
        readAhead(source, query.to(), chunk);
      } else if (page.take(source.ahead.getFirst())) {
        source.ahead.removeFirst();
      } else {
        break;
      }
      if (!source.ahead.isEmpty()) {
        source.head = source.ahead.getFirst().position();
      }
      if (!source.ahead.isEmpty() || !source.drained) {
        heap.add(source);
      }
    }
    return page.finish();
  }

  private void readAhead(Source source, long to, int chunk) throws SQLException {
    long bytes = 0;
    int events = 0;
    try (ResultSet rows = forward(source.number, source.markAt, source.markSequence, to, chunk)) {
      while (bytes < MAX_CHUNK_BYTES && rows.next()) {
        StoredEvent event = event(source.stream, source.number, rows);
        source.ahead.add(event);
        source.markAt = event.timestamp();
        source.markSequence = event.position().sequence();
        bytes += event.message().length();
        events++;
      }
    }
    source.drained = events < chunk && bytes < MAX_CHUNK_BYTES;
  }

  /// The streams that can have events between the query's bounds.
  private void sources(Filter query, PriorityQueue<Source> heap)
      throws SQLException, StoreException {
    String group = RecordCodec.column(query.group());
    switch (query.streams()) {
      case Streams.All() -> sources(query, "log_group = ?", List.of(group), heap);
      case Streams.Named(List<String> names) -> {
        for (String name : names.stream().distinct().toList()) {
          sources(query, "id = ?", List.of(column(query.group(), name)), heap);
        }
      }
      case Streams.WithPrefix(String prefix) -> {
        // Columns are ASCII up to the tilde, so nothing that begins so comes behind the second
        // bound.
        String from = column(query.group(), prefix);
        sources(query, "id >= ? and id < ?", List.of(from, from + "\u007f"), heap);
      }
    }
  }

  private static String column(LogGroupId group, String name) {
    return RecordCodec.column(new LogStreamId(group.scope(), group.name(), name));
  }

  private void sources(
      Filter query, String condition, List<String> values, PriorityQueue<Source> heap)
      throws SQLException, StoreException {
    Position after = query.after();
    long low = after == null ? query.from() : Math.max(query.from(), after.timestamp());
    try (PreparedStatement select =
        connection.prepareStatement(
            "select number, id, first_event_at from log_stream where "
                + condition
                + " and last_event_at >= ? and first_event_at < ?")) {
      int place = 1;
      for (String value : values) {
        select.setString(place++, value);
      }
      select.setLong(place++, low);
      select.setLong(place, query.to());
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          if (heap.size() == LogStore.MAX_MERGED_STREAMS) {
            throw new StoreException(
                StoreException.Kind.LIMIT_EXCEEDED,
                "More than "
                    + LogStore.MAX_MERGED_STREAMS
                    + " log streams match; name streams, or give a prefix or a shorter time",
                null);
          }
          long number = rows.getLong(1);
          Position head = new Position(Math.max(rows.getLong(3), low), number, -1);
          long sequence = -1;
          if (after != null && after.timestamp() >= query.from()) {
            // At the very time of `after`, streams of lower numbers have been looked at whole.
            sequence =
                number < after.stream()
                    ? Long.MAX_VALUE
                    : number == after.stream() ? after.sequence() : -1;
          }
          heap.add(new Source(streamId(rows.getString(2)), number, head, low, sequence));
        }
      }
    }
  }

  /// See [LogStore#stats].
  SortedMap<LogStreamId, Stats> stats(List<LogStreamId> streams) throws SQLException {
    SortedMap<LogStreamId, Stats> result = new TreeMap<>();
    try (PreparedStatement select =
        connection.prepareStatement(STATS + "id = ? and last_event_at is not null")) {
      for (LogStreamId stream : streams) {
        select.setString(1, RecordCodec.column(stream));
        try (ResultSet row = select.executeQuery()) {
          if (row.next()) {
            result.put(stream, stats(row));
          }
        }
      }
    }
    return result;
  }

  private static Stats stats(ResultSet row) throws SQLException {
    return new Stats(
        streamId(row.getString(1)), row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5));
  }

  /// See [LogStore#byLastEvent].
  List<Stats> byLastEvent(ByLastEvent query) throws SQLException {
    boolean down = query.descending();
    String order = down ? " desc" : "";
    Mark after = query.after();
    try (PreparedStatement select =
        connection.prepareStatement(
            STATS
                + "log_group = ? and last_event_at is not null and (last_event_at, id) "
                + (down ? "<" : ">")
                + " (?, ?) order by last_event_at"
                + order
                + ", id"
                + order
                + " limit ?")) {
      select.setString(1, RecordCodec.column(query.group()));
      if (after == null) {
        select.setLong(2, down ? Long.MAX_VALUE : Long.MIN_VALUE);
        select.setString(3, "");
      } else {
        select.setLong(2, after.lastEventAt());
        select.setString(3, column(query.group(), after.name()));
      }
      select.setInt(4, query.limit());
      try (ResultSet rows = select.executeQuery()) {
        List<Stats> result = new ArrayList<>();
        while (rows.next()) {
          result.add(stats(rows));
        }
        return List.copyOf(result);
      }
    }
  }

  /// See [LogStore#storedBytes].
  SortedMap<LogGroupId, Long> storedBytes(List<LogGroupId> groups) throws SQLException {
    SortedMap<LogGroupId, Long> result = new TreeMap<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "select coalesce(sum(bytes), 0) from log_stream where log_group = ?")) {
      for (LogGroupId group : groups) {
        select.setString(1, RecordCodec.column(group));
        try (ResultSet row = select.executeQuery()) {
          row.next();
          result.put(group, row.getLong(1));
        }
      }
    }
    return result;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}

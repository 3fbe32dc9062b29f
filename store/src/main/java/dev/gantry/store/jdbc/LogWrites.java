package dev.gantry.store.jdbc;

import dev.gantry.model.LogGroupId;
import dev.gantry.model.LogStreamId;
import dev.gantry.store.LogStore;
import dev.gantry.store.LogStore.Appended;
import dev.gantry.store.LogStore.Event;
import dev.gantry.store.LogStore.Origin;
import dev.gantry.store.RecordCodec;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What changes the log tables; used by the one writing thread, which commits.
///
/// - `log_stream`: one row for each stream that has, or had, events: the number its events are
///   filed under, what is counted of them, and who wrote last and how far ([Origin]).
/// - `log_event`: the events, kept in the order in which they are read, which `without rowid` makes
///   the order on disk.
/// - `dropped_stream`: numbers of streams that are gone. Their events are no longer found through
///   `log_stream`, and are deleted a few at a time, so that dropping a large stream holds nobody
///   up.
final class LogWrites implements AutoCloseable {

  static final Migrations MIGRATIONS = new Migrations("log", List.of("log-1.sql"));

  /// How many events of a dropped stream are deleted at once.
  private static final int PURGED_EVENTS = 2_000;

  private final Connection connection;
  private final PreparedStatement selectStream;
  private final PreparedStatement insertStream;
  private final PreparedStatement updateStream;
  private final PreparedStatement insertEvent;
  private long nextNumber;
  private boolean hasDropped;

  /// The tables exist.
  LogWrites(Connection connection) throws SQLException {
    this.connection = connection;
    this.selectStream =
        connection.prepareStatement(
            "select number, next_sequence, first_event_at, last_event_at, ingested_at, bytes, writer,"
                + " next_position from log_stream where id = ?");
    this.insertStream =
        connection.prepareStatement(
            "insert into log_stream (next_sequence, first_event_at, last_event_at, ingested_at, bytes,"
                + " writer, next_position, number, id, log_group) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    this.updateStream =
        connection.prepareStatement(
            "update log_stream set next_sequence = ?, first_event_at = ?, last_event_at = ?,"
                + " ingested_at = ?, bytes = ?, writer = ?, next_position = ? where number = ?");
    this.insertEvent =
        connection.prepareStatement(
            "insert into log_event (stream, at, sequence, ingested_at, message)"
                + " values (?, ?, ?, ?, ?)");
    this.nextNumber =
        1
            + number(
                "select max(coalesce((select max(number) from log_stream), 0),"
                    + " coalesce((select max(number) from dropped_stream), 0))");
    this.hasDropped = number("select count(*) from dropped_stream") > 0;
    connection.commit();
  }

  private long number(String sql) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(sql);
        ResultSet row = select.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  /// A row of `log_stream` while it is being changed.
  private static final class Stream {
    final long number;
    final boolean isNew;
    long nextSequence;
    @Nullable Long firstEventAt;
    @Nullable Long lastEventAt;
    long ingestedAt;
    long bytes;
    @Nullable String writer;
    long nextPosition;

    Stream(long number, boolean isNew) {
      this.number = number;
      this.isNew = isNew;
    }
  }

  /// Makes durable, and visible to readers, what was done since the last commit.
  void commit() throws SQLException {
    connection.commit();
  }

  /// See [LogStore#append].
  Appended append(LogStreamId id, List<Event> events, long ingestedAt, @Nullable Origin origin)
      throws SQLException {
    Stream stream = find(id);
    int skipped = 0;
    if (origin != null) {
      skipped = origin.stored(events.size(), stream.writer, stream.nextPosition);
      stream.nextPosition = origin.next(events.size(), stream.writer, stream.nextPosition);
      stream.writer = origin.writer();
    }
    if (skipped < events.size()) {
      for (Event event : events.subList(skipped, events.size())) {
        add(stream, event, ingestedAt);
      }
      insertEvent.executeBatch();
      stream.ingestedAt = ingestedAt;
    }
    save(id, stream);
    return new Appended(events.size() - skipped, skipped);
  }

  private Stream find(LogStreamId id) throws SQLException {
    selectStream.setString(1, RecordCodec.column(id));
    try (ResultSet row = selectStream.executeQuery()) {
      if (!row.next()) {
        return new Stream(nextNumber++, true);
      }
      Stream stream = new Stream(row.getLong(1), false);
      stream.nextSequence = row.getLong(2);
      stream.firstEventAt = nullableLong(row, 3);
      stream.lastEventAt = nullableLong(row, 4);
      stream.ingestedAt = row.getLong(5);
      stream.bytes = row.getLong(6);
      stream.writer = row.getString(7);
      stream.nextPosition = row.getLong(8);
      return stream;
    }
  }

  private static @Nullable Long nullableLong(ResultSet row, int column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? null : value;
  }

  private void add(Stream stream, Event event, long ingestedAt) throws SQLException {
    long at = event.timestamp();
    insertEvent.setLong(1, stream.number);
    insertEvent.setLong(2, at);
    insertEvent.setLong(3, stream.nextSequence++);
    insertEvent.setLong(4, ingestedAt);
    insertEvent.setString(5, event.message());
    insertEvent.addBatch();
    stream.bytes += LogStore.sizeOf(event.message());
    stream.firstEventAt = stream.firstEventAt == null ? at : Math.min(stream.firstEventAt, at);
    stream.lastEventAt = stream.lastEventAt == null ? at : Math.max(stream.lastEventAt, at);
  }

  private void save(LogStreamId id, Stream stream) throws SQLException {
    PreparedStatement save = stream.isNew ? insertStream : updateStream;
    save.setLong(1, stream.nextSequence);
    setNullable(save, 2, stream.firstEventAt);
    setNullable(save, 3, stream.lastEventAt);
    save.setLong(4, stream.ingestedAt);
    save.setLong(5, stream.bytes);
    save.setString(6, stream.writer);
    save.setLong(7, stream.nextPosition);
    save.setLong(8, stream.number);
    if (stream.isNew) {
      save.setString(9, RecordCodec.column(id));
      save.setString(10, RecordCodec.column(id.groupId()));
    }
    save.executeUpdate();
  }

  private static void setNullable(PreparedStatement statement, int place, @Nullable Long value)
      throws SQLException {
    if (value == null) {
      statement.setNull(place, Types.BIGINT);
    } else {
      statement.setLong(place, value);
    }
  }

  /// See [LogStore#deleteStream].
  boolean deleteStream(LogStreamId id) throws SQLException {
    return drop("id = ?", RecordCodec.column(id)) > 0;
  }

  /// See [LogStore#deleteGroup].
  boolean deleteGroup(LogGroupId group) throws SQLException {
    return drop("log_group = ?", RecordCodec.column(group)) > 0;
  }

  /// See [LogStore#retainOnly].
  int retainOnly(Predicate<LogStreamId> keep) throws SQLException {
    List<String> gone = new ArrayList<>();
    try (PreparedStatement select =
            connection.prepareStatement("select id from log_stream order by id");
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        if (!keep.test(LogReads.streamId(rows.getString(1)))) {
          gone.add(rows.getString(1));
        }
      }
    }
    for (String id : gone) {
      drop("id = ?", id);
    }
    return gone.size();
  }

  private int drop(String condition, String value) throws SQLException {
    try (PreparedStatement note =
            connection.prepareStatement(
                "insert into dropped_stream (number) select number from log_stream where "
                    + condition);
        PreparedStatement delete =
            connection.prepareStatement("delete from log_stream where " + condition)) {
      note.setString(1, value);
      delete.setString(1, value);
      note.executeUpdate();
      int dropped = delete.executeUpdate();
      hasDropped |= dropped > 0;
      return dropped;
    }
  }

  /// Whether [#purge] has something to do.
  boolean hasDropped() {
    return hasDropped;
  }

  /// Deletes some events of dropped streams.
  void purge() throws SQLException {
    long number = number("select coalesce(min(number), 0) from dropped_stream");
    if (number == 0) {
      hasDropped = false;
      return;
    }
    Cut cut = cut(number, Long.MAX_VALUE, PURGED_EVENTS);
    if (cut != null) {
      delete(number, cut);
    }
    if (cut == null || cut.events < PURGED_EVENTS) {
      try (PreparedStatement delete =
          connection.prepareStatement("delete from dropped_stream where number = ?")) {
        delete.setLong(1, number);
        delete.executeUpdate();
      }
    }
  }

  /// See [LogStore#expire].
  boolean expire(LogGroupId group, long before) throws SQLException {
    List<Long> numbers = new ArrayList<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "select number from log_stream where log_group = ? and first_event_at < ?"
                + " order by number")) {
      select.setString(1, RecordCodec.column(group));
      select.setLong(2, before);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          numbers.add(rows.getLong(1));
        }
      }
    }
    int left = LogStore.MAX_EXPIRED_EVENTS;
    for (long number : numbers) {
      if (left == 0) {
        return true;
      }
      Cut cut = cut(number, before, left);
      if (cut != null) {
        delete(number, cut);
        shrink(number, cut);
        left -= cut.events;
      }
    }
    return left == 0;
  }

  /// The oldest events of a stream up to and with this one.
  private record Cut(long at, long sequence, int events, long bytes) {}

  private @Nullable Cut cut(long number, long before, int limit) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select at, sequence, length(cast(message as blob)) from log_event"
                + " where stream = ? and at < ? order by at, sequence limit ?")) {
      select.setLong(1, number);
      select.setLong(2, before);
      select.setInt(3, limit);
      try (ResultSet rows = select.executeQuery()) {
        Cut cut = null;
        while (rows.next()) {
          long bytes = rows.getLong(3) + LogStore.EVENT_OVERHEAD_BYTES;
          cut =
              new Cut(
                  rows.getLong(1),
                  rows.getLong(2),
                  cut == null ? 1 : cut.events + 1,
                  cut == null ? bytes : cut.bytes + bytes);
        }
        return cut;
      }
    }
  }

  private void delete(long number, Cut cut) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement(
            "delete from log_event where stream = ? and (at, sequence) <= (?, ?)")) {
      delete.setLong(1, number);
      delete.setLong(2, cut.at);
      delete.setLong(3, cut.sequence);
      delete.executeUpdate();
    }
  }

  /// Counts anew what is in a stream after its oldest events went.
  private void shrink(long number, Cut cut) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "update log_stream set bytes = bytes - ?,"
                + " first_event_at = (select min(at) from log_event where stream = number),"
                + " last_event_at = (select max(at) from log_event where stream = number)"
                + " where number = ?")) {
      update.setLong(1, cut.bytes);
      update.setLong(2, number);
      update.executeUpdate();
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}

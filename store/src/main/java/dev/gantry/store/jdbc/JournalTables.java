package dev.gantry.store.jdbc;

import dev.gantry.model.Change;
import dev.gantry.model.Entity;
import dev.gantry.model.EntityId;
import dev.gantry.model.EntityKind;
import dev.gantry.store.Batch;
import dev.gantry.store.Journal;
import dev.gantry.store.RecordCodec;
import dev.gantry.store.RecordFormatException;
import dev.gantry.store.State;
import dev.gantry.store.StoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The journal's two tables and the one text of SQL for them, which SQLite and PostgreSQL
/// understand alike.
///
/// - `record(kind, id, revision, body)`: every record as it stands, with the revision that made it.
/// - `change(revision, kind, id, op)`: the outbox, the latest changes. Revisions are unique in it,
///   so a second writer that decides on the same State fails instead of overwriting.
final class JournalTables implements AutoCloseable {

  static final Migrations MIGRATIONS = new Migrations("journal", List.of("journal-1.sql"));

  /// The outbox is cut back once in so many revisions.
  private static final int TRIM_EVERY = 1_024;

  private static final int FETCH_ROWS = 1_000;

  private final Connection connection;
  private final RecordCodec codec;
  private final PreparedStatement put;
  private final PreparedStatement remove;
  private final PreparedStatement note;
  private final PreparedStatement trim;

  /// The tables exist.
  JournalTables(Connection connection, RecordCodec codec) throws SQLException {
    this.connection = connection;
    this.codec = codec;
    this.put =
        connection.prepareStatement(
            "insert into record (kind, id, revision, body) values (?, ?, ?, ?) on conflict (kind, id)"
                + " do update set revision = excluded.revision, body = excluded.body");
    this.remove = connection.prepareStatement("delete from record where kind = ? and id = ?");
    this.note =
        connection.prepareStatement(
            "insert into change (revision, kind, id, op) values (?, ?, ?, ?)");
    this.trim = connection.prepareStatement("delete from change where revision <= ?");
  }

  /// Reads everything.
  ///
  /// @throws StoreException if a record cannot be read
  State load() throws SQLException, StoreException {
    long revision;
    try (PreparedStatement select =
            connection.prepareStatement("select coalesce(max(revision), 0) from change");
        ResultSet row = select.executeQuery()) {
      row.next();
      revision = row.getLong(1);
    }
    List<Entity> entities = new ArrayList<>();
    try (PreparedStatement select =
        connection.prepareStatement("select kind, id, body from record order by kind, id")) {
      select.setFetchSize(FETCH_ROWS);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          entities.add(read(rows.getString(1), rows.getString(2), rows.getString(3)));
        }
      }
    }
    connection.commit();
    return State.of(revision, entities);
  }

  private Entity read(String kind, String id, String body) throws StoreException {
    try {
      Entity entity = codec.decode(EntityKind.valueOf(kind), body);
      if (!RecordCodec.column(entity.id()).equals(id)) {
        throw new RecordFormatException("is the record of " + entity.id(), null);
      }
      return entity;
    } catch (IllegalArgumentException | RecordFormatException e) {
      throw new StoreException(
          StoreException.Kind.BAD_RECORD,
          "The stored record " + kind + " " + id + " cannot be read: " + e.getMessage(),
          e);
    }
  }

  /// Writes batches and commits them together. Of several changes of one record only the last is
  /// written to `record`; `change` gets them all.
  void write(List<Batch> batches) throws SQLException {
    Map<EntityId, Change> latest = new LinkedHashMap<>();
    Map<EntityId, Long> revisions = new LinkedHashMap<>();
    for (Batch batch : batches) {
      long revision = batch.firstRevision();
      for (Change change : batch.changes()) {
        EntityId id = change.id();
        latest.put(id, change);
        revisions.put(id, revision);
        note.setLong(1, revision);
        note.setString(2, id.kind().name());
        note.setString(3, RecordCodec.column(id));
        note.setString(
            4,
            switch (change) {
              case Change.Put _ -> "put";
              case Change.Remove _ -> "remove";
            });
        note.addBatch();
        revision++;
      }
    }
    int puts = 0;
    int removals = 0;
    for (Map.Entry<EntityId, Change> entry : latest.entrySet()) {
      EntityId id = entry.getKey();
      switch (entry.getValue()) {
        case Change.Put(Entity entity) -> {
          put.setString(1, id.kind().name());
          put.setString(2, RecordCodec.column(id));
          put.setLong(3, revisions.getOrDefault(id, 0L));
          put.setString(4, codec.encode(entity));
          put.addBatch();
          puts++;
        }
        case Change.Remove _ -> {
          remove.setString(1, id.kind().name());
          remove.setString(2, RecordCodec.column(id));
          remove.addBatch();
          removals++;
        }
      }
    }
    note.executeBatch();
    if (puts > 0) {
      put.executeBatch();
    }
    if (removals > 0) {
      remove.executeBatch();
    }
    trim(batches.getFirst().firstRevision(), batches.getLast().lastRevision());
    connection.commit();
  }

  private void trim(long first, long last) throws SQLException {
    if ((first - 1) / TRIM_EVERY != last / TRIM_EVERY && last > Journal.OUTBOX_CHANGES) {
      trim.setLong(1, last - Journal.OUTBOX_CHANGES);
      trim.executeUpdate();
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}

package dev.gantry.store.jdbc;

import dev.gantry.store.Batch;
import dev.gantry.store.Journal;
import dev.gantry.store.RecordCodec;
import dev.gantry.store.RecordFormatException;
import dev.gantry.store.State;
import dev.gantry.store.StoreException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The [Journal] in a SQLite file: what Gantry uses unless told otherwise.
///
/// Group commit: its thread takes all batches that wait and writes them in one transaction, so the
/// flush to disk, which is nearly all of the cost, is shared by as many batches as arrived during
/// the one before.
public final class SqliteJournal implements Journal {

  /// A transaction takes no further batch once it has so many changes.
  private static final int MAX_CHANGES_PER_COMMIT = 8_192;

  private static final Logger LOG = LoggerFactory.getLogger(SqliteJournal.class);

  private final SqliteFile file;
  private final JournalTables tables;
  private final WorkQueue<Batch> queue = new WorkQueue<>(MAX_QUEUED_BATCHES, MAX_QUEUED_CHANGES);
  private @Nullable Thread thread;
  private long given = -1;
  private volatile boolean failed;

  private SqliteJournal(SqliteFile file, JournalTables tables) {
    this.file = file;
    this.tables = tables;
  }

  /// Opens the journal in a file, which is made if it is not there.
  ///
  /// @param codec spells the records; may be shared
  /// @throws StoreException if the file cannot be opened, is not a store, or was written by a newer
  ///   version
  public static SqliteJournal open(Path path, RecordCodec codec) throws StoreException {
    return open(new SqliteFile(path), codec);
  }

  static SqliteJournal open(SqliteFile file, RecordCodec codec) throws StoreException {
    file.create();
    try {
      Connection connection = file.connect();
      try {
        JournalTables.MIGRATIONS.run(connection, file.path().toString());
        return new SqliteJournal(file, new JournalTables(connection, codec));
      } catch (SQLException | StoreException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException e) {
      throw file.explain(e);
    }
  }

  @Override
  public State load() throws StoreException {
    try {
      State state = tables.load();
      given = state.revision();
      return state;
    } catch (SQLException e) {
      throw file.explain(e);
    }
  }

  @Override
  public void start(Listener listener) {
    if (thread != null || given < 0) {
      throw new IllegalStateException("A journal is loaded, and then started once");
    }
    thread = Thread.ofPlatform().daemon().name("gantry-journal").start(() -> commitAll(listener));
  }

  @Override
  public boolean hasRoom() {
    return queue.hasRoom();
  }

  @Override
  public void commit(Batch batch) {
    if (failed) {
      return;
    }
    if (thread == null) {
      throw new IllegalStateException("The journal was not started");
    }
    if (batch.firstRevision() != given + 1) {
      throw new IllegalArgumentException(
          "A batch from revision " + batch.firstRevision() + " cannot follow revision " + given);
    }
    WorkQueue.Offer offer = queue.offer(batch, batch.changes().size());
    if (offer == WorkQueue.Offer.TAKEN) {
      given = batch.lastRevision();
    } else if (!failed) {
      throw new IllegalStateException("The journal is " + offer);
    }
  }

  private void commitAll(Listener listener) {
    try {
      while (!queue.isFinished()) {
        List<Batch> batches = queue.take(true, MAX_QUEUED_BATCHES, MAX_CHANGES_PER_COMMIT);
        if (!batches.isEmpty()) {
          tables.write(batches);
          listener.durable(batches.getLast().lastRevision());
        }
      }
    } catch (SQLException e) {
      fail(listener, file.explain(e));
    } catch (RecordFormatException e) {
      fail(
          listener,
          new StoreException(
              StoreException.Kind.BAD_RECORD, "A record cannot be stored: " + e.getMessage(), e));
    } catch (RuntimeException | Error e) {
      fail(
          listener,
          new StoreException(StoreException.Kind.FAILED, "The journal's thread failed: " + e, e));
    }
  }

  private void fail(Listener listener, StoreException cause) {
    failed = true;
    queue.close();
    listener.failed(cause);
  }

  @Override
  public void close() {
    queue.close();
    Thread running = thread;
    if (running != null) {
      Threads.awaitEnd(running);
    }
    try {
      tables.close();
    } catch (SQLException e) {
      // Everything that was told is durable; what could not be closed ends with the process.
      LOG.warn("The store {} did not close: {}", file.path(), e.getMessage());
    }
  }
}

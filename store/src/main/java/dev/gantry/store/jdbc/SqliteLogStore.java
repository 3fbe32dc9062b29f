package dev.gantry.store.jdbc;

import dev.gantry.model.LogGroupId;
import dev.gantry.model.LogStreamId;
import dev.gantry.store.LogStore;
import dev.gantry.store.StoreException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The [LogStore] in a SQLite file of its own, so that logs neither wait for State nor hold it up.
///
/// One thread writes: it takes all that waits, up to a size, and does it in one transaction. Others
/// read, each with its own connection, opened at its first read; SQLite's write-ahead log lets them
/// see a consistent view meanwhile. A commit is flushed to disk before it is answered, as State's
/// are: an agent forgets what was acknowledged. Group commit makes that cheap, and log batches come
/// a few times a second per task, not thousands of times.
public final class SqliteLogStore implements LogStore {

  private static final Logger LOG = LoggerFactory.getLogger(SqliteLogStore.class);

  private static final int READERS = 2;

  /// A transaction takes nothing more once its events have so many bytes.
  private static final long MAX_BYTES_PER_COMMIT = 4 * 1024 * 1024;

  /// What a request weighs in the queue beside its events.
  private static final int REQUEST_BYTES = 64;

  private final SqliteFile file;
  private final WorkQueue<Job<LogWrites, ?>> writes =
      new WorkQueue<>(MAX_QUEUED_WRITES, MAX_QUEUED_BYTES);
  private final WorkQueue<Job<LogReads, ?>> reads =
      new WorkQueue<>(MAX_QUEUED_READS, Long.MAX_VALUE);
  private final List<Thread> threads = new ArrayList<>();

  /// What a thread does for a caller.
  private interface Work<S, T> {
    T on(S tables) throws SQLException, StoreException;
  }

  private record Job<S, T>(Work<S, T> work, Callback<T> callback) {

    /// Does the work and gives back how to answer it.
    Runnable run(S tables) throws SQLException, StoreException {
      T result = work.on(tables);
      return () -> callback.done(result);
    }
  }

  private SqliteLogStore(SqliteFile file, LogWrites tables) {
    this.file = file;
    threads.add(
        Thread.ofPlatform().daemon().name("gantry-log-writer").start(() -> writeAll(tables)));
    for (int i = 1; i <= READERS; i++) {
      threads.add(Thread.ofPlatform().daemon().name("gantry-log-reader-" + i).start(this::readAll));
    }
  }

  /// Opens the log store in a file, which is made if it is not there.
  ///
  /// @throws StoreException if the file cannot be opened, is not a log store, or was written by a
  ///   newer version
  public static SqliteLogStore open(Path path) throws StoreException {
    return open(new SqliteFile(path));
  }

  static SqliteLogStore open(SqliteFile file) throws StoreException {
    file.create();
    try {
      Connection connection = file.connect();
      try {
        LogWrites.MIGRATIONS.run(connection, file.path().toString());
        return new SqliteLogStore(file, new LogWrites(connection));
      } catch (SQLException | StoreException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException e) {
      throw file.explain(e);
    }
  }

  private <S, T> void ask(
      WorkQueue<Job<S, ?>> queue, long weight, Callback<T> callback, Work<S, T> work) {
    switch (queue.offer(new Job<>(work, callback), weight)) {
      case TAKEN -> {}
      case FULL ->
          callback.failed(
              new StoreException(
                  StoreException.Kind.OVERLOADED,
                  "Too many log requests wait; try again later",
                  null));
      case CLOSED ->
          callback.failed(
              new StoreException(StoreException.Kind.CLOSED, "The log store is closed", null));
    }
  }

  /// After a failure the connection is given up, with whatever it was in the middle of: SQLite
  /// itself ends the transaction on some errors (a full disk is one) and not on others, and the
  /// driver does not notice which.
  private void writeAll(LogWrites opened) {
    LogWrites tables = opened;
    while (!writes.isFinished()) {
      boolean purges = tables != null && tables.hasDropped();
      List<Job<LogWrites, ?>> jobs = writes.take(!purges, MAX_QUEUED_WRITES, MAX_BYTES_PER_COMMIT);
      List<Runnable> answers = new ArrayList<>();
      try {
        if (tables == null) {
          tables = new LogWrites(file.connect());
        }
        for (Job<LogWrites, ?> job : jobs) {
          answers.add(job.run(tables));
        }
        tables.commit();
      } catch (SQLException | StoreException | RuntimeException | Error e) {
        tables = discard(tables);
        StoreException cause = explain(e);
        answers.clear();
        jobs.forEach(job -> answers.add(() -> job.callback.failed(cause)));
      }
      answers.forEach(SqliteLogStore::answer);
      if (tables != null && tables.hasDropped()) {
        // After a failure there is no connection, so the next attempt waits for the next request.
        tables = purge(tables) ? tables : discard(tables);
      }
    }
    discard(tables);
  }

  private boolean purge(LogWrites tables) {
    try {
      tables.purge();
      tables.commit();
      return true;
    } catch (SQLException | RuntimeException | Error e) {
      LOG.warn("Space of dropped log streams is not freed for now: {}", explain(e).getMessage());
      return false;
    }
  }

  private void readAll() {
    LogReads mine = null;
    while (!reads.isFinished()) {
      for (Job<LogReads, ?> job : reads.take(true, 1, Long.MAX_VALUE)) {
        Runnable answer;
        try {
          if (mine == null) {
            mine = new LogReads(file.connect());
          }
          answer = job.run(mine);
          mine.endView();
        } catch (SQLException | StoreException | RuntimeException | Error e) {
          mine = discard(mine);
          StoreException cause = explain(e);
          answer = () -> job.callback.failed(cause);
        }
        answer(answer);
      }
    }
    discard(mine);
  }

  /// Closes a connection, which ends whatever it was in the middle of.
  private <C extends AutoCloseable> @Nullable C discard(@Nullable C connection) {
    try {
      if (connection != null) {
        connection.close();
      }
    } catch (Exception e) {
      LOG.warn("A connection to {} did not close: {}", file.path(), e.getMessage());
    }
    return null;
  }

  private StoreException explain(Throwable e) {
    return switch (e) {
      case StoreException known -> known;
      case SQLException sql -> file.explain(sql);
      default -> new StoreException(StoreException.Kind.FAILED, "A log request failed: " + e, e);
    };
  }

  /// A caller's mistake in its callback must not take the store's thread with it.
  private static void answer(Runnable answer) {
    try {
      answer.run();
    } catch (RuntimeException e) {
      LOG.error("The answer to a log request was not taken", e);
    }
  }

  @Override
  public void append(
      LogStreamId stream,
      List<Event> events,
      long ingestedAt,
      @Nullable Origin origin,
      Callback<Appended> callback) {
    if (events.size() > MAX_APPENDED_EVENTS) {
      throw new IllegalArgumentException(
          "An append has at most " + MAX_APPENDED_EVENTS + " events, not " + events.size());
    }
    List<Event> kept = List.copyOf(events);
    ask(
        writes,
        REQUEST_BYTES + total(kept, event -> LogStore.sizeOf(event.message())),
        callback,
        store -> store.append(stream, kept, ingestedAt, origin));
  }

  private static <E> long total(List<E> elements, ToLongFunction<E> size) {
    long total = 0;
    for (E element : elements) {
      total += size.applyAsLong(element);
    }
    return total;
  }

  @Override
  public void read(Read query, Callback<Page> callback) {
    ask(reads, 1, callback, store -> store.read(query));
  }

  @Override
  public void filter(Filter query, Callback<FilteredPage> callback) {
    ask(reads, 1, callback, store -> store.filter(query));
  }

  @Override
  public void stats(List<LogStreamId> streams, Callback<SortedMap<LogStreamId, Stats>> callback) {
    List<LogStreamId> kept = List.copyOf(streams);
    ask(reads, 1, callback, store -> store.stats(kept));
  }

  @Override
  public void byLastEvent(ByLastEvent query, Callback<List<Stats>> callback) {
    ask(reads, 1, callback, store -> store.byLastEvent(query));
  }

  @Override
  public void storedBytes(List<LogGroupId> groups, Callback<SortedMap<LogGroupId, Long>> callback) {
    List<LogGroupId> kept = List.copyOf(groups);
    ask(reads, 1, callback, store -> store.storedBytes(kept));
  }

  @Override
  public void deleteStream(LogStreamId stream, Callback<Boolean> callback) {
    ask(writes, REQUEST_BYTES, callback, store -> store.deleteStream(stream));
  }

  @Override
  public void deleteGroup(LogGroupId group, Callback<Boolean> callback) {
    ask(writes, REQUEST_BYTES, callback, store -> store.deleteGroup(group));
  }

  @Override
  public void retainOnly(Predicate<LogStreamId> keep, Callback<Integer> callback) {
    ask(writes, REQUEST_BYTES, callback, store -> store.retainOnly(keep));
  }

  @Override
  public void expire(LogGroupId group, long before, Callback<Boolean> callback) {
    ask(writes, REQUEST_BYTES, callback, store -> store.expire(group, before));
  }

  @Override
  public void close() {
    writes.close();
    reads.close();
    threads.forEach(Threads::awaitEnd);
  }
}

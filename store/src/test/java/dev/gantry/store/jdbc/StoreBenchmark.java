package dev.gantry.store.jdbc;

import dev.gantry.model.Change;
import dev.gantry.model.Entity;
import dev.gantry.model.EntityId;
import dev.gantry.model.Task;
import dev.gantry.model.TaskStatus;
import dev.gantry.store.Batch;
import dev.gantry.store.Journal;
import dev.gantry.store.LogStore;
import dev.gantry.store.OrderedMap;
import dev.gantry.store.RecordCodec;
import dev.gantry.store.Samples;
import dev.gantry.store.State;
import dev.gantry.store.StoreException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;

/// What the store costs, with a floor beside it where there is one. Run by hand: `main` prints a
/// table. The directory must be on the disk that is to be measured.
final class StoreBenchmark {

  private static final int ROWS = 20_000;
  private static final int ROUNDS = 31;
  private static final ThreadMXBean THREAD = ManagementFactory.getThreadMXBean();
  private static final int COMMITS = 3_000;
  private static final int APPENDS = 2_000;
  private static final int EVENTS_PER_APPEND = 50;

  private StoreBenchmark() {}

  /// @param args a directory for the files, and the part to run: `memory`, `commit`, `load` or
  ///   `log`
  public static void main(String[] args) throws Exception {
    Path directory = Files.createTempDirectory(Path.of(args[0]), "gantry-store-bench");
    try {
      switch (args[1]) {
        case "memory" -> memory();
        case "commit" -> commit(directory);
        case "make" -> make(Path.of(args[0], "full.db"));
        case "load" -> load(directory.resolve("empty.db"), Path.of(args[0], "full.db"));
        case "log" -> log(directory);
        default -> throw new IllegalArgumentException(args[1]);
      }
    } finally {
      try (var files = Files.list(directory)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(directory);
    }
  }

  private interface Timed {
    void run() throws Exception;
  }

  /// The median time of one of `count` operations, in the thread's processor time: what else runs
  /// on the machine does not count.
  private static void time(String what, int count, Timed timed) throws Exception {
    double[] nanos = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      long start = THREAD.getCurrentThreadCpuTime();
      timed.run();
      nanos[i] = (THREAD.getCurrentThreadCpuTime() - start) / (double) count;
    }
    Arrays.sort(nanos);
    System.out.printf("%-58s %,12.0f ns%n", what, nanos[ROUNDS / 2]);
  }

  private static List<Task> tasks() {
    List<Task> tasks = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      tasks.add(Samples.task("default", i, TaskStatus.RUNNING));
    }
    Collections.shuffle(tasks, new Random(1));
    return tasks;
  }

  private static void memory() throws Exception {
    List<Task> tasks = tasks();
    List<EntityId> ids = tasks.stream().<EntityId>map(Task::id).toList();
    OrderedMap<EntityId, Task> full = OrderedMap.empty();
    Map<EntityId, Task> tree = new TreeMap<>();
    for (Task task : tasks) {
      full = full.put(task.id(), task);
      tree.put(task.id(), task);
    }
    OrderedMap<EntityId, Task> map = full;
    long[] sink = new long[1];
    time(
        "OrderedMap.get, 20,000 task ids",
        ROWS,
        () -> ids.forEach(id -> sink[0] += map.get(id) == null ? 0 : 1));
    time("TreeMap.get", ROWS, () -> ids.forEach(id -> sink[0] += tree.get(id) == null ? 0 : 1));
    time(
        "OrderedMap.put, growing from empty",
        ROWS,
        () -> {
          OrderedMap<EntityId, Task> grown = OrderedMap.empty();
          for (Task task : tasks) {
            grown = grown.put(task.id(), task);
          }
          sink[0] += grown.size();
        });
    List<Task> others = tasks();
    time(
        "OrderedMap.put, replacing in 20,000",
        ROWS,
        () -> {
          for (Task task : others) {
            sink[0] += map.put(task.id(), task).size();
          }
        });
    time(
        "TreeMap.put, growing from empty",
        ROWS,
        () -> {
          Map<EntityId, Task> grown = new TreeMap<>();
          for (Task task : tasks) {
            grown.put(task.id(), task);
          }
          sink[0] += grown.size();
        });
    time(
        "OrderedMap iteration, per entry",
        ROWS,
        () -> {
          for (Task task : map.values()) {
            sink[0] += task.version();
          }
        });
    State state = State.of(0, tasks);
    time(
        "State.apply, one put of a task that changes status",
        ROWS,
        () -> {
          State now = state;
          for (int i = 0; i < ROWS; i++) {
            TaskStatus status = i % 2 == 0 ? TaskStatus.STOPPED : TaskStatus.RUNNING;
            now = now.apply(List.of(new Change.Put(Samples.task("default", i % 1_000, status))));
          }
          sink[0] += now.revision();
        });
    time(
        "  of which making the task",
        ROWS,
        () -> {
          for (int i = 0; i < ROWS; i++) {
            sink[0] += Samples.task("default", i % 1_000, TaskStatus.RUNNING).version();
          }
        });
    time("State.of, per record of 20,000 tasks", ROWS, () -> sink[0] += State.of(0, tasks).size());
    RecordCodec codec = new RecordCodec();
    List<String> texts = tasks.stream().map(codec::encode).toList();
    time(
        "encode a task of " + texts.getFirst().length() + " characters",
        ROWS,
        () -> tasks.forEach(task -> sink[0] += codec.encode(task).length()));
    time(
        "decode it",
        ROWS,
        () ->
            texts.forEach(text ->
                sink[0] += codec.decode(tasks.getFirst().id().kind(), text).id().key().length()));
    System.out.println("(" + sink[0] + ")");
  }

  private static void rate(String what, int count, long startNanos) {
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    System.out.printf("%-58s %,10.0f /s%n", what, count / seconds);
  }

  private static void commit(Path directory) throws Exception {
    for (int round = 0; round < 3; round++) {
      floor(directory.resolve("floor" + round));
      for (int producers : new int[] {1, 8, 64, 256}) {
        journal(directory.resolve("journal" + round + "-" + producers), producers);
      }
    }
  }

  /// One row of the same size per transaction, nothing around it.
  private static void floor(Path path) throws SQLException, StoreException {
    SqliteFile file = new SqliteFile(path);
    file.create();
    String body = new RecordCodec().encode(Samples.task("default", 1, TaskStatus.RUNNING));
    try (Connection connection = file.connect()) {
      try (var statement = connection.createStatement()) {
        statement.execute("create table record (id text not null primary key, body text not null)");
      }
      connection.commit();
      try (PreparedStatement put =
          connection.prepareStatement(
              "insert into record (id, body) values (?, ?) on conflict (id) do update set body ="
                  + " excluded.body")) {
        long start = 0;
        for (int i = -COMMITS / 10; i < COMMITS; i++) {
          if (i == 0) {
            start = System.nanoTime();
          }
          put.setString(1, Integer.toString(i % 1_000));
          put.setString(2, body);
          put.executeUpdate();
          connection.commit();
        }
        rate("bare SQLite, one row per fsynced commit", COMMITS, start);
      }
    }
  }

  private static void journal(Path path, int producers) throws StoreException {
    int count = COMMITS * Math.min(producers, 16);
    CountDownLatch done = new CountDownLatch(count);
    Semaphore free = new Semaphore(producers);
    try (Journal journal = SqliteJournal.open(path, new RecordCodec())) {
      State state = journal.load();
      journal.start(
          new Journal.Listener() {
            private long told;

            @Override
            public void durable(long revision) {
              int batches = (int) (revision - told);
              told = revision;
              free.release(batches);
              for (int i = 0; i < batches; i++) {
                done.countDown();
              }
            }

            @Override
            public void failed(StoreException cause) {
              throw new IllegalStateException(cause);
            }
          });
      long start = System.nanoTime();
      for (int i = 0; i < count; i++) {
        free.acquireUninterruptibly();
        List<Change> changes =
            List.of(new Change.Put(Samples.task("default", i % 1_000, TaskStatus.RUNNING)));
        journal.commit(Batch.after(state, changes));
        state = state.apply(changes);
      }
      await(done);
      rate("journal, " + producers + " producers, one change each", count, start);
    }
  }

  private static void await(CountDownLatch done) {
    try {
      done.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// A full store, kept in the directory for `load`.
  private static void make(Path file) throws StoreException {
    try (Journal journal = SqliteJournal.open(file, new RecordCodec())) {
      State state = journal.load();
      CountDownLatch done = new CountDownLatch(1);
      journal.start(
          new Journal.Listener() {
            @Override
            public void durable(long revision) {
              if (revision == ROWS) {
                done.countDown();
              }
            }

            @Override
            public void failed(StoreException cause) {
              throw new IllegalStateException(cause);
            }
          });
      for (int i = 0; i < ROWS; i += 1_000) {
        List<Change> changes = new ArrayList<>();
        for (int j = i; j < i + 1_000; j++) {
          Entity entity =
              j % 10 == 0
                  ? Samples.definition("family", j + 1)
                  : Samples.task("default", j, TaskStatus.RUNNING);
          changes.add(new Change.Put(entity));
        }
        journal.commit(Batch.after(state, changes));
        state = state.apply(changes);
      }
      await(done);
    }
  }

  /// In a fresh JVM: what a restart pays.
  private static void load(Path empty, Path full) throws StoreException {
    RecordCodec codec = new RecordCodec();
    for (Path file : List.of(empty, full, full)) {
      long start = System.nanoTime();
      try (Journal journal = SqliteJournal.open(file, codec)) {
        ms("open", start);
        State state = journal.load();
        ms("  and load " + state.size() + " records", start);
      }
    }
  }

  private static void ms(String what, long startNanos) {
    System.out.printf(
        "%-58s %,10.1f ms, %,10.1f ms of this thread's processor time so far%n",
        what, (System.nanoTime() - startNanos) / 1e6, THREAD.getCurrentThreadCpuTime() / 1e6);
  }

  private static void log(Path directory) throws StoreException {
    for (int round = 0; round < 3; round++) {
      for (int producers : new int[] {1, 64}) {
        int count = APPENDS * Math.min(producers, 8);
        CountDownLatch done = new CountDownLatch(count);
        Semaphore free = new Semaphore(producers);
        List<LogStore.Event> events = new ArrayList<>();
        for (int i = 0; i < EVENTS_PER_APPEND; i++) {
          events.add(
              new LogStore.Event(i, "a line of a log with some hundred characters ".repeat(3)));
        }
        try (LogStore store = SqliteLogStore.open(directory.resolve("log" + round + producers))) {
          long start = System.nanoTime();
          for (int i = 0; i < count; i++) {
            free.acquireUninterruptibly();
            store.append(
                Samples.stream("group", "s" + i % producers),
                events,
                i,
                null,
                new LogStore.Callback<>() {
                  @Override
                  public void done(LogStore.Appended result) {
                    free.release();
                    done.countDown();
                  }

                  @Override
                  public void failed(StoreException cause) {
                    throw new IllegalStateException(cause);
                  }
                });
          }
          await(done);
          rate(
              "log appends of " + EVENTS_PER_APPEND + " events, " + producers + " producers",
              count,
              start);
        }
      }
    }
  }
}

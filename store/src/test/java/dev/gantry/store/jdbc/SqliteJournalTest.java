package dev.gantry.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.gantry.model.Change;
import dev.gantry.model.Entity;
import dev.gantry.model.TaskStatus;
import dev.gantry.store.Batch;
import dev.gantry.store.Journal;
import dev.gantry.store.RecordCodec;
import dev.gantry.store.Samples;
import dev.gantry.store.State;
import dev.gantry.store.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqliteJournalTest {

  private static final int PATIENCE_SECONDS = 60;

  private final RecordCodec codec = new RecordCodec();
  @TempDir private Path directory;

  /// Hears a journal and lets a test wait for what it tells.
  private static class Ear implements Journal.Listener {
    final BlockingQueue<Object> heard = new LinkedBlockingQueue<>();

    @Override
    public void durable(long revision) {
      heard.add(revision);
    }

    @Override
    public void failed(StoreException cause) {
      heard.add(cause);
    }

    Object next() throws InterruptedException {
      Object next = heard.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(next).as("what the journal tells").isNotNull();
      return next;
    }
  }

  private Path file() {
    return directory.resolve("state.db");
  }

  private State reload() throws StoreException {
    try (Journal journal = SqliteJournal.open(file(), codec)) {
      return journal.load();
    }
  }

  private static List<Change> puts(List<Entity> entities) {
    List<Change> changes = new ArrayList<>();
    entities.forEach(entity -> changes.add(new Change.Put(entity)));
    return changes;
  }

  private static List<Change> put(Entity entity) {
    return List.of(new Change.Put(entity));
  }

  @Test
  void aNewStoreIsEmpty() throws StoreException {
    assertThat(reload()).isEqualTo(State.empty());
    assertThat(reload()).isEqualTo(State.empty());
  }

  @Test
  void aReloadIsWhatWasCommitted() throws StoreException {
    State state = State.empty();
    try (Journal journal = SqliteJournal.open(file(), codec)) {
      assertThat(journal.load()).isEqualTo(state);
      journal.start(new Ear());
      for (List<Change> changes :
          List.of(
              puts(Samples.oneOfEach()),
              put(Samples.task("default", 1, TaskStatus.RUNNING)),
              List.<Change>of(
                  new Change.Put(Samples.task("default", 1, TaskStatus.STOPPED)),
                  new Change.Put(Samples.cluster("gone")),
                  new Change.Remove(Samples.cluster("gone").id()),
                  new Change.Remove(Samples.cluster("never").id())))) {
        journal.commit(Batch.after(state, changes));
        state = state.apply(changes);
      }
    }

    assertThat(reload()).isEqualTo(state);
    assertThat(reload().digest(codec)).isEqualTo(state.digest(codec));
  }

  /// The revision survives although no record bears it any more.
  @Test
  void aRemovalKeepsItsRevision() throws StoreException {
    try (Journal journal = SqliteJournal.open(file(), codec)) {
      journal.load();
      journal.start(new Ear());
      journal.commit(new Batch(1, put(Samples.cluster("a"))));
      journal.commit(new Batch(2, List.of(new Change.Remove(Samples.cluster("a").id()))));
    }

    assertThat(reload()).isEqualTo(State.of(2, List.of()));
  }

  @Test
  void theOutboxHoldsEveryChangeInOrder() throws Exception {
    try (Journal journal = SqliteJournal.open(file(), codec)) {
      journal.load();
      journal.start(new Ear());
      Entity cluster = Samples.cluster("a");
      journal.commit(new Batch(1, List.of(new Change.Put(cluster), new Change.Put(cluster))));
      journal.commit(new Batch(3, List.of(new Change.Remove(cluster.id()))));
    }

    assertThat(rows("select revision, kind, id, op from change order by revision"))
        .containsExactly(
            "1 CLUSTER 000000000000|us-east-1|a put",
            "2 CLUSTER 000000000000|us-east-1|a put",
            "3 CLUSTER 000000000000|us-east-1|a remove");
  }

  @Test
  void theOutboxIsBounded() throws Exception {
    int rounds = Journal.OUTBOX_CHANGES / 5_000 + 2;
    try (Journal journal = SqliteJournal.open(file(), codec)) {
      Ear ear = new Ear();
      journal.load();
      journal.start(ear);
      State state = State.empty();
      for (int i = 0; i < rounds; i++) {
        List<Change> changes = new ArrayList<>();
        for (int j = 0; j < 5_000; j++) {
          changes.add(new Change.Remove(Samples.cluster("a").id()));
        }
        journal.commit(Batch.after(state, changes));
        state = state.apply(changes);
        ear.next();
      }
    }

    assertThat(rows("select count(*) from change"))
        .singleElement()
        .satisfies(count ->
            assertThat(Long.parseLong(count))
                .isBetween((long) Journal.OUTBOX_CHANGES, Journal.OUTBOX_CHANGES + 5_000L));
    assertThat(reload().revision()).isEqualTo(rounds * 5_000L);
  }

  private List<String> rows(String sql) throws SQLException {
    List<String> result = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
          row.add(rows.getString(i));
        }
        result.add(String.join(" ", row));
      }
    }
    return result;
  }

  private void execute(String... statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /// While the listener is held up in the first telling, batches gather; then all are written by
  /// one commit, and told in one.
  @Test
  void batchesThatWaitAreWrittenTogetherAndInOrder() throws Exception {
    State state = State.empty();
    Gate gate = new Gate();
    Ear ear = new HeldEar(gate);
    try (Journal journal = SqliteJournal.open(file(), codec);
        gate) {
      journal.load();
      journal.start(ear);
      for (int i = 0; i < 100; i++) {
        List<Change> changes = put(Samples.task("default", i % 7, TaskStatus.RUNNING));
        journal.commit(Batch.after(state, changes));
        state = state.apply(changes);
        if (i == 0) {
          gate.awaitHeld();
        }
      }
    }

    assertThat(ear.heard).containsExactly(1L, 100L);
    assertThat(reload()).isEqualTo(state);
  }

  private static final class HeldEar extends Ear {
    private final Gate gate;

    HeldEar(Gate gate) {
      this.gate = gate;
    }

    @Override
    public void durable(long revision) {
      super.durable(revision);
      gate.pass();
    }
  }

  @Test
  void refusesAGapAndMoreThanItCanHold() throws Exception {
    Gate gate = new Gate();
    Ear ear = new HeldEar(gate);
    try (Journal journal = SqliteJournal.open(file(), codec);
        gate) {
      assertThatThrownBy(() -> journal.start(ear)).isInstanceOf(IllegalStateException.class);
      journal.load();
      assertThatThrownBy(() -> journal.commit(new Batch(1, put(Samples.cluster("a")))))
          .isInstanceOf(IllegalStateException.class);
      journal.start(ear);
      assertThatThrownBy(() -> journal.commit(new Batch(2, put(Samples.cluster("a")))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("A batch from revision 2 cannot follow revision 0");
      journal.commit(new Batch(1, put(Samples.cluster("a"))));
      gate.awaitHeld();
      long revision = 1;
      while (journal.hasRoom()) {
        journal.commit(new Batch(++revision, put(Samples.cluster("a"))));
      }
      assertThat(revision).isEqualTo(1L + Journal.MAX_QUEUED_BATCHES);
      Batch next = new Batch(revision + 1, put(Samples.cluster("a")));
      assertThatThrownBy(() -> journal.commit(next)).isInstanceOf(IllegalStateException.class);
    }
    assertThat(reload().revision()).isEqualTo(1L + Journal.MAX_QUEUED_BATCHES);
  }

  @Test
  void aFullDiskIsToldOnceAndLosesNothingAcknowledged() throws Exception {
    Ear ear = new Ear();
    State acknowledged = State.empty();
    try (Journal journal = SqliteJournal.open(new SqliteFile(file(), 64, 0), codec)) {
      journal.load();
      journal.start(ear);
      State head = State.empty();
      while (true) {
        List<Change> changes = put(Samples.definition("hello", (int) head.revision() + 1));
        journal.commit(Batch.after(head, changes));
        head = head.apply(changes);
        Object heard = ear.next();
        if (heard instanceof StoreException failure) {
          assertThat(failure.kind()).isEqualTo(StoreException.Kind.FULL);
          assertThat(failure).hasMessageContaining("has no space left");
          break;
        }
        acknowledged = head;
      }
      journal.commit(Batch.after(head, put(Samples.cluster("a"))));
      assertThat(journal.hasRoom()).isFalse();
    }

    assertThat(ear.heard).isEmpty();
    assertThat(acknowledged.revision()).isGreaterThan(10);
    assertThat(reload()).isEqualTo(acknowledged);
  }

  @Test
  void aSecondWriterFailsInsteadOfOverwriting() throws Exception {
    Ear ear = new Ear();
    try (Journal first = SqliteJournal.open(file(), codec);
        Journal second = SqliteJournal.open(file(), codec)) {
      first.load();
      second.load();
      first.start(ear);
      first.commit(new Batch(1, put(Samples.cluster("first"))));
      assertThat(ear.next()).isEqualTo(1L);
      second.start(ear);
      second.commit(new Batch(1, put(Samples.cluster("second"))));
      assertThat(ear.next())
          .isInstanceOfSatisfying(
              StoreException.class,
              e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.FENCED));
    }

    assertThat(reload()).isEqualTo(State.of(1, List.of(Samples.cluster("first"))));
  }

  @Test
  void onlyItsOwnerMayReadIt() throws Exception {
    try (Journal journal = SqliteJournal.open(file(), codec)) {
      Ear ear = new Ear();
      journal.load();
      journal.start(ear);
      journal.commit(new Batch(1, put(Samples.cluster("a"))));
      ear.next();

      try (var files = Files.list(directory)) {
        assertThat(files)
            .hasSize(3)
            .allSatisfy(path ->
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .as(path.toString())
                    .isEqualTo("rw-------"));
      }
    }
  }

  @Test
  void aFileThatIsNoStoreIsSaidToBeDamaged() throws Exception {
    Files.writeString(file(), "This is not a database. ".repeat(100));

    assertFails(StoreException.Kind.CORRUPT, "is damaged, or is not a store of Gantry");
  }

  @Test
  void damagedPagesAreSaidToBeDamaged() throws Exception {
    try (Journal journal = SqliteJournal.open(file(), codec)) {
      journal.load();
      journal.start(new Ear());
      journal.commit(
          new Batch(
              1,
              puts(
                  java.util.stream.IntStream.range(1, 500)
                      .<Entity>mapToObj(i -> Samples.definition("hello", i))
                      .toList())));
    }
    byte[] bytes = Files.readAllBytes(file());
    java.util.Arrays.fill(bytes, 20_000, bytes.length - 20_000, (byte) 0x55);
    Files.write(file(), bytes);

    assertFails(StoreException.Kind.CORRUPT, "is damaged, or is not a store of Gantry");
  }

  @Test
  void aDirectoryThatIsNotThereIsSaid() {
    StoreException failure =
        catchThrowableOfType(
            StoreException.class,
            () -> SqliteJournal.open(directory.resolve("no/state.db"), codec));

    assertThat(failure.kind()).isEqualTo(StoreException.Kind.UNREACHABLE);
    assertThat(failure).hasMessageContaining("no/state.db cannot be made");
  }

  @Test
  void aStoreHeldByAnotherIsSaidToBeHeld() throws Exception {
    reload();
    try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement statement = other.createStatement()) {
      statement.execute("pragma locking_mode = exclusive");
      statement.execute("begin exclusive");

      assertThatThrownBy(() -> SqliteJournal.open(new SqliteFile(file(), 1000, 1), codec))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.BUSY))
          .hasMessageContaining("is held by another process");
      statement.execute("rollback");
    }
  }

  @Test
  void aNewerStoreIsRefused() throws Exception {
    reload();
    execute("insert into schema_step (component, step, checksum) values ('journal', 2, 'x')");

    assertFails(
        StoreException.Kind.NEWER_SCHEMA,
        "was written by a newer version of Gantry (step 2 of its journal tables; this version knows"
            + " 1)");
  }

  @Test
  void anotherStepThanTheKnownIsRefused() throws Exception {
    reload();
    execute("update schema_step set checksum = 'x'");

    assertFails(StoreException.Kind.CHANGED_SCHEMA, "was made by another step 1");
  }

  @Test
  void aRecordThatCannotBeReadIsNamed() throws Exception {
    reload();
    execute(
        "insert into record (kind, id, revision, body) values ('TASK', 'x|y', 1, '{\"id\":7}')");

    assertFails(StoreException.Kind.BAD_RECORD, "The stored record TASK x|y cannot be read: id: ");
    execute("update record set kind = 'MOON'");
    assertFails(StoreException.Kind.BAD_RECORD, "MOON");
  }

  @Test
  void aRecordUnderAnotherIdIsNamed() throws Exception {
    reload();
    execute(
        "insert into record (kind, id, revision, body) values ('CLUSTER', 'other', 1, '"
            + codec.encode(Samples.cluster("a"))
            + "')");

    assertFails(
        StoreException.Kind.BAD_RECORD, "is the record of CLUSTER:000000000000|us-east-1|a");
  }

  private void assertFails(StoreException.Kind kind, String message) {
    StoreException failure = catchThrowableOfType(StoreException.class, this::reload);

    assertThat(failure).isNotNull().hasMessageContaining(message);
    assertThat(failure.kind()).isEqualTo(kind);
  }

  /// A process that commits without end is killed, three times on the same store. Nothing it said
  /// to be durable is lost, no batch is there in part, and what is there is right.
  @ParameterizedTest
  @ValueSource(ints = {1, 20, 150})
  void killedProcessesLoseNothingAcknowledged(int tellings) throws Exception {
    long before = 0;
    for (int round = 0; round < 3; round++) {
      long acknowledged = Child.killAfter(tellings + round, JournalChild.class, file().toString());
      assertThat(acknowledged).isGreaterThan(before);

      State found = reload();
      assertThat(found.revision()).isGreaterThanOrEqualTo(acknowledged);
      State expected = State.empty();
      while (expected.revision() < found.revision()) {
        expected = expected.apply(JournalChild.batchAfter(expected.revision()).changes());
      }
      assertThat(found).isEqualTo(expected);
      before = found.revision();
    }
  }
}

package dev.gantry.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.store.Answer;
import dev.gantry.store.LogStore;
import dev.gantry.store.LogStore.Appended;
import dev.gantry.store.LogStore.Event;
import dev.gantry.store.LogStore.Origin;
import dev.gantry.store.LogStoreContract;
import dev.gantry.store.StoreException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqliteLogStoreTest extends LogStoreContract {

  @TempDir private Path directory;
  private SqliteLogStore store;

  @BeforeEach
  void open() throws StoreException {
    store = SqliteLogStore.open(file());
  }

  @AfterEach
  void close() {
    store.close();
  }

  private Path file() {
    return directory.resolve("logs.db");
  }

  private void reopen() throws StoreException {
    store.close();
    open();
  }

  @Override
  protected LogStore store() {
    return store;
  }

  @Override
  protected void settle() {}

  private long count(String table) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select count(*) from " + table)) {
      row.next();
      return row.getLong(1);
    }
  }

  @Test
  void aReopenedStoreGoesOn() throws StoreException {
    append(A, new Origin("w", 0), at(1, "0"), at(1, "1"));
    reopen();
    append(B, null, at(1, "b"));
    append(A, new Origin("w", 1), at(1, "1"), at(1, "2"));

    assertThat(all(A)).containsExactly("0", "1", "2");
    assertThat(all(B)).containsExactly("b");
  }

  /// Space of dropped streams is freed bit by bit, also of those that a process left behind.
  @Test
  void droppedStreamsAreDeletedInTime() throws Exception {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < LogStore.MAX_APPENDED_EVENTS; i++) {
      events.add(at(i, "x"));
    }
    append(A, null, events.toArray(Event[]::new));
    append(B, null, at(1, "b"));
    this.<Boolean>ask(answer -> store.deleteStream(A, answer));
    store.close();
    long left = count("log_event");
    assertThat(left).isBetween(1L, 10_001L);

    int starts = 0;
    while (count("dropped_stream") > 0) {
      assertThat(starts++).isLessThan(50);
      reopen();
      this.<Boolean>ask(answer -> store.deleteStream(A, answer));
    }

    open();
    assertThat(count("log_event")).isEqualTo(1);
    assertThat(all(B)).containsExactly("b");
  }

  /// While the first answer is held up, appends gather; then one transaction takes them all.
  @Test
  void appendsThatWaitAreAnsweredInOrder() throws Exception {
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    try (Gate gate = new Gate()) {
      store.append(A, List.of(at(0, "0")), 0, null, gate.callback());
      gate.awaitHeld();
      for (int i = 1; i <= 100; i++) {
        int number = i;
        store.append(
            A,
            List.of(at(0, Integer.toString(i))),
            0,
            null,
            new LogStore.Callback<>() {
              @Override
              public void done(Appended result) {
                order.add(number);
              }

              @Override
              public void failed(StoreException cause) {
                order.add(-number);
              }
            });
      }
    }
    reopen();

    assertThat(order).isEqualTo(IntStream.rangeClosed(1, 100).boxed().toList());
    assertThat(all(A)).isEqualTo(LongStream.rangeClosed(0, 100).mapToObj(Long::toString).toList());
  }

  @Test
  void tooMuchIsRefusedAtOnceAndTheRestIsDone() throws Exception {
    String megabyte = "x".repeat(1024 * 1024);
    List<Answer<Appended>> answers = new ArrayList<>();
    try (Gate gate = new Gate()) {
      store.deleteStream(A, gate.callback());
      gate.awaitHeld();
      do {
        Answer<Appended> answer = new Answer<>();
        answers.add(answer);
        store.append(A, List.of(at(answers.size(), megabyte)), 0, null, answer);
        assertThat(answers).hasSizeLessThan(LogStore.MAX_QUEUED_BYTES / megabyte.length() + 3);
      } while (!answers.getLast().isGiven());
    }

    assertThatThrownBy(answers.removeLast()::get)
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.OVERLOADED));
    for (Answer<Appended> answer : answers) {
      assertThat(answer.get()).isEqualTo(new Appended(1, 0));
    }
  }

  @Test
  void aFullDiskIsToldAndTheStoreGoesOn() throws Exception {
    store.close();
    store = SqliteLogStore.open(new SqliteFile(file(), 64, 0));
    append(A, null, at(1, "first"));
    String large = "x".repeat(100_000);

    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 10; i++) {
                append(B, null, at(i, large));
              }
            })
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.FULL));
    assertThat(all(A)).containsExactly("first");
    append(A, null, at(2, "second"));
    assertThat(all(A)).containsExactly("first", "second");
  }

  /// A caller's mistakes stay the caller's.
  @Test
  void aCallbackThatThrowsHarmsNobody() throws StoreException {
    store.append(
        A,
        List.of(at(1, "1")),
        0,
        null,
        new LogStore.Callback<>() {
          @Override
          public void done(Appended result) {
            throw new IllegalStateException("on purpose");
          }

          @Override
          public void failed(StoreException cause) {}
        });

    assertThat(append(A, null, at(2, "2"))).isEqualTo(new Appended(1, 0));
    assertThatThrownBy(() ->
            this.<LogStore.FilteredPage>ask(answer ->
                store.filter(
                    new LogStore.Filter(
                        GROUP,
                        new LogStore.Streams.All(),
                        0,
                        10,
                        null,
                        message -> {
                          throw new IllegalStateException("on purpose");
                        },
                        10),
                    answer)))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.FAILED));
    assertThat(all(A)).containsExactly("1", "2");
  }

  @Test
  void aClosedStoreRefuses() {
    store.close();
    Answer<Appended> answer = new Answer<>();
    store.append(A, List.of(at(1, "1")), 0, null, answer);

    assertThatThrownBy(answer::get)
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.CLOSED));
  }

  @Test
  void refusesABatchThatIsTooLarge() {
    List<Event> events = Collections.nCopies(LogStore.MAX_APPENDED_EVENTS + 1, at(1, ""));

    assertThatThrownBy(() -> store.append(A, events, 0, null, new Answer<>()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void journalAndLogMayShareADatabase() throws Exception {
    try (SqliteJournal journal = SqliteJournal.open(file(), new dev.gantry.store.RecordCodec())) {
      assertThat(journal.load()).isEqualTo(dev.gantry.store.State.empty());
    }
    append(A, null, at(1, "a"));
    assertThat(all(A)).containsExactly("a");
  }

  /// A process that appends without end is killed, three times on the same store; each time the
  /// next one sends again from before what was acknowledged. Nothing acknowledged is lost and
  /// nothing is there twice.
  @ParameterizedTest
  @ValueSource(ints = {1, 50, 200})
  void killedProcessesLoseAndDoubleNothing(int lines) throws Exception {
    store.close();
    long acknowledged = 0;
    for (int round = 0; round < 3; round++) {
      long from = Math.max(0, acknowledged - 10);
      acknowledged = Child.killAfter(lines, LogChild.class, file().toString(), Long.toString(from));
    }
    open();

    List<String> found = new ArrayList<>();
    LogStore.Page page = read(A, true, null, LogStore.MAX_PAGE_EVENTS);
    while (!page.events().isEmpty()) {
      found.addAll(messages(page.events()));
      page = read(A, true, page.forward(), LogStore.MAX_PAGE_EVENTS);
    }
    assertThat((long) found.size()).isGreaterThanOrEqualTo(acknowledged);
    assertThat(found)
        .isEqualTo(LongStream.range(0, found.size()).mapToObj(Long::toString).toList());
  }
}

package dev.gantry.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.model.Change;
import dev.gantry.model.Entity;
import dev.gantry.model.EntityKind;
import dev.gantry.store.Answer;
import dev.gantry.store.Batch;
import dev.gantry.store.Journal;
import dev.gantry.store.Kind;
import dev.gantry.store.LogStore;
import dev.gantry.store.LogStore.Event;
import dev.gantry.store.LogStore.Origin;
import dev.gantry.store.RecordCodec;
import dev.gantry.store.Samples;
import dev.gantry.store.State;
import dev.gantry.store.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Stores that earlier versions wrote must load in this one, and go on. `fixtures/README.md` says
/// how they are made, and when one may be changed: never, once its version is released.
class FixturesTest {

  private static final Path FIXTURES = Path.of("src/test/resources/fixtures");
  private static final String STATE = "state.db";
  private static final String LOGS = "logs.db";
  private static final String CONTENT = "content.txt";

  @TempDir private Path directory;

  static List<String> versions() throws IOException {
    try (Stream<Path> entries = Files.list(FIXTURES)) {
      return entries
          .filter(Files::isDirectory)
          .map(path -> path.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("versions")
  void loadsAndGoesOn(String version) throws Exception {
    for (String name : List.of(STATE, LOGS)) {
      Files.copy(FIXTURES.resolve(version).resolve(name), directory.resolve(name));
    }

    assertThat(content(directory))
        .isEqualTo(Files.readAllLines(FIXTURES.resolve(version).resolve(CONTENT)));

    State after;
    try (Journal journal = SqliteJournal.open(directory.resolve(STATE), new RecordCodec())) {
      State before = journal.load();
      journal.start(new Quiet());
      List<Change> changes = List.of(new Change.Put(Samples.cluster("another")));
      journal.commit(Batch.after(before, changes));
      after = before.apply(changes);
    }
    try (Journal journal = SqliteJournal.open(directory.resolve(STATE), new RecordCodec())) {
      assertThat(journal.load()).isEqualTo(after);
    }
  }

  /// What a fixture holds, in lines that do not change when records learn new components: the
  /// revision, the id of each record, the log's messages.
  private static List<String> content(Path directory) throws StoreException {
    List<String> lines = new ArrayList<>();
    try (Journal journal = SqliteJournal.open(directory.resolve(STATE), new RecordCodec())) {
      State state = journal.load();
      lines.add("revision " + state.revision());
      for (EntityKind kind : EntityKind.values()) {
        for (Entity entity : state.all(Kind.of(kind)).values()) {
          lines.add(kind + " " + RecordCodec.column(entity.id()));
        }
      }
    }
    try (LogStore logs = SqliteLogStore.open(directory.resolve(LOGS))) {
      Answer<LogStore.FilteredPage> page = new Answer<>();
      logs.filter(
          new LogStore.Filter(
              Samples.stream("/gantry/run", "").groupId(),
              new LogStore.Streams.All(),
              0,
              Long.MAX_VALUE,
              null,
              message -> true,
              100),
          page);
      page.get().events().forEach(event -> lines.add("log " + event.message()));
    }
    return lines;
  }

  private static final class Quiet implements Journal.Listener {
    @Override
    public void durable(long revision) {}

    @Override
    public void failed(StoreException cause) {
      throw new IllegalStateException(cause);
    }
  }

  /// Makes the fixture of the version in the works.
  ///
  /// @param args its directory, which must not exist
  public static void main(String[] args) throws IOException, StoreException {
    Path directory = Files.createDirectory(Path.of(args[0]));
    try (Journal journal = SqliteJournal.open(directory.resolve(STATE), new RecordCodec())) {
      State state = journal.load();
      journal.start(new Quiet());
      List<Change> changes = new ArrayList<>();
      Samples.oneOfEach().forEach(entity -> changes.add(new Change.Put(entity)));
      changes.add(new Change.Put(Samples.cluster("gone")));
      changes.add(new Change.Remove(Samples.cluster("gone").id()));
      journal.commit(Batch.after(state, changes));
    }
    try (LogStore logs = SqliteLogStore.open(directory.resolve(LOGS))) {
      for (String name : List.of("run/app/1", "run/app/2")) {
        Answer<LogStore.Appended> answer = new Answer<>();
        logs.append(
            Samples.stream("/gantry/run", name),
            List.of(new Event(1, "hello from " + name), new Event(2, "größe")),
            3,
            new Origin("writer", 0),
            answer);
        answer.get();
      }
    }
    Files.write(directory.resolve(CONTENT), content(directory));
    try (Stream<Path> files = Files.list(directory)) {
      files.forEach(FixturesTest::print);
    }
  }

  private static void print(Path file) {
    try {
      System.out.println(file + " " + Files.size(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

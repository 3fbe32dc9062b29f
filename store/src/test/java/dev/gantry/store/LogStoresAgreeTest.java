package dev.gantry.store;

import static dev.gantry.store.Samples.stream;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.model.LogGroupId;
import dev.gantry.model.LogStreamId;
import dev.gantry.store.LogStore.Appended;
import dev.gantry.store.LogStore.ByLastEvent;
import dev.gantry.store.LogStore.Event;
import dev.gantry.store.LogStore.Filter;
import dev.gantry.store.LogStore.FilteredPage;
import dev.gantry.store.LogStore.Mark;
import dev.gantry.store.LogStore.Origin;
import dev.gantry.store.LogStore.Page;
import dev.gantry.store.LogStore.Position;
import dev.gantry.store.LogStore.Read;
import dev.gantry.store.LogStore.Stats;
import dev.gantry.store.LogStore.Streams;
import dev.gantry.store.jdbc.SqliteLogStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.function.BiConsumer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/// The store in memory is what the simulator believes in, so it must answer everything as SQLite
/// does, down to the positions. Each try asks both for the same, at random.
class LogStoresAgreeTest {

  private static final List<LogStreamId> STREAMS =
      List.of(
          stream("g", "a"),
          stream("g", "ab"),
          stream("g", "b|é"),
          stream("h", "a"),
          stream("h", "z"));
  private static final int STEPS = 60;

  @Property(tries = 60)
  void memoryAndSqliteAnswerAlike(@ForAll long seed) throws IOException, StoreException {
    Path directory = Files.createTempDirectory("gantry-logs");
    try (SqliteLogStore sqlite = SqliteLogStore.open(directory.resolve("logs.db"))) {
      new Run(new Random(seed), new MemoryLogStore(), sqlite).run();
    } finally {
      try (var files = Files.list(directory)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(directory);
    }
  }

  private record Run(Random random, MemoryLogStore memory, SqliteLogStore sqlite) {

    void run() throws StoreException {
      for (int i = 0; i < STEPS; i++) {
        step();
      }
    }

    private <T> T both(BiConsumer<LogStore, Answer<T>> request) throws StoreException {
      Answer<T> expected = new Answer<>();
      Answer<T> found = new Answer<>();
      request.accept(memory, expected);
      memory.settle();
      request.accept(sqlite, found);
      assertThat(found.get()).isEqualTo(expected.get());
      return expected.get();
    }

    private <T> T any(List<T> list) {
      return list.get(random.nextInt(list.size()));
    }

    private long time() {
      return random.nextInt(20);
    }

    private Position position() {
      return new Position(time(), 1 + random.nextInt(5), random.nextInt(10));
    }

    private @Nullable Position maybePosition() {
      return random.nextInt(3) == 0 ? null : position();
    }

    private void step() throws StoreException {
      LogStreamId stream = any(STREAMS);
      LogGroupId group = stream.groupId();
      switch (random.nextInt(16)) {
        case 0 -> this.<Boolean>both((store, answer) -> store.deleteStream(stream, answer));
        case 1 -> {
          long before = time() / 2;
          this.<Boolean>both((store, answer) -> store.expire(group, before, answer));
        }
        case 2 -> {
          if (random.nextInt(3) == 0) {
            this.<Boolean>both((store, answer) -> store.deleteGroup(group, answer));
          } else {
            this.<Integer>both(
                (store, answer) -> store.retainOnly(some -> !some.equals(stream), answer));
          }
        }
        case 3 ->
            this.<SortedMap<LogStreamId, Stats>>both(
                (store, answer) -> store.stats(STREAMS, answer));
        case 4 ->
            this.<SortedMap<LogGroupId, Long>>both(
                (store, answer) -> store.storedBytes(List.of(group), answer));
        case 5 -> {
          Mark mark = random.nextBoolean() ? null : new Mark(time(), any(STREAMS).name());
          ByLastEvent query =
              new ByLastEvent(group, random.nextBoolean(), mark, 1 + random.nextInt(4));
          this.<List<Stats>>both((store, answer) -> store.byLastEvent(query, answer));
        }
        case 6, 7, 8 -> {
          Read query =
              new Read(
                  stream,
                  time() / 2,
                  10 + time(),
                  random.nextBoolean(),
                  maybePosition(),
                  1 + random.nextInt(8));
          this.<Page>both((store, answer) -> store.read(query, answer));
        }
        case 9, 10, 11 -> {
          Streams streams =
              switch (random.nextInt(3)) {
                case 0 -> new Streams.All();
                case 1 -> new Streams.WithPrefix(any(List.of("", "a", "b|", "b|é", "x")));
                default -> new Streams.Named(List.of(any(STREAMS).name(), any(STREAMS).name()));
              };
          String letter = any(List.of("", "1", "2", "x"));
          Filter query =
              new Filter(
                  group,
                  streams,
                  time() / 2,
                  10 + time(),
                  maybePosition(),
                  message -> message.contains(letter),
                  1 + random.nextInt(8));
          this.<FilteredPage>both((store, answer) -> store.filter(query, answer));
        }
        default -> append(stream);
      }
    }

    private void append(LogStreamId stream) throws StoreException {
      List<Event> events = new ArrayList<>();
      int count = random.nextInt(8);
      for (int i = 0; i < count; i++) {
        events.add(new Event(time(), "é" + random.nextInt(30)));
      }
      Origin origin =
          random.nextBoolean() ? null : new Origin(any(List.of("w", "v")), random.nextInt(20));
      long now = time();
      this.<Appended>both((store, answer) -> store.append(stream, events, now, origin, answer));
    }
  }
}

package dev.gantry.store;

import static dev.gantry.store.Samples.SCOPE;
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
import dev.gantry.store.LogStore.StoredEvent;
import dev.gantry.store.LogStore.Streams;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What every log store does alike.
public abstract class LogStoreContract {

  protected static final LogGroupId GROUP = new LogGroupId(SCOPE, "/gantry/run");
  protected static final LogStreamId A = stream("/gantry/run", "a");
  protected static final LogStreamId B = stream("/gantry/run", "b");
  protected static final LogStreamId OTHER = stream("/gantry/other", "a");
  private static final long ALWAYS = Long.MAX_VALUE;

  /// The store under test.
  protected abstract LogStore store();

  /// Lets the store do what it was asked for.
  protected abstract void settle();

  protected <T> T ask(Consumer<Answer<T>> request) throws StoreException {
    Answer<T> answer = new Answer<>();
    request.accept(answer);
    settle();
    return answer.get();
  }

  protected Appended append(LogStreamId stream, @Nullable Origin origin, Event... events)
      throws StoreException {
    return ask(answer -> store().append(stream, List.of(events), 1_000, origin, answer));
  }

  protected static Event at(long timestamp, String message) {
    return new Event(timestamp, message);
  }

  protected Page read(LogStreamId stream, boolean forward, @Nullable Position position, int limit)
      throws StoreException {
    return read(new Read(stream, 0, ALWAYS, forward, position, limit));
  }

  protected Page read(Read query) throws StoreException {
    return ask(answer -> store().read(query, answer));
  }

  protected static List<String> messages(List<StoredEvent> events) {
    return events.stream().map(StoredEvent::message).toList();
  }

  protected List<String> all(LogStreamId stream) throws StoreException {
    return messages(read(stream, true, null, LogStore.MAX_PAGE_EVENTS).events());
  }

  private FilteredPage filter(Streams streams, @Nullable Position after, int limit)
      throws StoreException {
    return ask(answer ->
        store()
            .filter(new Filter(GROUP, streams, 0, ALWAYS, after, message -> true, limit), answer));
  }

  @Test
  void eventsAreOrderedByTimeAndThenByAcceptance() throws StoreException {
    assertThat(append(A, null, at(20, "b"), at(10, "a"), at(20, "c")))
        .isEqualTo(new Appended(3, 0));
    append(A, null, at(20, "d"), at(15, "a2"));
    append(OTHER, null, at(1, "other"));

    Page page = read(A, true, null, 100);

    assertThat(messages(page.events())).containsExactly("a", "a2", "b", "c", "d");
    assertThat(page.events().getFirst()).isEqualTo(new StoredEvent(A, page.backward(), 1_000, "a"));
    assertThat(page.events().getFirst().timestamp()).isEqualTo(10);
  }

  @Test
  void anUnknownStreamIsEmpty() throws StoreException {
    assertThat(read(A, true, null, 1))
        .isEqualTo(new Page(List.of(), Position.START, Position.START));
    assertThat(filter(new Streams.All(), null, 1)).isEqualTo(new FilteredPage(List.of(), null));
    assertThat(this.<Boolean>ask(answer -> store().deleteStream(A, answer))).isFalse();
  }

  @Test
  void pagesGoForwardToTheEndAndStayThere() throws StoreException {
    for (int i = 0; i < 10; i++) {
      append(A, null, at(i / 3, "m" + i));
    }

    List<String> seen = new ArrayList<>();
    Position position = null;
    Page page = read(A, true, null, 3);
    while (!page.events().isEmpty()) {
      seen.addAll(messages(page.events()));
      position = page.forward();
      page = read(A, true, position, 3);
    }

    assertThat(seen).containsExactly("m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9");
    assertThat(page.forward()).isEqualTo(position);
    append(A, null, at(9, "late"));
    assertThat(messages(read(A, true, position, 3).events())).containsExactly("late");
  }

  @Test
  void pagesGoBackwardFromTheEnd() throws StoreException {
    for (int i = 0; i < 10; i++) {
      append(A, null, at(i / 3, "m" + i));
    }

    Page last = read(A, false, null, 4);
    Page middle = read(A, false, last.backward(), 4);
    Page first = read(A, false, middle.backward(), 4);
    Page none = read(A, false, first.backward(), 4);

    assertThat(messages(last.events())).containsExactly("m6", "m7", "m8", "m9");
    assertThat(messages(middle.events())).containsExactly("m2", "m3", "m4", "m5");
    assertThat(messages(first.events())).containsExactly("m0", "m1");
    assertThat(none.events()).isEmpty();
    assertThat(none.backward()).isEqualTo(first.backward());
    assertThat(messages(read(A, true, first.forward(), 2).events())).containsExactly("m2", "m3");
  }

  /// A client that came before the first event finds it behind the position it was given.
  @Test
  void anEmptyPageLeadsToWhatComesLater() throws StoreException {
    Position forward = read(A, false, null, 10).forward();
    append(A, null, at(5, "first"));

    assertThat(messages(read(A, true, forward, 10).events())).containsExactly("first");
  }

  @Test
  void timesBoundAPage() throws StoreException {
    append(A, null, at(1, "1"), at(2, "2"), at(3, "3"), at(4, "4"));

    Page all = read(A, true, null, 10);
    assertThat(messages(read(new Read(A, 2, 4, true, null, 10)).events()))
        .containsExactly("2", "3");
    assertThat(messages(read(new Read(A, 2, 4, false, null, 10)).events()))
        .containsExactly("2", "3");
    assertThat(messages(read(new Read(A, 2, 4, true, all.backward(), 10)).events()))
        .containsExactly("2", "3");
    assertThat(messages(read(new Read(A, 2, 4, false, all.forward(), 10)).events()))
        .containsExactly("2", "3");
    assertThat(read(new Read(A, 2, 4, true, all.forward(), 10)).events()).isEmpty();
    assertThat(read(new Read(A, 2, 4, false, all.backward(), 10)).events()).isEmpty();
  }

  @Test
  void bytesBoundAPage() throws StoreException {
    String half = "ü".repeat(LogStore.MAX_PAGE_BYTES / 4 - 13);
    append(
        A, null, at(1, half), at(2, half), at(3, "x".repeat(LogStore.MAX_PAGE_BYTES)), at(4, ""));

    Page first = read(A, true, null, 10);
    Page second = read(A, true, first.forward(), 10);
    Page third = read(A, true, second.forward(), 10);

    assertThat(LogStore.sizeOf(half)).isEqualTo(LogStore.MAX_PAGE_BYTES / 2);
    assertThat(first.events()).hasSize(2);
    assertThat(second.events()).hasSize(1);
    assertThat(third.events()).hasSize(1);
    assertThat(read(A, false, null, 10).events()).hasSize(1);
  }

  @Test
  void anyTextIsKept() throws StoreException {
    append(A, null, at(1, "\u0000 é \uD83D\uDE80 \n"), at(2, ""));

    assertThat(all(A)).containsExactly("\u0000 é \uD83D\uDE80 \n", "");
    assertThat(LogStore.sizeOf("\uD83D\uDE80")).isEqualTo(LogStore.EVENT_OVERHEAD_BYTES + 4);
    assertThat(LogStore.sizeOf("\uD83D")).isEqualTo(LogStore.EVENT_OVERHEAD_BYTES + 1);
  }

  @Test
  void whatIsSentAgainIsNotStoredAgain() throws StoreException {
    append(A, new Origin("w", 0), at(1, "0"), at(1, "1"));
    assertThat(append(A, new Origin("w", 0), at(1, "0"), at(1, "1"))).isEqualTo(new Appended(0, 2));
    assertThat(append(A, new Origin("w", 1), at(1, "1"), at(1, "2"), at(1, "3")))
        .isEqualTo(new Appended(2, 1));
    assertThat(append(A, new Origin("w", 0), at(1, "0"))).isEqualTo(new Appended(0, 1));
    assertThat(append(A, new Origin("w", 4), at(1, "4"))).isEqualTo(new Appended(1, 0));

    assertThat(all(A)).containsExactly("0", "1", "2", "3", "4");
  }

  @Test
  void anotherWriterCountsAnewAndGapsAreAccepted() throws StoreException {
    append(A, new Origin("w", 0), at(1, "w0"), at(1, "w1"));
    append(A, new Origin("v", 0), at(1, "v0"));
    append(A, new Origin("v", 7), at(1, "v7"));
    append(A, null, at(1, "plain"), at(1, "plain"));
    append(A, new Origin("v", 7), at(1, "v7"));
    append(B, new Origin("v", 0), at(1, "b"));

    assertThat(all(A)).containsExactly("w0", "w1", "v0", "v7", "plain", "plain");
    assertThat(all(B)).containsExactly("b");
  }

  @Test
  void aFilterMergesStreams() throws StoreException {
    append(A, null, at(1, "a1"), at(3, "a3"), at(5, "a5"));
    append(B, null, at(2, "b2"), at(3, "b3"), at(4, "b4"));
    append(OTHER, null, at(1, "other"));

    assertThat(messages(filter(new Streams.All(), null, 100).events()))
        .containsExactly("a1", "b2", "a3", "b3", "b4", "a5");
    assertThat(messages(filter(new Streams.WithPrefix("b"), null, 100).events()))
        .containsExactly("b2", "b3", "b4");
    assertThat(messages(filter(new Streams.Named(List.of("a", "b", "a", "x")), null, 100).events()))
        .containsExactly("a1", "b2", "a3", "b3", "b4", "a5");
  }

  @Test
  void aFilterGoesOnBehindAPosition() throws StoreException {
    List<Event> events = IntStream.range(0, 50).mapToObj(i -> at(i / 10, "m" + i)).toList();
    for (int i = 0; i < 50; i++) {
      append(stream("/gantry/run", "s" + i % 7), null, events.get(i));
    }

    List<StoredEvent> seen = new ArrayList<>();
    FilteredPage page = filter(new Streams.All(), null, 3);
    while (page.next() != null) {
      assertThat(page.events()).hasSize(3);
      seen.addAll(page.events());
      page = filter(new Streams.All(), page.next(), 3);
    }
    seen.addAll(page.events());

    assertThat(seen).hasSize(50).doesNotHaveDuplicates();
    assertThat(seen).extracting(StoredEvent::position).isSorted();
  }

  /// A filter that finds nothing answers after a limited effort, with a position to go on from.
  @Test
  void aFilterGivesUpInTime() throws StoreException {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < LogStore.MAX_APPENDED_EVENTS; i++) {
      events.add(at(i, "x"));
    }
    for (int i = 0; i * events.size() <= LogStore.MAX_SCANNED_EVENTS; i++) {
      append(A, null, events.toArray(Event[]::new));
    }
    append(A, null, at(1_000_000, "needle"));

    FilteredPage first = ask(answer -> store().filter(needle(null), answer));
    FilteredPage second = ask(answer -> store().filter(needle(first.next()), answer));

    assertThat(first.events()).isEmpty();
    assertThat(first.next()).isNotNull();
    assertThat(messages(second.events())).containsExactly("needle");
    assertThat(second.next()).isNull();
  }

  private static Filter needle(@Nullable Position after) {
    return new Filter(GROUP, new Streams.All(), 0, ALWAYS, after, "needle"::equals, 10);
  }

  @Test
  void countsWhatIsInAStream() throws StoreException {
    append(A, null, at(7, "abc"), at(3, "é"));
    append(OTHER, null, at(1, ""));

    assertThat(
            this.<java.util.SortedMap<LogStreamId, Stats>>ask(
                    answer -> store().stats(List.of(A, B), answer))
                .values())
        .containsExactly(new Stats(A, 3, 7, 1_000, 26 + 3 + 26 + 2));
    assertThat(
            this.<java.util.SortedMap<LogGroupId, Long>>ask(answer ->
                store()
                    .storedBytes(
                        List.of(GROUP, OTHER.groupId(), new LogGroupId(SCOPE, "no")), answer)))
        .containsEntry(GROUP, 57L)
        .containsEntry(OTHER.groupId(), 26L)
        .containsEntry(new LogGroupId(SCOPE, "no"), 0L);
  }

  @Test
  void listsStreamsByTheirLastEvent() throws StoreException {
    append(stream("/gantry/run", "c"), null, at(5, ""));
    append(stream("/gantry/run", "a"), null, at(7, ""));
    append(stream("/gantry/run", "b"), null, at(5, ""), at(1, ""));
    append(OTHER, null, at(5, ""));

    assertThat(names(false, null, 10)).containsExactly("b", "c", "a");
    assertThat(names(true, null, 10)).containsExactly("a", "c", "b");
    assertThat(names(false, null, 1)).containsExactly("b");
    assertThat(names(false, new Mark(5, "b"), 10)).containsExactly("c", "a");
    assertThat(names(true, new Mark(5, "c"), 10)).containsExactly("b");
  }

  private List<String> names(boolean descending, @Nullable Mark after, int limit)
      throws StoreException {
    List<Stats> found =
        ask(answer ->
            store().byLastEvent(new ByLastEvent(GROUP, descending, after, limit), answer));
    return found.stream().map(stats -> stats.stream().name()).toList();
  }

  @Test
  void aDroppedStreamIsGoneAndItsNameFree() throws StoreException {
    append(A, new Origin("w", 0), at(1, "old"), at(2, "old"));
    append(B, null, at(1, "b"));

    assertThat(this.<Boolean>ask(answer -> store().deleteStream(A, answer))).isTrue();

    assertThat(all(A)).isEmpty();
    assertThat(messages(filter(new Streams.All(), null, 10).events())).containsExactly("b");
    append(A, new Origin("w", 0), at(3, "new"));
    assertThat(all(A)).containsExactly("new");
  }

  @Test
  void aDroppedGroupIsGone() throws StoreException {
    append(A, null, at(1, "a"));
    append(B, null, at(1, "b"));
    append(OTHER, null, at(1, "other"));

    assertThat(this.<Boolean>ask(answer -> store().deleteGroup(GROUP, answer))).isTrue();

    assertThat(all(A)).isEmpty();
    assertThat(all(B)).isEmpty();
    assertThat(all(OTHER)).containsExactly("other");
  }

  @Test
  void onlyWhatIsToBeKeptIsKept() throws StoreException {
    append(A, null, at(1, "a"));
    append(stream("/gantry/run", "x|é"), null, at(1, "odd"));
    append(OTHER, null, at(1, "other"));
    List<LogStreamId> asked = new ArrayList<>();

    int dropped =
        this.<Integer>ask(answer ->
            store()
                .retainOnly(
                    stream -> {
                      asked.add(stream);
                      return stream.equals(A);
                    },
                    answer));

    assertThat(dropped).isEqualTo(2);
    assertThat(asked).containsExactlyInAnyOrder(A, OTHER, stream("/gantry/run", "x|é"));
    assertThat(all(A)).containsExactly("a");
    assertThat(all(OTHER)).isEmpty();
  }

  @Test
  void oldEventsAreDroppedPieceByPiece() throws StoreException {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < LogStore.MAX_APPENDED_EVENTS; i++) {
      events.add(at(i < 9_000 ? 1 : 10, "12345"));
    }
    append(A, null, events.toArray(Event[]::new));
    append(B, null, events.toArray(Event[]::new));
    append(OTHER, null, at(1, "other"));

    List<Boolean> more = new ArrayList<>();
    do {
      more.add(this.<Boolean>ask(answer -> store().expire(GROUP, 10, answer)));
    } while (more.getLast());

    assertThat(more).hasSize(2);
    for (LogStreamId stream : List.of(A, B)) {
      assertThat(all(stream)).hasSize(1_000);
      assertThat(
              this.<java.util.SortedMap<LogStreamId, Stats>>ask(
                      answer -> store().stats(List.of(stream), answer))
                  .values())
          .containsExactly(new Stats(stream, 10, 10, 1_000, 1_000 * 31));
    }
    assertThat(all(OTHER)).containsExactly("other");
    assertThat(this.<Boolean>ask(answer -> store().expire(GROUP, 100, answer))).isFalse();
    assertThat(all(A)).isEmpty();
    assertThat(
            this.<java.util.SortedMap<LogStreamId, Stats>>ask(
                answer -> store().stats(List.of(A), answer)))
        .isEmpty();
    append(A, null, at(5, "again"));
    assertThat(all(A)).containsExactly("again");
  }

  @Test
  void positionsAreText() {
    Position position = new Position(1_772_366_400_000L, 3, 17);

    assertThat(position).hasToString("1772366400000.3.17");
    assertThat(Position.parse("1772366400000.3.17")).isEqualTo(position);
    assertThat(Position.parse(Position.START.toString())).isEqualTo(Position.START);
    for (String text : List.of("", "1", "1.2", "1.2.x", "1.2.3.4", "1.2.99999999999999999999")) {
      assertThat(Position.parse(text)).as(text).isNull();
    }
  }
}

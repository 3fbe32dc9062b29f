package dev.gantry.store;

import dev.gantry.model.LogGroupId;
import dev.gantry.model.LogStreamId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A [LogStore] in memory whose disk is as slow as its owner says, for the simulator and for tests.
///
/// Nothing happens by itself: [#work] does the oldest request that waits, durably, and [#tell]
/// gives its answer. Between the two lies the moment at which a crash loses the answer but not the
/// write. [#crash] is the crash.
public final class MemoryLogStore implements LogStore {

  /// One stream's events and what is counted of them.
  private static final class Stream {
    final long number;
    final NavigableMap<Position, StoredEvent> events = new TreeMap<>();
    long nextSequence;
    long ingestedAt;
    long bytes;
    @Nullable String writer;
    long nextPosition;

    Stream(long number) {
      this.number = number;
    }
  }

  private final SortedMap<LogStreamId, Stream> streams;
  private long nextNumber;
  private final Deque<Supplier<Runnable>> requests = new ArrayDeque<>();
  private final Deque<Runnable> answers = new ArrayDeque<>();
  private boolean ended;
  private @Nullable StoreException full;

  /// An empty store.
  public MemoryLogStore() {
    this(new TreeMap<>(), 1);
  }

  private MemoryLogStore(SortedMap<LogStreamId, Stream> streams, long nextNumber) {
    this.streams = streams;
    this.nextNumber = nextNumber;
  }

  /// Refuses every append that is done from now on, as a full disk does.
  ///
  /// @param cause what the callers are told; null if appends are taken again
  public void refuseAppends(@Nullable StoreException cause) {
    full = cause;
  }

  /// How many requests wait to be done.
  public int queued() {
    return requests.size();
  }

  /// How many answers wait to be given.
  public int untold() {
    return answers.size();
  }

  /// Does the oldest request that waits, if there is one, and keeps its answer back.
  public void work() {
    Supplier<Runnable> request = requests.poll();
    if (request != null) {
      answers.add(request.get());
    }
  }

  /// Gives the oldest answer that was kept back, if there is one.
  public void tell() {
    Runnable answer = answers.poll();
    if (answer != null) {
      answer.run();
    }
  }

  /// Does and answers everything, also what the answers ask for.
  public void settle() {
    while (!requests.isEmpty() || !answers.isEmpty()) {
      work();
      tell();
    }
  }

  /// What a new process finds: all that was done, whether or not it was answered. This store is
  /// dead from now on: it answers nothing more.
  public MemoryLogStore crash() {
    ended = true;
    requests.clear();
    answers.clear();
    return new MemoryLogStore(streams, nextNumber);
  }

  private <T> void ask(Callback<T> callback, Supplier<T> request) {
    queue(
        callback,
        () -> {
          T result = request.get();
          return () -> callback.done(result);
        });
  }

  private void queue(Callback<?> callback, Supplier<Runnable> request) {
    if (ended) {
      return;
    }
    if (requests.size() >= MAX_QUEUED_WRITES) {
      callback.failed(
          new StoreException(
              StoreException.Kind.OVERLOADED, "Too many log requests wait; try again later", null));
      return;
    }
    requests.add(request);
  }

  @Override
  public void append(
      LogStreamId id,
      List<Event> events,
      long ingestedAt,
      @Nullable Origin origin,
      Callback<Appended> callback) {
    queue(
        callback,
        () -> {
          StoreException refusal = full;
          if (refusal != null) {
            return () -> callback.failed(refusal);
          }
          Appended appended = append(id, events, ingestedAt, origin);
          return () -> callback.done(appended);
        });
  }

  private Appended append(
      LogStreamId id, List<Event> events, long ingestedAt, @Nullable Origin origin) {
    Stream stream = streams.computeIfAbsent(id, _ -> new Stream(nextNumber++));
    int skipped = 0;
    if (origin != null) {
      skipped = origin.stored(events.size(), stream.writer, stream.nextPosition);
      stream.nextPosition = origin.next(events.size(), stream.writer, stream.nextPosition);
      stream.writer = origin.writer();
    }
    for (Event event : events.subList(skipped, events.size())) {
      Position position = new Position(event.timestamp(), stream.number, stream.nextSequence++);
      stream.events.put(position, new StoredEvent(id, position, ingestedAt, event.message()));
      stream.bytes += LogStore.sizeOf(event.message());
    }
    if (skipped < events.size()) {
      stream.ingestedAt = ingestedAt;
    }
    return new Appended(events.size() - skipped, skipped);
  }

  @Override
  public void read(Read query, Callback<Page> callback) {
    ask(callback, () -> read(query));
  }

  private Page read(Read query) {
    Stream stream = streams.get(query.stream());
    if (stream == null) {
      return Page.of(List.of(), query);
    }
    NavigableMap<Position, StoredEvent> range = stream.events;
    Position position = query.position();
    if (position != null) {
      Position mark = new Position(position.timestamp(), stream.number, position.sequence());
      range = query.forward() ? range.tailMap(mark, false) : range.headMap(mark, false);
    }
    List<StoredEvent> page = new ArrayList<>();
    long bytes = 0;
    for (StoredEvent event : (query.forward() ? range : range.descendingMap()).values()) {
      if (event.timestamp() < query.from() || event.timestamp() >= query.to()) {
        continue;
      }
      bytes += LogStore.sizeOf(event.message());
      if (page.size() == query.limit() || (bytes > MAX_PAGE_BYTES && !page.isEmpty())) {
        break;
      }
      page.add(event);
    }
    if (!query.forward()) {
      Collections.reverse(page);
    }
    return Page.of(List.copyOf(page), query);
  }

  @Override
  public void filter(Filter query, Callback<FilteredPage> callback) {
    ask(callback, () -> filter(query));
  }

  private FilteredPage filter(Filter query) {
    List<StoredEvent> merged = new ArrayList<>();
    for (var entry : streams.entrySet()) {
      if (entry.getKey().groupId().equals(query.group())
          && query.streams().include(entry.getKey())) {
        merged.addAll(entry.getValue().events.values());
      }
    }
    merged.sort(Comparator.comparing(StoredEvent::position));
    FilterPage page = new FilterPage(query);
    for (StoredEvent event : merged) {
      boolean wanted =
          event.timestamp() >= query.from()
              && event.timestamp() < query.to()
              && (query.after() == null || event.position().compareTo(query.after()) > 0);
      if (wanted && !page.take(event)) {
        break;
      }
    }
    return page.finish();
  }

  @Override
  public void stats(List<LogStreamId> ids, Callback<SortedMap<LogStreamId, Stats>> callback) {
    ask(
        callback,
        () -> {
          SortedMap<LogStreamId, Stats> result = new TreeMap<>();
          for (LogStreamId id : ids) {
            Stream stream = streams.get(id);
            if (stream != null && !stream.events.isEmpty()) {
              result.put(id, stats(id, stream));
            }
          }
          return result;
        });
  }

  private static Stats stats(LogStreamId id, Stream stream) {
    return new Stats(
        id,
        stream.events.firstKey().timestamp(),
        stream.events.lastKey().timestamp(),
        stream.ingestedAt,
        stream.bytes);
  }

  @Override
  public void byLastEvent(ByLastEvent query, Callback<List<Stats>> callback) {
    ask(
        callback,
        () -> {
          Comparator<Stats> order =
              Comparator.comparingLong(Stats::lastEventAt)
                  .thenComparing(stats -> stats.stream().name());
          Comparator<Stats> wanted = query.descending() ? order.reversed() : order;
          Mark after = query.after();
          return streams.entrySet().stream()
              .filter(entry -> entry.getKey().groupId().equals(query.group()))
              .filter(entry -> !entry.getValue().events.isEmpty())
              .map(entry -> stats(entry.getKey(), entry.getValue()))
              .sorted(wanted)
              .filter(stats -> after == null || isBehind(stats, after, query.descending()))
              .limit(query.limit())
              .toList();
        });
  }

  private static boolean isBehind(Stats stats, Mark mark, boolean descending) {
    int order = Long.compare(stats.lastEventAt(), mark.lastEventAt());
    if (order == 0) {
      order = stats.stream().name().compareTo(mark.name());
    }
    return descending ? order < 0 : order > 0;
  }

  @Override
  public void storedBytes(List<LogGroupId> groups, Callback<SortedMap<LogGroupId, Long>> callback) {
    ask(
        callback,
        () -> {
          SortedMap<LogGroupId, Long> result = new TreeMap<>();
          groups.forEach(group -> result.put(group, 0L));
          streams.forEach((id, stream) ->
              result.computeIfPresent(id.groupId(), (_, bytes) -> bytes + stream.bytes));
          return result;
        });
  }

  @Override
  public void deleteStream(LogStreamId id, Callback<Boolean> callback) {
    ask(callback, () -> streams.remove(id) != null);
  }

  @Override
  public void deleteGroup(LogGroupId group, Callback<Boolean> callback) {
    ask(callback, () -> streams.keySet().removeIf(id -> id.groupId().equals(group)));
  }

  @Override
  public void retainOnly(Predicate<LogStreamId> keep, Callback<Integer> callback) {
    ask(
        callback,
        () -> {
          int before = streams.size();
          streams.keySet().removeIf(keep.negate());
          return before - streams.size();
        });
  }

  @Override
  public void expire(LogGroupId group, long before, Callback<Boolean> callback) {
    ask(callback, () -> expire(group, before));
  }

  private boolean expire(LogGroupId group, long before) {
    int dropped = 0;
    for (var entry : streams.entrySet()) {
      Stream stream = entry.getValue();
      while (entry.getKey().groupId().equals(group)
          && !stream.events.isEmpty()
          && stream.events.firstKey().timestamp() < before) {
        if (dropped == MAX_EXPIRED_EVENTS) {
          return true;
        }
        stream.bytes -= LogStore.sizeOf(stream.events.pollFirstEntry().getValue().message());
        dropped++;
      }
    }
    return false;
  }

  @Override
  public void close() {
    settle();
    ended = true;
  }
}

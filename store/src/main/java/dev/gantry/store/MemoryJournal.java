package dev.gantry.store;

import dev.gantry.model.Change;
import dev.gantry.model.Entity;
import dev.gantry.model.EntityKind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A [Journal] in memory whose disk is as slow as its owner says, for the simulator and for tests.
/// It stores what the real ones store, the records' text, so a reload passes through the codec.
///
/// Nothing happens by itself: [#write] makes what waits durable, [#tell] says so. Between the two
/// lies the moment at which a crash loses the answer but not the write. [#crash] is the crash.
public final class MemoryJournal implements Journal {

  private record RowKey(EntityKind kind, String id) implements Comparable<RowKey> {
    @Override
    public int compareTo(RowKey other) {
      int order = kind.compareTo(other.kind);
      return order != 0 ? order : id.compareTo(other.id);
    }
  }

  private final RecordCodec codec;
  private final SortedMap<RowKey, String> rows;
  private final Deque<Batch> queue = new ArrayDeque<>();
  private long durable;
  private long told;
  private long given;
  private @Nullable Listener listener;
  private boolean ended;

  /// An empty journal.
  ///
  /// @param codec spells the records; may be shared
  public MemoryJournal(RecordCodec codec) {
    this(codec, new TreeMap<>(), 0);
  }

  private MemoryJournal(RecordCodec codec, SortedMap<RowKey, String> rows, long durable) {
    this.codec = codec;
    this.rows = rows;
    this.durable = durable;
    this.told = durable;
    this.given = durable;
  }

  @Override
  public State load() throws StoreException {
    List<Entity> entities = new ArrayList<>();
    for (var row : rows.entrySet()) {
      try {
        entities.add(codec.decode(row.getKey().kind, row.getValue()));
      } catch (RecordFormatException e) {
        throw new StoreException(
            StoreException.Kind.BAD_RECORD,
            row.getKey().kind + " " + row.getKey().id + ": " + e.getMessage(),
            e);
      }
    }
    return State.of(durable, entities);
  }

  @Override
  public void start(Listener listener) {
    this.listener = listener;
  }

  @Override
  public boolean hasRoom() {
    return queue.size() < MAX_QUEUED_BATCHES;
  }

  @Override
  public void commit(Batch batch) {
    if (ended) {
      return;
    }
    if (listener == null || !hasRoom()) {
      throw new IllegalStateException("The journal was not started, or has no room");
    }
    if (batch.firstRevision() != given + 1) {
      throw new IllegalArgumentException(
          "A batch from revision " + batch.firstRevision() + " cannot follow revision " + given);
    }
    given = batch.lastRevision();
    queue.add(batch);
  }

  /// How many batches wait to be durable.
  public int queued() {
    return queue.size();
  }

  /// Makes the oldest batches durable, without telling it.
  ///
  /// @param batches at most so many
  public void write(int batches) {
    for (int i = 0; i < batches && !queue.isEmpty(); i++) {
      Batch batch = queue.remove();
      for (Change change : batch.changes()) {
        RowKey key = new RowKey(change.id().kind(), RecordCodec.column(change.id()));
        switch (change) {
          case Change.Put(Entity entity) -> rows.put(key, codec.encode(entity));
          case Change.Remove _ -> rows.remove(key);
        }
      }
      durable = batch.lastRevision();
    }
  }

  /// Tells the listener what is durable, if it does not know it yet.
  public void tell() {
    if (listener != null && !ended && told < durable) {
      told = durable;
      listener.durable(durable);
    }
  }

  /// Fails, as a full disk would: the listener is told once, and nothing happens any more.
  public void fail(StoreException cause) {
    if (listener != null && !ended) {
      ended = true;
      queue.clear();
      listener.failed(cause);
    }
  }

  /// What a new process finds: everything durable and nothing else. This journal is dead from now
  /// on; it takes no batches and tells nothing.
  public MemoryJournal crash() {
    ended = true;
    queue.clear();
    return new MemoryJournal(codec, new TreeMap<>(rows), durable);
  }

  @Override
  public void close() {
    write(queue.size());
    tell();
    ended = true;
  }
}

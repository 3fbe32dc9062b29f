package dev.gantry.store;

import dev.gantry.model.Entity;
import dev.gantry.model.EntityId;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/// The records of one group of an [Index], in the order of their ids, as they stand in one [State].
///
/// @param <I> their ids
/// @param <E> the records
public final class Group<I extends EntityId, E extends Entity> implements Iterable<E> {

  private final OrderedSet<I> ids;
  private final OrderedMap<I, E> records;

  Group(OrderedSet<I> ids, OrderedMap<I, E> records) {
    this.ids = ids;
    this.records = records;
  }

  /// How many there are; costs nothing.
  public int size() {
    return ids.size();
  }

  /// Whether there are none.
  public boolean isEmpty() {
    return ids.isEmpty();
  }

  /// The ids alone.
  public OrderedSet<I> ids() {
    return ids;
  }

  /// The first record, or null if there are none.
  public @Nullable E first() {
    I id = ids.first();
    return id == null ? null : record(id);
  }

  /// The last record, or null if there are none.
  public @Nullable E last() {
    I id = ids.last();
    return id == null ? null : record(id);
  }

  /// All records in ascending order.
  @Override
  public Iterator<E> iterator() {
    return records(ids).iterator();
  }

  /// The records whose id is `id` or greater, in ascending order.
  public Iterable<E> from(I id) {
    return records(ids.from(id));
  }

  /// The records whose id is greater than `id`, in ascending order: the rest behind a page. The
  /// record of that id itself may have gone meanwhile.
  public Iterable<E> after(I id) {
    return records(ids.after(id));
  }

  /// All records in descending order.
  public Iterable<E> descending() {
    return records(ids.descending());
  }

  /// The records whose id is less than `id`, in descending order.
  public Iterable<E> descendingBefore(I id) {
    return records(ids.descendingBefore(id));
  }

  private Iterable<E> records(Iterable<I> some) {
    return () -> {
      Iterator<I> iterator = some.iterator();
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return iterator.hasNext();
        }

        @Override
        public E next() {
          return record(iterator.next());
        }
      };
    };
  }

  private E record(I id) {
    E record = records.get(id);
    if (record == null) {
      throw new IllegalStateException("An index names " + id + ", which is not there");
    }
    return record;
  }
}

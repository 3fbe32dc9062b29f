package dev.gantry.store;

import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An immutable set in order: an [OrderedMap] without values. The groups of the secondary indexes
/// of [State] are such sets of ids.
///
/// @param <T> the elements; equal means that they compare as 0
public final class OrderedSet<T> implements Iterable<T> {

  private final OrderedMap<T, T> map;

  private OrderedSet(OrderedMap<T, T> map) {
    this.map = map;
  }

  /// The empty set.
  public static <T extends Comparable<? super T>> OrderedSet<T> empty() {
    return new OrderedSet<>(OrderedMap.<T, T>empty());
  }

  /// The set of strictly ascending elements, in O(n).
  ///
  /// @throws IllegalArgumentException if they are not strictly ascending
  public static <T extends Comparable<? super T>> OrderedSet<T> ofSorted(
      List<? extends T> elements) {
    return new OrderedSet<>(OrderedMap.<T, T>ofSorted(elements, elements));
  }

  /// How many elements there are.
  public int size() {
    return map.size();
  }

  /// Whether there is no element at all.
  public boolean isEmpty() {
    return map.isEmpty();
  }

  /// Whether the element is present.
  public boolean contains(T element) {
    return map.containsKey(element);
  }

  /// This set with the element; this very set if it was there.
  public OrderedSet<T> add(T element) {
    return map.containsKey(element) ? this : new OrderedSet<>(map.put(element, element));
  }

  /// This set without the element; this very set if it was absent.
  public OrderedSet<T> remove(T element) {
    return map.containsKey(element) ? new OrderedSet<>(map.remove(element)) : this;
  }

  /// The first element, or null if the set is empty.
  public @Nullable T first() {
    return keyOf(map.first());
  }

  /// The last element, or null if the set is empty.
  public @Nullable T last() {
    return keyOf(map.last());
  }

  /// The first element greater than the given one, which need not be present, or null.
  public @Nullable T firstAfter(T element) {
    return keyOf(map.firstAfter(element));
  }

  private static <T> @Nullable T keyOf(OrderedMap.@Nullable Entry<T, T> entry) {
    return entry == null ? null : entry.key();
  }

  /// All elements in ascending order.
  @Override
  public Iterator<T> iterator() {
    return map.values().iterator();
  }

  /// The elements that are the given one or greater, in ascending order.
  public Iterable<T> from(T element) {
    return keys(map.from(element));
  }

  /// The elements greater than the given one, in ascending order.
  public Iterable<T> after(T element) {
    return keys(map.after(element));
  }

  /// All elements in descending order.
  public Iterable<T> descending() {
    return keys(map.descending());
  }

  /// The elements less than the given one, in descending order.
  public Iterable<T> descendingBefore(T element) {
    return keys(map.descendingBefore(element));
  }

  private static <T> Iterable<T> keys(Iterable<OrderedMap.Entry<T, T>> entries) {
    return () -> {
      Iterator<OrderedMap.Entry<T, T>> iterator = entries.iterator();
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return iterator.hasNext();
        }

        @Override
        public T next() {
          return iterator.next().key();
        }
      };
    };
  }

  @Override
  public boolean equals(@Nullable Object object) {
    return object instanceof OrderedSet<?> other && map.equals(other.map);
  }

  @Override
  public int hashCode() {
    return map.hashCode();
  }

  @Override
  public String toString() {
    return map.toList().stream().map(OrderedMap.Entry::key).toList().toString();
  }
}

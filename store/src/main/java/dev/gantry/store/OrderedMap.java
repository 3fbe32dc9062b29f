package dev.gantry.store;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// An immutable map in key order. Changing it makes a new map that shares all but O(log n) nodes
/// with the old one, which stays as it was: a reader may keep any version for as long as it likes.
///
/// This is what [State] is made of. The order of the keys is the only order there is, so two runs
/// that make the same changes iterate alike. Every operation is O(log n); [#size] and
/// [#countBefore] come from the sizes that the balance needs anyway, so counting a range costs no
/// walk.
///
/// Inside is a weight-balanced tree (Adams 1992) with the parameters 3 and 2, which Hirai and
/// Yamamoto, "Balancing weight-balanced trees" (2011), prove to be right for insertion and removal.
///
/// @param <K> the keys; equal means that the comparator answers 0
/// @param <V> the values, never null
public final class OrderedMap<K, V> implements Iterable<OrderedMap.Entry<K, V>> {

  /// One side of a node may weigh at most this many times the other.
  private static final int BALANCE = 3;

  /// A rotation is single while the inner grandchild weighs less than this many times the outer.
  private static final int SINGLE = 2;

  private final Comparator<? super K> order;
  private final @Nullable Node<K, V> root;

  private OrderedMap(Comparator<? super K> order, @Nullable Node<K, V> root) {
    this.order = order;
    this.root = root;
  }

  /// One key with its value.
  public sealed interface Entry<K, V> {
    /// The key.
    K key();

    /// The value.
    V value();
  }

  /// The empty map whose keys are in their natural order.
  public static <K extends Comparable<? super K>, V> OrderedMap<K, V> empty() {
    return new OrderedMap<>(Comparator.naturalOrder(), null);
  }

  /// The empty map whose keys are in the given order.
  public static <K, V> OrderedMap<K, V> empty(Comparator<? super K> order) {
    return new OrderedMap<>(order, null);
  }

  /// The map of `keys` to the values at the same places, built in O(n) without a single rotation.
  ///
  /// @param keys strictly ascending
  /// @throws IllegalArgumentException if the keys are not strictly ascending, or the lists differ
  ///   in size
  public static <K extends Comparable<? super K>, V> OrderedMap<K, V> ofSorted(
      List<? extends K> keys, List<? extends V> values) {
    if (keys.size() != values.size()) {
      throw new IllegalArgumentException(
          keys.size() + " keys do not go with " + values.size() + " values");
    }
    for (int i = 1; i < keys.size(); i++) {
      if (keys.get(i - 1).compareTo(keys.get(i)) >= 0) {
        throw new IllegalArgumentException(
            "Keys must ascend strictly, but " + keys.get(i - 1) + " comes before " + keys.get(i));
      }
    }
    return new OrderedMap<>(Comparator.naturalOrder(), build(keys, values, 0, keys.size()));
  }

  private static <K, V> @Nullable Node<K, V> build(
      List<? extends K> keys, List<? extends V> values, int from, int to) {
    if (from == to) {
      return null;
    }
    int middle = (from + to) >>> 1;
    return new Node<>(
        keys.get(middle),
        Objects.requireNonNull(values.get(middle)),
        build(keys, values, from, middle),
        build(keys, values, middle + 1, to));
  }

  /// How many keys there are.
  public int size() {
    return size(root);
  }

  /// Whether there is no key at all.
  public boolean isEmpty() {
    return root == null;
  }

  /// The value of a key, or null if the key is absent.
  public @Nullable V get(K key) {
    Node<K, V> node = find(key);
    return node == null ? null : node.value;
  }

  /// Whether the key is present.
  public boolean containsKey(K key) {
    return find(key) != null;
  }

  private @Nullable Node<K, V> find(K key) {
    Node<K, V> node = root;
    while (node != null) {
      int c = order.compare(key, node.key);
      if (c == 0) {
        return node;
      }
      node = c < 0 ? node.left : node.right;
    }
    return null;
  }

  /// This map with `key` bound to `value`; this very map if it was bound to that same object
  /// already.
  public OrderedMap<K, V> put(K key, V value) {
    Objects.requireNonNull(key);
    Objects.requireNonNull(value);
    Node<K, V> changed = put(root, key, value);
    return changed == root ? this : new OrderedMap<>(order, changed);
  }

  /// Compares values by identity: equality of whole records would cost more than it spares.
  @SuppressWarnings("ReferenceEquality")
  private Node<K, V> put(@Nullable Node<K, V> node, K key, V value) {
    if (node == null) {
      return new Node<>(key, value, null, null);
    }
    int c = order.compare(key, node.key);
    if (c == 0) {
      return node.value == value ? node : new Node<>(node.key, value, node.left, node.right);
    }
    if (c < 0) {
      Node<K, V> left = put(node.left, key, value);
      return left == node.left ? node : balance(node, left, node.right);
    }
    Node<K, V> right = put(node.right, key, value);
    return right == node.right ? node : balance(node, node.left, right);
  }

  /// This map without `key`; this very map if the key is absent.
  public OrderedMap<K, V> remove(K key) {
    Node<K, V> changed = remove(root, key);
    return changed == root ? this : new OrderedMap<>(order, changed);
  }

  private @Nullable Node<K, V> remove(@Nullable Node<K, V> node, K key) {
    if (node == null) {
      return null;
    }
    int c = order.compare(key, node.key);
    if (c < 0) {
      Node<K, V> left = remove(node.left, key);
      return left == node.left ? node : balance(node, left, node.right);
    }
    if (c > 0) {
      Node<K, V> right = remove(node.right, key);
      return right == node.right ? node : balance(node, node.left, right);
    }
    if (node.left == null) {
      return node.right;
    }
    if (node.right == null) {
      return node.left;
    }
    // The heavier side gives the replacement, so the tree never leans further than it did.
    if (node.left.size > node.right.size) {
      return balance(last(node.left), removeLast(node.left), node.right);
    }
    return balance(first(node.right), node.left, removeFirst(node.right));
  }

  private static <K, V> @Nullable Node<K, V> removeFirst(Node<K, V> node) {
    return node.left == null ? node.right : balance(node, removeFirst(node.left), node.right);
  }

  private static <K, V> @Nullable Node<K, V> removeLast(Node<K, V> node) {
    return node.right == null ? node.left : balance(node, node.left, removeLast(node.right));
  }

  /// The first entry, or null if the map is empty.
  public @Nullable Entry<K, V> first() {
    return root == null ? null : first(root);
  }

  /// The last entry, or null if the map is empty.
  public @Nullable Entry<K, V> last() {
    return root == null ? null : last(root);
  }

  /// The first entry whose key is greater than `key`, or null. The key itself may be absent: this
  /// is how a page goes on after an entry that has been removed meanwhile.
  public @Nullable Entry<K, V> firstAfter(K key) {
    Node<K, V> best = null;
    Node<K, V> node = root;
    while (node != null) {
      if (order.compare(key, node.key) < 0) {
        best = node;
        node = node.left;
      } else {
        node = node.right;
      }
    }
    return best;
  }

  /// The last entry whose key is less than `key`, or null.
  public @Nullable Entry<K, V> lastBefore(K key) {
    Node<K, V> best = null;
    Node<K, V> node = root;
    while (node != null) {
      if (order.compare(key, node.key) > 0) {
        best = node;
        node = node.right;
      } else {
        node = node.left;
      }
    }
    return best;
  }

  /// How many keys are less than `key`.
  public int countBefore(K key) {
    int count = 0;
    Node<K, V> node = root;
    while (node != null) {
      int c = order.compare(key, node.key);
      if (c <= 0) {
        node = node.left;
      } else {
        count += size(node.left) + 1;
        node = node.right;
      }
    }
    return count;
  }

  /// All entries in ascending order.
  @Override
  public Iterator<Entry<K, V>> iterator() {
    return new Ascending<>(order, root, null, false, null);
  }

  /// The entries whose key is `key` or greater, in ascending order.
  public Iterable<Entry<K, V>> from(K key) {
    return () -> new Ascending<>(order, root, key, true, null);
  }

  /// The entries whose key is greater than `key`, in ascending order.
  public Iterable<Entry<K, V>> after(K key) {
    return () -> new Ascending<>(order, root, key, false, null);
  }

  /// The entries whose key is `from` or greater and less than `to`, in ascending order.
  public Iterable<Entry<K, V>> range(K from, K to) {
    return () -> new Ascending<>(order, root, from, true, to);
  }

  /// All entries in descending order.
  public Iterable<Entry<K, V>> descending() {
    return () -> new Descending<>(order, root, null);
  }

  /// The entries whose key is less than `key`, in descending order.
  public Iterable<Entry<K, V>> descendingBefore(K key) {
    return () -> new Descending<>(order, root, key);
  }

  /// A new list with the entries of this map, in order; for those who need an index into it.
  public List<Entry<K, V>> toList() {
    List<Entry<K, V>> list = new ArrayList<>(size());
    for (Entry<K, V> entry : this) {
      list.add(entry);
    }
    return Collections.unmodifiableList(list);
  }

  /// All values in the order of their keys.
  public Iterable<V> values() {
    return () -> {
      Iterator<Entry<K, V>> entries = iterator();
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return entries.hasNext();
        }

        @Override
        public V next() {
          return entries.next().value();
        }
      };
    };
  }

  /// Maps are equal when they hold equal keys and values in the same order.
  @Override
  public boolean equals(@Nullable Object object) {
    if (!(object instanceof OrderedMap<?, ?> other) || size() != other.size()) {
      return object == this;
    }
    if (root == other.root) {
      return true;
    }
    Iterator<? extends Entry<?, ?>> mine = iterator();
    for (Entry<?, ?> theirs : other) {
      Entry<?, ?> entry = mine.next();
      if (!entry.key().equals(theirs.key()) || !entry.value().equals(theirs.value())) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    int hash = 1;
    for (Entry<K, V> entry : this) {
      hash = 31 * hash + (entry.key().hashCode() ^ entry.value().hashCode());
    }
    return hash;
  }

  @Override
  public String toString() {
    List<String> entries = new ArrayList<>();
    for (Entry<K, V> entry : this) {
      entries.add(entry.key() + "=" + entry.value());
    }
    return "{" + String.join(", ", entries) + "}";
  }

  /// Checks the balance, the sizes and the order of every node; for tests.
  ///
  /// @throws IllegalStateException if one of them is wrong
  void check() {
    check(root);
    K before = null;
    for (Entry<K, V> entry : this) {
      if (before != null && order.compare(before, entry.key()) >= 0) {
        throw new IllegalStateException(before + " stands before " + entry.key());
      }
      before = entry.key();
    }
  }

  private static void check(@Nullable Node<?, ?> node) {
    if (node == null) {
      return;
    }
    if (node.size != size(node.left) + size(node.right) + 1) {
      throw new IllegalStateException("The size of " + node.key + " is wrong");
    }
    if (weight(node.left) > BALANCE * weight(node.right)
        || weight(node.right) > BALANCE * weight(node.left)) {
      // A node with one child only is as balanced as can be.
      if (node.size > 2) {
        throw new IllegalStateException("The tree leans at " + node.key);
      }
    }
    check(node.left);
    check(node.right);
  }

  private static int size(@Nullable Node<?, ?> node) {
    return node == null ? 0 : node.size;
  }

  private static int weight(@Nullable Node<?, ?> node) {
    return size(node) + 1;
  }

  private static <K, V> Node<K, V> first(Node<K, V> node) {
    while (node.left != null) {
      node = node.left;
    }
    return node;
  }

  private static <K, V> Node<K, V> last(Node<K, V> node) {
    while (node.right != null) {
      node = node.right;
    }
    return node;
  }

  /// A node with the entry of `entry` over two subtrees of which one may have grown or shrunk by
  /// one.
  private static <K, V> Node<K, V> balance(
      Node<K, V> entry, @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
    if (right != null && weight(right) > BALANCE * weight(left)) {
      Node<K, V> inner = right.left;
      if (inner == null || weight(inner) < SINGLE * weight(right.right)) {
        return right.over(entry.over(left, inner), right.right);
      }
      return inner.over(entry.over(left, inner.left), right.over(inner.right, right.right));
    }
    if (left != null && weight(left) > BALANCE * weight(right)) {
      Node<K, V> inner = left.right;
      if (inner == null || weight(inner) < SINGLE * weight(left.left)) {
        return left.over(left.left, entry.over(inner, right));
      }
      return inner.over(left.over(left.left, inner.left), entry.over(inner.right, right));
    }
    return entry.over(left, right);
  }

  private static final class Node<K, V> implements Entry<K, V> {
    final K key;
    final V value;
    final int size;
    final @Nullable Node<K, V> left;
    final @Nullable Node<K, V> right;

    Node(K key, V value, @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
      this.key = key;
      this.value = value;
      this.left = left;
      this.right = right;
      this.size = OrderedMap.size(left) + OrderedMap.size(right) + 1;
    }

    /// This entry over other subtrees.
    Node<K, V> over(@Nullable Node<K, V> newLeft, @Nullable Node<K, V> newRight) {
      return new Node<>(key, value, newLeft, newRight);
    }

    @Override
    public K key() {
      return key;
    }

    @Override
    public V value() {
      return value;
    }

    @Override
    public String toString() {
      return key + "=" + value;
    }
  }

  /// Walks up from a lower bound. The stack holds the nodes whose entry and right side are still to
  /// come, the next one last.
  private static final class Ascending<K, V> implements Iterator<Entry<K, V>> {
    private final Comparator<? super K> order;
    private final @Nullable K end;
    private final List<Node<K, V>> ahead = new ArrayList<>();

    Ascending(
        Comparator<? super K> order,
        @Nullable Node<K, V> root,
        @Nullable K bound,
        boolean inclusive,
        @Nullable K end) {
      this.order = order;
      this.end = end;
      Node<K, V> node = root;
      while (node != null) {
        int c = bound == null ? -1 : order.compare(bound, node.key);
        if (c < 0 || (c == 0 && inclusive)) {
          ahead.add(node);
          node = node.left;
        } else {
          node = node.right;
        }
      }
      stopAtEnd();
    }

    @Override
    public boolean hasNext() {
      return !ahead.isEmpty();
    }

    @Override
    public Entry<K, V> next() {
      if (ahead.isEmpty()) {
        throw new NoSuchElementException();
      }
      Node<K, V> result = ahead.removeLast();
      for (Node<K, V> node = result.right; node != null; node = node.left) {
        ahead.add(node);
      }
      stopAtEnd();
      return result;
    }

    private void stopAtEnd() {
      if (end != null && !ahead.isEmpty() && order.compare(ahead.getLast().key, end) >= 0) {
        ahead.clear();
      }
    }
  }

  /// The mirror image of [Ascending].
  private static final class Descending<K, V> implements Iterator<Entry<K, V>> {
    private final List<Node<K, V>> ahead = new ArrayList<>();

    Descending(Comparator<? super K> order, @Nullable Node<K, V> root, @Nullable K bound) {
      Node<K, V> node = root;
      while (node != null) {
        if (bound == null || order.compare(bound, node.key) > 0) {
          ahead.add(node);
          node = node.right;
        } else {
          node = node.left;
        }
      }
    }

    @Override
    public boolean hasNext() {
      return !ahead.isEmpty();
    }

    @Override
    public Entry<K, V> next() {
      if (ahead.isEmpty()) {
        throw new NoSuchElementException();
      }
      Node<K, V> result = ahead.removeLast();
      for (Node<K, V> node = result.left; node != null; node = node.right) {
        ahead.add(node);
      }
      return result;
    }
  }
}

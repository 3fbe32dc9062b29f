package dev.gantry.store;

/// Names a group of an [Index] by two things, ordered by the first and then the second.
///
/// @param <A> the first
/// @param <B> the second
public record Pair<A extends Comparable<? super A>, B extends Comparable<? super B>>(
    A first, B second) implements Comparable<Pair<A, B>> {
  @Override
  public int compareTo(Pair<A, B> other) {
    int order = first.compareTo(other.first);
    return order != 0 ? order : second.compareTo(other.second);
  }
}

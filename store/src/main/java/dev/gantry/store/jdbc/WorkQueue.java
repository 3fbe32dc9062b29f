package dev.gantry.store.jdbc;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// What waits for the threads of a store: a queue that is bounded by number and by weight, refuses
/// instead of blocking, and hands out many items at once.
///
/// @param <T> the items
final class WorkQueue<T> {

  private record Waiting<T>(T item, long weight) {}

  private final int maxItems;
  private final long maxWeight;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Waiting<T>> waiting = new ArrayDeque<>();
  private long weight;
  private boolean closed;

  /// What became of an offer.
  enum Offer {
    TAKEN,
    FULL,
    CLOSED
  }

  /// An empty queue.
  WorkQueue(int maxItems, long maxWeight) {
    this.maxItems = maxItems;
    this.maxWeight = maxWeight;
  }

  /// Adds an item. The queue is full once it weighs as much as it may: an item is never too heavy
  /// by itself.
  Offer offer(T item, long itemWeight) {
    lock.lock();
    try {
      if (closed) {
        return Offer.CLOSED;
      }
      if (isFull()) {
        return Offer.FULL;
      }
      waiting.add(new Waiting<>(item, itemWeight));
      weight += itemWeight;
      changed.signal();
      return Offer.TAKEN;
    } finally {
      lock.unlock();
    }
  }

  /// Whether an item would be taken.
  boolean hasRoom() {
    lock.lock();
    try {
      return !closed && !isFull();
    } finally {
      lock.unlock();
    }
  }

  private boolean isFull() {
    return waiting.size() >= maxItems || weight >= maxWeight;
  }

  /// Takes the oldest items, at least one as soon as there is one.
  ///
  /// @param wait whether to wait for one
  /// @param items at most so many
  /// @param heavy no more once they weigh so much
  /// @return empty if there is none: without waiting, or because the queue is closed
  List<T> take(boolean wait, int items, long heavy) {
    lock.lock();
    try {
      while (wait && waiting.isEmpty() && !closed) {
        changed.awaitUninterruptibly();
      }
      List<T> taken = new ArrayList<>();
      long takenWeight = 0;
      while (taken.size() < items && takenWeight < heavy && !waiting.isEmpty()) {
        Waiting<T> next = waiting.remove();
        taken.add(next.item);
        takenWeight += next.weight;
      }
      weight -= takenWeight;
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /// Refuses everything from now on. What waits can still be taken.
  void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Whether nothing waits and nothing will.
  boolean isFinished() {
    lock.lock();
    try {
      return closed && waiting.isEmpty();
    } finally {
      lock.unlock();
    }
  }
}

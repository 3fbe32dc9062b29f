package dev.gantry.http;

import dev.gantry.wire.BodySink;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The pieces of a body between whoever gives them, from any thread, and the connection's own
/// thread, which writes them.
final class StreamedBody implements BodySink {
  /// The most pieces that wait to be written. Whoever gives them has to keep back, or drop, what a
  /// slow client does not take.
  static final int MAX_WAITING = 4;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<byte[]> waiting = new ArrayDeque<>(MAX_WAITING);
  private boolean ended;

  @Override
  public int room() {
    lock.lock();
    try {
      return ended ? 0 : MAX_WAITING - waiting.size();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean send(byte[] piece) {
    lock.lock();
    try {
      if (ended || waiting.size() == MAX_WAITING) {
        return false;
      }
      waiting.add(piece);
      changed.signal();
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void end() {
    lock.lock();
    try {
      ended = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /// Waits for the next piece; null when there are no more.
  byte @Nullable [] next() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (waiting.isEmpty() && !ended) {
        changed.await();
      }
      return waiting.poll();
    } finally {
      lock.unlock();
    }
  }

  /// Ends, and lets go of what was not written.
  void close() {
    lock.lock();
    try {
      ended = true;
      waiting.clear();
    } finally {
      lock.unlock();
    }
  }
}

package dev.gantry.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.store.LogStore;
import dev.gantry.store.StoreException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Holds up a store's thread in what it tells, until it is closed.
final class Gate implements AutoCloseable {

  private static final int PATIENCE_SECONDS = 60;

  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch opened = new CountDownLatch(1);

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Called by the thread that is to be held up.
  void pass() {
    reached.countDown();
    await(opened);
  }

  /// Waits until a thread is held up.
  void awaitHeld() {
    await(reached);
  }

  /// A callback that is held up.
  <T> LogStore.Callback<T> callback() {
    return new LogStore.Callback<>() {
      @Override
      public void done(T result) {
        pass();
      }

      @Override
      public void failed(StoreException cause) {
        throw new IllegalStateException(cause);
      }
    };
  }

  @Override
  public void close() {
    opened.countDown();
  }
}

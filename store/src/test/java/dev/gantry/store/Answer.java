package dev.gantry.store;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A callback that a test waits for. A second answer fails the test that waits.
public final class Answer<T> implements LogStore.Callback<T> {

  private static final int PATIENCE_SECONDS = 60;

  private final CompletableFuture<T> future = new CompletableFuture<>();

  @Override
  public void done(T result) {
    if (!future.complete(result)) {
      throw new IllegalStateException("A second answer");
    }
  }

  @Override
  public void failed(StoreException cause) {
    if (!future.completeExceptionally(cause)) {
      throw new IllegalStateException("A second answer");
    }
  }

  /// Whether it was given.
  public boolean isGiven() {
    return future.isDone();
  }

  /// The result, once it is given.
  public T get() throws StoreException {
    try {
      return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof StoreException cause) {
        throw cause;
      }
      throw new IllegalStateException(e);
    } catch (InterruptedException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }
}

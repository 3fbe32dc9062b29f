package dev.gantry.http;

import dev.gantry.wire.BodyListener;
import dev.gantry.wire.Headers;
import dev.gantry.wire.WireResponse;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Waits for the answer to one request, on the connection's virtual thread. Whoever gives the
/// answer is not held up: it is the waiting thread that writes.
final class Exchange implements Consumer<WireResponse> {
  /// Stands for an answer that nobody waits for.
  private static final WireResponse NONE = new WireResponse(503, Headers.none(), new byte[0]);

  private final Thread waiting = Thread.currentThread();
  private final AtomicReference<@Nullable WireResponse> response = new AtomicReference<>();

  /// Takes the answer. A second one, or one that comes too late, is dropped.
  @Override
  public void accept(WireResponse given) {
    if (response.compareAndSet(null, given)) {
      LockSupport.unpark(waiting);
    } else {
      drop(given);
    }
  }

  /// Takes no answer any more; nobody will write it.
  void abandon() {
    WireResponse given = response.getAndSet(NONE);
    if (given != null) {
      drop(given);
    }
  }

  private static void drop(WireResponse given) {
    BodyListener more = given.more();
    if (more != null) {
      more.closed();
    }
  }

  /// The answer, or null if there was none in time.
  ///
  /// @throws InterruptedException when the server is being stopped by force
  @Nullable WireResponse await(long nanos) throws InterruptedException {
    WireResponse given = response.get();
    if (given != null) {
      return given;
    }
    long end = System.nanoTime() + nanos;
    while ((given = response.get()) == null) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        // Whoever answers from now on is told that nobody listens.
        return response.compareAndSet(null, NONE) ? null : response.get();
      }
      LockSupport.parkNanos(this, left);
      if (Thread.interrupted()) {
        abandon();
        throw new InterruptedException();
      }
    }
    return given;
  }
}

package dev.gantry.cli;

import java.util.concurrent.CountDownLatch;

/// What signals mean to `gantry up`: while it starts, give up; once it is up, end in order.
final class UpSignals {
  private final Thread main;
  private final CountDownLatch ended = new CountDownLatch(1);
  private int first;
  private boolean up;

  private UpSignals(Thread main) {
    this.main = main;
  }

  /// Starts to listen, for the calling thread.
  static UpSignals hear(Host host) {
    UpSignals signals = new UpSignals(Thread.currentThread());
    host.signals().hear(signals::came);
    return signals;
  }

  private synchronized void came(int number) {
    if (first == 0) {
      first = number;
    }
    if (!up) {
      main.interrupt();
    }
    ended.countDown();
  }

  /// From now on the start is not interrupted any more: what a signal asks for is an end in order.
  synchronized void isUp() {
    up = true;
    // One that came just now is kept by the latch.
    Thread.interrupted();
  }

  /// Asks for the end as SIGTERM does.
  void end() {
    ended.countDown();
  }

  /// Whether the end was asked for.
  boolean came() {
    return ended.getCount() == 0;
  }

  /// Returns when a signal came.
  void awaitEnd() throws InterruptedException {
    ended.await();
  }

  /// What `up` ends with: SIGTERM is how a service is asked to end, and no failure.
  synchronized int exitCode() {
    return first == Interrupts.INT ? ExitCodes.INTERRUPTED : ExitCodes.OK;
  }
}

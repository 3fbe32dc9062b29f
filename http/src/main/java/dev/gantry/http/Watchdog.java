package dev.gantry.http;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks after the time limits of all connections, from one thread.
///
/// A timeout on each read would make the JDK set and cancel a timer per read; looking at a few
/// thousand deadlines once in a while costs nothing. Limits are therefore exact to [#PERIOD] only.
final class Watchdog implements AutoCloseable {
  /// How often deadlines are looked at.
  static final Duration PERIOD = Duration.ofMillis(500);

  private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);

  private final Set<Watched> all = ConcurrentHashMap.newKeySet();
  private final Thread thread =
      Thread.ofVirtual().name("gantry-http-watchdog").unstarted(this::watch);

  /// Something that has a deadline.
  interface Watched {
    /// Acts if the deadline has passed. Must not block.
    ///
    /// @param nowNanos the present reading of `System.nanoTime`
    void check(long nowNanos);
  }

  void start() {
    thread.start();
  }

  void add(Watched watched) {
    all.add(watched);
  }

  void remove(Watched watched) {
    all.remove(watched);
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void watch() {
    while (true) {
      try {
        Thread.sleep(PERIOD);
      } catch (InterruptedException _) {
        return;
      }
      long now = System.nanoTime();
      for (Watched watched : all) {
        try {
          watched.check(now);
        } catch (RuntimeException e) {
          LOG.warn("a connection's deadline could not be enforced", e);
        }
      }
    }
  }
}

package dev.gantry.wiring;

import dev.gantry.agent.SteadyTime;
import dev.gantry.control.ControlEffect;
import dev.gantry.control.ControlEvent;
import dev.gantry.control.ControlPlane;
import dev.gantry.control.Inbox;
import dev.gantry.control.LogEffects;
import dev.gantry.store.Journal;
import dev.gantry.store.LogStore;
import dev.gantry.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The thread of the single writer: takes events from a bounded queue to the [ControlPlane] and
/// carries out its effects.
///
/// Calls wait while the journal has no room, since a decision that cannot be remembered must not be
/// made; what is already decided, and what sockets say of themselves, never waits behind them.
///
/// A failed commit or a fault in the control plane is fatal: nobody knows any more what is true.
/// Calls that wait get an error, and the process is told to end and load again.
final class Writer implements Inbox, Journal.Listener, AutoCloseable {
  /// How many calls and socket messages may wait. Past it a call is throttled, and a message that
  /// would be sent again anyway is dropped.
  static final int MAX_WAITING = 16_384;

  private static final Logger LOG = LoggerFactory.getLogger(Writer.class);

  private final Journal journal;
  private final LogStore logs;
  private final InstantSource clock;
  private final SteadyTime time;
  private final Consumer<String> fatal;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final WaitingEvents waiting = new WaitingEvents(MAX_WAITING);

  /// The first turn comes at once: what the last process left undone is not to wait for a call.
  private @Nullable Instant wakeAt = Instant.EPOCH;

  private boolean closed;
  private @Nullable String failure;
  private @Nullable Thread thread;

  /// @param fatal told once, with the reason, when the process must end
  Writer(Journal journal, LogStore logs, InstantSource clock, Consumer<String> fatal) {
    this.journal = journal;
    this.logs = logs;
    this.clock = clock;
    this.time = new SteadyTime(clock.instant(), System.nanoTime());
    this.fatal = fatal;
  }

  /// Begins to take events to `plane`.
  void start(ControlPlane plane) {
    journal.start(this);
    thread = Thread.ofPlatform().name("gantry-writer").start(() -> run(plane));
  }

  @Override
  public boolean offer(ControlEvent event) {
    lock.lock();
    try {
      if (closed || failure != null) {
        return false;
      }
      if (!waiting.add(event)) {
        return false;
      }
      changed.signal();
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void durable(long revision) {
    offer(new ControlEvent.Committed(revision));
  }

  @Override
  public void failed(StoreException cause) {
    LOG.error("The store failed", cause);
    fail("the store failed: " + cause.getMessage());
  }

  private void run(ControlPlane plane) {
    try {
      ControlEvent event = next();
      while (event != null) {
        for (ControlEffect effect : plane.onEvent(now(), event)) {
          carryOut(effect);
        }
        event = next();
      }
    } catch (InterruptedException e) {
      fail("the writer was interrupted");
    } catch (RuntimeException | Error e) {
      LOG.error("The control plane failed", e);
      fail("the control plane failed: " + e);
    }
    plane.abandon();
    String reason = failure;
    if (reason != null) {
      fatal.accept(reason);
    }
  }

  /// The control plane's time, for its own thread alone.
  private Instant now() {
    return time.read(clock.instant(), System.nanoTime());
  }

  /// Waits for the next event; null when there will be none.
  private @Nullable ControlEvent next() throws InterruptedException {
    lock.lock();
    try {
      while (true) {
        if (failure != null) {
          return null;
        }
        ControlEvent event = waiting.poll(journal.hasRoom());
        if (event != null) {
          return event;
        }
        if (closed) {
          return null;
        }
        if (wakeAt == null) {
          changed.await();
        } else {
          long nanos = Duration.between(now(), wakeAt).toNanos();
          if (nanos <= 0 && journal.hasRoom()) {
            wakeAt = null;
            return new ControlEvent.Woken();
          }
          changed.await(Math.max(nanos, TimeUnit.MILLISECONDS.toNanos(1)), TimeUnit.NANOSECONDS);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void carryOut(ControlEffect effect) {
    switch (effect) {
      case ControlEffect.Commit(var batch) -> journal.commit(batch);
      case ControlEffect.Succeed(var answer, var output) -> answer.success(output);
      case ControlEffect.Refuse(var answer, var error) -> answer.failure(error);
      case ControlEffect.AppendLogs append -> LogEffects.append(logs, append);
      case ControlEffect.OpenTail open -> LogEffects.open(open, this);
      case ControlEffect.SendEvent(var sink, var event) -> sink.send(event);
      case ControlEffect.EndEvents end -> LogEffects.end(end);
      case ControlEffect.Send(var socket, var text) -> socket.send(text);
      case ControlEffect.SendBinary(var socket, var message) -> socket.send(message);
      case ControlEffect.Close(var socket, int code, var reason) -> socket.close(code, reason);
      case ControlEffect.DeleteLogStream delete -> LogEffects.delete(logs, delete);
      case ControlEffect.DeleteLogGroup delete -> LogEffects.delete(logs, delete);
      case ControlEffect.ExpireLogs expire -> LogEffects.expire(logs, expire);
      case ControlEffect.WakeAt(var at) -> {
        lock.lock();
        try {
          wakeAt = at;
        } finally {
          lock.unlock();
        }
      }
    }
  }

  private void fail(String reason) {
    lock.lock();
    try {
      if (failure == null) {
        failure = reason;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Finishes what waits and ends. Blocks until the writer has ended; the journal is still open
  /// then.
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    Thread running = thread;
    if (running != null) {
      try {
        running.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}

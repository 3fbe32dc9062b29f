package dev.gantry.agent.docker;

import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Exchanges with one engine over a small pool of kept connections.
///
/// Rules it keeps:
/// - Every exchange has time limits; when one is over, the connection is closed under the waiting
///   thread, which then sees [Kind#TIMEOUT]. Streams have one until their head has arrived.
/// - A request is sent a second time only when it went over a *reused* connection that ended before
///   the first byte of an answer: then the engine had closed the idle connection. Anything else
///   might have been carried out already.
/// - Look-ups and long exchanges (streams, pulls, starts, stops) have bounds of their own, so that
///   a hundred containers being stopped never keep an inspection waiting.
final class EngineHttp implements AutoCloseable {
  /// Most look-ups under way at once; more wait for their turn.
  static final int MAX_LOOKUPS = 64;

  /// Most streams, pulls, starts and stops under way at once; more wait for their turn.
  static final int MAX_LONG_EXCHANGES = 1024;

  /// Most idle connections that are kept.
  static final int MAX_IDLE_CONNECTIONS = 8;

  /// How long an idle connection is trusted. Go's HTTP server, and so the engine, may close it
  /// after five minutes.
  static final Duration MAX_IDLE_TIME = Duration.ofMinutes(2);

  /// Most bytes of an answer that is read whole.
  static final int MAX_ANSWER_BYTES = 32 * 1024 * 1024;

  private final DockerEndpoint endpoint;
  private final ScheduledThreadPoolExecutor timer;
  private final Semaphore lookups = new Semaphore(MAX_LOOKUPS, true);
  private final Semaphore longExchanges = new Semaphore(MAX_LONG_EXCHANGES, true);
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Idle> idle = new ArrayDeque<>();
  private final Set<HttpConnection> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  EngineHttp(DockerEndpoint endpoint) {
    this.endpoint = endpoint;
    this.timer =
        new ScheduledThreadPoolExecutor(
            1, task -> Thread.ofPlatform().daemon().name("docker-time-limits").unstarted(task));
    timer.setRemoveOnCancelPolicy(true);
  }

  /// What to ask. Never printed whole: its headers may carry a registry's password.
  ///
  /// @param target path and query, already encoded
  record Request(
      String method, String target, Map<String, String> headers, byte @Nullable [] body) {
    @Override
    public String toString() {
      return method + " " + target;
    }
  }

  /// How long an exchange may take.
  ///
  /// @param head until the head of the answer has arrived
  /// @param total until the body was read; null for a stream, which may go on for ever
  /// @param inactivity between two bytes of the body; null for no such limit
  record Limits(Duration head, @Nullable Duration total, @Nullable Duration inactivity) {
    /// A call that is over by then.
    static Limits call(Duration total) {
      return new Limits(total, total, null);
    }

    /// A body without end, whose head arrives by then.
    static Limits stream(Duration head) {
      return new Limits(head, null, null);
    }
  }

  /// Which bound an exchange counts against.
  enum Lane {
    SHORT,
    LONG
  }

  /// Sends a request and waits for the head of the answer, whatever its status. The exchange must
  /// be closed; it then gives its connection back, if the body was read to its end.
  Exchange exchange(Lane lane, Request request, Limits limits) throws RuntimeFailure {
    Semaphore permits = lane == Lane.SHORT ? lookups : longExchanges;
    try {
      if (!permits.tryAcquire(limits.head().toNanos(), TimeUnit.NANOSECONDS)) {
        throw timeout(limits.head());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted(e);
    }
    boolean started = false;
    try {
      Exchange exchange = start(permits, request, limits);
      started = true;
      return exchange;
    } finally {
      if (!started) {
        permits.release();
      }
    }
  }

  private Exchange start(Semaphore permits, Request request, Limits limits) throws RuntimeFailure {
    HttpConnection reused = takeIdle();
    if (reused != null) {
      TimeLimit limit = new TimeLimit(reused, limits);
      try {
        return send(permits, reused, limit, request);
      } catch (IOException e) {
        RuntimeFailure failure = failure(e, limit);
        limit.close();
        discard(reused);
        if (reused.sawByte() || failure.kind() != Kind.UNREACHABLE || closed) {
          throw failure;
        }
        // The engine had closed this one; the others are as old, so they are not tried.
        discardIdle();
      }
    }
    HttpConnection fresh;
    try {
      fresh = HttpConnection.to(endpoint.address());
    } catch (IOException e) {
      throw noConnection(e);
    }
    open.add(fresh);
    TimeLimit limit = new TimeLimit(fresh, limits);
    boolean connected = false;
    try {
      if (closed) {
        throw new AsynchronousCloseException();
      }
      fresh.connect();
      connected = true;
      return send(permits, fresh, limit, request);
    } catch (IOException e) {
      RuntimeFailure failure = failure(e, limit);
      limit.close();
      discard(fresh);
      throw connected || failure.kind() != Kind.UNREACHABLE || closed ? failure : noConnection(e);
    }
  }

  private Exchange send(
      Semaphore permits, HttpConnection connection, TimeLimit limit, Request request)
      throws IOException {
    connection.send(request.method(), request.target(), request.headers(), request.body());
    HttpConnection.Head head = connection.readHead();
    limit.headArrived();
    return new Exchange(permits, connection, limit, head);
  }

  private @Nullable HttpConnection takeIdle() {
    lock.lock();
    try {
      // The one used last is the one most likely to be still open.
      Idle candidate = idle.pollLast();
      if (candidate == null) {
        return null;
      }
      if (System.nanoTime() - candidate.sinceNanos() < MAX_IDLE_TIME.toNanos()) {
        return candidate.connection();
      }
      discard(candidate.connection());
      discardIdle();
      return null;
    } finally {
      lock.unlock();
    }
  }

  private void giveBack(HttpConnection connection) {
    lock.lock();
    try {
      if (closed || idle.size() >= MAX_IDLE_CONNECTIONS) {
        discard(connection);
      } else {
        idle.addLast(new Idle(connection, System.nanoTime()));
      }
    } finally {
      lock.unlock();
    }
  }

  private void discardIdle() {
    lock.lock();
    try {
      for (Idle old = idle.pollLast(); old != null; old = idle.pollLast()) {
        discard(old.connection());
      }
    } finally {
      lock.unlock();
    }
  }

  private void discard(HttpConnection connection) {
    open.remove(connection);
    connection.abort();
  }

  /// True once this client was closed; a stream that ends then need not say why.
  boolean closed() {
    return closed;
  }

  /// Ends every exchange and refuses new ones.
  @Override
  public void close() {
    closed = true;
    timer.shutdownNow();
    discardIdle();
    for (HttpConnection connection : open) {
      discard(connection);
    }
  }

  private RuntimeFailure timeout(Duration limit) {
    return new RuntimeFailure(
        Kind.TIMEOUT, "No answer from the Docker Engine within " + spell(limit), null);
  }

  private static RuntimeFailure interrupted(Exception cause) {
    return new RuntimeFailure(
        Kind.INTERRUPTED, "Interrupted while waiting for the Docker Engine", cause);
  }

  private RuntimeFailure failure(IOException e, TimeLimit limit) {
    Duration expired = limit.expired();
    if (expired != null) {
      return timeout(expired);
    }
    if (e instanceof ClosedByInterruptException) {
      return interrupted(e);
    }
    if (closed) {
      return new RuntimeFailure(Kind.UNREACHABLE, "The connection to Docker was closed", e);
    }
    if (e instanceof HttpConnection.MalformedAnswer) {
      return new RuntimeFailure(
          Kind.UNREACHABLE,
          "What answers at " + endpoint.url() + " is not a Docker Engine: " + e.getMessage(),
          e);
    }
    return new RuntimeFailure(
        Kind.UNREACHABLE,
        "The connection to the Docker daemon at " + endpoint.url() + " broke: " + e.getMessage(),
        e);
  }

  // The first two sentences are those of Docker's own client.
  private RuntimeFailure noConnection(IOException e) {
    return new RuntimeFailure(
        Kind.UNREACHABLE,
        "Cannot connect to the Docker daemon at "
            + endpoint.url()
            + ". Is the docker daemon running? ("
            + e.getMessage()
            + ")",
        e);
  }

  /// A duration as people say it: `30s`, `2m`, `2h`.
  static String spell(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds < 1) {
      return duration.toMillis() + "ms";
    }
    return seconds % 3600 == 0
        ? seconds / 3600 + "h"
        : seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
  }

  private record Idle(HttpConnection connection, long sinceNanos) {}

  /// One request and its answer.
  final class Exchange implements AutoCloseable {
    private final Semaphore permits;
    private final HttpConnection connection;
    private final TimeLimit limit;
    private final HttpConnection.Head head;
    private boolean over;

    private Exchange(
        Semaphore permits, HttpConnection connection, TimeLimit limit, HttpConnection.Head head) {
      this.permits = permits;
      this.connection = connection;
      this.limit = limit;
      this.head = head;
    }

    int status() {
      return head.status();
    }

    /// The header's value, or the empty string.
    String header(String name) {
      return head.headers().getOrDefault(name, "");
    }

    /// The body as it arrives. An exception from it is explained by [#failure].
    InputStream body() {
      return head.body();
    }

    /// The whole body.
    byte[] readAll() throws RuntimeFailure {
      byte[] bytes;
      try {
        bytes = head.body().readNBytes(MAX_ANSWER_BYTES);
        if (bytes.length == MAX_ANSWER_BYTES && head.body().read() >= 0) {
          throw new HttpConnection.MalformedAnswer(
              "answer of more than " + MAX_ANSWER_BYTES + " bytes");
        }
      } catch (IOException e) {
        throw failure(e);
      }
      return bytes;
    }

    /// What a failed read of the body means.
    RuntimeFailure failure(IOException e) {
      return EngineHttp.this.failure(e, limit);
    }

    /// Writes to the stream that this exchange has become.
    void write(byte[] bytes) throws IOException {
      connection.write(bytes);
    }

    /// Ends the exchange from any thread; the reading one gets an exception.
    void abort() {
      connection.abort();
    }

    @Override
    public void close() {
      if (over) {
        return;
      }
      over = true;
      limit.close();
      if (connection.reusable()) {
        giveBack(connection);
      } else {
        discard(connection);
      }
      permits.release();
    }
  }

  /// Closes a connection when its time is over. Blocking reads of a unix socket know no time limit
  /// of their own in the JDK.
  private final class TimeLimit implements AutoCloseable {
    private final HttpConnection connection;
    private final Limits limits;
    private final long startNanos = System.nanoTime();
    private final ReentrantLock guard = new ReentrantLock();
    private boolean over;
    private boolean inBody;
    private @Nullable Future<?> check;
    private @Nullable Duration expired;

    TimeLimit(HttpConnection connection, Limits limits) {
      this.connection = connection;
      this.limits = limits;
      schedule(limits.head().toNanos());
    }

    private void schedule(long nanos) {
      guard.lock();
      try {
        if (!over) {
          check = timer.schedule(this::check, nanos, TimeUnit.NANOSECONDS);
        }
      } catch (RejectedExecutionException clientIsClosed) {
        // close() has ended, or is about to end, every connection anyway.
        connection.abort();
      } finally {
        guard.unlock();
      }
    }

    /// From now on the limits of the body count.
    void headArrived() {
      // A call's one limit covers head and body: its check is set already.
      if (!limits.head().equals(limits.total()) || limits.inactivity() != null) {
        guard.lock();
        try {
          inBody = true;
          if (check != null) {
            check.cancel(false);
          }
        } finally {
          guard.unlock();
        }
        check();
      }
    }

    private void check() {
      guard.lock();
      try {
        if (over) {
          return;
        }
        long now = System.nanoTime();
        Duration limit = inBody ? limits.total() : limits.head();
        long left = limit == null ? Long.MAX_VALUE : limit.toNanos() - (now - startNanos);
        Duration inactivity = limits.inactivity();
        if (inBody && inactivity != null) {
          long quietLeft = inactivity.toNanos() - (now - connection.lastByteNanos());
          if (quietLeft < left) {
            left = quietLeft;
            limit = inactivity;
          }
        }
        if (left <= 0) {
          expired = limit;
          over = true;
          connection.abort();
        } else if (left < Long.MAX_VALUE) {
          schedule(left);
        }
      } finally {
        guard.unlock();
      }
    }

    @Nullable Duration expired() {
      guard.lock();
      try {
        return expired;
      } finally {
        guard.unlock();
      }
    }

    @Override
    public void close() {
      guard.lock();
      try {
        over = true;
        if (check != null) {
          check.cancel(false);
        }
      } finally {
        guard.unlock();
      }
    }
  }
}

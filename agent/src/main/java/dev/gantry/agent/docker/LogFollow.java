package dev.gantry.agent.docker;

import dev.gantry.agent.ContainerRuntime.LogListener;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure.Kind;
import dev.gantry.agent.ContainerRuntime.Watch;
import dev.gantry.agent.docker.EngineApi.Target;
import dev.gantry.agent.docker.EngineHttp.Exchange;
import dev.gantry.agent.docker.EngineHttp.Lane;
import dev.gantry.agent.docker.EngineHttp.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows one container's output on a virtual thread of its own, to its end.
///
/// The engine ends the stream when the container's logger closes. That alone is not taken for the
/// end of the output, for two reasons: engines also end it on other occasions (a shutdown, a fault
/// in the log file), and the followers of engines before 23 may miss what was written just before
/// the logger closed. So the container must be seen stopped, and then its log is read once more
/// from a little before the end; what the follower had missed is delivered from there.
///
/// Nor do those engines' followers survive a rotation of the log's files: seen with 20.10, one that
/// keeps up is given the beginning of the new file twice, and one that lags by more than a file
/// skips files, and even goes back to one. Reading *without* following is safe at any time, because
/// the engine then opens all files at once. So a follower that is about to lag by a file, or whose
/// stamps step back, is given up; what it has not delivered is read without following, and then the
/// log is followed again. That costs the engine a look through its files, so it is not done
/// lightly.
final class LogFollow implements Watch {
  /// How long the engine may take to begin a log stream.
  static final Duration HEAD_LIMIT = Duration.ofSeconds(30);

  /// How long after the stream's end the container may still be seen running.
  static final Duration STOP_LIMIT = Duration.ofSeconds(15);

  /// How far a follower may lag, in bytes of the engine's files: half of one, as the agent has them
  /// (34 MB). Half of a smaller one, where a container has smaller ones.
  static final int MAX_LAG_BYTES = 16 << 20;

  /// What a line costs in the engine's files beyond its own bytes: names, stream, stamp.
  static final int ENTRY_OVERHEAD = 72;

  /// A stamp that steps back by more than this is no repetition: somebody has set the clock.
  static final Duration CLOCK_SET = Duration.ofMinutes(1);

  private static final Logger LOG = LoggerFactory.getLogger(LogFollow.class);

  private final EngineApi api;
  private final String containerId;
  private final @Nullable Instant since;
  private final LogListener listener;
  private final AtomicReference<@Nullable Exchange> current = new AtomicReference<>();
  private final Delivered delivered;
  private int maxLag = MAX_LAG_BYTES;
  private volatile boolean closed;

  LogFollow(EngineApi api, String containerId, @Nullable Instant since, LogListener listener) {
    this.api = api;
    this.containerId = containerId;
    this.since = since;
    this.listener = listener;
    this.delivered = new Delivered(since);
  }

  void start() {
    Thread.ofVirtual().name("docker-logs-" + containerId).start(this::run);
  }

  private void run() {
    RuntimeFailure failure = null;
    try {
      follow();
    } catch (RuntimeFailure e) {
      failure = e;
    } catch (RuntimeException e) {
      LOG.error("The listener of the log of container {} failed", containerId, e);
      failure = new RuntimeFailure(Kind.UNREACHABLE, "The log's listener failed", e);
    }
    if (closed) {
      return;
    }
    if (failure == null) {
      listener.ended();
    } else {
      listener.broken(failure);
    }
  }

  private void follow() throws RuntimeFailure {
    Json container =
        api.get(
            Target.container(containerId).then("/json").toString(),
            DockerContainerRuntime.INSPECT_LIMIT);
    boolean terminal = container.at("Config").at("Tty").truth();
    maxLag = maxLag(container.at("HostConfig").at("LogConfig").at("Config").at("max-size").text());
    Delivered.Resume from = new Delivered.Resume(since, 0);
    while (!read(terminal, true, from) && !closed) {
      long before;
      do {
        before = delivered.bytes();
        read(terminal, false, delivered.resume());
      } while (delivered.bytes() - before >= maxLag && !closed);
      from = delivered.resume();
    }
    if (closed) {
      return;
    }
    awaitStop();
    read(terminal, false, delivered.resume());
  }

  /// How far a follower may lag behind files of this size, which the agent gives in bytes where it
  /// is not its usual one.
  static int maxLag(String fileSize) {
    if (!fileSize.matches("[0-9]{1,12}")) {
      return MAX_LAG_BYTES;
    }
    return (int) Math.min(MAX_LAG_BYTES, Long.parseLong(fileSize) / 2);
  }

  /// @return false if a follower was given up, true if the stream has ended
  private boolean read(boolean terminal, boolean follow, Delivered.Resume resume)
      throws RuntimeFailure {
    Instant from = resume.since();
    Target target =
        Target.container(containerId)
            .then("/logs")
            .query("stdout", "1")
            .query("stderr", "1")
            .query("timestamps", "1")
            .query("follow", follow ? "1" : "0");
    if (from != null) {
      target.query("since", spell(from));
    }
    try (Exchange exchange =
        api.open(Lane.LONG, "GET", target.toString(), Map.of(), null, Limits.stream(HEAD_LIMIT))) {
      current.set(exchange);
      try {
        return closed || pump(exchange, terminal, follow, resume.skip());
      } finally {
        current.set(null);
      }
    }
  }

  private boolean pump(Exchange exchange, boolean terminal, boolean follow, long skip)
      throws RuntimeFailure {
    long[] toSkip = {skip};
    Pace pace = Pace.of(exchange, maxLag);
    LogDecoder decoder =
        new LogDecoder(
            terminal,
            (at, stream, bytes, partial) -> {
              if (toSkip[0] > 0) {
                toSkip[0]--;
                return;
              }
              if (follow && (delivered.stepsBack(at, stream) || pace.lags(at))) {
                throw new Behind();
              }
              if (!closed) {
                listener.line(at, stream, bytes, partial);
                delivered.add(at, stream, bytes.length);
                pace.add(at, bytes.length);
              }
            });
    byte[] buffer = new byte[16 * 1024];
    try {
      InputStream body = exchange.body();
      for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
        decoder.feed(buffer, count);
      }
      decoder.end();
      return true;
    } catch (Behind e) {
      return false;
    } catch (LogDecoder.LogUnreadable e) {
      // A follower that got somewhere may be tried again: the fault may be a passing one, as
      // rotation is. One that got nowhere would fail at the same place for ever.
      throw new RuntimeFailure(
          delivered.progressed() ? Kind.UNREACHABLE : Kind.REFUSED,
          "The engine cannot read the container's log: " + e.getMessage(),
          e);
    } catch (HttpConnection.MalformedAnswer e) {
      throw new RuntimeFailure(
          Kind.REFUSED, "The engine's log stream cannot be read: " + e.getMessage(), e);
    } catch (IOException e) {
      throw exchange.failure(e);
    }
  }

  private void awaitStop() throws RuntimeFailure {
    try {
      api.call(
          Lane.LONG,
          "POST",
          Target.container(containerId).then("/wait").query("condition", "not-running").toString(),
          null,
          Limits.call(STOP_LIMIT));
    } catch (RuntimeFailure e) {
      if (e.kind() != Kind.TIMEOUT) {
        throw e;
      }
      throw new RuntimeFailure(
          Kind.UNREACHABLE, "The engine ended the log stream of a running container", e);
    }
  }

  /// Seconds and nanoseconds as the engine reads them: `1700000000.000000001`.
  static String spell(Instant at) {
    return String.format(Locale.ROOT, "%d.%09d", at.getEpochSecond(), at.getNano());
  }

  @Override
  public void close() {
    closed = true;
    Exchange exchange = current.get();
    if (exchange != null) {
      exchange.abort();
    }
  }

  /// Ends the reading of a follower that is given up.
  private static final class Behind extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /// How far one follower is behind what the container writes, as far as its lines tell: their
  /// stamps, against the engine's clock, and how many bytes come in a second of stamps. Lines from
  /// before the following began do not count: the engine reads those safely.
  static final class Pace {
    private static final double SECOND = 1e9;

    private final @Nullable Instant begun;
    private final LongSupplier nanoTime;
    private final long begunNanos;
    private final int maxLag;
    private @Nullable Instant first;
    private long bytes;

    /// @param begun the engine's time as the following began, or a little earlier; null if it did
    ///   not say
    /// @param maxLag how many bytes it may be behind
    Pace(@Nullable Instant begun, LongSupplier nanoTime, int maxLag) {
      this.maxLag = maxLag;
      this.begun = begun;
      this.nanoTime = nanoTime;
      this.begunNanos = nanoTime.getAsLong();
    }

    static Pace of(Exchange exchange, int maxLag) {
      Instant date = null;
      try {
        date =
            ZonedDateTime.parse(exchange.header("Date"), DateTimeFormatter.RFC_1123_DATE_TIME)
                .toInstant();
      } catch (DateTimeException noDate) {
        LOG.debug("The engine does not say what time it is");
      }
      return new Pace(date, System::nanoTime, maxLag);
    }

    void add(Instant at, int size) {
      if (begun == null || at.isBefore(begun)) {
        return;
      }
      if (first == null) {
        first = at;
      }
      bytes += size + ENTRY_OVERHEAD;
    }

    /// True if so much has been written since this line, at the pace so far, that the engine's
    /// follower may lose its way.
    boolean lags(Instant at) {
      if (begun == null || first == null) {
        return false;
      }
      Instant now = begun.plusNanos(nanoTime.getAsLong() - begunNanos);
      double lag = Math.max(0, (double) Duration.between(at, now).toNanos());
      // In less than a second there is no pace.
      double span = Math.max(SECOND, (double) Duration.between(first, at).toNanos());
      return (double) bytes * (lag / span) > maxLag;
    }
  }

  /// Remembers enough of what was delivered to read the end of a log again without a line lost or
  /// doubled.
  ///
  /// Stamps are given before the lines reach the file, by one thread per stream, so a file's stamps
  /// may step back a little. That is why the last stamp alone is no cursor. Kept are the latest
  /// stamps and the highest of all earlier ones: from right behind that one, the file holds exactly
  /// the remembered lines with such stamps, in the same order, and then what was missed.
  static final class Delivered {
    /// How many stamps are remembered; the most that stamps may step back, in lines.
    static final int MAX_STAMPS = 1024;

    private final Instant[] stamps = new Instant[MAX_STAMPS];
    private final @Nullable Instant since;
    private long count;
    private long bytes;
    private @Nullable Instant highestForgotten;
    private boolean progressed;
    private final Map<LogListener.Stream, Instant> latest = new EnumMap<>(LogListener.Stream.class);

    Delivered(@Nullable Instant since) {
      this.since = since;
    }

    void add(Instant at, LogListener.Stream stream, int size) {
      latest.put(stream, at);
      bytes += size + ENTRY_OVERHEAD;
      int slot = (int) (count % MAX_STAMPS);
      if (count >= MAX_STAMPS
          && (highestForgotten == null || stamps[slot].isAfter(highestForgotten))) {
        highestForgotten = stamps[slot];
      }
      stamps[slot] = at;
      count++;
      progressed |= since == null || at.isAfter(since);
    }

    /// How much was delivered, as the engine's files have it.
    long bytes() {
      return bytes;
    }

    /// True if the stream has gone on beyond this stamp already, which one thread gives in order:
    /// so the engine repeats itself.
    boolean stepsBack(Instant at, LogListener.Stream stream) {
      Instant before = latest.get(stream);
      return before != null && at.isBefore(before) && at.isAfter(before.minus(CLOCK_SET));
    }

    /// True if something beyond the cursor was delivered.
    boolean progressed() {
      return progressed;
    }

    /// Where to read again, and how many lines to leave out there.
    Resume resume() {
      Instant from = since;
      if (highestForgotten != null) {
        Instant behind = highestForgotten.plusNanos(1);
        from = from == null || behind.isAfter(from) ? behind : from;
      }
      int skip = 0;
      for (int i = 0; i < Math.min(count, MAX_STAMPS); i++) {
        if (from == null || !stamps[i].isBefore(from)) {
          skip++;
        }
      }
      return new Resume(from, skip);
    }

    /// @param since read from there; null from the beginning
    /// @param skip leave out that many lines
    record Resume(@Nullable Instant since, int skip) {}
  }
}

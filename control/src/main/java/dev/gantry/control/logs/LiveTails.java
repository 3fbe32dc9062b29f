package dev.gantry.control.logs;

import dev.gantry.api.logs.LogsErrors;
import dev.gantry.api.logs.StartLiveTailResponseStream;
import dev.gantry.control.ControlEffect;
import dev.gantry.control.LogTap;
import dev.gantry.model.LogStreamId;
import dev.gantry.model.Scope;
import dev.gantry.wire.server.EventSink;
import dev.gantry.wire.shape.ServiceException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The Live Tail sessions that are open. Memory alone: a session ends with its connection, so with
/// the process.
///
/// A session begins with what it is, and then gives an update a second, an empty one if nothing
/// came (API Reference, StartLiveTail). Updates that a slow client does not take wait, up to
/// [#MAX_WAITING_UPDATES]; then the oldest is dropped.
public final class LiveTails {
  /// The time from one update to the next.
  static final Duration EVERY = Duration.ofSeconds(1);

  /// How long a session may be open (API Reference, StartLiveTail).
  static final Duration MAX_AGE = Duration.ofHours(3);

  /// How long the answer to StartLiveTail may take to be written. A session that nobody opened by
  /// then has lost its caller.
  static final Duration MAX_OPENING = Duration.ofMinutes(1);

  /// The most updates that wait for a slow client (API Reference, StartLiveTail).
  static final int MAX_WAITING_UPDATES = 10;

  /// The most sessions of an account in a region. CloudWatch Logs has a limit too and answers it
  /// with LimitExceededException; the number is Gantry's own.
  static final int MAX_SESSIONS = 15;

  private final TreeMap<String, Session> sessions = new TreeMap<>();

  /// A session; `sink` is null until its answer is on its way.
  private static final class Session {
    final LiveTail tail;
    final Instant begun;
    final ArrayDeque<StartLiveTailResponseStream> waiting = new ArrayDeque<>();
    @Nullable EventSink sink;
    Instant nextAt;

    Session(LiveTail tail, Instant begun) {
      this.tail = tail;
      this.begun = begun;
      this.nextAt = begun.plus(MAX_OPENING);
    }
  }

  /// Takes a new session, which collects events from now on.
  ///
  /// @throws ServiceException LimitExceededException if the account has too many
  public void add(Instant now, LiveTail tail) {
    if (count(tail.scope()) >= MAX_SESSIONS) {
      throw LogsErrors.limitExceededException(
          "An account can have " + MAX_SESSIONS + " Live Tail sessions in a region.");
    }
    sessions.put(tail.id(), new Session(tail, now));
  }

  private long count(Scope scope) {
    return sessions.values().stream().filter(session -> session.tail.scope().equals(scope)).count();
  }

  /// Who hears what is appended to this stream.
  public List<LogTap> taps(LogStreamId stream) {
    List<LogTap> taps = new ArrayList<>();
    for (Session session : sessions.values()) {
      if (session.tail.shows(stream)) {
        taps.add(session.tail);
      }
    }
    return taps;
  }

  /// The answer to a session's call is on its way.
  public void opened(Instant now, String id, EventSink sink, List<ControlEffect> effects) {
    Session session = sessions.get(id);
    if (session == null) {
      effects.add(new ControlEffect.EndEvents(sink, null));
      return;
    }
    session.sink = sink;
    session.nextAt = now.plus(EVERY);
    effects.add(new ControlEffect.SendEvent(sink, session.tail.begin()));
  }

  /// A session's connection is gone.
  public void closed(String id) {
    sessions.remove(id);
  }

  /// Sends the updates that are due, and ends what is over.
  public void turn(Instant now, List<ControlEffect> effects) {
    Iterator<Session> all = sessions.values().iterator();
    while (all.hasNext()) {
      Session session = all.next();
      if (session.nextAt.isAfter(now)) {
        continue;
      }
      EventSink sink = session.sink;
      if (sink == null) {
        all.remove();
      } else if (!session.begun.plus(MAX_AGE).isAfter(now)) {
        all.remove();
        effects.add(
            new ControlEffect.EndEvents(
                sink,
                LogsErrors.sessionTimeoutException("The session has been open for three hours.")));
      } else {
        update(session, sink, effects);
        session.nextAt = now.plus(EVERY);
      }
    }
  }

  private static void update(Session session, EventSink sink, List<ControlEffect> effects) {
    if (session.waiting.size() == MAX_WAITING_UPDATES) {
      session.waiting.removeFirst();
    }
    session.waiting.add(session.tail.update());
    // Nobody else sends to this sink, so there is as much room when the effects are carried out.
    for (int room = sink.room(); room > 0 && !session.waiting.isEmpty(); room--) {
      effects.add(new ControlEffect.SendEvent(sink, session.waiting.removeFirst()));
    }
  }

  /// When there is something to do next; null if there are no sessions.
  public @Nullable Instant wakeAt() {
    Instant first = null;
    for (Session session : sessions.values()) {
      if (first == null || session.nextAt.isBefore(first)) {
        first = session.nextAt;
      }
    }
    return first;
  }
}

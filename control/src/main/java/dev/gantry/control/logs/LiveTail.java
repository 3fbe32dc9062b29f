package dev.gantry.control.logs;

import dev.gantry.api.logs.LiveTailSessionLogEvent;
import dev.gantry.api.logs.LiveTailSessionMetadata;
import dev.gantry.api.logs.LiveTailSessionStart;
import dev.gantry.api.logs.LiveTailSessionUpdate;
import dev.gantry.api.logs.StartLiveTailResponseStream;
import dev.gantry.control.LogTap;
import dev.gantry.model.LogGroupId;
import dev.gantry.model.LogStreamId;
import dev.gantry.model.Scope;
import dev.gantry.store.LogStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// One Live Tail session: what it shows, and the events that its next update will.
///
/// Events come on the log store's thread, updates are taken by the writer: the lock is held for as
/// long as it takes to move them, never while anything is waited for.
///
/// **Sampling.** An update shows at most [#MAX_EVENTS] events. What comes beyond is thinned out
/// evenly over the update's second: of each 2, 4, 8... events one is kept. It takes no chance, so
/// that a simulation sees the same again.
public final class LiveTail implements LogTap {
  /// The most events of an update (API Reference, LiveTailSessionUpdate).
  static final int MAX_EVENTS = 500;

  /// The most bytes of the messages of an update, each counted as [LogStore#sizeOf]: as JSON six
  /// times as many at worst, which is half of what clients take in one message.
  static final int MAX_BYTES = 2 * 1024 * 1024;

  private final Scope scope;
  private final LiveTailSessionStart start;
  private final SortedMap<LogGroupId, String> groups;
  private final Predicate<LogStreamId> streams;
  private final Predicate<String> messages;

  private final ReentrantLock lock = new ReentrantLock();
  private final List<LiveTailSessionLogEvent> kept = new ArrayList<>();
  private long bytes;
  private long matched;

  /// Of so many events one is kept.
  private long stride = 1;

  /// @param start what the session begins with
  /// @param groups the groups that it shows, with the names that the caller calls them by
  /// @param streams whether it shows a stream of these groups
  /// @param messages whether it shows an event with this message
  LiveTail(
      Scope scope,
      LiveTailSessionStart start,
      SortedMap<LogGroupId, String> groups,
      Predicate<LogStreamId> streams,
      Predicate<String> messages) {
    this.scope = scope;
    this.start = start;
    this.groups = groups;
    this.streams = streams;
    this.messages = messages;
  }

  /// Tells the sessions of a process apart.
  public String id() {
    return Objects.requireNonNull(start.sessionId());
  }

  /// The account and region whose session it is.
  Scope scope() {
    return scope;
  }

  /// Whether it may show events of this stream.
  boolean shows(LogStreamId stream) {
    return groups.containsKey(stream.groupId()) && streams.test(stream);
  }

  /// The session's first event.
  StartLiveTailResponseStream begin() {
    return new StartLiveTailResponseStream(start, null);
  }

  @Override
  public void appended(LogStreamId stream, List<LogStore.Event> events, long ingestedAt) {
    String group = groups.get(stream.groupId());
    for (LogStore.Event event : events) {
      if (messages.test(event.message())) {
        add(
            new LiveTailSessionLogEvent(
                stream.name(), group, event.message(), event.timestamp(), ingestedAt));
      }
    }
  }

  private void add(LiveTailSessionLogEvent event) {
    lock.lock();
    try {
      if (matched++ % stride != 0) {
        return;
      }
      kept.add(event);
      bytes += size(event);
      // Twice as many as are shown, so that what is shown can be spread evenly.
      while (kept.size() > 2 * MAX_EVENTS || (bytes > MAX_BYTES && kept.size() > 1)) {
        thinOut();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Keeps each second event, the first of all among them.
  private void thinOut() {
    List<LiveTailSessionLogEvent> rest = new ArrayList<>(kept.size() / 2 + 1);
    bytes = 0;
    for (int i = 0; i < kept.size(); i += 2) {
      rest.add(kept.get(i));
      bytes += size(kept.get(i));
    }
    kept.clear();
    kept.addAll(rest);
    stride *= 2;
  }

  /// What has come since the last update, and takes it.
  StartLiveTailResponseStream update() {
    List<LiveTailSessionLogEvent> shown;
    boolean sampled;
    lock.lock();
    try {
      shown = sample();
      sampled = shown.size() < matched;
      kept.clear();
      bytes = 0;
      matched = 0;
      stride = 1;
    } finally {
      lock.unlock();
    }
    return new StartLiveTailResponseStream(
        null, new LiveTailSessionUpdate(new LiveTailSessionMetadata(sampled), shown));
  }

  private List<LiveTailSessionLogEvent> sample() {
    int count = Math.min(kept.size(), MAX_EVENTS);
    List<LiveTailSessionLogEvent> shown = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      shown.add(kept.get((int) ((long) i * kept.size() / count)));
    }
    return shown;
  }

  private static long size(LiveTailSessionLogEvent event) {
    @Nullable String message = event.message();
    return message == null ? 0 : LogStore.sizeOf(message);
  }
}

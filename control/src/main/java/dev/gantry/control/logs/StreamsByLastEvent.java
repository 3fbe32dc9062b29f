package dev.gantry.control.logs;

import dev.gantry.api.logs.DescribeLogStreamsResponse;
import dev.gantry.model.LogGroup;
import dev.gantry.model.LogStream;
import dev.gantry.model.LogStreamId;
import dev.gantry.store.Group;
import dev.gantry.store.Index;
import dev.gantry.store.LogStore;
import dev.gantry.store.LogStore.Stats;
import dev.gantry.store.State;
import dev.gantry.wire.server.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// One page of a group's streams in the order of their last events.
///
/// The log store knows the streams that have events, in that order; State knows all. Those without
/// events count as older than any other and stand in the order of their names: behind the others
/// when descending, before them when ascending. So a listing is two runs, one after the other, and
/// a token begins with the run it goes on with: `t/` for streams with events, `n/` for those
/// without.
///
/// Each step asks the log store once and goes on in its answer, on the store's thread.
final class StreamsByLastEvent {
  /// The most streams without events that one step of a page looks for.
  static final int MAX_EXAMINED = 1_000;

  private static final String TIMED = "t/";
  private static final String NAMED = "n/";

  private final State state;
  private final LogGroup group;
  private final boolean descending;
  private final int size;
  private final LogStore logs;
  private final Answer answer;
  private final List<dev.gantry.api.logs.LogStream> page = new ArrayList<>();

  StreamsByLastEvent(
      State state, LogGroup group, boolean descending, int size, LogStore logs, Answer answer) {
    this.state = state;
    this.group = group;
    this.descending = descending;
    this.size = size;
    this.logs = logs;
    this.answer = answer;
  }

  /// Gives the page that the token asks for.
  ///
  /// @throws dev.gantry.wire.shape.ServiceException InvalidParameterException if it is no token
  void begin(@Nullable String token) {
    if (token == null) {
      if (descending) {
        withEvents(null);
      } else {
        withoutEvents(null);
      }
    } else if (token.startsWith(TIMED)) {
      withEvents(mark(token));
    } else if (token.startsWith(NAMED)) {
      String name = token.substring(NAMED.length());
      withoutEvents(name.isEmpty() ? null : name);
    } else {
      throw LogPages.badToken();
    }
  }

  private void withEvents(LogStore.@Nullable Mark after) {
    int room = size - page.size();
    logs.byLastEvent(
        new LogStore.ByLastEvent(group.id(), descending, after, room),
        Answering.then(
            answer,
            found -> {
              for (Stats stats : found) {
                LogStream stream = state.logStream(stats.stream());
                // The log store may be ahead of the snapshot, or behind it.
                if (stream != null) {
                  page.add(LogStreamOperations.show(stream, stats));
                }
              }
              if (found.size() == room) {
                Stats last = found.getLast();
                finish(TIMED + last.lastEventAt() + "/" + last.stream().name());
              } else if (!descending || (after == null && page.size() == streams().size())) {
                finish(null);
              } else if (page.size() == size) {
                finish(NAMED);
              } else {
                withoutEvents(null);
              }
            }));
  }

  private void withoutEvents(@Nullable String after) {
    List<LogStreamId> next = new ArrayList<>();
    boolean more = false;
    for (LogStream stream : behind(after)) {
      if (next.size() == MAX_EXAMINED) {
        more = true;
        break;
      }
      next.add(stream.id());
    }
    boolean rest = more;
    logs.stats(next, Answering.then(answer, stats -> addWithout(next, stats, rest)));
  }

  private void addWithout(
      List<LogStreamId> examined, SortedMap<LogStreamId, Stats> stats, boolean rest) {
    for (LogStreamId id : examined) {
      LogStream stream = state.logStream(id);
      if (stream != null && !stats.containsKey(id)) {
        page.add(LogStreamOperations.show(stream, null));
        if (page.size() == size) {
          finish(NAMED + id.name());
          return;
        }
      }
    }
    if (rest) {
      finish(NAMED + examined.getLast().name());
    } else if (descending) {
      finish(null);
    } else {
      withEvents(null);
    }
  }

  private Group<LogStreamId, LogStream> streams() {
    return state.group(Index.LOG_STREAMS, group.id());
  }

  private Iterable<LogStream> behind(@Nullable String name) {
    Group<LogStreamId, LogStream> all = streams();
    if (name == null) {
      return descending ? all.descending() : all;
    }
    LogStreamId id = LogNames.id(group, name);
    return descending ? all.descendingBefore(id) : all.after(id);
  }

  private void finish(@Nullable String nextToken) {
    answer.success(new DescribeLogStreamsResponse(page, nextToken));
  }

  private static LogStore.Mark mark(String token) {
    int slash = token.indexOf('/', TIMED.length());
    if (slash < 0) {
      throw LogPages.badToken();
    }
    try {
      return new LogStore.Mark(
          Long.parseLong(token.substring(TIMED.length(), slash)), token.substring(slash + 1));
    } catch (NumberFormatException notATime) {
      throw LogPages.badToken();
    }
  }
}

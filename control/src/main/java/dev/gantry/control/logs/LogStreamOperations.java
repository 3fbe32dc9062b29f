package dev.gantry.control.logs;

import dev.gantry.api.logs.CreateLogStreamRequest;
import dev.gantry.api.logs.DeleteLogStreamRequest;
import dev.gantry.api.logs.DescribeLogStreamsRequest;
import dev.gantry.api.logs.DescribeLogStreamsResponse;
import dev.gantry.api.logs.Logs;
import dev.gantry.api.logs.LogsErrors;
import dev.gantry.api.logs.OrderBy;
import dev.gantry.control.Context;
import dev.gantry.control.Decision;
import dev.gantry.control.Head;
import dev.gantry.control.OperationTable;
import dev.gantry.control.Snapshot;
import dev.gantry.model.Change;
import dev.gantry.model.LogGroup;
import dev.gantry.model.LogStream;
import dev.gantry.model.LogStreamId;
import dev.gantry.store.Group;
import dev.gantry.store.Index;
import dev.gantry.store.LogStore;
import dev.gantry.store.LogStore.Stats;
import dev.gantry.store.State;
import dev.gantry.wire.server.Answer;
import dev.gantry.wire.shape.Unit;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// Log streams: CreateLogStream, DeleteLogStream, DescribeLogStreams.
final class LogStreamOperations {
  private LogStreamOperations() {}

  static void register(OperationTable table) {
    table.command(Logs.CREATE_LOG_STREAM, LogStreamOperations::create);
    table.command(Logs.DELETE_LOG_STREAM, LogStreamOperations::delete);
    table.logQuery(Logs.DESCRIBE_LOG_STREAMS, LogStreamOperations::describe);
  }

  private static Decision<Unit> create(Head head, CreateLogStreamRequest input, Context context) {
    State state = head.state();
    LogGroup group = LogNames.group(state, context.scope(), input.logGroupName());
    LogStreamId id = LogNames.id(group, Objects.requireNonNull(input.logStreamName()));
    if (state.logStream(id) != null) {
      throw LogsErrors.resourceAlreadyExistsException("The specified log stream already exists");
    }
    return Decision.put(Unit.UNIT, new LogStream(id, context.now()));
  }

  private static Decision<Unit> delete(Head head, DeleteLogStreamRequest input, Context context) {
    State state = head.state();
    LogGroup group = LogNames.group(state, context.scope(), input.logGroupName());
    LogStream stream = LogNames.stream(state, group, input.logStreamName());
    return new Decision<>(List.of(new Change.Remove(stream.id())), Unit.UNIT);
  }

  private static void describe(
      Snapshot snapshot,
      DescribeLogStreamsRequest input,
      Context context,
      LogStore logs,
      Answer answer) {
    State state = snapshot.state();
    LogGroup group =
        LogNames.group(state, context.scope(), input.logGroupName(), input.logGroupIdentifier());
    boolean descending = Boolean.TRUE.equals(input.descending());
    int size = LogPages.size(input.limit());
    if (OrderBy.LAST_EVENT_TIME.equals(input.orderBy())) {
      if (input.logStreamNamePrefix() != null) {
        throw LogsErrors.invalidParameterException(
            "Cannot order by LastEventTime with a logStreamNamePrefix.");
      }
      new StreamsByLastEvent(state, group, descending, size, logs, answer).begin(input.nextToken());
      return;
    }
    LogPages.Page<LogStream> page =
        byName(
            state.group(Index.LOG_STREAMS, group.id()),
            group,
            Objects.requireNonNullElse(input.logStreamNamePrefix(), ""),
            descending,
            input.nextToken(),
            size);
    String nextToken = page.last() == null ? null : page.last().id().name();
    logs.stats(
        page.items().stream().map(LogStream::id).toList(),
        Answering.with(answer, stats -> response(page.items(), stats, nextToken)));
  }

  private static LogPages.Page<LogStream> byName(
      Group<LogStreamId, LogStream> all,
      LogGroup group,
      String prefix,
      boolean descending,
      @Nullable String token,
      int size) {
    Iterable<LogStream> rest;
    if (descending) {
      String end = LogPages.behind(prefix);
      String before = end == null || (token != null && token.compareTo(end) < 0) ? token : end;
      rest = before == null ? all.descending() : all.descendingBefore(LogNames.id(group, before));
    } else {
      rest =
          token == null || token.compareTo(prefix) < 0
              ? all.from(LogNames.id(group, prefix))
              : all.after(LogNames.id(group, token));
    }
    return LogPages.take(
        rest, size, stream -> stream.id().name().startsWith(prefix), stream -> true);
  }

  private static DescribeLogStreamsResponse response(
      List<LogStream> streams, SortedMap<LogStreamId, Stats> stats, @Nullable String nextToken) {
    return new DescribeLogStreamsResponse(
        streams.stream().map(stream -> show(stream, stats.get(stream.id()))).toList(), nextToken);
  }

  /// A stream as the API shows it. `storedBytes` is 0 since 2019 (API Reference, LogStream); what
  /// tells of events is absent while there are none, the token too.
  static dev.gantry.api.logs.LogStream show(LogStream stream, @Nullable Stats stats) {
    dev.gantry.api.logs.LogStream.Builder shown =
        dev.gantry.api.logs.LogStream.builder()
            .logStreamName(stream.id().name())
            .creationTime(stream.createdAt().toEpochMilli())
            .arn(stream.id().arn())
            .storedBytes(0L);
    if (stats != null) {
      shown
          .firstEventTimestamp(stats.firstEventAt())
          .lastEventTimestamp(stats.lastEventAt())
          .lastIngestionTime(stats.ingestedAt())
          .uploadSequenceToken(EventTokens.SEQUENCE_TOKEN);
    }
    return shown.build();
  }
}

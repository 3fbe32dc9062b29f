package dev.gantry.control.logs;

import dev.gantry.api.logs.EntityRejectionErrorType;
import dev.gantry.api.logs.EventOrigin;
import dev.gantry.api.logs.FilterLogEventsRequest;
import dev.gantry.api.logs.FilterLogEventsResponse;
import dev.gantry.api.logs.FilteredLogEvent;
import dev.gantry.api.logs.GetLogEventsRequest;
import dev.gantry.api.logs.GetLogEventsResponse;
import dev.gantry.api.logs.InputLogEvent;
import dev.gantry.api.logs.Logs;
import dev.gantry.api.logs.LogsErrors;
import dev.gantry.api.logs.OutputLogEvent;
import dev.gantry.api.logs.PutLogEventsRequest;
import dev.gantry.api.logs.PutLogEventsResponse;
import dev.gantry.api.logs.RejectedEntityInfo;
import dev.gantry.control.Context;
import dev.gantry.control.LogWork;
import dev.gantry.control.OperationTable;
import dev.gantry.control.Snapshot;
import dev.gantry.model.LogGroup;
import dev.gantry.model.LogStream;
import dev.gantry.store.LogStore;
import dev.gantry.store.LogStore.StoredEvent;
import dev.gantry.store.State;
import dev.gantry.wire.server.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Log events: PutLogEvents, GetLogEvents, FilterLogEvents.
final class LogEventOperations {
  private LogEventOperations() {}

  static void register(OperationTable table) {
    table.logCommand(Logs.PUT_LOG_EVENTS, LogEventOperations::put);
    table.logQuery(Logs.GET_LOG_EVENTS, LogEventOperations::get);
    table.logQuery(Logs.FILTER_LOG_EVENTS, LogEventOperations::filter);
  }

  private static LogWork<PutLogEventsResponse> put(
      State head, PutLogEventsRequest input, Context context) {
    LogGroup group = LogNames.group(head, context.scope(), input.logGroupName());
    LogStream stream = LogNames.stream(head, group, input.logStreamName());
    List<InputLogEvent> given = Objects.requireNonNull(input.logEvents());
    Admission admission = Admission.of(given, context.now(), group.retentionInDays());
    List<LogStore.Event> events = new ArrayList<>(admission.to() - admission.from());
    for (InputLogEvent event : given.subList(admission.from(), admission.to())) {
      events.add(
          new LogStore.Event(
              Objects.requireNonNull(event.timestamp()), Objects.requireNonNull(event.message())));
    }
    return new LogWork<>(
        stream.id(),
        events,
        context.now().toEpochMilli(),
        origin(input.sequenceToken(), admission.from()),
        PutLogEventsResponse.builder()
            .nextSequenceToken(EventTokens.SEQUENCE_TOKEN)
            .rejectedLogEventsInfo(admission.rejected())
            .rejectedEntityInfo(input.entity() == null ? null : noEntities())
            .build());
  }

  /// @param leftOut how many events at the front of the batch are not stored; their sender counts
  ///   them all the same
  private static LogStore.@Nullable Origin origin(@Nullable String sequenceToken, int leftOut) {
    EventOrigin told = EventOrigin.parse(sequenceToken);
    return told == null || told.position() > Long.MAX_VALUE - LogStore.MAX_PAGE_EVENTS
        ? null
        : new LogStore.Origin(told.writer(), told.position() + leftOut);
  }

  /// Entities link log events to what Application Signals shows, which is not here. The events are
  /// stored all the same, as in a group of a class that takes no entities.
  private static RejectedEntityInfo noEntities() {
    return new RejectedEntityInfo(EntityRejectionErrorType.UNSUPPORTED_LOG_GROUP_TYPE);
  }

  private static void get(
      Snapshot snapshot, GetLogEventsRequest input, Context context, LogStore logs, Answer answer) {
    State state = snapshot.state();
    LogGroup group =
        LogNames.group(state, context.scope(), input.logGroupName(), input.logGroupIdentifier());
    LogStream stream = LogNames.stream(state, group, input.logStreamName());
    EventTokens.Token token =
        input.nextToken() == null ? null : EventTokens.parse(input.nextToken());
    logs.read(
        new LogStore.Read(
            stream.id(),
            Objects.requireNonNullElse(input.startTime(), 0L),
            Objects.requireNonNullElse(input.endTime(), Long.MAX_VALUE),
            token == null ? Boolean.TRUE.equals(input.startFromHead()) : token.forward(),
            token == null ? null : token.position(),
            limit(input.limit())),
        Answering.with(
            answer,
            page ->
                GetLogEventsResponse.builder()
                    .events(page.events().stream().map(LogEventOperations::show).toList())
                    .nextForwardToken(EventTokens.forward(page.forward()))
                    .nextBackwardToken(EventTokens.backward(page.backward()))
                    .build()));
  }

  private static OutputLogEvent show(StoredEvent event) {
    return new OutputLogEvent(event.timestamp(), event.message(), event.ingestedAt());
  }

  private static void filter(
      Snapshot snapshot,
      FilterLogEventsRequest input,
      Context context,
      LogStore logs,
      Answer answer) {
    State state = snapshot.state();
    LogGroup group =
        LogNames.group(state, context.scope(), input.logGroupName(), input.logGroupIdentifier());
    if (Boolean.FALSE.equals(input.startFromHead())) {
      throw LogsErrors.invalidParameterException(
          "FilterLogEvents does not act on startFromHead false in this release of Gantry."
              + " COMPATIBILITY.md lists what acts.");
    }
    Long endTime = input.endTime();
    logs.filter(
        new LogStore.Filter(
            group.id(),
            streams(state, group, input),
            Objects.requireNonNullElse(input.startTime(), 0L),
            // "Events with a timestamp later than this time are not returned", other than in
            // GetLogEvents, where those at this time are not returned either.
            endTime == null || endTime == Long.MAX_VALUE ? Long.MAX_VALUE : endTime + 1,
            input.nextToken() == null ? null : EventTokens.position(input.nextToken()),
            FilterPattern.parse(Objects.requireNonNullElse(input.filterPattern(), "")),
            limit(input.limit())),
        Answering.with(
            answer,
            page ->
                FilterLogEventsResponse.builder()
                    .events(page.events().stream().map(LogEventOperations::showFiltered).toList())
                    .searchedLogStreams(List.of())
                    .nextToken(page.next() == null ? null : page.next().toString())
                    .build()));
  }

  private static LogStore.Streams streams(
      State state, LogGroup group, FilterLogEventsRequest input) {
    List<String> names = input.logStreamNames();
    String prefix = input.logStreamNamePrefix();
    if (names == null) {
      return prefix == null ? new LogStore.Streams.All() : new LogStore.Streams.WithPrefix(prefix);
    }
    if (prefix != null) {
      throw LogsErrors.invalidParameterException(
          "logStreamNames and logStreamNamePrefix are mutually exclusive.");
    }
    for (String name : names) {
      LogNames.stream(state, group, name);
    }
    return new LogStore.Streams.Named(names);
  }

  private static FilteredLogEvent showFiltered(StoredEvent event) {
    return new FilteredLogEvent(
        event.stream().name(),
        event.timestamp(),
        event.message(),
        event.ingestedAt(),
        EventTokens.eventId(event.position()));
  }

  private static int limit(@Nullable Integer limit) {
    return limit == null ? LogStore.MAX_PAGE_EVENTS : limit;
  }
}

package dev.gantry.control.logs;

import dev.gantry.api.logs.LiveTailSessionStart;
import dev.gantry.api.logs.Logs;
import dev.gantry.api.logs.LogsErrors;
import dev.gantry.api.logs.StartLiveTailRequest;
import dev.gantry.control.Context;
import dev.gantry.control.Head;
import dev.gantry.control.OperationTable;
import dev.gantry.model.LogGroupId;
import dev.gantry.model.LogStreamId;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Live Tail: StartLiveTail. What may go with what is from the API Reference; no record of AWS's
/// texts was found, so they are our own.
///
/// A group may be named by its name as well as by its ARN, which is more than AWS documents, and a
/// stream need not exist yet.
final class LiveTailOperations {
  private LiveTailOperations() {}

  static void register(OperationTable table) {
    table.tail(Logs.START_LIVE_TAIL, LiveTailOperations::start);
  }

  private static LiveTail start(
      Head head, StartLiveTailRequest input, Context context, String requestId) {
    SortedMap<LogGroupId, String> groups = new TreeMap<>();
    for (String identifier : Objects.requireNonNull(input.logGroupIdentifiers())) {
      if (identifier.endsWith("*")) {
        throw LogsErrors.invalidParameterException(
            "The ARN of a log group must not end with an asterisk: " + identifier);
      }
      groups.putIfAbsent(
          LogNames.identified(head.state(), context.scope(), identifier).id(), identifier);
    }
    return new LiveTail(
        context.scope(),
        LiveTailSessionStart.builder()
            .requestId(requestId)
            .sessionId(head.ids().uuid())
            .logGroupIdentifiers(input.logGroupIdentifiers())
            .logStreamNames(input.logStreamNames())
            .logStreamNamePrefixes(input.logStreamNamePrefixes())
            .logEventFilterPattern(input.logEventFilterPattern())
            .build(),
        groups,
        streams(groups.size(), input.logStreamNames(), input.logStreamNamePrefixes()),
        FilterPattern.parse(Objects.requireNonNullElse(input.logEventFilterPattern(), "")));
  }

  private static Predicate<LogStreamId> streams(
      int groups, @Nullable List<String> names, @Nullable List<String> prefixes) {
    if (names != null && prefixes != null) {
      throw LogsErrors.invalidParameterException(
          "logStreamNames and logStreamNamePrefixes are mutually exclusive.");
    }
    if ((names != null || prefixes != null) && groups != 1) {
      throw LogsErrors.invalidParameterException(
          "logStreamNames and logStreamNamePrefixes need exactly one log group.");
    }
    if (names != null) {
      return stream -> names.contains(stream.name());
    }
    if (prefixes != null) {
      return stream -> prefixes.stream().anyMatch(stream.name()::startsWith);
    }
    return stream -> true;
  }
}

package dev.gantry.control.logs;

import dev.gantry.api.logs.CreateLogGroupRequest;
import dev.gantry.api.logs.CreateLogStreamRequest;
import dev.gantry.api.logs.DeleteLogGroupRequest;
import dev.gantry.api.logs.DeleteLogStreamRequest;
import dev.gantry.api.logs.DescribeLogGroupsRequest;
import dev.gantry.api.logs.DescribeLogStreamsRequest;
import dev.gantry.api.logs.FilterLogEventsRequest;
import dev.gantry.api.logs.FilteredLogEvent;
import dev.gantry.api.logs.GetLogEventsRequest;
import dev.gantry.api.logs.InputLogEvent;
import dev.gantry.api.logs.LogGroup;
import dev.gantry.api.logs.LogStream;
import dev.gantry.api.logs.Logs;
import dev.gantry.api.logs.OutputLogEvent;
import dev.gantry.api.logs.PutLogEventsRequest;
import dev.gantry.api.logs.PutLogEventsResponse;
import dev.gantry.control.ControlHarness;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Calls the Logs operations as tests want to: with few words, and page by page.
final class LogsClient {
  private static final int MAX_PAGES = 1_000;

  private final ControlHarness harness;

  LogsClient(ControlHarness harness) {
    this.harness = harness;
  }

  void createGroup(String group) {
    harness.call(
        Logs.CREATE_LOG_GROUP, CreateLogGroupRequest.builder().logGroupName(group).build());
  }

  void createStream(String group, String stream) {
    harness.call(Logs.CREATE_LOG_STREAM, new CreateLogStreamRequest(group, stream));
  }

  void deleteGroup(String group) {
    harness.call(Logs.DELETE_LOG_GROUP, new DeleteLogGroupRequest(group));
  }

  void deleteStream(String group, String stream) {
    harness.call(Logs.DELETE_LOG_STREAM, new DeleteLogStreamRequest(group, stream));
  }

  /// Puts messages that happened now.
  PutLogEventsResponse put(String group, String stream, String... messages) {
    return harness.call(Logs.PUT_LOG_EVENTS, batch(group, stream, null, messages));
  }

  /// A batch of messages that happen now.
  PutLogEventsRequest batch(
      String group, String stream, @Nullable String sequenceToken, String... messages) {
    return PutLogEventsRequest.builder()
        .logGroupName(group)
        .logStreamName(stream)
        .sequenceToken(sequenceToken)
        .logEvents(
            Arrays.stream(messages)
                .map(message -> new InputLogEvent(harness.now().toEpochMilli(), message))
                .toList())
        .build();
  }

  /// Puts one message that happened at that time.
  void putAt(String group, String stream, long at, String message) {
    harness.call(
        Logs.PUT_LOG_EVENTS,
        PutLogEventsRequest.builder()
            .logGroupName(group)
            .logStreamName(stream)
            .logEvents(List.of(new InputLogEvent(at, message)))
            .build());
  }

  /// All messages of a stream.
  List<String> messages(String group, String stream) {
    return messages(
        harness
            .call(
                Logs.GET_LOG_EVENTS,
                GetLogEventsRequest.builder()
                    .logGroupName(group)
                    .logStreamName(stream)
                    .startFromHead(true)
                    .build())
            .events());
  }

  static List<String> messages(@Nullable List<OutputLogEvent> events) {
    return Objects.requireNonNull(events).stream()
        .map(event -> Objects.requireNonNull(event.message()))
        .toList();
  }

  /// The names of all groups that a request asks for, and what its pages hold: `a b | c`.
  String groupPages(UnaryOperator<DescribeLogGroupsRequest.Builder> request) {
    List<String> pages = new ArrayList<>();
    String token = null;
    do {
      var page =
          harness.call(
              Logs.DESCRIBE_LOG_GROUPS,
              request.apply(DescribeLogGroupsRequest.builder()).nextToken(token).build());
      pages.add(
          String.join(
              " ",
              Objects.requireNonNull(page.logGroups()).stream()
                  .map(LogGroup::logGroupName)
                  .toList()));
      token = page.nextToken();
      checkPages(pages);
    } while (token != null);
    return String.join(" | ", pages);
  }

  /// The names of all streams of a group that a request asks for, and what its pages hold.
  String streamPages(String group, UnaryOperator<DescribeLogStreamsRequest.Builder> request) {
    List<String> pages = new ArrayList<>();
    String token = null;
    do {
      var page =
          harness.call(
              Logs.DESCRIBE_LOG_STREAMS,
              request
                  .apply(DescribeLogStreamsRequest.builder().logGroupName(group))
                  .nextToken(token)
                  .build());
      pages.add(
          String.join(
              " ",
              Objects.requireNonNull(page.logStreams()).stream()
                  .map(LogStream::logStreamName)
                  .toList()));
      token = page.nextToken();
      checkPages(pages);
    } while (token != null);
    return String.join(" | ", pages);
  }

  /// All events of a group that a filter lets through, of all its pages.
  List<FilteredLogEvent> filter(
      String group, UnaryOperator<FilterLogEventsRequest.Builder> request) {
    List<FilteredLogEvent> found = new ArrayList<>();
    List<String> pages = new ArrayList<>();
    String token = null;
    do {
      var page =
          harness.call(
              Logs.FILTER_LOG_EVENTS,
              request
                  .apply(FilterLogEventsRequest.builder().logGroupName(group))
                  .nextToken(token)
                  .build());
      found.addAll(Objects.requireNonNull(page.events()));
      token = page.nextToken();
      pages.add("");
      checkPages(pages);
    } while (token != null);
    return found;
  }

  private static void checkPages(List<String> pages) {
    if (pages.size() > MAX_PAGES) {
      throw new AssertionError("The pages do not end: " + pages.subList(0, 10));
    }
  }
}

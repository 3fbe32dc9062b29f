package dev.gantry.control.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.logs.CreateLogStreamRequest;
import dev.gantry.api.logs.DeleteLogStreamRequest;
import dev.gantry.api.logs.DescribeLogStreamsRequest;
import dev.gantry.api.logs.LogStream;
import dev.gantry.api.logs.Logs;
import dev.gantry.control.ControlHarness;
import dev.gantry.wire.shape.Operation;
import dev.gantry.wire.shape.ServiceException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogStreamOperationsTest {
  private static final String NO_GROUP =
      "ResourceNotFoundException: The specified log group does not exist.";
  private static final String NO_STREAM =
      "ResourceNotFoundException: The specified log stream does not exist.";

  private final ControlHarness harness = new ControlHarness(LogOperations::register);
  private final LogsClient logs = new LogsClient(harness);

  @BeforeEach
  void aGroup() {
    logs.createGroup("/app");
  }

  @Test
  void aStreamWithoutEventsTellsNothingOfEvents() {
    logs.createStream("/app", "web/1");

    assertThat(describe("web/1"))
        .isEqualTo(
            LogStream.builder()
                .logStreamName("web/1")
                .creationTime(harness.now().toEpochMilli())
                .arn("arn:aws:logs:us-east-1:000000000000:log-group:/app:log-stream:web/1")
                .storedBytes(0L)
                .build());
  }

  @Test
  void aStreamWithEventsTellsOfThem() {
    logs.createStream("/app", "web/1");
    long now = harness.now().toEpochMilli();
    logs.putAt("/app", "web/1", now - 5_000, "b");
    logs.putAt("/app", "web/1", now - 9_000, "a");

    LogStream shown = describe("web/1");

    assertThat(shown.firstEventTimestamp()).isEqualTo(now - 9_000);
    assertThat(shown.lastEventTimestamp()).isEqualTo(now - 5_000);
    assertThat(shown.lastIngestionTime()).isEqualTo(now);
    assertThat(shown.uploadSequenceToken()).hasSize(56);
    assertThat(shown.storedBytes()).isZero();
  }

  @Test
  void aStreamOfThatNameIsMadeOnceAndOnlyInAGroup() {
    logs.createStream("/app", "web");

    assertThat(refusal(Logs.CREATE_LOG_STREAM, new CreateLogStreamRequest("/app", "web")))
        .isEqualTo("ResourceAlreadyExistsException: The specified log stream already exists");
    assertThat(refusal(Logs.CREATE_LOG_STREAM, new CreateLogStreamRequest("/none", "web")))
        .isEqualTo(NO_GROUP);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a:b", "a*", ""})
  void someNamesAreNone(String name) {
    assertThat(refusal(Logs.CREATE_LOG_STREAM, new CreateLogStreamRequest("/app", name)))
        .startsWith("InvalidParameterException: 1 validation error detected");
  }

  @Test
  void aStreamGoesWithItsEvents() {
    logs.createStream("/app", "web");
    logs.put("/app", "web", "old");

    logs.deleteStream("/app", "web");

    assertThat(refusal(Logs.DELETE_LOG_STREAM, new DeleteLogStreamRequest("/app", "web")))
        .isEqualTo(NO_STREAM);
    assertThat(refusal(Logs.DELETE_LOG_STREAM, new DeleteLogStreamRequest("/none", "web")))
        .isEqualTo(NO_GROUP);
    logs.createStream("/app", "web");
    assertThat(logs.messages("/app", "web")).isEmpty();
  }

  @Test
  void streamsArePagedInTheOrderOfTheirNames() {
    for (String name : List.of("web/2", "db", "web/1", "worker", "web/3", "we\uffff")) {
      logs.createStream("/app", name);
    }

    assertThat(logs.streamPages("/app", request -> request))
        .isEqualTo("db web/1 web/2 web/3 we\uffff worker");
    assertThat(logs.streamPages("/app", request -> request.limit(4)))
        .isEqualTo("db web/1 web/2 web/3 | we\uffff worker");
    assertThat(logs.streamPages("/app", request -> request.limit(2).descending(true)))
        .isEqualTo("worker we\uffff | web/3 web/2 | web/1 db");
    assertThat(logs.streamPages("/app", request -> request.limit(2).logStreamNamePrefix("web/")))
        .isEqualTo("web/1 web/2 | web/3");
    assertThat(
            logs.streamPages(
                "/app", request -> request.limit(2).logStreamNamePrefix("web/").descending(true)))
        .isEqualTo("web/3 web/2 | web/1");
    assertThat(
            logs.streamPages(
                "/app", request -> request.logStreamNamePrefix("we\uffff").descending(true)))
        .isEqualTo("we\uffff");
  }

  @Test
  void streamsArePagedInTheOrderOfTheirLastEvents() {
    long now = harness.now().toEpochMilli();
    for (String name : List.of("new", "none-1", "old", "none-2", "middle")) {
      logs.createStream("/app", name);
    }
    logs.putAt("/app", "old", now - 3_000, "x");
    logs.putAt("/app", "middle", now - 2_000, "x");
    logs.putAt("/app", "new", now - 1_000, "x");

    assertThat(byLastEvent(50, true)).isEqualTo("new middle old none-2 none-1");
    assertThat(byLastEvent(2, true)).isEqualTo("new middle | old none-2 | none-1");
    assertThat(byLastEvent(3, true)).isEqualTo("new middle old | none-2 none-1");
    assertThat(byLastEvent(50, false)).isEqualTo("none-1 none-2 old middle new");
    assertThat(byLastEvent(1, false).replace(" | ", " ").strip())
        .isEqualTo("none-1 none-2 old middle new");
    assertThat(byLastEvent(3, false)).isEqualTo("none-1 none-2 old | middle new");
  }

  @Test
  void moreStreamsWithoutEventsThanOneStepLooksAt() {
    int count = StreamsByLastEvent.MAX_EXAMINED + 10;
    for (int i = 0; i < count; i++) {
      harness.ask(Logs.CREATE_LOG_STREAM, new CreateLogStreamRequest("/app", "s%05d".formatted(i)));
    }
    harness.settle();
    // The streams of the first step all have events.
    for (int i = 0; i < StreamsByLastEvent.MAX_EXAMINED; i++) {
      harness.ask(Logs.PUT_LOG_EVENTS, logs.batch("/app", "s%05d".formatted(i), null, "x"));
    }
    harness.settle();

    assertThat(byLastEvent(50, false).replace("|", " ").strip().split(" +", -1))
        .hasSize(count)
        .doesNotHaveDuplicates()
        .startsWith("s01000", "s01001");
  }

  @Test
  void aPrefixDoesNotGoWithTheOrderOfLastEvents() {
    assertThat(
            refusal(
                Logs.DESCRIBE_LOG_STREAMS,
                DescribeLogStreamsRequest.builder()
                    .logGroupName("/app")
                    .orderBy("LastEventTime")
                    .logStreamNamePrefix("x")
                    .build()))
        .isEqualTo(
            "InvalidParameterException: Cannot order by LastEventTime with a"
                + " logStreamNamePrefix.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "t/", "t/12", "t/x/web", "f/12"})
  void aTokenMustBeOneOfOurs(String token) {
    assertThat(
            refusal(
                Logs.DESCRIBE_LOG_STREAMS,
                DescribeLogStreamsRequest.builder()
                    .logGroupName("/app")
                    .orderBy("LastEventTime")
                    .nextToken(token)
                    .build()))
        .isEqualTo("InvalidParameterException: The specified nextToken is invalid.");
  }

  @Test
  void aGroupIsNamedByItsNameOrItsArnAndNotByBoth() {
    logs.createStream("/app", "web");
    String arn = "arn:aws:logs:us-east-1:000000000000:log-group:/app";

    for (String identifier : List.of("/app", arn)) {
      var page =
          harness.call(
              Logs.DESCRIBE_LOG_STREAMS,
              DescribeLogStreamsRequest.builder().logGroupIdentifier(identifier).build());
      assertThat(page.logStreams()).hasSize(1);
    }
    for (String other :
        List.of(
            "/none",
            arn.replace("us-east-1", "us-east-2"),
            arn.replace("000000000000", "000000000001"),
            arn.replace("log-group:", "log-troupe:"))) {
      assertThat(
              refusal(
                  Logs.DESCRIBE_LOG_STREAMS,
                  DescribeLogStreamsRequest.builder().logGroupIdentifier(other).build()))
          .isEqualTo(NO_GROUP);
    }
    assertThat(refusal(Logs.DESCRIBE_LOG_STREAMS, DescribeLogStreamsRequest.builder().build()))
        .startsWith("InvalidParameterException");
    assertThat(
            refusal(
                Logs.DESCRIBE_LOG_STREAMS,
                DescribeLogStreamsRequest.builder()
                    .logGroupName("/app")
                    .logGroupIdentifier("/app")
                    .build()))
        .isEqualTo(
            "ValidationException: LogGroup name and LogGroup ARN are mutually exclusive"
                + " parameters.");
  }

  private String byLastEvent(int limit, boolean descending) {
    return logs.streamPages(
        "/app", request -> request.orderBy("LastEventTime").limit(limit).descending(descending));
  }

  private LogStream describe(String prefix) {
    var page =
        harness.call(
            Logs.DESCRIBE_LOG_STREAMS,
            DescribeLogStreamsRequest.builder()
                .logGroupName("/app")
                .logStreamNamePrefix(prefix)
                .build());
    return Objects.requireNonNull(page.logStreams()).getFirst();
  }

  private <I> String refusal(Operation<I, ?> operation, I input) {
    ServiceException refused = harness.refusal(operation, input);
    return refused.code() + ": " + refused.text();
  }
}

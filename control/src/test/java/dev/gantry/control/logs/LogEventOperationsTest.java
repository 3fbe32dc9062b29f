package dev.gantry.control.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.logs.CreateLogStreamRequest;
import dev.gantry.api.logs.DeleteLogStreamRequest;
import dev.gantry.api.logs.Entity;
import dev.gantry.api.logs.EventOrigin;
import dev.gantry.api.logs.FilterLogEventsRequest;
import dev.gantry.api.logs.FilteredLogEvent;
import dev.gantry.api.logs.GetLogEventsRequest;
import dev.gantry.api.logs.GetLogEventsResponse;
import dev.gantry.api.logs.InputLogEvent;
import dev.gantry.api.logs.Logs;
import dev.gantry.api.logs.PutLogEventsRequest;
import dev.gantry.api.logs.PutRetentionPolicyRequest;
import dev.gantry.api.logs.RejectedLogEventsInfo;
import dev.gantry.control.ControlEffect;
import dev.gantry.control.ControlHarness;
import dev.gantry.model.LogStreamId;
import dev.gantry.wire.shape.Operation;
import dev.gantry.wire.shape.ServiceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogEventOperationsTest {
  private static final String NO_STREAM =
      "ResourceNotFoundException: The specified log stream does not exist.";

  private final ControlHarness harness = new ControlHarness(LogOperations::register);
  private final LogsClient logs = new LogsClient(harness);

  @BeforeEach
  void aStream() {
    logs.createGroup("/app");
    logs.createStream("/app", "web");
  }

  @Test
  void whatWasPutIsRead() {
    var put = logs.put("/app", "web", "one", "two");

    assertThat(put.nextSequenceToken()).hasSize(56);
    assertThat(put.rejectedLogEventsInfo()).isNull();
    assertThat(put.rejectedEntityInfo()).isNull();
    assertThat(logs.messages("/app", "web")).containsExactly("one", "two");
  }

  @Test
  void aBatchIsAnsweredWhenItIsStored() {
    var put = harness.ask(Logs.PUT_LOG_EVENTS, logs.batch("/app", "web", null, "one"));

    assertThat(put.waits()).isTrue();
    harness.logs().work();
    assertThat(put.waits()).isTrue();
    harness.logs().tell();
    assertThat(put.output()).isNotNull();
  }

  @Test
  void aStreamThatIsNotDurableYetIsWrittenToWhenItIs() {
    var created = harness.ask(Logs.CREATE_LOG_STREAM, new CreateLogStreamRequest("/app", "early"));
    var put = harness.ask(Logs.PUT_LOG_EVENTS, logs.batch("/app", "early", null, "one"));

    assertThat(harness.logs().queued()).isZero();
    harness.commit();
    assertThat(created.output()).isNotNull();
    assertThat(harness.logs().queued()).isEqualTo(1);
    harness.settle();
    assertThat(put.output()).isNotNull();
    assertThat(logs.messages("/app", "early")).containsExactly("one");
  }

  /// An append that was decided before the deletion of its stream, and becomes due together with
  /// it, must not bring the events of the deleted stream back.
  @Test
  void aDeletedStreamStaysEmpty() {
    harness.ask(Logs.CREATE_LOG_STREAM, new CreateLogStreamRequest("/app", "other"));
    harness.ask(Logs.PUT_LOG_EVENTS, logs.batch("/app", "web", null, "old"));
    harness.ask(Logs.DELETE_LOG_STREAM, new DeleteLogStreamRequest("/app", "web"));
    harness.ask(Logs.CREATE_LOG_STREAM, new CreateLogStreamRequest("/app", "web"));
    harness.ask(Logs.PUT_LOG_EVENTS, logs.batch("/app", "web", null, "new"));

    harness.settle();

    assertThat(logs.messages("/app", "web")).containsExactly("new");
    assertThat(logEffects()).containsExactly("append", "delete web", "append");
  }

  @Test
  void aStreamThatIsGoneTakesNothing() {
    harness.ask(Logs.DELETE_LOG_STREAM, new DeleteLogStreamRequest("/app", "web"));
    var put = harness.ask(Logs.PUT_LOG_EVENTS, logs.batch("/app", "web", null, "late"));

    harness.settle();

    assertThat(put.error().text()).isEqualTo("The specified log stream does not exist.");
    assertThat(refusal(Logs.PUT_LOG_EVENTS, logs.batch("/none", "web", null, "x")))
        .isEqualTo("ResourceNotFoundException: The specified log group does not exist.");
  }

  @Test
  void whatIsTooOldOrTooNewIsLeftOutAndTold() {
    long now = harness.now().toEpochMilli();
    List<InputLogEvent> events =
        List.of(
            new InputLogEvent(now - Duration.ofDays(15).toMillis(), "too old"),
            new InputLogEvent(now, "fits"),
            new InputLogEvent(now + Duration.ofHours(3).toMillis(), "too new"));

    var put =
        harness.call(
            Logs.PUT_LOG_EVENTS,
            logs.batch("/app", "web", null, "x").toBuilder().logEvents(events).build());

    assertThat(put.rejectedLogEventsInfo()).isEqualTo(new RejectedLogEventsInfo(2, 1, null));
    assertThat(logs.messages("/app", "web")).containsExactly("fits");
  }

  @Test
  void aBatchOfWhichNothingIsStoredIsAnsweredAtOnce() {
    harness.call(Logs.PUT_RETENTION_POLICY, new PutRetentionPolicyRequest("/app", 1));
    long twoDaysAgo = harness.now().minus(Duration.ofDays(2)).toEpochMilli();

    var put =
        harness.call(
            Logs.PUT_LOG_EVENTS,
            logs.batch("/app", "web", null, "x").toBuilder()
                .logEvents(List.of(new InputLogEvent(twoDaysAgo, "expired")))
                .build());

    assertThat(put.rejectedLogEventsInfo()).isEqualTo(new RejectedLogEventsInfo(null, null, 1));
    assertThat(logs.messages("/app", "web")).isEmpty();
  }

  @Test
  void anEntityIsNotTakenButTheEventsAre() {
    PutLogEventsRequest batch =
        logs.batch("/app", "web", null, "one").toBuilder().entity(Entity.builder().build()).build();

    var put = harness.call(Logs.PUT_LOG_EVENTS, batch);

    assertThat(put.rejectedEntityInfo())
        .hasToString("RejectedEntityInfo[errorType=UnsupportedLogGroupType]");
    assertThat(logs.messages("/app", "web")).containsExactly("one");
  }

  @Test
  void aBatchThatIsSentAgainIsStoredOnceIfItTellsItsOrigin() {
    send(0, "agent-1", "a", "b");
    send(0, "agent-1", "a", "b");
    send(1, "agent-1", "b", "c");
    assertThat(logs.messages("/app", "web")).containsExactly("a", "b", "c");

    send(0, "agent-2", "a");
    assertThat(logs.messages("/app", "web")).containsExactly("a", "b", "c", "a");
  }

  @Test
  void anyOtherSequenceTokenMeansNothing() {
    String token = "49677559853173528147003566463269387669963365505610810194";
    harness.call(Logs.PUT_LOG_EVENTS, logs.batch("/app", "web", token, "a"));
    harness.call(Logs.PUT_LOG_EVENTS, logs.batch("/app", "web", token, "a"));
    harness.call(
        Logs.PUT_LOG_EVENTS, logs.batch("/app", "web", "gantry:" + Long.MAX_VALUE + ":w", "a"));

    assertThat(logs.messages("/app", "web")).containsExactly("a", "a", "a");
  }

  /// The sender counts what it sent, the log store what was stored.
  @Test
  void whatIsLeftOutAtTheFrontCountsForTheSender() {
    long now = harness.now().toEpochMilli();
    long old = harness.now().minus(Duration.ofDays(15)).toEpochMilli();
    PutLogEventsRequest batch =
        logs.batch("/app", "web", new EventOrigin(0, "w").toSequenceToken(), "x").toBuilder()
            .logEvents(
                List.of(
                    new InputLogEvent(old, "too old"),
                    new InputLogEvent(now, "a"),
                    new InputLogEvent(now, "b")))
            .build();

    harness.call(Logs.PUT_LOG_EVENTS, batch);
    harness.call(Logs.PUT_LOG_EVENTS, batch);
    send(2, "w", "b", "c");

    assertThat(logs.messages("/app", "web")).containsExactly("a", "b", "c");
  }

  @Test
  void aStoreThatIsBusyAsksTheCallerToComeAgain() {
    var replies = new ArrayList<ControlHarness.Reply<?>>();
    while (harness.logs().queued() < dev.gantry.store.LogStore.MAX_QUEUED_WRITES) {
      replies.add(harness.ask(Logs.PUT_LOG_EVENTS, logs.batch("/app", "web", null, "x")));
    }
    var refused = harness.ask(Logs.PUT_LOG_EVENTS, logs.batch("/app", "web", null, "x"));
    var read = harness.ask(Logs.GET_LOG_EVENTS, get(request -> request));

    assertThat(refused.error().code()).isEqualTo("ThrottlingException");
    assertThat(read.error().code()).isEqualTo("ThrottlingException");
    harness.settle();
    assertThat(replies).noneMatch(ControlHarness.Reply::waits);
  }

  @Test
  void aReaderGoesForwardUntilItGetsTheTokenItSent() {
    logs.put("/app", "web", "1", "2", "3", "4", "5");

    assertThat(pages(true, 2)).containsExactly("1 2", "3 4", "5", "");
    assertThat(pages(true, 5)).containsExactly("1 2 3 4 5", "");
  }

  @Test
  void aReaderGoesBackwardFromTheLatest() {
    logs.put("/app", "web", "1", "2", "3", "4", "5");

    assertThat(pages(false, 2)).containsExactly("4 5", "2 3", "1", "");
  }

  @Test
  void anEmptyStreamHasTokensTooAndTheyFindWhatComes() {
    GetLogEventsResponse empty = harness.call(Logs.GET_LOG_EVENTS, get(request -> request));
    assertThat(empty.nextForwardToken()).isNotNull();
    assertThat(empty.nextBackwardToken()).isNotNull();

    GetLogEventsResponse again = getAfter(empty.nextForwardToken());
    assertThat(again.nextForwardToken()).isEqualTo(empty.nextForwardToken());
    logs.put("/app", "web", "first");

    assertThat(LogsClient.messages(getAfter(again.nextForwardToken()).events()))
        .containsExactly("first");
    assertThat(LogsClient.messages(getAfter(empty.nextBackwardToken()).events())).isEmpty();
  }

  @Test
  void aFollowerSeesWhatIsAddedOnce() {
    logs.put("/app", "web", "1", "2");
    GetLogEventsResponse page = harness.call(Logs.GET_LOG_EVENTS, get(request -> request));
    assertThat(LogsClient.messages(page.events())).containsExactly("1", "2");

    logs.put("/app", "web", "3");
    page = getAfter(page.nextForwardToken());
    assertThat(LogsClient.messages(page.events())).containsExactly("3");
    page = getAfter(page.nextForwardToken());
    assertThat(page.events()).isEmpty();
  }

  @Test
  void theStartIsWithinTheRangeAndTheEndIsNot() {
    long now = harness.now().toEpochMilli();
    for (int i = 0; i < 4; i++) {
      logs.putAt("/app", "web", now + i, "at " + i);
    }

    assertThat(
            LogsClient.messages(
                harness
                    .call(
                        Logs.GET_LOG_EVENTS,
                        get(request -> request.startTime(now + 1).endTime(now + 3)))
                    .events()))
        .containsExactly("at 1", "at 2");
    assertThat(
            harness
                .call(
                    Logs.GET_LOG_EVENTS,
                    get(request -> request.startTime(now + 1).endTime(now + 1)))
                .events())
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"f", "f/", "x/1.2.3", "f/1.2", "f/1.2.x", "1.2.3"})
  void aTokenMustBeOneOfOurs(String token) {
    assertThat(refusal(Logs.GET_LOG_EVENTS, get(request -> request.nextToken(token))))
        .isEqualTo("InvalidParameterException: The specified nextToken is invalid.");
  }

  @Test
  void whatIsReadMustExist() {
    assertThat(refusal(Logs.GET_LOG_EVENTS, get(request -> request.logStreamName("none"))))
        .isEqualTo(NO_STREAM);
    assertThat(refusal(Logs.FILTER_LOG_EVENTS, filter(r -> r.logStreamNames(List.of("none")))))
        .isEqualTo(NO_STREAM);
    assertThat(refusal(Logs.FILTER_LOG_EVENTS, filter(r -> r.logGroupName("/none"))))
        .isEqualTo("ResourceNotFoundException: The specified log group does not exist.");
  }

  @Test
  void aFilterMergesStreamsInTheOrderOfTime() {
    severalStreams();

    assertThat(found(request -> request)).isEqualTo("web:1 db:2 web:3 worker:4");
    assertThat(found(request -> request.limit(1))).isEqualTo("web:1 db:2 web:3 worker:4");
    assertThat(found(request -> request.logStreamNames(List.of("web", "db"))))
        .isEqualTo("web:1 db:2 web:3");
    assertThat(found(request -> request.logStreamNamePrefix("w")))
        .isEqualTo("web:1 web:3 worker:4");
    assertThat(found(request -> request.filterPattern("?2 ?4"))).isEqualTo("db:2 worker:4");
  }

  @Test
  void bothEndsAreWithinTheRangeOfAFilter() {
    severalStreams();
    long now = harness.now().toEpochMilli();

    assertThat(found(request -> request.startTime(now + 2).endTime(now + 3)))
        .isEqualTo("db:2 web:3");
    assertThat(found(request -> request.endTime(Long.MAX_VALUE)))
        .isEqualTo("web:1 db:2 web:3 worker:4");
  }

  @Test
  void aFilteredEventHasAnIdOfItsOwnThatStays() {
    severalStreams();

    List<String> ids = ids();

    assertThat(ids).doesNotHaveDuplicates().isSorted().allMatch(id -> id.matches("[0-9]{56}"));
    assertThat(ids()).isEqualTo(ids);
  }

  @Test
  void aFilterTellsOfNoStreamsAndEndsWithoutAToken() {
    logs.put("/app", "web", "x");

    var page = harness.call(Logs.FILTER_LOG_EVENTS, filter(request -> request.interleaved(true)));

    assertThat(page.searchedLogStreams()).isEmpty();
    assertThat(page.nextToken()).isNull();
  }

  @Test
  void aFilterThatIsNotCarriedOutIsRefused() {
    assertThat(
            refusal(
                Logs.FILTER_LOG_EVENTS,
                filter(r -> r.logStreamNames(List.of("web")).logStreamNamePrefix("w"))))
        .startsWith("InvalidParameterException");
    assertThat(refusal(Logs.FILTER_LOG_EVENTS, filter(r -> r.startFromHead(false))))
        .contains("startFromHead");
    assertThat(refusal(Logs.FILTER_LOG_EVENTS, filter(r -> r.filterPattern("{ $.x = 1 }"))))
        .contains("JSON");
    assertThat(refusal(Logs.FILTER_LOG_EVENTS, filter(r -> r.nextToken("x"))))
        .isEqualTo("InvalidParameterException: The specified nextToken is invalid.");
    assertThat(harness.call(Logs.FILTER_LOG_EVENTS, filter(r -> r.startFromHead(true))).events())
        .isEmpty();
  }

  @Test
  void eventsGoWhenTheirRetentionIsOver() {
    harness.call(Logs.PUT_RETENTION_POLICY, new PutRetentionPolicyRequest("/app", 1));
    logs.put("/app", "web", "old");
    logs.createGroup("/forever");
    logs.createStream("/forever", "web");
    logs.put("/forever", "web", "kept");

    harness.pass(Duration.ofHours(23));
    logs.put("/app", "web", "young");
    assertThat(logs.messages("/app", "web")).containsExactly("old", "young");

    harness.pass(Duration.ofHours(3));
    assertThat(logs.messages("/app", "web")).containsExactly("young");
    assertThat(logs.messages("/forever", "web")).containsExactly("kept");
  }

  @Test
  void acknowledgedEventsSurviveACrash() {
    logs.put("/app", "web", "one");
    harness.ask(Logs.PUT_LOG_EVENTS, logs.batch("/app", "web", null, "lost"));

    ControlHarness next = harness.crash(LogOperations::register);

    assertThat(new LogsClient(next).messages("/app", "web")).containsExactly("one");
  }

  private void severalStreams() {
    logs.createStream("/app", "db");
    logs.createStream("/app", "worker");
    long now = harness.now().toEpochMilli();
    logs.putAt("/app", "web", now + 1, "1");
    logs.putAt("/app", "web", now + 3, "3");
    logs.putAt("/app", "db", now + 2, "2");
    logs.putAt("/app", "worker", now + 4, "4");
  }

  private String found(UnaryOperator<FilterLogEventsRequest.Builder> request) {
    return String.join(
        " ",
        logs.filter("/app", request).stream()
            .map(event -> event.logStreamName() + ":" + event.message())
            .toList());
  }

  private List<@Nullable String> ids() {
    List<@Nullable String> ids = new ArrayList<>();
    for (FilteredLogEvent event : logs.filter("/app", request -> request)) {
      ids.add(event.eventId());
    }
    return ids;
  }

  /// What a reader sees, page by page, until it gets the token it sent.
  private List<String> pages(boolean forward, int limit) {
    List<String> pages = new ArrayList<>();
    String token = null;
    while (true) {
      String sent = token;
      GetLogEventsResponse page =
          harness.call(
              Logs.GET_LOG_EVENTS,
              get(request -> request.startFromHead(forward).limit(limit).nextToken(sent)));
      pages.add(String.join(" ", LogsClient.messages(page.events())));
      token = forward ? page.nextForwardToken() : page.nextBackwardToken();
      assertThat(token).isNotNull();
      if (token == null || token.equals(sent) || pages.size() > 100) {
        return pages;
      }
    }
  }

  private GetLogEventsResponse getAfter(@Nullable String token) {
    return harness.call(Logs.GET_LOG_EVENTS, get(request -> request.nextToken(token)));
  }

  private static GetLogEventsRequest get(UnaryOperator<GetLogEventsRequest.Builder> request) {
    return request
        .apply(GetLogEventsRequest.builder().logGroupName("/app").logStreamName("web"))
        .build();
  }

  private static FilterLogEventsRequest filter(
      UnaryOperator<FilterLogEventsRequest.Builder> request) {
    return request.apply(FilterLogEventsRequest.builder().logGroupName("/app")).build();
  }

  private void send(long position, String writer, String... messages) {
    harness.call(
        Logs.PUT_LOG_EVENTS,
        logs.batch("/app", "web", new EventOrigin(position, writer).toSequenceToken(), messages));
  }

  private <I> String refusal(Operation<I, ?> operation, I input) {
    ServiceException refused = harness.refusal(operation, input);
    return refused.code() + ": " + refused.text();
  }

  private List<String> logEffects() {
    List<String> effects = new ArrayList<>();
    for (ControlEffect effect : harness.effects()) {
      if (effect instanceof ControlEffect.AppendLogs) {
        effects.add("append");
      } else if (effect instanceof ControlEffect.DeleteLogStream(LogStreamId stream)) {
        effects.add("delete " + stream.name());
      }
    }
    return effects;
  }
}

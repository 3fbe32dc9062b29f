package dev.gantry.control.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.logs.LiveTailSessionLogEvent;
import dev.gantry.api.logs.LiveTailSessionMetadata;
import dev.gantry.api.logs.LiveTailSessionStart;
import dev.gantry.api.logs.LiveTailSessionUpdate;
import dev.gantry.api.logs.Logs;
import dev.gantry.api.logs.StartLiveTailRequest;
import dev.gantry.api.logs.StartLiveTailResponse;
import dev.gantry.api.logs.StartLiveTailResponseStream;
import dev.gantry.control.ControlEffect;
import dev.gantry.control.ControlHarness;
import dev.gantry.control.ControlHarness.Reply;
import dev.gantry.model.Scope;
import dev.gantry.wire.server.EventSink;
import dev.gantry.wire.shape.ServiceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

class LiveTailTest {
  private static final String ARN = "arn:aws:logs:us-east-1:000000000000:log-group:/app";
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final ControlHarness harness = new ControlHarness(LogOperations::register);
  private final LogsClient logs = new LogsClient(harness);

  /// A client that takes as many events as it is told to.
  private static final class Client implements EventSink {
    final List<StartLiveTailResponseStream> events = new ArrayList<>();
    int room = 100;
    boolean ended;
    @Nullable ServiceException error;

    @Override
    public int room() {
      return ended ? 0 : room;
    }

    @Override
    public boolean send(Object event) {
      if (room() == 0) {
        return false;
      }
      room--;
      events.add((StartLiveTailResponseStream) event);
      return true;
    }

    @Override
    public void fail(ServiceException given) {
      error = given;
      ended = true;
    }

    @Override
    public void end() {
      ended = true;
    }

    /// What the updates show, each in brackets, `stream:message`, with `*` where they are samples.
    String updates() {
      List<String> shown = new ArrayList<>();
      for (StartLiveTailResponseStream event : events) {
        LiveTailSessionUpdate update = event.sessionUpdate();
        if (update != null) {
          boolean sampled = new LiveTailSessionMetadata(true).equals(update.sessionMetadata());
          shown.add(
              Objects.requireNonNull(update.sessionResults()).stream()
                      .map(result -> result.logStreamName() + ":" + result.message())
                      .toList()
                  + (sampled ? "*" : ""));
        }
      }
      return String.join(" ", shown);
    }
  }

  @BeforeEach
  void aGroup() {
    logs.createGroup("/app");
    logs.createStream("/app", "web");
    logs.createStream("/app", "db");
  }

  @Test
  void aSessionSaysWhatItIsAndThenEverySecondWhatCame() {
    logs.put("/app", "web", "before");
    Client client = open(request -> request.logEventFilterPattern("-noise"));

    assertThat(client.events).hasSize(1);
    LiveTailSessionStart start = Objects.requireNonNull(client.events.getFirst().sessionStart());
    assertThat(start.requestId()).startsWith("request-");
    assertThat(start.sessionId()).hasSize(36);
    assertThat(start.logGroupIdentifiers()).containsExactly(ARN);
    assertThat(start.logEventFilterPattern()).isEqualTo("-noise");
    assertThat(start.logStreamNames()).isNull();

    harness.pass(SECOND);
    long at = harness.now().toEpochMilli();
    logs.put("/app", "web", "one", "noise", "two");
    harness.pass(SECOND);
    logs.put("/app", "db", "three");
    harness.pass(SECOND.multipliedBy(2));

    assertThat(client.updates()).isEqualTo("[] [web:one, web:two] [db:three] []");
    assertThat(client.events.get(2).sessionUpdate())
        .isEqualTo(
            new LiveTailSessionUpdate(
                new LiveTailSessionMetadata(false),
                List.of(
                    new LiveTailSessionLogEvent("web", ARN, "one", at, at),
                    new LiveTailSessionLogEvent("web", ARN, "two", at, at))));
  }

  @Test
  void onlyTheGroupsAndStreamsThatWereAskedForAreShown() {
    logs.createGroup("/other");
    logs.createStream("/other", "web");
    logs.createStream("/app", "web/2");
    Client all = open(request -> request.logGroupIdentifiers(List.of("/app", "/other")));
    Client one = open(request -> request);
    Client named = open(request -> request.logStreamNames(List.of("db", "later")));
    Client prefixed = open(request -> request.logStreamNamePrefixes(List.of("w", "x")));

    logs.put("/app", "web", "1");
    logs.put("/app", "db", "2");
    logs.put("/other", "web", "3");
    logs.put("/app", "web/2", "4");
    logs.createStream("/app", "later");
    logs.put("/app", "later", "5");
    harness.pass(SECOND);

    assertThat(all.updates()).isEqualTo("[web:1, db:2, web:3, web/2:4, later:5]");
    assertThat(one.updates()).isEqualTo("[web:1, db:2, web/2:4, later:5]");
    assertThat(named.updates()).isEqualTo("[db:2, later:5]");
    assertThat(prefixed.updates()).isEqualTo("[web:1, web/2:4]");
  }

  @Test
  void whatIsNotDurableIsNotShown() {
    Client client = open(request -> request);
    harness.ask(Logs.PUT_LOG_EVENTS, logs.batch("/app", "web", null, "x"));
    harness.tell(new dev.gantry.control.ControlEvent.Woken());
    assertThat(harness.logs().queued()).isEqualTo(1);

    harness.pass(SECOND);

    assertThat(client.updates()).isEqualTo("[web:x]");
  }

  @Test
  void whatIsSentAgainIsShownOnce() {
    Client client = open(request -> request);
    send(0, "a", "b");
    send(1, "b", "c");
    harness.pass(SECOND);

    assertThat(client.updates()).isEqualTo("[web:a, web:b, web:c]");
  }

  @Test
  void moreThanFiveHundredEventsAreSampledEvenly() {
    Client client = open(request -> request);
    for (int batch = 0; batch < 4; batch++) {
      String[] messages = new String[1_000];
      for (int i = 0; i < messages.length; i++) {
        messages[i] = Integer.toString(batch * 1_000 + i);
      }
      logs.put("/app", "web", messages);
    }
    harness.pass(SECOND);

    LiveTailSessionUpdate update = Objects.requireNonNull(client.events.getLast().sessionUpdate());
    assertThat(update.sessionMetadata()).isEqualTo(new LiveTailSessionMetadata(true));
    List<Integer> shown = new ArrayList<>();
    for (LiveTailSessionLogEvent event : Objects.requireNonNull(update.sessionResults())) {
      shown.add(Integer.valueOf(Objects.requireNonNull(event.message())));
    }
    assertThat(shown).hasSize(500).isSorted().startsWith(0).doesNotHaveDuplicates();
    assertThat(shown.get(250)).isBetween(1_800, 2_200);
    assertThat(shown.getLast()).isGreaterThan(3_900);

    logs.put("/app", "web", "x");
    harness.pass(SECOND);
    assertThat(client.updates()).endsWith("* [web:x]");
  }

  @Test
  void anUpdateIsBoundedInBytes() {
    Client client = open(request -> request);
    String large = "x".repeat(900_000);
    for (int i = 0; i < 5; i++) {
      logs.put("/app", "web", large);
    }
    harness.pass(SECOND);

    LiveTailSessionUpdate update = Objects.requireNonNull(client.events.getLast().sessionUpdate());
    assertThat(update.sessionMetadata()).isEqualTo(new LiveTailSessionMetadata(true));
    assertThat(update.sessionResults()).hasSizeBetween(1, 2);
  }

  @Test
  void aSlowClientLosesTheOldestUpdates() {
    Client client = open(request -> request);
    client.room = 0;
    for (int i = 1; i <= 12; i++) {
      logs.put("/app", "web", Integer.toString(i));
      harness.pass(SECOND);
    }
    assertThat(client.updates()).isEmpty();
    client.room = 3;
    harness.pass(SECOND);
    assertThat(client.updates()).isEqualTo("[web:4] [web:5] [web:6]");
    client.room = 100;
    harness.pass(SECOND);

    assertThat(client.updates())
        .isEqualTo(
            "[web:4] [web:5] [web:6] [web:7] [web:8] [web:9] [web:10] [web:11] [web:12] [] []");
  }

  @Test
  void aSessionEndsAfterThreeHours() {
    Client client = open(request -> request);

    harness.pass(LiveTails.MAX_AGE.minus(SECOND));
    assertThat(client.ended).isFalse();
    client.room = 100;
    harness.pass(SECOND.multipliedBy(2));

    assertThat(client.ended).isTrue();
    assertThat(Objects.requireNonNull(client.error).code()).isEqualTo("SessionTimeoutException");
  }

  @Test
  void aSessionEndsWithItsClient() {
    Reply<StartLiveTailResponse> reply = ask(request -> request);
    Client client = new Client();
    reply.stream().opened(client);
    harness.settle();
    reply.stream().closed();
    harness.settle();
    logs.put("/app", "web", "x");
    int effects = harness.effects().size();
    harness.pass(SECOND.multipliedBy(5));

    assertThat(client.updates()).isEmpty();
    assertThat(harness.effects().subList(effects, harness.effects().size()))
        .noneMatch(effect -> effect instanceof ControlEffect.SendEvent);
    assertThat(taps()).isEqualTo(0);
  }

  @Test
  void aSessionThatNobodyOpensEnds() {
    Reply<StartLiveTailResponse> reply = ask(request -> request);
    logs.put("/app", "web", "x");
    assertThat(taps()).isEqualTo(1);

    harness.pass(LiveTails.MAX_OPENING.plus(SECOND));
    logs.put("/app", "web", "x");
    assertThat(taps()).isEqualTo(0);

    Client late = new Client();
    reply.stream().opened(late);
    harness.settle();
    assertThat(late.ended).isTrue();
  }

  @Test
  void anAccountHasFifteenSessionsInARegion() {
    for (int i = 0; i < LiveTails.MAX_SESSIONS; i++) {
      open(request -> request);
    }
    assertThat(refusal(request -> request)).startsWith("LimitExceededException");

    harness.as(new Scope("000000000000", "eu-west-1"));
    logs.createGroup("/app");
    open(request -> request.logGroupIdentifiers(List.of("/app")));
  }

  static final List<Arguments> UNFIT =
      List.of(
          Arguments.of(
              "a group that is not there",
              request(r -> r.logGroupIdentifiers(List.of("/none"))),
              "ResourceNotFoundException: The specified log group does not exist."),
          Arguments.of(
              "an asterisk",
              request(r -> r.logGroupIdentifiers(List.of(ARN + ":*"))),
              "InvalidParameterException: 1 validation error"),
          Arguments.of(
              "streams by name and by prefix",
              request(r -> r.logStreamNames(List.of("a")).logStreamNamePrefixes(List.of("a"))),
              "InvalidParameterException: logStreamNames and logStreamNamePrefixes are"),
          Arguments.of(
              "streams of two groups",
              request(r ->
                  r.logGroupIdentifiers(List.of("/app", "/other")).logStreamNames(List.of("a"))),
              "InvalidParameterException: logStreamNames and logStreamNamePrefixes need"),
          Arguments.of(
              "a pattern of another kind",
              request(r -> r.logEventFilterPattern("{ $.x = 1 }")),
              "InvalidParameterException: Gantry does not support JSON filter patterns"),
          Arguments.of(
              "no group",
              request(r -> r.logGroupIdentifiers(List.of())),
              "InvalidParameterException: 1 validation error"));

  @ParameterizedTest(name = "{0}")
  @FieldSource("UNFIT")
  void refuses(String name, StartLiveTailRequest request, String text) {
    logs.createGroup("/other");

    ServiceException refused = harness.refusal(Logs.START_LIVE_TAIL, request);

    assertThat(refused.code() + ": " + refused.text()).startsWith(text);
  }

  private Client open(UnaryOperator<StartLiveTailRequest.Builder> request) {
    Reply<StartLiveTailResponse> reply = ask(request);
    Client client = new Client();
    reply.stream().opened(client);
    harness.settle();
    return client;
  }

  private Reply<StartLiveTailResponse> ask(UnaryOperator<StartLiveTailRequest.Builder> request) {
    Reply<StartLiveTailResponse> reply = harness.ask(Logs.START_LIVE_TAIL, request(request));
    harness.settle();
    return reply;
  }

  private String refusal(UnaryOperator<StartLiveTailRequest.Builder> request) {
    ServiceException refused = harness.refusal(Logs.START_LIVE_TAIL, request(request));
    return refused.code() + ": " + refused.text();
  }

  private static StartLiveTailRequest request(UnaryOperator<StartLiveTailRequest.Builder> request) {
    return request.apply(StartLiveTailRequest.builder().logGroupIdentifiers(List.of(ARN))).build();
  }

  private void send(long position, String... messages) {
    harness.call(
        Logs.PUT_LOG_EVENTS,
        logs.batch(
            "/app",
            "web",
            new dev.gantry.api.logs.EventOrigin(position, "writer").toSequenceToken(),
            messages));
  }

  /// How many sessions heard of the last append.
  private int taps() {
    int taps = -1;
    for (ControlEffect effect : harness.effects()) {
      if (effect instanceof ControlEffect.AppendLogs append) {
        taps = append.taps().size();
      }
    }
    return taps;
  }
}

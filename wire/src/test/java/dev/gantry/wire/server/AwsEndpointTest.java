package dev.gantry.wire.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.wire.BodyListener;
import dev.gantry.wire.BodySink;
import dev.gantry.wire.Endpoint;
import dev.gantry.wire.Headers;
import dev.gantry.wire.Headers.Header;
import dev.gantry.wire.RequestHead;
import dev.gantry.wire.SocketListener;
import dev.gantry.wire.TextSocket;
import dev.gantry.wire.WireRequest;
import dev.gantry.wire.WireResponse;
import dev.gantry.wire.auth.CredentialResolver.Resolution;
import dev.gantry.wire.auth.Credentials;
import dev.gantry.wire.auth.Principal;
import dev.gantry.wire.auth.SigV4Signer;
import dev.gantry.wire.eventstream.Message;
import dev.gantry.wire.server.ThingService.Thing;
import dev.gantry.wire.shape.ServiceException;
import dev.gantry.wire.shape.Unit;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AwsEndpointTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Principal ROOT =
      new Principal("000000000000", "arn:aws:iam::000000000000:root");
  private static final Credentials KEY = Credentials.of("AKIAEXAMPLE", "a secret");
  private static final String TYPE = "application/x-amz-json-1.1";

  private final List<Call> calls = new ArrayList<>();
  private final List<Answer> answers = new ArrayList<>();
  private final List<SocketCall> sockets = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();
  private OperationHandler handler =
      (call, answer) -> {
        calls.add(call);
        answers.add(answer);
      };
  private SocketHandler socketHandler =
      call -> {
        sockets.add(call);
        return new Endpoint.Upgrade.Accepted(new DeafListener());
      };

  private final AwsEndpoint endpoint =
      new AwsEndpoint(
          List.of(ThingService.SERVICE),
          (call, answer) -> handler.handle(call, answer),
          new SocketHandler() {
            @Override
            public Endpoint.Upgrade upgrade(SocketCall call) {
              return socketHandler.upgrade(call);
            }

            @Override
            public Endpoint.@Nullable Upgrade unsigned(UnsignedCall call) {
              return socketHandler.unsigned(call);
            }

            @Override
            public List<String> signingNames() {
              return List.of("sockets");
            }
          },
          (key, token) ->
              key.equals("AKIAEXAMPLE")
                  ? new Resolution.Known(ROOT, "a secret")
                  : new Resolution.UnknownKey(),
          () -> NOW,
          () -> "request-1",
          (requestId, what, cause) -> faults.add(requestId + " " + what + " " + cause));

  private static final class DeafListener implements SocketListener {
    @Override
    public void opened(TextSocket socket) {}

    @Override
    public void text(String message) {}

    @Override
    public void closed(int code, String reason) {}
  }

  private static WireRequest request(@Nullable String target, String contentType, String body) {
    byte[] octets = body.getBytes(StandardCharsets.UTF_8);
    List<Header> fields = new ArrayList<>();
    fields.add(new Header("Host", "localhost:4566"));
    fields.add(new Header("Content-Type", contentType));
    if (target != null) {
      fields.add(new Header("X-Amz-Target", target));
    }
    Headers headers =
        new SigV4Signer()
            .sign("POST", "/", null, Headers.of(fields), octets, KEY, "eu-west-1", "things", NOW);
    return new WireRequest(new RequestHead("POST", "/", null, headers, "test"), octets);
  }

  private static WireRequest create(String body) {
    return request("Things_2026.CreateThing", TYPE, body);
  }

  private @Nullable WireResponse give(WireRequest request) {
    List<WireResponse> given = new ArrayList<>();
    endpoint.handle(request, given::add);
    assertThat(given).hasSizeLessThan(2);
    return given.isEmpty() ? null : given.getFirst();
  }

  private WireResponse answer(WireRequest request) {
    return Objects.requireNonNull(give(request));
  }

  private static String body(WireResponse response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  private static void assertFailure(WireResponse response, int status, String code, String body) {
    assertThat(response.status()).isEqualTo(status);
    assertThat(response.headers().first("x-amzn-ErrorType")).isEqualTo(code);
    assertThat(response.headers().first("x-amzn-RequestId")).isEqualTo("request-1");
    assertThat(response.headers().first("Content-Type")).isEqualTo(TYPE);
    assertThat(response.headers().first("Date")).isEqualTo("Sun, 01 Mar 2026 12:00:00 GMT");
    assertThat(body(response)).isEqualTo(body);
  }

  @Test
  void anAnswerMayGoOnAsAStreamOfEvents() {
    List<WireResponse> given = new ArrayList<>();
    endpoint.handle(request("Things_2026.WatchThing", TYPE, "{\"name\":\"a\"}"), given::add);
    List<EventSink> sinks = new ArrayList<>();
    List<String> heard = new ArrayList<>();
    answers
        .getFirst()
        .events(
            Unit.UNIT,
            new EventListener() {
              @Override
              public void opened(EventSink sink) {
                sinks.add(sink);
              }

              @Override
              public void closed() {
                heard.add("closed");
              }
            });

    WireResponse response = given.getFirst();
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.headers().first("Content-Type"))
        .isEqualTo("application/vnd.amazon.eventstream");
    assertThat(response.headers().first("x-amzn-RequestId")).isEqualTo("request-1");
    assertThat(response.headers().first("Date")).isEqualTo("Sun, 01 Mar 2026 12:00:00 GMT");
    assertThat(Message.of(response.body()))
        .isEqualTo(
            new Message(
                Map.of(
                    ":event-type",
                    "initial-response",
                    ":content-type",
                    TYPE,
                    ":message-type",
                    "event"),
                "{}"));
    BodyListener more = Objects.requireNonNull(response.more());
    Pieces pieces = new Pieces();
    more.opened(pieces);
    EventSink sink = sinks.getFirst();
    assertThat(sink.room()).isEqualTo(2);
    assertThat(sink.send(new ThingService.ThingEvent(null, new Thing("b", 2)))).isTrue();
    sink.fail(new ServiceException("TooLate", 400, "too late"));
    more.closed();

    assertThat(pieces.heard)
        .containsExactly(
            "went {\"name\":\"b\",\"size\":2}",
            "TooLate {\"__type\":\"TooLate\",\"message\":\"too late\"}",
            "end");
    assertThat(heard).containsExactly("closed");
    assertThatThrownBy(() -> sink.send(new ThingService.ThingEvent(null, null)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(faults).isEmpty();
  }

  @Test
  void anOperationWithoutEventsHasNoStream() {
    endpoint.handle(create("{\"name\":\"a\"}"), response -> {});

    assertThatThrownBy(() -> answers.getFirst().events(new Thing("a", 1), new DeafEvents()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static final class DeafEvents implements EventListener {
    @Override
    public void opened(EventSink sink) {}

    @Override
    public void closed() {}
  }

  /// Reads the messages that it is sent.
  private static final class Pieces implements BodySink {
    final List<String> heard = new ArrayList<>();

    @Override
    public int room() {
      return 2;
    }

    @Override
    public boolean send(byte[] piece) {
      Message message = Message.of(piece);
      heard.add(message.headers().values().iterator().next() + " " + message.payload());
      return true;
    }

    @Override
    public void end() {
      heard.add("end");
    }
  }

  @Test
  void aCallReachesTheHandlerAndItsAnswerTheClient() {
    List<WireResponse> given = new ArrayList<>();
    WireRequest request = create("{\"name\":\"a\",\"size\":3,\"unheardOf\":[{}]}");
    endpoint.handle(request, given::add);

    assertThat(calls).hasSize(1);
    assertThat(calls.getFirst())
        .isEqualTo(
            new Call(
                ThingService.CREATE_THING,
                new Thing("a", 3),
                ROOT,
                "eu-west-1",
                "request-1",
                request.head()));
    assertThat(given).isEmpty();

    answers.getFirst().success(new Thing("b", null));
    assertThat(given).hasSize(1);
    WireResponse response = given.getFirst();
    assertThat(response.status()).isEqualTo(200);
    assertThat(body(response)).isEqualTo("{\"name\":\"b\"}");
    assertThat(response.headers().first("x-amzn-RequestId")).isEqualTo("request-1");
    assertThat(response.headers().first("Content-Type")).isEqualTo(TYPE);
    assertThat(response.headers().first("Date")).isEqualTo("Sun, 01 Mar 2026 12:00:00 GMT");
  }

  @Test
  void anOperationWithoutOutputAnswersAnEmptyObject() {
    handler = (call, answer) -> answer.success(Unit.UNIT);
    WireResponse response =
        answer(request("Things_2026.DeleteThing", TYPE + "; charset=utf-8", "{\"name\":\"a\"}"));
    assertThat(response.status()).isEqualTo(200);
    assertThat(body(response)).isEqualTo("{}");
  }

  @Test
  void theServicesOwnErrorReachesTheClient() {
    handler =
        (call, answer) ->
            answer.failure(
                new ServiceException(
                    "ConflictException",
                    409,
                    "a \"quoted\" text",
                    Map.of("resourceIds", List.of("a", "b"))));
    assertFailure(
        answer(create("{\"name\":\"a\"}")),
        409,
        "ConflictException",
        "{\"__type\":\"ConflictException\",\"message\":\"a \\\"quoted\\\" text\","
            + "\"resourceIds\":[\"a\",\"b\"]}");
  }

  @Test
  void unknownOperationsAreNamed() {
    assertFailure(
        answer(request("Things_2026.Nothing", TYPE, "{}")),
        400,
        "UnknownOperationException",
        "{\"__type\":\"UnknownOperationException\","
            + "\"message\":\"Unknown operation: Things_2026.Nothing\"}");
    assertFailure(
        answer(request("Nothings_2026.CreateThing", TYPE, "{}")),
        400,
        "UnknownOperationException",
        "{\"__type\":\"UnknownOperationException\","
            + "\"message\":\"Unknown operation: Nothings_2026.CreateThing\"}");
    assertFailure(
        answer(request(null, TYPE, "{}")),
        400,
        "UnknownOperationException",
        "{\"__type\":\"UnknownOperationException\","
            + "\"message\":\"The request names no operation: X-Amz-Target is missing\"}");
  }

  @Test
  void anotherContentTypeIsRefused() {
    assertFailure(
        answer(request("Things_2026.CreateThing", "application/json", "{}")),
        404,
        "UnknownOperationException",
        "{\"__type\":\"UnknownOperationException\","
            + "\"message\":\"The Content-Type must be application/x-amz-json-1.1\"}");
  }

  @Test
  void aWrongSignatureIsRefusedBeforeTheBodyIsRead() {
    WireRequest signed = create("{\"name\":\"a\"}");
    assertFailure(
        answer(new WireRequest(signed.head(), "{ not json".getBytes(StandardCharsets.UTF_8))),
        400,
        "InvalidSignatureException",
        "{\"__type\":\"InvalidSignatureException\",\"message\":\"The request signature we calculated"
            + " does not match the signature you provided. Check your AWS Secret Access Key and"
            + " signing method. Consult the service documentation for details.\"}");
    assertThat(calls).isEmpty();
  }

  @Test
  void aBodyOfAnotherShapeIsRefused() {
    assertFailure(
        answer(create("{\"name\":\"a\",\"size\":\"big\"}")),
        400,
        "SerializationException",
        "{\"__type\":\"SerializationException\","
            + "\"Message\":\"STRING_VALUE can not be converted to an Integer (at size)\"}");
    assertThat(answer(create("{\"name\":")).status()).isEqualTo(400);
    assertThat(calls).isEmpty();
  }

  @Test
  void aBrokenConstraintIsTheServicesOwnError() {
    WireResponse response = answer(create("{\"name\":\"much too long\"}"));
    assertThat(response.headers().first("x-amzn-ErrorType")).isEqualTo("InvalidThingException");
    assertThat(body(response)).contains("length less than or equal to 8");
    assertThat(calls).isEmpty();
  }

  @Test
  void aHandlersFaultIsLoggedAndNotShown() {
    handler =
        (call, answer) -> {
          throw new IllegalStateException("the inside");
        };
    assertFailure(
        answer(create("{\"name\":\"a\"}")),
        500,
        "ServerException",
        "{\"__type\":\"ServerException\","
            + "\"message\":\"Service Unavailable. Please try again later.\"}");
    assertThat(faults)
        .containsExactly(
            "request-1 things:CreateThing java.lang.IllegalStateException: the inside");
  }

  @Test
  void anOutputThatIsNoneIsAFault() {
    handler = (call, answer) -> answer.success("not a thing");
    assertThat(answer(create("{\"name\":\"a\"}")).status()).isEqualTo(500);
    assertThat(faults).hasSize(1);
  }

  @Test
  void aSecondAnswerIsABugOfTheHandler() {
    List<WireResponse> given = new ArrayList<>();
    endpoint.handle(create("{\"name\":\"a\"}"), given::add);
    answers.getFirst().success(new Thing("a", 1));
    assertThatThrownBy(() -> answers.getFirst().success(new Thing("a", 2)))
        .isInstanceOf(IllegalStateException.class);
    assertThat(given).hasSize(1);
  }

  @Test
  void healthIsForEverybody() {
    WireResponse response =
        answer(
            new WireRequest(
                new RequestHead("GET", "/_gantry/health", null, Headers.none(), "test"),
                new byte[0]));
    assertThat(response.status()).isEqualTo(200);
    assertThat(body(response)).isEqualTo("{\"status\":\"ok\"}");
  }

  @Test
  void bodiesAreBoundedByTheirService() {
    RequestHead head = create("{}").head();
    assertThat(endpoint.bodyLimit(head)).isEqualTo(1_000);
    assertThat(endpoint.bodyLimit(new RequestHead("POST", "/", null, Headers.none(), "test")))
        .isEqualTo(AwsEndpoint.UNKNOWN_BODY_LIMIT_BYTES);
    assertFailure(
        endpoint.tooLarge(head),
        413,
        "RequestEntityTooLargeException",
        "{\"__type\":\"RequestEntityTooLargeException\","
            + "\"message\":\"The request body is larger than 1000 bytes\"}");
  }

  private static RequestHead upgradeHead(String service) {
    String query = "cluster=default&name=a+b%2Bc&flag";
    return new RequestHead(
        "GET",
        "/ac%73/ws",
        query,
        new SigV4Signer()
            .sign(
                "GET",
                "/ac%73/ws",
                query,
                Headers.of("Host", "localhost:4566"),
                new byte[0],
                KEY,
                "us-east-1",
                service,
                NOW),
        "test");
  }

  @Test
  void aWebSocketIsVerifiedAndDecoded() {
    assertThat(endpoint.upgrade(upgradeHead("things")))
        .isInstanceOf(Endpoint.Upgrade.Accepted.class);
    SocketCall call = sockets.getFirst();
    assertThat(call.path()).isEqualTo("/acs/ws");
    assertThat(call.parameters())
        .containsExactly(
            new SocketCall.Parameter("cluster", "default"),
            new SocketCall.Parameter("name", "a b+c"),
            new SocketCall.Parameter("flag", ""));
    assertThat(call.parameter("name")).isEqualTo("a b+c");
    assertThat(call.parameter("other")).isNull();
    assertThat(call.principal()).isEqualTo(ROOT);
    assertThat(call.region()).isEqualTo("us-east-1");
  }

  @Test
  void aWebSocketMayBeSignedForAServiceThatHasNoOperations() {
    assertThat(endpoint.upgrade(upgradeHead("sockets")))
        .isInstanceOf(Endpoint.Upgrade.Accepted.class);
  }

  @Test
  void anUnverifiedWebSocketIsRefused() {
    RequestHead head = upgradeHead("things");
    Endpoint.Upgrade upgrade =
        endpoint.upgrade(
            new RequestHead("GET", head.path(), "cluster=other", head.headers(), "test"));
    WireResponse response = ((Endpoint.Upgrade.Refused) upgrade).response();
    assertThat(response.headers().first("x-amzn-ErrorType")).isEqualTo("InvalidSignatureException");
    assertThat(endpoint.upgrade(upgradeHead("others")))
        .isInstanceOf(Endpoint.Upgrade.Refused.class);
    assertThat(sockets).isEmpty();
  }

  @Test
  void aHandlerMayTakeASocketThatNobodySigned() {
    List<UnsignedCall> unsigned = new ArrayList<>();
    socketHandler =
        new SocketHandler() {
          @Override
          public Endpoint.Upgrade upgrade(SocketCall call) {
            throw new IllegalStateException("nothing was verified");
          }

          @Override
          public Endpoint.@Nullable Upgrade unsigned(UnsignedCall call) {
            unsigned.add(call);
            return call.path().equals("/by token")
                ? new Endpoint.Upgrade.Accepted(new DeafListener())
                : null;
          }
        };
    Headers none = Headers.of("Host", "localhost:4566");
    assertThat(endpoint.upgrade(new RequestHead("GET", "/by%20token", "a=b", none, "test")))
        .isInstanceOf(Endpoint.Upgrade.Accepted.class);
    assertThat(
            ((Endpoint.Upgrade.Refused)
                    endpoint.upgrade(new RequestHead("GET", "/acs/ws", null, none, "test")))
                .response()
                .headers()
                .first("x-amzn-ErrorType"))
        .isEqualTo("MissingAuthenticationTokenException");
    assertThat(unsigned).extracting(UnsignedCall::path).containsExactly("/by token", "/acs/ws");
    assertThat(faults).isEmpty();
  }

  @Test
  void aSocketHandlersFaultIsLoggedAndNotShown() {
    socketHandler =
        call -> {
          throw new IllegalStateException("the inside");
        };
    Endpoint.Upgrade upgrade = endpoint.upgrade(upgradeHead("things"));
    assertThat(((Endpoint.Upgrade.Refused) upgrade).response().status()).isEqualTo(500);
    assertThat(faults).hasSize(1);
  }
}

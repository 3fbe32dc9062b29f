package dev.gantry.wire.server;

import dev.gantry.wire.BodyListener;
import dev.gantry.wire.BodySink;
import dev.gantry.wire.Endpoint;
import dev.gantry.wire.Headers;
import dev.gantry.wire.QueryString;
import dev.gantry.wire.RequestHead;
import dev.gantry.wire.WireRequest;
import dev.gantry.wire.WireResponse;
import dev.gantry.wire.auth.AuthError;
import dev.gantry.wire.auth.CredentialResolver;
import dev.gantry.wire.auth.SigV4Verifier;
import dev.gantry.wire.auth.Verdict;
import dev.gantry.wire.eventstream.EventStream;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.json.MalformedInputException;
import dev.gantry.wire.shape.Constraints;
import dev.gantry.wire.shape.Operation;
import dev.gantry.wire.shape.ServiceException;
import dev.gantry.wire.shape.ServiceModel;
import dev.gantry.wire.shape.Structure;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// Serves AWS services that speak AWS JSON, all on one endpoint: finds the operation, believes the
/// caller, reads and checks the input, hands over, and writes the answer.
///
/// A request is routed by the prefix of `X-Amz-Target`, else to the service that its signature is
/// scoped to. The checks come in this order: operation, content type, signature, body, the model's
/// constraints. That is AWS's order but for the body, which AWS reads before it looks at the
/// signature.
///
/// Every response carries `Date`, by which clients correct their clocks, and `x-amzn-RequestId`.
/// Errors are `{"__type": code, "message": text}` and repeat the code in `x-amzn-ErrorType`.
///
/// Safe for many threads; never blocks.
public final class AwsEndpoint implements Endpoint {
  /// Answers `{"status":"ok"}` to an unsigned GET: for launchers and load balancers. AWS has no
  /// path that begins so.
  public static final String HEALTH_PATH = "/_gantry/health";

  /// The body limit of a request that names no service; it will be refused for that.
  public static final long UNKNOWN_BODY_LIMIT_BYTES = 64 * 1024;

  private static final JsonFactory JSON = new JsonFactory();
  private static final byte[] NO_BODY = new byte[0];
  private static final byte[] HEALTHY = "{\"status\":\"ok\"}".getBytes(StandardCharsets.US_ASCII);
  private static final String JSON_TYPE = "application/x-amz-json-";
  private static final String DEFAULT_JSON_VERSION = "1.1";

  private final Map<String, ServiceModel> byTargetPrefix = new LinkedHashMap<>();
  private final Map<String, ServiceModel> bySigningName = new LinkedHashMap<>();
  private final OperationHandler operations;
  private final SocketHandler sockets;
  private final SigV4Verifier verifier;
  private final InstantSource clock;
  private final Supplier<String> requestIds;
  private final FaultLog faults;
  private final HttpDate date = new HttpDate();

  /// An endpoint for these services.
  ///
  /// @param services what is served; target prefixes differ
  /// @param operations carries out the calls
  /// @param sockets decides on WebSockets
  /// @param credentials knows the secrets; under `--auth any` it trusts everybody
  /// @param clock the server's time
  /// @param requestIds a fresh UUID each time; asked from many threads
  /// @param faults hears what went wrong inside
  public AwsEndpoint(
      List<? extends ServiceModel> services,
      OperationHandler operations,
      SocketHandler sockets,
      CredentialResolver credentials,
      InstantSource clock,
      Supplier<String> requestIds,
      FaultLog faults) {
    for (ServiceModel service : services) {
      if (byTargetPrefix.put(service.targetPrefix(), service) != null) {
        throw new IllegalArgumentException("two services for " + service.targetPrefix());
      }
      bySigningName.putIfAbsent(service.signingName(), service);
    }
    this.operations = operations;
    this.sockets = sockets;
    this.verifier = new SigV4Verifier(credentials);
    this.clock = clock;
    this.requestIds = requestIds;
    this.faults = faults;
  }

  @Override
  public long bodyLimit(RequestHead head) {
    ServiceModel service = service(head);
    return service == null ? UNKNOWN_BODY_LIMIT_BYTES : service.bodyLimitBytes();
  }

  @Override
  public WireResponse tooLarge(RequestHead head) {
    return new Responses(requestIds.get(), clock.instant(), service(head))
        .failure(ProtocolFailure.TOO_LARGE, Long.toString(bodyLimit(head)));
  }

  @Override
  public void handle(WireRequest request, Consumer<WireResponse> answer) {
    RequestHead head = request.head();
    Instant now = clock.instant();
    String target = head.headers().first("X-Amz-Target");
    ServiceModel service = service(head);
    Responses responses = new Responses(requestIds.get(), now, service);
    if (head.method().equals("GET") && head.path().equals(HEALTH_PATH)) {
      answer.accept(responses.healthy());
      return;
    }
    Operation<?, ?> operation = operation(service, target);
    if (service == null || operation == null) {
      answer.accept(responses.failure(ProtocolFailure.UNKNOWN_OPERATION, unknown(target)));
      return;
    }
    String contentType = JSON_TYPE + service.jsonVersion();
    if (!isContentType(head, contentType)) {
      answer.accept(responses.failure(ProtocolFailure.UNKNOWN_CONTENT_TYPE, contentType));
      return;
    }
    switch (verifier.verify(head, request.body(), now, service.signingName())) {
      case Verdict.Refused refused -> answer.accept(responses.refused(refused.error()));
      case Verdict.Verified caller ->
          call(operation, request, caller, responses, new Once(answer, responses, operation));
    }
  }

  private <I> void call(
      Operation<I, ?> operation,
      WireRequest request,
      Verdict.Verified caller,
      Responses responses,
      Once answer) {
    try {
      I input;
      try {
        input = AwsJson.decode(operation.input(), request.body());
      } catch (MalformedInputException e) {
        answer.send(responses.failure(ProtocolFailure.SERIALIZATION, e.text()));
        return;
      }
      String violations = Constraints.violations(operation.input(), input);
      if (violations != null) {
        answer.failure(operation.service().invalidInput(violations));
        return;
      }
      operations.handle(
          new Call(
              operation,
              input,
              caller.principal(),
              caller.region(),
              responses.requestId,
              request.head()),
          answer);
    } catch (RuntimeException e) {
      faults.fault(responses.requestId, operation.toString(), e);
      answer.fault();
    }
  }

  @Override
  public Upgrade upgrade(RequestHead head) {
    Instant now = clock.instant();
    String signingName = SigV4Verifier.signingName(head);
    Responses responses = new Responses(requestIds.get(), now, service(head));
    Verdict verdict = verifier.verify(head, NO_BODY, now, nearest(signingName));
    try {
      return switch (verdict) {
        case Verdict.Refused refused -> {
          Upgrade decision =
              sockets.unsigned(
                  new UnsignedCall(QueryString.decodePath(head.path()), responses.requestId, head));
          yield decision != null
              ? decision
              : new Upgrade.Refused(responses.refused(refused.error()));
        }
        case Verdict.Verified caller ->
            sockets.upgrade(
                new SocketCall(
                    QueryString.decodePath(head.path()),
                    parameters(head),
                    caller.principal(),
                    caller.region(),
                    responses.requestId,
                    head));
      };
    } catch (RuntimeException e) {
      faults.fault(responses.requestId, "upgrade of " + head.path(), e);
      return new Upgrade.Refused(responses.failure(ProtocolFailure.INTERNAL, ""));
    }
  }

  /// A WebSocket may be signed for any service that is served, or has sockets alone; any other name
  /// is measured against the first.
  private @Nullable String nearest(@Nullable String signingName) {
    if (signingName != null
        && (bySigningName.containsKey(signingName)
            || sockets.signingNames().contains(signingName))) {
      return signingName;
    }
    return bySigningName.keySet().stream().findFirst().orElse(null);
  }

  private static List<SocketCall.Parameter> parameters(RequestHead head) {
    List<SocketCall.Parameter> parameters = new ArrayList<>();
    for (QueryString.Parameter parameter : QueryString.parse(head.query())) {
      parameters.add(new SocketCall.Parameter(parameter.name(), parameter.value()));
    }
    return parameters;
  }

  private @Nullable ServiceModel service(RequestHead head) {
    String target = head.headers().first("X-Amz-Target");
    if (target != null) {
      int dot = target.lastIndexOf('.');
      return dot < 0 ? null : byTargetPrefix.get(target.substring(0, dot));
    }
    String signingName = SigV4Verifier.signingName(head);
    return signingName == null ? null : bySigningName.get(signingName);
  }

  private static @Nullable Operation<?, ?> operation(
      @Nullable ServiceModel service, @Nullable String target) {
    return service == null || target == null
        ? null
        : service.operation(target.substring(target.lastIndexOf('.') + 1));
  }

  private static String unknown(@Nullable String target) {
    return target == null
        ? "The request names no operation: X-Amz-Target is missing"
        : "Unknown operation: " + target;
  }

  private static boolean isContentType(RequestHead head, String wanted) {
    String value = head.headers().first("Content-Type");
    if (value == null || !value.regionMatches(true, 0, wanted, 0, wanted.length())) {
      return false;
    }
    // Parameters, as a charset, may follow.
    return value.length() == wanted.length()
        || value.charAt(wanted.length()) == ';'
        || value.charAt(wanted.length()) == ' ';
  }

  /// The one answer to one call.
  private final class Once implements Answer {
    private final AtomicBoolean given = new AtomicBoolean();
    private final Consumer<WireResponse> answer;
    private final Responses responses;
    private final Operation<?, ?> operation;

    Once(Consumer<WireResponse> answer, Responses responses, Operation<?, ?> operation) {
      this.answer = answer;
      this.responses = responses;
      this.operation = operation;
    }

    @Override
    public void success(Object output) {
      WireResponse response;
      try {
        response = responses.success(operation.output(), output);
      } catch (RuntimeException e) {
        // An output that its own shape cannot write is the handler's fault, not the client's.
        faults.fault(responses.requestId, operation.toString(), e);
        response = responses.failure(ProtocolFailure.INTERNAL, "");
      }
      send(response);
    }

    @Override
    public void events(Object output, EventListener listener) {
      Structure<?> union = operation.events();
      if (union == null) {
        throw new IllegalArgumentException(operation + " has no events");
      }
      send(responses.events(operation.output(), output, new Forwarding(union, listener)));
    }

    @Override
    public void failure(ServiceException error) {
      send(responses.failure(error));
    }

    /// Hands the listener a sink that writes events as messages of the stream.
    private final class Forwarding implements BodyListener {
      private final Structure<?> union;
      private final EventListener listener;

      Forwarding(Structure<?> union, EventListener listener) {
        this.union = union;
        this.listener = listener;
      }

      @Override
      public void opened(BodySink sink) {
        listener.opened(new Events(sink, union, responses));
      }

      @Override
      public void closed() {
        listener.closed();
      }
    }

    /// Answers that something broke, unless an answer has been given.
    void fault() {
      if (given.compareAndSet(false, true)) {
        answer.accept(responses.failure(ProtocolFailure.INTERNAL, ""));
      }
    }

    void send(WireResponse response) {
      if (!given.compareAndSet(false, true)) {
        throw new IllegalStateException(operation + " was answered twice");
      }
      answer.accept(response);
    }
  }

  /// Writes events, each of them one message in one piece of the body.
  private static final class Events implements EventSink {
    private final BodySink sink;
    private final Structure<?> union;
    private final Responses responses;

    Events(BodySink sink, Structure<?> union, Responses responses) {
      this.sink = sink;
      this.union = union;
      this.responses = responses;
    }

    @Override
    public int room() {
      return sink.room();
    }

    @Override
    public boolean send(Object event) {
      return sink.send(message(union, event));
    }

    @Override
    public void fail(ServiceException error) {
      sink.send(EventStream.exception(error.code(), responses.contentType, responses.body(error)));
      sink.end();
    }

    @Override
    public void end() {
      sink.end();
    }

    @SuppressWarnings("unchecked") // the handler sends records of the operation's union
    private <U> byte[] message(Structure<U> shape, Object event) {
      for (int i = 0; i < shape.size(); i++) {
        // An error in the union has no component in the record.
        Object value = shape.get((U) event, i);
        if (value != null) {
          return EventStream.event(
              shape.member(i).name(), responses.contentType, payload(shape.target(i), value));
        }
      }
      throw new IllegalArgumentException("an event of " + shape + " without a member");
    }

    @SuppressWarnings("unchecked") // it is the record of that member
    private static <T> byte[] payload(Structure<T> shape, Object value) {
      return AwsJson.encode(shape, (T) value);
    }
  }

  /// Writes the responses to one request.
  private final class Responses {
    private final String requestId;
    private final Instant now;
    private final String contentType;

    Responses(String requestId, Instant now, @Nullable ServiceModel service) {
      this.requestId = requestId;
      this.now = now;
      this.contentType =
          JSON_TYPE + (service == null ? DEFAULT_JSON_VERSION : service.jsonVersion());
    }

    WireResponse healthy() {
      return new WireResponse(
          200, Headers.of("Date", date.text(now), "Content-Type", "application/json"), HEALTHY);
    }

    @SuppressWarnings("unchecked") // the handler answers with the operation's output record
    <O> WireResponse success(Structure<O> shape, Object output) {
      return new WireResponse(
          200,
          Headers.of(
              "x-amzn-RequestId", requestId, "Content-Type", contentType, "Date", date.text(now)),
          AwsJson.encode(shape, (O) output));
    }

    @SuppressWarnings("unchecked") // the handler answers with the operation's output record
    <O> WireResponse events(Structure<O> shape, Object output, BodyListener more) {
      return new WireResponse(
          200,
          Headers.of(
              "x-amzn-RequestId",
              requestId,
              "Content-Type",
              EventStream.CONTENT_TYPE,
              "Date",
              date.text(now)),
          EventStream.event(
              EventStream.INITIAL_RESPONSE, contentType, AwsJson.encode(shape, (O) output)),
          more);
    }

    /// The error alone, as the payload of a message.
    byte[] body(ServiceException error) {
      return failure(error).body();
    }

    WireResponse refused(AuthError error) {
      return failure(error.code(), error.status(), "message", error.message(), Map.of());
    }

    WireResponse failure(ServiceException error) {
      return failure(error.code(), error.status(), "message", error.text(), error.lists());
    }

    WireResponse failure(ProtocolFailure failure, String argument) {
      // AWS's serializer, unlike its services, spells the member with a capital; every SDK reads
      // both (mhart/dynalite index.js: "note different capitalization for Message").
      String member = failure == ProtocolFailure.SERIALIZATION ? "Message" : "message";
      return failure(failure.code(), failure.status(), member, failure.text(argument), Map.of());
    }

    private WireResponse failure(
        String code, int status, String member, String text, Map<String, List<String>> lists) {
      StringWriter body = new StringWriter();
      try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), body)) {
        json.writeStartObject();
        json.writeStringProperty("__type", code);
        json.writeStringProperty(member, text);
        lists.forEach((name, values) -> {
          json.writeName(name);
          json.writeStartArray();
          values.forEach(json::writeString);
          json.writeEndArray();
        });
        json.writeEndObject();
      }
      return new WireResponse(
          status,
          Headers.of(
              "x-amzn-RequestId",
              requestId,
              "x-amzn-ErrorType",
              code,
              "Content-Type",
              contentType,
              "Date",
              date.text(now)),
          body.toString().getBytes(StandardCharsets.UTF_8));
    }
  }
}

package dev.gantry.wire.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.wire.Headers;
import dev.gantry.wire.RequestHead;
import dev.gantry.wire.WireRequest;
import dev.gantry.wire.WireResponse;
import dev.gantry.wire.auth.CredentialResolver.Resolution;
import dev.gantry.wire.auth.Credentials;
import dev.gantry.wire.auth.Principal;
import dev.gantry.wire.auth.SigV4Verifier;
import dev.gantry.wire.auth.SignedFrame;
import dev.gantry.wire.auth.Verdict;
import dev.gantry.wire.server.AwsEndpoint;
import dev.gantry.wire.server.ThingService;
import dev.gantry.wire.server.ThingService.Thing;
import dev.gantry.wire.shape.ServiceException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AwsClientTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Credentials KEY = new Credentials("AKIAEXAMPLE", "a secret", "a token");

  private final AwsClient client = new AwsClient();

  /// The whole way: the client's bytes through the server's endpoint and back.
  private Thing create(Thing thing) {
    AwsEndpoint endpoint =
        new AwsEndpoint(
            List.of(ThingService.SERVICE),
            (call, answer) -> {
              Thing input = (Thing) call.input();
              if (input.size() == null) {
                answer.failure(new ServiceException("NoSizeException", 404, "it has no size"));
              } else {
                answer.success(new Thing(input.name(), input.size() + 1));
              }
            },
            call -> {
              throw new AssertionError("no socket");
            },
            (key, token) ->
                "a token".equals(token)
                    ? new Resolution.Known(new Principal("1", "arn"), "a secret")
                    : new Resolution.BadToken(false),
            () -> NOW,
            () -> "request-1",
            (requestId, what, cause) -> {
              throw new AssertionError(cause);
            });
    ClientRequest request =
        client.request(
            ThingService.CREATE_THING,
            thing,
            URI.create("http://localhost:4566"),
            KEY,
            "us-east-1",
            NOW);
    assertThat(request.uri()).isEqualTo(URI.create("http://localhost:4566/"));
    List<WireResponse> given = new ArrayList<>();
    endpoint.handle(
        new WireRequest(
            new RequestHead(
                request.method(),
                request.uri().getRawPath(),
                request.uri().getRawQuery(),
                request.headers(),
                "test"),
            request.body()),
        given::add);
    WireResponse response = given.getFirst();
    return client.output(
        ThingService.CREATE_THING, response.status(), response.headers(), response.body());
  }

  @Test
  void callsAnOperation() {
    assertThat(create(new Thing("a", 1))).isEqualTo(new Thing("a", 2));
  }

  @Test
  void aRefusalIsTheServicesError() {
    assertThatThrownBy(() -> create(new Thing("a", null)))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> {
              assertThat(e.code()).isEqualTo("NoSizeException");
              assertThat(e.status()).isEqualTo(404);
              assertThat(e.text()).isEqualTo("it has no size");
            });
  }

  private static ServiceException error(int status, Headers headers, String body) {
    return AwsClient.error(status, headers, body.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void readsAwsesFormsOfAnError() {
    ServiceException coral =
        error(
            400,
            Headers.none(),
            "{\"__type\":\"com.amazonaws.ecs#ClientException\",\"Message\":\"text\",\"more\":[1]}");
    assertThat(coral.code()).isEqualTo("ClientException");
    assertThat(coral.text()).isEqualTo("text");

    ServiceException header =
        error(403, Headers.of("x-amzn-ErrorType", "Denied:http://internal/"), "{}");
    assertThat(header.code()).isEqualTo("Denied");

    ServiceException page = error(502, Headers.none(), "<html>Bad Gateway</html>");
    assertThat(page.code()).isEqualTo("UnknownError");
    assertThat(page.status()).isEqualTo(502);
    assertThat(page.text()).isEqualTo("HTTP status 502: <html>Bad Gateway</html>");
    assertThat(error(500, Headers.none(), "x".repeat(10_000)).text())
        .hasSize(AwsClient.MAX_ERROR_TEXT);
  }

  @Test
  void theHostIsWrittenAsTransportsWriteIt() {
    assertThat(host("http://localhost:4566")).isEqualTo("localhost:4566");
    assertThat(host("http://gantry:80/")).isEqualTo("gantry");
    assertThat(host("https://gantry:443/")).isEqualTo("gantry");
    assertThat(host("ws://gantry:443/")).isEqualTo("gantry:443");
    assertThat(host("wss://gantry/acs/ws?a=b")).isEqualTo("gantry");
  }

  private String host(String uri) {
    return String.valueOf(
        client.upgradeHeaders(URI.create(uri), "ecs", KEY, "us-east-1", NOW).first("Host"));
  }

  @Test
  void anUpgradeIsSignedOverHostAndDate() {
    Headers headers =
        client.upgradeHeaders(
            URI.create("ws://localhost:4566/acs/ws?seqNum=1"),
            "ecs",
            Credentials.of("AKIA", "s"),
            "us-east-1",
            NOW);
    assertThat(headers.first("Authorization")).contains("SignedHeaders=host;x-amz-date,");
  }

  @Test
  void aFrameIsGoodOnItsOwnSocketOnly() {
    URI uri = URI.create("wss://gantry:443/tcs/ws?agentHash=h");
    String text = client.signedFrame(uri, "{\"a\":1}", "ecs", KEY, "us-east-1", NOW);
    SignedFrame frame = SignedFrame.split(text);
    Principal principal = new Principal("1", "arn");
    SigV4Verifier verifier =
        new SigV4Verifier((key, token) -> new Resolution.Known(principal, KEY.secret()));

    assertThat(frame.body()).isEqualTo("{\"a\":1}");
    assertThat(frame.headers().first("Host")).isEqualTo("gantry");
    assertThat(verifier.verifyFrame(upgraded("agentHash=h"), frame, NOW))
        .isEqualTo(new Verdict.Verified(principal, "us-east-1", "ecs"));
    assertThat(verifier.verifyFrame(upgraded("agentHash=i"), frame, NOW))
        .isInstanceOf(Verdict.Refused.class);
  }

  private static RequestHead upgraded(String query) {
    return new RequestHead("GET", "/tcs/ws", query, Headers.of("Host", "gantry"), "test");
  }
}

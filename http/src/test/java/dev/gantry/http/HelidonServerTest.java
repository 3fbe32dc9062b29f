package dev.gantry.http;

import static dev.gantry.http.FakeEndpoint.take;
import static dev.gantry.http.FakeEndpoint.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.http.RawClient.Response;
import dev.gantry.wire.BodyListener;
import dev.gantry.wire.BodySink;
import dev.gantry.wire.Headers;
import dev.gantry.wire.RequestHead;
import dev.gantry.wire.WireResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// HTTP over real connections.
class HelidonServerTest {
  private static final HttpLimits QUICK =
      new HttpLimits(
          4_096,
          20,
          Duration.ofMillis(200),
          Duration.ofMillis(200),
          Duration.ofMillis(200),
          Duration.ofMillis(200),
          1_000,
          Duration.ofMillis(200));

  private final FakeEndpoint endpoint = new FakeEndpoint();
  private HelidonServer server = serve(HttpLimits.DEFAULT);

  private HelidonServer serve(HttpLimits limits) {
    return new HelidonServer(
        endpoint, InetAddress.getLoopbackAddress(), 0, limits, SocketLimits.DEFAULT);
  }

  private void serveWith(HttpLimits limits) {
    server.close();
    server = serve(limits);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private RawClient client() throws IOException {
    return new RawClient(server.port());
  }

  private static String post(String body, String... fields) {
    StringBuilder request = new StringBuilder("POST / HTTP/1.1\r\nHost: h\r\n");
    for (String field : fields) {
      request.append(field).append("\r\n");
    }
    return request
        .append("Content-Length: ")
        .append(body.length())
        .append("\r\n\r\n")
        .append(body)
        .toString();
  }

  @Test
  void aRequestReachesTheEndpointAsItWasSent() throws Exception {
    try (RawClient client = client()) {
      client.send(
          "POST /a%2Fb//c/../d;x=1?b=%20&a=+&&c HTTP/1.1\r\nhost: h:1\r\nX-Two:  one \r\n"
              + "x-two: two\r\nContent-Length: 3\r\n\r\nabc");
      Response response = client.response();

      assertThat(response.status()).isEqualTo(200);
      assertThat(response.body()).isEqualTo("abc");
      assertThat(response.headers()).containsEntry("x-echo", "yes").doesNotContainKey("server");
    }
    RequestHead head = take(endpoint.requests).head();
    assertThat(head.method()).isEqualTo("POST");
    assertThat(head.path()).isEqualTo("/a%2Fb//c/../d;x=1");
    assertThat(head.query()).isEqualTo("b=%20&a=+&&c");
    assertThat(head.headers().first("Host")).isEqualTo("h:1");
    assertThat(head.headers().all("X-Two")).containsExactly("one", "two");
    assertThat(head.peer()).startsWith("127.0.0.1:");
  }

  @Test
  void aRequestWithoutQueryHasNone() throws Exception {
    try (RawClient client = client()) {
      client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").response();
    }
    assertThat(take(endpoint.requests).head().query()).isNull();
  }

  @Test
  void requestsFollowEachOtherOnOneConnection() throws Exception {
    try (RawClient client = client()) {
      assertThat(client.send(post("one")).response().body()).isEqualTo("one");
      client.send(post("two") + post("three"));
      assertThat(client.response().body()).isEqualTo("two");
      assertThat(client.response().body()).isEqualTo("three");
    }
  }

  @Test
  void aBodyMayComeInPieces() throws Exception {
    String body = "0123456789".repeat(5_000);
    try (RawClient client = client()) {
      String request = post(body);
      for (int i = 0; i < request.length(); i += 7_001) {
        client.send(request.substring(i, Math.min(request.length(), i + 7_001)));
      }
      assertThat(client.response().body()).isEqualTo(body);
    }
  }

  @Test
  void aClientThatAsksBeforeItSendsIsEncouraged() throws Exception {
    try (RawClient client = client()) {
      client.send(
          "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
      assertThat(client.response().status()).isEqualTo(100);
      assertThat(client.send("ok").response().body()).isEqualTo("ok");
    }
  }

  @Test
  void aBodyPastTheLimitIsRefusedUnread() throws Exception {
    try (RawClient client = client()) {
      client.send(
          "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + (FakeEndpoint.LIMIT + 1) + "\r\n\r\n");
      // Nothing of the body has been sent, and the answer is there.
      Response response = client.response();
      assertThat(response.status()).isEqualTo(413);
      assertThat(response.body()).isEqualTo("too large");
      assertThat(response.headers()).containsEntry("connection", "close");
    }
    assertThat(endpoint.requests).isEmpty();
  }

  @Test
  void aClientThatSendsItsBodyBeforeItReadsStillSeesTheRefusal() throws Exception {
    HttpResponse<String> response =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/"))
                    .POST(HttpRequest.BodyPublishers.ofString("x".repeat(900_000)))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(response.body()).isEqualTo("too large");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "chunked | POST / HTTP/1.1\\r\\nHost: h\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n | 411",
        "chunked and long | POST / HTTP/1.1\\r\\nHost: h\\r\\nContent-Length: 5\\r\\n"
            + "Transfer-Encoding: chunked\\r\\n\\r\\n | 411",
        "two lengths | POST / HTTP/1.1\\r\\nHost: h\\r\\nContent-Length: 5\\r\\n"
            + "Content-Length: 6\\r\\n\\r\\n | 400",
        "a negative length | POST / HTTP/1.1\\r\\nHost: h\\r\\nContent-Length: -1\\r\\n\\r\\n | 400",
        "a length of letters | POST / HTTP/1.1\\r\\nHost: h\\r\\nContent-Length: a\\r\\n\\r\\n | 400",
        "no host | GET / HTTP/1.1\\r\\n\\r\\n | 400",
        "two hosts | GET / HTTP/1.1\\r\\nHost: a\\r\\nHost: b\\r\\n\\r\\n | 400",
        "no request | hello\\r\\n\\r\\n | 400",
        "bare line feeds | GET / HTTP/1.1\\nHost: h\\n\\n | 400",
        "an older version | GET / HTTP/1.0\\r\\nHost: h\\r\\n\\r\\n | 505",
        "a newer version | GET / HTTP/3.1\\r\\nHost: h\\r\\n\\r\\n | 400",
        "no colon | GET / HTTP/1.1\\r\\nHost: h\\r\\nnonsense\\r\\n\\r\\n | 400",
        "a blank in a name | GET / HTTP/1.1\\r\\nHost: h\\r\\nX : y\\r\\n\\r\\n | 400",
        "an octet that is no text | GET / HTTP/1.1\\r\\nHost: h\\r\\nX: \\x01\\r\\n\\r\\n | 400",
      })
  void whatIsNotHttpIsRefused(String name, String request, int status) throws Exception {
    try (RawClient client = client()) {
      client.send(request.replace("\\r", "\r").replace("\\n", "\n").replace("\\x01", "\u0001"));
      Response response = client.response();
      assertThat(response.status()).isEqualTo(status);
      assertThat(response.headers()).containsKey("date").containsEntry("connection", "close");
      assertThat(response.body()).startsWith("{\"__type\":\"BadRequestException\"");
    }
    assertThat(endpoint.requests).isEmpty();
  }

  @Test
  void headersAreBoundedInSizeAndNumber() throws Exception {
    serveWith(QUICK);
    try (RawClient client = client()) {
      client.send("GET / HTTP/1.1\r\nHost: h\r\nX: " + "x".repeat(5_000) + "\r\n\r\n");
      assertThat(client.response().status()).isEqualTo(400);
    }
    try (RawClient client = client()) {
      StringBuilder request = new StringBuilder("GET / HTTP/1.1\r\nHost: h\r\n");
      for (int i = 0; i < 20; i++) {
        request.append("X-").append(i).append(": y\r\n");
      }
      client.send(request.append("\r\n").toString());
      assertThat(client.response().status()).isEqualTo(431);
    }
    try (RawClient client = client()) {
      client.send("GET /" + "x".repeat(HttpLimits.MAX_REQUEST_LINE_BYTES) + " HTTP/1.1\r\n\r\n");
      assertThat(client.response().status()).isEqualTo(414);
    }
    assertThat(endpoint.requests).isEmpty();
  }

  @Test
  void anAnswerMayComeLaterFromAnotherThread() throws Exception {
    BlockingQueue<Consumer<WireResponse>> answers = new LinkedBlockingQueue<>();
    endpoint.handling = (request, answer) -> answers.add(answer);
    try (RawClient client = client()) {
      client.send(post("x"));
      Consumer<WireResponse> answer = take(answers);
      answer.accept(text(202, "later"));
      answer.accept(text(500, "twice"));
      assertThat(client.response().body()).isEqualTo("later");

      endpoint.handling = (request, a) -> a.accept(text(200, "at once"));
      assertThat(client.send(post("y")).response().body()).isEqualTo("at once");
    }
  }

  @Test
  void anAnswerThatDoesNotComeIsGivenByTheServer() throws Exception {
    serveWith(QUICK);
    endpoint.handling = (request, answer) -> {};
    try (RawClient client = client()) {
      Response response = client.send(post("x")).response();
      assertThat(response.status()).isEqualTo(503);
      assertThat(response.body()).contains("ServiceUnavailableException");
    }
  }

  @Test
  void anEndpointsFaultIsNotShown() throws Exception {
    endpoint.handling =
        (request, answer) -> {
          throw new IllegalStateException("the inside");
        };
    try (RawClient client = client()) {
      Response response = client.send(post("x")).response();
      assertThat(response.status()).isEqualTo(500);
      assertThat(response.body()).contains("ServerException").doesNotContain("inside");
    }
  }

  @Test
  void aConnectionThatWaitsTooLongIsClosed() throws Exception {
    serveWith(QUICK);
    try (RawClient client = client()) {
      assertThat(client.send(post("x")).response().status()).isEqualTo(200);
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void aRequestThatTakesTooLongIsCutOff() throws Exception {
    serveWith(QUICK);
    try (RawClient head = client();
        RawClient body = client()) {
      head.send("POST / HTTP/1.1\r\nHost:");
      body.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
      assertThat(head.isClosedByServer()).isTrue();
      assertThat(body.isClosedByServer()).isTrue();
    }
    assertThat(endpoint.requests).isEmpty();
  }

  @Test
  void headIsAnsweredWithoutABody() throws Exception {
    endpoint.handling = (request, answer) -> answer.accept(text(200, "unseen"));
    try (RawClient client = client()) {
      Response head = client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n").response(false);
      assertThat(head.headers()).containsEntry("content-length", "6");
      assertThat(client.send(post("x")).response().body()).isEqualTo("unseen");
    }
  }

  @Test
  void aConnectionEndsWhenTheClientWishes() throws Exception {
    try (RawClient client = client()) {
      Response response = client.send(post("x", "Connection: close")).response();
      assertThat(response.headers()).containsEntry("connection", "close");
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void aResponseCannotSmuggleAHeader() throws Exception {
    endpoint.handling =
        (request, answer) ->
            answer.accept(new WireResponse(200, Headers.of("X", "a\r\nEvil: yes"), new byte[0]));
    try (RawClient client = client()) {
      Response response = client.send(post("x")).response();
      assertThat(response.headers()).containsEntry("x", "a??Evil: yes").doesNotContainKey("evil");
    }
  }

  @Test
  void aTakenPortIsNamed() {
    int port = server.port();
    assertThatThrownBy(() -> new HelidonServer(endpoint, InetAddress.getLoopbackAddress(), port))
        .isInstanceOfSatisfying(PortTakenException.class, e -> assertThat(e.port()).isEqualTo(port))
        .hasMessageContaining(String.valueOf(port));
  }

  @Test
  void anAddressOfAnotherHostIsNamed() throws Exception {
    // 192.0.2.0/24 is for documentation; no host has it.
    InetAddress other = InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, 1});
    assertThatThrownBy(() -> new HelidonServer(endpoint, other, 45_660))
        .isInstanceOf(AddressUnavailableException.class)
        .hasMessageContaining("192.0.2.1");
  }

  @Test
  void aStoppingServerAnswersWhatIsUnderWay() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    BlockingQueue<Consumer<WireResponse>> answers = new LinkedBlockingQueue<>();
    endpoint.handling =
        (request, answer) -> {
          answers.add(answer);
          asked.countDown();
        };
    try (RawClient busy = client();
        RawClient idle = client()) {
      busy.send(post("x"));
      asked.await();
      Thread stopping = Thread.ofVirtual().start(server::close);
      assertThat(idle.isClosedByServer()).isTrue();
      take(answers).accept(text(200, "the last one"));
      Response response = busy.response();
      assertThat(response.body()).isEqualTo("the last one");
      assertThat(busy.isClosedByServer()).isTrue();
      stopping.join();
    }
    assertThatThrownBy(this::client).isInstanceOf(IOException.class);
  }

  @Test
  void aPortIsFreeAgainAfterTheStop() {
    int port = server.port();
    server.close();
    server = new HelidonServer(endpoint, InetAddress.getLoopbackAddress(), port);
    assertThat(server.port()).isEqualTo(port);
  }

  /// A body that goes on; hears what becomes of it.
  private static final class Streaming implements BodyListener {
    final BlockingQueue<BodySink> sinks = new LinkedBlockingQueue<>();
    final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    WireResponse response() {
      return new WireResponse(
          200, Headers.of("X-Echo", "yes"), "first".getBytes(StandardCharsets.UTF_8), this);
    }

    @Override
    public void opened(BodySink sink) {
      heard.add("opened");
      sinks.add(sink);
    }

    @Override
    public void closed() {
      heard.add("closed");
    }
  }

  /// Of a millisecond each: long enough for the busiest machine.
  private static final int MAX_TRIES = 30_000;

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aBodyMayGoOn() throws Exception {
    Streaming streaming = new Streaming();
    endpoint.handling = (request, answer) -> answer.accept(streaming.response());
    try (RawClient client = client()) {
      Response head = client.send(post("x")).response(false);
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.headers())
          .containsEntry("transfer-encoding", "chunked")
          .doesNotContainKey("content-length");
      assertThat(client.chunk()).isEqualTo("first");
      BodySink sink = take(streaming.sinks);
      assertThat(sink.room()).isEqualTo(StreamedBody.MAX_WAITING);
      assertThat(sink.send(octets("second"))).isTrue();
      assertThat(client.chunk()).isEqualTo("second");
      assertThat(sink.send(octets("third"))).isTrue();
      sink.end();
      assertThat(sink.send(octets("late"))).isFalse();
      assertThat(sink.room()).isZero();
      assertThat(client.chunk()).isEqualTo("third");
      assertThat(client.chunk()).isEmpty();
      assertThat(take(streaming.heard)).isEqualTo("opened");
      assertThat(take(streaming.heard)).isEqualTo("closed");

      endpoint.handling = (request, answer) -> answer.accept(text(200, "again"));
      assertThat(client.send(post("y")).response().body()).isEqualTo("again");
    }
  }

  @Test
  void aBodyThatGoesOnHearsThatTheClientIsGone() throws Exception {
    Streaming streaming = new Streaming();
    endpoint.handling = (request, answer) -> answer.accept(streaming.response());
    try (RawClient client = client()) {
      client.send(post("x")).response(false);
      assertThat(client.chunk()).isEqualTo("first");
    }
    BodySink sink = take(streaming.sinks);
    assertThat(take(streaming.heard)).isEqualTo("opened");
    String heard = null;
    for (int tries = 0; heard == null && tries < MAX_TRIES; tries++) {
      sink.send(octets("more"));
      heard = streaming.heard.poll(1, TimeUnit.MILLISECONDS);
    }
    assertThat(heard).isEqualTo("closed");
    assertThat(sink.send(octets("late"))).isFalse();
  }

  @Test
  void aClientThatDoesNotReadLeavesNoRoomAndIsLeft() throws Exception {
    serveWith(QUICK);
    Streaming streaming = new Streaming();
    endpoint.handling = (request, answer) -> answer.accept(streaming.response());
    try (RawClient client = client()) {
      client.send(post("x")).response(false);
      BodySink sink = take(streaming.sinks);
      assertThat(take(streaming.heard)).isEqualTo("opened");
      byte[] large = new byte[4_000_000];
      boolean full = false;
      String heard = null;
      for (int tries = 0; heard == null && tries < MAX_TRIES; tries++) {
        full |= !sink.send(large);
        heard = streaming.heard.poll(1, TimeUnit.MILLISECONDS);
      }
      assertThat(full).isTrue();
      assertThat(heard).isEqualTo("closed");
    }
  }

  @Test
  void aBodyMayWaitLongerForItsNextPieceThanARequestForItsAnswer() throws Exception {
    serveWith(QUICK);
    Streaming streaming = new Streaming();
    endpoint.handling = (request, answer) -> answer.accept(streaming.response());
    try (RawClient client = client();
        RawClient idle = client()) {
      client.send(post("x")).response(false);
      assertThat(client.chunk()).isEqualTo("first");
      BodySink sink = take(streaming.sinks);
      // The one that waits for a request is closed meanwhile; that takes longer than any limit.
      assertThat(idle.isClosedByServer()).isTrue();
      assertThat(sink.send(octets("second"))).isTrue();
      assertThat(client.chunk()).isEqualTo("second");
      // After a piece as after the beginning.
      try (RawClient another = client()) {
        assertThat(another.isClosedByServer()).isTrue();
      }
      assertThat(sink.send(octets("third"))).isTrue();
      assertThat(client.chunk()).isEqualTo("third");
    }
  }

  @Test
  void aBodyTakesOnlySoManyPiecesAndSaysHowMany() throws Exception {
    List<Integer> rooms = new ArrayList<>();
    BodyListener eager =
        new BodyListener() {
          @Override
          public void opened(BodySink sink) {
            // Nothing is written before this returns.
            do {
              rooms.add(sink.room());
            } while (sink.send(octets("x")));
            sink.end();
          }

          @Override
          public void closed() {}
        };
    endpoint.handling =
        (request, answer) ->
            answer.accept(new WireResponse(200, Headers.none(), octets("first"), eager));
    try (RawClient client = client()) {
      client.send(post("x")).response(false);
      assertThat(client.chunk()).isEqualTo("first");
      for (int i = 0; i < StreamedBody.MAX_WAITING; i++) {
        assertThat(client.chunk()).isEqualTo("x");
      }
      assertThat(client.chunk()).isEmpty();
    }
    List<Integer> expected = new ArrayList<>();
    for (int room = StreamedBody.MAX_WAITING; room >= 0; room--) {
      expected.add(room);
    }
    assertThat(rooms).isEqualTo(expected);
  }

  @Test
  void aStoppingServerEndsBodiesThatGoOn() throws Exception {
    Streaming streaming = new Streaming();
    endpoint.handling = (request, answer) -> answer.accept(streaming.response());
    try (RawClient client = client()) {
      client.send(post("x")).response(false);
      assertThat(client.chunk()).isEqualTo("first");
      assertThat(take(streaming.sinks).send(octets("last words"))).isTrue();
      server.close();

      assertThat(client.chunk()).isEqualTo("last words");
      assertThat(client.chunk()).isEmpty();
      assertThat(take(streaming.heard)).isEqualTo("opened");
      assertThat(take(streaming.heard)).isEqualTo("closed");
    }
  }

  @Test
  void aBodyWhoseResponseCameTooLateHearsThatItIsOver() throws Exception {
    serveWith(QUICK);
    Streaming streaming = new Streaming();
    BlockingQueue<Consumer<WireResponse>> answers = new LinkedBlockingQueue<>();
    endpoint.handling = (request, answer) -> answers.add(answer);
    try (RawClient client = client()) {
      assertThat(client.send(post("x")).response().status()).isEqualTo(503);
    }
    take(answers).accept(streaming.response());

    assertThat(take(streaming.heard)).isEqualTo("closed");
  }
}

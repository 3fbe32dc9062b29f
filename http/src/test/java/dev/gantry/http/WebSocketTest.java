package dev.gantry.http;

import static dev.gantry.http.FakeEndpoint.take;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.api.ecs.Ecs;
import dev.gantry.http.FakeEndpoint.Recorder;
import dev.gantry.http.RawClient.Frame;
import dev.gantry.http.RawClient.Response;
import dev.gantry.wire.BinaryListener;
import dev.gantry.wire.BinarySocket;
import dev.gantry.wire.Endpoint.Upgrade;
import dev.gantry.wire.Headers;
import dev.gantry.wire.RequestHead;
import dev.gantry.wire.TextSocket;
import dev.gantry.wire.WireResponse;
import dev.gantry.wire.auth.CredentialResolver.Resolution;
import dev.gantry.wire.auth.Credentials;
import dev.gantry.wire.auth.Principal;
import dev.gantry.wire.client.AwsClient;
import dev.gantry.wire.server.AwsEndpoint;
import dev.gantry.wire.server.SocketCall;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// WebSockets over real connections: from the JDK's client, and from one that sends what it likes.
class WebSocketTest {
  private static final int TEXT = 1;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;

  /// The usual limits, but for the raw client, which never answers a close frame.
  private static final SocketLimits LIMITS =
      new SocketLimits(
          SocketLimits.DEFAULT.messageBytes(),
          SocketLimits.DEFAULT.queuedMessages(),
          SocketLimits.DEFAULT.queuedBytes(),
          SocketLimits.DEFAULT.idle(),
          Duration.ofMillis(300));

  private final Recorder recorder = new Recorder();
  private final FakeEndpoint endpoint = new FakeEndpoint();
  private HelidonServer server = serve(LIMITS);

  private HelidonServer serve(SocketLimits limits) {
    endpoint.upgrading = head -> new Upgrade.Accepted(recorder);
    return new HelidonServer(
        endpoint, InetAddress.getLoopbackAddress(), 0, HttpLimits.DEFAULT, limits);
  }

  private void serveWith(SocketLimits limits) {
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

  /// A raw client whose socket is open.
  private RawClient open() throws Exception {
    RawClient client = client();
    Response response = client.upgrade("/acs/ws?a=b%20c&d").response();
    assertThat(response.status()).isEqualTo(101);
    assertThat(response.headers())
        .containsEntry("upgrade", "websocket")
        .containsEntry("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assertThat(take(recorder.heard)).isEqualTo("opened");
    return client;
  }

  private static byte[] closing(int code, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    byte[] payload = new byte[2 + text.length];
    payload[0] = (byte) (code >> 8);
    payload[1] = (byte) code;
    System.arraycopy(text, 0, payload, 2, text.length);
    return payload;
  }

  /// The JDK's client, writing down what it hears.
  private static final class JdkListener implements java.net.http.WebSocket.Listener {
    final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final StringBuilder text = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(
        java.net.http.WebSocket socket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        heard.add(text.toString());
        text.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(
        java.net.http.WebSocket socket, ByteBuffer data, boolean last) {
      byte[] bytes = new byte[data.remaining()];
      data.get(bytes);
      heard.add("binary " + HexFormat.of().formatHex(bytes));
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(
        java.net.http.WebSocket socket, int code, String reason) {
      heard.add("closed " + code + " " + reason);
      return null;
    }
  }

  private java.net.http.WebSocket connect(JdkListener listener) {
    return HttpClient.newHttpClient()
        .newWebSocketBuilder()
        .buildAsync(URI.create("ws://127.0.0.1:" + server.port() + "/acs/ws?x=y%2Fz"), listener)
        .join();
  }

  @Test
  void messagesGoBothWays() throws Exception {
    JdkListener client = new JdkListener();
    java.net.http.WebSocket socket = connect(client);
    TextSocket ours = take(recorder.sockets);
    assertThat(take(endpoint.upgrades).query()).isEqualTo("x=y%2Fz");
    assertThat(take(recorder.heard)).isEqualTo("opened");

    String large = "ä€😀".repeat(40_000);
    socket.sendText("hello", true).join();
    socket.sendText(large.substring(0, 70_001), false).join();
    socket.sendText(large.substring(70_001), true).join();
    assertThat(take(recorder.heard)).isEqualTo("text hello");
    assertThat(take(recorder.heard)).isEqualTo("text " + large);

    ours.send("one");
    ours.send(large);
    ours.send("");
    ours.close(1000, "done");
    ours.send("too late");
    assertThat(take(client.heard)).isEqualTo("one");
    assertThat(take(client.heard)).isEqualTo(large);
    assertThat(take(client.heard)).isEmpty();
    assertThat(take(client.heard)).isEqualTo("closed 1000 done");
    assertThat(take(recorder.heard)).startsWith("closed 1000");
  }

  @Test
  void binaryMessagesGoBothWaysBesideText() throws Exception {
    BinaryRecorder binary = new BinaryRecorder();
    endpoint.upgrading = head -> new Upgrade.AcceptedBinary(binary);
    JdkListener client = new JdkListener();
    java.net.http.WebSocket socket = connect(client);
    BinarySocket ours = take(binary.sockets);

    socket.sendText("hello", true).join();
    socket.sendBinary(ByteBuffer.wrap(new byte[] {0, (byte) 0xff, 13}), true).join();
    byte[] large = new byte[SocketLimits.MAX_BINARY_MESSAGE_BYTES];
    Arrays.fill(large, (byte) 0x80);
    socket.sendBinary(ByteBuffer.wrap(large, 0, 1_000), false).join();
    socket.sendBinary(ByteBuffer.wrap(large, 1_000, large.length - 1_000), true).join();
    assertThat(take(binary.heard)).isEqualTo("text hello");
    assertThat(take(binary.heard)).isEqualTo("binary 00ff0d");
    assertThat(take(binary.heard)).isEqualTo("binary " + "80".repeat(large.length));

    ours.send("one");
    ours.send(new byte[] {1, 0, 2});
    ours.close(1000, "done");
    assertThat(take(client.heard)).isEqualTo("one");
    assertThat(take(client.heard)).isEqualTo("binary 010002");
    assertThat(take(client.heard)).isEqualTo("closed 1000 done");
    assertThat(take(binary.heard)).startsWith("closed 1000");
  }

  @Test
  void aBinaryMessagePastItsLimitEndsTheSocket() throws Exception {
    BinaryRecorder binary = new BinaryRecorder();
    endpoint.upgrading = head -> new Upgrade.AcceptedBinary(binary);
    JdkListener client = new JdkListener();
    java.net.http.WebSocket socket = connect(client);
    take(binary.sockets);
    byte[] tooLong = new byte[SocketLimits.MAX_BINARY_MESSAGE_BYTES + 1];
    // The connection may end before all of it is written.
    assertThat(socket.sendBinary(ByteBuffer.wrap(tooLong), true).handle((_, _) -> "tried").join())
        .isEqualTo("tried");
    assertThat(take(binary.heard)).startsWith("closed 1009");
    assertThat(take(client.heard)).startsWith("closed 1009");
  }

  @Test
  void aClientThatDoesNotReadCostsABoundedQueueOfBinaryMessages() throws Exception {
    BinaryRecorder binary = new BinaryRecorder();
    endpoint.upgrading = head -> new Upgrade.AcceptedBinary(binary);
    try (RawClient client = client()) {
      assertThat(client.upgrade("/v1/data-channel/x").response().status()).isEqualTo(101);
      BinarySocket ours = take(binary.sockets);
      byte[] message = new byte[SocketLimits.MAX_BINARY_MESSAGE_BYTES];
      for (int i = 0; i < 10_000 && binary.heard.isEmpty(); i++) {
        ours.send(message);
      }
      assertThat(take(binary.heard)).isEqualTo("closed 1006 the send queue was full");
    }
  }

  /// Writes down what it hears, bytes in hexadecimal digits.
  private static final class BinaryRecorder implements BinaryListener {
    final BlockingQueue<BinarySocket> sockets = new LinkedBlockingQueue<>();
    final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    @Override
    public void opened(BinarySocket socket) {
      sockets.add(socket);
    }

    @Override
    public void text(String message) {
      heard.add("text " + message);
    }

    @Override
    public void binary(byte[] message) {
      heard.add("binary " + HexFormat.of().formatHex(message));
    }

    @Override
    public void closed(int code, String reason) {
      heard.add("closed " + code + " " + reason);
    }
  }

  @Test
  void aRefusalReachesTheClientWhole() throws Exception {
    endpoint.upgrading =
        head ->
            new Upgrade.Refused(
                new WireResponse(
                    400,
                    Headers.of("Content-Type", "application/json", "x-amzn-RequestId", "r1"),
                    "{\"InactiveInstanceException\":\"gone\"}".getBytes(StandardCharsets.UTF_8)));
    try (RawClient client = client()) {
      Response response = client.upgrade("/acs/ws").response();
      assertThat(response.status()).isEqualTo(400);
      assertThat(response.body()).isEqualTo("{\"InactiveInstanceException\":\"gone\"}");
      assertThat(response.headers())
          .containsEntry("x-amzn-requestid", "r1")
          .containsEntry("connection", "close");
      assertThat(client.isClosedByServer()).isTrue();
    }
    assertThatThrownBy(() -> connect(new JdkListener()))
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(WebSocketHandshakeException.class);
    assertThat(recorder.heard).isEmpty();
  }

  @Test
  void anUpgradeThatIsNoneIsRefused() throws Exception {
    String upgrade = "Upgrade: websocket";
    String version = "Sec-WebSocket-Version: 13";
    String key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    String[] requests = {
      RawClient.head("GET / HTTP/1.1", "Host: h", upgrade, version),
      RawClient.head("GET / HTTP/1.1", "Host: h", upgrade, version, "Sec-WebSocket-Key: short"),
      RawClient.head("POST / HTTP/1.1", "Host: h", upgrade, version, key),
      RawClient.head("GET / HTTP/1.1", upgrade, version, key),
    };
    for (String request : requests) {
      try (RawClient client = client()) {
        assertThat(client.send(request).response().status()).isEqualTo(400);
      }
    }
    try (RawClient client = client()) {
      client.send(
          RawClient.head("GET / HTTP/1.1", "Host: h", upgrade, "Sec-WebSocket-Version: 8", key));
      Response response = client.response();
      assertThat(response.status()).isEqualTo(426);
      assertThat(response.headers()).containsEntry("sec-websocket-version", "13");
    }
    assertThat(endpoint.upgrades).isEmpty();
  }

  @Test
  void fragmentsAreJoinedBeforeTheyAreRead() throws Exception {
    byte[] euro = "€".getBytes(StandardCharsets.UTF_8);
    try (RawClient client = open()) {
      client
          .frame(0x01, new byte[] {'a', euro[0]})
          .frame(0x89, "ping".getBytes(StandardCharsets.UTF_8))
          .frame(0x00, new byte[] {euro[1]})
          .frame(0x80, new byte[] {euro[2], 'z'});
      assertThat(take(recorder.heard)).isEqualTo("text a€z");
      Frame pong = client.frame();
      assertThat(pong.opcode()).isEqualTo(PONG);
      assertThat(pong.text()).isEqualTo("ping");
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "binary, 0x82, 0, 1003",
    "a reserved bit, 0xc1, 0, 1002",
    "an unknown kind, 0x83, 0, 1002",
    "a fragment without a beginning, 0x80, 0, 1002",
    "a ping in fragments, 0x09, 0, 1002",
    "a long ping, 0x89, 126, 1002",
    "too long, 0x81, 1048577, 1009",
    "half a close code, 0x88, 1, 1002",
  })
  void violationsHaveTheirCloseCodes(String name, String first, int length, int code)
      throws Exception {
    try (RawClient client = open()) {
      client.frame(Integer.decode(first), new byte[length]);
      Frame close = client.frame();
      assertThat(close.opcode()).isEqualTo(CLOSE);
      assertThat(close.closeCode()).isEqualTo(code);
      assertThat(take(recorder.heard)).startsWith("closed " + code);
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void textThatIsNotUtf8IsAViolation() throws Exception {
    try (RawClient client = open()) {
      client.frame(0x81, new byte[] {(byte) 0xc0, (byte) 0x80});
      assertThat(client.frame().closeCode()).isEqualTo(1007);
    }
  }

  @Test
  void framesMustBeMasked() throws Exception {
    try (RawClient client = open()) {
      client.send(new byte[] {(byte) 0x81, 1, 'a'});
      assertThat(client.frame().closeCode()).isEqualTo(1002);
    }
  }

  @Test
  void fragmentsTogetherAreBoundedToo() throws Exception {
    serveWith(new SocketLimits(100, 10, 10_000, Duration.ofMinutes(1), Duration.ofSeconds(5)));
    try (RawClient client = open()) {
      client.frame(0x01, new byte[60]).frame(0x80, new byte[60]);
      assertThat(client.frame().closeCode()).isEqualTo(1009);
    }
  }

  @Test
  void theOtherEndsCloseIsToldAndAnswered() throws Exception {
    try (RawClient client = open()) {
      client.frame(0x88, closing(3000, "bye"));
      assertThat(client.frame().closeCode()).isEqualTo(3000);
      assertThat(take(recorder.heard)).isEqualTo("closed 3000 bye");
      assertThat(client.isClosedByServer()).isTrue();
    }
    try (RawClient client = open()) {
      client.frame(0x88, new byte[0]);
      assertThat(client.frame().closeCode()).isEqualTo(1000);
      assertThat(take(recorder.heard)).isEqualTo("closed 1005 ");
    }
  }

  @Test
  void aCutConnectionIs1006() throws Exception {
    try (RawClient client = open()) {
      client.text("last words");
    }
    assertThat(take(recorder.heard)).isEqualTo("text last words");
    assertThat(take(recorder.heard)).isEqualTo("closed 1006 ");
  }

  @Test
  void anUnansweredCloseEndsAfterItsLimit() throws Exception {
    serveWith(new SocketLimits(100, 10, 10_000, Duration.ofMinutes(1), Duration.ofMillis(200)));
    try (RawClient client = open()) {
      take(recorder.sockets).close(1000, "");
      assertThat(client.frame().closeCode()).isEqualTo(1000);
      assertThat(client.isClosedByServer()).isTrue();
      assertThat(take(recorder.heard)).isEqualTo("closed 1006 ");
    }
  }

  @Test
  void whoSendsIsNotHeldUpByWhoDoesNotRead() throws Exception {
    serveWith(new SocketLimits(100, 100, 1_000_000, Duration.ofMinutes(1), Duration.ofMillis(200)));
    try (RawClient client = open()) {
      client.receiveBuffer(4_096);
      TextSocket ours = take(recorder.sockets);
      String message = "x".repeat(100_000);
      for (int i = 0; i < 1_000; i++) {
        ours.send(message);
      }
      assertThat(take(recorder.heard)).isEqualTo("closed 1006 the send queue was full");
    }
  }

  @Test
  void aSilentOtherEndIsAskedAndThenLeft() throws Exception {
    serveWith(new SocketLimits(100, 10, 10_000, Duration.ofMillis(1_500), Duration.ofSeconds(5)));
    try (RawClient client = open()) {
      Frame ping = client.frame();
      assertThat(ping.opcode()).isEqualTo(PING);
      assertThat(client.isClosedByServer()).isTrue();
      assertThat(take(recorder.heard)).isEqualTo("closed 1006 ");
    }
  }

  @Test
  void aListenersFaultEndsTheSocket() throws Exception {
    Recorder failing =
        new Recorder() {
          @Override
          public void text(String message) {
            throw new IllegalStateException("the inside");
          }
        };
    endpoint.upgrading = head -> new Upgrade.Accepted(failing);
    try (RawClient client = client()) {
      assertThat(client.upgrade("/").response().status()).isEqualTo(101);
      client.text("x");
      Frame close = client.frame();
      assertThat(close.closeCode()).isEqualTo(1011);
      assertThat(close.text()).doesNotContain("inside");
    }
    assertThat(take(failing.heard)).isEqualTo("opened");
    assertThat(take(failing.heard)).startsWith("closed 1011");
  }

  @Test
  void badCloseCodesAreTheCallersFault() throws Exception {
    try (RawClient client = open()) {
      TextSocket ours = take(recorder.sockets);
      assertThatThrownBy(() -> ours.close(1006, "")).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> ours.close(1000, "x".repeat(124)))
          .isInstanceOf(IllegalArgumentException.class);
      ours.send("still here");
      assertThat(client.frame().text()).isEqualTo("still here");
    }
  }

  @Test
  void aStoppingServerTakesLeave() throws Exception {
    JdkListener client = new JdkListener();
    java.net.http.WebSocket socket = connect(client);
    assertThat(take(recorder.heard)).isEqualTo("opened");
    server.close();
    assertThat(take(client.heard)).isEqualTo("closed 1001 the server is stopping");
    assertThat(take(recorder.heard)).startsWith("closed 1001");
    assertThat(socket.isInputClosed()).isTrue();
  }

  @Test
  void messagesOfManyThreadsStayWholeAndInTheirOrder() throws Exception {
    try (RawClient client = open()) {
      TextSocket ours = take(recorder.sockets);
      Thread[] threads = new Thread[4];
      for (int t = 0; t < threads.length; t++) {
        int thread = t;
        threads[t] =
            Thread.ofVirtual()
                .start(() -> {
                  for (int i = 0; i < 200; i++) {
                    ours.send(thread + " " + i);
                  }
                });
      }
      int[] next = new int[threads.length];
      for (int i = 0; i < 200 * threads.length; i++) {
        Frame frame = client.frame();
        assertThat(frame.opcode()).isEqualTo(TEXT);
        int thread = frame.text().charAt(0) - '0';
        assertThat(frame.text()).isEqualTo(thread + " " + next[thread]++);
      }
    }
  }

  @Test
  void aSignedUpgradeIsVerifiedAsItWasSent() throws Exception {
    BlockingQueue<SocketCall> calls = new LinkedBlockingQueue<>();
    Instant now = Instant.parse("2026-03-01T12:00:00Z");
    AwsEndpoint aws =
        new AwsEndpoint(
            List.of(Ecs.SERVICE),
            (call, answer) -> {
              throw new AssertionError("no call");
            },
            call -> {
              calls.add(call);
              return new Upgrade.Accepted(recorder);
            },
            (key, token) -> new Resolution.Known(new Principal("1", "arn"), "a secret"),
            () -> now,
            () -> "r1",
            (id, what, cause) -> {
              throw new AssertionError(cause);
            });
    try (HelidonServer signed = new HelidonServer(aws, InetAddress.getLoopbackAddress(), 0)) {
      String target = "/acs/ws?dockerVersion=DockerVersion%3A%2020.10.24%2Bdfsg1&clusterArn=a";
      Headers headers =
          new AwsClient()
              .upgradeHeaders(
                  URI.create("ws://127.0.0.1:" + signed.port() + target),
                  "ecs",
                  Credentials.of("AKIA", "a secret"),
                  "us-east-1",
                  now);
      List<String> lines = new ArrayList<>();
      lines.add("GET " + target + " HTTP/1.1");
      for (Headers.Header field : headers.fields()) {
        lines.add(field.name() + ": " + field.value());
      }
      lines.add("Connection: Upgrade");
      lines.add("Upgrade: websocket");
      lines.add("Sec-WebSocket-Version: 13");
      lines.add("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
      String request = RawClient.head(lines.toArray(new String[0]));
      try (RawClient client = new RawClient(signed.port())) {
        assertThat(client.send(request).response().status()).isEqualTo(101);
        SocketCall call = take(calls);
        assertThat(call.parameter("dockerVersion")).isEqualTo("DockerVersion: 20.10.24+dfsg1");
        RequestHead head = call.head();
        assertThat(head.path()).isEqualTo("/acs/ws");
      }
      try (RawClient client = new RawClient(signed.port())) {
        String forged = request.replace("clusterArn=a", "clusterArn=b");
        Response refused = client.send(forged).response();
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body()).contains("InvalidSignatureException");
      }
    }
  }
}

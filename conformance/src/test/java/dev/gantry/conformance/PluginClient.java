package dev.gantry.conformance;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What session-manager-plugin does with a session, written from its sources and sharing nothing
/// with Gantry's own: it shows its token, answers the handshake, acknowledges each message of
/// output, keeps those that come early, and ends with the channel.
final class PluginClient implements WebSocket.Listener, AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final int HEADER = 116;

  private final WebSocket socket;
  private final ByteArrayOutputStream part = new ByteArrayOutputStream();
  private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
  private final TreeMap<Long, byte[]> early = new TreeMap<>();
  private long expected;
  private long sequence;
  private boolean ready;
  private boolean mute;
  private long newest = -1;
  private int repeated;
  private @Nullable String closedWith;
  private @Nullable String socketEnd;

  private PluginClient(HttpClient http, String url) {
    this.socket = http.newWebSocketBuilder().buildAsync(URI.create(url), this).join();
  }

  /// Opens the session's channel and shows this token.
  static PluginClient open(String url, String token) {
    PluginClient client = new PluginClient(HttpClient.newHttpClient(), url);
    client
        .socket
        .sendText(
            "{\"MessageSchemaVersion\":\"1.0\",\"RequestId\":\""
                + UUID.randomUUID()
                + "\",\"TokenValue\":\""
                + token
                + "\",\"ClientId\":\""
                + UUID.randomUUID()
                + "\",\"ClientVersion\":\"1.2.650.0\"}",
            true)
        .join();
    return client;
  }

  // ---- what a person does -----------------------------------------------------------------------

  /// Types.
  void type(String text) {
    send(1, text.getBytes(StandardCharsets.UTF_8));
  }

  /// Makes the window this large.
  void resize(int columns, int rows) {
    send(3, ("{\"cols\":" + columns + ",\"rows\":" + rows + "}").getBytes(StandardCharsets.UTF_8));
  }

  /// Stops acknowledging, as a client whose terminal hangs.
  synchronized void hang() {
    mute = true;
  }

  /// Vanishes without a word.
  void vanish() {
    socket.abort();
  }

  /// The number of the newest message of output that came so far.
  synchronized long newest() {
    return newest;
  }

  /// How many messages of output came again.
  synchronized int repeated() {
    return repeated;
  }

  /// Everything shown so far.
  synchronized byte[] bytes() {
    return shown.toByteArray();
  }

  /// The same as text.
  String text() {
    return new String(bytes(), StandardCharsets.UTF_8);
  }

  /// Waits until what is shown is as wanted.
  String awaitText(Predicate<String> wanted) throws InterruptedException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    synchronized (this) {
      while (!wanted.test(text())) {
        long left = deadline - System.nanoTime();
        if (left <= 0 || closedWith != null || socketEnd != null) {
          throw new AssertionError(
              "the session shows " + text() + ", closed " + closedWith + ", " + socketEnd);
        }
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
      return text();
    }
  }

  /// Waits until the handshake is over.
  void awaitReady() throws InterruptedException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    synchronized (this) {
      while (!ready) {
        long left = deadline - System.nanoTime();
        if (left <= 0 || closedWith != null || socketEnd != null) {
          throw new AssertionError("no session: closed " + closedWith + ", " + socketEnd);
        }
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
    }
  }

  /// Waits for the end of the channel.
  ///
  /// @return what it says, empty if nothing; or how the socket ended without it
  String awaitEnd() throws InterruptedException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    synchronized (this) {
      while (closedWith == null && socketEnd == null) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          throw new AssertionError("the session does not end; it shows " + text());
        }
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
      return closedWith != null ? closedWith : "socket " + socketEnd;
    }
  }

  @Override
  public void close() {
    socket.abort();
  }

  // ---- the protocol -----------------------------------------------------------------------------

  private synchronized void send(int payloadType, byte[] payload) {
    socket
        .sendBinary(
            ByteBuffer.wrap(message("input_stream_data", sequence++, 0, payloadType, payload)),
            true)
        .join();
  }

  private static byte[] message(
      String type, long sequence, long flags, int payloadType, byte[] payload) {
    UUID id = UUID.randomUUID();
    byte[] name = new byte[32];
    Arrays.fill(name, (byte) ' ');
    System.arraycopy(type.getBytes(StandardCharsets.US_ASCII), 0, name, 0, type.length());
    ByteBuffer out = ByteBuffer.allocate(HEADER + 4 + payload.length);
    out.putInt(HEADER).put(name).putInt(1).putLong(System.currentTimeMillis());
    out.putLong(sequence).putLong(flags);
    out.putLong(id.getLeastSignificantBits()).putLong(id.getMostSignificantBits());
    out.put(sha256(payload)).putInt(payloadType).putInt(payload.length).put(payload);
    return out.array();
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private synchronized void heard(byte[] message) {
    ByteBuffer in = ByteBuffer.wrap(message);
    if (in.getInt() != HEADER) {
      throw new AssertionError("a header of another length");
    }
    byte[] name = new byte[32];
    in.get(name);
    String type = new String(name, StandardCharsets.US_ASCII).strip();
    if (in.getInt() != 1 || in.getLong() == 0) {
      throw new AssertionError("a message without version or date");
    }
    long number = in.getLong();
    long flags = in.getLong();
    long least = in.getLong();
    UUID id = new UUID(in.getLong(), least);
    byte[] digest = new byte[32];
    in.get(digest);
    int payloadType = in.getInt();
    byte[] payload = new byte[in.getInt()];
    in.get(payload);
    if (in.hasRemaining() || !Arrays.equals(digest, sha256(payload))) {
      throw new AssertionError("a payload that is not what its header says");
    }
    switch (type) {
      case "output_stream_data" -> {
        if (number > newest) {
          newest = number;
        } else {
          repeated++;
        }
        if ((number == 0) != (flags == 1)) {
          throw new AssertionError("message " + number + " with flags " + flags);
        }
        output(number, id, payloadType, payload, message);
      }
      case "channel_closed" -> {
        Matcher output =
            Pattern.compile("\"Output\":\"((?:[^\"\\\\]|\\\\.)*)\"")
                .matcher(new String(payload, StandardCharsets.UTF_8));
        closedWith = output.find() ? output.group(1) : "";
        notifyAll();
      }
      default -> {
        // acknowledge, start_publication, pause_publication: nothing is sent again here.
      }
    }
  }

  private void output(long number, UUID id, int payloadType, byte[] payload, byte[] whole) {
    if (mute) {
      return;
    }
    if (number > expected) {
      acknowledge(number, id);
      early.put(number, whole);
      return;
    }
    if (number < expected) {
      return;
    }
    acknowledge(number, id);
    expected++;
    process(payloadType, payload);
    byte[] next = early.remove(expected);
    while (next != null) {
      ByteBuffer kept = ByteBuffer.wrap(next);
      process(kept.getInt(HEADER - 4), Arrays.copyOfRange(next, HEADER + 4, next.length));
      expected++;
      next = early.remove(expected);
    }
  }

  private void process(int payloadType, byte[] payload) {
    switch (payloadType) {
      case 1 -> shown.writeBytes(payload);
      case 5 -> {
        String request = new String(payload, StandardCharsets.UTF_8);
        if (!request.contains("\"SessionType\":\"InteractiveCommands\"")) {
          throw new AssertionError("another type of session: " + request);
        }
        send(
            6,
            ("{\"ClientVersion\":\"1.2.650.0\",\"ProcessedClientActions\":[{\"ActionType\":"
                    + "\"SessionType\",\"ActionStatus\":1,\"ActionResult\":null,\"Error\":\"\"}],"
                    + "\"Errors\":null}")
                .getBytes(StandardCharsets.UTF_8));
      }
      case 7 -> ready = true;
      default -> throw new AssertionError("a payload of type " + payloadType);
    }
    notifyAll();
  }

  private void acknowledge(long number, UUID id) {
    byte[] content =
        ("{\"AcknowledgedMessageType\":\"output_stream_data\",\"AcknowledgedMessageId\":\""
                + id
                + "\",\"AcknowledgedMessageSequenceNumber\":"
                + number
                + ",\"IsSequentialMessage\":true}")
            .getBytes(StandardCharsets.UTF_8);
    socket.sendBinary(ByteBuffer.wrap(message("acknowledge", 0, 3, 0, content)), true).join();
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    part.writeBytes(bytes);
    if (last) {
      byte[] whole = part.toByteArray();
      part.reset();
      // Acknowledgements are sent from here, which must not wait for itself.
      Thread.ofVirtual().start(() -> take(from, whole));
    } else {
      from.request(1);
    }
    return null;
  }

  private void take(WebSocket from, byte[] whole) {
    try {
      heard(whole);
    } catch (RuntimeException | AssertionError e) {
      synchronized (this) {
        socketEnd = "test failed: " + e;
        notifyAll();
      }
    }
    from.request(1);
  }

  @Override
  public synchronized @Nullable CompletionStage<?> onClose(
      WebSocket from, int code, String reason) {
    socketEnd = code + " " + reason;
    notifyAll();
    return null;
  }

  @Override
  public synchronized void onError(WebSocket from, Throwable error) {
    socketEnd = String.valueOf(error);
    notifyAll();
  }
}

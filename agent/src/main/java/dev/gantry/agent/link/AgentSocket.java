package dev.gantry.agent.link;

import dev.gantry.agent.link.ControlPlaneLink.SocketEvents;
import dev.gantry.wire.Headers.Header;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// One WebSocket of the agent: frames out in order through a bounded queue and one writing thread,
/// frames in one at a time, and exactly one end.
final class AgentSocket implements WebSocket.Listener {
  /// Frames that may wait to be written; a control plane that does not read for so long is cut off.
  static final int MAX_QUEUED_FRAMES = 4_096;

  /// The longest frame that is read, in characters.
  static final int MAX_FRAME_CHARACTERS = 16 << 20;

  /// How long one frame may take to be written.
  static final Duration WRITE_LIMIT = Duration.ofSeconds(60);

  /// The longest binary frame that is read, in bytes.
  static final int MAX_BINARY_BYTES = 1 << 20;

  /// How often a socket on which nothing need be said is asked whether the other end is there.
  static final Duration PING_EVERY = Duration.ofSeconds(30);

  /// And how long that may be silent.
  static final Duration SILENCE_LIMIT = Duration.ofSeconds(90);

  /// How long the other end may take to answer a close.
  static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

  private static final int MAX_BODY_CHARACTERS = 4_096;
  private static final int ABNORMAL = 1006;

  /// Something to be written.
  private sealed interface Item {
    record Frame(String text) implements Item {}

    record Binary(byte[] message) implements Item {}

    record Close(int code, String reason) implements Item {}

    /// The socket has ended; there is nothing more to write.
    record End() implements Item {}
  }

  private final long number;
  private final SocketEvents events;
  private final UnaryOperator<String> frame;
  private final boolean pinging;
  private final ExecutorService threads;
  private final Runnable gone;
  private final BlockingQueue<Item> outgoing = new LinkedBlockingQueue<>(MAX_QUEUED_FRAMES);
  private final AtomicBoolean ended = new AtomicBoolean();
  private final StringBuilder incoming = new StringBuilder();
  private final ByteArrayOutputStream incomingBinary = new ByteArrayOutputStream();
  private volatile long lastHeard = System.nanoTime();
  private volatile @Nullable WebSocket socket;

  /// @param frame makes of a text what goes over the wire
  /// @param pinging whether the other end is asked for a sign of life
  /// @param gone is called once, when the socket has ended
  AgentSocket(
      long number,
      SocketEvents events,
      UnaryOperator<String> frame,
      boolean pinging,
      ExecutorService threads,
      Runnable gone) {
    this.number = number;
    this.events = events;
    this.frame = frame;
    this.pinging = pinging;
    this.threads = threads;
    this.gone = gone;
  }

  void connect(HttpClient http, URI uri, List<Header> headers, Duration limit) {
    threads.execute(() -> {
      WebSocket.Builder builder = http.newWebSocketBuilder().connectTimeout(limit);
      for (Header header : headers) {
        builder.header(header.name(), header.value());
      }
      try {
        WebSocket opened =
            builder.buildAsync(uri, this).get(limit.toMillis(), TimeUnit.MILLISECONDS);
        write(opened);
      } catch (ExecutionException e) {
        refused(e.getCause() == null ? e : e.getCause());
      } catch (TimeoutException | IllegalArgumentException e) {
        refused(e);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        refused(new InterruptedException("the link was closed"));
      }
    });
  }

  void send(String text) {
    if (!outgoing.offer(new Item.Frame(text))) {
      end(ABNORMAL, "the other end does not read");
    }
  }

  void send(byte[] message) {
    if (!outgoing.offer(new Item.Binary(message))) {
      end(ABNORMAL, "the other end does not read");
    }
  }

  void close(int code, String reason) {
    if (!outgoing.offer(new Item.Close(code, reason))) {
      end(ABNORMAL, "the other end does not read");
    }
  }

  /// Ends the socket without telling anybody.
  void cut() {
    if (ended.compareAndSet(false, true)) {
      abort();
      stopWriting();
    }
  }

  private void refused(Throwable cause) {
    Throwable reason =
        cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause;
    int status = 0;
    String body = String.valueOf(reason.getMessage() == null ? reason : reason.getMessage());
    if (reason instanceof WebSocketHandshakeException handshake) {
      HttpResponse<?> response = handshake.getResponse();
      status = response.statusCode();
      body = response.body() instanceof String text ? text : "";
    }
    if (ended.compareAndSet(false, true)) {
      abort();
      gone.run();
      events.refused(
          number,
          status,
          body.length() <= MAX_BODY_CHARACTERS ? body : body.substring(0, MAX_BODY_CHARACTERS));
    }
  }

  /// The writing thread: one frame after the other, until the socket ends.
  private void write(WebSocket opened) throws InterruptedException {
    try {
      while (true) {
        switch (next()) {
          case null -> {
            if (System.nanoTime() - lastHeard > SILENCE_LIMIT.toNanos()) {
              end(ABNORMAL, "the other end is silent");
              return;
            }
            opened
                .sendPing(ByteBuffer.allocate(0))
                .get(WRITE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
          }
          case Item.Binary(byte[] message) ->
              opened
                  .sendBinary(ByteBuffer.wrap(message), true)
                  .get(WRITE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
          case Item.Frame(String text) ->
              opened
                  .sendText(frame.apply(text), true)
                  .get(WRITE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
          case Item.Close(int code, String reason) -> {
            opened.sendClose(code, reason).get(WRITE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            awaitEnd();
            end(code, reason);
            return;
          }
          case Item.End _ -> {
            return;
          }
        }
      }
    } catch (ExecutionException | TimeoutException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      end(ABNORMAL, "writing failed: " + cause);
    }
  }

  /// The next thing to write; null if it is time for a ping.
  private @Nullable Item next() throws InterruptedException {
    return pinging ? outgoing.poll(PING_EVERY.toNanos(), TimeUnit.NANOSECONDS) : outgoing.take();
  }

  /// Waits for the other end to answer the close, but not for long.
  private void awaitEnd() throws InterruptedException {
    long deadline = System.nanoTime() + CLOSE_LIMIT.toNanos();
    while (!ended.get()) {
      Item item = outgoing.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (item == null || item instanceof Item.End) {
        return;
      }
    }
  }

  private void end(int code, String reason) {
    if (ended.compareAndSet(false, true)) {
      abort();
      told(code, reason);
    }
  }

  private void told(int code, String reason) {
    stopWriting();
    gone.run();
    events.closed(number, code, reason);
  }

  private void stopWriting() {
    outgoing.clear();
    outgoing.offer(new Item.End());
  }

  private void abort() {
    WebSocket present = socket;
    if (present != null) {
      present.abort();
    }
  }

  // ---- the JDK's side
  // -----------------------------------------------------------------------------

  @Override
  public void onOpen(WebSocket webSocket) {
    socket = webSocket;
    if (ended.get()) {
      webSocket.abort();
      return;
    }
    events.opened(number);
    webSocket.request(1);
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer data, boolean last) {
    lastHeard = System.nanoTime();
    if (incomingBinary.size() + data.remaining() > MAX_BINARY_BYTES) {
      end(ABNORMAL, "a binary frame of more than " + MAX_BINARY_BYTES + " bytes");
      return null;
    }
    byte[] part = new byte[data.remaining()];
    data.get(part);
    incomingBinary.writeBytes(part);
    if (last) {
      byte[] message = incomingBinary.toByteArray();
      incomingBinary.reset();
      if (!ended.get()) {
        events.binary(number, message);
      }
    }
    webSocket.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onPing(WebSocket webSocket, ByteBuffer message) {
    lastHeard = System.nanoTime();
    webSocket.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onPong(WebSocket webSocket, ByteBuffer message) {
    lastHeard = System.nanoTime();
    webSocket.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
    lastHeard = System.nanoTime();
    if (incoming.length() + data.length() > MAX_FRAME_CHARACTERS) {
      end(ABNORMAL, "a frame of more than " + MAX_FRAME_CHARACTERS + " characters");
      return null;
    }
    incoming.append(data);
    if (last) {
      String text = incoming.toString();
      incoming.setLength(0);
      if (!ended.get()) {
        events.text(number, text);
      }
    }
    webSocket.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
    // Not cut off: the JDK answers the close first.
    if (ended.compareAndSet(false, true)) {
      told(code, reason);
    }
    return null;
  }

  @Override
  public void onError(WebSocket webSocket, Throwable error) {
    end(ABNORMAL, String.valueOf(error.getMessage()));
  }
}

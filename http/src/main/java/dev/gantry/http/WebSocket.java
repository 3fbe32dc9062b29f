package dev.gantry.http;

import dev.gantry.wire.BinaryListener;
import dev.gantry.wire.BinarySocket;
import dev.gantry.wire.SocketListener;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ServerConnectionException;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The server's end of one WebSocket (RFC 6455): text messages, and binary ones for a listener that
/// takes them; no extensions, no subprotocol.
///
/// Two virtual threads: the connection's own reads and tells the listener, so the listener's calls
/// come one at a time and in order; a second one writes what is queued, so whoever sends is never
/// held up by a slow other end. Every frame, pongs and the close frame included, goes through the
/// queue.
///
/// How it ends: by a close frame of either side, answered by the other; by a violation, which is
/// told with its own close code; or by the connection just ending, which is told as 1006.
final class WebSocket implements BinarySocket, Watchdog.Watched {
  static final int NORMAL = 1000;
  static final int GOING_AWAY = 1001;
  private static final int PROTOCOL_ERROR = 1002;
  private static final int UNSUPPORTED_DATA = 1003;
  private static final int NO_CODE = 1005;
  private static final int ABNORMAL = 1006;
  private static final int INVALID_DATA = 1007;
  private static final int TOO_BIG = 1009;
  private static final int INTERNAL_ERROR = 1011;

  private static final int CONTINUATION = 0x0;
  private static final int TEXT = 0x1;
  private static final int BINARY = 0x2;
  private static final int CLOSE = 0x8;
  private static final int PING = 0x9;
  private static final int PONG = 0xa;

  private static final int FIN = 0x80;
  private static final int RESERVED = 0x70;
  private static final int OPCODE = 0x0f;
  private static final int MASKED = 0x80;
  private static final int LENGTH_16 = 126;
  private static final int LENGTH_64 = 127;
  private static final int MAX_CONTROL_BYTES = 125;

  /// The longest reason that fits into a close frame.
  private static final int MAX_REASON_BYTES = 123;

  /// The most that is read, and thrown away, from an other end that has been told to stop.
  private static final long MAX_DRAINED_BYTES = 16L * 1024 * 1024;

  private static final String KEY_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int KEY_BYTES = 16;
  private static final byte[] NOTHING = new byte[0];

  private static final Logger LOG = LoggerFactory.getLogger(WebSocket.class);

  private final ConnectionContext context;
  private final DataReader reader;
  private final SocketLimits limits;
  private final BinaryListener listener;
  private final boolean binary;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // The five below are guarded by the lock.
  private final Deque<byte[]> queue = new ArrayDeque<>();
  private int queuedBytes;
  private boolean closeQueued;
  private boolean ended;
  private boolean written;

  private volatile long lastHeard = System.nanoTime();
  private volatile long closeBy;
  private volatile boolean pinged;
  private volatile boolean overflowed;

  /// A violation of the protocol or of a limit by the other end.
  private static final class Violation extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int code;

    Violation(int code, String message) {
      super(message, null, false, false);
      this.code = code;
    }
  }

  /// How the socket ended.
  private record End(int code, String reason) {}

  /// A socket that carries text only: a binary message of the other end is a violation.
  WebSocket(ConnectionContext context, SocketLimits limits, SocketListener listener) {
    this(context, limits, BinaryListener.ofText(listener), false);
  }

  /// A socket that carries text and binary messages.
  WebSocket(ConnectionContext context, SocketLimits limits, BinaryListener listener) {
    this(context, limits, listener, true);
  }

  private WebSocket(
      ConnectionContext context, SocketLimits limits, BinaryListener listener, boolean binary) {
    this.context = context;
    this.reader = context.dataReader();
    this.limits = limits;
    this.listener = listener;
    this.binary = binary;
  }

  /// Whether this is a `Sec-WebSocket-Key`: 16 bytes in Base64.
  static boolean isKey(@Nullable String key) {
    try {
      return key != null && Base64.getDecoder().decode(key).length == KEY_BYTES;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /// Completes the handshake and serves the socket to its end.
  void run(@Nullable String key) {
    context
        .dataWriter()
        .writeNow(
            BufferData.create(
                ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection:"
                        + " Upgrade\r\nSec-WebSocket-Accept: "
                        + accept(String.valueOf(key))
                        + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII)));
    Thread writer = Thread.ofVirtual().name("gantry-socket-writer").start(this::writeQueue);
    End end;
    try {
      listener.opened(this);
      end = read();
    } catch (Violation e) {
      enqueueClose(e.code, String.valueOf(e.getMessage()));
      end = new End(e.code, String.valueOf(e.getMessage()));
      drain();
    } catch (DataReader.InsufficientDataAvailableException
        | ServerConnectionException
        | UncheckedIOException e) {
      LOG.debug("a socket ended without a close frame", e);
      end = new End(ABNORMAL, overflowed ? "the send queue was full" : "");
      abort();
    } catch (RuntimeException e) {
      LOG.error("the listener of a socket failed", e);
      enqueueClose(INTERNAL_ERROR, "internal error");
      end = new End(INTERNAL_ERROR, "internal error");
      drain();
    }
    finish(writer);
    try {
      listener.closed(end.code, end.reason);
    } catch (RuntimeException e) {
      LOG.error("the listener of a socket failed when told of its end", e);
    }
  }

  private static String accept(String key) {
    try {
      return Base64.getEncoder()
          .encodeToString(
              MessageDigest.getInstance("SHA-1")
                  .digest((key + KEY_SUFFIX).getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  // Reading

  /// Reads on after a close frame that the other end did not expect, until it closes or the limit
  /// for that is over.
  private void drain() {
    Unread.discard(reader, MAX_DRAINED_BYTES);
  }

  private End read() {
    ByteArrayOutputStream fragments = new ByteArrayOutputStream();
    boolean within = false;
    int kind = TEXT;
    while (true) {
      int first = reader.read() & 0xff;
      int second = reader.read() & 0xff;
      lastHeard = System.nanoTime();
      pinged = false;
      int opcode = first & OPCODE;
      boolean last = (first & FIN) != 0;
      if ((first & RESERVED) != 0) {
        throw new Violation(PROTOCOL_ERROR, "reserved bits without an extension");
      }
      if ((second & MASKED) == 0) {
        throw new Violation(PROTOCOL_ERROR, "a frame that is not masked");
      }
      long length = length(second & ~MASKED);
      if (opcode >= CLOSE && (!last || length > MAX_CONTROL_BYTES)) {
        throw new Violation(PROTOCOL_ERROR, "a control frame in fragments or too long");
      }
      if (length > limits.messageBytes() - fragments.size()) {
        throw new Violation(TOO_BIG, "a message of more than " + limits.messageBytes() + " bytes");
      }
      byte[] payload = unmasked((int) length);
      switch (opcode) {
        case TEXT, BINARY -> {
          if (opcode == BINARY && !binary) {
            throw new Violation(UNSUPPORTED_DATA, "binary messages are not taken");
          }
          if (within) {
            throw new Violation(PROTOCOL_ERROR, "a message within a message");
          }
          if (last) {
            tell(opcode, payload);
          } else {
            within = true;
            kind = opcode;
            fragments.writeBytes(payload);
          }
        }
        case CONTINUATION -> {
          if (!within) {
            throw new Violation(PROTOCOL_ERROR, "a fragment without a beginning");
          }
          fragments.writeBytes(payload);
          if (last) {
            within = false;
            byte[] whole = fragments.toByteArray();
            fragments.reset();
            tell(kind, whole);
          }
        }
        case PING -> enqueue(frame(PONG, payload));
        case PONG -> LOG.trace("a pong");
        case CLOSE -> {
          End end = end(payload);
          enqueueClose(end.code == NO_CODE ? NORMAL : end.code, "");
          return end;
        }
        default -> throw new Violation(PROTOCOL_ERROR, "an unknown kind of frame");
      }
    }
  }

  private long length(int told) {
    if (told < LENGTH_16) {
      return told;
    }
    int octets = told == LENGTH_64 ? 8 : 2;
    long length = 0;
    for (int i = 0; i < octets; i++) {
      length = length << 8 | (reader.read() & 0xff);
    }
    if (length < 0) {
      throw new Violation(PROTOCOL_ERROR, "a negative length");
    }
    return length;
  }

  private byte[] unmasked(int length) {
    byte[] mask = {reader.read(), reader.read(), reader.read(), reader.read()};
    if (length == 0) {
      return NOTHING;
    }
    byte[] payload = reader.readBytes(length);
    for (int i = 0; i < length; i++) {
      payload[i] ^= mask[i & 3];
    }
    return payload;
  }

  private void tell(int kind, byte[] message) {
    lock.lock();
    try {
      if (closeQueued) {
        // We have said good-bye; what was under way then is not listened to.
        return;
      }
    } finally {
      lock.unlock();
    }
    if (kind == BINARY) {
      listener.binary(message);
    } else {
      listener.text(text(message));
    }
  }

  private static String text(byte[] utf8) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException _) {
      throw new Violation(INVALID_DATA, "text that is not UTF-8");
    }
  }

  private static End end(byte[] payload) {
    if (payload.length == 0) {
      return new End(NO_CODE, "");
    }
    if (payload.length == 1) {
      throw new Violation(PROTOCOL_ERROR, "half a close code");
    }
    int code = (payload[0] & 0xff) << 8 | (payload[1] & 0xff);
    if (!mayBeSent(code)) {
      throw new Violation(PROTOCOL_ERROR, "a close code that must not be sent");
    }
    return new End(code, text(Arrays.copyOfRange(payload, 2, payload.length)));
  }

  /// RFC 6455, 7.4: 1004, 1005, 1006 and 1015 never stand in a frame.
  private static boolean mayBeSent(int code) {
    return (code >= 1000 && code <= 1014 && code != 1004 && code != NO_CODE && code != ABNORMAL)
        || (code >= 3000 && code <= 4999);
  }

  // Writing

  @Override
  public void send(String text) {
    enqueue(frame(TEXT, text.getBytes(StandardCharsets.UTF_8)));
  }

  @Override
  public void send(byte[] message) {
    if (!binary) {
      throw new IllegalStateException("this socket carries text only");
    }
    enqueue(frame(BINARY, message));
  }

  @Override
  public void close(int code, String reason) {
    if (!mayBeSent(code) || reason.getBytes(StandardCharsets.UTF_8).length > MAX_REASON_BYTES) {
      throw new IllegalArgumentException(
          "a close code that must not be sent, or a reason of more than "
              + MAX_REASON_BYTES
              + " bytes: "
              + code);
    }
    enqueueClose(code, reason);
  }

  private void enqueueClose(int code, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(text.length, MAX_REASON_BYTES);
    byte[] payload = new byte[2 + length];
    payload[0] = (byte) (code >> 8);
    payload[1] = (byte) code;
    System.arraycopy(text, 0, payload, 2, length);
    lock.lock();
    try {
      if (closeQueued || ended) {
        return;
      }
      // Past the limits, if need be: it is the last one.
      add(frame(CLOSE, payload));
      closeQueued = true;
      closeBy = System.nanoTime() + limits.close().toNanos();
    } finally {
      lock.unlock();
    }
  }

  private void enqueue(byte[] frame) {
    lock.lock();
    try {
      if (closeQueued || ended) {
        return;
      }
      if (queue.size() < limits.queuedMessages()
          && frame.length <= limits.queuedBytes() - queuedBytes) {
        add(frame);
        return;
      }
      overflowed = true;
    } finally {
      lock.unlock();
    }
    abort();
  }

  private void add(byte[] frame) {
    queue.add(frame);
    queuedBytes += frame.length;
    changed.signalAll();
  }

  private static byte[] frame(int opcode, byte[] payload) {
    int extra = payload.length < LENGTH_16 ? 0 : payload.length < 1 << 16 ? 2 : 8;
    byte[] frame = new byte[2 + extra + payload.length];
    frame[0] = (byte) (FIN | opcode);
    frame[1] = (byte) (extra == 0 ? payload.length : extra == 2 ? LENGTH_16 : LENGTH_64);
    long length = payload.length;
    for (int i = 1 + extra; i > 1; i--) {
      frame[i] = (byte) length;
      length >>= 8;
    }
    System.arraycopy(payload, 0, frame, 2 + extra, payload.length);
    return frame;
  }

  private void writeQueue() {
    try {
      for (byte[] frame = next(); frame != null; frame = next()) {
        context.dataWriter().writeNow(BufferData.create(frame));
      }
    } catch (UncheckedIOException e) {
      LOG.debug("a socket could not be written to", e);
      abort();
    } finally {
      lock.lock();
      try {
        written = true;
        ended = true;
        queue.clear();
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /// The next frame to write, waited for; null when nothing more will come.
  private byte @Nullable [] next() {
    lock.lock();
    try {
      while (queue.isEmpty()) {
        if (ended) {
          return null;
        }
        changed.awaitUninterruptibly();
      }
      byte[] frame = queue.remove();
      queuedBytes -= frame.length;
      return frame;
    } finally {
      lock.unlock();
    }
  }

  /// Lets the writer write what is queued, a close frame above all, but no longer than the limit.
  private void finish(Thread writer) {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
      long left = limits.close().toNanos();
      while (!written && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      LOG.debug("the server is being stopped by force", e);
    } finally {
      lock.unlock();
    }
    abort();
    writer.interrupt();
  }

  /// Ends the connection at once; the reading thread notices.
  private void abort() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    context.serverSocket().close();
  }

  @Override
  public void check(long nowNanos) {
    long closing = closeBy;
    if (closing != 0 && nowNanos - closing > 0) {
      context.serverSocket().close();
      return;
    }
    long silent = nowNanos - lastHeard;
    long idle = limits.idle().toNanos();
    if (silent > idle) {
      context.serverSocket().close();
    } else if (silent > idle / 2 && !pinged) {
      pinged = true;
      enqueue(frame(PING, NOTHING));
    }
  }
}

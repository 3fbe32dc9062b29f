package dev.gantry.agent.docker;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One HTTP/1.1 connection to an engine, over a unix socket or TCP: one request, one answer, again.
///
/// It speaks the part of RFC 9112 that a client of one known server needs: bodies of known length
/// out; known length, chunked or until-close in. Everything read has a named limit. Blocking; used
/// by one thread at a time, except [#abort], which any thread may call to end whatever is going on.
final class HttpConnection {
  /// Most bytes of an answer's head, and of the trailers behind a chunked body.
  static final int MAX_HEAD_BYTES = 64 * 1024;

  /// Most interim (1xx) answers before the real one.
  static final int MAX_INTERIM_ANSWERS = 4;

  /// How long to wait before asking again for a place in a listener's full queue.
  static final Duration FULL_QUEUE_PAUSE = Duration.ofMillis(10);

  private static final int BUFFER_BYTES = 16 * 1024;

  private final SocketAddress address;
  private final ByteBuffer in = ByteBuffer.allocate(BUFFER_BYTES).flip();
  private boolean keepAlive = true;
  private boolean upgrading;
  private boolean sawByte;
  private @Nullable Body body;
  private volatile SocketChannel channel;
  private volatile boolean aborted;
  private volatile long lastByteNanos = System.nanoTime();

  private HttpConnection(SocketAddress address) throws IOException {
    this.address = address;
    this.channel = channelFor(address);
  }

  /// A connection that is not connected yet, so that [#abort] can already end the connecting.
  static HttpConnection to(SocketAddress address) throws IOException {
    return new HttpConnection(address);
  }

  private static SocketChannel channelFor(SocketAddress address) throws IOException {
    return address instanceof UnixDomainSocketAddress
        ? SocketChannel.open(StandardProtocolFamily.UNIX)
        : SocketChannel.open();
  }

  /// Connects. A host name is looked up now, so that a changed address is found at the next try.
  void connect() throws IOException {
    if (address instanceof InetSocketAddress inet) {
      InetSocketAddress resolved =
          inet.isUnresolved() ? new InetSocketAddress(inet.getHostString(), inet.getPort()) : inet;
      if (resolved.isUnresolved()) {
        throw new UnknownHostException("no such host: " + inet.getHostString());
      }
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
      channel.connect(resolved);
      return;
    }
    while (true) {
      try {
        channel.connect(address);
        return;
      } catch (SocketException e) {
        // A listener whose queue is full. A platform thread waits in connect(2) for a place; for a
        // virtual one the JDK connects without blocking, and gets this instead.
        if (!"Resource temporarily unavailable".equals(e.getMessage())) {
          throw e;
        }
      }
      pause();
      channel = channelFor(address);
      if (aborted) {
        channel.close();
        throw new AsynchronousCloseException();
      }
    }
  }

  private static void pause() throws ClosedByInterruptException {
    try {
      Thread.sleep(FULL_QUEUE_PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClosedByInterruptException();
    }
  }

  /// Sends a request. The previous answer must have been read to its end.
  ///
  /// @param target path and query, already encoded
  /// @param headers besides Host and Content-Length
  void send(String method, String target, Map<String, String> headers, byte @Nullable [] content)
      throws IOException {
    sawByte = false;
    body = null;
    upgrading = headers.containsKey("Upgrade");
    StringBuilder head = new StringBuilder(256);
    head.append(method).append(' ').append(target).append(" HTTP/1.1\r\nHost: docker\r\n");
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    if (content != null || !method.equals("GET")) {
      head.append("Content-Length: ").append(content == null ? 0 : content.length).append("\r\n");
    }
    head.append("\r\n");
    ByteBuffer[] parts = {
      ByteBuffer.wrap(head.toString().getBytes(StandardCharsets.ISO_8859_1)),
      ByteBuffer.wrap(content == null ? new byte[0] : content)
    };
    while (parts[0].hasRemaining() || parts[1].hasRemaining()) {
      if (channel.write(parts) > 0) {
        lastByteNanos = System.nanoTime();
      }
    }
  }

  /// Reads the head of the answer; its body is then read from [Head#body].
  Head readHead() throws IOException {
    for (int interim = 0; interim <= MAX_INTERIM_ANSWERS; interim++) {
      HeadReader reader = new HeadReader();
      String statusLine = reader.line();
      int status = status(statusLine);
      Map<String, String> headers = reader.headers();
      if (status >= 200) {
        keepAlive =
            statusLine.startsWith("HTTP/1.1 ")
                && !headers.getOrDefault("Connection", "").equalsIgnoreCase("close");
        Body answer = body(status, headers);
        body = answer;
        return new Head(status, headers, answer);
      }
      if (status == 101 && upgrading) {
        // What follows is the stream that was asked for, to the connection's end.
        keepAlive = false;
        Body stream = new Body(Framing.UNTIL_CLOSE, 0);
        body = stream;
        return new Head(status, headers, stream);
      }
      if (status == 101) {
        throw new MalformedAnswer("unasked-for change of protocol");
      }
    }
    throw new MalformedAnswer("more than " + MAX_INTERIM_ANSWERS + " interim answers");
  }

  /// Writes to a connection that has become a stream. Another thread may read it meanwhile.
  void write(byte[] bytes) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    while (left.hasRemaining()) {
      channel.write(left);
    }
  }

  /// True if a byte of the answer to the latest request has arrived.
  boolean sawByte() {
    return sawByte;
  }

  /// True if another request can be sent: the last answer was read to its end and nothing says
  /// close.
  boolean reusable() {
    Body last = body;
    return channel.isOpen() && keepAlive && last != null && last.done && !in.hasRemaining();
  }

  /// When the engine last sent or took a byte, by [System#nanoTime].
  long lastByteNanos() {
    return lastByteNanos;
  }

  /// Closes the connection. A thread that is blocked in it gets an exception. Any thread.
  void abort() {
    aborted = true;
    try {
      channel.close();
    } catch (IOException nothingLeftToSave) {
      // The descriptor is gone either way, and there is no unsent data that would matter.
      return;
    }
  }

  private static int status(String line) throws MalformedAnswer {
    if (line.length() >= 12
        && (line.startsWith("HTTP/1.1 ") || line.startsWith("HTTP/1.0 "))
        && (line.length() == 12 || line.charAt(12) == ' ')) {
      int status = 0;
      for (int i = 9; i < 12; i++) {
        int digit = line.charAt(i) - '0';
        if (digit < 0 || digit > 9) {
          status = 0;
          break;
        }
        status = status * 10 + digit;
      }
      if (status >= 100) {
        return status;
      }
    }
    throw new MalformedAnswer("not an HTTP/1.1 answer");
  }

  private Body body(int status, Map<String, String> headers) throws MalformedAnswer {
    if (status == 204 || status == 304) {
      return new Body(Framing.LENGTH, 0);
    }
    String coding = headers.get("Transfer-Encoding");
    if (coding != null) {
      if (!coding.equalsIgnoreCase("chunked")) {
        throw new MalformedAnswer("transfer coding " + coding);
      }
      return new Body(Framing.CHUNKED, 0);
    }
    String length = headers.get("Content-Length");
    if (length != null) {
      try {
        long bytes = Long.parseLong(length);
        if (bytes >= 0) {
          return new Body(Framing.LENGTH, bytes);
        }
      } catch (NumberFormatException notALength) {
        throw new MalformedAnswer("content length " + length);
      }
      throw new MalformedAnswer("content length " + length);
    }
    keepAlive = false;
    return new Body(Framing.UNTIL_CLOSE, 0);
  }

  /// Fills the empty buffer.
  ///
  /// @return false at the end of the stream
  private boolean fill() throws IOException {
    in.clear();
    int count;
    try {
      count = channel.read(in);
    } finally {
      in.flip();
    }
    if (count > 0) {
      sawByte = true;
      lastByteNanos = System.nanoTime();
    }
    return count > 0;
  }

  private int readByte() throws IOException {
    if (!in.hasRemaining() && !fill()) {
      throw new EOFException(
          sawByte ? "the engine ended the connection" : "the engine closed the connection");
    }
    return in.get() & 0xFF;
  }

  /// Status, headers (names in any case) and body of an answer.
  record Head(int status, Map<String, String> headers, InputStream body) {}

  private enum Framing {
    LENGTH,
    CHUNKED,
    UNTIL_CLOSE
  }

  /// Reads lines and headers against one budget.
  private final class HeadReader {
    private int budget = MAX_HEAD_BYTES;

    String line() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream(64);
      for (int b = readByte(); b != '\n'; b = readByte()) {
        if (--budget < 0) {
          throw new MalformedAnswer("head of more than " + MAX_HEAD_BYTES + " bytes");
        }
        line.write(b);
      }
      budget--;
      String text = line.toString(StandardCharsets.ISO_8859_1);
      return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    Map<String, String> headers() throws IOException {
      Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      for (String line = line(); !line.isEmpty(); line = line()) {
        int colon = line.indexOf(':');
        if (colon < 1) {
          throw new MalformedAnswer("header without a name");
        }
        String name = line.substring(0, colon);
        String value = line.substring(colon + 1).strip();
        String before = headers.put(name, value);
        if (before != null
            && !before.equals(value)
            && name.toLowerCase(Locale.ROOT).equals("content-length")) {
          throw new MalformedAnswer("two content lengths");
        }
      }
      return headers;
    }
  }

  /// The body of one answer. Its end is the framing's, so the connection can be used again after
  /// it; an end of the connection before that is an [EOFException], never a short body.
  private final class Body extends InputStream {
    private final Framing framing;
    private long left;
    private boolean firstChunk = true;
    private boolean done;

    Body(Framing framing, long length) {
      this.framing = framing;
      this.left = length;
      this.done = framing == Framing.LENGTH && length == 0;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, target.length);
      if (length == 0) {
        return 0;
      }
      if (!done && framing == Framing.CHUNKED && left == 0) {
        nextChunk();
      }
      if (done) {
        return -1;
      }
      if (!in.hasRemaining() && !fill()) {
        if (framing == Framing.UNTIL_CLOSE) {
          done = true;
          return -1;
        }
        throw new EOFException("the engine ended the connection in the middle of an answer");
      }
      int count = Math.min(length, in.remaining());
      if (framing != Framing.UNTIL_CLOSE) {
        count = (int) Math.min(count, left);
        left -= count;
        done = framing == Framing.LENGTH && left == 0;
      }
      in.get(target, offset, count);
      return count;
    }

    private void nextChunk() throws IOException {
      HeadReader reader = new HeadReader();
      if (!firstChunk && !reader.line().isEmpty()) {
        throw new MalformedAnswer("chunk longer than it said");
      }
      firstChunk = false;
      String line = reader.line();
      int end = line.indexOf(';');
      String size = (end < 0 ? line : line.substring(0, end)).strip();
      try {
        left = Long.parseLong(size, 16);
      } catch (NumberFormatException notASize) {
        throw new MalformedAnswer("chunk size " + size);
      }
      if (left < 0) {
        throw new MalformedAnswer("chunk size " + size);
      }
      if (left == 0) {
        reader.headers();
        done = true;
      }
    }
  }

  /// What came is not HTTP, or not within our limits.
  static final class MalformedAnswer extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedAnswer(String what) {
      super(what);
    }
  }
}

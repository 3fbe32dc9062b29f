package dev.gantry.bench;

import dev.gantry.wire.Headers;
import dev.gantry.wire.Headers.Header;
import dev.gantry.wire.client.ClientRequest;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// One keep-alive HTTP/1.1 connection that does as little as a client can: it writes bytes that
/// were prepared before and reads one response with a `Content-Length`. So what is timed is the
/// server.
final class RawConnection implements AutoCloseable {
  /// A longer response is not one of this server's.
  private static final int MAX_RESPONSE_BYTES = 1 << 20;

  /// A response that takes longer is a failure, not a figure.
  private static final int READ_LIMIT_MILLIS = 60_000;

  private static final byte[] LENGTH = "content-length:".getBytes(StandardCharsets.US_ASCII);

  private final Socket socket;
  private final InputStream in;
  private byte[] buffer = new byte[16 * 1024];
  private int filled;
  private int bodyStart;
  private int bodyEnd;

  /// Connects to the host and port of `server`.
  RawConnection(URI server) throws IOException {
    this.socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(READ_LIMIT_MILLIS);
      socket.connect(
          new InetSocketAddress(InetAddress.getByName(server.getHost()), server.getPort()));
      this.in = socket.getInputStream();
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /// The bytes of a signed request as they go over the wire.
  static byte[] bytes(ClientRequest request) {
    return bytes(request.method(), request.uri().getRawPath(), request.headers(), request.body());
  }

  /// The bytes of any request.
  static byte[] bytes(String method, String path, Headers headers, byte[] body) {
    StringBuilder head = new StringBuilder(512);
    head.append(method).append(' ').append(path).append(" HTTP/1.1\r\n");
    for (Header header : headers.fields()) {
      head.append(header.name()).append(": ").append(header.value()).append("\r\n");
    }
    if (body.length > 0) {
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    head.append("\r\n");
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(head.toString().getBytes(StandardCharsets.US_ASCII));
    all.writeBytes(body);
    return all.toByteArray();
  }

  /// Sends one request and reads its response.
  ///
  /// @return the status
  int exchange(byte[] request) throws IOException {
    socket.getOutputStream().write(request);
    filled = 0;
    int head = -1;
    while (head < 0) {
      int before = Math.max(0, filled - 3);
      more();
      head = endOfHead(before);
    }
    bodyStart = head;
    bodyEnd = head + contentLength(head);
    while (filled < bodyEnd) {
      more();
    }
    return (buffer[9] - '0') * 100 + (buffer[10] - '0') * 10 + (buffer[11] - '0');
  }

  /// The body of the last response.
  byte[] body() {
    return Arrays.copyOfRange(buffer, bodyStart, bodyEnd);
  }

  /// Sends a request that must succeed.
  ///
  /// @throws IOException with the server's answer if it did not
  void succeed(byte[] request) throws IOException {
    int status = exchange(request);
    if (status != 200) {
      throw new IOException("status " + status + ": " + new String(body(), StandardCharsets.UTF_8));
    }
  }

  private void more() throws IOException {
    if (filled == buffer.length) {
      if (buffer.length >= MAX_RESPONSE_BYTES) {
        throw new IOException("a response of more than " + MAX_RESPONSE_BYTES + " bytes");
      }
      buffer = Arrays.copyOf(buffer, buffer.length * 2);
    }
    int read = in.read(buffer, filled, buffer.length - filled);
    if (read < 0) {
      throw new EOFException("the server closed the connection");
    }
    filled += read;
  }

  private int endOfHead(int from) {
    for (int i = from; i + 3 < filled; i++) {
      if (buffer[i] == '\r'
          && buffer[i + 1] == '\n'
          && buffer[i + 2] == '\r'
          && buffer[i + 3] == '\n') {
        return i + 4;
      }
    }
    return -1;
  }

  private int contentLength(int head) throws IOException {
    for (int line = 0; line < head; line++) {
      if (buffer[line] == '\n' && isLength(line + 1)) {
        int value = 0;
        for (int i = line + 1 + LENGTH.length; buffer[i] != '\r'; i++) {
          value = buffer[i] == ' ' ? value : value * 10 + (buffer[i] - '0');
        }
        return value;
      }
    }
    throw new IOException("a response without Content-Length");
  }

  private boolean isLength(int from) {
    for (int i = 0; i < LENGTH.length; i++) {
      if ((buffer[from + i] | 0x20) != (LENGTH[i] | 0x20)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /// Connects, or gives null while nobody listens.
  static @Nullable RawConnection tryConnect(URI server) {
    try {
      return new RawConnection(server);
    } catch (IOException _) {
      return null;
    }
  }
}

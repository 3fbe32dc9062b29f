package dev.gantry.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// A client that says exactly what it is told to, well-formed or not.
final class RawClient implements AutoCloseable {
  /// Long enough for the busiest machine; only a broken test waits so long.
  private static final int PATIENCE_MILLIS = 30_000;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  /// A response; header names in lower case.
  record Response(int status, Map<String, String> headers, String body) {}

  /// A WebSocket frame as received.
  record Frame(int opcode, boolean last, byte[] payload) {
    String text() {
      return new String(payload, StandardCharsets.UTF_8);
    }

    int closeCode() {
      return (payload[0] & 0xff) << 8 | (payload[1] & 0xff);
    }
  }

  RawClient(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    in = socket.getInputStream();
    out = socket.getOutputStream();
  }

  /// A request's head: these lines and an empty one.
  static String head(String... lines) {
    return String.join("\r\n", lines) + "\r\n\r\n";
  }

  RawClient send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  RawClient send(byte[] octets) throws IOException {
    out.write(octets);
    out.flush();
    return this;
  }

  Response response() throws IOException {
    return response(true);
  }

  Response response(boolean withBody) throws IOException {
    String status = line();
    Map<String, String> headers = new LinkedHashMap<>();
    for (String field = line(); !field.isEmpty(); field = line()) {
      int colon = field.indexOf(':');
      headers.put(
          field.substring(0, colon).toLowerCase(Locale.ROOT), field.substring(colon + 1).strip());
    }
    int length = withBody ? Integer.parseInt(headers.getOrDefault("content-length", "0")) : 0;
    byte[] body = in.readNBytes(length);
    return new Response(
        Integer.parseInt(status.substring(9, 12)),
        headers,
        new String(body, StandardCharsets.UTF_8));
  }

  /// The next chunk of a body that is sent in chunks; empty at its end.
  String chunk() throws IOException {
    byte[] chunk = in.readNBytes(Integer.parseInt(line(), 16));
    line();
    return new String(chunk, StandardCharsets.UTF_8);
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int octet = in.read(); octet != '\n'; octet = in.read()) {
      if (octet < 0) {
        throw new IOException("the server closed the connection after: " + line);
      }
      if (octet != '\r') {
        line.write(octet);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  /// Waits until the server has closed the connection; what still comes is thrown away.
  boolean isClosedByServer() throws IOException {
    try {
      byte[] buffer = new byte[8_192];
      while (in.read(buffer) >= 0) {
        // What came before the end does not matter.
      }
    } catch (SocketException _) {
      // A reset is an end, too.
      return true;
    }
    return true;
  }

  RawClient upgrade(String target) throws IOException {
    return send(
        head(
            "GET " + target + " HTTP/1.1",
            "Host: h",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="));
  }

  RawClient frame(int firstByte, byte[] payload) throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(firstByte);
    if (payload.length < 126) {
      frame.write(0x80 | payload.length);
    } else if (payload.length < 1 << 16) {
      frame.write(0x80 | 126);
      frame.write(payload.length >> 8);
      frame.write(payload.length);
    } else {
      frame.write(0x80 | 127);
      for (int i = 56; i >= 0; i -= 8) {
        frame.write((int) ((long) payload.length >> i));
      }
    }
    byte[] mask = {1, 2, 3, 4};
    frame.writeBytes(mask);
    for (int i = 0; i < payload.length; i++) {
      frame.write(payload[i] ^ mask[i & 3]);
    }
    return send(frame.toByteArray());
  }

  RawClient text(String text) throws IOException {
    return frame(0x81, text.getBytes(StandardCharsets.UTF_8));
  }

  Frame frame() throws IOException {
    int first = in.read();
    if (first < 0) {
      throw new IOException("the server closed the connection");
    }
    int length = in.read();
    if (length == 126 || length == 127) {
      long told = 0;
      for (byte octet : in.readNBytes(length == 126 ? 2 : 8)) {
        told = told << 8 | (octet & 0xff);
      }
      length = (int) told;
    }
    return new Frame(first & 0x0f, (first & 0x80) != 0, in.readNBytes(length));
  }

  void receiveBuffer(int bytes) throws IOException {
    socket.setReceiveBufferSize(bytes);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

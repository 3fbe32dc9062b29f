package dev.gantry.conformance.fuzz;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads what a server sends, and demands that it is HTTP/1.1 or a WebSocket to the letter.
final class Answers {
  private static final int MAX_LINE = 64 * 1024;
  private static final int MAX_BODY = 16 * 1024 * 1024;

  private final InputStream in;

  Answers(InputStream in) {
    this.in = in;
  }

  /// What is wrong with an answer.
  static final class WrongAnswer extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WrongAnswer(String problem) {
      super(problem, null, false, false);
    }
  }

  /// One answer; header names in lower case.
  record Answer(int status, Map<String, String> headers, byte[] body) {
    boolean closes() {
      return "close".equals(headers.get("connection"));
    }

    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
      return status + " " + headers + " " + text();
    }
  }

  /// The next answer, `100 Continue` left out; null at the end of the stream.
  ///
  /// @param headOnly whether the body is told but not sent
  @Nullable Answer next(boolean headOnly) throws IOException {
    while (true) {
      String line = line(true);
      if (line == null) {
        return null;
      }
      if (!line.matches("HTTP/1\\.1 [1-5]\\d\\d .*")) {
        throw new WrongAnswer("not a status line: " + line);
      }
      int status = Integer.parseInt(line.substring(9, 12));
      Map<String, String> headers = headers();
      if (status == 100) {
        continue;
      }
      String length = headers.get("content-length");
      if (status == 101) {
        return new Answer(status, headers, new byte[0]);
      }
      if (length == null || !length.matches("\\d{1,9}")) {
        throw new WrongAnswer("an answer without its length: " + status + " " + headers);
      }
      int size = Integer.parseInt(length);
      if (size > MAX_BODY) {
        throw new WrongAnswer("an answer of " + size + " bytes");
      }
      byte[] body = headOnly ? new byte[0] : in.readNBytes(size);
      if (!headOnly && body.length < size) {
        throw new WrongAnswer("an answer that ends after " + body.length + " of " + size);
      }
      return new Answer(status, headers, body);
    }
  }

  private Map<String, String> headers() throws IOException {
    Map<String, String> headers = new LinkedHashMap<>();
    while (true) {
      String line = line(false);
      if (line == null) {
        throw new WrongAnswer("an answer that ends within its head");
      }
      if (line.isEmpty()) {
        return headers;
      }
      int colon = line.indexOf(':');
      if (colon < 1) {
        throw new WrongAnswer("not a header: " + line);
      }
      String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
      if (headers.put(name, line.substring(colon + 1).strip()) != null) {
        throw new WrongAnswer("a header twice: " + name);
      }
    }
  }

  private @Nullable String line(boolean mayEnd) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int octet = in.read(); ; octet = in.read()) {
      if (octet < 0) {
        if (mayEnd && line.isEmpty()) {
          return null;
        }
        throw new WrongAnswer("an answer that ends within a line: " + line);
      }
      if (octet == '\r') {
        if (in.read() != '\n') {
          throw new WrongAnswer("a bare CR in an answer: " + line);
        }
        return line.toString();
      }
      if (octet < ' ' || octet > '~' || line.length() > MAX_LINE) {
        throw new WrongAnswer("octet " + octet + " in an answer's head: " + line);
      }
      line.append((char) octet);
    }
  }

  /// Reads a server's frames to the end of the stream.
  void frames() throws IOException {
    boolean closed = false;
    while (true) {
      int first = in.read();
      if (first < 0) {
        return;
      }
      if (closed) {
        throw new WrongAnswer("a frame after the close frame");
      }
      int second = octet();
      int length = second & 0x7f;
      if (length == 126) {
        length = octet() << 8 | octet();
      } else if (length == 127) {
        long told = ByteBuffer.wrap(in.readNBytes(8)).getLong();
        if (told < 0 || told > MAX_BODY) {
          throw new WrongAnswer("a frame of " + told + " bytes");
        }
        length = (int) told;
      }
      if ((second & 0x80) != 0 || (first & 0xf0) != 0x80) {
        throw new WrongAnswer("a frame that begins %02x %02x".formatted(first, second));
      }
      byte[] payload = in.readNBytes(length);
      if (payload.length < length) {
        return;
      }
      switch (first & 0x0f) {
        case 1 -> {
          if (!utf8(payload).startsWith("{\"type\":\"")) {
            throw new WrongAnswer("a message that is none: " + utf8(payload));
          }
        }
        case 8 -> {
          closed = true;
          close(payload);
        }
        case 9, 10 -> {
          // A ping or its answer.
        }
        default -> throw new WrongAnswer("a frame of kind " + (first & 0x0f));
      }
    }
  }

  private static void close(byte[] payload) {
    int code = payload.length < 2 ? -1 : (payload[0] & 0xff) << 8 | (payload[1] & 0xff);
    boolean legal =
        (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006)
            || (code >= 3000 && code <= 4999);
    if (!legal || code == 1011) {
      throw new WrongAnswer("closed with " + code);
    }
    utf8(java.util.Arrays.copyOfRange(payload, 2, payload.length));
  }

  private static String utf8(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException _) {
      throw new WrongAnswer("text that is not UTF-8");
    }
  }

  private int octet() throws IOException {
    int octet = in.read();
    if (octet < 0) {
      throw new EOFException("the end of the connection within a frame");
    }
    return octet;
  }
}

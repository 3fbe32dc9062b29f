package dev.gantry.http;

import dev.gantry.wire.Headers.Header;
import dev.gantry.wire.WireResponse;
import io.helidon.common.buffers.BufferData;
import java.util.Arrays;

/// Turns responses into the bytes of HTTP/1.1, head and body in one piece so that they leave in one
/// packet if they can. One per connection; its buffer is used again.
final class ResponseWriter {
  /// A buffer that one large response made grow past this is not kept.
  private static final int MAX_KEPT_BYTES = 64 * 1024;

  private static final int FIRST_CAPACITY = 1_024;

  private byte[] bytes = new byte[FIRST_CAPACITY];
  private int size;

  /// The response's bytes, valid until the next call.
  ///
  /// @param withBody false for the answer to HEAD, which tells the body's length only
  /// @param close whether the connection ends with this response
  BufferData write(WireResponse response, boolean withBody, boolean close) {
    head(response, close);
    ascii("Content-Length: ");
    number(response.body().length);
    line();
    line();
    if (withBody) {
      octets(response.body());
    }
    return BufferData.create(bytes, 0, size);
  }

  /// The head of a response whose body goes on, and the first chunk of it.
  ///
  /// @param close whether the connection ends with this response
  BufferData begin(WireResponse response, boolean close) {
    head(response, close);
    field("Transfer-Encoding", "chunked");
    line();
    addChunk(response.body());
    return BufferData.create(bytes, 0, size);
  }

  /// One more chunk of the body.
  BufferData chunk(byte[] piece) {
    begin();
    addChunk(piece);
    return BufferData.create(bytes, 0, size);
  }

  /// The end of the body.
  BufferData lastChunk() {
    begin();
    put('0');
    line();
    line();
    return BufferData.create(bytes, 0, size);
  }

  private void begin() {
    if (bytes.length > MAX_KEPT_BYTES) {
      bytes = new byte[FIRST_CAPACITY];
    }
    size = 0;
  }

  private void head(WireResponse response, boolean close) {
    begin();
    ascii("HTTP/1.1 ");
    number(response.status());
    put(' ');
    ascii(reason(response.status()));
    line();
    for (Header field : response.headers().fields()) {
      field(field.name(), field.value());
    }
    if (close) {
      field("Connection", "close");
    }
  }

  /// An empty chunk would be the last.
  private void addChunk(byte[] piece) {
    if (piece.length > 0) {
      ascii(Integer.toHexString(piece.length));
      line();
      octets(piece);
      line();
    }
  }

  private void octets(byte[] piece) {
    room(piece.length);
    System.arraycopy(piece, 0, bytes, size, piece.length);
    size += piece.length;
  }

  private void field(String name, String value) {
    ascii(name);
    put(':');
    put(' ');
    ascii(value);
    line();
  }

  private void line() {
    put('\r');
    put('\n');
  }

  private void put(int octet) {
    room(1);
    bytes[size++] = (byte) octet;
  }

  private void ascii(String text) {
    room(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // A line end would start a header of somebody else's choosing.
      bytes[size++] = c < ' ' || c > '~' ? (byte) '?' : (byte) c;
    }
  }

  private void number(int value) {
    ascii(Integer.toString(value));
  }

  private void room(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }

  private static String reason(int status) {
    return switch (status) {
      case 200 -> "OK";
      case 400 -> "Bad Request";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 411 -> "Length Required";
      case 413 -> "Content Too Large";
      case 414 -> "URI Too Long";
      case 426 -> "Upgrade Required";
      case 431 -> "Request Header Fields Too Large";
      case 500 -> "Internal Server Error";
      case 501 -> "Not Implemented";
      case 503 -> "Service Unavailable";
      case 505 -> "HTTP Version Not Supported";
      default -> status < 400 ? "Success" : status < 500 ? "Client Error" : "Server Error";
    };
  }
}

package dev.gantry.wire.eventstream;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.CRC32;

/// Writes messages of an event stream (Smithy, "Amazon Event Stream Specification"):
///
///     total length      4 bytes, of the whole message
///     headers length    4 bytes
///     prelude CRC       4 bytes, CRC-32 of the eight before
///     headers           each: length of its name (1), name, type (1), value
///     payload
///     message CRC       4 bytes, CRC-32 of everything before
///
/// Numbers are big-endian. Of the types of headers only text is written: 7, its length (2), UTF-8.
public final class EventStream {
  /// The media type of a body of such messages.
  public static final String CONTENT_TYPE = "application/vnd.amazon.eventstream";

  /// The first event of an operation whose protocol is RPC: its payload is the operation's output.
  public static final String INITIAL_RESPONSE = "initial-response";

  /// The largest payload of a message: what the SDKs take (botocore's eventstream.py).
  public static final int MAX_PAYLOAD_BYTES = 24 * 1024 * 1024;

  private static final int PRELUDE_BYTES = 12;
  private static final int CRC_BYTES = 4;
  private static final byte TEXT = 7;
  private static final int MAX_NAME_BYTES = 255;
  private static final int MAX_VALUE_BYTES = 0x7fff;

  private EventStream() {}

  /// An event.
  ///
  /// @param type the name of the union's member that it is
  /// @param contentType of the payload
  /// @throws IllegalArgumentException if the payload is too long
  public static byte[] event(String type, String contentType, byte[] payload) {
    return message(":event-type", type, contentType, "event", payload);
  }

  /// An error that the stream's model has; the stream ends with it.
  ///
  /// @param type the shape's name
  public static byte[] exception(String type, String contentType, byte[] payload) {
    return message(":exception-type", type, contentType, "exception", payload);
  }

  private static byte[] message(
      String typeHeader, String type, String contentType, String messageType, byte[] payload) {
    return message(
        new Header[] {
          new Header(typeHeader, type),
          new Header(":content-type", contentType),
          new Header(":message-type", messageType)
        },
        payload);
  }

  /// A message of any headers, in the order of the map.
  ///
  /// @throws IllegalArgumentException if a header or the payload is too long
  static byte[] message(Map<String, String> headers, byte[] payload) {
    return message(
        headers.entrySet().stream()
            .map(entry -> new Header(entry.getKey(), entry.getValue()))
            .toArray(Header[]::new),
        payload);
  }

  private static byte[] message(Header[] headers, byte[] payload) {
    if (payload.length > MAX_PAYLOAD_BYTES) {
      throw new IllegalArgumentException("a payload of " + payload.length + " bytes");
    }
    int headersLength = 0;
    for (Header header : headers) {
      headersLength += header.size();
    }
    int length = PRELUDE_BYTES + headersLength + payload.length + CRC_BYTES;
    byte[] bytes = new byte[length];
    ByteBuffer out = ByteBuffer.wrap(bytes);
    out.putInt(length).putInt(headersLength);
    out.putInt(crc(bytes, out.position()));
    for (Header header : headers) {
      header.put(out);
    }
    out.put(payload);
    out.putInt(crc(bytes, out.position()));
    return bytes;
  }

  /// Of the first so many bytes.
  private static int crc(byte[] bytes, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  private record Header(byte[] name, byte[] value) {
    Header(String name, String value) {
      this(name.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8));
    }

    Header {
      if (name.length == 0 || name.length > MAX_NAME_BYTES || value.length > MAX_VALUE_BYTES) {
        throw new IllegalArgumentException(
            "a header of " + name.length + " and " + value.length + " bytes");
      }
    }

    int size() {
      return 1 + name.length + 1 + 2 + value.length;
    }

    void put(ByteBuffer out) {
      out.put((byte) name.length).put(name).put(TEXT).putShort((short) value.length).put(value);
    }
  }
}

package dev.gantry.wire.eventstream;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;

/// A message of an event stream, read back: lengths and checksums must be right.
///
/// @param headers of text, in their order
public record Message(Map<String, String> headers, String payload) {

  /// The one message that these bytes are.
  public static Message of(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    require(in.getInt() == bytes.length, "the length of the message");
    int headersLength = in.getInt();
    require(in.getInt() == crc(bytes, 8), "the checksum of the prelude");
    int end = in.position() + headersLength;
    Map<String, String> headers = new LinkedHashMap<>();
    while (in.position() < end) {
      String name = text(in, in.get() & 0xff);
      require(in.get() == 7, "the type of " + name);
      headers.put(name, text(in, in.getShort() & 0xffff));
    }
    require(in.position() == end, "the length of the headers");
    String payload = text(in, bytes.length - end - 4);
    require(in.getInt() == crc(bytes, bytes.length - 4), "the checksum of the message");
    return new Message(headers, payload);
  }

  private static String text(ByteBuffer in, int length) {
    byte[] text = new byte[length];
    in.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private static int crc(byte[] bytes, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  private static void require(boolean right, String what) {
    if (!right) {
      throw new AssertionError("wrong: " + what);
    }
  }
}

package dev.gantry.wire.auth;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A growing byte array that is written once a request and then used again.
///
/// A canonical request is mostly copied ASCII; writing it straight into bytes spares a
/// StringBuilder, a String and an encoder for each of them.
final class ByteSink {
  private static final int FIRST_CAPACITY = 2_048;
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] UPPER_HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

  private byte[] bytes = new byte[FIRST_CAPACITY];
  private int size;

  byte[] array() {
    return bytes;
  }

  int size() {
    return size;
  }

  void clear() {
    size = 0;
  }

  int capacity() {
    return bytes.length;
  }

  void put(int octet) {
    if (size == bytes.length) {
      bytes = Arrays.copyOf(bytes, size * 2);
    }
    bytes[size++] = (byte) octet;
  }

  /// Text as UTF-8.
  void text(String text) {
    text(text, 0, text.length());
  }

  /// A part of a text as UTF-8.
  void text(String text, int from, int to) {
    room(to - from);
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        put(text.substring(i, to).getBytes(StandardCharsets.UTF_8));
        return;
      }
      bytes[size++] = (byte) c;
    }
  }

  /// ASCII text in lower case.
  void lower(String text, int from, int to) {
    room(to - from);
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      bytes[size++] = (byte) (c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
  }

  /// Octets as they are.
  void put(byte[] octets) {
    room(octets.length);
    System.arraycopy(octets, 0, bytes, size, octets.length);
    size += octets.length;
  }

  /// Octets as lower-case hexadecimal digits.
  void hex(byte[] octets) {
    room(octets.length * 2);
    for (byte octet : octets) {
      bytes[size++] = HEX[(octet >> 4) & 0xf];
      bytes[size++] = HEX[octet & 0xf];
    }
  }

  /// One octet as AWS's `UriEncode` writes it: RFC 3986's unreserved characters stay, everything
  /// else becomes `%XX` in upper case.
  void encoded(int octet) {
    if (isUnreserved(octet)) {
      put(octet);
    } else {
      put('%');
      put(UPPER_HEX[(octet >> 4) & 0xf]);
      put(UPPER_HEX[octet & 0xf]);
    }
  }

  private void room(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }

  private static boolean isUnreserved(int octet) {
    return (octet >= 'a' && octet <= 'z')
        || (octet >= 'A' && octet <= 'Z')
        || (octet >= '0' && octet <= '9')
        || octet == '-'
        || octet == '_'
        || octet == '.'
        || octet == '~';
  }
}

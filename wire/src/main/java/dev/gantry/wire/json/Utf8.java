package dev.gantry.wire.json;

/// What must be known of a body's bytes before a JSON parser may read them.
///
/// The parser would guess UTF-16 from zero bytes and let some overlong or surrogate sequences pass;
/// AWS speaks UTF-8 only, and text that is not valid Unicode could not be written back.
final class Utf8 {
  private Utf8() {}

  /// What a scan found.
  enum Finding {
    /// Valid UTF-8 without zero bytes or a byte order mark.
    PLAIN,
    /// The same, with an escape of D800 to DFFF (or D000 to D7FF), that may be half of a surrogate
    /// pair.
    SURROGATE_ESCAPES,
    /// Not UTF-8, or with a byte that no JSON text holds.
    INVALID
  }

  /// Scans all bytes once.
  static Finding scan(byte[] bytes) {
    int length = bytes.length;
    Finding finding = Finding.PLAIN;
    int i = 0;
    while (i < length) {
      int first = bytes[i];
      if (first > 0) {
        if (first == '\\' && escapesSurrogate(bytes, i)) {
          finding = Finding.SURROGATE_ESCAPES;
        }
        i++;
        continue;
      }
      int size = sequenceSize(bytes, i);
      if (size == 0) {
        return Finding.INVALID;
      }
      i += size;
    }
    return finding;
  }

  private static boolean escapesSurrogate(byte[] bytes, int i) {
    return i + 2 < bytes.length && bytes[i + 1] == 'u' && (bytes[i + 2] | 0x20) == 'd';
  }

  /// The length of the well-formed sequence of two to four bytes at `i`, or 0 if there is none:
  /// table 3-7 of the Unicode standard.
  private static int sequenceSize(byte[] bytes, int i) {
    int first = bytes[i] & 0xff;
    if (first >= 0xc2 && first <= 0xdf) {
      return continues(bytes, i, 2, 0x80, 0xbf) ? 2 : 0;
    }
    if (first >= 0xe0 && first <= 0xef) {
      int low = first == 0xe0 ? 0xa0 : 0x80;
      int high = first == 0xed ? 0x9f : 0xbf;
      boolean mark =
          first == 0xef && i == 0 && bytes.length > 2 && bytes[1] == -0x45 && bytes[2] == -0x41;
      return !mark && continues(bytes, i, 3, low, high) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
      int low = first == 0xf0 ? 0x90 : 0x80;
      int high = first == 0xf4 ? 0x8f : 0xbf;
      return continues(bytes, i, 4, low, high) ? 4 : 0;
    }
    return 0;
  }

  /// Whether the second byte is within bounds and the others continue.
  private static boolean continues(byte[] bytes, int i, int size, int low, int high) {
    if (i + size > bytes.length) {
      return false;
    }
    int second = bytes[i + 1] & 0xff;
    if (second < low || second > high) {
      return false;
    }
    for (int k = i + 2; k < i + size; k++) {
      if ((bytes[k] & 0xc0) != 0x80) {
        return false;
      }
    }
    return true;
  }

  /// Whether `text` has half of a surrogate pair.
  static boolean hasLoneSurrogate(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        if (Character.isLowSurrogate(c)
            || i + 1 == text.length()
            || !Character.isLowSurrogate(text.charAt(i + 1))) {
          return true;
        }
        i++;
      }
    }
    return false;
  }

  /// The text with U+FFFD for each half of a surrogate pair that stands alone; the same object when
  /// there is none.
  static String wellFormed(String text) {
    if (!hasLoneSurrogate(text)) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(point ->
            out.appendCodePoint(
                point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE
                    ? 0xfffd
                    : point));
    return out.toString();
  }
}

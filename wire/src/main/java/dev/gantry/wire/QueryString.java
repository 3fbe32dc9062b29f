package dev.gantry.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A query string taken apart, for signatures (which need the very octets) and for handlers (which
/// want text).
///
/// `%XX` becomes the octet, `+` a blank, and a `%` that begins no octet stays itself. Parameters
/// keep their order; a name without `=` has the empty value; empty parts between `&` are dropped.
public final class QueryString {
  private QueryString() {}

  /// One parameter, decoded.
  ///
  /// @param nameOctets the name's octets
  /// @param valueOctets the value's octets
  public record Parameter(byte[] nameOctets, byte[] valueOctets) {
    /// The name as UTF-8 text.
    public String name() {
      return new String(nameOctets, StandardCharsets.UTF_8);
    }

    /// The value as UTF-8 text.
    public String value() {
      return new String(valueOctets, StandardCharsets.UTF_8);
    }
  }

  /// The parameters of `query` as sent, in order; null has none.
  public static List<Parameter> parse(@Nullable String query) {
    List<Parameter> parameters = new ArrayList<>();
    if (query == null) {
      return parameters;
    }
    int from = 0;
    while (from <= query.length()) {
      int ampersand = query.indexOf('&', from);
      int to = ampersand < 0 ? query.length() : ampersand;
      if (to > from) {
        int equals = query.indexOf('=', from);
        boolean hasValue = equals >= 0 && equals < to;
        parameters.add(
            new Parameter(
                decode(query.substring(from, hasValue ? equals : to), true),
                hasValue ? decode(query.substring(equals + 1, to), true) : new byte[0]));
      }
      from = to + 1;
    }
    return parameters;
  }

  /// A path as sent, percent-decoded into UTF-8 text; `+` stays.
  public static String decodePath(String path) {
    return path.indexOf('%') < 0 ? path : new String(decode(path, false), StandardCharsets.UTF_8);
  }

  private static byte[] decode(String text, boolean plusIsBlank) {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    int size = 0;
    for (int i = 0; i < octets.length; i++) {
      int octet = octets[i];
      if (octet == '%' && i + 2 < octets.length) {
        int high = Character.digit(octets[i + 1], 16);
        int low = Character.digit(octets[i + 2], 16);
        if (high >= 0 && low >= 0) {
          octet = (high << 4) | low;
          i += 2;
        }
      } else if (octet == '+' && plusIsBlank) {
        octet = ' ';
      }
      octets[size++] = (byte) octet;
    }
    return Arrays.copyOf(octets, size);
  }
}

package dev.gantry.control.hostile;

import dev.gantry.wire.shape.Kind;
import dev.gantry.wire.shape.Member;
import dev.gantry.wire.shape.Structure;
import dev.gantry.wire.shape.ValueType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Values that satisfy their model, so that what is wrong with a request is the one thing that is
/// meant. Where a name is known from the world that the requests meet, the value is one that exists
/// there, which leads deeper into an operation.
///
/// JSON is text here: a value is the JSON that stands for it.
final class Samples {
  private static final int MAX_FILL_CHARS = 2_100_000;
  private static final String FILL = "a";

  /// Texts of which one matches any pattern of the models, up to length: tried in this order.
  private static final List<String> CANDIDATES =
      List.of(
          "a",
          "aaaa",
          "1",
          "1.1",
          "123456789012",
          "arn:aws:kms:us-east-1:000000000000:key/a",
          "s3://aaaa",
          "https://a.com",
          "a".repeat(36));

  private final Map<String, String> known;

  /// @param known texts by member name, as `cluster`; a list's elements go by the list's name
  Samples(Map<String, String> known) {
    this.known = known;
  }

  /// A structure with its required members and those whose names are known.
  Map<String, String> structure(Structure<?> shape) {
    Map<String, String> members = new LinkedHashMap<>();
    for (int i = 0; i < shape.size(); i++) {
      Member member = shape.member(i);
      boolean exists = known.containsKey(member.name()) && scalar(member.type()) == Kind.STRING;
      if (member.required() || exists) {
        members.put(member.name(), value(member.type(), shape, i));
      }
    }
    return members;
  }

  private static Kind scalar(ValueType type) {
    return type.kind() == Kind.LIST ? type.element().kind() : type.kind();
  }

  /// A value of that type.
  String value(ValueType type, Structure<?> owner, int index) {
    return switch (type.kind()) {
      case STRING -> quoted(text(type, owner, index));
      case INTEGER, LONG ->
          Long.toString(Math.clamp(1L, Math.max(type.min(), -1L << 31), type.max()));
      case DOUBLE, FLOAT -> "1.0";
      case BOOLEAN -> "true";
      case TIMESTAMP -> "1784600000";
      case BLOB -> "\"AAAA\"";
      case DOCUMENT -> "{}";
      case LIST ->
          "["
              + String.join(
                  ",",
                  java.util.Collections.nCopies(
                      (int) Math.max(1, type.min()), value(type.element(), owner, index)))
              + "]";
      case MAP ->
          "{"
              + quoted(text(type.key(), owner, index))
              + ":"
              + value(type.element(), owner, index)
              + "}";
      case STRUCTURE -> object(structure(owner.target(index)));
    };
  }

  /// A text that satisfies its constraints, or as good as one can be made.
  String text(ValueType type, Structure<?> owner, int index) {
    if (type.isEnumerated()) {
      return owner.enumValues(index).getFirst();
    }
    String name = owner.member(index).name();
    String existing = known.get(name);
    if (existing != null && satisfies(type, existing)) {
      return existing;
    }
    for (String candidate : CANDIDATES) {
      if (satisfies(type, candidate)) {
        return candidate;
      }
    }
    return FILL.repeat(Math.clamp(type.min(), 1, MAX_FILL_CHARS));
  }

  /// A text that its pattern refuses, if there is a pattern.
  static @Nullable String mismatch(ValueType type) {
    for (String candidate : List.of("\n", "#:* \u0007", "*", "a b", "")) {
      if (type.pattern() != null && !type.pattern().matcher(candidate).matches()) {
        return candidate;
      }
    }
    return null;
  }

  private static boolean satisfies(ValueType type, String text) {
    return text.length() >= type.min()
        && text.length() <= type.max()
        && (type.pattern() == null || type.pattern().matcher(text).matches());
  }

  /// An object of these members.
  static String object(Map<String, String> members) {
    List<String> parts = new ArrayList<>();
    members.forEach((name, value) -> parts.add(quoted(name) + ":" + value));
    return "{" + String.join(",", parts) + "}";
  }

  /// The JSON of a text.
  static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ') {
        out.append("\\u%04x".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }
}

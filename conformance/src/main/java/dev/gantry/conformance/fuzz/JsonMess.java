package dev.gantry.conformance.fuzz;

import dev.gantry.wire.shape.Structure;
import dev.gantry.wire.shape.ValueType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// JSON for an operation's input that is right in most places and wrong in some, and bytes that
/// were JSON once.
final class JsonMess {
  private static final int MAX_DEPTH = 6;
  private static final int LONG_TEXT = 70_000;

  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "a",
          "..",
          "../../etc/passwd",
          "/",
          ":",
          "*",
          "-1",
          "%s%n%x%n",
          "${jndi:ldap://127.0.0.1/a}",
          "'; drop table record; --",
          "a\u0000b",
          "a\r\nX-Injected: 1",
          "\u202e\uffff",
          "\ud83d\ude80\ud83d\ude80",
          "x".repeat(256),
          "web",
          "web:1",
          "web:99999999999",
          "arn:",
          "arn:aws:ecs:us-east-1:000000000000:cluster/",
          "arn:aws:ecs:us-east-1:000000000000:cluster/default",
          "arn:aws:ecs:us-east-1:111111111111:cluster/default",
          "arn:aws:ecs:us-east-1:000000000000:task/default/0123456789abcdef0123456789abcdef",
          "arn:aws:ecs:us-east-1:000000000000:container-instance/default/x",
          "arn:aws:ecs:us-east-1:000000000000:task-definition/web:1",
          "arn:aws:logs:us-east-1:000000000000:log-group:fuzz:*");

  private static final List<String> NUMBERS =
      List.of(
          "0",
          "1",
          "-1",
          "2147483647",
          "2147483648",
          "-2147483649",
          "99999999999999",
          "9223372036854775807",
          "9223372036854775808",
          "1e999",
          "-1e999",
          "1e-999",
          "1e999999999",
          "0.1",
          "1.5",
          "1E+2",
          "9".repeat(400));

  /// Names of what the fuzzer's world has.
  private static final Map<String, String> KNOWN =
      Map.ofEntries(
          Map.entry("cluster", "default"),
          Map.entry("clusters", "default"),
          Map.entry("clusterName", "default"),
          Map.entry("family", "web"),
          Map.entry("familyPrefix", "web"),
          Map.entry("taskDefinition", "web"),
          Map.entry("taskDefinitions", "web:1"),
          Map.entry("logGroupName", "fuzz"),
          Map.entry("logStreamName", "stream"),
          Map.entry("name", "web"),
          Map.entry("image", "web"));

  private final SplittableRandom random;

  /// In how many of a hundred places something is wrong.
  private final int wildness;

  private JsonMess(SplittableRandom random, int wildness) {
    this.random = random;
    this.wildness = wildness;
  }

  /// The JSON of an input, with something wrong in about so many of a hundred places.
  static String input(SplittableRandom random, Structure<?> shape, int wildness) {
    JsonMess mess = new JsonMess(random, wildness);
    return mess.wild() ? mess.anything(0) : mess.structure(shape, 0);
  }

  /// A few bytes changed, left out, put in, doubled, or cut off.
  static byte[] mutate(SplittableRandom random, byte[] bytes) {
    byte[] now = bytes.clone();
    for (int n = 1 + random.nextInt(4); n > 0 && now.length > 0; n--) {
      int at = random.nextInt(now.length);
      int length = Math.min(now.length - at, 1 + random.nextInt(8));
      switch (random.nextInt(7)) {
        case 0 -> now[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> now[at] = (byte) random.nextInt(256);
        case 2 -> now = join(now, at, new byte[0], at + length);
        case 3 -> now = join(now, at, Arrays.copyOfRange(now, at, at + length), at);
        case 4 -> {
          byte[] noise = new byte[length];
          random.nextBytes(noise);
          now = join(now, at, noise, at);
        }
        case 5 ->
            now =
                join(
                    now,
                    at,
                    List.of("{", "}", "[", "]", "\"", "\\", ",", ":", "\\ud800", "\u0000", "1e9")
                        .get(random.nextInt(11))
                        .getBytes(StandardCharsets.UTF_8),
                    at);
        default -> now = Arrays.copyOf(now, at);
      }
    }
    return now;
  }

  private static byte[] join(byte[] bytes, int until, byte[] between, int from) {
    byte[] joined = Arrays.copyOf(bytes, until + between.length + bytes.length - from);
    System.arraycopy(between, 0, joined, until, between.length);
    System.arraycopy(bytes, from, joined, until + between.length, bytes.length - from);
    return joined;
  }

  private boolean wild() {
    return random.nextInt(100) < wildness;
  }

  private String structure(Structure<?> shape, int depth) {
    Map<String, String> members = new LinkedHashMap<>();
    for (int i = 0; i < shape.size() && depth <= MAX_DEPTH; i++) {
      boolean wanted =
          shape.member(i).required()
              || (KNOWN.containsKey(shape.member(i).name())
                  ? random.nextInt(4) != 0
                  : random.nextInt(shape.size() + 3) < 3);
      if (wanted && !wild()) {
        members.put(shape.member(i).name(), value(shape.member(i).type(), shape, i, depth));
      }
    }
    String text = object(members);
    if (wild()) {
      // An unknown member, or a known one for a second time.
      String name = shape.size() == 0 || random.nextBoolean() ? "x" : shape.member(0).name();
      String comma = members.isEmpty() ? "" : ",";
      text =
          text.substring(0, text.length() - 1) + comma + quoted(name) + ":" + anything(depth) + "}";
    }
    return text;
  }

  private String value(ValueType type, Structure<?> owner, int index, int depth) {
    if (wild()) {
      return anything(depth);
    }
    return switch (type.kind()) {
      case STRING -> {
        if (type.isEnumerated()) {
          List<String> values = owner.enumValues(index);
          yield quoted(values.get(random.nextInt(values.size())));
        }
        String known = KNOWN.get(owner.member(index).name());
        yield quoted(known != null && random.nextInt(5) != 0 ? known : text());
      }
      case INTEGER, LONG, DOUBLE, FLOAT -> number();
      case TIMESTAMP -> random.nextBoolean() ? number() : "1784600000.25";
      case BOOLEAN -> Boolean.toString(random.nextBoolean());
      case BLOB -> "\"AAAA\"";
      case DOCUMENT -> anything(depth);
      case LIST -> {
        List<String> elements = new ArrayList<>();
        for (int n = wild() ? random.nextInt(300) : random.nextInt(4); n > 0; n--) {
          elements.add(value(type.element(), owner, index, depth + 1));
        }
        yield "[" + String.join(",", elements) + "]";
      }
      case MAP -> {
        Map<String, String> entries = new LinkedHashMap<>();
        for (int n = random.nextInt(4); n > 0; n--) {
          entries.put(text(), value(type.element(), owner, index, depth + 1));
        }
        yield object(entries);
      }
      case STRUCTURE -> structure(owner.target(index), depth + 1);
    };
  }

  /// Any JSON at all.
  private String anything(int depth) {
    int last = depth > MAX_DEPTH ? 6 : 10;
    return switch (random.nextInt(last)) {
      case 0 -> "null";
      case 1 -> "true";
      case 2 -> number();
      case 3, 4 -> quoted(text());
      case 5 -> random.nextBoolean() ? "[]" : "{}";
      case 6 -> "[" + anything(depth + 1) + "," + anything(depth + 1) + "]";
      case 7 -> "{" + quoted(text()) + ":" + anything(depth + 1) + "}";
      case 8 -> {
        int levels = random.nextInt(200);
        yield "[".repeat(levels) + "]".repeat(levels);
      }
      default -> {
        int levels = random.nextInt(200);
        yield "{\"a\":".repeat(levels) + "1" + "}".repeat(levels);
      }
    };
  }

  private String number() {
    return random.nextInt(3) == 0
        ? NUMBERS.get(random.nextInt(NUMBERS.size()))
        : Integer.toString(random.nextInt(4_000));
  }

  private String text() {
    return switch (random.nextInt(400)) {
      case 0 -> "x".repeat(random.nextInt(LONG_TEXT));
      case 1, 2, 3, 4 -> "n" + random.nextInt(1_000);
      default -> TEXTS.get(random.nextInt(TEXTS.size()));
    };
  }

  private static String object(Map<String, String> members) {
    List<String> parts = new ArrayList<>();
    members.forEach((name, value) -> parts.add(quoted(name) + ":" + value));
    return "{" + String.join(",", parts) + "}";
  }

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

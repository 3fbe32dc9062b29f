package dev.gantry.control.hostile;

import dev.gantry.control.hostile.BadInput.Wanted;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.shape.Kind;
import dev.gantry.wire.shape.Member;
import dev.gantry.wire.shape.Structure;
import dev.gantry.wire.shape.ValueType;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Makes, from an operation's input shape, every request that breaks exactly one thing: each
/// constraint of each member, each JSON type in each place, sizes, numbers, bytes, and texts that
/// the model allows and a programmer may not have thought of.
final class BadInputs {
  /// Texts for places that take any: names of what is not there, ARNs of the wrong kind, account
  /// and region, ways out of where they are put together with other text.
  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          ".",
          "..",
          "/",
          ":",
          "*",
          "-1",
          "0",
          "a/b/c",
          "../../etc/passwd",
          "%s%n%x",
          "${jndi:ldap://a}",
          "'; drop table record; --",
          "a\u0000b",
          "a\r\nX-Injected: 1",
          "\u202e\ufeff\uffff",
          "\ud83d\ude80".repeat(64),
          "web:0",
          "web:-1",
          "web:99999999999",
          "web:1:2",
          "none",
          "arn:",
          "arn:aws:ecs",
          "arn:::::::",
          "arn:aws:ecs:us-east-1:000000000000:",
          "arn:aws:ecs:us-east-1:000000000000:cluster/",
          "arn:aws:ecs:us-east-1:000000000000:cluster/none",
          "arn:aws:ecs:us-east-1:111111111111:cluster/default",
          "arn:aws:ecs:eu-west-1:000000000000:cluster/default",
          "arn:aws:ecs:us-east-1:000000000000:task/default/0123456789abcdef0123456789abcdef",
          "arn:aws:ecs:us-east-1:000000000000:task/a/b/c/d",
          "arn:aws:ecs:us-east-1:000000000000:container-instance/default/x",
          "arn:aws:ecs:us-east-1:000000000000:task-definition/web:1",
          "arn:aws:ecs:us-east-1:000000000000:task-definition/web:x",
          "arn:aws:ecs:us-east-1:000000000000:service/default/web",
          "arn:aws:logs:us-east-1:000000000000:log-group:group:*",
          "arn:aws:logs:us-east-1:000000000000:log-group:group:log-stream:stream",
          "arn:aws:logs:us-east-1:000000000000:log-group:",
          "arn:aws:logs:us-east-1:000000000000:destination:x",
          "x".repeat(255),
          "x".repeat(256),
          "x".repeat(100_000));

  private static final List<String> NUMBERS =
      List.of(
          "0",
          "-1",
          "1",
          "65535",
          "65536",
          "2147483647",
          "-2147483648",
          "2147483648",
          "99999999999999",
          "9007199254740993",
          "9223372036854775807",
          "-9223372036854775808",
          "9223372036854775808",
          "1e9",
          "1e999",
          "-1e999",
          "1e-999",
          "1e999999999",
          "1.5",
          "-0",
          "-0.0");

  private static final int LONG_LIST = 2_000;
  private static final int MAX_FILL = 1_000_000;
  private static final int MAX_LEVELS = 16;

  private final Samples samples;
  private final List<BadInput> all = new ArrayList<>();

  private BadInputs(Samples samples) {
    this.samples = samples;
  }

  /// All of them for one input shape.
  static List<BadInput> of(Structure<?> input, Samples samples) {
    BadInputs made = new BadInputs(samples);
    made.whole(input);
    made.structure(input, "", UnaryOperator.identity(), new TreeSet<>());
    return made.all;
  }

  private void add(String what, String body, Wanted wanted) {
    all.add(BadInput.of(what, body, wanted));
  }

  /// What can be wrong with a body before its members are looked at.
  private void whole(Structure<?> input) {
    String good = Samples.object(samples.structure(input));
    add("nothing wrong", good, Wanted.ORDERLY);
    add("no body", "", Wanted.ORDERLY);
    add("an empty object", "{}", Wanted.ORDERLY);
    add("white space", " \r\n\t", Wanted.ORDERLY);
    for (String other : List.of("null", "[]", "[{}]", "\"text\"", "12", "true")) {
      add("another type: " + other, other, Wanted.MALFORMED);
    }
    String open = good.substring(0, good.length() - 1);
    String comma = good.length() > 2 ? "," : "";
    for (String broken :
        List.of(
            "{",
            "}",
            "{]",
            "{\"",
            "{\"a",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{'a':1}",
            "{a:1}",
            "{\"a\":01}",
            "{\"a\":.5}",
            "{\"a\":+1}",
            "{\"a\":0x10}",
            "{\"a\":NaN}",
            "{\"a\":Infinity}",
            "{\"a\":tru}",
            "{\"a\":\"\\x\"}",
            "{\"a\":\"\\u12\"}",
            "{\"a\":\"\n\"}",
            "{\"a\":\"\u0000\"}",
            "/* */{}",
            "{}//",
            "{}{}",
            "{},",
            "\ufeff{}")) {
      add("not JSON: " + broken, broken, Wanted.MALFORMED);
    }
    add("cut off", open, Wanted.MALFORMED);
    add("twice", good + good, Wanted.MALFORMED);
    for (int levels : new int[] {AwsJson.MAX_NESTING + 1, 1_000, 100_000}) {
      add(
          levels + " lists in an unknown member",
          open + comma + "\"x\":" + "[".repeat(levels) + "]".repeat(levels) + "}",
          Wanted.MALFORMED);
      add(
          levels + " objects in an unknown member",
          open + comma + "\"x\":" + "{\"x\":".repeat(levels) + "1" + "}".repeat(levels) + "}",
          Wanted.MALFORMED);
    }
    add(
        "more tokens than are read",
        open
            + comma
            + "\"x\":["
            + String.join(",", Collections.nCopies(AwsJson.MAX_TOKENS, "1"))
            + "]}",
        Wanted.MALFORMED);
    add(
        "a long unknown name",
        open + comma + Samples.quoted("x".repeat(AwsJson.MAX_NAME_CHARS + 1)) + ":1}",
        Wanted.MALFORMED);
    add(
        "an unknown member with a long number",
        open + comma + "\"x\":" + "9".repeat(AwsJson.MAX_NUMBER_CHARS + 1) + "}",
        Wanted.ORDERLY);
    add(
        "a thousand unknown members",
        open + comma + String.join(",", Collections.nCopies(1_000, "\"x\":{}")) + "}",
        Wanted.ORDERLY);
    all.add(new BadInput("UTF-16", good.getBytes(StandardCharsets.UTF_16), Wanted.MALFORMED));
    all.add(new BadInput("UTF-16LE", good.getBytes(StandardCharsets.UTF_16LE), Wanted.MALFORMED));
    for (byte[] sequence : notUtf8()) {
      all.add(
          new BadInput(
              "not UTF-8 in an unknown name",
              join(open + comma + "\"", sequence, "\":1}"),
              Wanted.MALFORMED));
    }
  }

  /// Everything about the members of one structure.
  ///
  /// @param path where the structure stands, for people
  /// @param outer puts a structure's JSON into the whole body
  /// @param above the names of the structures around it; shapes recurse
  private void structure(
      Structure<?> shape, String path, UnaryOperator<String> outer, Set<String> above) {
    if (above.contains(shape.name()) || above.size() >= MAX_LEVELS) {
      return;
    }
    Set<String> within = new TreeSet<>(above);
    within.add(shape.name());
    Map<String, String> base = samples.structure(shape);
    for (int i = 0; i < shape.size(); i++) {
      Member member = shape.member(i);
      String at = path.isEmpty() ? member.name() : path + "." + member.name();
      if (member.required()) {
        Map<String, String> without = new LinkedHashMap<>(base);
        without.remove(member.name());
        add(at + ": missing", outer.apply(Samples.object(without)), Wanted.INVALID);
        without.put(member.name(), "null");
        add(at + ": null", outer.apply(Samples.object(without)), Wanted.INVALID);
      }
      UnaryOperator<String> place =
          value -> {
            Map<String, String> with = new LinkedHashMap<>(base);
            with.put(member.name(), value);
            return outer.apply(Samples.object(with));
          };
      if (!member.required()) {
        add(at + ": null", place.apply("null"), Wanted.ORDERLY);
      }
      value(member.type(), shape, i, at, place, within);
    }
  }

  private void value(
      ValueType type,
      Structure<?> owner,
      int index,
      String at,
      UnaryOperator<String> place,
      Set<String> within) {
    types(type, at, place);
    bounds(type, owner, index, at, place);
    switch (type.kind()) {
      case STRING -> texts(type, owner, index, at, place);
      case INTEGER, LONG, DOUBLE, FLOAT, TIMESTAMP -> numbers(type, at, place);
      case LIST -> {
        UnaryOperator<String> inList = value -> place.apply("[" + value + "]");
        add(at + "[]: null", inList.apply("null"), Wanted.MALFORMED);
        String sample = samples.value(type.element(), owner, index);
        // Past its own bound it must be refused; how is looked at where bounds are.
        add(
            at + ": a long list",
            place.apply("[" + String.join(",", Collections.nCopies(LONG_LIST, sample)) + "]"),
            LONG_LIST > type.max() ? Wanted.INVALID : Wanted.ORDERLY);
        add(
            at + ": the same twice",
            place.apply("[" + sample + "," + sample + "]"),
            2 > type.max() ? Wanted.INVALID : Wanted.ORDERLY);
        value(type.element(), owner, index, at + "[]", inList, within);
      }
      case MAP -> {
        String key = Samples.quoted(samples.text(type.key(), owner, index));
        String sample = samples.value(type.element(), owner, index);
        add(at + "{}: null", place.apply("{" + key + ":null}"), Wanted.MALFORMED);
        add(
            at + ": a long key",
            place.apply(
                "{" + Samples.quoted("x".repeat(AwsJson.MAX_NAME_CHARS + 1)) + ":" + sample + "}"),
            Wanted.MALFORMED);
        for (String text : TEXTS) {
          if (text.length() <= AwsJson.MAX_NAME_CHARS) {
            add(
                at + ": a key " + text,
                place.apply("{" + Samples.quoted(text) + ":" + sample + "}"),
                Wanted.ORDERLY);
          }
        }
        value(
            type.element(),
            owner,
            index,
            at + "{}",
            value -> place.apply("{" + key + ":" + value + "}"),
            within);
      }
      case STRUCTURE -> structure(owner.target(index), at, place, within);
      case BOOLEAN -> add(at + ": false", place.apply("false"), Wanted.ORDERLY);
      case BLOB -> add(at + ": not Base64", place.apply("\"***\""), Wanted.MALFORMED);
      case DOCUMENT -> {
        for (String open : List.of("[1,{\"a\":null}]", "\"text\"", "1e999", "false")) {
          add(at + ": " + open, place.apply(open), Wanted.ORDERLY);
        }
      }
    }
  }

  private void types(ValueType type, String at, UnaryOperator<String> place) {
    if (type.kind() == Kind.DOCUMENT) {
      return;
    }
    record Typed(String what, String json, List<Kind> kinds) {}
    List<Kind> whole = List.of(Kind.INTEGER, Kind.LONG, Kind.DOUBLE, Kind.FLOAT, Kind.TIMESTAMP);
    List<Kind> broken = List.of(Kind.DOUBLE, Kind.FLOAT, Kind.TIMESTAMP);
    for (Typed typed :
        List.of(
            new Typed("a string", "\"text\"", List.of(Kind.STRING, Kind.BLOB)),
            new Typed("a number in a string", "\"12\"", List.of(Kind.STRING, Kind.BLOB)),
            new Typed("a number", "12", whole),
            new Typed("a fraction", "12.5", broken),
            new Typed("true", "true", List.of(Kind.BOOLEAN)),
            new Typed("a list", "[]", List.of(Kind.LIST)),
            new Typed("lists in lists", "[[[[]]]]", List.of()),
            new Typed("an object", "{}", List.of(Kind.MAP, Kind.STRUCTURE)))) {
      if (!typed.kinds().contains(type.kind())) {
        add(at + ": " + typed.what(), place.apply(typed.json()), Wanted.MALFORMED);
      }
    }
  }

  private void bounds(
      ValueType type, Structure<?> owner, int index, String at, UnaryOperator<String> place) {
    boolean number = type.kind().isNumber();
    if (type.min() != ValueType.NO_MIN && (number || type.min() > 0)) {
      String below = sized(type, owner, index, type.min() - 1);
      if (below != null) {
        add(at + ": below its bound", place.apply(below), Wanted.INVALID);
      }
    }
    if (type.max() != ValueType.NO_MAX && type.max() < MAX_FILL) {
      String above = sized(type, owner, index, type.max() + 1);
      if (above != null) {
        add(at + ": above its bound", place.apply(above), Wanted.INVALID);
      }
    }
    if (type.kind() == Kind.STRING) {
      String mismatch = Samples.mismatch(type);
      if (mismatch != null) {
        add(at + ": against its pattern", place.apply(Samples.quoted(mismatch)), Wanted.INVALID);
      }
      if (type.isEnumerated()) {
        add(at + ": not of its enum", place.apply("\"No Such Value\""), Wanted.INVALID);
      }
    }
  }

  /// A value of that length or size, or that number.
  private @Nullable String sized(ValueType type, Structure<?> owner, int index, long size) {
    return switch (type.kind()) {
      case STRING -> Samples.quoted("a".repeat((int) size));
      case INTEGER -> size == (int) size ? Long.toString(size) : null;
      case LONG, DOUBLE, FLOAT -> Long.toString(size);
      case LIST ->
          "["
              + String.join(
                  ",", Collections.nCopies((int) size, samples.value(type.element(), owner, index)))
              + "]";
      case MAP -> {
        Map<String, String> entries = new LinkedHashMap<>();
        for (int i = 0; i < size; i++) {
          entries.put("k" + i, samples.value(type.element(), owner, index));
        }
        yield Samples.object(entries);
      }
      case BLOB, BOOLEAN, TIMESTAMP, DOCUMENT, STRUCTURE -> null;
    };
  }

  private void texts(
      ValueType type, Structure<?> owner, int index, String at, UnaryOperator<String> place) {
    for (String text : TEXTS) {
      add(at + ": the text " + shown(text), place.apply(Samples.quoted(text)), Wanted.ORDERLY);
    }
    if (type.isEnumerated()) {
      for (String each : owner.enumValues(index)) {
        add(at + ": the enum's " + each, place.apply(Samples.quoted(each)), Wanted.ORDERLY);
      }
    }
    add(at + ": half a surrogate pair", place.apply("\"\\ud800\""), Wanted.MALFORMED);
    add(at + ": the wrong half", place.apply("\"\\udc00\\ud800\""), Wanted.MALFORMED);
    String marker = "\u0001here\u0001";
    String[] around = place.apply("\"" + marker + "\"").split(marker, 2);
    for (byte[] sequence : notUtf8()) {
      all.add(
          new BadInput(at + ": not UTF-8", join(around[0], sequence, around[1]), Wanted.MALFORMED));
    }
  }

  private void numbers(ValueType type, String at, UnaryOperator<String> place) {
    for (String number : NUMBERS) {
      double value = Double.parseDouble(number);
      Wanted wanted =
          switch (type.kind()) {
            case INTEGER ->
                value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE + 1.0
                    ? Wanted.MALFORMED
                    : Wanted.ORDERLY;
            case LONG ->
                value != Math.rint(value) || Double.isInfinite(value)
                    ? Wanted.MALFORMED
                    : Wanted.ORDERLY;
            case TIMESTAMP ->
                Math.abs(value) > AwsJson.MAX_EPOCH_SECONDS ? Wanted.MALFORMED : Wanted.ORDERLY;
            default -> Double.isInfinite(value) ? Wanted.MALFORMED : Wanted.ORDERLY;
          };
      if (number.equals("2147483648") && type.kind() == Kind.INTEGER) {
        wanted = Wanted.MALFORMED;
      }
      if (number.equals("9223372036854775808") && type.kind() == Kind.LONG) {
        wanted = Wanted.MALFORMED;
      }
      // 1e-999 is 0 to a double.
      add(at + ": the number " + number, place.apply(number), wanted);
    }
  }

  /// Overlong, surrogate, cut off, beyond Unicode, never a byte of UTF-8.
  private static List<byte[]> notUtf8() {
    return List.of(
        new byte[] {(byte) 0xc0, (byte) 0x80},
        new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
        new byte[] {(byte) 0xe2, (byte) 0x82},
        new byte[] {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
        new byte[] {(byte) 0x80},
        new byte[] {(byte) 0xff});
  }

  private static byte[] join(String before, byte[] between, String after) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(before.getBytes(StandardCharsets.UTF_8));
    out.writeBytes(between);
    out.writeBytes(after.getBytes(StandardCharsets.UTF_8));
    return out.toByteArray();
  }

  private static String shown(String text) {
    return text.length() > 60 ? text.length() + " characters" : Samples.quoted(text);
  }

  /// One request with a few members, each good, odd or wrong: what no list of single faults finds.
  static BadInput random(Structure<?> input, Samples samples, SplittableRandom random) {
    return BadInput.of(
        "a random input", new Wild(samples, random).structure(input, 0), Wanted.ORDERLY);
  }

  /// Makes values at random.
  private record Wild(Samples samples, SplittableRandom random) {
    private static final int MAX_DEPTH = 6;

    String structure(Structure<?> shape, int depth) {
      Map<String, String> members = new LinkedHashMap<>(samples.structure(shape));
      int count = Math.min(shape.size(), random.nextInt(6));
      for (int n = 0; n < count && depth < MAX_DEPTH; n++) {
        int i = random.nextInt(shape.size());
        members.put(shape.member(i).name(), value(shape.member(i).type(), shape, i, depth + 1));
      }
      return Samples.object(members);
    }

    private String value(ValueType type, Structure<?> owner, int index, int depth) {
      if (random.nextInt(40) == 0) {
        return List.of("null", "{}", "[]", "1", "\"\"", "true").get(random.nextInt(6));
      }
      return switch (type.kind()) {
        case STRING -> {
          if (type.isEnumerated()) {
            List<String> values = owner.enumValues(index);
            yield Samples.quoted(values.get(random.nextInt(values.size())));
          }
          yield Samples.quoted(
              random.nextInt(3) == 0
                  ? TEXTS.get(random.nextInt(TEXTS.size() - 1))
                  : samples.text(type, owner, index));
        }
        case INTEGER, LONG, DOUBLE, FLOAT, TIMESTAMP ->
            random.nextBoolean()
                ? NUMBERS.get(random.nextInt(NUMBERS.size()))
                : samples.value(type, owner, index);
        case BOOLEAN -> Boolean.toString(random.nextBoolean());
        case BLOB, DOCUMENT -> samples.value(type, owner, index);
        case LIST -> {
          List<String> elements = new ArrayList<>();
          for (int n = random.nextInt(4); n > 0; n--) {
            elements.add(value(type.element(), owner, index, depth + 1));
          }
          yield "[" + String.join(",", elements) + "]";
        }
        case MAP ->
            "{"
                + Samples.quoted(TEXTS.get(random.nextInt(TEXTS.size() - 1)))
                + ":"
                + value(type.element(), owner, index, depth + 1)
                + "}";
        case STRUCTURE -> structure(owner.target(index), depth);
      };
    }
  }
}

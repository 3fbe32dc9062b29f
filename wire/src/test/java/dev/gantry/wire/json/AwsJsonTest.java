package dev.gantry.wire.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.gantry.wire.shape.Blob;
import dev.gantry.wire.shape.Document;
import dev.gantry.wire.shape.Sample;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What goes over the wire, and what may come.
class AwsJsonTest {
  private static final Sample EMPTY = Sample.SHAPE.create(new Object[Sample.SHAPE.size()]);

  /// Each JSON text and the member it sets; both directions.
  static Stream<Arguments> bothWays() {
    return Stream.of(
        arguments("text", "\"\"", ""),
        arguments("text", "\"a\\\"\\\\\\n\\u0001é😀\"", "a\"\\\n\u0001é\uD83D\uDE00"),
        arguments("number", "-2147483648", Integer.MIN_VALUE),
        arguments("big", "9223372036854775807", Long.MAX_VALUE),
        arguments("fraction", "1.5", 1.5),
        arguments("fraction", "\"NaN\"", Double.NaN),
        arguments("fraction", "\"-Infinity\"", Double.NEGATIVE_INFINITY),
        arguments("small", "0.1", 0.1f),
        arguments("flag", "false", false),
        arguments("time", "1784600000", Instant.ofEpochSecond(1784600000)),
        arguments("time", "1784600000.123", Instant.ofEpochMilli(1784600000123L)),
        arguments("time", "1784600000.12", Instant.ofEpochMilli(1784600000120L)),
        arguments("time", "1784600000.001", Instant.ofEpochMilli(1784600000001L)),
        arguments("time", "-1.5", Instant.ofEpochMilli(-1500)),
        arguments("time", "0", Instant.EPOCH),
        arguments("bytes", "\"AQID\"", Blob.of(new byte[] {1, 2, 3})),
        arguments("open", "{\"a\":[1,null,{\"b\":\"c\"}],\"d\":1.5}", null),
        arguments("words", "[]", List.of()),
        arguments("words", "[\"a\",\"b\"]", List.of("a", "b")),
        arguments("labels", "{}", Map.of()),
        arguments("labels", "{\"a\":\"1\"}", Map.of("a", "1")),
        arguments("Child", "{}", EMPTY),
        arguments("children", "[{},{\"number\":1}]", List.of(EMPTY, EMPTY.with("number", 1))),
        arguments("groups", "{\"g\":[{}],\"a\":[]}", ordered("g", List.of(EMPTY), "a", List.of())));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource
  void bothWays(String member, String json, @Nullable Object value) {
    Object expected = value == null ? new Document(json) : value;
    String text = "{\"" + member + "\":" + json + "}";
    Sample record = EMPTY.with(member, expected);
    assertThat(AwsJson.decode(Sample.SHAPE, utf8(text))).isEqualTo(record);
    assertThat(AwsJson.decode(Sample.SHAPE, text)).isEqualTo(record);
    assertThat(AwsJson.encodeToString(Sample.SHAPE, record)).isEqualTo(text);
    assertThat(AwsJson.encode(Sample.SHAPE, record)).asString().isEqualTo(text);
  }

  /// What is read but would be written otherwise.
  static Stream<Arguments> tolerated() {
    return Stream.of(
        arguments("", EMPTY),
        arguments("  \n", EMPTY),
        arguments("{}", EMPTY),
        arguments("{\"number\":null}", EMPTY),
        arguments("{\"number\":1,\"number\":2}", EMPTY.with("number", 2)),
        arguments("{\"number\":1,\"number\":null}", EMPTY),
        arguments("{\"number\":1.0}", EMPTY.with("number", 1)),
        arguments("{\"number\":1e3}", EMPTY.with("number", 1000)),
        arguments("{\"big\":-0}", EMPTY.with("big", 0L)),
        arguments("{\"fraction\":2}", EMPTY.with("fraction", 2.0)),
        arguments("{\"fraction\":1e-999999999}", EMPTY.with("fraction", 0.0)),
        arguments("{\"time\":1.7846e9}", EMPTY.with("time", Instant.ofEpochSecond(1784600000))),
        arguments("{\"time\":1e-999999999}", EMPTY.with("time", Instant.EPOCH)),
        arguments("{\"time\":-1e-99999999999}", EMPTY.with("time", Instant.EPOCH)),
        arguments("{\"time\":0e999999999}", EMPTY.with("time", Instant.EPOCH)),
        arguments(
            "{\"time\":1.123456789}", EMPTY.with("time", Instant.ofEpochSecond(1, 123456789))),
        arguments("{\"new\":{\"a\":[1,{\"number\":7}]},\"number\":1}", EMPTY.with("number", 1)),
        arguments("{\"new\":1e999999999,\"number\":1}", EMPTY.with("number", 1)),
        arguments("{\"text\":\"\\ud83d\\ude00\"}", EMPTY.with("text", "\uD83D\uDE00")),
        arguments("{\"text\":\"\\u0064\\ud7ff\"}", EMPTY.with("text", "d\uD7FF")),
        arguments("{\"color\":\"MAUVE\"}", EMPTY.with("color", "MAUVE")),
        arguments("{\"NUMBER\":1}", EMPTY));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void tolerated(String json, Sample expected) {
    assertThat(AwsJson.decode(Sample.SHAPE, utf8(json))).isEqualTo(expected);
    assertThat(AwsJson.decode(Sample.SHAPE, json)).isEqualTo(expected);
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        // Types.
        arguments("[]", "Start of list found where not expected"),
        arguments("null", "NULL_VALUE can not be converted to a structure"),
        arguments("\"x\"", "STRING_VALUE can not be converted to a structure"),
        arguments("{\"text\":1}", "NUMBER_VALUE can not be converted to a String (at text)"),
        arguments("{\"text\":{}}", "Start of structure or map found where not expected (at text)"),
        arguments("{\"text\":true}", "TRUE_VALUE can not be converted to a String (at text)"),
        arguments(
            "{\"number\":\"1\"}", "STRING_VALUE can not be converted to an Integer (at number)"),
        arguments("{\"number\":[]}", "Start of list found where not expected (at number)"),
        arguments(
            "{\"flag\":\"true\"}", "STRING_VALUE can not be converted to a Boolean (at flag)"),
        arguments("{\"flag\":0}", "NUMBER_VALUE can not be converted to a Boolean (at flag)"),
        arguments(
            "{\"time\":\"2026-01-01T00:00:00Z\"}",
            "STRING_VALUE can not be converted to a Timestamp (at time)"),
        arguments("{\"bytes\":\"?\"}", "The text is not Base64 (at bytes)"),
        arguments("{\"words\":\"a\"}", "STRING_VALUE can not be converted to a list (at words)"),
        arguments("{\"words\":[\"a\",null]}", "A list must not hold null (at words.2.member)"),
        arguments("{\"labels\":{\"a\":null}}", "A map must not hold null (at labels.a.member)"),
        arguments("{\"labels\":[]}", "Start of list found where not expected (at labels)"),
        arguments(
            "{\"groups\":{\"g\":[{},{\"number\":\"x\"}]}}",
            "STRING_VALUE can not be converted to an Integer (at groups.g.member.2.member.number)"),
        // Numbers out of range, without unbounded work.
        arguments(
            "{\"number\":99999999999999}",
            "NUMBER_VALUE can not be converted to an Integer (at number)"),
        arguments(
            "{\"number\":2147483648}",
            "NUMBER_VALUE can not be converted to an Integer (at number)"),
        arguments(
            "{\"number\":1.5}", "NUMBER_VALUE can not be converted to an Integer (at number)"),
        arguments(
            "{\"number\":1e400}", "NUMBER_VALUE can not be converted to an Integer (at number)"),
        arguments(
            "{\"number\":1e999999999}",
            "NUMBER_VALUE can not be converted to an Integer (at number)"),
        arguments(
            "{\"number\":1e99999999999}",
            "NUMBER_VALUE can not be converted to an Integer (at number)"),
        arguments(
            "{\"big\":9223372036854775808}",
            "NUMBER_VALUE can not be converted to a Long (at big)"),
        arguments("{\"big\":1e18}", "NUMBER_VALUE can not be converted to a Long (at big)"),
        arguments(
            "{\"fraction\":1e400}", "NUMBER_VALUE can not be converted to a Double (at fraction)"),
        arguments("{\"small\":1e39}", "NUMBER_VALUE can not be converted to a Float (at small)"),
        arguments("{\"time\":1e12}", "NUMBER_VALUE can not be converted to a Timestamp (at time)"),
        arguments(
            "{\"time\":1e999999999}", "NUMBER_VALUE can not be converted to a Timestamp (at time)"),
        arguments(
            "{\"time\":-9223372036854775808}",
            "NUMBER_VALUE can not be converted to a Timestamp (at time)"),
        // Text that is not Unicode.
        arguments("{\"text\":\"\\ud83d\"}", "The text has half of a surrogate pair (at text)"),
        arguments(
            "{\"text\":\"\\ude00\\ud83d\"}", "The text has half of a surrogate pair (at text)"),
        arguments(
            "{\"open\":{\"a\":\"\\ud83d\"}}", "The text has half of a surrogate pair (at open)"),
        // Documents.
        arguments("{} {}", "Unexpected content after the end of the JSON object"),
        arguments("{}x", "The input is not valid JSON: line 1, column 3"),
        arguments("{", "The input is not valid JSON: line 1, column 2"),
        arguments("{\"number\":01}", "The input is not valid JSON: line 1, column 12"),
        arguments("{\"number\":NaN}", "The input is not valid JSON: line 1, column 14"),
        arguments("{'number':1}", "The input is not valid JSON: line 1, column 2"),
        arguments("{\"words\":[\"a\",]}", "The input is not valid JSON: line 1, column 15"),
        arguments("{\"text\":\"a\nb\"}", "The input is not valid JSON: line 1, column 11"),
        arguments("/**/{}", "The input is not valid JSON: line 1, column 1"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void refused(String json, String text) {
    assertThatExceptionOfType(MalformedInputException.class)
        .isThrownBy(() -> AwsJson.decode(Sample.SHAPE, utf8(json)))
        .satisfies(problem -> assertThat(problem.text()).isEqualTo(text));
    assertThatExceptionOfType(MalformedInputException.class)
        .isThrownBy(() -> AwsJson.decode(Sample.SHAPE, json));
  }

  /// Inputs that are large or deep on purpose, with the limit that stops each.
  static Stream<Arguments> beyondALimit() {
    return Stream.of(
        arguments("nested structures", "{\"Child\":".repeat(64) + "{}" + "}".repeat(64)),
        arguments("nested unknown lists", "{\"x\":" + "[".repeat(100_000)),
        arguments("nested open content", "{\"open\":" + "[".repeat(64) + "]".repeat(64) + "}"),
        arguments(
            "a long string", "{\"text\":\"" + "a".repeat(AwsJson.MAX_STRING_CHARS + 1) + "\"}"),
        arguments("a long name", "{\"" + "a".repeat(AwsJson.MAX_NAME_CHARS + 100) + "\":1}"),
        arguments("a long number", "{\"number\":" + "1".repeat(AwsJson.MAX_NUMBER_CHARS + 1) + "}"),
        arguments("a long fraction", "{\"time\":1." + "1".repeat(AwsJson.MAX_NUMBER_CHARS) + "}"),
        arguments("many elements", "{\"words\":[" + "\"\",".repeat(AwsJson.MAX_TOKENS) + "\"\"]}"),
        arguments("many unknown elements", "{\"x\":[" + "0,".repeat(AwsJson.MAX_TOKENS) + "0]}"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void beyondALimit(String name, String json) {
    assertThatExceptionOfType(MalformedInputException.class)
        .isThrownBy(() -> AwsJson.decode(Sample.SHAPE, utf8(json)))
        .satisfies(
            problem -> assertThat(problem.text()).startsWith("The input is beyond a limit: "));
  }

  @Test
  void theDeepestAllowedNestingIsRead() {
    String json = "{\"Child\":".repeat(63) + "{}" + "}".repeat(63);
    assertThat(AwsJson.encodeToString(Sample.SHAPE, AwsJson.decode(Sample.SHAPE, json)))
        .isEqualTo(json);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "80", // a continuation without a start
        "c080", // an overlong zero
        "c1bf", // an overlong ASCII
        "e08080", // overlong in three bytes
        "eda080", // a surrogate
        "f08080af", // overlong in four bytes
        "f4908080", // beyond U+10FFFF
        "f5808080", // beyond any
        "c3", // cut short
        "e282", // cut short
        "f09f98", // cut short
        "e28228", // not continued
        "00" // zero
      })
  void invalidUtf8IsRefusedInsideAndOutsideOfStrings(String hex) {
    for (String around :
        List.of("{\"text\":\"_\"}", "{\"new\":\"_\"}", "_{}", "{}_", "{\"_\":1}")) {
      byte[] json = splice(around, HexFormat.of().parseHex(hex));
      assertThatExceptionOfType(MalformedInputException.class)
          .isThrownBy(() -> AwsJson.decode(Sample.SHAPE, json))
          .satisfies(
              problem -> assertThat(problem.text()).isEqualTo("The input is not valid UTF-8"));
    }
  }

  @Test
  void otherEncodingsAreRefused() {
    for (byte[] json :
        List.of(
            "{}".getBytes(StandardCharsets.UTF_16LE),
            "{}".getBytes(StandardCharsets.UTF_16),
            "\uFEFF{}".getBytes(StandardCharsets.UTF_8))) {
      assertThatExceptionOfType(MalformedInputException.class)
          .isThrownBy(() -> AwsJson.decode(Sample.SHAPE, json));
    }
  }

  @Test
  void aProblemNeverTellsTheValue() {
    assertThatExceptionOfType(MalformedInputException.class)
        .isThrownBy(() -> AwsJson.decode(Sample.SHAPE, "{\"secret\":hunter2}"))
        .satisfies(problem -> assertThat(problem.toString()).doesNotContain("hunter2"));
  }

  @Test
  void brokenTextIsWrittenAsReplacementCharacters() {
    Sample cut = EMPTY.with("text", "\uDE00\uD83D\uDE00\uD83D");
    assertThat(AwsJson.encode(Sample.SHAPE, cut))
        .asString()
        .isEqualTo("{\"text\":\"\uFFFD\uD83D\uDE00\uFFFD\"}");
  }

  @Test
  void collectionsThatWereReadCannotBeChanged() {
    Sample sample = AwsJson.decode(Sample.SHAPE, "{\"words\":[\"a\"],\"labels\":{\"b\":\"\"}}");
    List<String> words = Objects.requireNonNull(sample.words());
    Map<String, String> labels = Objects.requireNonNull(sample.labels());
    assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> words.add("b"));
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> labels.put("c", ""));
  }

  @Test
  void mapsKeepTheOrderOfTheWire() {
    String json = "{\"labels\":{\"z\":\"\",\"a\":\"\",\"m\":\"\"}}";
    assertThat(AwsJson.encodeToString(Sample.SHAPE, AwsJson.decode(Sample.SHAPE, json)))
        .isEqualTo(json);
  }

  private static Map<String, Object> ordered(String a, Object first, String b, Object second) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(a, first);
    map.put(b, second);
    return map;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] splice(String around, byte[] middle) {
    byte[] text = utf8(around);
    int at = around.indexOf('_');
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(Arrays.copyOf(text, at));
    out.writeBytes(middle);
    out.writeBytes(Arrays.copyOfRange(text, at + 1, text.length));
    return out.toByteArray();
  }
}

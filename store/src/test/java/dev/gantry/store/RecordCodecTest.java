package dev.gantry.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.model.ClusterId;
import dev.gantry.model.Entity;
import dev.gantry.model.EntityId;
import dev.gantry.model.EntityKind;
import dev.gantry.model.LogStreamId;
import dev.gantry.model.TaskDefinitionId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RecordCodecTest {

  private final RecordCodec codec = new RecordCodec();

  public enum Colour {
    RED,
    GREEN
  }

  public sealed interface Shape {
    record Circle(int radius) implements Shape {}

    record Square(int side, @Nullable Shape inside) implements Shape {}

    sealed interface Special extends Shape {
      record Point() implements Special {}
    }
  }

  public record Everything(
      String text,
      int number,
      long big,
      double real,
      boolean flag,
      @Nullable Integer boxed,
      @Nullable Boolean boxedFlag,
      Instant at,
      Duration length,
      Colour colour,
      ClusterId cluster,
      List<String> list,
      @Nullable List<Integer> maybeList,
      Set<Colour> set,
      SortedSet<String> sortedSet,
      Map<String, Integer> map,
      SortedMap<ClusterId, List<String>> sorted,
      Shape shape,
      List<Shape> shapes) {}

  private static <V> Map<String, V> mapOf(String first, V one, String second, V two) {
    Map<String, V> map = new LinkedHashMap<>();
    map.put(first, one);
    map.put(second, two);
    return map;
  }

  private static Everything everything() {
    ClusterId id = new ClusterId(Samples.SCOPE, "a");
    return new Everything(
        "quote \" back \\ line \n é \uD83D\uDE80 lone \uD800 nul \u0000",
        Integer.MIN_VALUE,
        Long.MAX_VALUE,
        0.1,
        true,
        7,
        null,
        Samples.NOW,
        Duration.ofMillis(-1500),
        Colour.GREEN,
        id,
        List.of("b", "a"),
        List.of(),
        new LinkedHashSet<>(List.of(Colour.GREEN, Colour.RED)),
        new TreeSet<>(List.of("b", "a")),
        mapOf("z", 1, "a", 2),
        new TreeMap<>(Collections.singletonMap(id, List.of("x"))),
        new Shape.Square(3, new Shape.Circle(1)),
        List.of(new Shape.Special.Point(), new Shape.Circle(2)));
  }

  @Test
  void keepsEverything() {
    String text = codec.encodeRecord(everything());

    assertThat(text)
        .isEqualTo(
            "{\"text\":\"quote \\\" back \\\\ line \\n \\u00E9 \\uD83D\\uDE80 lone \\uD800 nul"
                + " \\u0000\",\"number\":-2147483648,\"big\":9223372036854775807,\"real\":0.1,"
                + "\"flag\":true,\"boxed\":7,\"at\":\"2026-03-01T12:00:00.123456789Z\","
                + "\"length\":\"PT-1.5S\",\"colour\":\"GREEN\","
                + "\"cluster\":\"000000000000|us-east-1|a\",\"list\":[\"b\",\"a\"],"
                + "\"maybeList\":[],\"set\":[\"GREEN\",\"RED\"],\"sortedSet\":[\"a\",\"b\"],"
                + "\"map\":{\"z\":1,\"a\":2},\"sorted\":{\"000000000000|us-east-1|a\":[\"x\"]},"
                + "\"shape\":{\"@type\":\"Square\",\"side\":3,\"inside\":"
                + "{\"@type\":\"Circle\",\"radius\":1}},"
                + "\"shapes\":[{\"@type\":\"Point\"},{\"@type\":\"Circle\",\"radius\":2}]}");
    Everything read = codec.decodeRecord(Everything.class, text);
    assertThat(read).isEqualTo(everything());
    assertThat(read.map.keySet()).containsExactly("z", "a");
    assertThat(read.set).containsExactly(Colour.GREEN, Colour.RED);
    assertThat(codec.encodeRecord(read)).isEqualTo(text);
  }

  static List<Entity> oneOfEach() {
    return Samples.oneOfEach();
  }

  @ParameterizedTest
  @MethodSource("oneOfEach")
  void keepsEachEntity(Entity entity) {
    assertThat(codec.decode(entity.id().kind(), codec.encode(entity))).isEqualTo(entity);
  }

  public record Defaults(
      int number,
      boolean flag,
      List<String> list,
      SortedMap<String, String> map,
      @Nullable String maybe,
      @Nullable List<String> maybeList,
      Colour colour) {

    public static Colour defaultColour() {
      return Colour.GREEN;
    }
  }

  @Test
  void aMissingMemberBecomesTheDefault() {
    Defaults defaults =
        new Defaults(0, false, List.of(), Collections.emptySortedMap(), null, null, Colour.GREEN);

    assertThat(codec.decodeRecord(Defaults.class, "{}")).isEqualTo(defaults);
    assertThat(codec.decodeRecord(Defaults.class, "{\"list\":null,\"number\":null}"))
        .isEqualTo(defaults);
    assertThat(codec.encodeRecord(defaults))
        .isEqualTo("{\"number\":0,\"flag\":false,\"colour\":\"GREEN\"}");
  }

  @Test
  void anUnknownMemberIsSkipped() {
    assertThat(
            codec.decodeRecord(
                Shape.Circle.class, "{\"a\":{\"radius\":[1,{}]},\"radius\":2,\"b\":[[]],\"c\":1}"))
        .isEqualTo(new Shape.Circle(2));
  }

  @Test
  void membersMayComeInAnyOrder() {
    assertThat(
            codec.decodeRecord(Shape.Square.class, "{\"inside\":{\"@type\":\"Point\"},\"side\":2}"))
        .isEqualTo(new Shape.Square(2, new Shape.Special.Point()));
  }

  public record Wrong(List<Shape> shapes, @Nullable Instant at, @Nullable ClusterId cluster) {}

  public record Wanting(Colour colour) {}

  public record Checked(int number) {
    public Checked {
      if (number < 1) {
        throw new IllegalArgumentException("not positive: " + number);
      }
    }
  }

  public record Outer(@Nullable Wanting wanting, @Nullable Checked checked) {}

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          `{"wanting":{}}`; `wanting.colour: is missing and has no default`
          `{"wanting":{"colour":"BLUE"}}`; `wanting.colour: unknown Colour constant BLUE`
          `{"wanting":{"colour":7}}`; `wanting.colour: wants VALUE_STRING, but found VALUE_NUMBER_INT`
          `{"wanting":[]}`; `wanting: wants START_OBJECT, but found START_ARRAY`
          `{"checked":{"number":0}}`; `checked: not positive: 0`
          `{"checked":{"number":99999999999}}`; `checked.number: a number out of range: 99999999999`
          `{"checked":{"number":1.5}}`; `checked.number: wants VALUE_NUMBER_INT, but found VALUE_NUMBER_FLOAT`
          `{} {}`; `something follows the record`
          ``; `wants START_OBJECT, but found null`
          """)
  void saysWhereAndWhatIsWrong(String text, String message) {
    assertThatThrownBy(() -> codec.decodeRecord(Outer.class, text))
        .isInstanceOf(RecordFormatException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          `{"shapes":[{"@type":"Point"},{"@type":"Cube"}]}`; `shapes[1]: unknown Shape type Cube`
          `{"shapes":[{"side":1,"@type":"Square"}]}`; `shapes[0]: does not begin with @type`
          `{"shapes":[{"@type":"Square","side":1,"inside":{"@type":"Circle","radius":"x"}}]}`; `shapes[0].inside.radius: wants VALUE_NUMBER_INT, but found VALUE_STRING`
          `{"at":"yesterday"}`; `at: not a time: yesterday`
          `{"cluster":"000000000000|us-east-1"}`; `cluster: not a ClusterId: 000000000000|us-east-1 (too few parts)`
          `{"cluster":"1|us-east-1|a"}`; `cluster: not a ClusterId: 1|us-east-1|a (an account id has 12 digits: 1)`
          """)
  void saysWhereInListsAndTags(String text, String message) {
    assertThatThrownBy(() -> codec.decodeRecord(Wrong.class, text))
        .isInstanceOf(RecordFormatException.class)
        .hasMessage(message);
  }

  @Test
  void nestingIsLimited() {
    String deep = "{\"x\":" + "[".repeat(RecordCodec.MAX_DEPTH) + "]".repeat(RecordCodec.MAX_DEPTH);

    assertThatThrownBy(() -> codec.decodeRecord(Outer.class, deep + "}"))
        .isInstanceOf(RecordFormatException.class)
        .hasMessageContaining("nesting depth");
  }

  @Test
  void lengthIsLimited() {
    Entity tooLong = Samples.cluster("x".repeat(RecordCodec.MAX_TEXT_LENGTH));

    assertThatThrownBy(() -> codec.encode(tooLong))
        .isInstanceOf(RecordFormatException.class)
        .hasMessageContaining("more than 4194304");
    assertThatThrownBy(
            () -> codec.decode(EntityKind.CLUSTER, " ".repeat(RecordCodec.MAX_TEXT_LENGTH) + "{}"))
        .isInstanceOf(RecordFormatException.class)
        .hasMessageContaining("more than 4194304");
  }

  public record Odd(List<Object> what) {}

  public record OddDefault(int number) {
    static int defaultNumber() {
      return 1;
    }
  }

  public record OddReal(double real) {}

  @Test
  void refusesTypesWithoutAForm() {
    assertThatThrownBy(() -> codec.encodeRecord(new Odd(List.of())))
        .hasMessage("Odd.what: java.lang.Object has no stored form");
    assertThatThrownBy(() -> codec.encodeRecord(new OddDefault(OddDefault.defaultNumber())))
        .hasMessageContaining("OddDefault.number: defaultNumber must be public, static");
    assertThatThrownBy(() -> codec.encodeRecord(new OddReal(Double.NaN)))
        .hasMessage("real: NaN cannot be stored");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          plain/name; 000000000000|us-east-1|group|plain/name
          é\\; 000000000000|us-east-1|group|\\u00e9\\u005c
          """)
  void columnsArePlainText(String name, String column) {
    EntityId id = new LogStreamId(Samples.SCOPE, "group", name);

    assertThat(RecordCodec.column(id)).isEqualTo(column);
  }

  @Test
  void revisionsKeepTheirNumber() {
    TaskDefinitionId id = new TaskDefinitionId(Samples.SCOPE, "hello", 12);
    Map<TaskDefinitionId, String> map = new LinkedHashMap<>();
    map.put(id, "");
    record Holder(Map<TaskDefinitionId, String> map) {}

    assertThat(id.key()).endsWith("|0000000012");
    assertThatThrownBy(() -> codec.encodeRecord(new Holder(map)))
        .hasMessageContaining("is not public");
    assertThat(codec.decodeRecord(Revisions.class, codec.encodeRecord(new Revisions(map))))
        .isEqualTo(new Revisions(map));
  }

  public record Revisions(Map<TaskDefinitionId, String> map) {}
}

package dev.gantry.wire.json;

import static dev.gantry.wire.shape.ValueType.listOf;
import static dev.gantry.wire.shape.ValueType.mapOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.gantry.wire.shape.Blob;
import dev.gantry.wire.shape.Document;
import dev.gantry.wire.shape.Structure;
import dev.gantry.wire.shape.ValueType;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Smithy's protocol tests for awsJson 1.1, as far as they speak of bodies: the ids and the JSON
/// are those of `smithy-aws-protocol-tests/model/awsJson1_1` (kitchen-sink, json-structs, null,
/// documents).
///
/// Left out, because no service that is generated here models them: the traits `timestampFormat`,
/// `jsonValue` (a plain string on the wire), and `sparse` lists and maps.
class SmithyVectorsTest {
  /// Smithy's `KitchenSink`, without a generated record: the values are the record.
  private static final class KitchenSink extends Structure<List<@Nullable Object>> {
    static final KitchenSink SHAPE = new KitchenSink();

    KitchenSink() {
      super(
          "KitchenSink",
          optional("String", ValueType.STRING),
          optional("Boolean", ValueType.BOOLEAN),
          optional("Integer", ValueType.INTEGER),
          optional("Long", ValueType.LONG),
          optional("Float", ValueType.FLOAT),
          optional("Double", ValueType.DOUBLE),
          optional("Blob", ValueType.BLOB),
          optional("Timestamp", ValueType.TIMESTAMP),
          optional("ListOfStrings", listOf(ValueType.STRING)),
          optional("ListOfMapsOfStrings", listOf(mapOf(ValueType.STRING, ValueType.STRING))),
          optional("MapOfStrings", mapOf(ValueType.STRING, ValueType.STRING)),
          optional("MapOfListsOfStrings", mapOf(ValueType.STRING, listOf(ValueType.STRING))),
          optional("RecursiveStruct", ValueType.STRUCTURE),
          optional("RecursiveList", listOf(ValueType.STRUCTURE)),
          optional("RecursiveMap", mapOf(ValueType.STRING, ValueType.STRUCTURE)),
          optional("inlineDocument", ValueType.DOCUMENT));
    }

    @Override
    public @Nullable Object get(List<@Nullable Object> record, int index) {
      return record.get(index);
    }

    @Override
    public List<@Nullable Object> create(@Nullable Object[] values) {
      return Collections.unmodifiableList(Arrays.asList(values));
    }

    @Override
    public Structure<?> target(int index) {
      return SHAPE;
    }
  }

  private static final List<@Nullable Object> EMPTY =
      KitchenSink.SHAPE.create(new @Nullable Object[KitchenSink.SHAPE.size()]);

  private static List<@Nullable Object> with(String member, Object value) {
    @Nullable Object[] values = new @Nullable Object[KitchenSink.SHAPE.size()];
    values[KitchenSink.SHAPE.indexOf(member)] = value;
    return KitchenSink.SHAPE.create(values);
  }

  private static Blob blob(String text) {
    return Blob.of(text.getBytes(StandardCharsets.UTF_8));
  }

  static Stream<Arguments> bothWays() {
    return Stream.of(
        arguments("serializes_string_shapes", "{'String':'abc xyz'}", with("String", "abc xyz")),
        arguments("serializes_integer_shapes", "{'Integer':1234}", with("Integer", 1234)),
        arguments("serializes_long_shapes", "{'Long':999999999999}", with("Long", 999999999999L)),
        arguments(
            "parses_long_shapes",
            "{'Long':1234567890123456789}",
            with("Long", 1234567890123456789L)),
        arguments("serializes_float_shapes", "{'Float':1234.5}", with("Float", 1234.5f)),
        arguments("serializes_double_shapes", "{'Double':1234.5}", with("Double", 1234.5)),
        arguments(
            "serializes_blob_shapes",
            "{'Blob':'YmluYXJ5LXZhbHVl'}",
            with("Blob", blob("binary-value"))),
        arguments("serializes_boolean_shapes_true", "{'Boolean':true}", with("Boolean", true)),
        arguments("serializes_boolean_shapes_false", "{'Boolean':false}", with("Boolean", false)),
        arguments(
            "serializes_timestamp_shapes",
            "{'Timestamp':946845296}",
            with("Timestamp", Instant.parse("2000-01-02T20:34:56Z"))),
        arguments(
            "serializes_list_shapes",
            "{'ListOfStrings':['abc','mno','xyz']}",
            with("ListOfStrings", List.of("abc", "mno", "xyz"))),
        arguments(
            "serializes_empty_list_shapes",
            "{'ListOfStrings':[]}",
            with("ListOfStrings", List.of())),
        arguments(
            "serializes_list_of_map_shapes",
            "{'ListOfMapsOfStrings':[{'foo':'bar'},{'abc':'xyz'},{'red':'blue'}]}",
            with(
                "ListOfMapsOfStrings",
                List.of(Map.of("foo", "bar"), Map.of("abc", "xyz"), Map.of("red", "blue")))),
        arguments(
            "serializes_list_of_recursive_structure_shapes",
            "{'RecursiveList':[{'RecursiveList':[{'Integer':123}]}]}",
            with("RecursiveList", List.of(with("RecursiveList", List.of(with("Integer", 123)))))),
        arguments(
            "serializes_empty_map_shapes", "{'MapOfStrings':{}}", with("MapOfStrings", Map.of())),
        arguments(
            "serializes_map_of_list_shapes",
            "{'MapOfListsOfStrings':{'abc':['abc','xyz']}}",
            with("MapOfListsOfStrings", Map.of("abc", List.of("abc", "xyz")))),
        arguments(
            "serializes_map_of_recursive_structure_shapes",
            "{'RecursiveMap':{'key1':{'RecursiveMap':{'key2':{'Boolean':false}}}}}",
            with(
                "RecursiveMap",
                Map.of("key1", with("RecursiveMap", Map.of("key2", with("Boolean", false)))))),
        arguments(
            "serializes_recursive_structure_shapes",
            "{'RecursiveStruct':{'RecursiveStruct':{'String':'nested-value'}}}",
            with("RecursiveStruct", with("RecursiveStruct", with("String", "nested-value")))),
        arguments(
            "serializes_empty_structure_shapes",
            "{'RecursiveStruct':{}}",
            with("RecursiveStruct", EMPTY)),
        arguments("parses_operations_with_empty_json_bodies", "{}", EMPTY),
        arguments("AwsJson11SupportsNaNFloatInputs", "{'Float':'NaN'}", with("Float", Float.NaN)),
        arguments(
            "AwsJson11SupportsInfinityFloatInputs",
            "{'Double':'Infinity'}",
            with("Double", Double.POSITIVE_INFINITY)),
        arguments(
            "AwsJson11SupportsNegativeInfinityFloatInputs",
            "{'Float':'-Infinity'}",
            with("Float", Float.NEGATIVE_INFINITY)),
        arguments(
            "PutAndGetInlineDocumentsInput",
            "{'inlineDocument':{'foo':'bar'}}",
            with("inlineDocument", new Document("{\"foo\":\"bar\"}"))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void bothWays(String id, String quoted, List<@Nullable Object> value) {
    String json = quoted.replace('\'', '"');
    assertThat(AwsJson.decode(KitchenSink.SHAPE, json)).as(id).isEqualTo(value);
    assertThat(AwsJson.encodeToString(KitchenSink.SHAPE, value)).as(id).isEqualTo(json);
  }

  static Stream<Arguments> read() {
    return Stream.of(
        arguments("AwsJson11ServersDontDeserializeNullStructureValues", "{ 'String': null }"),
        arguments("parses_operations_with_empty_json_bodies", "{}"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void read(String id, String quoted) {
    assertThat(AwsJson.decode(KitchenSink.SHAPE, quoted.replace('\'', '"')))
        .as(id)
        .isEqualTo(EMPTY);
  }
}

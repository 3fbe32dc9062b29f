package dev.gantry.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.shape.Blob;
import dev.gantry.wire.shape.Constraints;
import dev.gantry.wire.shape.Document;
import dev.gantry.wire.shape.Kind;
import dev.gantry.wire.shape.Structure;
import dev.gantry.wire.shape.ValueType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Properties that hold for each of the generated structures.
class EveryShapeTest {
  /// How deep random records nest.
  private static final int DEPTH = 5;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void whatIsWrittenIsReadBack(long seed) {
    Random random = new Random(seed);
    for (Structure<?> shape : AllShapes.all()) {
      assertRoundTrip(shape, random);
    }
  }

  private static <T> void assertRoundTrip(Structure<T> shape, Random random) {
    T record = record(shape, random, DEPTH);
    byte[] json = AwsJson.encode(shape, record);
    assertThat(AwsJson.decode(shape, json)).isEqualTo(record);
    String text = AwsJson.encodeToString(shape, record);
    assertThat(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)).isEqualTo(json);
    assertThat(AwsJson.decode(shape, text)).isEqualTo(record);
    // Whatever it holds, a check ends and shows no more than it may.
    String violations = Constraints.violations(shape, record);
    if (violations != null) {
      assertThat(violations).matches("(?s)\\d+ validation errors? detected: .*");
    }
  }

  @Test
  void aDescriptorTellsTheTypesOfItsRecord() {
    for (Structure<?> shape : AllShapes.all()) {
      Object empty = shape.create(new @Nullable Object[shape.size()]);
      RecordComponent[] components = empty.getClass().getRecordComponents();
      assertThat(components).as(shape.name()).hasSize(shape.size());
      for (int i = 0; i < components.length; i++) {
        assertThat(components[i].getName())
            .as(shape.name())
            .isEqualToIgnoringCase(
                components[i].getName().endsWith("_")
                    ? shape.member(i).name() + "_"
                    : shape.member(i).name());
        assertType(shape, i, shape.member(i).type(), components[i].getGenericType());
        assertThat(shape.indexOf(shape.member(i).name())).isEqualTo(i);
      }
    }
  }

  private static void assertType(Structure<?> owner, int index, ValueType type, Type java) {
    switch (type.kind()) {
      case STRING -> assertThat(java).isEqualTo(String.class);
      case INTEGER -> assertThat(java).isEqualTo(Integer.class);
      case LONG -> assertThat(java).isEqualTo(Long.class);
      case DOUBLE -> assertThat(java).isEqualTo(Double.class);
      case FLOAT -> assertThat(java).isEqualTo(Float.class);
      case BOOLEAN -> assertThat(java).isEqualTo(Boolean.class);
      case TIMESTAMP -> assertThat(java).isEqualTo(Instant.class);
      case BLOB -> assertThat(java).isEqualTo(Blob.class);
      case DOCUMENT -> assertThat(java).isEqualTo(Document.class);
      case STRUCTURE -> assertThat(java.getTypeName()).endsWith("." + owner.target(index).name());
      case LIST -> {
        assertThat(((ParameterizedType) java).getRawType()).isEqualTo(List.class);
        assertType(
            owner, index, type.element(), ((ParameterizedType) java).getActualTypeArguments()[0]);
      }
      case MAP -> {
        assertThat(((ParameterizedType) java).getRawType()).isEqualTo(Map.class);
        assertType(
            owner, index, type.element(), ((ParameterizedType) java).getActualTypeArguments()[1]);
      }
    }
  }

  /// A hostile string for a pattern is long, nearly matches, and fails at its end. The work is
  /// counted, not timed.
  @Test
  void everyPatternIsMatchedInLinearWork() {
    int patterns = 0;
    for (Structure<?> shape : AllShapes.all()) {
      for (int i = 0; i < shape.size(); i++) {
        for (ValueType type : withParts(shape.member(i).type())) {
          Pattern pattern = type.pattern();
          if (pattern == null) {
            continue;
          }
          patterns++;
          for (String piece : List.of("a", "1", "1.", "a/", "|abc", "s3://a", "=", "*", " ", "é")) {
            Counted text = new Counted(piece.repeat(20_000 / piece.length()) + "\u0000");
            pattern.matcher(text).matches();
            assertThat(text.reads)
                .as("%s.%s %s on %s", shape.name(), shape.member(i).name(), pattern, piece)
                .isLessThan(20L * text.length());
          }
        }
      }
    }
    assertThat(patterns).isGreaterThan(100);
  }

  private static List<ValueType> withParts(ValueType type) {
    List<ValueType> parts = new ArrayList<>(List.of(type));
    if (type.kind() == Kind.LIST || type.kind() == Kind.MAP) {
      parts.addAll(withParts(type.element()));
    }
    if (type.kind() == Kind.MAP) {
      parts.add(type.key());
    }
    return parts;
  }

  /// Text that counts how often it is looked at.
  private static final class Counted implements CharSequence {
    private final String text;
    private long reads;

    Counted(String text) {
      this.text = text;
    }

    @Override
    public char charAt(int index) {
      reads++;
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.subSequence(start, end);
    }

    @Override
    public String toString() {
      return text;
    }
  }

  private static <T> T record(Structure<T> shape, Random random, int depth) {
    @Nullable Object[] values = new @Nullable Object[shape.size()];
    for (int i = 0; i < values.length; i++) {
      ValueType type = shape.member(i).type();
      boolean nests = AllShapes.bottom(type).kind() == Kind.STRUCTURE;
      if (random.nextInt(3) > 0 && (depth > 0 || !nests)) {
        values[i] = value(type, shape, i, random, depth - 1);
      }
    }
    return shape.create(values);
  }

  private static Object value(
      ValueType type, Structure<?> owner, int index, Random random, int depth) {
    return switch (type.kind()) {
      case STRING ->
          type.isEnumerated() && random.nextBoolean()
              ? owner.enumValues(index).getFirst()
              : text(random);
      case INTEGER -> random.nextInt() >> random.nextInt(32);
      case LONG -> random.nextLong() >> random.nextInt(64);
      case DOUBLE -> random.nextBoolean() ? random.nextGaussian() * 1e9 : Double.NaN;
      case FLOAT -> random.nextFloat();
      case BOOLEAN -> random.nextBoolean();
      case TIMESTAMP ->
          Instant.ofEpochMilli(random.nextLong(-4_000_000_000_000L, 9_000_000_000_000L));
      case BLOB -> {
        byte[] bytes = new byte[random.nextInt(5)];
        random.nextBytes(bytes);
        yield Blob.of(bytes);
      }
      case DOCUMENT -> new Document("{\"a\":[1,null,\"b\"]}");
      case STRUCTURE -> record(owner.target(index), random, depth);
      case LIST -> {
        List<Object> list = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
          list.add(value(type.element(), owner, index, random, depth));
        }
        yield list;
      }
      case MAP -> {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = random.nextInt(3); i > 0; i--) {
          map.put(text(random), value(type.element(), owner, index, random, depth));
        }
        yield map;
      }
    };
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(6); i > 0; i--) {
      int point =
          switch (random.nextInt(4)) {
            case 0 -> random.nextInt(0x80);
            case 1 -> random.nextInt(0x80, 0xd800);
            case 2 -> random.nextInt(0xe000, 0x110000);
            default -> random.nextInt('a', 'z' + 1);
          };
      text.appendCodePoint(point);
    }
    return text.toString();
  }
}

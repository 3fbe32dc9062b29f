package dev.gantry.wire.shape;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A record with a member of every kind, as the generator would write it; it refers to itself.
public record Sample(
    @Nullable String text,
    @Nullable Integer number,
    @Nullable Long big,
    @Nullable Double fraction,
    @Nullable Float small,
    @Nullable Boolean flag,
    @Nullable Instant time,
    @Nullable Blob bytes,
    @Nullable Document open,
    @Nullable List<String> words,
    @Nullable Map<String, String> labels,
    @Nullable Sample child,
    @Nullable List<Sample> children,
    @Nullable Map<String, List<Sample>> groups,
    @Nullable String color,
    @Nullable List<String> colors,
    @Nullable String secret,
    @Nullable String must) {

  public static final Structure<Sample> SHAPE = new Shape();

  /// A valid sample without anything optional.
  public static Sample minimal() {
    @Nullable Object[] values = new @Nullable Object[SHAPE.size()];
    values[SHAPE.indexOf("must")] = "x";
    return SHAPE.create(values);
  }

  /// This sample with one member changed.
  public Sample with(String member, @Nullable Object value) {
    @Nullable Object[] values = new @Nullable Object[SHAPE.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = SHAPE.get(this, i);
    }
    values[SHAPE.indexOf(member)] = value;
    return SHAPE.create(values);
  }

  private static final class Shape extends Structure<Sample> {
    Shape() {
      super(
          "Sample",
          optional("text", ValueType.STRING.within(1, 5).matching("[a-z]+")),
          optional("number", ValueType.INTEGER.within(0, 65535)),
          optional("big", ValueType.LONG),
          optional("fraction", ValueType.DOUBLE.within(ValueType.NO_MIN, 100)),
          optional("small", ValueType.FLOAT),
          optional("flag", ValueType.BOOLEAN),
          optional("time", ValueType.TIMESTAMP),
          optional("bytes", ValueType.BLOB.within(0, 3)),
          optional("open", ValueType.DOCUMENT),
          optional("words", ValueType.listOf(ValueType.STRING.within(1, 3)).within(0, 2)),
          optional(
              "labels",
              ValueType.mapOf(ValueType.STRING.within(1, 4), ValueType.STRING.within(0, 4))),
          optional("Child", ValueType.STRUCTURE),
          optional("children", ValueType.listOf(ValueType.STRUCTURE)),
          optional(
              "groups", ValueType.mapOf(ValueType.STRING, ValueType.listOf(ValueType.STRUCTURE))),
          optional("color", ValueType.STRING.enumerated()),
          optional("colors", ValueType.listOf(ValueType.STRING.enumerated())),
          optional("secret", ValueType.STRING.within(0, 2).secret()),
          required("must", ValueType.STRING));
    }

    @Override
    public @Nullable Object get(Sample record, int index) {
      return switch (index) {
        case 0 -> record.text();
        case 1 -> record.number();
        case 2 -> record.big();
        case 3 -> record.fraction();
        case 4 -> record.small();
        case 5 -> record.flag();
        case 6 -> record.time();
        case 7 -> record.bytes();
        case 8 -> record.open();
        case 9 -> record.words();
        case 10 -> record.labels();
        case 11 -> record.child();
        case 12 -> record.children();
        case 13 -> record.groups();
        case 14 -> record.color();
        case 15 -> record.colors();
        case 16 -> record.secret();
        case 17 -> record.must();
        default -> throw noMember(index);
      };
    }

    @Override
    @SuppressWarnings("unchecked")
    public Sample create(@Nullable Object[] values) {
      return new Sample(
          (String) values[0],
          (Integer) values[1],
          (Long) values[2],
          (Double) values[3],
          (Float) values[4],
          (Boolean) values[5],
          (Instant) values[6],
          (Blob) values[7],
          (Document) values[8],
          (List<String>) values[9],
          (Map<String, String>) values[10],
          (Sample) values[11],
          (List<Sample>) values[12],
          (Map<String, List<Sample>>) values[13],
          (String) values[14],
          (List<String>) values[15],
          (String) values[16],
          (String) values[17]);
    }

    @Override
    public Structure<?> target(int index) {
      return switch (index) {
        case 11, 12, 13 -> SHAPE;
        default -> throw noMember(index);
      };
    }

    @Override
    public List<String> enumValues(int index) {
      return switch (index) {
        case 14, 15 -> List.of("RED", "BLUE");
        default -> throw noMember(index);
      };
    }
  }
}

package dev.gantry.wire.json;

import dev.gantry.wire.shape.Blob;
import dev.gantry.wire.shape.Document;
import dev.gantry.wire.shape.Member;
import dev.gantry.wire.shape.Structure;
import dev.gantry.wire.shape.ValueType;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonGenerator;

/// Writes a record by its descriptor.
final class JsonWriter {
  private JsonWriter() {}

  static <T> void write(JsonGenerator generator, Structure<T> shape, T record) {
    generator.writeStartObject();
    for (int i = 0; i < shape.size(); i++) {
      Object value = shape.get(record, i);
      if (value != null) {
        Member member = shape.member(i);
        generator.writeName(member.name());
        writeValue(generator, member.type(), value, shape, i);
      }
    }
    generator.writeEndObject();
  }

  private static void writeValue(
      JsonGenerator generator, ValueType type, Object value, Structure<?> owner, int index) {
    switch (type.kind()) {
      case STRING -> generator.writeString(Utf8.wellFormed((String) value));
      case INTEGER -> generator.writeNumber((int) (Integer) value);
      case LONG -> generator.writeNumber((long) (Long) value);
      case DOUBLE -> {
        double number = (Double) value;
        if (Double.isFinite(number)) {
          generator.writeNumber(number);
        } else {
          generator.writeString(Double.toString(number));
        }
      }
      case FLOAT -> {
        float number = (Float) value;
        if (Float.isFinite(number)) {
          generator.writeNumber(number);
        } else {
          generator.writeString(Float.toString(number));
        }
      }
      case BOOLEAN -> generator.writeBoolean((Boolean) value);
      case TIMESTAMP -> generator.writeNumber(epochSeconds((Instant) value));
      case BLOB ->
          generator.writeString(Base64.getEncoder().encodeToString(((Blob) value).bytes()));
      case DOCUMENT -> generator.writeRawValue(((Document) value).json());
      case STRUCTURE -> writeTarget(generator, owner.target(index), value);
      case LIST -> {
        generator.writeStartArray();
        for (Object element : (List<?>) value) {
          writeValue(generator, type.element(), element, owner, index);
        }
        generator.writeEndArray();
      }
      case MAP -> {
        generator.writeStartObject();
        for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
          generator.writeName(Utf8.wellFormed((String) entry.getKey()));
          writeValue(generator, type.element(), entry.getValue(), owner, index);
        }
        generator.writeEndObject();
      }
    }
  }

  @SuppressWarnings("unchecked") // a record's member has the type that its descriptor tells
  private static <T> void writeTarget(JsonGenerator generator, Structure<T> shape, Object value) {
    write(generator, shape, (T) value);
  }

  /// Epoch seconds with at most three decimals, as AWS writes them: `1784600000.123`, `1784600000`.
  /// Anything finer is cut off, downwards.
  static String epochSeconds(Instant time) {
    long millis = time.toEpochMilli();
    long rest = Math.abs(millis % 1000);
    StringBuilder text = new StringBuilder(16);
    if (millis < 0) {
      text.append('-');
    }
    text.append(Math.abs(millis / 1000));
    if (rest != 0) {
      text.append('.').append((char) ('0' + rest / 100));
      if (rest % 100 != 0) {
        text.append((char) ('0' + rest / 10 % 10));
        if (rest % 10 != 0) {
          text.append((char) ('0' + rest % 10));
        }
      }
    }
    return text.toString();
  }
}

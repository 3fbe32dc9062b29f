package dev.gantry.wire.json;

import dev.gantry.wire.shape.Blob;
import dev.gantry.wire.shape.Document;
import dev.gantry.wire.shape.Member;
import dev.gantry.wire.shape.Structure;
import dev.gantry.wire.shape.ValueType;
import java.io.OutputStream;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.ByteArrayBuilder;

/// Records to JSON and back, for any generated shape.
///
/// Reading is tolerant where AWS is: unknown members are skipped, `null` means absent, the last of
/// equal names counts, an empty body is an empty structure, and a timestamp is any JSON number of
/// epoch seconds. It is strict about types, and everything it does is bounded by the limits below
/// and by the size of the input.
public final class AwsJson {
  /// How deep objects and lists may nest.
  public static final int MAX_NESTING = 64;

  /// The longest string value in characters. A log event, the largest thing that comes as one
  /// string, has at most 1 MiB.
  public static final int MAX_STRING_CHARS = 2 << 20;

  /// The longest member name or map key in bytes. Models allow 512 characters at most (log field
  /// names).
  public static final int MAX_NAME_BYTES = 4096;

  /// The longest number in characters. The widest number that a model needs has 24.
  public static final int MAX_NUMBER_CHARS = 128;

  /// The most tokens (values, names, brackets) in one body: three times what PutLogEvents needs for
  /// its 10,000 events, and few enough that tiny values cannot blow up into much memory.
  public static final int MAX_TOKENS = 200_000;

  /// The farthest timestamp either side of 1970, in epoch seconds: the year 5138. AWS knows no
  /// later one, and `Instant` has room for it.
  public static final long MAX_EPOCH_SECONDS = 100_000_000_000L;

  private static final BigDecimal NANOS_PER_SECOND = BigDecimal.valueOf(1_000_000_000L);

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_NESTING)
                  .maxStringLength(MAX_STRING_CHARS)
                  .maxNameLength(MAX_NAME_BYTES)
                  .maxNumberLength(MAX_NUMBER_CHARS)
                  .maxTokenCount(MAX_TOKENS)
                  .build())
          .build();

  private AwsJson() {}

  /// The record as UTF-8 JSON. Absent members are left out, empty ones are not.
  public static <T> byte[] encode(Structure<T> shape, T value) {
    try (ByteArrayBuilder out = new ByteArrayBuilder()) {
      try (JsonGenerator generator =
          FACTORY.createGenerator(ObjectWriteContext.empty(), (OutputStream) out)) {
        writeStructure(generator, shape, value);
      }
      return out.toByteArray();
    }
  }

  /// The record as JSON text.
  public static <T> String encodeToString(Structure<T> shape, T value) {
    StringWriter out = new StringWriter();
    try (JsonGenerator generator = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
      writeStructure(generator, shape, value);
    }
    return out.toString();
  }

  /// The record that this UTF-8 JSON stands for.
  ///
  /// @throws MalformedInputException if it is not JSON, not of this shape, or beyond a limit
  public static <T> T decode(Structure<T> shape, byte[] json) {
    return decode(shape, FACTORY.createParser(ObjectReadContext.empty(), json));
  }

  /// The record that this JSON text stands for.
  ///
  /// @throws MalformedInputException if it is not JSON, not of this shape, or beyond a limit
  public static <T> T decode(Structure<T> shape, String json) {
    return decode(shape, FACTORY.createParser(ObjectReadContext.empty(), json));
  }

  private static <T> T decode(Structure<T> shape, JsonParser opened) {
    try (JsonParser parser = opened) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        return shape.create(new @Nullable Object[shape.size()]);
      }
      T value = readStructure(parser, first, shape);
      if (parser.nextToken() != null) {
        throw new MalformedInputException("Unexpected content after the end of the JSON object");
      }
      return value;
    } catch (StreamConstraintsException _) {
      throw new MalformedInputException(
          """
          The input is beyond a limit: %d levels, %d tokens, %d characters in a string, %d bytes in \
          a name, %d characters in a number\
          """
              .formatted(
                  MAX_NESTING, MAX_TOKENS, MAX_STRING_CHARS, MAX_NAME_BYTES, MAX_NUMBER_CHARS));
    } catch (JacksonException problem) {
      // Jackson's own text quotes the input.
      throw new MalformedInputException(
          problem.getLocation() == null
              ? "The input is not valid JSON"
              : "The input is not valid JSON: line %d, column %d"
                  .formatted(
                      problem.getLocation().getLineNr(), problem.getLocation().getColumnNr()));
    }
  }

  private static <T> T readStructure(JsonParser parser, JsonToken token, Structure<T> shape) {
    if (token != JsonToken.START_OBJECT) {
      throw unexpected(token, "a structure");
    }
    @Nullable Object[] values = new @Nullable Object[shape.size()];
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      JsonToken valueToken = parser.nextToken();
      int index = shape.indexOf(name);
      if (index < 0) {
        parser.skipChildren();
      } else if (valueToken == JsonToken.VALUE_NULL) {
        values[index] = null;
      } else {
        try {
          values[index] = readValue(parser, valueToken, shape.member(index).type(), shape, index);
        } catch (MalformedInputException problem) {
          throw problem.within(name);
        }
      }
    }
    return shape.create(values);
  }

  private static Object readValue(
      JsonParser parser, JsonToken token, ValueType type, Structure<?> owner, int index) {
    return switch (type.kind()) {
      case STRING -> {
        if (token != JsonToken.VALUE_STRING) {
          throw unexpected(token, "a String");
        }
        yield parser.getString();
      }
      case INTEGER -> {
        long value = readLong(parser, token, "an Integer");
        if (value != (int) value) {
          throw unexpected(token, "an Integer");
        }
        yield (int) value;
      }
      case LONG -> readLong(parser, token, "a Long");
      case DOUBLE -> readDouble(parser, token, "a Double");
      case FLOAT -> {
        double value = readDouble(parser, token, "a Float");
        if (Double.isFinite(value) && Math.abs(value) > Float.MAX_VALUE) {
          throw unexpected(token, "a Float");
        }
        yield (float) value;
      }
      case BOOLEAN ->
          switch (token) {
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> throw unexpected(token, "a Boolean");
          };
      case TIMESTAMP -> readTimestamp(parser, token);
      case BLOB -> {
        if (token != JsonToken.VALUE_STRING) {
          throw unexpected(token, "a Blob");
        }
        try {
          yield Blob.of(Base64.getDecoder().decode(parser.getString()));
        } catch (IllegalArgumentException _) {
          throw new MalformedInputException("The text is not Base64");
        }
      }
      case DOCUMENT -> readDocument(parser);
      case STRUCTURE -> readStructure(parser, token, owner.target(index));
      case LIST -> readList(parser, token, type.element(), owner, index);
      case MAP -> readMap(parser, token, type.element(), owner, index);
    };
  }

  private static List<Object> readList(
      JsonParser parser, JsonToken token, ValueType element, Structure<?> owner, int index) {
    if (token != JsonToken.START_ARRAY) {
      throw unexpected(token, "a list");
    }
    List<Object> list = new ArrayList<>();
    for (JsonToken next = parser.nextToken();
        next != JsonToken.END_ARRAY;
        next = parser.nextToken()) {
      try {
        if (next == JsonToken.VALUE_NULL) {
          throw new MalformedInputException("A list must not hold null");
        }
        list.add(readValue(parser, next, element, owner, index));
      } catch (MalformedInputException problem) {
        throw problem.within(Integer.toString(list.size() + 1));
      }
    }
    return Collections.unmodifiableList(list);
  }

  private static Map<String, Object> readMap(
      JsonParser parser, JsonToken token, ValueType value, Structure<?> owner, int index) {
    if (token != JsonToken.START_OBJECT) {
      throw unexpected(token, "a map");
    }
    Map<String, Object> map = new LinkedHashMap<>();
    for (String key = parser.nextName(); key != null; key = parser.nextName()) {
      JsonToken next = parser.nextToken();
      try {
        if (next == JsonToken.VALUE_NULL) {
          throw new MalformedInputException("A map must not hold null");
        }
        map.put(key, readValue(parser, next, value, owner, index));
      } catch (MalformedInputException problem) {
        throw problem.within(key);
      }
    }
    return Collections.unmodifiableMap(map);
  }

  private static long readLong(JsonParser parser, JsonToken token, String wanted) {
    if (token == JsonToken.VALUE_NUMBER_INT) {
      if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
        throw unexpected(token, wanted);
      }
      return parser.getLongValue();
    }
    if (token == JsonToken.VALUE_NUMBER_FLOAT) {
      // 1.0 and 1e3 are whole numbers too. Through a double, because it is the bounded way to look
      // at 1e999999999; whole doubles beyond 2^53 are refused, they would not be exact.
      double value = parser.getDoubleValue();
      if (value == Math.rint(value) && Math.abs(value) <= 0x1p53) {
        return (long) value;
      }
    }
    throw unexpected(token, wanted);
  }

  private static double readDouble(JsonParser parser, JsonToken token, String wanted) {
    switch (token) {
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
        double value = parser.getDoubleValue();
        if (Double.isFinite(value)) {
          return value;
        }
      }
      case VALUE_STRING -> {
        // Smithy's spelling of what JSON cannot say.
        switch (parser.getString()) {
          case "NaN" -> {
            return Double.NaN;
          }
          case "Infinity" -> {
            return Double.POSITIVE_INFINITY;
          }
          case "-Infinity" -> {
            return Double.NEGATIVE_INFINITY;
          }
          default -> {}
        }
      }
      default -> {}
    }
    throw unexpected(token, wanted);
  }

  private static Instant readTimestamp(JsonParser parser, JsonToken token) {
    if (token == JsonToken.VALUE_NUMBER_INT) {
      long seconds = readLong(parser, token, "a Timestamp");
      if (Math.abs(seconds) <= MAX_EPOCH_SECONDS) {
        return Instant.ofEpochSecond(seconds);
      }
    } else if (token == JsonToken.VALUE_NUMBER_FLOAT
        && Math.abs(parser.getDoubleValue()) <= MAX_EPOCH_SECONDS) {
      BigDecimal seconds = parser.getDecimalValue();
      // Below a nanosecond there is nothing, and expanding 1e-999999999 would cost gigabytes.
      if (seconds.signum() == 0 || seconds.precision() - seconds.scale() < -9) {
        return Instant.EPOCH;
      }
      long nanos =
          seconds.multiply(NANOS_PER_SECOND).setScale(0, RoundingMode.FLOOR).longValueExact();
      return Instant.ofEpochSecond(
          Math.floorDiv(nanos, 1_000_000_000L), Math.floorMod(nanos, 1_000_000_000L));
    }
    throw unexpected(token, "a Timestamp");
  }

  private static Document readDocument(JsonParser parser) {
    StringWriter out = new StringWriter();
    try (JsonGenerator generator = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
      generator.copyCurrentStructure(parser);
    }
    return new Document(out.toString());
  }

  /// AWS's own words for a value of the wrong type, as far as they are known from its services:
  /// `STRING_VALUE can not be converted to an Integer`, `Start of structure or map found where not
  /// expected`, `Start of list found where not expected`.
  private static MalformedInputException unexpected(JsonToken token, String wanted) {
    return new MalformedInputException(
        switch (token) {
          case START_OBJECT -> "Start of structure or map found where not expected";
          case START_ARRAY -> "Start of list found where not expected";
          case VALUE_STRING -> "STRING_VALUE can not be converted to " + wanted;
          case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
              "NUMBER_VALUE can not be converted to " + wanted;
          case VALUE_TRUE -> "TRUE_VALUE can not be converted to " + wanted;
          case VALUE_FALSE -> "FALSE_VALUE can not be converted to " + wanted;
          case VALUE_NULL -> "NULL_VALUE can not be converted to " + wanted;
          default -> "Unexpected token where " + wanted + " was expected";
        });
  }

  private static <T> void writeStructure(JsonGenerator generator, Structure<T> shape, T value) {
    generator.writeStartObject();
    for (int i = 0; i < shape.size(); i++) {
      Object member = shape.get(value, i);
      if (member != null) {
        Member descriptor = shape.member(i);
        generator.writeName(descriptor.name());
        writeValue(generator, descriptor.type(), member, shape, i);
      }
    }
    generator.writeEndObject();
  }

  private static void writeValue(
      JsonGenerator generator, ValueType type, Object value, Structure<?> owner, int index) {
    switch (type.kind()) {
      case STRING -> generator.writeString((String) value);
      case INTEGER -> generator.writeNumber((int) (Integer) value);
      case LONG -> generator.writeNumber((long) (Long) value);
      case DOUBLE -> writeDouble(generator, (Double) value);
      case FLOAT -> writeFloat(generator, (Float) value);
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
        ((Map<?, ?>) value)
            .forEach((key, element) -> {
              generator.writeName((String) key);
              writeValue(generator, type.element(), element, owner, index);
            });
        generator.writeEndObject();
      }
    }
  }

  @SuppressWarnings("unchecked") // a record's member has the type that its descriptor tells
  private static <T> void writeTarget(JsonGenerator generator, Structure<T> shape, Object value) {
    writeStructure(generator, shape, (T) value);
  }

  private static void writeDouble(JsonGenerator generator, double value) {
    if (Double.isFinite(value)) {
      generator.writeNumber(value);
    } else {
      generator.writeString(Double.toString(value));
    }
  }

  private static void writeFloat(JsonGenerator generator, float value) {
    if (Float.isFinite(value)) {
      generator.writeNumber(value);
    } else {
      generator.writeString(Float.toString(value));
    }
  }

  /// Epoch seconds with at most three decimals, as AWS writes them: `1784600000.123`, `1784600000`.
  static String epochSeconds(Instant time) {
    long millis = time.toEpochMilli();
    long seconds = Math.abs(millis / 1000);
    long rest = Math.abs(millis % 1000);
    StringBuilder text = new StringBuilder(16);
    if (millis < 0) {
      text.append('-');
    }
    text.append(seconds);
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

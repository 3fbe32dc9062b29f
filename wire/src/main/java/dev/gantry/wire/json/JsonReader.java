package dev.gantry.wire.json;

import dev.gantry.wire.shape.Blob;
import dev.gantry.wire.shape.Document;
import dev.gantry.wire.shape.Structure;
import dev.gantry.wire.shape.ValueType;
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
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// Reads one document into a record by its descriptor. Depth, sizes and counts are bounded by the
/// parser it is given; numbers are looked at through bounded types only.
final class JsonReader {
  private static final BigDecimal NANOS_PER_SECOND = BigDecimal.valueOf(1_000_000_000L);

  private final JsonParser parser;
  private final JsonFactory factory;
  private final boolean checkText;

  /// A reader of the document at the start of `parser`.
  ///
  /// @param factory makes the text of open content
  /// @param checkText whether strings may hold half of a surrogate pair, which is refused because
  ///   it could not be written as UTF-8
  JsonReader(JsonParser parser, JsonFactory factory, boolean checkText) {
    this.parser = parser;
    this.factory = factory;
    this.checkText = checkText;
  }

  <T> T read(Structure<T> shape) {
    JsonToken first = parser.nextToken();
    if (first == null) {
      return shape.create(new @Nullable Object[shape.size()]);
    }
    T record = structure(first, shape);
    if (parser.nextToken() != null) {
      throw new MalformedInputException("Unexpected content after the end of the JSON object");
    }
    return record;
  }

  private <T> T structure(JsonToken token, Structure<T> shape) {
    if (token != JsonToken.START_OBJECT) {
      throw unexpected(token, "a structure");
    }
    @Nullable Object[] values = new @Nullable Object[shape.size()];
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      JsonToken next = parser.nextToken();
      int index = shape.indexOf(name);
      if (index < 0) {
        parser.skipChildren();
      } else if (next == JsonToken.VALUE_NULL) {
        values[index] = null;
      } else {
        try {
          values[index] = value(next, shape.member(index).type(), shape, index);
        } catch (MalformedInputException problem) {
          throw problem.within(name);
        }
      }
    }
    return shape.create(values);
  }

  private Object value(JsonToken token, ValueType type, Structure<?> owner, int index) {
    return switch (type.kind()) {
      case STRING -> text(token, "a String");
      case INTEGER -> {
        long number = whole(token, "an Integer");
        if (number != (int) number) {
          throw unexpected(token, "an Integer");
        }
        yield (int) number;
      }
      case LONG -> whole(token, "a Long");
      case DOUBLE -> fraction(token, "a Double");
      case FLOAT -> {
        double number = fraction(token, "a Float");
        if (Double.isFinite(number) && Math.abs(number) > Float.MAX_VALUE) {
          throw unexpected(token, "a Float");
        }
        yield (float) number;
      }
      case BOOLEAN ->
          switch (token) {
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> throw unexpected(token, "a Boolean");
          };
      case TIMESTAMP -> timestamp(token);
      case BLOB -> {
        try {
          yield Blob.of(Base64.getDecoder().decode(text(token, "a Blob")));
        } catch (IllegalArgumentException _) {
          throw new MalformedInputException("The text is not Base64");
        }
      }
      case DOCUMENT -> document();
      case STRUCTURE -> structure(token, owner.target(index));
      case LIST -> list(token, type.element(), owner, index);
      case MAP -> map(token, type.element(), owner, index);
    };
  }

  private List<Object> list(JsonToken token, ValueType element, Structure<?> owner, int index) {
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
        list.add(value(next, element, owner, index));
      } catch (MalformedInputException problem) {
        throw problem.within((list.size() + 1) + ".member");
      }
    }
    return Collections.unmodifiableList(list);
  }

  private Map<String, Object> map(
      JsonToken token, ValueType element, Structure<?> owner, int index) {
    if (token != JsonToken.START_OBJECT) {
      throw unexpected(token, "a map");
    }
    Map<String, Object> map = new LinkedHashMap<>();
    for (String key = parser.nextName(); key != null; key = parser.nextName()) {
      JsonToken next = parser.nextToken();
      checkText(key);
      try {
        if (next == JsonToken.VALUE_NULL) {
          throw new MalformedInputException("A map must not hold null");
        }
        map.put(key, value(next, element, owner, index));
      } catch (MalformedInputException problem) {
        throw problem.within(key + ".member");
      }
    }
    return Collections.unmodifiableMap(map);
  }

  private String text(JsonToken token, String wanted) {
    if (token != JsonToken.VALUE_STRING) {
      throw unexpected(token, wanted);
    }
    String text = parser.getString();
    checkText(text);
    return text;
  }

  private void checkText(String text) {
    if (checkText && Utf8.hasLoneSurrogate(text)) {
      throw new MalformedInputException("The text has half of a surrogate pair");
    }
  }

  private long whole(JsonToken token, String wanted) {
    if (token == JsonToken.VALUE_NUMBER_INT) {
      if (parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
        return parser.getLongValue();
      }
    } else if (token == JsonToken.VALUE_NUMBER_FLOAT) {
      // 1.0 and 1e3 are whole numbers too. Through a double, because it is the bounded way to look
      // at 1e999999999; whole doubles beyond 2^53 are refused, they would not be exact.
      double number = parser.getDoubleValue();
      if (number == Math.rint(number) && Math.abs(number) <= 0x1p53) {
        return (long) number;
      }
    }
    throw unexpected(token, wanted);
  }

  private double fraction(JsonToken token, String wanted) {
    if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT) {
      double number = parser.getDoubleValue();
      if (Double.isFinite(number)) {
        return number;
      }
    } else if (token == JsonToken.VALUE_STRING) {
      // Smithy's spelling of what JSON cannot say.
      String text = parser.getString();
      if (text.equals("NaN") || text.equals("Infinity") || text.equals("-Infinity")) {
        return Double.parseDouble(text);
      }
    }
    throw unexpected(token, wanted);
  }

  private Instant timestamp(JsonToken token) {
    if (token == JsonToken.VALUE_NUMBER_INT) {
      long seconds = whole(token, "a Timestamp");
      if (seconds >= -AwsJson.MAX_EPOCH_SECONDS && seconds <= AwsJson.MAX_EPOCH_SECONDS) {
        return Instant.ofEpochSecond(seconds);
      }
    } else if (token == JsonToken.VALUE_NUMBER_FLOAT
        && Math.abs(parser.getDoubleValue()) <= AwsJson.MAX_EPOCH_SECONDS) {
      // Below a nanosecond there is nothing, and 1e-999999999 as a decimal would cost gigabytes.
      if (Math.abs(parser.getDoubleValue()) < 1e-9) {
        return Instant.EPOCH;
      }
      BigDecimal seconds = parser.getDecimalValue();
      // The whole and the fraction apart: 10^11 seconds in nanoseconds is more than a long.
      BigDecimal whole = seconds.setScale(0, RoundingMode.FLOOR);
      BigDecimal nanos =
          seconds.subtract(whole).multiply(NANOS_PER_SECOND).setScale(0, RoundingMode.FLOOR);
      return Instant.ofEpochSecond(whole.longValueExact(), nanos.longValueExact());
    }
    throw unexpected(token, "a Timestamp");
  }

  private Document document() {
    StringWriter out = new StringWriter();
    try (JsonGenerator generator = factory.createGenerator(ObjectWriteContext.empty(), out)) {
      generator.copyCurrentStructure(parser);
    }
    String json = out.toString();
    checkText(json);
    return new Document(json);
  }

  /// AWS's own words for a value of the wrong type, as far as they are known from its services:
  /// `STRING_VALUE can not be converted to an Integer` (aws-cdk pull request 27087), `Start of
  /// structure or map found where not expected` (aws-sdk-js-v3 issue 7102).
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
          default -> "NULL_VALUE can not be converted to " + wanted;
        });
  }
}

package dev.gantry.agent.docker;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
import tools.jackson.core.json.JsonFactory;

/// A JSON value as a small tree. The engine's answers are read from it and the payload's free-form
/// `dockerConfig` is merged in it; neither has a fixed shape worth a generated type.
///
/// Reading never fails on a missing or differently typed member: it answers [Null], a fallback or
/// an empty list, because engines of different ages leave different members out.
sealed interface Json {
  /// Deepest nesting that is read.
  int MAX_DEPTH = 64;

  JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
          .build();

  /// An object; members keep their order.
  record Obj(Map<String, Json> members) implements Json {
    Obj() {
      this(new LinkedHashMap<>());
    }

    Obj put(String key, Json value) {
      members.put(key, value);
      return this;
    }

    Obj put(String key, String value) {
      return put(key, new Text(value));
    }

    Obj put(String key, long value) {
      return put(key, new Num(Long.toString(value)));
    }
  }

  /// An array.
  record Arr(List<Json> items) implements Json {
    static Arr of(List<String> texts) {
      List<Json> items = new ArrayList<>();
      for (String text : texts) {
        items.add(new Text(text));
      }
      return new Arr(items);
    }
  }

  /// A string.
  record Text(String value) implements Json {}

  /// A number, as it was spelled, so that nothing is lost by carrying it on.
  record Num(String literal) implements Json {}

  /// A boolean.
  record Bool(boolean value) implements Json {}

  /// `null`, or a member that is not there.
  record Null() implements Json {
    static final Null VALUE = new Null();
  }

  /// The member of that name, or [Null] when there is none or this is not an object.
  default Json at(String key) {
    return this instanceof Obj(Map<String, Json> members)
        ? members.getOrDefault(key, Null.VALUE)
        : Null.VALUE;
  }

  /// This string, or the empty string when it is none.
  default String text() {
    return this instanceof Text(String value) ? value : "";
  }

  /// This whole number, or the fallback when it is none or does not fit.
  default long integer(long fallback) {
    if (this instanceof Num(String literal)) {
      try {
        return Long.parseLong(literal);
      } catch (NumberFormatException notWhole) {
        return fallback;
      }
    }
    return fallback;
  }

  /// True only for the value `true`.
  default boolean truth() {
    return this instanceof Bool(boolean value) && value;
  }

  /// The items of this array, or nothing.
  default List<Json> list() {
    return this instanceof Arr(List<Json> items) ? items : List.of();
  }

  /// The strings of this array, others left out.
  default List<String> texts() {
    List<String> texts = new ArrayList<>();
    for (Json item : list()) {
      if (item instanceof Text(String value)) {
        texts.add(value);
      }
    }
    return texts;
  }

  /// The members of this object, or nothing.
  default Map<String, Json> fields() {
    return this instanceof Obj(Map<String, Json> members) ? members : Map.of();
  }

  /// Reads one value that fills the whole input.
  ///
  /// @throws BadJson if the bytes are not one JSON value, or it is nested deeper than [#MAX_DEPTH]
  static Json parse(byte[] bytes) throws BadJson {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), bytes)) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        throw new BadJson("unexpected end of JSON input", null);
      }
      Json value = read(parser, first);
      if (parser.nextToken() != null) {
        throw new BadJson("more than one JSON value", null);
      }
      return value;
    } catch (JacksonException e) {
      throw new BadJson(e.getOriginalMessage(), e);
    }
  }

  /// Reads one value from text.
  static Json parse(String text) throws BadJson {
    return parse(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Json read(JsonParser parser, JsonToken token) throws BadJson {
    return switch (token) {
      case START_OBJECT -> {
        Obj object = new Obj();
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
          object.put(name, read(parser, next(parser)));
        }
        yield object;
      }
      case START_ARRAY -> {
        List<Json> items = new ArrayList<>();
        for (JsonToken item = next(parser); item != JsonToken.END_ARRAY; item = next(parser)) {
          items.add(read(parser, item));
        }
        yield new Arr(items);
      }
      case VALUE_STRING -> new Text(parser.getString());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Num(parser.getString());
      case VALUE_TRUE -> new Bool(true);
      case VALUE_FALSE -> new Bool(false);
      case VALUE_NULL -> Null.VALUE;
      case NOT_AVAILABLE, END_OBJECT, END_ARRAY, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT ->
          throw new BadJson("unexpected " + token, null);
    };
  }

  private static JsonToken next(JsonParser parser) throws BadJson {
    @Nullable JsonToken token = parser.nextToken();
    if (token == null) {
      throw new BadJson("unexpected end of JSON input", null);
    }
    return token;
  }

  /// This value as UTF-8 JSON.
  default byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator generator = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
      write(generator);
    }
    return out.toByteArray();
  }

  private void write(JsonGenerator generator) {
    switch (this) {
      case Obj(Map<String, Json> members) -> {
        generator.writeStartObject();
        members.forEach((name, value) -> {
          generator.writeName(name);
          value.write(generator);
        });
        generator.writeEndObject();
      }
      case Arr(List<Json> items) -> {
        generator.writeStartArray();
        items.forEach(item -> item.write(generator));
        generator.writeEndArray();
      }
      case Text(String value) -> generator.writeString(value);
      case Num(String literal) -> generator.writeNumber(literal);
      case Bool(boolean value) -> generator.writeBoolean(value);
      case Null() -> generator.writeNull();
    }
  }

  /// The text was not JSON, or not within the limits.
  final class BadJson extends Exception {
    private static final long serialVersionUID = 1L;

    BadJson(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}

package dev.gantry.agent;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/// One JSON object of a file of ours, read whole. A missing member is null, so that a file written
/// by an older agent reads as if it had the declared default.
final class JsonTree {

  /// Longer files are not ours.
  static final int MAX_CHARACTERS = 4 << 20;

  private static final int MAX_DEPTH = 64;

  static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxDocumentLength(MAX_CHARACTERS)
                  .maxStringLength(MAX_CHARACTERS)
                  .build())
          .build();

  private final Map<String, @Nullable Object> members;

  private JsonTree(Map<String, @Nullable Object> members) {
    this.members = members;
  }

  /// A file of ours that cannot be read. The text is for people and repeats nothing of the file.
  static final class Corrupt extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Corrupt(String message) {
      super(message, null, false, false);
    }

    String text() {
      return String.valueOf(getMessage());
    }
  }

  /// @throws Corrupt if the text is not one JSON object
  static JsonTree parse(String text) {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new Corrupt("it is not a JSON object");
      }
      JsonTree tree = object(parser);
      if (parser.nextToken() != null) {
        throw new Corrupt("it goes on after its end");
      }
      return tree;
    } catch (JacksonException e) {
      throw new Corrupt("it is not JSON within its limits" + place(e));
    }
  }

  /// Where in the text the trouble is, for people; nothing if a limit was passed, which has no
  /// place.
  static String place(JacksonException e) {
    TokenStreamLocation at = e.getLocation();
    return at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
  }

  private static JsonTree object(JsonParser parser) {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      members.put(name, value(parser));
    }
    return new JsonTree(members);
  }

  private static @Nullable Object value(JsonParser parser) {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> {
        List<@Nullable Object> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          items.add(value(parser));
        }
        yield items;
      }
      case VALUE_STRING -> parser.getString();
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      case VALUE_NUMBER_FLOAT,
          NOT_AVAILABLE,
          END_OBJECT,
          END_ARRAY,
          PROPERTY_NAME,
          VALUE_EMBEDDED_OBJECT ->
          throw new Corrupt("it has a value of an unknown kind");
    };
  }

  @Nullable String string(String name) {
    return get(name, String.class);
  }

  String string(String name, String missing) {
    String value = string(name);
    return value == null ? missing : value;
  }

  String required(String name) {
    String value = string(name);
    if (value == null) {
      throw new Corrupt(name + " is missing");
    }
    return value;
  }

  long number(String name, long missing) {
    Long value = get(name, Long.class);
    return value == null ? missing : value;
  }

  @Nullable Integer integer(String name) {
    Long value = get(name, Long.class);
    if (value == null) {
      return null;
    }
    if (value.intValue() != value) {
      throw new Corrupt(name + " is out of range");
    }
    return value.intValue();
  }

  boolean flag(String name) {
    return Boolean.TRUE.equals(get(name, Boolean.class));
  }

  @Nullable Instant instant(String name) {
    String value = string(name);
    if (value == null) {
      return null;
    }
    try {
      return Instant.parse(value);
    } catch (DateTimeException _) {
      throw new Corrupt(name + " is not a time");
    }
  }

  <E extends Enum<E>> E choice(String name, Class<E> type, E missing) {
    String value = string(name);
    if (value == null) {
      return missing;
    }
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equals(value)) {
        return constant;
      }
    }
    throw new Corrupt(name + " has a value that this agent does not know");
  }

  @Nullable JsonTree object(String name) {
    return get(name, JsonTree.class);
  }

  List<JsonTree> objects(String name) {
    return items(name, JsonTree.class);
  }

  List<String> strings(String name) {
    return items(name, String.class);
  }

  boolean has(String name) {
    return members.get(name) != null;
  }

  private <T> List<T> items(String name, Class<T> type) {
    List<T> items = new ArrayList<>();
    List<?> list = get(name, List.class);
    if (list != null) {
      for (Object item : list) {
        if (!type.isInstance(item)) {
          throw new Corrupt(name + " has an item of the wrong kind");
        }
        items.add(type.cast(item));
      }
    }
    return items;
  }

  private <T> @Nullable T get(String name, Class<T> type) {
    Object value = members.get(name);
    if (value != null && !type.isInstance(value)) {
      throw new Corrupt(name + " is of the wrong kind");
    }
    return type.cast(value);
  }
}

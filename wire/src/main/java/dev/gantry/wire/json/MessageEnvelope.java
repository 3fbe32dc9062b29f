package dev.gantry.wire.json;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/// The frame of a message on an agent's socket: `{"type":"<Type>","message":{...}}`, both ways.
///
/// The message stays text, because only its type tells which shape it has.
///
/// @param type the message's type, as `PayloadMessage`
/// @param message the JSON object behind `message`, as it stood in the frame; `{}` when there was
///   none
public record MessageEnvelope(String type, String message) {
  /// Deeper nesting than this is refused.
  public static final int MAX_DEPTH = 64;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
          .build();

  /// The frame around a message that is already encoded.
  public static String wrap(String type, String message) {
    return "{\"type\":\"" + type + "\",\"message\":" + message + "}";
  }

  /// Takes a frame apart, or gives null if the text is not one.
  public static @Nullable MessageEnvelope parse(String text) {
    String type = null;
    String message = "{}";
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if ("type".equalsIgnoreCase(name) && value == JsonToken.VALUE_STRING) {
          type = parser.getString();
        } else if ("message".equalsIgnoreCase(name) && value == JsonToken.START_OBJECT) {
          int from = (int) parser.currentTokenLocation().getCharOffset();
          parser.skipChildren();
          message = text.substring(from, (int) parser.currentTokenLocation().getCharOffset() + 1);
        } else {
          parser.skipChildren();
        }
      }
      if (parser.nextToken() != null) {
        return null;
      }
    } catch (JacksonException e) {
      return null;
    }
    return type == null ? null : new MessageEnvelope(type, message);
  }
}

package dev.gantry.agent;

import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/// The JSON texts inside a payload's `dockerConfig`, taken apart as far as the agent decides on
/// them: labels, network mode and log configuration. The rest goes to the engine as it is.
final class EngineJson {

  /// Longer texts are refused.
  static final int MAX_CHARACTERS = 256 * 1024;

  private static final int MAX_DEPTH = 32;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxDocumentLength(MAX_CHARACTERS)
                  .build())
          .build();

  private EngineJson() {}

  /// The text is not what it should be; the message says what, without repeating it.
  static final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Malformed(String message) {
      super(message, null, false, false);
    }
  }

  /// `dockerConfig.config`.
  ///
  /// @param rest without `Labels`; null if nothing is left
  record Config(SortedMap<String, String> labels, @Nullable String rest) {}

  /// `dockerConfig.hostConfig`.
  ///
  /// @param networkMode null if not given
  /// @param logDriver null or empty if not given
  /// @param rest without `LogConfig` and `NetworkMode`; null if nothing is left
  record HostConfig(
      @Nullable String networkMode,
      @Nullable String logDriver,
      SortedMap<String, String> logOptions,
      @Nullable String rest) {}

  /// Takes `dockerConfig.config` apart.
  ///
  /// @throws Malformed if it is not a JSON object or `Labels` is not one of strings
  static Config config(@Nullable String text) {
    SortedMap<String, String> labels = new TreeMap<>();
    String rest =
        split(
            "config",
            text,
            (name, parser) -> {
              if (!name.equals("Labels")) {
                return false;
              }
              labels.putAll(strings(parser, "config.Labels"));
              return true;
            });
    return new Config(labels, rest);
  }

  /// Takes `dockerConfig.hostConfig` apart.
  ///
  /// @throws Malformed if it is not a JSON object, or what is taken out has the wrong form
  static HostConfig hostConfig(@Nullable String text) {
    SortedMap<String, String> options = new TreeMap<>();
    String[] driver = new String[1];
    String[] networkMode = new String[1];
    String rest =
        split(
            "hostConfig",
            text,
            (name, parser) -> {
              if (name.equals("NetworkMode")) {
                networkMode[0] = string(parser, "hostConfig.NetworkMode");
                return true;
              }
              if (name.equals("LogConfig")) {
                logConfig(parser, driver, options);
                return true;
              }
              return false;
            });
    return new HostConfig(networkMode[0], driver[0], options, rest);
  }

  /// The `command` of a container's `overrides`; null if it gives none.
  ///
  /// @throws Malformed if there is any other key: Amazon's agent knows none either
  static @Nullable Command command(@Nullable String overrides) {
    List<String> words = new ArrayList<>();
    boolean[] given = new boolean[1];
    split(
        "overrides",
        overrides,
        (name, parser) -> {
          if (!name.equals("command")) {
            throw new Malformed("overrides." + name + " is not known");
          }
          if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return true;
          }
          if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw new Malformed("overrides.command is not a list");
          }
          given[0] = true;
          while (parser.nextToken() != JsonToken.END_ARRAY) {
            words.add(string(parser, "overrides.command"));
          }
          return true;
        });
    return given[0] ? new Command(words) : null;
  }

  /// A command override.
  record Command(List<String> words) {}

  /// Handles one member; the parser stands on the member's value, and must stand on its last token
  /// afterwards.
  private interface Member {
    /// True if the member was taken out.
    boolean take(String name, JsonParser parser);
  }

  private static @Nullable String split(String what, @Nullable String text, Member member) {
    if (text == null || text.isBlank()) {
      return null;
    }
    StringWriter rest = new StringWriter();
    boolean kept = false;
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text);
        JsonGenerator generator = JSON.createGenerator(ObjectWriteContext.empty(), rest)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new Malformed(what + " is not a JSON object");
      }
      generator.writeStartObject();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        if (!member.take(name, parser)) {
          kept = true;
          generator.writeName(name);
          generator.copyCurrentStructure(parser);
        }
      }
      generator.writeEndObject();
      if (parser.nextToken() != null) {
        throw new Malformed(what + " goes on after its end");
      }
    } catch (JacksonException e) {
      throw malformed(what, e);
    }
    return kept ? rest.toString() : null;
  }

  private static Malformed malformed(String what, JacksonException e) {
    // Jackson's own text repeats parts of the input, which may be secret.
    return new Malformed(what + " is not JSON within its limits" + JsonTree.place(e));
  }

  private static void logConfig(
      JsonParser parser, String[] driver, SortedMap<String, String> options) {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw new Malformed("hostConfig.LogConfig is not an object");
    }
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "Type" -> driver[0] = string(parser, "hostConfig.LogConfig.Type");
        case "Config" -> options.putAll(strings(parser, "hostConfig.LogConfig.Config"));
        default -> parser.skipChildren();
      }
    }
  }

  private static SortedMap<String, String> strings(JsonParser parser, String what) {
    SortedMap<String, String> strings = new TreeMap<>();
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return strings;
    }
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw new Malformed(what + " is not an object");
    }
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      strings.put(name, string(parser, what));
    }
    return strings;
  }

  private static String string(JsonParser parser, String what) {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw new Malformed(what + " holds something that is not a string");
    }
    return parser.getString();
  }
}

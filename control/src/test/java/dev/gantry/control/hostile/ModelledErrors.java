package dev.gantry.control.hostile;

import dev.gantry.wire.shape.Operation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// Which errors an operation may answer with: those of the committed model, those that every AWS
/// service has (`CommonErrors` of each API reference), and the few that are Gantry's own choice.
final class ModelledErrors {
  /// Of every service, for input.
  private static final Set<String> COMMON =
      Set.of("SerializationException", "ValidationException", "ThrottlingException");

  /// What Gantry does not act on is refused by name, in every operation
  /// (docs/internals/control.md).
  private static final String NOT_ACTED_ON = "UnsupportedFeatureException";

  /// Errors that the model does not list and a caller needs nevertheless, as `operation code`. The
  /// model has only ClientException for an agent whose cluster is not there.
  private static final Set<String> DEVIATIONS =
      Set.of("ecs:DiscoverPollEndpoint ClusterNotFoundException");

  private static final Map<String, Map<String, Set<String>>> BY_SERVICE = new LinkedHashMap<>();

  private ModelledErrors() {}

  static synchronized boolean has(Operation<?, ?> operation, String code) {
    return COMMON.contains(code)
        || code.equals(NOT_ACTED_ON)
        || DEVIATIONS.contains(operation + " " + code)
        || code.equals(operation.service().invalidInput("").code())
        || BY_SERVICE
            .computeIfAbsent(operation.service().name(), ModelledErrors::read)
            .getOrDefault(operation.name(), Set.of())
            .contains(code);
  }

  private static Map<String, Set<String>> read(String service) {
    Path model = Path.of(System.getProperty("basedir", ".")).resolve("../api/model");
    Map<String, Set<String>> errors = new LinkedHashMap<>();
    try (JsonParser parser =
        new JsonFactory()
            .createParser(
                ObjectReadContext.empty(), Files.readAllBytes(model.resolve(service + ".json")))) {
      parser.nextToken();
      for (String name = parser.nextName(); name != null; name = parser.nextName()) {
        parser.nextToken();
        if (name.equals("operations")) {
          operations(parser, errors);
        } else {
          parser.skipChildren();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return errors;
  }

  private static void operations(JsonParser parser, Map<String, Set<String>> errors) {
    for (String operation = parser.nextName(); operation != null; operation = parser.nextName()) {
      parser.nextToken();
      Set<String> codes = new TreeSet<>();
      for (String name = parser.nextName(); name != null; name = parser.nextName()) {
        JsonToken value = parser.nextToken();
        if (name.equals("errors") && value == JsonToken.START_ARRAY) {
          while (parser.nextToken() != JsonToken.END_ARRAY) {
            codes.add(parser.getString());
          }
        } else {
          parser.skipChildren();
        }
      }
      errors.put(operation, codes);
    }
  }
}

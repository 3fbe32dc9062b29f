import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// Refreshes `api/model/<service>.json` from the models that AWS publishes. Run by hand, with the
/// JDK's source launcher and jackson-core on the class path:
///
///     java -cp jackson-core.jar api/src/build/java/ImportModel.java ecs BOTOCORE
///     java -cp jackson-core.jar api/src/build/java/ImportModel.java acs acs-api-2.json
///
/// `BOTOCORE` is the installed package's folder (`python3 -c 'import botocore;
/// print(botocore.__path__[0])'`).
///
/// What is kept: names, types, required members, length, range and pattern, enum values, error
/// statuses, and what marks a value as sensitive. Documentation text is not carried over. What is
/// changed: a scalar without constraints is called by its type instead of its shape's name; event
/// streams are left out, because awsJson cannot carry them; errors get the HTTP status that the
/// model leaves out (500 for a fault of the server, else 400).
public final class ImportModel {
  private ImportModel() {}

  /// What this project decides for a service and no published model says.
  ///
  /// @param className the generated entry class
  /// @param invalidInput the error for input that breaks a constraint, or null for a message-only
  ///   protocol
  /// @param bodyLimitBytes the largest request body
  /// @param bodyLimitReason where that number comes from
  /// @param sensitive members, as `Shape.member`, that are secret although the model does not say
  private record Choice(
      String className,
      String invalidInput,
      long bodyLimitBytes,
      String bodyLimitReason,
      List<String> sensitive) {}

  private static final Map<String, Choice> CHOICES =
      Map.of(
          "ecs",
          new Choice(
              "Ecs",
              "InvalidParameterException",
              1 << 20,
              "16 times the largest task definition (64 KiB, ECS service quotas)",
              List.of()),
          "logs",
          new Choice(
              "Logs",
              "InvalidParameterException",
              8 << 20,
              "a batch of 1,048,576 bytes (PutLogEvents) whose every byte is a six-byte JSON escape,"
                  + " and the JSON around 10,000 events",
              List.of()),
          "acs",
          new Choice(
              "Acs",
              null,
              0,
              "",
              List.of("IAMRoleCredentials.sessionToken", "EncodedString.value")),
          "tcs",
          new Choice("Tcs", null, 0, "", List.of()));

  /// Types of the published models that this project knows.
  private static final List<String> SCALARS =
      List.of("string", "integer", "long", "double", "float", "boolean", "timestamp", "blob");

  /// Traits of a shape that are kept as they are.
  private static final List<String> KEPT = List.of("enum", "min", "max", "pattern", "sensitive");

  /// Imports one service.
  ///
  /// @param args the service, and where its models are
  /// @throws IOException if a model cannot be read or the result cannot be written
  public static void main(String[] args) throws IOException {
    String service = args[0];
    Choice choice = CHOICES.get(service);
    Path source = Path.of(args[1]);
    Map<String, Object> head = new LinkedHashMap<>();
    Map<String, Object> model;
    if (Files.isDirectory(source)) {
      String version =
          matchAfter(Files.readString(source.resolve("__init__.py")), "__version__ = '");
      model = read(newestModel(source.resolve("data").resolve(service)));
      head.put("sources", List.of("botocore " + version));
    } else {
      model = read(source);
      head.put("sources", List.of("amazon-ecs-agent 1.105.1, " + source.getFileName()));
    }
    Map<String, Object> metadata = object(model, "metadata");
    head.put("rule", "Shapes as published, without documentation; see ImportModel.java.");
    head.put("service", service);
    head.put("className", choice.className());
    head.put("protocol", "awsJson" + metadata.get("jsonVersion"));
    head.put("targetPrefix", metadata.get("targetPrefix"));
    head.put("signingName", metadata.getOrDefault("signingName", metadata.get("endpointPrefix")));
    if (choice.invalidInput() != null) {
      head.put("invalidInput", choice.invalidInput());
      head.put("bodyLimitBytes", choice.bodyLimitBytes());
      head.put("bodyLimitReason", choice.bodyLimitReason());
    }

    Map<String, Object> shapes = object(model, "shapes");
    Map<String, Object> operations = new TreeMap<>();
    object(model, "operations")
        .forEach((name, operation) -> operations.put(name, operation(cast(operation))));
    Map<String, Object> kept = new TreeMap<>();
    for (Object operation : operations.values()) {
      cast(operation)
          .forEach((trait, target) -> {
            if (target instanceof String name) {
              keep(name, shapes, kept, choice);
            } else if (target instanceof List<?> names) {
              names.forEach(name -> keep((String) name, shapes, kept, choice));
            }
          });
    }
    if (choice.invalidInput() == null) {
      // Messages of the agent's protocols need no operation to be sent.
      shapes.forEach((name, shape) -> {
        if (cast(shape).get("type").equals("structure")) {
          keep(name, shapes, kept, choice);
        }
      });
    }
    head.put("operations", operations);
    head.put("shapes", kept);
    Path target = Path.of("api", "model", service + ".json");
    StringBuilder out = new StringBuilder();
    print(out, head, 0);
    Files.writeString(target, out.append('\n'));
    System.out.printf("%s: %d operations, %d shapes%n", target, operations.size(), kept.size());
  }

  private static Path newestModel(Path service) throws IOException {
    try (var versions = Files.list(service)) {
      Path version = versions.filter(Files::isDirectory).sorted().toList().getLast();
      return version.resolve("service-2.json.gz");
    }
  }

  private static String matchAfter(String text, String before) {
    int start = text.indexOf(before) + before.length();
    return text.substring(start, text.indexOf('\'', start));
  }

  private static Map<String, Object> operation(Map<String, Object> published) {
    Map<String, Object> operation = new LinkedHashMap<>();
    for (String end : List.of("input", "output")) {
      if (published.containsKey(end)) {
        operation.put(end, object(published, end).get("shape"));
      }
    }
    List<String> errors = new ArrayList<>();
    for (Object error : (List<?>) published.getOrDefault("errors", List.of())) {
      errors.add((String) cast(error).get("shape"));
    }
    operation.put("errors", errors.stream().sorted().toList());
    return operation;
  }

  /// Keeps a shape and whatever it refers to; returns what a member calls it: the shape's name, or
  /// the type of a scalar that has nothing of its own.
  private static String keep(
      String name, Map<String, Object> shapes, Map<String, Object> kept, Choice choice) {
    Map<String, Object> published = object(shapes, name);
    String type = (String) published.get("type");
    if (published.containsKey("document")) {
      return "document";
    }
    Map<String, Object> shape = new LinkedHashMap<>();
    shape.put("type", type);
    if (published.containsKey("exception")) {
      shape.put("error", published.containsKey("fault") ? 500L : 400L);
    }
    for (String trait : KEPT) {
      if (published.containsKey(trait)) {
        shape.put(trait, published.get(trait));
      }
    }
    if (SCALARS.contains(type)) {
      if (shape.size() == 1) {
        return type;
      }
      kept.put(name, shape);
      return name;
    }
    if (kept.putIfAbsent(name, shape) != null) {
      return name;
    }
    switch (type) {
      case "list" -> shape.put("member", keep(target(published, "member"), shapes, kept, choice));
      case "map" -> {
        shape.put("key", keep(target(published, "key"), shapes, kept, choice));
        shape.put("value", keep(target(published, "value"), shapes, kept, choice));
      }
      case "structure" -> {
        if (published.containsKey("union")) {
          shape.put("union", true);
        }
        if (published.containsKey("required")) {
          shape.put("required", published.get("required"));
        }
        Map<String, Object> members = new LinkedHashMap<>();
        object(published, "members")
            .forEach((member, reference) -> {
              String to = (String) cast(reference).get("shape");
              if (!object(shapes, to).containsKey("eventstream")) {
                String called = keep(to, shapes, kept, choice);
                if (choice.sensitive().contains(name + "." + member)) {
                  called = "SensitiveString";
                }
                members.put(member, called);
              }
            });
        shape.put("members", members);
      }
      default -> throw new IllegalArgumentException("unknown type " + type + " of " + name);
    }
    return name;
  }

  private static String target(Map<String, Object> shape, String member) {
    return (String) object(shape, member).get("shape");
  }

  private static Map<String, Object> object(Map<String, Object> parent, String member) {
    return cast(parent.get(member));
  }

  @SuppressWarnings("unchecked") // the shape of the published models is known
  private static Map<String, Object> cast(Object value) {
    return (Map<String, Object>) value;
  }

  /// Prints an object or list on one line where it fits, else one member per line: a new member is
  /// then one line in a diff.
  private static void print(StringBuilder out, Object value, int depth) {
    String line = oneLine(value);
    boolean container = value instanceof Map || value instanceof List;
    boolean names =
        value instanceof List<?> list && list.stream().allMatch(String.class::isInstance);
    if (!container || names || depth > 0 && line.length() + 2 * depth < 110) {
      out.append(line);
      return;
    }
    String indent = "\n" + "  ".repeat(depth + 1);
    String separator = "";
    if (value instanceof Map<?, ?> map) {
      out.append('{');
      for (var entry : map.entrySet()) {
        out.append(separator).append(indent).append(quote((String) entry.getKey())).append(": ");
        print(out, entry.getValue(), depth + 1);
        separator = ",";
      }
      out.append("\n").append("  ".repeat(depth)).append('}');
    } else {
      out.append('[');
      for (Object element : (List<?>) value) {
        out.append(separator).append(indent);
        print(out, element, depth + 1);
        separator = ",";
      }
      out.append("\n").append("  ".repeat(depth)).append(']');
    }
  }

  private static String oneLine(Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        List<String> parts = new ArrayList<>();
        map.forEach((name, member) -> parts.add(quote((String) name) + ": " + oneLine(member)));
        yield "{" + String.join(", ", parts) + "}";
      }
      case List<?> list ->
          "[" + String.join(", ", list.stream().map(ImportModel::oneLine).toList()) + "]";
      case String text -> quote(text);
      default -> value.toString();
    };
  }

  private static String quote(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static Map<String, Object> read(Path file) throws IOException {
    try (InputStream raw = Files.newInputStream(file);
        InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw;
        JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), in)) {
      parser.nextToken();
      return cast(value(parser));
    }
  }

  private static Object value(JsonParser parser) {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, Object> map = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          map.put(name, value(parser));
        }
        yield map;
      }
      case START_ARRAY -> {
        List<Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(parser));
        }
        yield list;
      }
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> parser.getString();
    };
  }
}

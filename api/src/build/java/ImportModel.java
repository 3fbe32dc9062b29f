import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// Refreshes `api/model/<service>.json` from the models that AWS publishes. Run by hand, with the
/// JDK's source launcher and jackson-core on the class path:
///
///     java -cp jackson-core.jar api/src/build/java/ImportModel.java ecs BOTOCORE CLIENT_ECS
///     java -cp jackson-core.jar api/src/build/java/ImportModel.java logs BOTOCORE CLIENT_LOGS
///     java -cp jackson-core.jar api/src/build/java/ImportModel.java acs acs-api-2.json
///
/// `BOTOCORE` is the installed package's folder (`python3 -c 'import botocore;
/// print(botocore.__path__[0])'`); `CLIENT_ECS` is what `npm pack @aws-sdk/client-ecs` gives,
/// unpacked, and `CLIENT_LOGS` likewise `@aws-sdk/client-cloudwatch-logs`.
///
/// What is kept: names, types, required members, length, range and pattern, enum values, error
/// statuses, and what marks a value as sensitive. Documentation text is not carried over. What is
/// changed: a scalar without constraints is called by its type instead of its shape's name; the event
/// stream of an output is not a member of it but the operation's `events`, because it comes after
/// the output; errors get the HTTP status that the model leaves out (500 for a fault of the server,
/// else 400).
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
      List<String> sources = new ArrayList<>();
      sources.add("botocore " + version);
      if (args.length > 2) {
        NpmClient npm = NpmClient.read(Path.of(args[2]));
        npm.mergeInto(model);
        sources.add(npm.version);
        head.put("mergeRule", NpmClient.RULE);
      }
      head.put("sources", sources);
    } else {
      model = read(source);
      head.put("sources", List.of("amazon-ecs-agent 1.105.1, " + source.getFileName()));
    }
    Map<String, Object> metadata = object(model, "metadata");
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
        .forEach((name, operation) -> operations.put(name, operation(cast(operation), shapes)));
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

  private static Map<String, Object> operation(
      Map<String, Object> published, Map<String, Object> shapes) {
    Map<String, Object> operation = new LinkedHashMap<>();
    for (String end : List.of("input", "output")) {
      if (published.containsKey(end)) {
        operation.put(end, object(published, end).get("shape"));
      }
    }
    if (operation.get("output") instanceof String output) {
      object(object(shapes, output), "members")
          .values()
          .forEach(reference -> {
            String to = (String) cast(reference).get("shape");
            if (object(shapes, to).containsKey("eventstream")) {
              operation.put("events", to);
            }
          });
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
      Object status = published.get("httpError");
      shape.put("error", status != null ? status : published.containsKey("fault") ? 500L : 400L);
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

  /// What the npm package `@aws-sdk/client-*` tells of a service. It is generated from the same
  /// models as botocore, some weeks newer, but leaves out lengths, ranges and patterns, and says
  /// "number" for every number.
  ///
  /// Its `schemas_0.js` holds one literal per shape, `[kind, namespace, name, traits, ...]`, where
  /// a member's shape is a number (0 text, 1 number, 2 boolean, 4 timestamp, 15 document, 64|x a
  /// list and 128|x a map of x), or a function that returns a shape, or one of these in a list with
  /// traits. Enums and the errors of an operation stand in the type declarations only.
  private static final class NpmClient {
    static final String RULE =
        "Shapes and constraints are botocore's. The npm client is newer: operations, shapes, members"
            + " and enum values that only it has are added; which members are required, and the"
            + " status of an error, are as it says. It does not tell integer from long or double: a"
            + " number that only it has is what botocore calls a member of that name elsewhere, else"
            + " a long if its name ends in Time, At, Bytes or Offset, else an integer.";

    private static final Pattern NAME =
        Pattern.compile("^const (_\\w+) = \"(.*)\";$", Pattern.MULTILINE);
    private static final Pattern SHAPE =
        Pattern.compile(
            "^(?:export )?var (\\w+\\$?) = (.*?);$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern TOKEN = Pattern.compile("\\s*(\"[^\"]*\"|-?\\d+|[\\w$]+|=>|\\S)");
    private static final Pattern ENUM =
        Pattern.compile("export declare const (\\w+): \\{(.*?)\\n\\};", Pattern.DOTALL);
    private static final Pattern ENUM_VALUE = Pattern.compile("readonly \\w+: \"(.*?)\";");
    private static final Pattern THROWS =
        Pattern.compile("@throws \\{@link (\\w+)} \\((?:client|server)");

    /// A shape literal that another one names.
    private record Reference(String variable) {}

    /// The output of an operation that answers nothing.
    private static final Reference NOTHING = new Reference("__Unit");

    final String version;
    private final Map<String, String> names = new LinkedHashMap<>();
    private final Map<String, Object> literals = new LinkedHashMap<>();
    private final Map<String, List<Object>> enums = new LinkedHashMap<>();
    private final Map<String, List<Object>> errors = new LinkedHashMap<>();
    private final StringBuilder declarations = new StringBuilder();

    private NpmClient(String version) {
      this.version = version;
    }

    static NpmClient read(Path unpacked) throws IOException {
      Map<String, Object> manifest = ImportModel.read(unpacked.resolve("package.json"));
      NpmClient client = new NpmClient(manifest.get("name") + " " + manifest.get("version"));
      String schemas = Files.readString(unpacked.resolve("dist-es/schemas/schemas_0.js"));
      NAME.matcher(schemas).results().forEach(m -> client.names.put(m.group(1), m.group(2)));
      SHAPE
          .matcher(schemas)
          .results()
          .forEach(m -> client.literals.put(m.group(1), client.literal(m.group(2))));
      Path types = unpacked.resolve("dist-types");
      try (var files = Files.list(types.resolve("models"))) {
        for (Path file : files.filter(f -> f.toString().endsWith(".d.ts")).sorted().toList()) {
          client.declarations.append(Files.readString(file));
        }
      }
      ENUM.matcher(client.declarations)
          .results()
          .forEach(m ->
              client.enums.put(
                  m.group(1),
                  ENUM_VALUE.matcher(m.group(2)).results().<Object>map(v -> v.group(1)).toList()));
      try (var files = Files.list(types.resolve("commands"))) {
        for (Path file : files.filter(f -> f.toString().endsWith("Command.d.ts")).toList()) {
          String name = file.getFileName().toString().replace("Command.d.ts", "");
          client.errors.put(
              name,
              THROWS
                  .matcher(Files.readString(file))
                  .results()
                  .<Object>map(m -> new LinkedHashMap<>(Map.of("shape", m.group(1))))
                  .toList());
        }
      }
      return client;
    }

    /// Reads one literal into lists, maps, numbers, texts and references.
    private Object literal(String text) {
      List<String> tokens = TOKEN.matcher(text).results().map(m -> m.group(1)).toList();
      int[] at = {0};
      Object value = literal(tokens, at);
      if (at[0] != tokens.size()) {
        throw new IllegalArgumentException("not a shape literal: " + text);
      }
      return value;
    }

    private Object literal(List<String> tokens, int[] at) {
      String token = tokens.get(at[0]++);
      if (token.equals("[")) {
        List<Object> list = new ArrayList<>();
        while (!tokens.get(at[0]).equals("]")) {
          list.add(literal(tokens, at));
          if (tokens.get(at[0]).equals(",")) {
            at[0]++;
          }
        }
        at[0]++;
        return list;
      }
      if (token.equals("{")) {
        Map<String, Object> map = new LinkedHashMap<>();
        while (!tokens.get(at[0]).equals("}")) {
          String key = (String) ((List<?>) literal(tokens, at)).getFirst();
          at[0]++; // the colon
          map.put(key, literal(tokens, at));
          if (tokens.get(at[0]).equals(",")) {
            at[0]++;
          }
        }
        at[0]++;
        return map;
      }
      if (token.equals("(")) {
        at[0] += 2; // the closing parenthesis and the arrow
        return new Reference(tokens.get(at[0]++));
      }
      if (token.matches("-?\\d+")) {
        long number = Long.parseLong(token);
        if (at[0] < tokens.size() && tokens.get(at[0]).equals("|")) {
          at[0]++;
          Object element = literal(tokens, at);
          return number == 64
              ? List.of(1L, "", "", 0L, element)
              : List.of(2L, "", "", 0L, 0L, element);
        }
        return number;
      }
      if (token.startsWith("\"")) {
        return token.substring(1, token.length() - 1);
      }
      return names.getOrDefault(token, token);
    }

    /// Adds what the published model does not have, in that model's own form.
    void mergeInto(Map<String, Object> model) {
      Map<String, Object> shapes = object(model, "shapes");
      Map<String, Object> operations = object(model, "operations");
      enums.forEach((name, values) -> {
        if (shapes.containsKey(name)) {
          Map<String, Object> shape = object(shapes, name);
          List<Object> all = new ArrayList<>((List<?>) shape.get("enum"));
          values.stream().filter(value -> !all.contains(value)).forEach(all::add);
          shape.put("enum", all);
        }
      });
      for (Object value : literals.values()) {
        if (value instanceof List<?> literal && literal.get(0) instanceof Long kind) {
          String name = (String) literal.get(2);
          if (kind == 9 && !operations.containsKey(name)) {
            Map<String, Object> operation = new LinkedHashMap<>();
            for (int end : new int[] {4, 5}) {
              if (!literal.get(end).equals(NOTHING)) {
                operation.put(
                    end == 4 ? "input" : "output", reference(shape(literal.get(end), "", shapes)));
              }
            }
            operation.put("errors", errors.get(name));
            operations.put(name, operation);
          } else if (Math.abs(kind) == 3 || kind == 4) {
            structure(literal, shapes);
          }
        }
      }
    }

    private static Map<String, Object> reference(String shape) {
      return new LinkedHashMap<>(Map.of("shape", shape));
    }

    private void structure(List<?> literal, Map<String, Object> shapes) {
      String name = (String) literal.get(2);
      if (literal.get(1).toString().startsWith("smithy.ts")) {
        return; // the client's own base error
      }
      Map<String, Object> shape =
          cast(
              shapes.computeIfAbsent(
                  name,
                  _ ->
                      new LinkedHashMap<>(
                          Map.of("type", "structure", "members", new LinkedHashMap<>()))));
      if (literal.get(0).equals(4L)) {
        shape.put("union", true);
      }
      if (literal.get(3) instanceof Map<?, ?> traits && traits.containsKey("error")) {
        shape.put("exception", true);
        if (traits.get("error").equals("server")) {
          shape.put("fault", true);
        }
        if (traits.get("httpError") instanceof Long status) {
          shape.put("httpError", status);
        }
      }
      List<?> members = (List<?>) literal.get(4);
      int required = literal.size() > 6 ? ((Long) literal.get(6)).intValue() : 0;
      shape.remove("required");
      if (required > 0) {
        shape.put("required", members.subList(0, required));
      }
      Map<String, Object> known = object(shape, "members");
      for (int i = 0; i < members.size(); i++) {
        String member = (String) members.get(i);
        if (!known.containsKey(member)) {
          String declared =
              shape.containsKey("exception")
                  ? "" // declared as a class; no error has an enum
                  : declaredType(name, member, literal.get(0).equals(4L));
          Object type = ((List<?>) literal.get(5)).get(i);
          known.put(
              member,
              reference(type.equals(1L) ? number(member, shapes) : shape(type, declared, shapes)));
        }
      }
    }

    private String number(String member, Map<String, Object> shapes) {
      for (Object shape : shapes.values()) {
        if (cast(shape).get("members") instanceof Map<?, ?> members
            && members.get(member) instanceof Map<?, ?> known) {
          String name = (String) known.get("shape");
          if (List.of("integer", "long", "double", "float")
              .contains(object(shapes, name).get("type"))) {
            return name;
          }
        }
      }
      String type = member.matches(".*(Time|At|Bytes|Offset)") ? "Long" : "Integer";
      shapes.putIfAbsent(type, new LinkedHashMap<>(Map.of("type", type.toLowerCase(Locale.ROOT))));
      return type;
    }

    /// The TypeScript type of a member, without what makes it optional: it names the enum, which
    /// the shape does not.
    private String declaredType(String shape, String member, boolean union) {
      Matcher declaration =
          Pattern.compile(
                  (union ? "export declare namespace " : "export interface ")
                      + shape
                      + " (?:extends \\S+ )?\\{\\R(.*?)^\\}",
                  Pattern.DOTALL | Pattern.MULTILINE)
              .matcher(declarations);
      if (!declaration.find()) {
        throw new IllegalArgumentException("no declaration of " + shape);
      }
      return Pattern.compile("^\\s+" + member + "\\??: (.*);$", Pattern.MULTILINE)
          .matcher(declaration.group(1))
          .results()
          .map(m -> m.group(1).replace(" | undefined", "").replace("[]", ""))
          .filter(type -> !type.equals("never"))
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException(shape + "." + member));
    }

    /// The name of the shape that a literal stands for, added to `shapes` if it is new.
    private String shape(Object literal, String declared, Map<String, Object> shapes) {
      switch (literal) {
        case Long kind -> {
          if (kind == 0 && enums.containsKey(declared)) {
            shapes.putIfAbsent(
                declared,
                new LinkedHashMap<>(Map.of("type", "string", "enum", enums.get(declared))));
            return declared;
          }
          String type =
              switch (kind.intValue()) {
                case 0 -> "string";
                case 1 -> "integer";
                case 2 -> "boolean";
                case 4 -> "timestamp";
                default -> throw new IllegalArgumentException("unknown kind " + kind);
              };
          String name = Character.toUpperCase(type.charAt(0)) + type.substring(1);
          shapes.putIfAbsent(name, new LinkedHashMap<>(Map.of("type", type)));
          return name;
        }
        case Reference reference -> {
          return shape(literals.get(reference.variable()), reference.variable(), declared, shapes);
        }
        case List<?> list when list.size() == 2 -> {
          return shape(list.get(0), declared, shapes); // the second is a member's traits
        }
        case List<?> list -> {
          return shape(list, "", declared, shapes);
        }
        default -> throw new IllegalArgumentException("not a shape: " + literal);
      }
    }

    private String shape(
        Object literal, String variable, String declared, Map<String, Object> shapes) {
      List<?> list = (List<?>) literal;
      String name = (String) list.get(2);
      int kind = ((Long) list.get(0)).intValue();
      if (kind == 1 || kind == 2) {
        String element = shape(list.get(kind == 1 ? 4 : 5), declared, shapes);
        if (name.isEmpty()) {
          name = variable.isEmpty() ? element + (kind == 1 ? "List" : "Map") : variable;
        }
        shapes.putIfAbsent(
            name,
            kind == 1
                ? new LinkedHashMap<>(Map.of("type", "list", "member", reference(element)))
                : new LinkedHashMap<>(
                    Map.of(
                        "type", "map", "key", reference("String"), "value", reference(element))));
      } else if (kind == 0) {
        Map<String, Object> text = new LinkedHashMap<>(Map.of("type", "string"));
        if (list.get(3).equals(8L)) {
          text.put("sensitive", true);
        }
        shapes.putIfAbsent(name, text);
      } else if (!shapes.containsKey(name)) {
        structure(list, shapes);
      }
      return name;
    }
  }
}

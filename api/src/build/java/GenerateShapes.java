import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// Writes the Java of `api` from the compact models: one record with a builder and a descriptor per
/// structure, one holder of constants per enum, one entry class and one class of errors per service.
///
/// The build runs it with the JDK's source launcher and jackson-core on the class path:
///
///     java -cp jackson-core.jar GenerateShapes.java MODEL_DIRECTORY OUTPUT_DIRECTORY
///
/// The same models give the same bytes. A name that Java cannot take, or a constraint that could not
/// be checked in bounded time, ends the build with a sentence that names it.
public final class GenerateShapes {
  /// Names that a record component cannot have, or that the generated record uses itself.
  private static final Set<String> RESERVED =
      Set.of(
          "abstract",
          "assert",
          "boolean",
          "break",
          "byte",
          "case",
          "catch",
          "char",
          "class",
          "const",
          "continue",
          "default",
          "do",
          "double",
          "else",
          "enum",
          "extends",
          "final",
          "finally",
          "float",
          "for",
          "goto",
          "if",
          "implements",
          "import",
          "instanceof",
          "int",
          "interface",
          "long",
          "native",
          "new",
          "package",
          "private",
          "protected",
          "public",
          "return",
          "short",
          "static",
          "strictfp",
          "super",
          "switch",
          "synchronized",
          "this",
          "throw",
          "throws",
          "transient",
          "try",
          "void",
          "volatile",
          "while",
          "_",
          "true",
          "false",
          "null",
          "clone",
          "finalize",
          "getClass",
          "hashCode",
          "notify",
          "notifyAll",
          "toString",
          "wait",
          "builder",
          "toBuilder",
          "build");

  /// Simple names that generated code refers to; a shape of that name would hide them.
  private static final Set<String> TAKEN =
      Set.of(
          "String",
          "Integer",
          "Long",
          "Double",
          "Float",
          "Boolean",
          "Object",
          "Override",
          "List",
          "Map",
          "Instant",
          "Blob",
          "Document",
          "Structure",
          "Member",
          "ValueType",
          "Operation",
          "ServiceModel",
          "ServiceException",
          "Unit",
          "Nullable",
          "Generated",
          "Builder",
          "Shape",
          "SuppressWarnings",
          "IllegalArgumentException",
          "LinkedHashMap");

  /// A repeated group that itself repeats without bound: the form of regular expression that can
  /// take exponential time. No model has one; this keeps it so.
  private static final Pattern NESTED_REPETITION =
      Pattern.compile("\\([^()]*[*+}][^()]*\\)(\\*|\\+|\\{\\d+,\\})");

  private static final Map<String, String> SCALARS =
      Map.of(
          "string", "String",
          "integer", "Integer",
          "long", "Long",
          "double", "Double",
          "float", "Float",
          "boolean", "Boolean",
          "timestamp", "Instant",
          "blob", "Blob",
          "document", "Document");

  private final Map<String, Object> model;
  private final Map<String, Object> shapes;
  private final String service;
  private final String className;
  private final String packageName;
  private final Path directory;

  private GenerateShapes(Map<String, Object> model, Path output) {
    this.model = model;
    this.shapes = object(model, "shapes");
    this.service = (String) model.get("service");
    this.className = (String) model.get("className");
    this.packageName = "dev.gantry.api." + service;
    this.directory = output.resolve("dev/gantry/api").resolve(service);
  }

  /// Generates every model of a folder.
  ///
  /// @param args the folder of models and the folder of output, which is emptied first
  /// @throws IOException if a file cannot be read or written
  public static void main(String[] args) throws IOException {
    Path output = Path.of(args[1]);
    if (Files.exists(output)) {
      try (Stream<Path> old = Files.walk(output)) {
        for (Path path : old.sorted((a, b) -> b.compareTo(a)).toList()) {
          Files.delete(path);
        }
      }
    }
    try (Stream<Path> models = Files.list(Path.of(args[0]))) {
      for (Path file : models.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
        new GenerateShapes(read(file), output).run();
      }
    }
  }

  private void run() throws IOException {
    Files.createDirectories(directory);
    boolean messages = !model.containsKey("invalidInput");
    for (var entry : shapes.entrySet()) {
      String name = entry.getKey();
      Map<String, Object> shape = cast(entry.getValue());
      check(!TAKEN.contains(name) && !name.startsWith(className), "the shape name " + name);
      check(Character.isUpperCase(name.charAt(0)), "the shape name " + name);
      if (shape.get("pattern") instanceof String regex) {
        Pattern.compile(regex);
        check(!NESTED_REPETITION.matcher(regex).find(), "the pattern of " + name + ": " + regex);
      }
      if (shape.get("type").equals("structure") && (messages || !shape.containsKey("error"))) {
        write(name, record(name, shape));
      } else if (shape.containsKey("enum")) {
        write(name, constants(name, shape));
      }
    }
    write("package-info", packageInfo());
    if (messages) {
      write(className, messages());
    } else {
      write(className, service());
      write(className + "Errors", errors());
    }
  }

  private void check(boolean right, String what) {
    if (!right) {
      throw new IllegalStateException(
          "the model of " + service + " has something that the generator cannot take: " + what);
    }
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(directory.resolve(name + ".java"), text);
  }

  private String packageInfo() {
    return """
    /// The shapes of `%s` as Java, generated from `api/model/%s.json`.
    ///
    /// Every component of a record is null when the member is absent on the wire; an empty list
    /// or map is one that was sent empty. Records hold the collections they are given: do not
    /// change one afterwards.
    @NullMarked
    package %s;

    import org.jspecify.annotations.NullMarked;
    """
        .formatted(service, service, packageName);
  }

  private StringBuilder begin(String... imports) {
    StringBuilder out = new StringBuilder("package " + packageName + ";\n\n");
    for (String name : imports) {
      out.append("import ").append(name).append(";\n");
    }
    return out.append("import javax.annotation.processing.Generated;\n\n");
  }

  // Records

  private String record(String name, Map<String, Object> shape) {
    Map<String, Object> members = object(shape, "members");
    List<?> required = (List<?>) shape.getOrDefault("required", List.of());
    List<Component> components = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    members.forEach((wireName, target) -> {
      if (isError((String) target)) {
        return; // only event streams have such: an error is not an event, it ends the stream
      }
      String component = component(wireName);
      check(names.add(component), "the member name " + wireName + " of " + name);
      components.add(
          new Component(wireName, component, (String) target, required.contains(wireName)));
    });
    boolean secrets = components.stream().anyMatch(c -> sensitive(c.target()));

    StringBuilder out =
        begin(
            "dev.gantry.wire.shape.Blob",
            "dev.gantry.wire.shape.Document",
            "dev.gantry.wire.shape.Structure",
            "dev.gantry.wire.shape.ValueType",
            "java.time.Instant",
            "java.util.List",
            "java.util.Map",
            "org.jspecify.annotations.Nullable");
    out.append("/// The shape `").append(name).append("`.\n");
    out.append("@Generated(\"GenerateShapes\")\n");
    out.append("public record ").append(name).append("(");
    out.append(
        components.stream()
            .map(c -> "\n    @Nullable " + javaType(c.target()) + " " + c.name())
            .collect(Collectors.joining(",")));
    out.append(") {\n");
    out.append("  /// The descriptor.\n");
    out.append("  public static final Structure<%s> SHAPE = new Shape();\n\n".formatted(name));
    out.append("  /// A builder without any member set.\n");
    out.append("  public static Builder builder() {\n    return new Builder();\n  }\n\n");
    out.append("  /// A builder with every member as it is here.\n");
    out.append("  public Builder toBuilder() {\n    Builder builder = new Builder();\n");
    for (Component c : components) {
      out.append("    builder.%s = %s;\n".formatted(c.name(), c.name()));
    }
    out.append("    return builder;\n  }\n\n");
    if (secrets) {
      out.append("  /// Every member but the secret ones.\n");
      out.append("  @Override\n  public String toString() {\n    return \"")
          .append(name)
          .append("[");
      String separator = "";
      for (Component c : components) {
        out.append(separator).append(c.name()).append("=");
        out.append(
            sensitive(c.target())
                ? "\" + (%s == null ? \"null\" : \"***\") + \"".formatted(c.name())
                : "\" + %s + \"".formatted(c.name()));
        separator = ", ";
      }
      out.append("]\";\n  }\n\n");
    }
    builder(out, name, components);
    descriptor(out, name, components);
    return out.append("}\n").toString();
  }

  private void builder(StringBuilder out, String name, List<Component> components) {
    out.append("  /// Builds a [").append(name).append("]; what is not set is absent.\n");
    out.append("  public static final class Builder {\n");
    for (Component c : components) {
      out.append("    private @Nullable %s %s;\n".formatted(javaType(c.target()), c.name()));
    }
    out.append("\n    private Builder() {}\n");
    for (Component c : components) {
      out.append(
          """

              /// Sets `%s`; null for absent.
              public Builder %s(@Nullable %s value) {
                this.%s = value;
                return this;
              }
          """
              .formatted(c.wireName(), c.name(), javaType(c.target()), c.name()));
    }
    out.append("\n    /// The record.\n");
    out.append("    public %s build() {\n      return new %s(".formatted(name, name));
    out.append(components.stream().map(Component::name).collect(Collectors.joining(", ")));
    out.append(");\n    }\n  }\n\n");
  }

  private void descriptor(StringBuilder out, String name, List<Component> components) {
    out.append("  private static final class Shape extends Structure<%s> {\n".formatted(name));
    out.append("    Shape() {\n      super(\"").append(name).append("\"");
    for (Component c : components) {
      out.append(",\n          ").append(c.required() ? "required(\"" : "optional(\"");
      out.append(c.wireName()).append("\", ").append(type(c.target())).append(")");
    }
    out.append(");\n    }\n\n");

    out.append(
        "    @Override\n    public @Nullable Object get(%s record, int index) {\n".formatted(name));
    if (components.isEmpty()) {
      out.append("      throw noMember(index);\n    }\n\n");
    } else {
      out.append("      return switch (index) {\n");
      for (int i = 0; i < components.size(); i++) {
        out.append("        case %d -> record.%s();\n".formatted(i, components.get(i).name()));
      }
      out.append("        default -> throw noMember(index);\n      };\n    }\n\n");
    }

    out.append("    @Override\n    @SuppressWarnings(\"unchecked\")\n");
    out.append("    public %s create(@Nullable Object[] values) {\n".formatted(name));
    out.append("      return new %s(".formatted(name));
    for (int i = 0; i < components.size(); i++) {
      out.append(i == 0 ? "\n" : ",\n");
      out.append("          (%s) values[%d]".formatted(javaType(components.get(i).target()), i));
    }
    out.append(");\n    }\n");

    switchOver(
        out,
        "Structure<?> target",
        components,
        c -> {
          String bottom = bottom(c.target());
          return "structure".equals(typeOf(bottom)) ? bottom + ".SHAPE" : null;
        });
    switchOver(
        out,
        "List<String> enumValues",
        components,
        c -> {
          String bottom = bottom(c.target());
          return shapes.containsKey(bottom) && object(shapes, bottom).containsKey("enum")
              ? bottom + ".VALUES"
              : null;
        });
    out.append("  }\n");
  }

  private static void switchOver(
      StringBuilder out,
      String method,
      List<Component> components,
      java.util.function.Function<Component, String> answer) {
    StringBuilder cases = new StringBuilder();
    for (int i = 0; i < components.size(); i++) {
      String value = answer.apply(components.get(i));
      if (value != null) {
        cases.append("        case %d -> %s;\n".formatted(i, value));
      }
    }
    if (!cases.isEmpty()) {
      out.append("\n    @Override\n    public ").append(method).append("(int index) {\n");
      out.append("      return switch (index) {\n").append(cases);
      out.append("        default -> throw noMember(index);\n      };\n    }\n");
    }
  }

  /// One member of a structure.
  ///
  /// @param target the name of its shape, or of a scalar type
  private record Component(String wireName, String name, String target, boolean required) {}

  private static String component(String wireName) {
    String name = Character.toLowerCase(wireName.charAt(0)) + wireName.substring(1);
    return RESERVED.contains(name) ? name + "_" : name;
  }

  /// Whether it is an error of a service: those become exceptions, not records.
  private boolean isError(String target) {
    return model.containsKey("invalidInput")
        && shapes.get(target) instanceof Map<?, ?> shape
        && shape.containsKey("error");
  }

  private String typeOf(String target) {
    return SCALARS.containsKey(target) ? target : (String) object(shapes, target).get("type");
  }

  private String javaType(String target) {
    return switch (typeOf(target)) {
      case "list" -> "List<" + javaType((String) object(shapes, target).get("member")) + ">";
      case "map" -> "Map<String, " + javaType((String) object(shapes, target).get("value")) + ">";
      case "structure" -> target;
      case String scalar -> Objects.requireNonNull(SCALARS.get(scalar), scalar);
    };
  }

  /// What a list or map holds in the end.
  private String bottom(String target) {
    return switch (typeOf(target)) {
      case "list" -> bottom((String) object(shapes, target).get("member"));
      case "map" -> bottom((String) object(shapes, target).get("value"));
      default -> target;
    };
  }

  private boolean sensitive(String target) {
    if (SCALARS.containsKey(target)) {
      return false;
    }
    Map<String, Object> shape = object(shapes, target);
    return shape.containsKey("sensitive")
        || switch ((String) shape.get("type")) {
          case "list" -> sensitive((String) shape.get("member"));
          case "map" -> sensitive((String) shape.get("value"));
          default -> false;
        };
  }

  /// The expression that makes the [dev.gantry.wire.shape.ValueType].
  private String type(String target) {
    if (SCALARS.containsKey(target)) {
      return "ValueType." + target.toUpperCase(java.util.Locale.ROOT);
    }
    Map<String, Object> shape = object(shapes, target);
    String type =
        switch ((String) shape.get("type")) {
          case "list" -> "ValueType.listOf(" + type((String) shape.get("member")) + ")";
          case "map" -> {
            String key = (String) shape.get("key");
            check(typeOf(key).equals("string"), "the key of the map " + target);
            // Structure.enumValues tells the enum of the value, so the key cannot have one.
            check(!type(key).endsWith(".enumerated()"), "the key of the map " + target);
            yield "ValueType.mapOf(" + type(key) + ", " + type((String) shape.get("value")) + ")";
          }
          case String other -> "ValueType." + other.toUpperCase(java.util.Locale.ROOT);
        };
    if (shape.containsKey("min") || shape.containsKey("max")) {
      type +=
          ".within("
              + bound(shape.get("min"), "ValueType.NO_MIN", target)
              + ", "
              + bound(shape.get("max"), "ValueType.NO_MAX", target)
              + ")";
    }
    if (shape.get("pattern") instanceof String regex) {
      type += ".matching(" + literal(regex) + ")";
    }
    if (shape.containsKey("enum")) {
      type += ".enumerated()";
    }
    if (shape.containsKey("sensitive")) {
      type += ".secret()";
    }
    return type;
  }

  private String bound(Object value, String none, String target) {
    if (value == null) {
      return none;
    }
    Number number = (Number) value;
    check(number.doubleValue() == number.longValue(), "the bound " + value + " of " + target);
    return number.longValue() + "L";
  }

  // Enums

  private String constants(String name, Map<String, Object> shape) {
    StringBuilder out = begin("java.util.List");
    out.append("/// The values of the enum `")
        .append(name)
        .append("`. Others may come from a newer\n");
    out.append("/// client, so a member of this type is a plain `String`.\n");
    out.append("@Generated(\"GenerateShapes\")\n");
    out.append("public final class ").append(name).append(" {\n");
    Set<String> used = new LinkedHashSet<>();
    for (Object value : (List<?>) shape.get("enum")) {
      String constant = constant((String) value);
      check(used.add(constant), "the enum value " + value + " of " + name);
      out.append("  /// `%s`\n".formatted(value));
      out.append(
          "  public static final String %s = %s;\n\n".formatted(constant, literal((String) value)));
    }
    out.append("  /// All of them, in the model's order.\n");
    out.append("  public static final List<String> VALUES =\n      List.of(");
    out.append(String.join(", ", used)).append(");\n\n");
    return out.append("  private ").append(name).append("() {}\n}\n").toString();
  }

  private static String constant(String value) {
    String snake =
        value
            .replaceAll("([a-z0-9])([A-Z])", "$1_$2")
            .replaceAll("[^A-Za-z0-9]+", "_")
            .toUpperCase(java.util.Locale.ROOT);
    return Character.isDigit(snake.charAt(0))
        ? "_" + snake
        : snake.equals("VALUES") ? "VALUES_" : snake;
  }

  // Services

  private String service() {
    Map<String, Object> operations = object(model, "operations");
    StringBuilder out =
        begin(
            "dev.gantry.wire.shape.Operation",
            "dev.gantry.wire.shape.ServiceException",
            "dev.gantry.wire.shape.ServiceModel",
            "dev.gantry.wire.shape.Structure",
            "dev.gantry.wire.shape.Unit",
            "java.util.List",
            "org.jspecify.annotations.Nullable");
    out.append(
        "/// The service `%s`: its operations, and what the wire must know of it.\n"
            .formatted(service));
    out.append("@Generated(\"GenerateShapes\")\n");
    out.append("public final class ").append(className).append(" {\n");
    out.append("  /// The service.\n  public static final ServiceModel SERVICE = new Model();\n\n");
    out.append("  private static final Operation.Shapes SHAPES = new Shapes();\n\n");
    int index = 0;
    for (var entry : operations.entrySet()) {
      String types = "<" + shapeOf(entry, "input") + ", " + shapeOf(entry, "output") + ">";
      out.append("  /// `%s`\n".formatted(entry.getKey()));
      out.append(
          "  public static final Operation%s %s =\n".formatted(types, constant(entry.getKey())));
      out.append(
          "      new Operation<>(SERVICE, \"%s\", %d, SHAPES);\n\n"
              .formatted(entry.getKey(), index++));
    }
    out.append(
        "  private static final List<Operation<?, ?>> OPERATIONS =\n      List.of(\n          ");
    out.append(
        operations.keySet().stream()
            .map(GenerateShapes::constant)
            .collect(Collectors.joining(",\n          ")));
    out.append(");\n\n");
    out.append("  private ").append(className).append("() {}\n\n");

    out.append("  private static final class Shapes implements Operation.Shapes {\n");
    for (String end : List.of("input", "output")) {
      out.append("    @Override\n    public Structure<?> %s(int index) {\n".formatted(end));
      out.append("      return switch (index) {\n");
      index = 0;
      for (var entry : operations.entrySet()) {
        out.append("        case %d -> %s.SHAPE;\n".formatted(index++, shapeOf(entry, end)));
      }
      out.append(
          "        default -> throw new IllegalArgumentException(\"no operation \" + index);\n");
      out.append("      };\n    }\n\n");
    }
    out.append("    @Override\n    public @Nullable Structure<?> events(int index) {\n");
    out.append("      return switch (index) {\n");
    index = 0;
    for (var entry : operations.entrySet()) {
      if (cast(entry.getValue()).containsKey("events")) {
        out.append("        case %d -> %s.SHAPE;\n".formatted(index, shapeOf(entry, "events")));
      }
      index++;
    }
    out.append("        default -> null;\n      };\n    }\n");
    out.append("  }\n\n");

    out.append("  private static final class Model implements ServiceModel {\n");
    property(out, "String name", literal(service));
    property(out, "String signingName", literal((String) model.get("signingName")));
    property(out, "String targetPrefix", literal((String) model.get("targetPrefix")));
    String protocol = (String) model.get("protocol");
    check(protocol.startsWith("awsJson"), "the protocol " + protocol);
    property(out, "String jsonVersion", literal(protocol.substring("awsJson".length())));
    property(out, "long bodyLimitBytes", model.get("bodyLimitBytes") + "L");
    property(out, "List<Operation<?, ?>> operations", "OPERATIONS");
    out.append("    @Override\n    public @Nullable Operation<?, ?> operation(String name) {\n");
    out.append("      return switch (name) {\n");
    for (String name : operations.keySet()) {
      out.append("        case \"%s\" -> %s;\n".formatted(name, constant(name)));
    }
    out.append("        default -> null;\n      };\n    }\n\n");
    out.append("    @Override\n    public ServiceException invalidInput(String message) {\n");
    out.append(
        "      return %sErrors.%s(message);\n    }\n  }\n}\n"
            .formatted(className, decapitalized((String) model.get("invalidInput"))));
    return out.toString();
  }

  private static String shapeOf(Map.Entry<String, Object> operation, String end) {
    return (String) cast(operation.getValue()).getOrDefault(end, "Unit");
  }

  private static void property(StringBuilder out, String signature, String value) {
    out.append(
        "    @Override\n    public %s() {\n      return %s;\n    }\n\n"
            .formatted(signature, value));
  }

  private String errors() {
    StringBuilder out =
        begin(
            "dev.gantry.wire.shape.ServiceException",
            "java.util.LinkedHashMap",
            "java.util.List",
            "java.util.Map");
    out.append("/// The errors that `%s` models, each with its HTTP status.\n".formatted(service));
    out.append("@Generated(\"GenerateShapes\")\n");
    out.append("public final class %sErrors {\n".formatted(className));
    out.append("  private %sErrors() {}\n".formatted(className));
    shapes.forEach((name, value) -> {
      Map<String, Object> shape = cast(value);
      if (!shape.containsKey("error")) {
        return;
      }
      long status = (Long) shape.get("error");
      out.append("\n  /// `%s`, HTTP status %d.\n".formatted(name, status));
      out.append(
          "  public static ServiceException %s(String message) {\n".formatted(decapitalized(name)));
      out.append(
          "    return new ServiceException(\"%s\", %d, message);\n  }\n".formatted(name, status));
      List<String> lists = new ArrayList<>();
      object(shape, "members")
          .forEach((member, target) -> {
            if (typeOf((String) target).equals("list")) {
              check(javaType((String) target).equals("List<String>"), name + "." + member);
              lists.add(member);
            }
          });
      if (!lists.isEmpty()) {
        out.append("\n  /// `%s`, HTTP status %d, with its lists.\n".formatted(name, status));
        out.append(
            "  public static ServiceException %s(String message".formatted(decapitalized(name)));
        lists.forEach(list -> out.append(", List<String> ").append(component(list)));
        out.append(") {\n    Map<String, List<String>> lists = new LinkedHashMap<>();\n");
        lists.forEach(
            list -> out.append("    lists.put(\"%s\", %s);\n".formatted(list, component(list))));
        out.append(
            "    return new ServiceException(\"%s\", %d, message, lists);\n  }\n"
                .formatted(name, status));
      }
    });
    return out.append("}\n").toString();
  }

  private String messages() {
    StringBuilder out =
        begin("dev.gantry.wire.shape.Structure", "org.jspecify.annotations.Nullable");
    out.append(
        "/// The messages of `%s`, which travel over a WebSocket and name their own type.\n"
            .formatted(service));
    out.append("@Generated(\"GenerateShapes\")\n");
    out.append("public final class %s {\n".formatted(className));
    out.append("  /// What stands before the dot in `X-Amz-Target`.\n");
    out.append(
        "  public static final String TARGET_PREFIX = %s;\n\n"
            .formatted(literal((String) model.get("targetPrefix"))));
    out.append("  private %s() {}\n\n".formatted(className));
    out.append("  /// The shape of that name, or null if the model has none.\n");
    out.append(
        "  public static @Nullable Structure<?> shape(String name) {\n    return switch (name) {\n");
    shapes.forEach((name, shape) -> {
      if (cast(shape).get("type").equals("structure")) {
        out.append("      case \"%s\" -> %s.SHAPE;\n".formatted(name, name));
      }
    });
    return out.append("      default -> null;\n    };\n  }\n}\n").toString();
  }

  // Small things

  private static String decapitalized(String name) {
    return Character.toLowerCase(name.charAt(0)) + name.substring(1);
  }

  private static String literal(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static Map<String, Object> object(Map<String, Object> parent, String member) {
    return cast(Objects.requireNonNull(parent.get(member), member));
  }

  @SuppressWarnings("unchecked") // the importer wrote the model
  private static Map<String, Object> cast(Object value) {
    return (Map<String, Object>) value;
  }

  private static Map<String, Object> read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file);
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

package dev.gantry.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/// The option of `up` and `agent` that gives a host custom attributes.
final class AttributeOption {
  /// The most custom attributes of one container instance (PutAttributes, Amazon ECS API
  /// Reference).
  private static final int MAX = 10;

  // As Attribute, Amazon ECS API Reference, has them.
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_./\\\\-]{1,128}");
  private static final Pattern VALUE =
      Pattern.compile(
          "|[A-Za-z0-9_./\\\\@:-]([A-Za-z0-9_./\\\\@: -]{0,126}[A-Za-z0-9_./\\\\@:-])?");

  @Option(
      names = "--attribute",
      paramLabel = "NAME[=VALUE]",
      mapFallbackValue = "",
      description =
          "A custom attribute of this host, as ECS_INSTANCE_ATTRIBUTES; told when the host first"
              + " joins, put-attributes changes it later. gantry.auto-scaling-group=NAME makes it"
              + " one of the Auto Scaling group of a capacity provider. May be repeated.")
  private Map<String, String> attributes = new LinkedHashMap<>();

  /// What was given, in that order.
  ///
  /// @throws CommandFailure if it cannot be the attribute of a container instance
  Map<String, String> read() {
    if (attributes.size() > MAX) {
      throw new CommandFailure("A host has at most " + MAX + " attributes of your own.");
    }
    attributes.forEach((name, value) -> {
      if (!NAME.matcher(name).matches()
          || name.startsWith("ecs.")
          || name.startsWith("com.amazonaws.ecs.")
          || !VALUE.matcher(value).matches()) {
        throw new CommandFailure(
            "--attribute " + name + "=" + value + " cannot be an attribute.",
            "Names have 1 to 128 letters, digits and _ . / \\ -, and do not begin with ecs. or"
                + " com.amazonaws.ecs.",
            "Values have up to 128 of the same, @, : and spaces between them.");
      }
    });
    return new LinkedHashMap<>(attributes);
  }
}

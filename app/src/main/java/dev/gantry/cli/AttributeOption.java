package dev.gantry.cli;

import dev.gantry.control.ecs.InstanceAttributes;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/// The option of `up` and `agent` that gives a host custom attributes.
final class AttributeOption {
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
    if (attributes.size() > InstanceAttributes.MAX_CUSTOM) {
      throw new CommandFailure(
          "A host has at most " + InstanceAttributes.MAX_CUSTOM + " attributes of your own.");
    }
    attributes.forEach((name, value) -> {
      if (!InstanceAttributes.isName(name)
          || InstanceAttributes.isBuiltIn(name)
          || !InstanceAttributes.isValue(value.isEmpty() ? null : value)) {
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

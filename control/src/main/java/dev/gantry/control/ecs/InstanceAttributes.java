package dev.gantry.control.ecs;

import dev.gantry.model.Attribute;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The rules of container instances' attributes (Amazon ECS API Reference, Attribute).
///
/// Built-in attributes come from the agent and say what its host can do; custom ones are anybody's,
/// to place tasks by.
public final class InstanceAttributes {
  /// The most custom attributes of one container instance (PutAttributes).
  public static final int MAX_CUSTOM = 10;

  /// The longest name, and the longest value.
  static final int MAX_LENGTH = 128;

  private static final List<String> BUILT_IN_PREFIXES = List.of("ecs.", "com.amazonaws.ecs.");

  private InstanceAttributes() {}

  /// Whether an attribute of this name is Amazon ECS's own.
  public static boolean isBuiltIn(String name) {
    return BUILT_IN_PREFIXES.stream().anyMatch(name::startsWith);
  }

  /// Whether a custom attribute can have this name: 1 to 128 letters, digits, hyphens, underscores,
  /// slashes of either kind and periods.
  public static boolean isName(String name) {
    return hasLength(name) && name.chars().allMatch(c -> isPlain(c) || "-_/\\.".indexOf(c) >= 0);
  }

  /// Whether a custom attribute can have this value: 1 to 128 of the characters of names, at signs,
  /// colons and spaces, with no space at either end. An attribute may have no value at all.
  public static boolean isValue(@Nullable String value) {
    return value == null
        || (hasLength(value)
            && value.charAt(0) != ' '
            && value.charAt(value.length() - 1) != ' '
            && value.chars().allMatch(c -> isPlain(c) || "-_/\\.@: ".indexOf(c) >= 0));
  }

  private static boolean hasLength(String text) {
    return !text.isEmpty() && text.length() <= MAX_LENGTH;
  }

  private static boolean isPlain(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }

  /// How many of these are custom.
  static long countCustom(List<Attribute> attributes) {
    return attributes.stream().filter(attribute -> !isBuiltIn(attribute.name())).count();
  }

  /// What an instance has once `added` are put: an attribute of a name that is there gets the new
  /// value and keeps its place.
  static List<Attribute> put(List<Attribute> before, List<Attribute> added) {
    Map<String, Attribute> all = new LinkedHashMap<>();
    before.forEach(attribute -> all.put(attribute.name(), attribute));
    added.forEach(attribute -> all.put(attribute.name(), attribute));
    return List.copyOf(all.values());
  }

  /// What of an agent's attributes is taken at a registration. A custom one that breaks a rule is
  /// left out, which is how the agent learns of it: it looks for each in the answer
  /// (github.com/aws/amazon-ecs-agent, pull request 2999).
  static List<Attribute> accept(List<Attribute> offered) {
    List<Attribute> accepted = new ArrayList<>();
    int custom = 0;
    for (Attribute attribute : offered) {
      boolean takes = isBuiltIn(attribute.name());
      if (!takes && custom < MAX_CUSTOM) {
        String value = attribute.value();
        takes = isName(attribute.name()) && isValue(value.isEmpty() ? null : value);
        custom += takes ? 1 : 0;
      }
      if (takes) {
        accepted.add(attribute);
      }
    }
    return accepted;
  }

  /// What an instance has once its agent registered again: what the agent says the host can do now,
  /// and the custom attributes it had, which a restarted agent leaves out (agent-protocol 1.1).
  static List<Attribute> again(List<Attribute> before, List<Attribute> now) {
    List<Attribute> custom = new ArrayList<>(before);
    custom.removeIf(attribute -> isBuiltIn(attribute.name()));
    return put(custom, now);
  }
}

package dev.gantry.sim;

import dev.gantry.api.ecs.Tag;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Draws tags. There are few keys, so that callers get in each other's way.
final class Labels {
  private static final List<String> KEYS = List.of("team", "stage", "cost-centre", "owner");

  private Labels() {}

  /// Some keys, at least one.
  static List<String> keys(Chance chance) {
    List<String> keys = new ArrayList<>();
    for (String key : KEYS) {
      if (chance.oneIn(2)) {
        keys.add(key);
      }
    }
    return keys.isEmpty() ? List.of(chance.pick(KEYS)) : keys;
  }

  /// Tags with this value, at least one.
  static List<Tag> atLeastOne(Chance chance, String value) {
    return keys(chance).stream().map(key -> Tag.builder().key(key).value(value).build()).toList();
  }

  /// Tags with this value, or nothing said of tags.
  static @Nullable List<Tag> some(Chance chance, String value) {
    return chance.oneIn(2) ? null : atLeastOne(chance, value);
  }

  /// What RunTask and StartTask say of the tags of definitions.
  static @Nullable String propagation(Chance chance) {
    return switch (chance.below(3)) {
      case 0 -> "TASK_DEFINITION";
      case 1 -> "NONE";
      default -> null;
    };
  }
}

package dev.gantry.agent.docker;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The engine's `filters` parameter: a JSON object of lists, all of which must match.
final class Filters {
  private final Json.Obj object = new Json.Obj();

  private Filters() {}

  /// A filter for containers that carry every one of these labels with that value.
  static Filters of(Map<String, String> labels) {
    List<String> pairs = new ArrayList<>();
    labels.forEach((name, value) -> pairs.add(name + "=" + value));
    Filters filters = new Filters();
    if (!pairs.isEmpty()) {
      filters.object.put("label", Json.Arr.of(pairs));
    }
    return filters;
  }

  Filters put(String name, Json.Arr values) {
    object.put(name, values);
    return this;
  }

  @Override
  public String toString() {
    return new String(object.bytes(), StandardCharsets.UTF_8);
  }
}

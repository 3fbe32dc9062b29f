package dev.gantry.sim;

import dev.gantry.api.ecs.ContainerDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What the clients have learned, all together: what there is to run, and what runs.
final class Book {
  /// One task as a client knows it.
  record Known(String cluster, String arn) {}

  private final Map<String, List<ContainerDefinition>> definitions = new TreeMap<>();
  private final List<String> names = new ArrayList<>();
  private final List<Known> tasks = new ArrayList<>();
  private final Set<String> arns = new TreeSet<>();

  /// A definition was registered.
  ///
  /// @param name family and revision, as `web:3`
  void registered(String name, List<ContainerDefinition> containers) {
    if (definitions.put(name, containers) == null) {
      names.add(name);
    }
  }

  /// A definition is withdrawn: nothing more is to be started from it.
  void withdrawn(String name) {
    names.remove(name);
  }

  /// A task was started.
  void started(String cluster, String arn) {
    if (arns.add(arn)) {
      tasks.add(new Known(cluster, arn));
    }
  }

  /// All definitions that are not withdrawn, oldest first.
  List<String> definitions() {
    return names;
  }

  /// All tasks, oldest first.
  List<Known> tasks() {
    return tasks;
  }

  /// What a definition says of one container, or null.
  @Nullable ContainerDefinition container(String definition, String name) {
    for (ContainerDefinition container : definitions.getOrDefault(definition, List.of())) {
      if (name.equals(container.name())) {
        return container;
      }
    }
    return null;
  }
}

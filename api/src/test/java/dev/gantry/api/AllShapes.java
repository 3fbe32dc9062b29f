package dev.gantry.api;

import dev.gantry.api.acs.Acs;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.logs.Logs;
import dev.gantry.api.tcs.Tcs;
import dev.gantry.wire.shape.Kind;
import dev.gantry.wire.shape.Operation;
import dev.gantry.wire.shape.ServiceModel;
import dev.gantry.wire.shape.Structure;
import dev.gantry.wire.shape.ValueType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/// Every structure that is generated, found the way a request finds it.
final class AllShapes {
  private AllShapes() {}

  static List<Structure<?>> all() {
    Deque<Structure<?>> open = new ArrayDeque<>();
    for (ServiceModel service : List.of(Ecs.SERVICE, Logs.SERVICE)) {
      for (Operation<?, ?> operation : service.operations()) {
        open.add(operation.input());
        open.add(operation.output());
      }
    }
    for (String message : List.of("PayloadMessage", "TaskManifestMessage", "AckRequest")) {
      open.add(Objects.requireNonNull(Acs.shape(message)));
    }
    for (String message : List.of("PublishMetricsRequest", "PublishHealthRequest")) {
      open.add(Objects.requireNonNull(Tcs.shape(message)));
    }
    Set<Structure<?>> found = new LinkedHashSet<>();
    while (!open.isEmpty()) {
      Structure<?> shape = open.remove();
      if (found.add(shape)) {
        for (int i = 0; i < shape.size(); i++) {
          if (bottom(shape.member(i).type()).kind() == Kind.STRUCTURE) {
            open.add(shape.target(i));
          }
        }
      }
    }
    return new ArrayList<>(found);
  }

  /// What a list or map holds in the end.
  static ValueType bottom(ValueType type) {
    return switch (type.kind()) {
      case LIST, MAP -> bottom(type.element());
      default -> type;
    };
  }
}

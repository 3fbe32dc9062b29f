package dev.gantry.control.ecs;

import dev.gantry.api.ecs.TaskDefinition;
import dev.gantry.model.Scope;
import dev.gantry.model.TaskDefinition.TaskDefinitionStatus;
import dev.gantry.model.TaskDefinitionId;
import dev.gantry.model.TaskFamilyId;
import dev.gantry.store.Index;
import dev.gantry.store.State;
import dev.gantry.wire.json.AwsJson;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Task definitions, found by what callers name them by and read from their documents.
///
/// Reading a document again and again would be most of the work of a RunTask, so what was read is
/// remembered. A revision never changes, so what is remembered is never wrong. Used from many
/// threads.
public final class Definitions {
  /// The most definitions remembered; past it all are forgotten and read again as needed.
  static final int MAX_REMEMBERED = 2_000;

  private final ConcurrentHashMap<TaskDefinitionId, TaskDefinition> read =
      new ConcurrentHashMap<>();

  /// The definition as it was registered, without ARN, revision, status and dates.
  public TaskDefinition read(dev.gantry.model.TaskDefinition definition) {
    TaskDefinition known = read.get(definition.id());
    if (known == null) {
      known = AwsJson.decode(TaskDefinition.SHAPE, definition.document());
      if (read.size() >= MAX_REMEMBERED) {
        read.clear();
      }
      read.put(definition.id(), known);
    }
    return known;
  }

  /// The definition as the API shows it.
  TaskDefinition show(dev.gantry.model.TaskDefinition definition) {
    return read(definition).toBuilder()
        .taskDefinitionArn(definition.id().arn())
        .revision(definition.id().revision())
        .status(definition.status().name())
        .registeredAt(definition.registeredAt())
        .deregisteredAt(definition.deregisteredAt())
        .deleteRequestedAt(definition.deleteRequestedAt())
        .registeredBy(definition.registeredBy())
        .build();
  }

  /// Finds what `family`, `family:revision` or an ARN means: without a revision the latest ACTIVE
  /// one. Null if there is no such definition, or it is somebody else's.
  static dev.gantry.model.@Nullable TaskDefinition find(State state, Scope scope, String text) {
    EcsIds.DefinitionName name = EcsIds.definitionName(scope, text);
    if (name == null || !name.scope().equals(scope)) {
      return null;
    }
    TaskDefinitionId id = name.id();
    return id != null
        ? state.taskDefinition(id)
        : state
            .group(
                Index.TASK_DEFINITIONS_BY_FAMILY,
                new TaskFamilyId(scope, name.family()),
                TaskDefinitionStatus.ACTIVE)
            .last();
  }
}

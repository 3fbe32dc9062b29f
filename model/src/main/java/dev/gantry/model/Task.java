package dev.gantry.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One task: a running, or once running, copy of a task definition.
///
/// @param containerInstance where it was placed, or null while it is not
/// @param reserved what it takes of its host until it is STOPPED
/// @param version rises with each change (Task.version)
/// @param stop null while it is wanted RUNNING
public record Task(
    TaskId id,
    TaskDefinitionId taskDefinition,
    @Nullable ContainerInstanceId containerInstance,
    TaskOrigin origin,
    TaskStatus lastStatus,
    DesiredStatus desiredStatus,
    List<TaskContainer> containers,
    Resources reserved,
    TaskTimes times,
    @Nullable TaskStop stop,
    List<Tag> tags,
    long version)
    implements Entity {

  /// @throws IllegalArgumentException if a task is wanted STOPPED without saying why, or says why
  ///   while wanted RUNNING
  public Task {
    if ((desiredStatus == DesiredStatus.STOPPED) != (stop != null)) {
      throw new IllegalArgumentException("desired " + desiredStatus + " with stop " + stop);
    }
  }
}

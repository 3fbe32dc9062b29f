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

  /// Whether it waits for an instance to run on.
  public boolean isWaiting() {
    return lastStatus == TaskStatus.PROVISIONING
        && containerInstance == null
        && desiredStatus == DesiredStatus.RUNNING;
  }

  /// Starts a change of this task.
  public Edit edit() {
    return new Edit(this);
  }

  /// A change of a task in the making. The result's version is one higher, however much was
  /// changed.
  public static final class Edit {
    private final Task before;
    private @Nullable ContainerInstanceId containerInstance;
    private TaskStatus lastStatus;
    private List<TaskContainer> containers;
    private TaskTimes times;
    private @Nullable TaskStop stop;
    private List<Tag> tags;

    private Edit(Task before) {
      this.before = before;
      this.containerInstance = before.containerInstance;
      this.lastStatus = before.lastStatus;
      this.containers = before.containers;
      this.times = before.times;
      this.stop = before.stop;
      this.tags = before.tags;
    }

    /// It has a place, which it keeps.
    ///
    /// @throws IllegalStateException if it had one before
    public Edit placedOn(ContainerInstanceId instance) {
      if (containerInstance != null) {
        throw new IllegalStateException(before.id + " is on " + containerInstance);
      }
      this.containerInstance = instance;
      this.lastStatus = TaskStatus.PENDING;
      return this;
    }

    /// Where it stands.
    public Edit lastStatus(TaskStatus status) {
      this.lastStatus = status;
      return this;
    }

    /// What its agent said of its containers.
    public Edit containers(List<TaskContainer> said) {
      this.containers = List.copyOf(said);
      return this;
    }

    /// When it reached what.
    public Edit times(TaskTimes reached) {
      this.times = reached;
      return this;
    }

    /// It is wanted STOPPED from now on, if it was not already; the first reason stands.
    public Edit stop(TaskStop why) {
      if (stop == null) {
        this.stop = why;
      }
      return this;
    }

    /// Its tags.
    public Edit tags(List<Tag> all) {
      this.tags = List.copyOf(all);
      return this;
    }

    /// The task as it is after the change.
    public Task done() {
      return new Task(
          before.id,
          before.taskDefinition,
          containerInstance,
          before.origin,
          lastStatus,
          stop == null ? DesiredStatus.RUNNING : DesiredStatus.STOPPED,
          containers,
          before.reserved,
          times,
          stop,
          tags,
          before.version + 1);
    }
  }
}

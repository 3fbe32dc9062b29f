package dev.gantry.agent;

import dev.gantry.agent.TaskActivity.ContainerActivity;
import dev.gantry.agent.TaskActivity.Doing;
import dev.gantry.agent.TaskActivity.Stream;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Decides the next single thing to be done for a task.
///
/// Goals, in order: a task is on disk before anything of it can run; it is never started twice; it
/// runs as soon as it can; what became of it is told; it leaves nothing behind.
///
/// Constraints: the engine does one thing at a time for each container; one save and one report are
/// in flight for a task; a container is created only when the task's file is durable, started only
/// when its log stream exists, removed only when its end was accepted and its output shipped.
///
/// The caller carries each action out, marks it as begun ([TaskTransitions#begin]) and steps again
/// until it is told to wait, so that independent things run side by side. Example: a fresh task of
/// one cached image is told Save, then InspectImage and CreateLogStream at once, then Wait; when
/// image and file are there, Create; then Start; then Submit(RUNNING).
final class TaskStepper {

  private TaskStepper() {}

  /// The next action; [TaskAction.Wait] if there is none now.
  static TaskAction step(TaskState task, TaskRules rules, Instant now) {
    TaskActivity activity = task.activity();
    if (activity.deleting()) {
      return new TaskAction.Wait(null);
    }
    Wake wake = new Wake(now);

    if (unsafe(task) && activity.saving() == null && wake.due(activity.saveRetry())) {
      return new TaskAction.Save();
    }
    for (int i = 0; i < task.size(); i++) {
      TaskAction action = container(task, i, rules, wake);
      if (action == null) {
        action = stream(task, i, wake);
      }
      if (action == null) {
        action = follow(task, i, wake);
      }
      if (action != null) {
        return action;
      }
    }
    if (activity.reporting() == null) {
      TaskReport report = TaskReport.due(task, now);
      if (report != null) {
        if (wake.due(activity.reportRetry())) {
          return new TaskAction.Submit(report);
        }
      } else {
        wake.at(TaskReport.next(task));
      }
    }
    if (unsaved(task) && activity.saving() == null && wake.due(activity.saveRetry())) {
      return new TaskAction.Save();
    }
    TaskAction cleanup = cleanup(task, rules, wake);
    return cleanup != null ? cleanup : new TaskAction.Wait(wake.earliest);
  }

  /// True if what is wanted of the task is not on disk: that goes before everything else.
  private static boolean unsafe(TaskState task) {
    TaskRecord stored = task.activity().stored();
    return stored == null || stored.wanted() != task.record().wanted();
  }

  /// True if the record must go to disk when there is nothing else to begin. Steps on the way to
  /// RUNNING, its report included, are not worth a write each: after a restart the engine is asked
  /// and tells them better, and a write now would hold up the control plane's commit where they
  /// share a disk.
  private static boolean unsaved(TaskState task) {
    for (ContainerActivity container : task.activity().containers()) {
      switch (container.doing()) {
        case INSPECTING_IMAGE, PULLING, CREATING, STARTING -> {
          return false;
        }
        case NOTHING, FINDING, STOPPING, INSPECTING, REMOVING -> {}
      }
    }
    TaskReport reporting = task.activity().reporting();
    if (reporting != null && reporting.status() != Status.STOPPED && !task.record().stopped()) {
      return false;
    }
    return !task.record().equals(task.activity().stored());
  }

  private static @Nullable TaskAction container(TaskState task, int i, TaskRules rules, Wake wake) {
    ContainerRecord record = task.record(i);
    ContainerActivity activity = task.activity(i);
    boolean over = record.phase() == Phase.STOPPED;
    boolean look = activity.inspect() || activity.stray();
    if (activity.doing() != Doing.NOTHING || (over && (!look || record.removed()))) {
      return null;
    }
    if (!wake.due(activity.retry())) {
      return null;
    }
    if (activity.doubt() != null) {
      return new TaskAction.Find(i);
    }
    if (activity.inspect() && record.runtimeId() != null) {
      return new TaskAction.Inspect(i);
    }
    return switch (record.phase()) {
      case NONE -> image(task.plan(i), i, activity, rules);
      case PULLED -> task.activity().stored() != null ? new TaskAction.Create(i) : null;
      case CREATED -> {
        if (record.condemned()) {
          yield new TaskAction.Stop(i, grace(task.plan(i), rules));
        }
        boolean ready =
            switch (task.plan(i).log()) {
              case LogPlan.Engine _ -> true;
              case LogPlan.Shipped _ -> record.log().streamReady();
            };
        yield ready ? new TaskAction.Start(i) : null;
      }
      case RUNNING -> task.unwanted(i) ? new TaskAction.Stop(i, grace(task.plan(i), rules)) : null;
      case STOPPED -> activity.stray() ? new TaskAction.Stop(i, grace(task.plan(i), rules)) : null;
    };
  }

  private static @Nullable TaskAction image(
      ContainerPlan plan, int i, ContainerActivity activity, TaskRules rules) {
    if (rules.beingRemoved().test(plan.image())) {
      // It is pulled again when that is settled.
      return null;
    }
    return switch (activity.image()) {
      // The image may still be there from before; only DEFAULT comes here (TaskTransitions).
      case NOT_PULLED -> new TaskAction.InspectImage(i);
      case ABSENT -> new TaskAction.PullImage(i);
      case UNKNOWN ->
          switch (rules.pullBehaviour()) {
            case DEFAULT, ALWAYS -> new TaskAction.PullImage(i);
            case PREFER_CACHED -> new TaskAction.InspectImage(i);
            case ONCE ->
                rules.pulledBefore().test(plan.image())
                    ? new TaskAction.InspectImage(i)
                    : new TaskAction.PullImage(i);
          };
    };
  }

  private static Duration grace(ContainerPlan plan, TaskRules rules) {
    Duration own = plan.stopTimeout();
    return own != null ? own : rules.stopTimeout();
  }

  /// The log stream is made while image and container are, or made good for a container that ran
  /// already when that was not written down before a restart.
  private static @Nullable TaskAction stream(TaskState task, int i, Wake wake) {
    ContainerRecord record = task.record(i);
    ContainerActivity activity = task.activity(i);
    boolean coming = record.phase() != Phase.STOPPED && !task.unwanted(i);
    boolean ran = record.startedAt() != null;
    if (record.log().streamReady() || record.log().drained() || !(coming || ran)) {
      return null;
    }
    if (task.logStream(i) == null
        || activity.stream() == Stream.CREATING_STREAM
        || activity.stream() == Stream.CREATING_GROUP
        || !wake.due(activity.streamRetry())) {
      return null;
    }
    return activity.stream() == Stream.GROUP_MISSING
        ? new TaskAction.CreateLogGroup(i)
        : new TaskAction.CreateLogStream(i);
  }

  private static @Nullable TaskAction follow(TaskState task, int i, Wake wake) {
    ContainerRecord record = task.record(i);
    ContainerActivity activity = task.activity(i);
    boolean shipped =
        switch (task.plan(i).log()) {
          case LogPlan.Engine _ -> false;
          case LogPlan.Shipped _ -> true;
        };
    return shipped
            && record.log().streamReady()
            && !record.log().drained()
            && record.startedAt() != null
            && record.runtimeId() != null
            && !activity.following()
            && wake.due(activity.followRetry())
        ? new TaskAction.Follow(i)
        : null;
  }

  private static @Nullable TaskAction cleanup(TaskState task, TaskRules rules, Wake wake) {
    TaskRecord record = task.record();
    Instant stoppedAt = record.stoppedAt();
    if (stoppedAt == null || record.reported() != Status.STOPPED || !task.silent()) {
      return null;
    }
    Instant over = stoppedAt.plus(rules.cleanupWait());
    if (over.isAfter(wake.now)) {
      wake.at(over);
      return null;
    }
    boolean removed = true;
    for (int i = 0; i < task.size(); i++) {
      ContainerRecord container = task.record(i);
      ContainerActivity activity = task.activity(i);
      if (container.runtimeId() == null || container.removed()) {
        continue;
      }
      removed = false;
      if (activity.doing() == Doing.NOTHING && wake.due(activity.retry())) {
        return new TaskAction.Remove(i);
      }
    }
    return removed && task.activity().saving() == null && wake.due(task.activity().saveRetry())
        ? new TaskAction.Delete()
        : null;
  }

  /// Gathers the earliest of the instants at which something becomes due.
  private static final class Wake {
    private final Instant now;
    private @Nullable Instant earliest;

    Wake(Instant now) {
      this.now = now;
    }

    boolean due(Retry retry) {
      if (retry.due(now)) {
        return true;
      }
      at(retry.at());
      return false;
    }

    void at(@Nullable Instant instant) {
      // What is past waits for an answer, not for time.
      if (instant != null
          && instant.isAfter(now)
          && (earliest == null || instant.isBefore(earliest))) {
        earliest = instant;
      }
    }
  }
}

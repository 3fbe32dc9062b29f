package dev.gantry.agent;

import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure.Kind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What was learned about one task; [TaskTransitions] says what follows from it. Containers are
/// named by their place in the plan.
sealed interface TaskFact {

  /// The control plane wants the task stopped.
  record StopWanted() implements TaskFact {}

  /// What [TaskActivity#saving] held is durable.
  record Saved() implements TaskFact {}

  /// It is not.
  record SaveFailed() implements TaskFact {}

  /// The report in flight was accepted, or will never be and is dropped.
  record Reported() implements TaskFact {}

  /// The report in flight must be repeated.
  record ReportFailed() implements TaskFact {}

  /// The file could not be deleted.
  record DeleteFailed() implements TaskFact {}

  /// Answers [TaskAction.InspectImage].
  record ImageInspected(int container, boolean present, @Nullable String digest)
      implements TaskFact {}

  /// Answers [TaskAction.PullImage].
  record Pulled(int container, @Nullable String digest) implements TaskFact {}

  /// Answers [TaskAction.Create].
  record Created(int container, String runtimeId) implements TaskFact {}

  /// Answers [TaskAction.Start].
  record Started(int container) implements TaskFact {}

  /// Answers [TaskAction.Stop].
  record Stopped(int container) implements TaskFact {}

  /// How all containers were met after a restart, in the plan's order. One fact, because nothing
  /// may be concluded from one container before the others were looked at.
  ///
  /// @param containers null for what the engine does not have
  record Met(List<@Nullable ContainerStatus> containers) implements TaskFact {}

  /// Answers [TaskAction.Inspect] and [TaskAction.Find].
  ///
  /// @param status null if the engine has no such container
  record Observed(int container, @Nullable ContainerStatus status) implements TaskFact {}

  /// Answers [TaskAction.Remove].
  record Removed(int container) implements TaskFact {}

  /// The engine failed at what it was doing for the container.
  ///
  /// @param manifest true if a pull failed at the image's manifest
  record EngineFailed(int container, Kind kind, String message, boolean manifest)
      implements TaskFact {

    /// A failure of anything but a manifest.
    EngineFailed(int container, Kind kind, String message) {
      this(container, kind, message, false);
    }
  }

  /// The container may have ended, or have begun after it was taken for over: look.
  record MayHaveEnded(int container) implements TaskFact {}

  /// The log stream exists.
  record StreamReady(int container) implements TaskFact {}

  /// The log group is missing and the container asks for it to be made.
  record GroupMissing(int container) implements TaskFact {}

  /// The log group exists now.
  record GroupReady(int container) implements TaskFact {}

  /// The log stream cannot be made.
  record StreamRefused(int container, String code, String message) implements TaskFact {}

  /// The log service could not be asked.
  record StreamUnavailable(int container, String message) implements TaskFact {}

  /// So much of the output was accepted.
  record LogAccepted(int container, LogCursor cursor) implements TaskFact {}

  /// All of it was; nothing follows.
  record LogDrained(int container) implements TaskFact {}

  /// Reading the output broke off.
  record LogBroken(int container) implements TaskFact {}
}

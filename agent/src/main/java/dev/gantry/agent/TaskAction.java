package dev.gantry.agent;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// The next thing to be done for a task, as [TaskStepper] decides it. Containers are named by their
/// place in the plan.
sealed interface TaskAction {

  /// Nothing now.
  ///
  /// @param until when to look again although nothing happened; null for never
  record Wait(@Nullable Instant until) implements TaskAction {}

  /// Put the record on disk.
  record Save() implements TaskAction {}

  /// Ask the engine for the container's image.
  record InspectImage(int container) implements TaskAction {}

  /// Pull the container's image.
  record PullImage(int container) implements TaskAction {}

  /// Make the container's log stream.
  record CreateLogStream(int container) implements TaskAction {}

  /// Make the log group of the container's stream.
  record CreateLogGroup(int container) implements TaskAction {}

  /// Create the container.
  record Create(int container) implements TaskAction {}

  /// Look whether a create whose answer was lost has made the container.
  record Find(int container) implements TaskAction {}

  /// Start the container.
  record Start(int container) implements TaskAction {}

  /// Stop the container: its stop signal, and the kill when `grace` is over.
  record Stop(int container, Duration grace) implements TaskAction {}

  /// Ask the engine how the container stands.
  record Inspect(int container) implements TaskAction {}

  /// Read the container's output from its cursor on.
  record Follow(int container) implements TaskAction {}

  /// Remove the container from the engine.
  record Remove(int container) implements TaskAction {}

  /// Tell the control plane.
  record Submit(TaskReport report) implements TaskAction {}

  /// Delete the task's file; the task is done with.
  record Delete() implements TaskAction {}
}

package dev.gantry.agent;

/// What the control plane has been told of a task or a container, in the words of
/// SubmitTaskStateChange; the order is the order of life.
enum Status {
  /// Nothing was told yet.
  NONE,
  /// Taken, not running yet.
  PENDING,
  /// Running.
  RUNNING,
  /// Ended for good.
  STOPPED
}

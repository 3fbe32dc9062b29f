package dev.gantry.model;

/// Where a task stands (Task lifecycle, Amazon ECS Developer Guide). The order is the order of
/// life: a state may be skipped, never revisited.
public enum TaskStatus {
  PROVISIONING,
  PENDING,
  ACTIVATING,
  RUNNING,
  DEACTIVATING,
  STOPPING,
  DEPROVISIONING,
  STOPPED
}

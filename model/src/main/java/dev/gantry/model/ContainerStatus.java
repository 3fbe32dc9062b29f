package dev.gantry.model;

/// Where a container stands, as the API shows it. The order is the order of life.
public enum ContainerStatus {
  PENDING,
  RUNNING,
  STOPPED
}

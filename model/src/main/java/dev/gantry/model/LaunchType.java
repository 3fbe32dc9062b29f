package dev.gantry.model;

/// The kind of capacity that a task was asked to run on.
public enum LaunchType {
  EC2,
  FARGATE,
  EXTERNAL
}

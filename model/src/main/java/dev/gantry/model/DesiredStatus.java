package dev.gantry.model;

/// What a task is wanted to be.
public enum DesiredStatus {
  RUNNING,
  STOPPED
}

package dev.gantry.agent;

/// How far a container has come. It only ever moves down this list.
enum Phase {
  /// Nothing was done yet.
  NONE,
  /// Its image is in the engine's store.
  PULLED,
  /// The engine has it; it never ran.
  CREATED,
  /// It runs.
  RUNNING,
  /// It ended, or will never run.
  STOPPED
}

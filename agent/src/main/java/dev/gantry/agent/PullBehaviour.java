package dev.gantry.agent;

/// When an image is pulled, as `ECS_IMAGE_PULL_BEHAVIOR` of Amazon's agent has it.
public enum PullBehaviour {
  /// Pull; if that fails, use an image that is there.
  DEFAULT,
  /// Pull; if that fails, the container fails.
  ALWAYS,
  /// Pull unless this agent has pulled it before and it is still there; a failed pull fails.
  ONCE,
  /// Pull only what is not there.
  PREFER_CACHED
}

package dev.gantry.agent;

import java.time.Duration;

/// When images that no task needs any more are removed from the host, as Amazon's agent is
/// configured to (developer guide, "Automatic task and image cleanup").
///
/// @param interval between two rounds; Amazon's `ECS_IMAGE_CLEANUP_INTERVAL`
/// @param minimumAge how long ago an image must have been pulled; Amazon's
///   `ECS_IMAGE_MINIMUM_CLEANUP_AGE`
/// @param perCycle at most so many images are tried in one round; Amazon's
///   `ECS_NUM_IMAGES_DELETE_PER_CYCLE`. None if 0.
public record ImageCleanup(Duration interval, Duration minimumAge, int perCycle) {

  /// What Amazon's agent does unless it is told otherwise.
  public static final ImageCleanup STANDARD =
      new ImageCleanup(Duration.ofMinutes(30), Duration.ofHours(1), 5);

  /// Images stay; Amazon's `ECS_DISABLE_IMAGE_CLEANUP`.
  public static final ImageCleanup NEVER =
      new ImageCleanup(STANDARD.interval, STANDARD.minimumAge, 0);

  /// Checks the bounds.
  public ImageCleanup {
    if (!interval.isPositive() || minimumAge.isNegative() || perCycle < 0) {
      throw new IllegalArgumentException(
          "image clean-up every " + interval + ", from " + minimumAge + " on, " + perCycle);
    }
  }
}

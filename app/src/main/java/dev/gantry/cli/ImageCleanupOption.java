package dev.gantry.cli;

import picocli.CommandLine.Option;

/// Whether the agent of this host ever removes images.
final class ImageCleanupOption {

  @Option(
      names = "--no-image-cleanup",
      description =
          "Never removes an image (as ECS_DISABLE_IMAGE_CLEANUP). Otherwise, every 30 minutes, up"
              + " to five are removed that it brought over an hour ago and nothing uses; none where"
              + " --image-pull is prefer-cached.")
  private boolean never;

  /// True if images may be removed.
  boolean wanted() {
    return !never;
  }
}

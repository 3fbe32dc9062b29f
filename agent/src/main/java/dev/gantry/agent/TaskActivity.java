package dev.gantry.agent;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is in flight for one task, and what is only known until the process ends.
///
/// @param stored what is on disk; null before the first save was answered
/// @param saving what is being saved; null if nothing is
/// @param reporting the report in flight or queued; null if none is. There is never more than one.
/// @param unreportedSince since when a container's change waits to be told; null if none does
/// @param deleting true while the file is being deleted
/// @param containers one for each container of the plan, in its order
record TaskActivity(
    @Nullable TaskRecord stored,
    @Nullable TaskRecord saving,
    Retry saveRetry,
    @Nullable TaskReport reporting,
    Retry reportRetry,
    @Nullable Instant unreportedSince,
    boolean deleting,
    List<ContainerActivity> containers) {

  TaskActivity {
    containers = List.copyOf(containers);
  }

  /// What the engine is doing for one container. It does one thing at a time for each.
  enum Doing {
    NOTHING,
    INSPECTING_IMAGE,
    PULLING,
    CREATING,
    FINDING,
    STARTING,
    STOPPING,
    INSPECTING,
    REMOVING
  }

  /// What is known of a container's image.
  enum Image {
    UNKNOWN,
    /// Not in the engine's store.
    ABSENT,
    /// It could not be pulled; the container's reason says why.
    NOT_PULLED
  }

  /// A create that failed in a way that may have left the container behind.
  ///
  /// @param reason what to report if it did not
  /// @param again true to create once more in that case, instead of failing
  record Doubt(String reason, boolean again) {}

  /// What is being done about a container's log stream.
  enum Stream {
    NOTHING,
    CREATING_STREAM,
    /// The group is missing and may be made.
    GROUP_MISSING,
    CREATING_GROUP
  }

  /// What is in flight for one container.
  ///
  /// @param inspect true if the engine is to be asked how the container stands
  /// @param stray true if it was found running after it had been taken for stopped
  /// @param retry of what the engine is asked
  /// @param pullFailures how often in a row the image's pull failed
  /// @param imageLost true if the image was removed between its pull and the container's creation
  /// @param streamSince when making the log stream first failed
  /// @param following true while its output is being read
  record ContainerActivity(
      Doing doing,
      boolean inspect,
      boolean stray,
      Image image,
      @Nullable Doubt doubt,
      Retry retry,
      int pullFailures,
      boolean imageLost,
      Stream stream,
      Retry streamRetry,
      @Nullable Instant streamSince,
      boolean following,
      Retry followRetry) {
    static final ContainerActivity NONE =
        new ContainerActivity(
            Doing.NOTHING,
            false,
            false,
            Image.UNKNOWN,
            null,
            Retry.NONE,
            0,
            false,
            Stream.NOTHING,
            Retry.NONE,
            null,
            false,
            Retry.NONE);
  }

  /// Nothing in flight.
  ///
  /// @param stored what is on disk
  static TaskActivity none(int containers, @Nullable TaskRecord stored) {
    List<ContainerActivity> idle = new ArrayList<>();
    for (int i = 0; i < containers; i++) {
      idle.add(ContainerActivity.NONE);
    }
    return new TaskActivity(stored, null, Retry.NONE, null, Retry.NONE, null, false, idle);
  }
}

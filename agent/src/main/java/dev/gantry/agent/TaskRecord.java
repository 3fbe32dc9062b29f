package dev.gantry.agent;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is known for good of one task: the part that is on disk, beside its plan. Whatever is in
/// flight is in [TaskActivity] instead and lost with the process, so a restart cannot mistake a
/// wish for a fact.
///
/// @param wanted true while the task is to run; it never becomes true again
/// @param ran true once every container had come to run, so that RUNNING is reported even if it is
///   over by then
/// @param containers one for each container of the plan, in its order
/// @param pullStartedAt when the first pull began; null if nothing was pulled
/// @param pullStoppedAt when the last pull ended
/// @param executionStoppedAt when the first essential container ended
/// @param stoppedAt when the last container had ended
/// @param reported what the control plane has accepted of the task
record TaskRecord(
    boolean wanted,
    boolean ran,
    List<ContainerRecord> containers,
    @Nullable Instant pullStartedAt,
    @Nullable Instant pullStoppedAt,
    @Nullable Instant executionStoppedAt,
    @Nullable Instant stoppedAt,
    Status reported) {

  TaskRecord {
    containers = List.copyOf(containers);
  }

  /// True once every container has ended or will never run.
  boolean stopped() {
    for (ContainerRecord container : containers) {
      if (container.phase() != Phase.STOPPED) {
        return false;
      }
    }
    return true;
  }
}

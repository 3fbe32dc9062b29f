package dev.gantry.scheduler;

import dev.gantry.model.Resources;
import dev.gantry.scheduler.query.QueriedInstance;
import org.jspecify.annotations.Nullable;

/// A container instance and what the rules of one call can ask of it.
///
/// @param groupTasks unstopped tasks of the group that the new task belongs to
/// @param queried null where no rule asks
public record Candidate(InstanceView view, int groupTasks, @Nullable QueriedInstance queried) {

  /// An instance of which only room is asked.
  public static Candidate of(InstanceView view) {
    return new Candidate(view, 0, null);
  }

  /// This candidate with one more task of the group.
  public Candidate with(Resources taken) {
    return new Candidate(view.without(taken), groupTasks + 1, queried);
  }
}

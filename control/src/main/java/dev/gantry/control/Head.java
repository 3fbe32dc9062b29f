package dev.gantry.control;

import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.Resources;
import dev.gantry.store.OrderedSet;
import dev.gantry.store.State;

/// What a command decides on: State with every decision so far, durable or not, and what goes with
/// it.
///
/// @param connected the container instances whose agent has an open ACS session
/// @param ledger what the tasks of each instance take, in step with `state`
/// @param ids where new ids come from
public record Head(State state, OrderedSet<ContainerInstanceId> connected, Ledger ledger, Ids ids) {

  /// What the unstopped tasks of an instance take together.
  public Resources taken(ContainerInstanceId instance) {
    return ledger.taken(instance);
  }
}

package dev.gantry.sim;

import dev.gantry.control.ControlEffect;
import dev.gantry.control.ControlPlane;
import dev.gantry.control.Snapshot;
import dev.gantry.store.State;
import dev.gantry.wire.server.OperationHandler;
import java.util.List;

/// Where a test can put a bug into the control plane without a switch in it: every way in and out.
/// One object serves all lives of the control plane, as a bug does.
interface Seams {
  /// Nothing is changed.
  Seams NONE = new Seams() {};

  /// Stands before the real front.
  default OperationHandler front(OperationHandler real) {
    return real;
  }

  /// What readers are given instead of the real snapshot.
  default Snapshot snapshot(ControlPlane plane) {
    return plane.snapshot();
  }

  /// What is carried out instead of the real effects of one event.
  ///
  /// @param before head before the event
  default List<ControlEffect> effects(
      ControlPlane plane, State before, List<ControlEffect> effects) {
    return effects;
  }
}

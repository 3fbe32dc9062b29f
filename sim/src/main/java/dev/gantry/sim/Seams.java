package dev.gantry.sim;

import dev.gantry.agent.AgentEffect;
import dev.gantry.control.ControlEffect;
import dev.gantry.control.ControlEvent;
import dev.gantry.control.ControlPlane;
import dev.gantry.control.Snapshot;
import dev.gantry.store.Batch;
import dev.gantry.store.State;
import dev.gantry.wire.server.OperationHandler;
import java.util.List;

/// Where a test can put a bug into Gantry, or into what it stands on, without a switch in it: every
/// way in and out. One object serves one run, and all lives of a process in it, as a bug does.
interface Seams {
  /// Nothing is changed.
  Seams NONE = new Seams() {};

  // ---- the control plane
  // --------------------------------------------------------------------------

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

  /// What the writer is told once an effect is carried out, before the world says anything of it.
  default List<ControlEvent> rumours(ControlEffect effect) {
    return List.of();
  }

  // ---- its disk
  // -----------------------------------------------------------------------------------

  /// What is written instead of a batch; as many changes.
  default Batch written(Batch batch) {
    return batch;
  }

  /// What a process begins with instead of what was loaded; of the same revision.
  default State begins(State loaded) {
    return loaded;
  }

  // ---- agents, engines and the network
  // ------------------------------------------------------------

  /// What is carried out instead of the effects of one event of an agent.
  ///
  /// @param host where the agent is
  default List<AgentEffect> agent(String host, List<AgentEffect> effects) {
    return effects;
  }

  /// Whether an engine removes what it then says it has removed.
  default boolean engineRemoves() {
    return true;
  }

  /// Whether a frame arrives that the control plane has sent to an agent.
  default boolean arrives(String text) {
    return true;
  }
}

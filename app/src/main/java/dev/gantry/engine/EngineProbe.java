package dev.gantry.engine;

/// Asks for a Docker Engine, as Docker's own client would find it.
public interface EngineProbe {

  /// Asks once; bounded by the adapter's own time limit.
  EngineView.Answer ask();
}

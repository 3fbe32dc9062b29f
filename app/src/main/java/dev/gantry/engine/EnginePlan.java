package dev.gantry.engine;

import java.util.List;

/// The next step towards an engine.
public sealed interface EnginePlan {

  /// There is one; use it.
  record Use() implements EnginePlan {}

  /// Install this Debian package.
  record InstallPackage(String name) implements EnginePlan {}

  /// Ask the service manager for it.
  ///
  /// @param command the command to run
  record StartService(List<String> command) implements EnginePlan {
    public StartService {
      command = List.copyOf(command);
    }
  }

  /// Start `dockerd` ourselves, detached.
  record StartDaemon() implements EnginePlan {}

  /// Nothing more that we can or may do.
  ///
  /// @param problem what is wrong, one sentence
  /// @param advice what the user can do, a line each
  record Explain(String problem, List<String> advice) implements EnginePlan {
    public Explain {
      advice = List.copyOf(advice);
    }
  }
}

package dev.gantry.engine;

import java.util.List;

/// There is no engine and we could not get one. Message and advice are for a person.
public final class EngineFailure extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<String> advice;

  /// @param problem what is wrong, one sentence
  /// @param advice what to do about it, or the end of a log, a line each
  public EngineFailure(String problem, List<String> advice) {
    super(problem);
    this.advice = List.copyOf(advice);
  }

  /// What to do about it.
  public List<String> advice() {
    return advice;
  }
}

package dev.gantry.agent.docker;

import java.util.List;

/// No Docker Engine answered. The message names every place that was tried and what happened there;
/// [#attempts] has the same for a caller that wants to help (start an engine, name a group).
public final class NoDockerEngine extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<Attempt> attempts;

  NoDockerEngine(List<Attempt> attempts) {
    super(describe(attempts));
    this.attempts = List.copyOf(attempts);
  }

  /// What was tried, in order; never empty.
  public List<Attempt> attempts() {
    return attempts;
  }

  /// One place that was tried.
  ///
  /// @param url the engine's URL, or the name of the context that has none
  /// @param source what named it
  /// @param outcome what came of it
  /// @param detail the same for people
  public record Attempt(String url, String source, Outcome outcome, String detail) {}

  /// What came of an attempt.
  public enum Outcome {
    /// A Docker Engine is there.
    ANSWERED,
    /// There is no such socket or context.
    ABSENT,
    /// The socket is there, and this user may not use it.
    DENIED,
    /// Nobody listens, or nothing was answered in time.
    SILENT,
    /// Something else answers there.
    NOT_AN_ENGINE,
    /// A kind of URL that Gantry does not speak.
    UNSUPPORTED
  }

  private static String describe(List<Attempt> attempts) {
    StringBuilder text = new StringBuilder("No Docker Engine answers. Tried:");
    for (Attempt attempt : attempts) {
      text.append("\n  ")
          .append(attempt.url())
          .append(" (")
          .append(attempt.source())
          .append("): ")
          .append(attempt.detail());
    }
    return text.toString();
  }
}

package dev.gantry.scheduler.query;

/// A text that is no expression of the cluster query language, or one beyond its limits. The
/// message says, for a person, what is wrong and where.
public final class QuerySyntaxException extends Exception {
  private static final long serialVersionUID = 1L;

  /// @param message what is wrong and where
  public QuerySyntaxException(String message) {
    super(message);
  }
}

package dev.gantry.sim;

/// An invariant does not hold. Ends the run.
final class Violation extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Invariant invariant;
  private final String text;

  Violation(Invariant invariant, String text) {
    this(invariant, text, null);
  }

  Violation(Invariant invariant, String text, @org.jspecify.annotations.Nullable Throwable cause) {
    super(invariant + ": " + text, cause);
    this.invariant = invariant;
    this.text = text;
  }

  /// Which one.
  Invariant invariant() {
    return invariant;
  }

  /// What was seen instead.
  String text() {
    return text;
  }
}

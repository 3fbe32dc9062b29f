package dev.gantry.sim;

/// Counts the small steps of one process down to the one at which it dies, so that a crash can come
/// between any two of them and not only at some time.
final class Fuse {
  private int left;

  /// The process dies at the `steps`-th step from now.
  void light(int steps) {
    left = steps;
  }

  /// It does not die after all.
  void putOut() {
    left = 0;
  }

  /// One step was made.
  ///
  /// @return true if this was the one
  boolean burns() {
    return left > 0 && --left == 0;
  }
}

package dev.gantry.scheduler.query;

/// A text that may be looked at so many times and no more. Java's patterns backtrack, and each step
/// looks at a character, so this bounds what a hostile pattern costs.
final class Metered implements CharSequence {
  /// Far beyond what an honest pattern takes for a value of 128 characters.
  static final int MAX_LOOKS = 100_000;

  private final CharSequence text;
  private final int[] looks;

  Metered(CharSequence text) {
    this(text, new int[1]);
  }

  private Metered(CharSequence text, int[] looks) {
    this.text = text;
    this.looks = looks;
  }

  /// Too many looks. Thrown for control, so it has no trace.
  static final class Exhausted extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Exhausted() {
      super("a pattern took more than " + MAX_LOOKS + " steps", null, false, false);
    }
  }

  @Override
  public int length() {
    return text.length();
  }

  @Override
  public char charAt(int index) {
    if (++looks[0] > MAX_LOOKS) {
      throw new Exhausted();
    }
    return text.charAt(index);
  }

  @Override
  public CharSequence subSequence(int start, int end) {
    return new Metered(text.subSequence(start, end), looks);
  }

  @Override
  public String toString() {
    return text.toString();
  }
}

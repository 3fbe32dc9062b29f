package dev.gantry.cli;

import java.util.regex.Pattern;

/// Spelling for POSIX shells.
final class Shell {
  private static final Pattern HARMLESS = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

  private Shell() {}

  /// The word as a shell must read it to get exactly `word`.
  static String quote(String word) {
    return HARMLESS.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}

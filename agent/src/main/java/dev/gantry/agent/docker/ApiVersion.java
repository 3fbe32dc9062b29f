package dev.gantry.agent.docker;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/// A version of the Docker Engine API, as `1.41`.
record ApiVersion(int major, int minor) implements Comparable<ApiVersion> {
  /// The oldest that knows every call we make (Docker 19.03).
  static final ApiVersion OLDEST = new ApiVersion(1, 40);

  /// The one we prefer: the newest engines still take it (Docker 29 refuses below 1.44), and what
  /// it means will not change any more.
  static final ApiVersion PREFERRED = new ApiVersion(1, 44);

  /// The newest that we would speak, should an engine ask for more than [#PREFERRED].
  static final ApiVersion NEWEST = new ApiVersion(1, 52);

  /// Reads `1.41`.
  ///
  /// @return null if the text is no version
  static @Nullable ApiVersion parse(String text) {
    int dot = text.indexOf('.');
    if (dot < 1 || text.length() > 9) {
      return null;
    }
    try {
      return new ApiVersion(
          Integer.parseInt(text.substring(0, dot)), Integer.parseInt(text.substring(dot + 1)));
    } catch (NumberFormatException notTwoNumbers) {
      return null;
    }
  }

  /// The version to speak with an engine: ours, pushed into the engine's own range.
  ///
  /// @param theirOldest what the engine still takes, null if it does not say
  /// @param theirNewest what the engine knows
  /// @return null if the two ranges do not meet
  static @Nullable ApiVersion negotiate(@Nullable ApiVersion theirOldest, ApiVersion theirNewest) {
    ApiVersion version = PREFERRED.compareTo(theirNewest) <= 0 ? PREFERRED : theirNewest;
    if (theirOldest != null && version.compareTo(theirOldest) < 0) {
      version = theirOldest;
    }
    return version.compareTo(OLDEST) < 0 || version.compareTo(NEWEST) > 0 ? null : version;
  }

  @Override
  public int compareTo(ApiVersion other) {
    return Comparator.comparingInt(ApiVersion::major)
        .thenComparingInt(ApiVersion::minor)
        .compare(this, other);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}

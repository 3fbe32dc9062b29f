package dev.gantry.model;

import org.jspecify.annotations.Nullable;

/// An Amazon Resource Name, taken apart.
///
/// @param resource everything behind the fifth colon
public record Arn(
    String partition, String service, String region, String account, String resource) {

  /// Takes an ARN apart, or gives null if the text is not one.
  public static @Nullable Arn parse(String text) {
    if (!text.startsWith("arn:")) {
      return null;
    }
    String[] parts = text.split(":", 6);
    return parts.length < 6 || parts[5].isEmpty()
        ? null
        : new Arn(parts[1], parts[2], parts[3], parts[4], parts[5]);
  }
}

package dev.gantry.wire.auth;

import org.jspecify.annotations.Nullable;

/// What a client signs with.
///
/// @param accessKeyId the public name of the key
/// @param secret the secret access key; never printed
/// @param sessionToken the token of temporary credentials, or null for a long-lived key; never
///   printed
public record Credentials(String accessKeyId, String secret, @Nullable String sessionToken) {

  /// A long-lived key.
  public static Credentials of(String accessKeyId, String secret) {
    return new Credentials(accessKeyId, secret, null);
  }

  @Override
  public String toString() {
    return "Credentials[" + accessKeyId + "]";
  }
}

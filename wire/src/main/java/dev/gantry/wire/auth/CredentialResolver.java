package dev.gantry.wire.auth;

import org.jspecify.annotations.Nullable;

/// Knows the secret behind an access key id. Implementations answer at once, from memory.
public interface CredentialResolver {

  /// Looks a key up.
  ///
  /// @param accessKeyId as it stands in the credential scope
  /// @param sessionToken the request's security token, or null for a long-lived key
  Resolution resolve(String accessKeyId, @Nullable String sessionToken);

  /// What is known of a key.
  sealed interface Resolution {
    /// The key is known; the signature must verify with `secret`.
    record Known(Principal principal, String secret) implements Resolution {
      @Override
      public String toString() {
        return "Known[" + principal + "]";
      }
    }

    /// Any signature is accepted for this key (`--auth any`).
    record Trusted(Principal principal) implements Resolution {}

    /// No such key.
    record UnknownKey() implements Resolution {}

    /// The key is known but the session token does not belong to it, or has expired.
    record BadToken(boolean expired) implements Resolution {}
  }
}

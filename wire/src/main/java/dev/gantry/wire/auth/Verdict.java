package dev.gantry.wire.auth;

/// What a [SigV4Verifier] found.
public sealed interface Verdict {

  /// The request comes from `principal`.
  ///
  /// @param region the region that the signature is scoped to
  /// @param signingService the service name that the signature is scoped to
  record Verified(Principal principal, String region, String signingService) implements Verdict {}

  /// The request is not to be believed.
  record Refused(AuthError error) implements Verdict {}
}

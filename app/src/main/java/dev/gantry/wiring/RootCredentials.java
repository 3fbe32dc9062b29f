package dev.gantry.wiring;

import dev.gantry.home.RootKey;
import dev.gantry.wire.auth.CredentialResolver;
import dev.gantry.wire.auth.Principal;
import org.jspecify.annotations.Nullable;

/// Knows the one key there is, the root key of the installation. With `trusting`, accepts every
/// other key too, as `--auth any` promises: a key id of 12 digits is the account it acts in.
final class RootCredentials implements CredentialResolver {
  /// The account of the root key.
  static final String ACCOUNT = "000000000000";

  private static final int ACCOUNT_DIGITS = 12;

  private final RootKey key;
  private final boolean trusting;
  private final Resolution known;

  RootCredentials(RootKey key, boolean trusting) {
    this.key = key;
    this.trusting = trusting;
    this.known = new Resolution.Known(root(ACCOUNT), key.secret());
  }

  @Override
  public Resolution resolve(String accessKeyId, @Nullable String sessionToken) {
    if (trusting) {
      return new Resolution.Trusted(root(isAccount(accessKeyId) ? accessKeyId : ACCOUNT));
    }
    if (!accessKeyId.equals(key.accessKeyId())) {
      return new Resolution.UnknownKey();
    }
    return sessionToken == null ? known : new Resolution.BadToken(false);
  }

  private static boolean isAccount(String keyId) {
    return keyId.length() == ACCOUNT_DIGITS && keyId.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static Principal root(String account) {
    return new Principal(account, "arn:aws:iam::" + account + ":root");
  }
}

package dev.gantry.model;

/// The name space that every id begins with: one account in one region.
///
/// @param account the account id, 12 digits
/// @param region the region's name, as `us-east-1`; any name works
public record Scope(String account, String region) implements Comparable<Scope> {
  /// @throws IllegalArgumentException if the account is not 12 digits or the region is empty
  public Scope {
    if (account.length() != 12 || !account.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new IllegalArgumentException("an account id has 12 digits: " + account);
    }
    if (region.isEmpty() || region.indexOf(EntityId.SEPARATOR) >= 0) {
      throw new IllegalArgumentException("not a region name: " + region);
    }
  }

  @Override
  public int compareTo(Scope other) {
    int byAccount = account.compareTo(other.account);
    return byAccount != 0 ? byAccount : region.compareTo(other.region);
  }

  /// The beginning of every ARN of `service` in this scope, up to and with the last colon.
  public String arnPrefix(String service) {
    return "arn:aws:" + service + ":" + region + ":" + account + ":";
  }

  @Override
  public String toString() {
    return account + EntityId.SEPARATOR + region;
  }
}

package dev.gantry.model;

/// Names the memory of one idempotent request. Tokens are unrelated between clusters (Ensuring
/// idempotency, Amazon ECS API Reference).
///
/// @param token 1 to 64 characters of ASCII 33 to 126
public record ClientTokenId(Scope scope, String cluster, String token) implements EntityId {
  @Override
  public EntityKind kind() {
    return EntityKind.CLIENT_TOKEN;
  }

  @Override
  public String key() {
    return scope.toString() + SEPARATOR + cluster + SEPARATOR + token;
  }

  @Override
  public int compareSame(EntityId other) {
    ClientTokenId that = (ClientTokenId) other;
    int order = scope.compareTo(that.scope);
    if (order == 0) {
      order = cluster.compareTo(that.cluster);
    }
    return order != 0 ? order : token.compareTo(that.token);
  }

  @Override
  public String toString() {
    return kind() + ":" + key();
  }
}

package dev.gantry.model;

/// Names a capacity provider.
///
/// @param name up to 255 letters, digits, underscores and hyphens (CreateCapacityProvider)
public record CapacityProviderId(Scope scope, String name) implements EntityId {
  @Override
  public EntityKind kind() {
    return EntityKind.CAPACITY_PROVIDER;
  }

  @Override
  public String key() {
    return scope.toString() + SEPARATOR + name;
  }

  @Override
  public int compareSame(EntityId other) {
    CapacityProviderId that = (CapacityProviderId) other;
    int order = scope.compareTo(that.scope);
    return order != 0 ? order : name.compareTo(that.name);
  }

  /// As `arn:aws:ecs:us-east-1:000000000000:capacity-provider/spare`.
  public String arn() {
    return scope.arnPrefix("ecs") + "capacity-provider/" + name;
  }

  @Override
  public String toString() {
    return kind() + ":" + key();
  }
}

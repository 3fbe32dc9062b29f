package dev.gantry.model;

/// Names a cluster.
///
/// @param name up to 255 letters, digits, underscores and hyphens (CreateCluster)
public record ClusterId(Scope scope, String name) implements EntityId {
  @Override
  public EntityKind kind() {
    return EntityKind.CLUSTER;
  }

  @Override
  public String key() {
    return scope.toString() + SEPARATOR + name;
  }

  @Override
  public int compareSame(EntityId other) {
    ClusterId that = (ClusterId) other;
    int order = scope.compareTo(that.scope);
    return order != 0 ? order : name.compareTo(that.name);
  }

  /// As `arn:aws:ecs:us-east-1:000000000000:cluster/default`.
  public String arn() {
    return scope.arnPrefix("ecs") + "cluster/" + name;
  }

  @Override
  public String toString() {
    return kind() + ":" + key();
  }
}

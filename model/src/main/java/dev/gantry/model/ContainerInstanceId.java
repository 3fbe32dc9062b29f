package dev.gantry.model;

/// Names a container instance: one host's membership in one cluster.
///
/// @param cluster the cluster's name
/// @param id 32 hexadecimal digits
public record ContainerInstanceId(Scope scope, String cluster, String id) implements EntityId {
  @Override
  public EntityKind kind() {
    return EntityKind.CONTAINER_INSTANCE;
  }

  @Override
  public String key() {
    return scope.toString() + SEPARATOR + cluster + SEPARATOR + id;
  }

  @Override
  public int compareSame(EntityId other) {
    ContainerInstanceId that = (ContainerInstanceId) other;
    int order = scope.compareTo(that.scope);
    if (order == 0) {
      order = cluster.compareTo(that.cluster);
    }
    return order != 0 ? order : id.compareTo(that.id);
  }

  /// As `arn:aws:ecs:us-east-1:000000000000:container-instance/default/0123...`.
  public String arn() {
    return scope.arnPrefix("ecs") + "container-instance/" + cluster + "/" + id;
  }

  /// The cluster it is a member of.
  public ClusterId clusterId() {
    return new ClusterId(scope, cluster);
  }

  @Override
  public String toString() {
    return kind() + ":" + key();
  }
}

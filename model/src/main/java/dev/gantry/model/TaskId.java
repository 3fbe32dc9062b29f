package dev.gantry.model;

/// Names a task.
///
/// @param cluster the cluster's name
/// @param id 32 hexadecimal digits
public record TaskId(Scope scope, String cluster, String id) implements EntityId {
  @Override
  public EntityKind kind() {
    return EntityKind.TASK;
  }

  @Override
  public String key() {
    return scope.toString() + SEPARATOR + cluster + SEPARATOR + id;
  }

  @Override
  public int compareSame(EntityId other) {
    TaskId that = (TaskId) other;
    int order = scope.compareTo(that.scope);
    if (order == 0) {
      order = cluster.compareTo(that.cluster);
    }
    return order != 0 ? order : id.compareTo(that.id);
  }

  /// As `arn:aws:ecs:us-east-1:000000000000:task/default/0123...`.
  public String arn() {
    return scope.arnPrefix("ecs") + "task/" + cluster + "/" + id;
  }

  /// The cluster it runs in.
  public ClusterId clusterId() {
    return new ClusterId(scope, cluster);
  }

  @Override
  public String toString() {
    return kind() + ":" + key();
  }
}

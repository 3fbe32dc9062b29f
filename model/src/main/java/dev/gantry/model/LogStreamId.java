package dev.gantry.model;

/// Names a log stream within its group.
public record LogStreamId(Scope scope, String group, String name) implements EntityId {
  @Override
  public EntityKind kind() {
    return EntityKind.LOG_STREAM;
  }

  @Override
  public String key() {
    return scope.toString() + SEPARATOR + group + SEPARATOR + name;
  }

  @Override
  public int compareSame(EntityId other) {
    LogStreamId that = (LogStreamId) other;
    int order = scope.compareTo(that.scope);
    if (order == 0) {
      order = group.compareTo(that.group);
    }
    return order != 0 ? order : name.compareTo(that.name);
  }

  /// As `arn:aws:logs:us-east-1:000000000000:log-group:/gantry/run:log-stream:run/app/0123...`.
  public String arn() {
    return groupId().arn() + ":log-stream:" + name;
  }

  /// The group it belongs to.
  public LogGroupId groupId() {
    return new LogGroupId(scope, group);
  }

  @Override
  public String toString() {
    return kind() + ":" + key();
  }
}

package dev.gantry.model;

/// Names a log group.
public record LogGroupId(Scope scope, String name) implements EntityId {
  @Override
  public EntityKind kind() {
    return EntityKind.LOG_GROUP;
  }

  @Override
  public String key() {
    return scope.toString() + SEPARATOR + name;
  }

  @Override
  public int compareSame(EntityId other) {
    LogGroupId that = (LogGroupId) other;
    int order = scope.compareTo(that.scope);
    return order != 0 ? order : name.compareTo(that.name);
  }

  /// As `arn:aws:logs:us-east-1:000000000000:log-group:/gantry/run`; the API shows it with `:*`
  /// behind.
  public String arn() {
    return scope.arnPrefix("logs") + "log-group:" + name;
  }

  @Override
  public String toString() {
    return kind() + ":" + key();
  }
}

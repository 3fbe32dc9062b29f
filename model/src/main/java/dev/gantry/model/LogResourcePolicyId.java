package dev.gantry.model;

/// Names a resource policy of CloudWatch Logs: those of the account by their names, those of log
/// groups by the group, which has at most one.
///
/// @param group the log group's name, empty for a policy of the account
/// @param name the policy's name, empty for a policy of a log group
public record LogResourcePolicyId(Scope scope, String group, String name) implements EntityId {

  /// The policy of that name of the account.
  public static LogResourcePolicyId ofAccount(Scope scope, String name) {
    return new LogResourcePolicyId(scope, "", name);
  }

  /// The policy of a log group.
  public static LogResourcePolicyId ofGroup(LogGroupId group) {
    return new LogResourcePolicyId(group.scope(), group.name(), "");
  }

  /// Whether it is one of the account's.
  public boolean isOfAccount() {
    return group.isEmpty();
  }

  @Override
  public EntityKind kind() {
    return EntityKind.LOG_RESOURCE_POLICY;
  }

  @Override
  public String key() {
    return scope.toString() + SEPARATOR + group + SEPARATOR + name;
  }

  @Override
  public int compareSame(EntityId other) {
    LogResourcePolicyId that = (LogResourcePolicyId) other;
    int order = scope.compareTo(that.scope);
    if (order == 0) {
      order = group.compareTo(that.group);
    }
    return order != 0 ? order : name.compareTo(that.name);
  }

  @Override
  public String toString() {
    return kind() + ":" + key();
  }
}

package dev.gantry.model;

/// Names one account setting of one principal.
///
/// @param name the setting's name, as `containerInsights`
/// @param principalArn the user, role or root user it was set for; what is set for the root user is
///   the account's default
public record AccountSettingId(Scope scope, String name, String principalArn) implements EntityId {
  @Override
  public EntityKind kind() {
    return EntityKind.ACCOUNT_SETTING;
  }

  @Override
  public String key() {
    return scope.toString() + SEPARATOR + name + SEPARATOR + principalArn;
  }

  @Override
  public int compareSame(EntityId other) {
    AccountSettingId that = (AccountSettingId) other;
    int order = scope.compareTo(that.scope);
    if (order == 0) {
      order = name.compareTo(that.name);
    }
    return order != 0 ? order : principalArn.compareTo(that.principalArn);
  }

  @Override
  public String toString() {
    return kind() + ":" + key();
  }
}

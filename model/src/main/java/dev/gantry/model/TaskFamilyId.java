package dev.gantry.model;

/// Names the family that task definitions are revisions of.
public record TaskFamilyId(Scope scope, String family) implements EntityId {
  @Override
  public EntityKind kind() {
    return EntityKind.TASK_FAMILY;
  }

  @Override
  public String key() {
    return scope.toString() + SEPARATOR + family;
  }

  @Override
  public int compareSame(EntityId other) {
    TaskFamilyId that = (TaskFamilyId) other;
    int order = scope.compareTo(that.scope);
    return order != 0 ? order : family.compareTo(that.family);
  }

  @Override
  public String toString() {
    return kind() + ":" + key();
  }
}

package dev.gantry.model;

/// Names one revision of a task definition.
///
/// @param revision counts from 1 within the family and is never reused
public record TaskDefinitionId(Scope scope, String family, int revision) implements EntityId {
  /// @throws IllegalArgumentException if the revision is not positive
  public TaskDefinitionId {
    if (revision < 1) {
      throw new IllegalArgumentException("revisions count from 1: " + revision);
    }
  }

  @Override
  public EntityKind kind() {
    return EntityKind.TASK_DEFINITION;
  }

  @Override
  public String key() {
    return scope.toString() + SEPARATOR + family + SEPARATOR + paddedRevision();
  }

  @Override
  public int compareSame(EntityId other) {
    TaskDefinitionId that = (TaskDefinitionId) other;
    int order = scope.compareTo(that.scope);
    if (order == 0) {
      order = family.compareTo(that.family);
    }
    return order != 0 ? order : Integer.compare(revision, that.revision);
  }

  /// As `arn:aws:ecs:us-east-1:000000000000:task-definition/hello:1`.
  public String arn() {
    return scope.arnPrefix("ecs") + "task-definition/" + family + ":" + revision;
  }

  /// The family this is a revision of.
  public TaskFamilyId familyId() {
    return new TaskFamilyId(scope, family);
  }

  /// Ten digits, so that keys sort as numbers do.
  private String paddedRevision() {
    String digits = Integer.toString(revision);
    return "0".repeat(10 - digits.length()) + digits;
  }

  @Override
  public String toString() {
    return kind() + ":" + key();
  }
}

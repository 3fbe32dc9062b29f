package dev.gantry.model;

/// The identity of one entity. Begins with a [Scope]; ordered, so that everything iterates the same
/// way in every run.
public sealed interface EntityId extends Comparable<EntityId>
    permits ClusterId,
        TaskFamilyId,
        TaskDefinitionId,
        ContainerInstanceId,
        TaskId,
        ClientTokenId,
        AccountSettingId,
        CapacityProviderId,
        LogGroupId,
        LogStreamId,
        LogResourcePolicyId {

  /// Stands between the parts of a [#key]. No part but the last may contain it.
  char SEPARATOR = '|';

  /// What kind of entity this names.
  EntityKind kind();

  /// The name space it lives in.
  Scope scope();

  /// The canonical text of this id, unique within its kind. It is the primary key in the store, so
  /// its form never changes.
  String key();

  /// Orders ids of the same type; called only with an id of the same type.
  int compareSame(EntityId other);

  @Override
  default int compareTo(EntityId other) {
    return kind() == other.kind() ? compareSame(other) : kind().compareTo(other.kind());
  }
}

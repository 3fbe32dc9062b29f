package dev.gantry.model;

/// One thing that exists: an immutable record with an id. What changes is replaced as a whole.
public sealed interface Entity
    permits Cluster,
        TaskFamily,
        TaskDefinition,
        ContainerInstance,
        Task,
        ClientToken,
        AccountSetting,
        CapacityProvider,
        LogGroup,
        LogStream,
        LogResourcePolicy {

  /// Its identity, which never changes.
  EntityId id();
}

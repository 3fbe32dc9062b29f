package dev.gantry.model;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One immutable revision of a task definition.
///
/// @param deregisteredAt when it became INACTIVE, or null
/// @param deleteRequestedAt when it became DELETE_IN_PROGRESS, or null
/// @param removableAt when to look next whether nothing refers to it any more, so that it can go;
///   null unless it is DELETE_IN_PROGRESS
/// @param registeredBy the ARN of the principal that registered it
/// @param document the definition in the API's JSON, as the API shows it again: normalised, with
///   its defaults. Everything that was registered is in it, whether or not it acts yet; what acts
///   is read from it by the control plane, so a later release acts on definitions that an earlier
///   one stored.
public record TaskDefinition(
    TaskDefinitionId id,
    TaskDefinitionStatus status,
    Instant registeredAt,
    @Nullable Instant deregisteredAt,
    @Nullable Instant deleteRequestedAt,
    @Nullable Instant removableAt,
    String registeredBy,
    String document,
    List<Tag> tags)
    implements Entity {

  /// A new revision.
  public static TaskDefinition registered(
      TaskDefinitionId id, Instant now, String by, String document, List<Tag> tags) {
    return new TaskDefinition(
        id, TaskDefinitionStatus.ACTIVE, now, null, null, null, by, document, tags);
  }

  /// This revision INACTIVE: what runs goes on, nothing new is started from it.
  public TaskDefinition deregistered(Instant now) {
    return new TaskDefinition(
        id,
        TaskDefinitionStatus.INACTIVE,
        registeredAt,
        now,
        null,
        null,
        registeredBy,
        document,
        tags);
  }

  /// This revision DELETE_IN_PROGRESS.
  ///
  /// @param lookAt when to look whether it can go
  public TaskDefinition deleteRequested(Instant now, Instant lookAt) {
    return new TaskDefinition(
        id,
        TaskDefinitionStatus.DELETE_IN_PROGRESS,
        registeredAt,
        deregisteredAt,
        now,
        lookAt,
        registeredBy,
        document,
        tags);
  }

  /// This revision, still referred to, to be looked at again then.
  public TaskDefinition stillReferredTo(Instant lookAgainAt) {
    return new TaskDefinition(
        id,
        status,
        registeredAt,
        deregisteredAt,
        deleteRequestedAt,
        lookAgainAt,
        registeredBy,
        document,
        tags);
  }

  /// This revision with exactly these tags.
  public TaskDefinition withTags(List<Tag> all) {
    return new TaskDefinition(
        id,
        status,
        registeredAt,
        deregisteredAt,
        deleteRequestedAt,
        removableAt,
        registeredBy,
        document,
        all);
  }

  /// A revision's state.
  public enum TaskDefinitionStatus {
    ACTIVE,
    INACTIVE,
    DELETE_IN_PROGRESS
  }
}

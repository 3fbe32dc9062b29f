package dev.gantry.model;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One immutable revision of a task definition.
///
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
    String registeredBy,
    String document,
    List<Tag> tags)
    implements Entity {

  /// A revision's state.
  public enum TaskDefinitionStatus {
    ACTIVE,
    INACTIVE,
    DELETE_IN_PROGRESS
  }
}

package dev.gantry.model;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A cluster: the name space of tasks and container instances.
///
/// @param status ACTIVE or INACTIVE; the other states of the API need capacity providers
/// @param document the settings and configuration that were given, as the API's JSON, kept and
///   shown again
/// @param inactiveSince when it was deleted; an INACTIVE cluster is forgotten some time after that
public record Cluster(
    ClusterId id,
    ClusterStatus status,
    Instant createdAt,
    String document,
    List<Tag> tags,
    @Nullable Instant inactiveSince)
    implements Entity {

  /// A cluster's state (Cluster, Amazon ECS API Reference).
  public enum ClusterStatus {
    ACTIVE,
    INACTIVE
  }
}

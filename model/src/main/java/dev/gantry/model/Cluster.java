package dev.gantry.model;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A cluster: the name space of tasks and container instances.
///
/// @param status ACTIVE or INACTIVE; whatever would put it into the other states is done at once
/// @param document the settings and configuration that were given, as the API's JSON, kept and
///   shown again
/// @param capacityProviders the names of the capacity providers associated with it
/// @param defaultCapacityProviderStrategy what runs a task that asks for neither a launch type nor
///   a strategy; empty if nothing does
/// @param inactiveSince when it was deleted; an INACTIVE cluster is forgotten some time after that
public record Cluster(
    ClusterId id,
    ClusterStatus status,
    Instant createdAt,
    String document,
    List<String> capacityProviders,
    List<CapacityProviderStrategyItem> defaultCapacityProviderStrategy,
    List<Tag> tags,
    @Nullable Instant inactiveSince)
    implements Entity {

  /// A cluster's state (Cluster, Amazon ECS API Reference).
  public enum ClusterStatus {
    ACTIVE,
    INACTIVE
  }

  /// This cluster with other settings and configuration.
  public Cluster withDocument(String given) {
    return new Cluster(
        id,
        status,
        createdAt,
        given,
        capacityProviders,
        defaultCapacityProviderStrategy,
        tags,
        inactiveSince);
  }

  /// This cluster with exactly these capacity providers, and this default strategy.
  public Cluster withCapacityProviders(
      List<String> providers, List<CapacityProviderStrategyItem> strategy) {
    return new Cluster(id, status, createdAt, document, providers, strategy, tags, inactiveSince);
  }

  /// This cluster with exactly these tags.
  public Cluster withTags(List<Tag> all) {
    return new Cluster(
        id,
        status,
        createdAt,
        document,
        capacityProviders,
        defaultCapacityProviderStrategy,
        all,
        inactiveSince);
  }

  /// This cluster deleted. Its tags go with it.
  public Cluster deleted(Instant at) {
    return new Cluster(
        id,
        ClusterStatus.INACTIVE,
        createdAt,
        document,
        capacityProviders,
        defaultCapacityProviderStrategy,
        List.of(),
        at);
  }
}

package dev.gantry.control;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What an agent said last of its host's health. It is a fact of the moment and not part of State:
/// after a restart of the control plane nothing is known until the agent says it again.
///
/// @param checks one per kind of check, in the order in which they were reported
public record InstanceHealth(List<Check> checks) {

  /// Nothing was said yet.
  public static final InstanceHealth UNKNOWN = new InstanceHealth(List.of());

  /// A state of a check, the worst first (Monitor Amazon ECS container instance health). The names
  /// are those of both APIs, the agents' and the callers'.
  public enum Status {
    IMPAIRED,
    INSUFFICIENT_DATA,
    INITIALIZING,
    OK
  }

  /// How one check went.
  ///
  /// @param type as callers see it, such as `CONTAINER_RUNTIME`
  /// @param lastUpdated when it was carried out last
  /// @param lastStatusChange since when it has its status
  public record Check(
      String type,
      Status status,
      @Nullable String reason,
      @Nullable Instant lastUpdated,
      @Nullable Instant lastStatusChange) {}

  /// The worst of the checks; INSUFFICIENT_DATA where there are none.
  public Status overall() {
    Status worst = null;
    for (Check check : checks) {
      if (worst == null || check.status().compareTo(worst) < 0) {
        worst = check.status();
      }
    }
    return worst == null ? Status.INSUFFICIENT_DATA : worst;
  }
}

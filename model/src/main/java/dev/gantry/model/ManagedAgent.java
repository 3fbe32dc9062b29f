package dev.gantry.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A helper that ECS itself keeps beside a container's own process, and what its agent last said of
/// it. There is one kind, [#EXECUTE_COMMAND].
///
/// @param lastStartedAt when it was last heard to run; null if it never was
/// @param reason why it is where it is, or null
public record ManagedAgent(
    String name,
    ManagedAgentStatus lastStatus,
    @Nullable Instant lastStartedAt,
    @Nullable String reason) {

  /// The one through which commands are run in a container.
  public static final String EXECUTE_COMMAND = "ExecuteCommandAgent";

  /// Where a managed agent stands, as the API shows it. It may be started again.
  public enum ManagedAgentStatus {
    PENDING,
    RUNNING,
    STOPPED
  }

  /// One that has not been heard of yet.
  public static ManagedAgent pending(String name) {
    return new ManagedAgent(name, ManagedAgentStatus.PENDING, null, null);
  }

  /// This one of a container that is over: it ends with its container, whether or not that was
  /// said.
  public ManagedAgent stopped() {
    return new ManagedAgent(name, ManagedAgentStatus.STOPPED, lastStartedAt, reason);
  }
}

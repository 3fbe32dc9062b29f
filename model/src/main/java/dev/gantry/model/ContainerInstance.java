package dev.gantry.model;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One host's membership in one cluster. Whether its agent is connected is not part of it: that is
/// a fact of the moment, known to the agent sessions.
///
/// @param ec2InstanceId the EC2 instance the agent named, or null for any other host
/// @param registered what the host offered at its last registration
/// @param agentVersion as the agent's socket said last; null before the first socket
/// @param messageNumbersLeasedTo no message to this instance has a number at or above this one;
///   raised in blocks, so that the numbers rise even across a crash (ACS payload seqNum and
///   manifest timeline)
/// @param version rises with each change (ContainerInstance.version)
/// @param inactiveSince when it was deregistered
public record ContainerInstance(
    ContainerInstanceId id,
    ContainerInstanceStatus status,
    @Nullable String ec2InstanceId,
    List<Attribute> attributes,
    Resources registered,
    @Nullable String agentVersion,
    @Nullable String agentHash,
    @Nullable String dockerVersion,
    Instant registeredAt,
    List<Tag> tags,
    long messageNumbersLeasedTo,
    long version,
    @Nullable Instant inactiveSince)
    implements Entity {

  /// A container instance's state.
  public enum ContainerInstanceStatus {
    ACTIVE,
    DRAINING,
    INACTIVE
  }
}

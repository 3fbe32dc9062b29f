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

  /// This instance with what its agent says of itself.
  public ContainerInstance withVersions(
      @Nullable String agent, @Nullable String hash, @Nullable String docker) {
    return new ContainerInstance(
        id,
        status,
        ec2InstanceId,
        attributes,
        registered,
        agent,
        hash,
        docker,
        registeredAt,
        tags,
        messageNumbersLeasedTo,
        version + 1,
        inactiveSince);
  }

  /// This instance with more message numbers leased. Nothing that the API shows changes, so the
  /// version stays.
  public ContainerInstance withMessageNumbersLeasedTo(long end) {
    return new ContainerInstance(
        id,
        status,
        ec2InstanceId,
        attributes,
        registered,
        agentVersion,
        agentHash,
        dockerVersion,
        registeredAt,
        tags,
        end,
        version,
        inactiveSince);
  }

  /// This instance registered again by its agent, as after the agent's restart.
  public ContainerInstance withRegistration(List<Attribute> now, Resources resources) {
    return new ContainerInstance(
        id,
        status,
        ec2InstanceId,
        now,
        resources,
        agentVersion,
        agentHash,
        dockerVersion,
        registeredAt,
        tags,
        messageNumbersLeasedTo,
        version + 1,
        inactiveSince);
  }

  /// This instance deregistered.
  public ContainerInstance deregistered(Instant at) {
    return new ContainerInstance(
        id,
        ContainerInstanceStatus.INACTIVE,
        ec2InstanceId,
        attributes,
        registered,
        agentVersion,
        agentHash,
        dockerVersion,
        registeredAt,
        tags,
        messageNumbersLeasedTo,
        version + 1,
        at);
  }

  /// A container instance's state.
  public enum ContainerInstanceStatus {
    ACTIVE,
    DRAINING,
    INACTIVE
  }
}

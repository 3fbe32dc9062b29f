package dev.gantry.model;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One host's membership in one cluster. Whether its agent is connected, and what it said last of
/// the host's health, is not part of it: those are facts of the moment, known to the agent
/// sessions.
///
/// @param ec2InstanceId the EC2 instance of the identity document that the agent gave, or null for
///   any other host
/// @param attributes in the order they came; names are unique
/// @param registered what the host offered at its last registration
/// @param platformDevices the devices it offered then
/// @param agentVersion as the agent said last, at its registration or at its socket; null before
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
    List<PlatformDevice> platformDevices,
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
    /// Takes tasks.
    ACTIVE,
    /// Keeps the tasks it has and takes no more.
    DRAINING,
    /// Deregistered.
    INACTIVE
  }

  /// Whether it is a member of its cluster still: ACTIVE or DRAINING.
  public boolean isMember() {
    return status != ContainerInstanceStatus.INACTIVE;
  }

  /// This instance with what its agent says of itself.
  public ContainerInstance withVersions(
      @Nullable String agent, @Nullable String hash, @Nullable String docker) {
    Edit edit = new Edit(this);
    edit.agentVersion = agent;
    edit.agentHash = hash;
    edit.dockerVersion = docker;
    return edit.done(version + 1);
  }

  /// This instance with more message numbers leased. Nothing that the API shows changes, so the
  /// version stays.
  public ContainerInstance withMessageNumbersLeasedTo(long end) {
    Edit edit = new Edit(this);
    edit.messageNumbersLeasedTo = end;
    return edit.done(version);
  }

  /// This instance registered again by its agent, as after the agent's restart.
  ///
  /// @param ec2 the EC2 instance it names now, or null if it names none, and what was known stays
  public ContainerInstance withRegistration(
      List<Attribute> now,
      Resources resources,
      List<PlatformDevice> devices,
      @Nullable String ec2) {
    Edit edit = new Edit(this);
    edit.attributes = List.copyOf(now);
    edit.registered = resources;
    edit.platformDevices = List.copyOf(devices);
    edit.ec2InstanceId = ec2 == null ? ec2InstanceId : ec2;
    return edit.done(version + 1);
  }

  /// This instance with exactly these attributes.
  public ContainerInstance withAttributes(List<Attribute> all) {
    Edit edit = new Edit(this);
    edit.attributes = List.copyOf(all);
    return edit.done(version + 1);
  }

  /// This instance with exactly these tags.
  public ContainerInstance withTags(List<Tag> all) {
    Edit edit = new Edit(this);
    edit.tags = List.copyOf(all);
    return edit.done(version + 1);
  }

  /// This instance ACTIVE or DRAINING.
  ///
  /// @throws IllegalArgumentException if it is to become INACTIVE, which only [#deregistered] does,
  ///   or is already
  public ContainerInstance withStatus(ContainerInstanceStatus wanted) {
    if (wanted == ContainerInstanceStatus.INACTIVE || !isMember()) {
      throw new IllegalArgumentException("not from " + status + " to " + wanted);
    }
    Edit edit = new Edit(this);
    edit.status = wanted;
    return edit.done(version + 1);
  }

  /// This instance deregistered. Its tags go with it.
  public ContainerInstance deregistered(Instant at) {
    Edit edit = new Edit(this);
    edit.status = ContainerInstanceStatus.INACTIVE;
    edit.tags = List.of();
    edit.inactiveSince = at;
    return edit.done(version + 1);
  }

  /// A change in the making.
  private static final class Edit {
    private final ContainerInstance before;
    private ContainerInstanceStatus status;
    private @Nullable String ec2InstanceId;
    private List<Attribute> attributes;
    private Resources registered;
    private List<PlatformDevice> platformDevices;
    private @Nullable String agentVersion;
    private @Nullable String agentHash;
    private @Nullable String dockerVersion;
    private List<Tag> tags;
    private long messageNumbersLeasedTo;
    private @Nullable Instant inactiveSince;

    private Edit(ContainerInstance before) {
      this.before = before;
      this.status = before.status;
      this.ec2InstanceId = before.ec2InstanceId;
      this.attributes = before.attributes;
      this.registered = before.registered;
      this.platformDevices = before.platformDevices;
      this.agentVersion = before.agentVersion;
      this.agentHash = before.agentHash;
      this.dockerVersion = before.dockerVersion;
      this.tags = before.tags;
      this.messageNumbersLeasedTo = before.messageNumbersLeasedTo;
      this.inactiveSince = before.inactiveSince;
    }

    private ContainerInstance done(long version) {
      return new ContainerInstance(
          before.id,
          status,
          ec2InstanceId,
          attributes,
          registered,
          platformDevices,
          agentVersion,
          agentHash,
          dockerVersion,
          before.registeredAt,
          tags,
          messageNumbersLeasedTo,
          version,
          inactiveSince);
    }
  }
}

package dev.gantry.model;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A capacity provider of an Auto Scaling group: the container instances of that group, as capacity
/// that a strategy can name. The two that Amazon predefines are no records.
///
/// @param autoScalingGroup the group's ARN or name, as it was given
/// @param managedTerminationProtection kept and shown; there is no group to protect
/// @param managedDraining kept and shown; there is no group to drain
/// @param update how the last change went, or null if there was none since it was created
/// @param updateReason why that failed, or null
/// @param inactiveSince when it was deleted; an INACTIVE provider is forgotten some time after that
public record CapacityProvider(
    CapacityProviderId id,
    CapacityProviderStatus status,
    String autoScalingGroup,
    ManagedScaling managedScaling,
    boolean managedTerminationProtection,
    boolean managedDraining,
    @Nullable UpdateStatus update,
    @Nullable String updateReason,
    Instant createdAt,
    List<Tag> tags,
    @Nullable Instant inactiveSince)
    implements Entity {

  private static final String GROUP_NAME = ":autoScalingGroupName/";

  /// A capacity provider's state. Creating and deleting take no time here, so that none is in one
  /// of the API's other states.
  public enum CapacityProviderStatus {
    ACTIVE,
    INACTIVE
  }

  /// How a change went (CapacityProvider.updateStatus).
  public enum UpdateStatus {
    UPDATE_COMPLETE,
    DELETE_COMPLETE,
    DELETE_FAILED
  }

  /// Whether ECS sees to the size of the group, and how. A number is null where nobody gave any.
  ///
  /// @param enabled whether tasks wait for capacity that is to come
  /// @param targetCapacity how full the group is to be, in percent
  /// @param instanceWarmupPeriodSeconds how long a new instance does not count
  public record ManagedScaling(
      boolean enabled,
      @Nullable Integer targetCapacity,
      @Nullable Integer minimumScalingStepSize,
      @Nullable Integer maximumScalingStepSize,
      @Nullable Integer instanceWarmupPeriodSeconds) {

    /// Nobody asked for it.
    public static final ManagedScaling OFF = new ManagedScaling(false, null, null, null, null);
  }

  /// Whether it can be used.
  public boolean isActive() {
    return status == CapacityProviderStatus.ACTIVE;
  }

  /// The name of its group.
  public String groupName() {
    return groupName(autoScalingGroup);
  }

  /// The name of a group that is given by its ARN or name; an ARN ends with it.
  public static String groupName(String arnOrName) {
    int name = arnOrName.indexOf(GROUP_NAME);
    return name < 0 ? arnOrName : arnOrName.substring(name + GROUP_NAME.length());
  }

  /// This provider with other settings.
  public CapacityProvider updated(
      ManagedScaling scaling, boolean terminationProtection, boolean draining) {
    return new CapacityProvider(
        id,
        status,
        autoScalingGroup,
        scaling,
        terminationProtection,
        draining,
        UpdateStatus.UPDATE_COMPLETE,
        null,
        createdAt,
        tags,
        inactiveSince);
  }

  /// This provider after a deletion that could not be done.
  public CapacityProvider deletionFailed(String reason) {
    return new CapacityProvider(
        id,
        status,
        autoScalingGroup,
        managedScaling,
        managedTerminationProtection,
        managedDraining,
        UpdateStatus.DELETE_FAILED,
        reason,
        createdAt,
        tags,
        inactiveSince);
  }

  /// This provider deleted. Its tags go with it.
  public CapacityProvider deleted(Instant at) {
    return new CapacityProvider(
        id,
        CapacityProviderStatus.INACTIVE,
        autoScalingGroup,
        managedScaling,
        managedTerminationProtection,
        managedDraining,
        UpdateStatus.DELETE_COMPLETE,
        null,
        createdAt,
        List.of(),
        at);
  }

  /// This provider with exactly these tags.
  public CapacityProvider withTags(List<Tag> all) {
    return new CapacityProvider(
        id,
        status,
        autoScalingGroup,
        managedScaling,
        managedTerminationProtection,
        managedDraining,
        update,
        updateReason,
        createdAt,
        all,
        inactiveSince);
  }
}

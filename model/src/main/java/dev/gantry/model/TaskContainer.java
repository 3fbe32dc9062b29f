package dev.gantry.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One container of a task: what was wanted, and what its agent last said of it.
///
/// @param uuid the last part of the container's ARN
/// @param cpuUnits as in the definition, overrides applied; 0 if unset
/// @param memoryMiB the hard limit, or null
/// @param memoryReservationMiB the soft limit, or null
/// @param exitCode null while it runs, and when it never ran
/// @param runtimeId the engine's id for it
/// @param managedAgents what ECS keeps beside its process; empty unless the task was launched so
public record TaskContainer(
    String name,
    String uuid,
    String image,
    boolean essential,
    int cpuUnits,
    @Nullable Integer memoryMiB,
    @Nullable Integer memoryReservationMiB,
    ContainerStatus lastStatus,
    @Nullable Integer exitCode,
    @Nullable String reason,
    @Nullable String runtimeId,
    @Nullable String imageDigest,
    List<NetworkBinding> networkBindings,
    List<ManagedAgent> managedAgents) {

  /// The managed agents of a container that was stored before there were any.
  public static List<ManagedAgent> defaultManagedAgents() {
    return List.of();
  }

  /// This container with exactly these managed agents.
  public TaskContainer withManagedAgents(List<ManagedAgent> all) {
    return new TaskContainer(
        name,
        uuid,
        image,
        essential,
        cpuUnits,
        memoryMiB,
        memoryReservationMiB,
        lastStatus,
        exitCode,
        reason,
        runtimeId,
        imageDigest,
        networkBindings,
        List.copyOf(all));
  }

  /// Its managed agent of that name, or null.
  public @Nullable ManagedAgent managedAgent(String wanted) {
    for (ManagedAgent agent : managedAgents) {
      if (agent.name().equals(wanted)) {
        return agent;
      }
    }
    return null;
  }

  /// This container of a task that ended before any agent heard of it.
  public TaskContainer neverStarted() {
    return new TaskContainer(
        name,
        uuid,
        image,
        essential,
        cpuUnits,
        memoryMiB,
        memoryReservationMiB,
        ContainerStatus.STOPPED,
        exitCode,
        reason,
        runtimeId,
        imageDigest,
        networkBindings,
        managedAgents.stream().map(ManagedAgent::stopped).toList());
  }

  /// As `arn:aws:ecs:us-east-1:000000000000:container/default/0123.../<uuid>`.
  public String arn(TaskId task) {
    return task.scope().arnPrefix("ecs")
        + "container/"
        + task.cluster()
        + "/"
        + task.id()
        + "/"
        + uuid;
  }
}

package dev.gantry.agent;

import dev.gantry.agent.ContainerRuntime.PublishedPort;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// What one container of a task is to be. It never changes: a payload for a known task changes its
/// desired status and nothing else.
///
/// @param name unique in its task
/// @param command null keeps the image's own
/// @param entryPoint null keeps the image's own
/// @param environment as NAME=value, in order
/// @param essential its end is the task's end
/// @param cpuShares at least [#LEAST_CPU_SHARES]
/// @param memoryMiB hard limit, 0 for none, else at least [#LEAST_MEMORY_MIB]
/// @param ports to be published; hostPort 0 lets the engine choose
/// @param labels the user's own, from `dockerConfig.config`
/// @param stopTimeout how long it may take to stop, or null for the agent's default
/// @param engineConfig `dockerConfig.config` of the payload without its `Labels`, or null
/// @param engineHostConfig `dockerConfig.hostConfig` of the payload without its `LogConfig`, or
///   null
/// @param execEnabled commands may be run in it
record ContainerPlan(
    String name,
    String image,
    @Nullable List<String> command,
    @Nullable List<String> entryPoint,
    List<String> environment,
    boolean essential,
    int cpuShares,
    long memoryMiB,
    List<PublishedPort> ports,
    SortedMap<String, String> labels,
    @Nullable Duration stopTimeout,
    LogPlan log,
    @Nullable String engineConfig,
    @Nullable String engineHostConfig,
    boolean execEnabled) {

  /// The kernel takes no smaller weight; Amazon's agent raises to it (feature map TD5).
  static final int LEAST_CPU_SHARES = 2;

  /// Amazon's agent raises smaller limits to this (agent-protocol 3.3).
  static final long LEAST_MEMORY_MIB = 4;

  ContainerPlan {
    cpuShares = Math.max(LEAST_CPU_SHARES, cpuShares);
    memoryMiB = memoryMiB <= 0 ? 0 : Math.max(LEAST_MEMORY_MIB, memoryMiB);
  }

  @Override
  public String toString() {
    // Environment, command and configuration may hold secrets.
    return "ContainerPlan[" + name + ", image=" + image + "]";
  }
}

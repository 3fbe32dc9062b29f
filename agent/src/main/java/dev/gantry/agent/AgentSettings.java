package dev.gantry.agent;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What one agent is configured to be. An agent belongs to one cluster; a host that joins several
/// runs one agent for each, each with its own home.
///
/// Agents on one host do not know of each other: each registers the whole host unless
/// [Builder#hostShare] tells it its part. Containers of all of them draw on the same processors,
/// memory and ports.
///
/// @param cluster name or ARN of the cluster to join
/// @param region the region to sign for
/// @param installationId marks every container; re-adoption touches no other
/// @param createCluster make the cluster when it is missing, as Amazon's agent does when none is
///   configured
/// @param pullBehaviour when images are pulled
/// @param imageCleanup when images that it has brought are removed
/// @param stopTimeout for containers that give none; at least 1 s
/// @param cleanupWait how long a stopped task's containers are kept; Amazon's default is 3 h
/// @param attributes custom attributes, told at the first registration; empty value for none
/// @param cpuUnits what to register instead of the engine's processors, or null
/// @param memoryMiB what to register instead of the engine's memory, or null
/// @param agentVersion told to the control plane
/// @param agentHash told to the control plane
public record AgentSettings(
    String cluster,
    String region,
    String installationId,
    boolean createCluster,
    PullBehaviour pullBehaviour,
    ImageCleanup imageCleanup,
    Duration stopTimeout,
    Duration cleanupWait,
    Map<String, String> attributes,
    @Nullable Integer cpuUnits,
    @Nullable Integer memoryMiB,
    String agentVersion,
    String agentHash) {

  /// Amazon's `ECS_CONTAINER_STOP_TIMEOUT`.
  public static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);

  /// Amazon's `ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION`.
  public static final Duration CLEANUP_WAIT = Duration.ofHours(3);

  private static final Duration LEAST_STOP_TIMEOUT = Duration.ofSeconds(1);
  private static final int MAX_ATTRIBUTES = 100;

  /// Checks the bounds.
  public AgentSettings {
    if (cluster.isBlank() || region.isBlank() || installationId.isBlank()) {
      throw new IllegalArgumentException("cluster, region and installation id must be given");
    }
    if (stopTimeout.compareTo(LEAST_STOP_TIMEOUT) < 0) {
      throw new IllegalArgumentException("the stop timeout is at least 1 s, not " + stopTimeout);
    }
    if (cleanupWait.isNegative()) {
      throw new IllegalArgumentException("the clean-up wait is negative: " + cleanupWait);
    }
    if (attributes.size() > MAX_ATTRIBUTES) {
      throw new IllegalArgumentException("more than " + MAX_ATTRIBUTES + " attributes");
    }
    attributes = new LinkedHashMap<>(attributes);
  }

  /// Amazon's defaults for one cluster.
  public static Builder builder(String cluster, String region, String installationId) {
    return new Builder(cluster, region, installationId);
  }

  /// True if images are ever removed. Not where they are preferred to the registry's, as under
  /// Amazon's agent.
  boolean cleansImages() {
    return imageCleanup.perCycle() > 0 && pullBehaviour != PullBehaviour.PREFER_CACHED;
  }

  /// The cluster's name, also where an ARN is configured.
  String clusterName() {
    return cluster.substring(cluster.lastIndexOf('/') + 1);
  }

  /// Collects settings; what is not set has Amazon's default.
  public static final class Builder {
    private final String cluster;
    private final String region;
    private final String installationId;
    private boolean createCluster;
    private PullBehaviour pullBehaviour = PullBehaviour.DEFAULT;
    private ImageCleanup imageCleanup = ImageCleanup.STANDARD;
    private Duration stopTimeout = STOP_TIMEOUT;
    private Duration cleanupWait = CLEANUP_WAIT;
    private Map<String, String> attributes = new LinkedHashMap<>();
    private @Nullable Integer cpuUnits;
    private @Nullable Integer memoryMiB;
    private String agentVersion = "0.1.0";
    private String agentHash = "gantry";

    private Builder(String cluster, String region, String installationId) {
      this.cluster = cluster;
      this.region = region;
      this.installationId = installationId;
    }

    /// Makes the cluster when it is missing.
    public Builder createCluster(boolean create) {
      this.createCluster = create;
      return this;
    }

    /// When images are pulled.
    public Builder pullBehaviour(PullBehaviour behaviour) {
      this.pullBehaviour = behaviour;
      return this;
    }

    /// When images are removed.
    public Builder imageCleanup(ImageCleanup cleanup) {
      this.imageCleanup = cleanup;
      return this;
    }

    /// How long a container without its own limit may take to stop.
    public Builder stopTimeout(Duration timeout) {
      this.stopTimeout = timeout;
      return this;
    }

    /// How long a stopped task's containers are kept; zero removes them at once.
    public Builder cleanupWait(Duration wait) {
      this.cleanupWait = wait;
      return this;
    }

    /// Custom attributes for the first registration.
    public Builder attributes(Map<String, String> custom) {
      this.attributes = custom;
      return this;
    }

    /// The part of the host that this agent registers; null for all of it.
    public Builder hostShare(@Nullable Integer cpu, @Nullable Integer memory) {
      this.cpuUnits = cpu;
      this.memoryMiB = memory;
      return this;
    }

    /// What the agent calls itself.
    public Builder version(String version, String hash) {
      this.agentVersion = version;
      this.agentHash = hash;
      return this;
    }

    /// The settings.
    ///
    /// @throws IllegalArgumentException if one is out of bounds
    public AgentSettings build() {
      return new AgentSettings(
          cluster,
          region,
          installationId,
          createCluster,
          pullBehaviour,
          imageCleanup,
          stopTimeout,
          cleanupWait,
          attributes,
          cpuUnits,
          memoryMiB,
          agentVersion,
          agentHash);
    }
  }
}

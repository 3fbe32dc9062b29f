package dev.gantry.wiring;

import dev.gantry.agent.AgentSettings;
import dev.gantry.agent.ImageCleanup;
import dev.gantry.agent.PullBehaviour;
import dev.gantry.agent.docker.DockerContainerRuntime;
import dev.gantry.agent.docker.DockerEndpoint;
import dev.gantry.agent.runner.Agent;
import dev.gantry.agent.runner.AgentConfig;
import dev.gantry.cli.ServerLauncher;
import dev.gantry.engine.DockerProbe;
import dev.gantry.wire.auth.Credentials;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The agents of this host, one for each cluster it joins, on one engine. Each registers the whole
/// host: what several clusters place here draws on the same processors, memory and ports.
final class LocalAgents {
  /// The directory of the agents' homes, one below it for each cluster.
  static final String DIRECTORY = "agent";

  /// The region whose clusters this host joins.
  static final String REGION = "us-east-1";

  private static final Logger LOG = LoggerFactory.getLogger(LocalAgents.class);

  /// One of them.
  private record Local(String cluster, Path home, Agent agent) {}

  private final List<Local> agents;
  private final @Nullable DockerContainerRuntime runtime;

  private LocalAgents(List<Local> agents, @Nullable DockerContainerRuntime runtime) {
    this.agents = agents;
    this.runtime = runtime;
  }

  /// Starts an agent in each cluster; each joins in its own time.
  ///
  /// @throws IOException if no engine answers, or an agent's home cannot be used
  static LocalAgents start(ServerLauncher.Settings settings, URI endpoint) throws IOException {
    DockerProbe probe =
        new DockerProbe(System.getenv(), Path.of(System.getProperty("user.home", "/")));
    DockerEndpoint engine = probe.find();
    if (engine == null) {
      throw new IOException("no Docker Engine answers");
    }
    Credentials credentials =
        new Credentials(settings.key().accessKeyId(), settings.key().secret(), null);
    Path homes = settings.data().createDirectory(DIRECTORY);
    LocalAgents started = new LocalAgents(new ArrayList<>(), probe.open(engine));
    try {
      for (String cluster : settings.clusters()) {
        AgentSettings agent =
            AgentSettings.builder(cluster, REGION, settings.installation().value())
                .createCluster(true)
                .pullBehaviour(pulling(settings.images().pull()))
                .imageCleanup(
                    settings.images().cleanup() ? ImageCleanup.STANDARD : ImageCleanup.NEVER)
                .attributes(settings.attributes())
                .build();
        Path home = homes.resolve(cluster);
        started.agents.add(
            new Local(
                cluster,
                home,
                Agent.start(
                    new AgentConfig(endpoint, () -> credentials, home, agent), started.engine())));
      }
      return started;
    } catch (IOException | RuntimeException e) {
      started.stop(Duration.ZERO);
      throw e;
    }
  }

  /// No agents at all.
  static LocalAgents none() {
    return new LocalAgents(List.of(), null);
  }

  /// Ships what containers have written so far and stops the agents; tasks go on running.
  ///
  /// @param drainLimit how long shipping may take for all of them together
  void stop(Duration drainLimit) {
    long end = System.nanoTime() + drainLimit.toNanos();
    for (Local local : agents) {
      Agent agent = local.agent();
      try {
        Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
        if (!left.isZero() && !agent.awaitShipped(left)) {
          LOG.warn(
              "Not all output could be shipped in {}; it follows at the next start", drainLimit);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      agent.close();
    }
    if (runtime != null) {
      runtime.close();
    }
  }

  /// That the agent in a cluster has given its control plane up; null if it has not, or there is
  /// none.
  ServerLauncher.@Nullable GivenUp givenUp(String cluster) {
    for (Local local : agents) {
      String why = local.agent().gaveUp();
      if (why != null && local.cluster().equals(cluster)) {
        return new ServerLauncher.GivenUp(why, local.home());
      }
    }
    return null;
  }

  private DockerContainerRuntime engine() {
    if (runtime == null) {
      throw new IllegalStateException("there is no engine");
    }
    return runtime;
  }

  private static PullBehaviour pulling(ServerLauncher.ImagePull wanted) {
    return switch (wanted) {
      case DEFAULT -> PullBehaviour.DEFAULT;
      case ALWAYS -> PullBehaviour.ALWAYS;
      case ONCE -> PullBehaviour.ONCE;
      case PREFER_CACHED -> PullBehaviour.PREFER_CACHED;
    };
  }
}

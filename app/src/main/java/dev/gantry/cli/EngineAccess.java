package dev.gantry.cli;

import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.docker.DockerContainerRuntime;
import dev.gantry.agent.docker.DockerEndpoint;
import dev.gantry.engine.DockerProbe;
import dev.gantry.engine.EngineBootstrap;
import dev.gantry.engine.EngineFailure;
import dev.gantry.home.DataDirectory;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The way of the commands to the Docker Engine of this host.
final class EngineAccess {
  private final Host host;
  private final DataDirectory data;
  private final DockerProbe probe;
  private final EngineBootstrap bootstrap;

  /// @param data the data directory that remembers an engine which Gantry started
  EngineAccess(Host host, DataDirectory data) {
    this.host = host;
    this.data = data;
    this.probe = new DockerProbe(host.environment(), host.userHome());
    this.bootstrap = new EngineBootstrap(data, probe, host.console()::say);
  }

  /// Finds an engine, or installs or starts one.
  ///
  /// @throws CommandFailure if there is none to be had; it says what to do
  EngineBootstrap.Result ensure(boolean mayInstall) throws IOException, InterruptedException {
    try {
      return bootstrap.ensure(mayInstall);
    } catch (EngineFailure failure) {
      throw new CommandFailure(String.valueOf(failure.getMessage()), failure, failure.advice());
    }
  }

  /// The engine that answers now, or null.
  @Nullable DockerEndpoint find() {
    return probe.find();
  }

  /// A runtime on the engine that answers now, or null.
  @Nullable DockerContainerRuntime open() {
    DockerEndpoint endpoint = find();
    return endpoint == null ? null : probe.open(endpoint);
  }

  /// Whether a daemon that Gantry started for this data directory lives.
  boolean startedByGantry() throws IOException {
    return bootstrap.ownsDaemon();
  }

  /// Ends the daemon that Gantry started for this data directory, if there is one and no container
  /// runs in it; says what it did.
  void stopIfIdle() throws IOException, InterruptedException {
    Console console = host.console();
    switch (bootstrap.stopIfIdle(this::anythingRuns)) {
      case NOT_OURS -> {
        return;
      }
      case STOPPED -> console.say("the Docker Engine is stopped");
      case IN_USE ->
          console.say(
              "the Docker Engine that Gantry started keeps running: other containers run in it");
      case STUCK ->
          throw new CommandFailure(
              "The Docker Engine that Gantry started does not end.",
              "Its log is in " + data.resolve("engine") + ".");
    }
  }

  private boolean anythingRuns() {
    try (DockerContainerRuntime engine = open()) {
      return engine != null
          && engine.listContainers(Map.of()).stream()
              .anyMatch(container -> container.state() == ContainerStatus.State.RUNNING);
    } catch (RuntimeFailure unknown) {
      // Whatever does not say that it is idle is taken to be busy.
      return true;
    }
  }
}

package dev.gantry.wiring;

import dev.gantry.cli.ServerLauncher;
import dev.gantry.http.PortTakenException;
import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What `gantry up` and `gantry run` start: a control plane, and an agent for this host in each of
/// its clusters, in this process. The agents speak to the control plane over the same sockets as
/// any other agent.
public final class LocalServer implements ServerLauncher {
  /// The exit code of a process that ended because it no longer knew what was durable. Starting it
  /// again loads what was.
  static final int FATAL_EXIT_CODE = 70;

  private static final Logger LOG = LoggerFactory.getLogger(LocalServer.class);

  /// Nothing to configure.
  public LocalServer() {}

  @Override
  public Running start(Settings settings) throws IOException, InterruptedException {
    GantryServer server;
    try {
      server = GantryServer.start(settings, LocalServer::die);
    } catch (PortTakenException e) {
      BindException taken = new BindException(e.getMessage());
      taken.initCause(e);
      throw taken;
    }
    try {
      return new Both(
          server,
          settings.withAgent()
              ? LocalAgents.start(settings, server.endpoint())
              : LocalAgents.none());
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private static void die(String reason) {
    LOG.error("Gantry ends: {}", reason);
    Runtime.getRuntime().halt(FATAL_EXIT_CODE);
  }

  private record Both(GantryServer server, LocalAgents agents) implements Running {
    @Override
    public URI endpoint() {
      return server.endpoint();
    }

    @Override
    public @Nullable GivenUp givenUp(String cluster) {
      return agents.givenUp(cluster);
    }

    @Override
    public void stop(Duration drainLimit) {
      // The agents first: what their containers wrote goes to the server.
      agents.stop(drainLimit);
      server.close();
    }
  }
}

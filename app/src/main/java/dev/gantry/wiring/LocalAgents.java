package dev.gantry.wiring;

import dev.gantry.cli.ServerLauncher;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;

/// The agents of this host, one for each cluster it joins.
final class LocalAgents {
  private LocalAgents() {}

  /// Starts an agent in each cluster.
  static LocalAgents start(ServerLauncher.Settings settings, URI endpoint) throws IOException {
    throw new IOException(
        "there is no agent in this build that could join "
            + settings.clusters()
            + " at "
            + endpoint
            + "; use --no-agent");
  }

  /// No agents at all.
  static LocalAgents none() {
    return new LocalAgents();
  }

  /// Ships what containers have written so far and stops the agents; tasks go on running.
  void stop(Duration drainLimit) {
    // There are none.
  }
}

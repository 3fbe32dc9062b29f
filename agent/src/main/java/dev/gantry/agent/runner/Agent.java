package dev.gantry.agent.runner;

import dev.gantry.agent.AgentCore;
import dev.gantry.agent.ContainerRuntime;
import dev.gantry.agent.home.AgentHome;
import dev.gantry.agent.link.ControlPlaneLink;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running agent: it joins its cluster, runs the tasks it is sent, and goes on doing so, over
/// lost connections and restarted control planes, until it is closed.
///
/// Closing it leaves its tasks running; the next agent over the same home takes them up.
public final class Agent implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

  private final AgentHome home;
  private final ControlPlaneLink link;
  private final EffectRunner runner;

  private Agent(AgentHome home, ControlPlaneLink link, EffectRunner runner) {
    this.home = home;
    this.link = link;
    this.runner = runner;
  }

  /// Starts an agent and returns at once; joining goes on in the background and never ends.
  ///
  /// @param runtime the engine; it may be shared by several agents and stays open when this one is
  ///   closed
  /// @throws AgentHome.HomeInUseException if another agent has the home open
  /// @throws IOException if the home cannot be made
  public static Agent start(AgentConfig config, ContainerRuntime runtime) throws IOException {
    return start(config, runtime, InstantSource.system());
  }

  /// Starts an agent with a clock of one's own.
  ///
  /// @see #start(AgentConfig, ContainerRuntime)
  public static Agent start(AgentConfig config, ContainerRuntime runtime, InstantSource clock)
      throws IOException {
    AgentHome home = AgentHome.open(config.home());
    ControlPlaneLink link =
        new ControlPlaneLink(
            config.endpoint(), config.settings().region(), config.credentials(), clock);
    AgentCore core = new AgentCore(config.settings(), new SecureRandom());
    EffectRunner runner =
        new EffectRunner(
            "gantry-agent-" + config.settings().cluster(), core, runtime, home, link, clock);
    runner.start();
    return new Agent(home, link, runner);
  }

  /// Waits until the agent is registered and connected.
  ///
  /// @return false if that took longer
  public boolean awaitConnected(Duration limit) throws InterruptedException {
    return runner.await(AgentCore.Summary::connected, limit);
  }

  /// Waits until the agent is registered and connected.
  ///
  /// @return the container instance's ARN, or null if that took longer
  public @Nullable String awaitJoined(Duration limit) throws InterruptedException {
    AtomicReference<@Nullable String> joined = new AtomicReference<>();
    runner.await(
        summary -> {
          joined.set(summary.connected() ? summary.containerInstanceArn() : null);
          return joined.get() != null;
        },
        limit);
    return joined.get();
  }

  /// Waits until the agent gives its control plane up for good, which most never do.
  ///
  /// @return why, for a person to act on; null if the agent was closed
  public @Nullable String awaitGaveUp() throws InterruptedException {
    return runner.awaitGaveUp();
  }

  /// Waits until no task has a container that runs and all output was shipped.
  ///
  /// @return false if that took longer
  public boolean awaitQuiet(Duration limit) throws InterruptedException {
    return runner.await(
        summary -> summary.loaded() && summary.runningTasks() == 0 && summary.unshipped() == 0,
        limit);
  }

  /// Waits until the output of every ended task was shipped. While a task runs there is always more
  /// to come, so then this returns at once.
  ///
  /// @return false if that took longer
  public boolean awaitShipped(Duration limit) throws InterruptedException {
    return runner.await(summary -> summary.runningTasks() > 0 || summary.unshipped() == 0, limit);
  }

  /// Looks at every container once more, and waits until the control plane knows of every task that
  /// has ended and has its output. Of tasks that run nothing more is waited for.
  ///
  /// @return false if that took longer
  public boolean awaitTold(Duration limit) throws InterruptedException {
    runner.lookAgain();
    return runner.await(
        summary ->
            summary.loaded()
                && summary.uncertain() == 0
                && summary.untold() == 0
                && (summary.runningTasks() > 0 || summary.unshipped() == 0),
        limit);
  }

  /// Waits until the agent holds no task at all: every one ended, was reported and shipped, and is
  /// cleaned up. Without a clean-up wait of zero that takes hours.
  ///
  /// @return false if that took longer
  public boolean awaitEmpty(Duration limit) throws InterruptedException {
    return runner.await(summary -> summary.loaded() && summary.tasks() == 0, limit);
  }

  /// Waits until the agent holds no task and has removed every image that it brought. At Amazon's
  /// ages that takes hours.
  ///
  /// @return false if that took longer
  public boolean awaitCleanedUp(Duration limit) throws InterruptedException {
    return runner.await(
        summary -> summary.loaded() && summary.tasks() == 0 && summary.broughtImages() == 0, limit);
  }

  /// Why the agent does not talk to its control plane any more, for a person to act on; null as
  /// long as it does, or tries.
  public @Nullable String gaveUp() {
    return runner.gaveUp();
  }

  /// Ends the agent; its tasks run on.
  @Override
  public void close() {
    runner.close();
    link.close();
    try {
      home.close();
    } catch (IOException e) {
      LOG.warn("The agent's home cannot be let go", e);
    }
  }
}

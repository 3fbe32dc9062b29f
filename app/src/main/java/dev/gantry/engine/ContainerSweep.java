package dev.gantry.engine;

import dev.gantry.agent.ContainerRuntime;
import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.home.InstallationId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Removes the containers of one installation, and never another one: only what bears its label.
public final class ContainerSweep {

  /// What ECS gives a container between SIGTERM and SIGKILL unless its definition says otherwise.
  public static final Duration STOP_GRACE = Duration.ofSeconds(30);

  /// The engine does little at once anyway.
  private static final int AT_ONCE = 8;

  private final ContainerRuntime engine;
  private final InstallationId installation;

  /// A sweep of the containers that bear `installation`'s label.
  public ContainerSweep(ContainerRuntime engine, InstallationId installation) {
    this.engine = engine;
    this.installation = installation;
  }

  /// The installation's containers, running or not.
  public List<ContainerStatus> containers() throws RuntimeFailure {
    return engine.listContainers(Map.of(InstallationId.LABEL, installation.value()));
  }

  /// Stops those that run, and leaves them for whoever wants to know how they ended.
  ///
  /// @param grace between SIGTERM and SIGKILL
  /// @throws RuntimeFailure the first refusal; the others were still attempted
  public void stopAll(Duration grace) throws RuntimeFailure, InterruptedException {
    each(containers(), container -> stop(container, grace));
  }

  /// Stops and removes them all.
  ///
  /// @param grace between SIGTERM and SIGKILL, for those that run
  /// @return how many were removed
  /// @throws RuntimeFailure the first refusal; the others were still attempted
  public int removeAll(Duration grace) throws RuntimeFailure, InterruptedException {
    List<ContainerStatus> containers = containers();
    each(
        containers,
        container -> {
          stop(container, grace);
          engine.removeContainer(container.id());
        });
    return containers.size();
  }

  private void stop(ContainerStatus container, Duration grace) throws RuntimeFailure {
    if (container.state() == ContainerStatus.State.RUNNING) {
      engine.stopContainer(container.id(), grace);
    }
  }

  private interface Work {
    void on(ContainerStatus container) throws RuntimeFailure;
  }

  private static void each(List<ContainerStatus> containers, Work work)
      throws RuntimeFailure, InterruptedException {
    List<Callable<Boolean>> all = new ArrayList<>();
    for (ContainerStatus container : containers) {
      all.add(() -> {
        work.on(container);
        return true;
      });
    }
    RuntimeFailure first = null;
    try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
      for (Future<Boolean> one : threads.invokeAll(all)) {
        try {
          one.get();
        } catch (ExecutionException failed) {
          if (failed.getCause() instanceof RuntimeFailure refused) {
            first = first == null ? refused : first;
          } else {
            throw new IllegalStateException(failed.getCause());
          }
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }
}

package dev.gantry.cli;

import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.docker.DockerContainerRuntime;
import dev.gantry.engine.ContainerSweep;
import dev.gantry.home.DataDirectory;
import dev.gantry.home.InstallationId;
import dev.gantry.home.InstanceLock;
import dev.gantry.home.RootKey;
import dev.gantry.home.RunningInstance;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `gantry down`: ends an installation's tasks and its process, and leaves nothing of it behind but
/// what it remembers.
@Command(
    name = "down",
    description = {
      "Stops the tasks, then Gantry, then a Docker Engine that Gantry started.",
      "",
      "Tasks are stopped as ECS stops them: SIGTERM, stopTimeout, SIGKILL. Containers that are not"
          + " this installation's are never touched. Works too when Gantry does not run any more.",
      "",
      "On the data directory of a gantry agent it ends that agent and its containers. The container"
          + " instance stays registered until deregister-container-instance."
    },
    exitCodeList = {"0:nothing of it runs any more, or nothing did", "125:it could not be ended"})
final class DownCommand extends HelpfulCommand {

  /// How long the process may take to ship the last output and end.
  private static final Duration END_LIMIT = Duration.ofSeconds(30);

  private final Host host;

  @Mixin private DataOption data = new DataOption();

  @Option(names = "--keep-tasks", description = "Stops Gantry only; tasks go on running.")
  private boolean keepTasks;

  DownCommand(Host host) {
    this.host = host;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Console console = host.console();
    DataDirectory directory = data.resolve(host);
    if (!directory.exists()) {
      console.say("there is nothing to take down: " + directory + " does not exist");
      return ExitCodes.OK;
    }
    EngineAccess engine = new EngineAccess(host, directory);
    InstallationId installation = InstallationId.read(directory);
    boolean ran = InstanceLock.isHeld(directory);
    if (ran) {
      RunningInstance running = RunningInstance.find(directory);
      if (running == null) {
        throw new CommandFailure(
            "The Gantry on " + directory + " is still starting.", "Try again in a moment.");
      }
      RootKey key = RootKey.read(directory);
      if (!keepTasks && key == null) {
        // An agent's: it tells its control plane how the containers end, so it goes last.
        stopContainers(engine, installation);
      }
      if (!keepTasks && key != null) {
        try (GantryClient client = new GantryClient(running.endpoint(), key)) {
          new TaskStopper(client, console).stopAll(regions(engine, installation));
        } catch (GantryClient.Unreachable silent) {
          console.say(silent.getMessage() + "; its containers are stopped directly");
        }
      }
      end(directory, running.pid());
    }
    int removed = keepTasks ? 0 : removeContainers(engine, installation);
    for (Path alive : PrivateInstance.clean(directory, engine)) {
      console.say("a gantry run still goes on (" + alive.getFileName() + "): interrupt it there");
    }
    if (!keepTasks) {
      engine.stopIfIdle();
    }
    console.say(
        (ran ? "Gantry is stopped" : "Gantry was not running")
            + (keepTasks ? "; tasks go on running" : "")
            + (removed == 0 ? "" : "; removed " + Words.count(removed, "container")));
    return ExitCodes.OK;
  }

  /// Every region is a name space of its own, and no operation lists them; the containers' task
  /// ARNs tell which are in use.
  private static Set<String> regions(EngineAccess access, @Nullable InstallationId installation) {
    Set<String> regions = new TreeSet<>();
    regions.add(EnvironmentScript.REGION);
    try (DockerContainerRuntime engine = access.open()) {
      if (engine != null && installation != null) {
        for (ContainerStatus container : new ContainerSweep(engine, installation).containers()) {
          String arn = container.labels().get("com.amazonaws.ecs.task-arn");
          if (arn != null && arn.split(":", -1).length > 3) {
            regions.add(arn.split(":", -1)[3]);
          }
        }
      }
    } catch (RuntimeFailure unknown) {
      // What is not found here is still stopped as a container, below.
      return regions;
    }
    return regions;
  }

  private void end(DataDirectory directory, long pid) throws IOException, InterruptedException {
    ProcessHandle process = ProcessHandle.of(pid).orElse(null);
    if (process == null) {
      return;
    }
    CompletableFuture<ProcessHandle> ended = process.onExit();
    process.destroy();
    try {
      ended.get(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException late) {
      host.console().say("process " + pid + " does not end; killing it");
      process.destroyForcibly();
      waitFor(ended);
    } catch (ExecutionException impossible) {
      throw new IOException("cannot watch process " + pid, impossible);
    }
    if (InstanceLock.isHeld(directory)) {
      throw new CommandFailure(
          "Process " + pid + " has ended, but another one runs " + directory + " by now.");
    }
  }

  private static void waitFor(CompletableFuture<ProcessHandle> end)
      throws IOException, InterruptedException {
    try {
      end.get(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException stuck) {
      throw new IOException("the process cannot be killed", stuck);
    }
  }

  private void stopContainers(EngineAccess access, @Nullable InstallationId installation)
      throws InterruptedException {
    try (DockerContainerRuntime engine = access.open()) {
      if (engine != null && installation != null) {
        new ContainerSweep(engine, installation).stopAll(ContainerSweep.STOP_GRACE);
      }
    } catch (RuntimeFailure failure) {
      host.console().say("not every container could be stopped yet: " + failure.getMessage());
    }
  }

  private int removeContainers(EngineAccess access, @Nullable InstallationId installation)
      throws InterruptedException {
    if (installation == null) {
      return 0;
    }
    try (DockerContainerRuntime engine = access.open()) {
      if (engine == null) {
        host.console().say("no Docker Engine answers, so no containers were looked for");
        return 0;
      }
      return new ContainerSweep(engine, installation).removeAll(ContainerSweep.STOP_GRACE);
    } catch (RuntimeFailure failure) {
      throw new CommandFailure(
          "Not every container could be removed: " + failure.getMessage(),
          failure,
          List.of(
              "See them:  docker ps --all --filter label="
                  + InstallationId.LABEL
                  + "="
                  + installation.value()));
    }
  }
}

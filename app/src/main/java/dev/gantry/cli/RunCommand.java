package dev.gantry.cli;

import dev.gantry.agent.docker.DockerContainerRuntime;
import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.engine.EngineBootstrap;
import dev.gantry.engine.HelloImage;
import dev.gantry.home.DataDirectory;
import dev.gantry.home.RootKey;
import dev.gantry.home.RunningInstance;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `gantry run FILE`: one task, from a file to its exit code.
@Command(
    name = "run",
    description = {
      "Runs one task and shows its output.",
      "",
      "Uses the Gantry that runs on the data directory, else a private one for as long as the task"
          + " takes. Ctrl-C asks the task to stop; a second one kills it."
    },
    exitCodeList = {
      "0-255:the code of the first essential container to stop",
      "125:Gantry itself could not run the task",
      "130:interrupted"
    })
final class RunCommand extends HelpfulCommand {

  /// How long a fresh agent may take to join.
  private static final Duration JOIN_LIMIT = Duration.ofSeconds(30);

  private final Host host;
  private final ServerLauncher server;

  @Parameters(
      paramLabel = "FILE",
      description =
          "A task definition, as aws ecs register-task-definition --cli-input-json file://FILE takes"
              + " it.")
  private @Nullable Path file;

  @Mixin private DataOption data = new DataOption();
  @Mixin private ServerOptions options = new ServerOptions();

  @Option(
      names = "--cluster",
      paramLabel = "NAME",
      converter = ClusterConverter.class,
      description = "The cluster to run in. Default: ${DEFAULT-VALUE}.")
  private String cluster = UpCommand.DEFAULT_CLUSTER;

  RunCommand(Host host, ServerLauncher server) {
    this.host = host;
    this.server = server;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path path = Objects.requireNonNull(file, "picocli demands it");
    RegisterTaskDefinitionRequest definition = TaskFile.read(path);
    DataDirectory directory = data.resolve(host);
    RunSignals signals = RunSignals.hear(host);
    try {
      RunningInstance running = RunningInstance.find(directory);
      RootKey key = running == null ? null : RootKey.read(directory);
      EngineAccess engine = new EngineAccess(host, directory);
      if (running != null && key != null) {
        host.console().say("using the Gantry at " + running.endpoint());
        makeHelloImage(definition, engine, directory);
        return run(running.endpoint(), key, definition, path, engine, signals);
      }
      return runPrivately(definition, path, directory, engine, signals);
    } catch (InterruptedException interrupted) {
      return signals.exitCode();
    }
  }

  private int runPrivately(
      RegisterTaskDefinitionRequest definition,
      Path path,
      DataDirectory directory,
      EngineAccess engine,
      RunSignals signals)
      throws IOException, InterruptedException {
    DataOption.create(directory, host.command() + " run --data DIR FILE");
    boolean engineIsNew = engine.ensure(!options.noInstall) == EngineBootstrap.Result.STARTED;
    makeHelloImage(definition, engine, directory);
    int code;
    try (PrivateInstance instance =
        PrivateInstance.start(directory, engine, server, cluster, options.imagePull)) {
      try (GantryClient client = new GantryClient(instance.endpoint(), instance.key())) {
        if (!Instance.awaitAgent(client, cluster, JOIN_LIMIT)) {
          throw new CommandFailure(
              "The agent did not join cluster "
                  + cluster
                  + " within "
                  + JOIN_LIMIT.toSeconds()
                  + " s.");
        }
      }
      code = run(instance.endpoint(), instance.key(), definition, path, engine, signals);
    }
    if (engineIsNew) {
      host.console()
          .say(
              "the Docker Engine keeps running for the next time; "
                  + host.command()
                  + " down"
                  + data.repeated()
                  + " stops it");
    }
    return code;
  }

  private int run(
      URI endpoint,
      RootKey key,
      RegisterTaskDefinitionRequest definition,
      Path path,
      EngineAccess engine,
      RunSignals signals)
      throws IOException, InterruptedException {
    try (GantryClient client = new GantryClient(endpoint, key)) {
      return new TaskRun(host, client, engine, signals, cluster, path.toString()).run(definition);
    }
  }

  private void makeHelloImage(
      RegisterTaskDefinitionRequest definition, EngineAccess access, DataDirectory directory)
      throws IOException, InterruptedException {
    List<ContainerDefinition> containers = definition.containerDefinitions();
    if (containers == null
        || containers.stream().noneMatch(each -> HelloImage.NAME.equals(each.image()))) {
      return;
    }
    try (DockerContainerRuntime engine = access.open()) {
      if (engine != null
          && !new HelloImage(engine, directory, host.console()::say).ensure(!options.noInstall)) {
        throw new CommandFailure(
            "The example image " + HelloImage.NAME + " could not be made.",
            "It needs a busybox: docker pull busybox, or apt-get install busybox-static.");
      }
    }
  }
}

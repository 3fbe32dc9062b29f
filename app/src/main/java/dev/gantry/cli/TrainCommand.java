package dev.gantry.cli;

import dev.gantry.agent.docker.DockerContainerRuntime;
import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.CreateClusterRequest;
import dev.gantry.api.ecs.DescribeClustersRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.ListTasksRequest;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.logs.CreateLogGroupRequest;
import dev.gantry.api.logs.DescribeLogGroupsRequest;
import dev.gantry.api.logs.Logs;
import dev.gantry.home.DataDirectory;
import dev.gantry.home.InstallationId;
import dev.gantry.home.InstanceLock;
import dev.gantry.home.RootKey;
import dev.gantry.wire.shape.Operation;
import dev.gantry.wire.shape.ServiceException;
import java.io.IOException;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `gantry train`: a short life of a Gantry with throw-away data, during which the JVM notes which
/// classes a start needs. It makes the AOT cache; the launcher script calls it in the background.
///
/// The agent is part of it only if an engine answers already. It registers under an installation of
/// its own and starts nothing in the engine: the one task it asks for is refused.
@Command(
    name = "train",
    hidden = true,
    description = "Starts, exercises and stops a throw-away Gantry, to train the AOT cache.",
    exitCodeList = {"0:done", "125:it could not be done"})
final class TrainCommand extends HelpfulCommand {
  private static final int ROUNDS = 20;
  private static final Duration JOIN_LIMIT = Duration.ofSeconds(10);

  private final Host host;
  private final ServerLauncher server;

  @Mixin private DataOption data = new DataOption();

  TrainCommand(Host host, ServerLauncher server) {
    this.host = host;
    this.server = server;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    DataDirectory directory = data.resolve(host);
    directory.create();
    // A start reads its own command only; the cache is for all of them.
    GantryCommand.assemble(host, server).parseArgs("up", "--port", "0");
    boolean withAgent;
    try (DockerContainerRuntime engine = new EngineAccess(host, directory).open()) {
      withAgent = engine != null;
    }
    SecureRandom random = new SecureRandom();
    try (InstanceLock lock = InstanceLock.tryAcquire(directory)) {
      if (lock == null) {
        throw new CommandFailure(directory + " is in use.");
      }
      RootKey key = RootKey.readOrDraw(directory, random);
      ServerLauncher.Settings settings =
          new ServerLauncher.Settings(
              directory,
              key,
              InstallationId.readOrDraw(directory, random),
              InetAddress.getLoopbackAddress(),
              0,
              ServerLauncher.Authentication.SIGV4,
              withAgent,
              List.of(UpCommand.DEFAULT_CLUSTER),
              new ServerLauncher.Images(ServerLauncher.ImagePull.PREFER_CACHED, false),
              Map.of(),
              ServerLauncher.Limits.DEFAULTS);
      try (ServerLauncher.Running running = server.start(settings);
          GantryClient client = new GantryClient(running.endpoint(), key)) {
        if (withAgent) {
          Instance.awaitAgent(client, UpCommand.DEFAULT_CLUSTER, JOIN_LIMIT);
        }
        for (int round = 0; round < ROUNDS; round++) {
          exercise(client);
        }
      }
    }
    return ExitCodes.OK;
  }

  private static void exercise(GantryClient client) throws IOException, InterruptedException {
    call(client, Ecs.CREATE_CLUSTER, CreateClusterRequest.builder().clusterName("train").build());
    call(client, Ecs.DESCRIBE_CLUSTERS, DescribeClustersRequest.builder().build());
    call(client, Ecs.LIST_TASKS, ListTasksRequest.builder().build());
    call(
        client,
        Ecs.REGISTER_TASK_DEFINITION,
        RegisterTaskDefinitionRequest.builder()
            .family("train")
            .containerDefinitions(
                List.of(
                    ContainerDefinition.builder()
                        .name("train")
                        .image("gantry-hello:1")
                        .memory(32)
                        .build()))
            .build());
    // No instance is ever in this cluster.
    call(
        client,
        Ecs.RUN_TASK,
        RunTaskRequest.builder().cluster("train").taskDefinition("train").build());
    call(
        client,
        Logs.CREATE_LOG_GROUP,
        CreateLogGroupRequest.builder().logGroupName(TaskFile.LOG_GROUP).build());
    call(client, Logs.DESCRIBE_LOG_GROUPS, DescribeLogGroupsRequest.builder().build());
  }

  /// A refusal trains as well as an answer.
  private static <I> void call(GantryClient client, Operation<I, ?> operation, I input)
      throws IOException, InterruptedException {
    try {
      client.call(operation, input);
    } catch (ServiceException refused) {
      return;
    }
  }
}

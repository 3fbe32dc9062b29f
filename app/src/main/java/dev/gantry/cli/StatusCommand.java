package dev.gantry.cli;

import dev.gantry.agent.docker.DockerEndpoint;
import dev.gantry.api.ecs.Cluster;
import dev.gantry.api.ecs.DescribeClustersRequest;
import dev.gantry.api.ecs.DescribeTasksRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.ListClustersRequest;
import dev.gantry.api.ecs.ListTasksRequest;
import dev.gantry.api.ecs.Task;
import dev.gantry.home.DataDirectory;
import dev.gantry.home.InstanceLock;
import dev.gantry.home.RootKey;
import dev.gantry.home.RunningInstance;
import dev.gantry.wire.shape.ServiceException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `gantry status`: what runs, for a person.
@Command(
    name = "status",
    description = "Shows whether Gantry runs, and its clusters and tasks.",
    exitCodeList = {
      "0:Gantry runs",
      "1:nothing runs on this data directory",
      "125:it runs, but does not answer"
    })
final class StatusCommand extends HelpfulCommand {

  /// DescribeClusters and DescribeTasks take no more at once, and a person reads no more.
  private static final int SHOWN = 100;

  private final Host host;

  @Mixin private DataOption data = new DataOption();

  StatusCommand(Host host) {
    this.host = host;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    DataDirectory directory = data.resolve(host);
    Console console = host.console();
    RunningInstance running = RunningInstance.find(directory);
    RootKey key = directory.exists() ? RootKey.read(directory) : null;
    if (running != null && key == null) {
      console.print("An agent of " + running.endpoint() + " (process " + running.pid() + ")");
      console.print("data      " + directory);
      console.print("engine    " + engine(directory));
      return ExitCodes.OK;
    }
    if (running == null || key == null) {
      console.print(
          directory.exists() && InstanceLock.isHeld(directory)
              ? "Gantry on " + directory + " is still starting."
              : "No Gantry runs on " + directory + ".");
      console.print("engine    " + engine(directory));
      return ExitCodes.NOT_RUNNING;
    }
    String age =
        ", up " + Words.age(Duration.between(RunningInstance.since(directory), Instant.now()));
    console.print(
        "Gantry "
            + VersionCommand.version()
            + " at "
            + running.endpoint()
            + " (process "
            + running.pid()
            + age
            + ")");
    console.print("data      " + directory);
    console.print("engine    " + engine(directory));
    try (GantryClient client = new GantryClient(running.endpoint(), key)) {
      showClusters(client);
    } catch (GantryClient.Unreachable silent) {
      throw new CommandFailure(String.valueOf(silent.getMessage()), silent, List.of());
    } catch (ServiceException refused) {
      throw new CommandFailure("Gantry refused: " + refused.text(), refused, List.of());
    }
    return ExitCodes.OK;
  }

  private String engine(DataDirectory directory) throws IOException {
    EngineAccess access = new EngineAccess(host, directory);
    DockerEndpoint endpoint = access.find();
    if (endpoint == null) {
      return "none answers";
    }
    return endpoint.url() + (access.startedByGantry() ? " (started by Gantry)" : "");
  }

  private void showClusters(GantryClient client) throws IOException, InterruptedException {
    List<String> arns =
        Objects.requireNonNullElse(
            client
                .call(Ecs.LIST_CLUSTERS, ListClustersRequest.builder().maxResults(SHOWN).build())
                .clusterArns(),
            List.of());
    if (arns.isEmpty()) {
      host.console().print("no clusters");
      return;
    }
    List<Cluster> clusters =
        Objects.requireNonNullElse(
            client
                .call(
                    Ecs.DESCRIBE_CLUSTERS, DescribeClustersRequest.builder().clusters(arns).build())
                .clusters(),
            List.of());
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("CLUSTER", "STATUS", "INSTANCES", "RUNNING", "PENDING"));
    List<List<String>> tasks = new ArrayList<>();
    tasks.add(List.of("TASK", "CLUSTER", "DEFINITION", "STATUS", "SINCE"));
    for (Cluster cluster : clusters) {
      String name = Objects.requireNonNullElse(cluster.clusterName(), "");
      rows.add(
          List.of(
              name,
              Objects.requireNonNullElse(cluster.status(), ""),
              number(cluster.registeredContainerInstancesCount()),
              number(cluster.runningTasksCount()),
              number(cluster.pendingTasksCount())));
      for (Task task : tasks(client, name)) {
        tasks.add(
            List.of(
                tail(task.taskArn()),
                name,
                tail(task.taskDefinitionArn()),
                Objects.requireNonNullElse(task.lastStatus(), ""),
                since(task)));
      }
    }
    host.console().print("");
    table(rows);
    if (tasks.size() > 1) {
      host.console().print("");
      table(tasks);
    }
  }

  private static List<Task> tasks(GantryClient client, String cluster)
      throws IOException, InterruptedException {
    List<String> arns =
        client
            .call(
                Ecs.LIST_TASKS,
                ListTasksRequest.builder().cluster(cluster).maxResults(SHOWN).build())
            .taskArns();
    if (arns == null || arns.isEmpty()) {
      return List.of();
    }
    return Objects.requireNonNullElse(
        client
            .call(
                Ecs.DESCRIBE_TASKS,
                DescribeTasksRequest.builder().cluster(cluster).tasks(arns).build())
            .tasks(),
        List.of());
  }

  private static String number(@Nullable Integer count) {
    return count == null ? "0" : count.toString();
  }

  private static String tail(@Nullable String arn) {
    return arn == null ? "" : arn.substring(arn.lastIndexOf('/') + 1);
  }

  private static String since(Task task) {
    Instant since = task.startedAt() == null ? task.createdAt() : task.startedAt();
    return since == null ? "" : Words.age(Duration.between(since, Instant.now()));
  }

  private void table(List<List<String>> rows) {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
      }
      host.console().print(line.toString().stripTrailing());
    }
  }
}

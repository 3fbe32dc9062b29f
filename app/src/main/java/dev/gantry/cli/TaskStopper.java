package dev.gantry.cli;

import dev.gantry.api.ecs.DescribeTasksRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.ListClustersRequest;
import dev.gantry.api.ecs.ListClustersResponse;
import dev.gantry.api.ecs.ListTasksRequest;
import dev.gantry.api.ecs.ListTasksResponse;
import dev.gantry.api.ecs.StopTaskRequest;
import dev.gantry.api.ecs.Task;
import dev.gantry.wire.shape.ServiceException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Stops every task of an installation through the API and waits for their end.
final class TaskStopper {

  /// stopTimeout is at most 120 s on Fargate and without a limit on EC2; what takes longer than
  /// this is stopped as a container afterwards.
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);
  private static final Duration BETWEEN_WORDS = Duration.ofSeconds(10);

  /// How long an agent that is not connected has to come back, if nothing else is waited for.
  private static final Duration AGENT_PATIENCE = Duration.ofSeconds(20);

  /// DescribeTasks takes no more at once.
  private static final int DESCRIBE_AT_ONCE = 100;

  private static final int MAX_PAGES = 10_000;

  private final GantryClient client;
  private final Console console;

  TaskStopper(GantryClient client, Console console) {
    this.client = client;
    this.console = console;
  }

  /// One cluster in one region.
  private record Place(String region, String cluster) {}

  /// Stops the tasks in these regions.
  ///
  /// @throws GantryClient.Unreachable if Gantry does not answer
  void stopAll(Collection<String> regions) throws IOException, InterruptedException {
    Map<Place, List<String>> tasks = new LinkedHashMap<>();
    int count = 0;
    for (String region : regions) {
      for (String cluster : clusters(region)) {
        List<String> arns = tasks(region, cluster);
        if (!arns.isEmpty()) {
          tasks.put(new Place(region, cluster), arns);
          count += arns.size();
        }
      }
    }
    if (count == 0) {
      return;
    }
    console.say("stopping " + Words.count(count, "task"));
    for (Map.Entry<Place, List<String>> each : tasks.entrySet()) {
      for (String arn : each.getValue()) {
        stop(each.getKey(), arn);
      }
    }
    await(tasks, count);
  }

  private void stop(Place place, String arn) throws IOException, InterruptedException {
    try {
      client.call(
          Ecs.STOP_TASK,
          StopTaskRequest.builder()
              .cluster(place.cluster())
              .task(arn)
              .reason("gantry down")
              .build(),
          place.region());
    } catch (ServiceException refused) {
      // It may have ended by itself just now; the containers are looked at again anyway.
      console.say("task " + arn + ": " + refused.text());
    }
  }

  private void await(Map<Place, List<String>> tasks, int count)
      throws IOException, InterruptedException {
    long begun = System.nanoTime();
    long spoken = begun;
    while (true) {
      List<Task> running = new ArrayList<>();
      for (Map.Entry<Place, List<String>> each : tasks.entrySet()) {
        running.addAll(notStopped(each.getKey(), each.getValue()));
      }
      int left = running.size();
      long now = System.nanoTime();
      if (left == 0) {
        return;
      }
      if (now - begun > AGENT_PATIENCE.toNanos()
          && running.stream().noneMatch(task -> "CONNECTED".equals(task.connectivity()))) {
        console.say(
            Words.count(left, "task")
                + " cannot be reached: the agents of their hosts are not connected, and stop them"
                + " when they are again");
        return;
      }
      if (now - begun > LIMIT.toNanos()) {
        console.say(
            Words.count(left, "task")
                + " did not stop within "
                + LIMIT.toMinutes()
                + " minutes; stopping the containers directly");
        return;
      }
      if (now - spoken > BETWEEN_WORDS.toNanos()) {
        spoken = now;
        console.say("  waiting for " + left + " of " + Words.count(count, "task"));
      }
      Thread.sleep(BETWEEN_LOOKS);
    }
  }

  private List<Task> notStopped(Place place, List<String> arns)
      throws IOException, InterruptedException {
    List<Task> left = new ArrayList<>();
    for (int from = 0; from < arns.size(); from += DESCRIBE_AT_ONCE) {
      List<Task> described =
          client
              .call(
                  Ecs.DESCRIBE_TASKS,
                  DescribeTasksRequest.builder()
                      .cluster(place.cluster())
                      .tasks(arns.subList(from, Math.min(arns.size(), from + DESCRIBE_AT_ONCE)))
                      .build(),
                  place.region())
              .tasks();
      for (Task task : Objects.requireNonNullElse(described, List.<Task>of())) {
        if (!"STOPPED".equals(task.lastStatus())) {
          left.add(task);
        }
      }
    }
    return left;
  }

  private List<String> clusters(String region) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>();
    @Nullable String token = null;
    for (int page = 0; page < MAX_PAGES; page++) {
      ListClustersResponse answer =
          client.call(
              Ecs.LIST_CLUSTERS, ListClustersRequest.builder().nextToken(token).build(), region);
      all.addAll(Objects.requireNonNullElse(answer.clusterArns(), List.of()));
      token = answer.nextToken();
      if (token == null) {
        break;
      }
    }
    return all;
  }

  /// Tasks that are meant to run, which includes those that are still starting.
  private List<String> tasks(String region, String cluster)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>();
    @Nullable String token = null;
    for (int page = 0; page < MAX_PAGES; page++) {
      ListTasksResponse answer =
          client.call(
              Ecs.LIST_TASKS,
              ListTasksRequest.builder().cluster(cluster).nextToken(token).build(),
              region);
      all.addAll(Objects.requireNonNullElse(answer.taskArns(), List.of()));
      token = answer.nextToken();
      if (token == null) {
        break;
      }
    }
    return all;
  }
}

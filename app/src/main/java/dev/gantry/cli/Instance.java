package dev.gantry.cli;

import dev.gantry.api.ecs.ContainerInstance;
import dev.gantry.api.ecs.DescribeContainerInstancesRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.ListContainerInstancesRequest;
import dev.gantry.api.ecs.ListContainerInstancesResponse;
import dev.gantry.wire.shape.ServiceException;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/// Waiting for what a fresh Gantry does in its own time.
final class Instance {
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);

  private Instance() {}

  /// Waits until an agent is connected to a cluster, so that tasks can be placed there.
  ///
  /// @return false if none was within `limit`
  static boolean awaitAgent(GantryClient client, String cluster, Duration limit)
      throws GantryClient.Unreachable, InterruptedException {
    return awaitAgent(client, cluster, limit, () -> false);
  }

  /// Likewise, and gives up sooner when there is nothing to wait for.
  static boolean awaitAgent(
      GantryClient client, String cluster, Duration limit, BooleanSupplier inVain)
      throws GantryClient.Unreachable, InterruptedException {
    long begun = System.nanoTime();
    while (!inVain.getAsBoolean()) {
      if (agentConnected(client, cluster)) {
        return true;
      }
      if (System.nanoTime() - begun > limit.toNanos()) {
        return false;
      }
      Thread.sleep(BETWEEN_LOOKS);
    }
    return false;
  }

  private static boolean agentConnected(GantryClient client, String cluster)
      throws GantryClient.Unreachable, InterruptedException {
    try {
      ListContainerInstancesResponse listed =
          client.call(
              Ecs.LIST_CONTAINER_INSTANCES,
              ListContainerInstancesRequest.builder().cluster(cluster).build());
      List<String> arns = listed.containerInstanceArns();
      if (arns == null || arns.isEmpty()) {
        return false;
      }
      List<ContainerInstance> instances =
          client
              .call(
                  Ecs.DESCRIBE_CONTAINER_INSTANCES,
                  DescribeContainerInstancesRequest.builder()
                      .cluster(cluster)
                      .containerInstances(arns)
                      .build())
              .containerInstances();
      return instances != null
          && instances.stream()
              .anyMatch(instance -> Boolean.TRUE.equals(instance.agentConnected()));
    } catch (ServiceException notYet) {
      // The agent makes the cluster when it joins.
      if (notYet.code().equals("ClusterNotFoundException")) {
        return false;
      }
      throw notYet;
    }
  }
}

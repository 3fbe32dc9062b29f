package dev.gantry.sim;

import dev.gantry.api.ecs.CreateClusterRequest;
import dev.gantry.api.ecs.DeleteClusterRequest;
import dev.gantry.api.ecs.DeleteTaskDefinitionsRequest;
import dev.gantry.api.ecs.DeregisterContainerInstanceRequest;
import dev.gantry.api.ecs.DeregisterTaskDefinitionRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.ListContainerInstancesRequest;
import dev.gantry.api.ecs.TagResourceRequest;
import dev.gantry.api.ecs.UpdateContainerInstancesStateRequest;
import dev.gantry.model.ClusterId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Who looks after the clusters: now and then takes a host away and sets up another in its place,
/// lets one drain and has it take tasks again, withdraws task definitions and deletes them, makes a
/// cluster and deletes it. Begins one thing after the other, and ends what it has begun.
final class SimOperator {
  private static final Duration THINKS = Duration.ofSeconds(8);

  /// How long an instance drains.
  private static final Duration DRAINS = Duration.ofSeconds(30);

  /// A cluster that comes and goes.
  private static final String SPARE = "spare";

  /// So many definitions always stay, so that there is something to run.
  private static final int DEFINITIONS_KEPT = 3;

  private final World world;
  private final Chance chance;
  private final SimCaller caller;
  private final Book book;
  private final Tally tally;
  private final List<String> clusters;
  private final List<SimNode> nodes;
  private final List<String> withdrawn = new ArrayList<>();
  private boolean resting;
  private int spares;

  SimOperator(
      World world,
      SimNetwork network,
      Book book,
      Tally tally,
      List<String> clusters,
      List<SimNode> nodes) {
    this.world = world;
    this.chance = world.chance("operator");
    this.caller = new SimCaller(world, chance, network, network.route("operator"));
    this.book = book;
    this.tally = tally;
    this.clusters = clusters;
    this.nodes = nodes;
  }

  /// Does one thing after the other until it is told to rest.
  void begin() {
    if (!resting) {
      world.after(chance.about(THINKS), "operator acts", this::act);
    }
  }

  /// Begins nothing new.
  void rest() {
    resting = true;
  }

  /// Whether it waits for nothing.
  boolean isIdle() {
    return caller.isIdle();
  }

  private void act() {
    if (resting) {
      return;
    }
    switch (chance.below(10)) {
      case 0 -> replaceHost();
      case 1, 2 -> drain();
      case 3 -> spare();
      case 4, 5, 6 -> withdraw();
      default -> delete();
    }
  }

  // ---- task definitions
  // ---------------------------------------------------------------------------

  private void withdraw() {
    if (book.definitions().size() <= DEFINITIONS_KEPT) {
      begin();
      return;
    }
    String definition = chance.pick(book.definitions());
    book.withdrawn(definition);
    tally.count("definition withdrawn");
    caller.insist(
        Ecs.DEREGISTER_TASK_DEFINITION,
        DeregisterTaskDefinitionRequest.builder().taskDefinition(definition).build(),
        () -> {
          withdrawn.add(definition);
          begin();
        });
  }

  private void delete() {
    if (withdrawn.isEmpty()) {
      begin();
      return;
    }
    List<String> some = List.copyOf(withdrawn.subList(0, Math.min(withdrawn.size(), 3)));
    withdrawn.removeAll(some);
    tally.count("definitions deleted");
    caller.insist(
        Ecs.DELETE_TASK_DEFINITIONS,
        DeleteTaskDefinitionsRequest.builder().taskDefinitions(some).build(),
        this::begin);
  }

  // ---- hosts
  // --------------------------------------------------------------------------------------

  /// Takes a host out of its cluster, with whatever runs on it, and sets it up anew.
  private void replaceHost() {
    anyInstance(arn -> {
      SimNode node = nodeOf(arn);
      if (arn == null || node == null) {
        begin();
        return;
      }
      tally.count("host replaced");
      node.retire();
      caller.insist(
          Ecs.DEREGISTER_CONTAINER_INSTANCE,
          DeregisterContainerInstanceRequest.builder()
              .cluster(clusterOf(arn))
              .containerInstance(arn)
              .force(true)
              .build(),
          () -> {
            node.replace();
            begin();
          });
    });
  }

  /// Lets an instance drain, and has it take tasks again after a while.
  private void drain() {
    anyInstance(arn -> {
      if (arn == null) {
        begin();
        return;
      }
      set(
          arn,
          "DRAINING",
          () -> {
            tally.count("instance drains");
            world.after(
                chance.about(DRAINS),
                "instance has drained",
                () -> {
                  if (!resting) {
                    set(arn, "ACTIVE", () -> tally.count("instance takes tasks again"));
                  }
                });
            begin();
          });
    });
  }

  private void set(String arn, String status, Runnable then) {
    caller.insist(
        Ecs.UPDATE_CONTAINER_INSTANCES_STATE,
        UpdateContainerInstancesStateRequest.builder()
            .cluster(clusterOf(arn))
            .containerInstances(List.of(arn))
            .status(status)
            .build(),
        then);
  }

  // ---- a cluster
  // ----------------------------------------------------------------------------------

  /// Makes a cluster, tags it and deletes it.
  private void spare() {
    String arn = new ClusterId(SimControl.SCOPE, SPARE).arn();
    caller.insist(
        Ecs.CREATE_CLUSTER,
        CreateClusterRequest.builder().clusterName(SPARE).build(),
        () ->
            caller.insist(
                Ecs.TAG_RESOURCE,
                TagResourceRequest.builder()
                    .resourceArn(arn)
                    .tags(Labels.atLeastOne(chance, "spare-" + ++spares))
                    .build(),
                () ->
                    caller.insist(
                        Ecs.DELETE_CLUSTER,
                        DeleteClusterRequest.builder().cluster(arn).build(),
                        () -> {
                          tally.count("cluster deleted");
                          begin();
                        })));
  }

  private void anyInstance(Consumer<@Nullable String> then) {
    caller.call(
        Ecs.LIST_CONTAINER_INSTANCES,
        ListContainerInstancesRequest.builder().cluster(chance.pick(clusters)).build(),
        result -> {
          List<String> arns =
              result instanceof SimCaller.Result.Done(var output)
                  ? output.containerInstanceArns()
                  : null;
          then.accept(arns == null || arns.isEmpty() ? null : chance.pick(arns));
        });
  }

  private @Nullable SimNode nodeOf(@Nullable String arn) {
    for (SimNode node : nodes) {
      if (arn != null && arn.equals(node.instance())) {
        return node;
      }
    }
    return null;
  }

  private static String clusterOf(String arn) {
    String[] parts = arn.split("/", -1);
    return parts[parts.length - 2];
  }
}

package dev.gantry.sim;

import dev.gantry.api.ecs.Attribute;
import dev.gantry.api.ecs.AutoScalingGroupProvider;
import dev.gantry.api.ecs.CapacityProviderStrategyItem;
import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.CreateCapacityProviderRequest;
import dev.gantry.api.ecs.CreateClusterRequest;
import dev.gantry.api.ecs.DeleteAttributesRequest;
import dev.gantry.api.ecs.DescribeTasksRequest;
import dev.gantry.api.ecs.DescribeTasksResponse;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.ListContainerInstancesRequest;
import dev.gantry.api.ecs.ManagedScaling;
import dev.gantry.api.ecs.PutAttributesRequest;
import dev.gantry.api.ecs.PutClusterCapacityProvidersRequest;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.RunTaskResponse;
import dev.gantry.api.ecs.StopTaskRequest;
import dev.gantry.api.ecs.Task;
import dev.gantry.sim.SimCaller.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A user of a capacity provider whose scaling is managed: runs more tasks on it than there is room
/// for, moves hosts into its group and out of it, and stops tasks, those that wait too.
///
/// Its tasks run for ever and ask for nothing but room, so that a healed world comes to rest
/// without one task waiting for the end of another.
final class CapacityClient {
  private static final Duration THINKS = Duration.ofSeconds(3);
  private static final String CLUSTER = "default";
  private static final String PROVIDER = "spare";
  private static final String GROUP = "hosts";
  private static final String FAMILY = "spare";
  private static final int MOST_TASKS = 12;

  private final World world;
  private final Chance chance;
  private final SimCaller caller;
  private final Checks checks;
  private final Book book;
  private final Tally tally;
  private final List<String> mine = new ArrayList<>();
  private boolean resting;
  private int requests;

  CapacityClient(World world, SimNetwork network, Checks checks, Book book, Tally tally) {
    this.world = world;
    this.chance = world.chance("capacity");
    this.caller = new SimCaller(world, chance, network, network.route("capacity"));
    this.checks = checks;
    this.book = book;
    this.tally = tally;
  }

  /// The custom attributes that the host of this number begins with.
  static Map<String, String> attributes(int host) {
    Map<String, String> attributes = new TreeMap<>();
    attributes.put("rack", "r1");
    if (host % 2 == 1) {
      attributes.put(Capacity.GROUP_ATTRIBUTE, GROUP);
    }
    return attributes;
  }

  /// Makes what is needed first, then does one thing after the other until it is told to rest.
  void begin() {
    caller.insist(
        Ecs.CREATE_CLUSTER,
        CreateClusterRequest.builder().clusterName(CLUSTER).build(),
        () ->
            caller.insist(
                Ecs.CREATE_CAPACITY_PROVIDER,
                CreateCapacityProviderRequest.builder()
                    .name(PROVIDER)
                    .autoScalingGroupProvider(
                        AutoScalingGroupProvider.builder()
                            .autoScalingGroupArn(GROUP)
                            .managedScaling(ManagedScaling.builder().status("ENABLED").build())
                            .build())
                    .build(),
                this::associate));
  }

  private void associate() {
    caller.insist(
        Ecs.PUT_CLUSTER_CAPACITY_PROVIDERS,
        PutClusterCapacityProvidersRequest.builder()
            .cluster(CLUSTER)
            .capacityProviders(List.of(PROVIDER))
            .defaultCapacityProviderStrategy(List.of())
            .build(),
        () ->
            caller.insist(
                Ecs.REGISTER_TASK_DEFINITION,
                RegisterTaskDefinitionRequest.builder()
                    .family(FAMILY)
                    .containerDefinitions(
                        List.of(
                            ContainerDefinition.builder()
                                .name("main")
                                .image(SimEngine.CACHED.getFirst())
                                .command(forEver().command())
                                .cpu(512)
                                .memory(512)
                                .stopTimeout(2)
                                .build()))
                    .build(),
                this::think));
  }

  private static Script forEver() {
    return new Script(true, null, 0, 0, Duration.ofSeconds(1), false, Duration.ofMillis(50), false);
  }

  /// Begins nothing new.
  void rest() {
    resting = true;
  }

  /// Whether it waits for nothing.
  boolean isIdle() {
    return caller.isIdle();
  }

  private void think() {
    if (!resting) {
      world.after(chance.about(THINKS), "capacity client acts", this::act);
    }
  }

  private void act() {
    if (resting) {
      return;
    }
    switch (chance.below(10)) {
      case 0, 1, 2 -> run();
      case 3, 4 -> stop();
      case 5, 6 -> describe();
      default -> move();
    }
  }

  private void run() {
    if (mine.size() >= MOST_TASKS) {
      stop();
      return;
    }
    int count = chance.between(1, 3);
    String mark = "capacity-" + ++requests;
    caller.call(
        Ecs.RUN_TASK,
        RunTaskRequest.builder()
            .cluster(CLUSTER)
            .taskDefinition(FAMILY)
            .count(count)
            .startedBy(mark)
            .clientToken(mark)
            .capacityProviderStrategy(
                List.of(
                    CapacityProviderStrategyItem.builder()
                        .capacityProvider(PROVIDER)
                        .weight(1)
                        .build()))
            .build(),
        result -> {
          if (result instanceof Result.Done<RunTaskResponse>(var output)) {
            ran(count, output);
          }
          think();
        });
  }

  private void ran(int count, RunTaskResponse response) {
    List<Task> tasks = Objects.requireNonNullElse(response.tasks(), List.of());
    if (tasks.size() != count) {
      throw new Violation(Invariant.WAITING, count + " were wanted, the answer is " + response);
    }
    for (Task task : tasks) {
      String arn = Objects.requireNonNull(task.taskArn());
      mine.add(arn);
      book.started(CLUSTER, arn);
      tally.count(
          "PROVISIONING".equals(task.lastStatus())
              ? "task waits for capacity"
              : "task has capacity at once");
    }
  }

  private void stop() {
    if (mine.isEmpty()) {
      think();
      return;
    }
    String arn = mine.remove(chance.below(mine.size()));
    caller.call(
        Ecs.STOP_TASK, StopTaskRequest.builder().cluster(CLUSTER).task(arn).build(), _ -> think());
  }

  private void describe() {
    if (mine.isEmpty()) {
      think();
      return;
    }
    caller.call(
        Ecs.DESCRIBE_TASKS,
        DescribeTasksRequest.builder().cluster(CLUSTER).tasks(List.copyOf(mine)).build(),
        result -> {
          if (result instanceof Result.Done<DescribeTasksResponse>(var output)) {
            Objects.requireNonNullElse(output.failures(), List.<dev.gantry.api.ecs.Failure>of())
                .forEach(failure -> checks.missing(failure.arn()));
            for (Task task : Objects.requireNonNullElse(output.tasks(), List.<Task>of())) {
              if ("STOPPED".equals(task.lastStatus())) {
                mine.remove(task.taskArn());
              }
            }
          }
          think();
        });
  }

  /// Takes a host into the group, or out of it. Its tasks stay where they are.
  private void move() {
    anyInstance(instance -> {
      if (instance == null) {
        think();
      } else if (chance.oneIn(3)) {
        tally.count("host leaves its group");
        caller.call(
            Ecs.DELETE_ATTRIBUTES,
            DeleteAttributesRequest.builder()
                .cluster(CLUSTER)
                .attributes(List.of(attribute(instance, null)))
                .build(),
            _ -> think());
      } else {
        tally.count("host joins a group");
        caller.call(
            Ecs.PUT_ATTRIBUTES,
            PutAttributesRequest.builder()
                .cluster(CLUSTER)
                .attributes(List.of(attribute(instance, GROUP)))
                .build(),
            _ -> think());
      }
    });
  }

  private static Attribute attribute(String instance, @Nullable String value) {
    return Attribute.builder()
        .name(Capacity.GROUP_ATTRIBUTE)
        .value(value)
        .targetId(instance)
        .build();
  }

  private void anyInstance(Consumer<@Nullable String> then) {
    caller.call(
        Ecs.LIST_CONTAINER_INSTANCES,
        ListContainerInstancesRequest.builder().cluster(CLUSTER).build(),
        result -> {
          List<String> arns =
              result instanceof Result.Done(var output) ? output.containerInstanceArns() : null;
          then.accept(arns == null || arns.isEmpty() ? null : chance.pick(arns));
        });
  }
}

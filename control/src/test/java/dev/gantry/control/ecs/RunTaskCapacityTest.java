package dev.gantry.control.ecs;

import static dev.gantry.control.ecs.EcsHarness.container;
import static dev.gantry.control.ecs.EcsHarness.define;
import static dev.gantry.control.ecs.EcsHarness.describe;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.ecs.Attribute;
import dev.gantry.api.ecs.AutoScalingGroupProvider;
import dev.gantry.api.ecs.CapacityProviderStrategyItem;
import dev.gantry.api.ecs.Cluster;
import dev.gantry.api.ecs.CreateCapacityProviderRequest;
import dev.gantry.api.ecs.DeleteClusterRequest;
import dev.gantry.api.ecs.DeleteTaskDefinitionsRequest;
import dev.gantry.api.ecs.DeregisterTaskDefinitionRequest;
import dev.gantry.api.ecs.DescribeClustersRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.ListTasksRequest;
import dev.gantry.api.ecs.ManagedScaling;
import dev.gantry.api.ecs.PlacementConstraint;
import dev.gantry.api.ecs.PlacementStrategy;
import dev.gantry.api.ecs.PutAttributesRequest;
import dev.gantry.api.ecs.PutClusterCapacityProvidersRequest;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.RunTaskResponse;
import dev.gantry.api.ecs.StartTaskRequest;
import dev.gantry.api.ecs.StopTaskRequest;
import dev.gantry.api.ecs.SubmitTaskStateChangeRequest;
import dev.gantry.api.ecs.Task;
import dev.gantry.api.ecs.TaskDefinitionPlacementConstraint;
import dev.gantry.api.ecs.UpdateContainerInstancesStateRequest;
import dev.gantry.control.ControlEvent;
import dev.gantry.control.ControlHarness;
import dev.gantry.control.FakeAgent;
import dev.gantry.control.Ledger;
import dev.gantry.model.ClusterId;
import dev.gantry.store.Index;
import dev.gantry.wire.shape.ServiceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// RunTask on capacity providers: `plain` of group g1, whose scaling nobody manages, and `managed`
/// of group g2, on which tasks wait for capacity. A task takes 128 cpu units and 256 MiB.
class RunTaskCapacityTest {
  private static final ClusterId DEFAULT = new ClusterId(ControlHarness.SCOPE, "default");

  private final ControlHarness control = EcsHarness.withDefaultCluster();

  RunTaskCapacityTest() {
    provider("plain", "g1", null);
    provider("managed", "g2", ManagedScaling.builder().status("ENABLED").build());
    associate(List.of("plain", "managed"));
    define(control, "a", container("app").build());
  }

  // Strategies

  @Test
  void tasksGoToTheInstancesOfTheirProviderAlone() {
    FakeAgent none = FakeAgent.register(control, "default").connect();
    FakeAgent first = FakeAgent.register(control, "default").connect().inGroup("g1");
    RunTaskResponse response = run(2, item("plain", 1, null));
    assertThat(response.failures()).isEmpty();
    for (Task task : tasks(response)) {
      assertThat(task.containerInstanceArn()).isEqualTo(first.arn());
      assertThat(task.capacityProviderName()).isEqualTo("plain");
      assertThat(task.launchType()).isEqualTo("EC2");
      assertThat(task.lastStatus()).isEqualTo("PENDING");
    }
    assertThat(none.payloads()).isEmpty();
  }

  @Test
  void aStrategySharesTasksOut() {
    FakeAgent first = FakeAgent.register(control, "default").connect().inGroup("g1");
    FakeAgent second = FakeAgent.register(control, "default").connect().inGroup("g2");
    RunTaskResponse response = run(10, item("plain", 1, null), item("managed", 4, null));
    assertThat(tasks(response).stream().filter(on(first)).count()).isEqualTo(2);
    assertThat(tasks(response).stream().filter(on(second)).count()).isEqualTo(8);
    assertThat(tasks(run(3, item("plain", 0, 1), item("managed", 1, null))).stream())
        .filteredOn(on(first))
        .hasSize(1);
  }

  @Test
  void theDefaultStrategyCountsWhereTheCallSaysNothing() {
    FakeAgent first = FakeAgent.register(control, "default").connect().inGroup("g1");
    FakeAgent.register(control, "default").connect();
    associate(List.of("plain", "managed"), item("plain", 1, null));
    assertThat(tasks(EcsHarness.run(control, "a", 1)).getFirst().capacityProviderName())
        .isEqualTo("plain");
    Task ec2 =
        tasks(
                control.call(
                    Ecs.RUN_TASK,
                    RunTaskRequest.builder().taskDefinition("a").launchType("EC2").build()))
            .getFirst();
    assertThat(ec2.capacityProviderName()).isNull();
    assertThat(first.arn()).isNotNull();
  }

  @Test
  void badStrategiesAreRefused() {
    FakeAgent.register(control, "default").connect().inGroup("g1");
    assertThat(refusal(item("plain", 0, null), item("managed", 0, null)).text())
        .startsWith("There are no capacity providers with a weight value greater than zero");
    assertThat(refusal(item("plain", 1, 1), item("managed", 1, 1)).text())
        .startsWith("Only one capacity provider");
    assertThat(refusal(item("FARGATE", 1, null)).text()).contains("not associated");
    associate(List.of("plain", "managed", "FARGATE"), item("plain", 0, null));
    ServiceException fargate = refusal(item("FARGATE", 1, null));
    assertThat(fargate.code()).isEqualTo("UnsupportedFeatureException");
    assertThat(fargate.text()).contains("FARGATE");
    assertThat(
            control
                .refusal(Ecs.RUN_TASK, RunTaskRequest.builder().taskDefinition("a").build())
                .text())
        .contains("defined in the default capacity provider strategy");
    // A single provider needs no weight, unless it is the default.
    assertThat(tasks(run(1, item("plain", null, null)))).hasSize(1);
  }

  @Test
  void withoutManagedScalingWhatHasNoPlaceFails() {
    assertThat(refusal(item("plain", 1, null)).text())
        .isEqualTo("No Container Instances were found in your capacity provider.");
    FakeAgent.register(control, "default", 128, 4096).connect().inGroup("g1");
    FakeAgent.register(control, "default").connect();
    RunTaskResponse response = run(2, item("plain", 1, null));
    assertThat(tasks(response)).hasSize(1);
    assertThat(Objects.requireNonNull(response.failures()).getFirst().reason())
        .isEqualTo("RESOURCE:CPU");
  }

  // Waiting

  @Test
  void withManagedScalingWhatHasNoPlaceWaitsForAnInstance() {
    FakeAgent.register(control, "default").connect();
    Task waiting = tasks(run(1, item("managed", 1, null))).getFirst();
    assertThat(waiting.lastStatus()).isEqualTo("PROVISIONING");
    assertThat(waiting.desiredStatus()).isEqualTo("RUNNING");
    assertThat(waiting.containerInstanceArn()).isNull();
    assertThat(waiting.capacityProviderName()).isEqualTo("managed");
    assertThat(control.call(Ecs.LIST_TASKS, ListTasksRequest.builder().build()).taskArns())
        .containsExactly(waiting.taskArn());
    assertThat(cluster().pendingTasksCount()).isEqualTo(1);

    FakeAgent host = FakeAgent.register(control, "default").inGroup("g2");
    control.settle();
    assertThat(status(waiting)).isEqualTo("PROVISIONING");
    host.connect();
    control.settle();
    assertThat(status(waiting)).isEqualTo("PENDING");
    assertThat(describe(control, arn(waiting)).containerInstanceArn()).isEqualTo(host.arn());
    assertThat(host.payloads()).hasSize(1);
    host.report(arn(waiting), "RUNNING", FakeAgent.running("app"));
    assertThat(status(waiting)).isEqualTo("RUNNING");
  }

  @Test
  void whatWaitsIsPlacedInOrderWhenTasksEnd() {
    FakeAgent host = FakeAgent.register(control, "default", 128, 4096).connect().inGroup("g2");
    Task first = tasks(run(1, item("managed", 1, null))).getFirst();
    control.pass(Duration.ofSeconds(1));
    Task second = tasks(run(1, item("managed", 1, null))).getFirst();
    control.pass(Duration.ofSeconds(1));
    Task third = tasks(run(1, item("managed", 1, null))).getFirst();
    assertThat(status(first)).isEqualTo("PENDING");
    host.report(arn(first), "RUNNING", FakeAgent.running("app"));
    host.report(arn(first), "STOPPED", FakeAgent.stopped("app", 0, null));
    control.settle();
    assertThat(status(second)).isEqualTo("PENDING");
    assertThat(status(third)).isEqualTo("PROVISIONING");
  }

  @Test
  void whatWaitsIsPlacedWhenAnInstanceBecomesActiveOrJoinsTheGroup() {
    FakeAgent host = FakeAgent.register(control, "default").connect().inGroup("g2");
    state(host, "DRAINING");
    Task task = tasks(run(1, item("managed", 1, null))).getFirst();
    assertThat(status(task)).isEqualTo("PROVISIONING");
    state(host, "ACTIVE");
    assertThat(status(task)).isEqualTo("PENDING");

    FakeAgent other = FakeAgent.register(control, "default", 8192, 8192).connect();
    define(control, "big", container("app").cpu(8192).build());
    Task big = tasks(run("big", 1, item("managed", 1, null))).getFirst();
    assertThat(status(big)).isEqualTo("PROVISIONING");
    other.inGroup("g2");
    control.settle();
    assertThat(describe(control, arn(big)).containerInstanceArn()).isEqualTo(other.arn());
  }

  @Test
  void constraintsOfTheCallAreKept() {
    RunTaskRequest request =
        RunTaskRequest.builder()
            .taskDefinition("a")
            .count(2)
            .capacityProviderStrategy(List.of(item("managed", 1, null)))
            .placementConstraints(
                List.of(PlacementConstraint.builder().type("distinctInstance").build()))
            .build();
    List<Task> both = tasks(control.call(Ecs.RUN_TASK, request));
    FakeAgent.register(control, "default").connect().inGroup("g2");
    control.settle();
    assertThat(both.stream().map(this::status)).containsOnlyOnce("PENDING", "PROVISIONING");
    FakeAgent.register(control, "default").connect().inGroup("g2");
    control.settle();
    assertThat(both.stream().map(this::status)).containsExactly("PENDING", "PENDING");
  }

  /// Both the call's expression and the definition's bind a task for as long as it waits.
  @Test
  void whatWaitsGoesToMembersOfItsExpressionsAlone() {
    control.call(
        Ecs.REGISTER_TASK_DEFINITION,
        RegisterTaskDefinitionRequest.builder()
            .family("b")
            .containerDefinitions(List.of(container("app").build()))
            .placementConstraints(
                List.of(
                    TaskDefinitionPlacementConstraint.builder()
                        .type("memberOf")
                        .expression("attribute:stack == prod")
                        .build()))
            .build());
    Task task =
        tasks(
                control.call(
                    Ecs.RUN_TASK,
                    RunTaskRequest.builder()
                        .taskDefinition("b")
                        .capacityProviderStrategy(List.of(item("managed", 1, null)))
                        .placementConstraints(
                            List.of(
                                PlacementConstraint.builder()
                                    .type("memberOf")
                                    .expression("attribute:disk == ssd")
                                    .build()))
                        .build()))
            .getFirst();
    FakeAgent neither = FakeAgent.register(control, "default").connect().inGroup("g2");
    FakeAgent one = FakeAgent.register(control, "default").connect().inGroup("g2");
    put(one, "stack", "prod");
    FakeAgent other = FakeAgent.register(control, "default").connect().inGroup("g2");
    put(other, "disk", "ssd");
    control.settle();
    assertThat(status(task)).isEqualTo("PROVISIONING");
    put(one, "disk", "hdd");
    control.settle();
    assertThat(status(task)).isEqualTo("PROVISIONING");
    // An attribute that is put is looked at at once.
    put(other, "stack", "prod");
    control.settle();
    assertThat(describe(control, arn(task)).containerInstanceArn()).isEqualTo(other.arn());
    assertThat(neither.payloads()).isEmpty();
  }

  @Test
  void whatWaitsIsPlacedByItsStrategy() {
    FakeAgent first = FakeAgent.register(control, "default").connect().inGroup("g2");
    FakeAgent second = FakeAgent.register(control, "default").connect().inGroup("g2");
    List<String> hosts = List.of(first.arn(), second.arn());
    for (boolean spread : List.of(true, false)) {
      state("DRAINING", hosts);
      RunTaskResponse waiting =
          control.call(
              Ecs.RUN_TASK,
              RunTaskRequest.builder()
                  .taskDefinition("a")
                  .count(4)
                  .group("spread " + spread)
                  .capacityProviderStrategy(List.of(item("managed", 1, null)))
                  .placementStrategy(
                      spread
                          ? List.of(
                              PlacementStrategy.builder()
                                  .type("spread")
                                  .field("instanceId")
                                  .build())
                          : null)
                  .build());
      assertThat(tasks(waiting)).extracting(Task::lastStatus).containsOnly("PROVISIONING");
      // Both hosts are there at once, so that only the strategy can decide.
      state("ACTIVE", hosts);
      control.settle();
      assertThat(
              tasks(waiting).stream()
                  .map(task -> describe(control, arn(task)).containerInstanceArn())
                  .distinct())
          .hasSize(spread ? 2 : 1);
    }
  }

  /// Its instance is as it was: only that its agent is there again makes the place.
  @Test
  void whatWaitsIsPlacedWhenAnAgentComesBack() {
    FakeAgent host = FakeAgent.register(control, "default").connect().inGroup("g2");
    host.disconnect();
    Task task = tasks(run(1, item("managed", 1, null))).getFirst();
    assertThat(status(task)).isEqualTo("PROVISIONING");
    host.connect();
    control.settle();
    assertThat(describe(control, arn(task)).containerInstanceArn()).isEqualTo(host.arn());
  }

  /// What takes room can make a place too, for who asks for company.
  @Test
  void whatWaitsIsPlacedWhenATaskThatItAsksForIsStartedOrRuns() {
    define(control, "b", container("app").build());
    FakeAgent alone = FakeAgent.register(control, "default").connect().inGroup("g2");
    FakeAgent host = FakeAgent.register(control, "default").connect().inGroup("g2");
    Task withB = tasks(waitingFor("task:group == family:b")).getFirst();
    Task withRunning = tasks(waitingFor("runningTasksCount >= 1")).getFirst();
    assertThat(List.of(status(withB), status(withRunning))).containsOnly("PROVISIONING");
    String b =
        arn(
            Objects.requireNonNull(
                    control
                        .call(
                            Ecs.START_TASK,
                            StartTaskRequest.builder()
                                .taskDefinition("b")
                                .containerInstances(List.of(host.arn()))
                                .build())
                        .tasks())
                .getFirst());
    assertThat(describe(control, arn(withB)).containerInstanceArn()).isEqualTo(host.arn());
    assertThat(status(withRunning)).isEqualTo("PROVISIONING");
    host.report(b, "RUNNING", FakeAgent.running("app"));
    assertThat(describe(control, arn(withRunning)).containerInstanceArn()).isEqualTo(host.arn());
    assertThat(alone.payloads()).isEmpty();
  }

  /// More kinds than one turn looks at all instances for, the last of which alone has a place.
  @Test
  void howeverManyAskForSomethingElseWhoHasAPlaceIsFound() {
    define(control, "big", container("app").cpu(8192).build());
    for (int i = 0; i < 2 * ProvisioningLoop.MAX_LOOKS; i++) {
      run("big", "group " + i);
    }
    control.pass(Duration.ofSeconds(1));
    Task last = tasks(run("a", "group")).getFirst();
    FakeAgent before = FakeAgent.register(control, "default").inGroup("g2");
    ControlHarness next = control.crash(EcsHarness::register);
    FakeAgent host = before.against(next).connect();
    next.settle();
    assertThat(describe(next, arn(last)).containerInstanceArn()).isEqualTo(host.arn());
    assertThat(
            next.call(Ecs.DESCRIBE_CLUSTERS, DescribeClustersRequest.builder().build()).clusters())
        .extracting(Cluster::pendingTasksCount)
        .containsExactly(2 * ProvisioningLoop.MAX_LOOKS + 1);
  }

  @Test
  void whatWaitsSurvivesACrash() {
    Task task = tasks(run(1, item("managed", 1, null))).getFirst();
    ControlHarness next = control.crash(EcsHarness::register);
    assertThat(describe(next, arn(task)).lastStatus()).isEqualTo("PROVISIONING");
    FakeAgent host = FakeAgent.register(next, "default").connect().inGroup("g2");
    next.settle();
    assertThat(describe(next, arn(task)).containerInstanceArn()).isEqualTo(host.arn());
  }

  @Test
  void afterACrashAgentsHaveTimeToComeBackFirst() {
    FakeAgent host = FakeAgent.register(control, "default").inGroup("g2");
    Task task = tasks(run(1, item("managed", 1, null))).getFirst();
    control.pass(Duration.ofMinutes(29));
    ControlHarness next = control.crash(EcsHarness::register);
    next.tell(new ControlEvent.Woken());
    // By now it has waited for 31 minutes.
    next.pass(Duration.ofMinutes(2));
    assertThat(describe(next, arn(task)).lastStatus()).isEqualTo("PROVISIONING");
    host.against(next).connect();
    next.settle();
    assertThat(describe(next, arn(task)).lastStatus()).isEqualTo("PENDING");
  }

  @Test
  void nobodyWaitsForEver() {
    FakeAgent.register(control, "default", 64, 4096).connect().inGroup("g2");
    Task task = tasks(run(1, item("managed", 1, null))).getFirst();
    control.pass(Duration.ofMinutes(30).minusSeconds(1));
    assertThat(status(task)).isEqualTo("PROVISIONING");
    control.pass(Duration.ofMinutes(1));
    Task ended = describe(control, arn(task));
    assertThat(ended.lastStatus()).isEqualTo("STOPPED");
    assertThat(ended.stopCode()).isEqualTo("TaskFailedToStart");
    // By then the agent has been silent for so long that its socket was closed.
    assertThat(ended.stoppedReason()).isEqualTo("TaskFailedToStart: AGENT");
    assertThat(ended.stoppedAt()).isNotNull();
    assertThat(Objects.requireNonNull(ended.containers()).getFirst().lastStatus())
        .isEqualTo("STOPPED");
  }

  @Test
  void whatWaitsCanBeStopped() {
    Task task = tasks(run(1, item("managed", 1, null))).getFirst();
    Task stopping =
        Objects.requireNonNull(
            control.call(Ecs.STOP_TASK, StopTaskRequest.builder().task(arn(task)).build()).task());
    assertThat(stopping.lastStatus()).isEqualTo("DEPROVISIONING");
    assertThat(stopping.desiredStatus()).isEqualTo("STOPPED");
    Task stopped = describe(control, arn(task));
    assertThat(stopped.lastStatus()).isEqualTo("STOPPED");
    assertThat(stopped.stopCode()).isEqualTo("UserInitiated");
    assertThat(stopped.stoppedReason()).isEqualTo("Task stopped by user");
    FakeAgent host = FakeAgent.register(control, "default").connect().inGroup("g2");
    control.settle();
    assertThat(host.payloads()).isEmpty();
  }

  @Test
  void aDefinitionThatIsWithdrawnIsStillThereForWhatWaits() {
    Task task = tasks(run(1, item("managed", 1, null))).getFirst();
    control.call(
        Ecs.DEREGISTER_TASK_DEFINITION,
        DeregisterTaskDefinitionRequest.builder().taskDefinition("a:1").build());
    control.call(
        Ecs.DELETE_TASK_DEFINITIONS,
        DeleteTaskDefinitionsRequest.builder().taskDefinitions(List.of("a:1")).build());
    control.pass(Duration.ofMinutes(20));
    FakeAgent host = FakeAgent.register(control, "default").connect().inGroup("g2");
    control.settle();
    assertThat(status(task)).isEqualTo("PENDING");
    assertThat(host.payloads()).hasSize(1);
  }

  @Test
  void aProviderThatTasksUseCannotBeTakenFromItsCluster() {
    Task task = tasks(run(1, item("managed", 1, null))).getFirst();
    ServiceException refusal =
        control.refusal(
            Ecs.PUT_CLUSTER_CAPACITY_PROVIDERS,
            PutClusterCapacityProvidersRequest.builder()
                .cluster("default")
                .capacityProviders(List.of("plain"))
                .defaultCapacityProviderStrategy(List.of())
                .build());
    assertThat(refusal.code()).isEqualTo("ResourceInUseException");
    assertThat(refusal.text())
        .isEqualTo("The specified capacity provider is in use and cannot be removed.");
    assertThat(
            control
                .refusal(
                    Ecs.DELETE_CLUSTER, DeleteClusterRequest.builder().cluster("default").build())
                .code())
        .isEqualTo("ClusterContainsTasksException");
    control.call(Ecs.STOP_TASK, StopTaskRequest.builder().task(arn(task)).build());
    associate(List.of("plain"));
  }

  @Test
  void nobodyReportsForATaskThatNoAgentHas() {
    Task task = tasks(run(1, item("managed", 1, null))).getFirst();
    control.call(
        Ecs.SUBMIT_TASK_STATE_CHANGE,
        SubmitTaskStateChangeRequest.builder().task(arn(task)).status("RUNNING").build());
    assertThat(status(task)).isEqualTo("PROVISIONING");
  }

  @Test
  void fiveHundredWaitAndNoMore() {
    List<Task> all = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      all.addAll(tasks(run(10, item("managed", 1, null))));
    }
    long revision = control.state().revision();
    ServiceException refusal = refusal(item("managed", 1, null));
    assertThat(refusal.code()).isEqualTo("ClientException");
    assertThat(refusal.text()).contains("PROVISIONING").contains("500");
    assertThat(control.state().revision()).isEqualTo(revision);
    control.call(Ecs.STOP_TASK, StopTaskRequest.builder().task(arn(all.getFirst())).build());
    assertThat(tasks(run(1, item("managed", 1, null)))).hasSize(1);
    // Room for sixteen each: all find their places, however many turns that takes.
    for (int i = 0; i < 32; i++) {
      FakeAgent.register(control, "default").connect().inGroup("g2");
    }
    control.settle();
    assertThat(cluster().pendingTasksCount()).isEqualTo(500);
    assertThat(
            all.stream().skip(1).map(task -> describe(control, arn(task)).containerInstanceArn()))
        .doesNotContainNull();
  }

  /// One turn places a hundred, and the next goes on from what it left.
  @Test
  void whoFindsRoomAtOnceIsPlacedOnceEach() {
    for (int i = 0; i < 25; i++) {
      run(10, item("managed", 1, null));
    }
    FakeAgent host = FakeAgent.register(control, "default", 32_768, 65_536).connect();
    long before = control.state().revision();
    host.inGroup("g2");
    control.settle();
    // The attribute, and each task once.
    assertThat(control.state().revision() - before).isEqualTo(1 + 250);
    assertThat(control.plane().ledger().all()).isEqualTo(Ledger.of(control.plane().head()).all());
    assertThat(control.plane().head().group(Index.UNPLACED_TASKS, DEFAULT)).isEmpty();
  }

  private void provider(String name, String group, @Nullable ManagedScaling scaling) {
    control.call(
        Ecs.CREATE_CAPACITY_PROVIDER,
        CreateCapacityProviderRequest.builder()
            .name(name)
            .autoScalingGroupProvider(
                AutoScalingGroupProvider.builder()
                    .autoScalingGroupArn(group)
                    .managedScaling(scaling)
                    .build())
            .build());
  }

  private void associate(List<String> providers, CapacityProviderStrategyItem... strategy) {
    control.call(
        Ecs.PUT_CLUSTER_CAPACITY_PROVIDERS,
        PutClusterCapacityProvidersRequest.builder()
            .cluster("default")
            .capacityProviders(providers)
            .defaultCapacityProviderStrategy(List.of(strategy))
            .build());
  }

  private RunTaskResponse run(int count, CapacityProviderStrategyItem... strategy) {
    return run("a", count, strategy);
  }

  private RunTaskResponse run(String family, int count, CapacityProviderStrategyItem... strategy) {
    return control.call(
        Ecs.RUN_TASK,
        RunTaskRequest.builder()
            .taskDefinition(family)
            .count(count)
            .capacityProviderStrategy(List.of(strategy))
            .build());
  }

  private RunTaskResponse run(String family, String group) {
    return control.call(
        Ecs.RUN_TASK,
        RunTaskRequest.builder()
            .taskDefinition(family)
            .group(group)
            .capacityProviderStrategy(List.of(item("managed", 1, null)))
            .build());
  }

  private RunTaskResponse waitingFor(String expression) {
    return control.call(
        Ecs.RUN_TASK,
        RunTaskRequest.builder()
            .taskDefinition("a")
            .capacityProviderStrategy(List.of(item("managed", 1, null)))
            .placementConstraints(
                List.of(
                    PlacementConstraint.builder().type("memberOf").expression(expression).build()))
            .build());
  }

  private ServiceException refusal(CapacityProviderStrategyItem... strategy) {
    return control.refusal(
        Ecs.RUN_TASK,
        RunTaskRequest.builder()
            .taskDefinition("a")
            .capacityProviderStrategy(List.of(strategy))
            .build());
  }

  private void state(FakeAgent agent, String status) {
    state(status, List.of(agent.arn()));
  }

  private void state(String status, List<String> arns) {
    control.call(
        Ecs.UPDATE_CONTAINER_INSTANCES_STATE,
        UpdateContainerInstancesStateRequest.builder()
            .containerInstances(arns)
            .status(status)
            .build());
  }

  private void put(FakeAgent agent, String attribute, String value) {
    control.call(
        Ecs.PUT_ATTRIBUTES,
        PutAttributesRequest.builder()
            .attributes(
                List.of(
                    Attribute.builder().name(attribute).value(value).targetId(agent.arn()).build()))
            .build());
  }

  private Cluster cluster() {
    return Objects.requireNonNull(
            control
                .call(Ecs.DESCRIBE_CLUSTERS, DescribeClustersRequest.builder().build())
                .clusters())
        .getFirst();
  }

  private String status(Task task) {
    return String.valueOf(describe(control, arn(task)).lastStatus());
  }

  private static java.util.function.Predicate<Task> on(FakeAgent agent) {
    return task -> agent.arn().equals(task.containerInstanceArn());
  }

  private static CapacityProviderStrategyItem item(
      String name, @Nullable Integer weight, @Nullable Integer base) {
    return CapacityProviderStrategyItem.builder()
        .capacityProvider(name)
        .weight(weight)
        .base(base)
        .build();
  }

  private static List<Task> tasks(RunTaskResponse response) {
    return Objects.requireNonNull(response.tasks());
  }

  private static String arn(Task task) {
    return Objects.requireNonNull(task.taskArn());
  }
}

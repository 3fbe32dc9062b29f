package dev.gantry.control.ecs;

import static dev.gantry.control.FakeAgent.stopped;
import static dev.gantry.control.ecs.EcsHarness.container;
import static dev.gantry.control.ecs.EcsHarness.define;
import static dev.gantry.control.ecs.EcsHarness.describe;
import static dev.gantry.control.ecs.EcsHarness.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.ecs.CapacityProviderStrategyItem;
import dev.gantry.api.ecs.ContainerOverride;
import dev.gantry.api.ecs.CreateClusterRequest;
import dev.gantry.api.ecs.DeregisterContainerInstanceRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.Failure;
import dev.gantry.api.ecs.KeyValuePair;
import dev.gantry.api.ecs.NetworkConfiguration;
import dev.gantry.api.ecs.PortMapping;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.RunTaskResponse;
import dev.gantry.api.ecs.StartTaskRequest;
import dev.gantry.api.ecs.StartTaskResponse;
import dev.gantry.api.ecs.Tag;
import dev.gantry.api.ecs.Task;
import dev.gantry.api.ecs.TaskOverride;
import dev.gantry.control.ControlHarness;
import dev.gantry.control.FakeAgent;
import dev.gantry.wire.shape.ServiceException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Feature map section 5: RunTask and StartTask.
class LaunchOperationsTest {
  private final ControlHarness control = EcsHarness.withDefaultCluster();

  // StartTask

  @Test
  void startTaskStartsOneTaskOnEachInstanceThatIsNamed() {
    FakeAgent first = FakeAgent.register(control, "default").connect();
    FakeAgent second = FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    StartTaskResponse response =
        control.call(
            Ecs.START_TASK,
            StartTaskRequest.builder()
                .taskDefinition("a")
                .containerInstances(List.of(second.arn(), id(first), second.arn()))
                .startedBy("me")
                .group("batch")
                .tags(List.of(tag("team", "a")))
                .overrides(
                    TaskOverride.builder()
                        .containerOverrides(
                            List.of(
                                ContainerOverride.builder()
                                    .name("app")
                                    .command(List.of("x"))
                                    .build()))
                        .build())
                .build());
    assertThat(response.failures()).isEmpty();
    List<Task> tasks = Objects.requireNonNull(response.tasks());
    assertThat(tasks)
        .extracting(Task::containerInstanceArn)
        .containsExactly(second.arn(), first.arn(), second.arn());
    assertThat(tasks)
        .allSatisfy(task -> {
          assertThat(task.startedBy()).isEqualTo("me");
          assertThat(task.group()).isEqualTo("batch");
          assertThat(task.lastStatus()).isEqualTo("PENDING");
          assertThat(task.tags()).containsExactly(tag("team", "a"));
        });
    assertThat(first.told()).containsExactly("RUNNING " + tasks.get(1).taskArn());
    assertThat(second.told())
        .containsExactlyInAnyOrder(
            "RUNNING " + tasks.get(0).taskArn(), "RUNNING " + tasks.get(2).taskArn());
    assertThat(
            Objects.requireNonNull(
                    Objects.requireNonNull(first.payloads().getFirst().tasks())
                        .getFirst()
                        .containers())
                .getFirst()
                .command())
        .containsExactly("x");
  }

  /// Every reason of StartTask (Amazon ECS API failure reasons), each beside a success.
  @Test
  void whatCannotBeStartedIsAFailurePerInstance() {
    FakeAgent good = FakeAgent.register(control, "default").connect();
    FakeAgent away = FakeAgent.register(control, "default");
    FakeAgent small = FakeAgent.register(control, "default", 64, 4096).connect();
    FakeAgent narrow = FakeAgent.register(control, "default", 2048, 64).connect();
    FakeAgent gone = FakeAgent.register(control, "default");
    control.call(
        Ecs.DEREGISTER_CONTAINER_INSTANCE,
        DeregisterContainerInstanceRequest.builder().containerInstance(gone.arn()).build());
    define(
        control,
        "a",
        container("app")
            .portMappings(List.of(PortMapping.builder().containerPort(80).hostPort(8080).build()))
            .build());
    String unknown = "0".repeat(32);
    StartTaskResponse response =
        start(
            "a",
            good.arn(),
            away.arn(),
            small.arn(),
            narrow.arn(),
            gone.arn(),
            unknown,
            good.arn());
    assertThat(Objects.requireNonNull(response.tasks()))
        .extracting(Task::containerInstanceArn)
        .containsExactly(good.arn());
    assertThat(
            Objects.requireNonNull(response.failures()).stream()
                .map(failure -> failure.reason() + " " + failure.arn()))
        .containsExactly(
            "AGENT " + away.arn(),
            "RESOURCE:CPU " + small.arn(),
            "RESOURCE:MEMORY " + narrow.arn(),
            "INACTIVE " + gone.arn(),
            "MISSING arn:aws:ecs:us-east-1:000000000000:container-instance/default/" + unknown,
            "RESOURCE:PORTS " + good.arn());
  }

  @Test
  void anInstanceOfAnotherClusterIsRefused() {
    define(control, "a", container("app").build());
    ServiceException refused =
        control.refusal(
            Ecs.START_TASK,
            StartTaskRequest.builder()
                .taskDefinition("a")
                .containerInstances(
                    List.of("arn:aws:ecs:us-east-1:000000000000:container-instance/other/0123"))
                .build());
    assertThat(refused.code()).isEqualTo("InvalidParameterException");
    assertThat(refused.text())
        .isEqualTo("Invalid identifier: Identifier is for cluster other. Your cluster is default");
  }

  @Test
  void startTaskTakesOneToTenInstances() {
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").cpu(1).memory(6).build());
    assertThat(start("a", Collections.nCopies(10, agent.arn()).toArray(String[]::new)).tasks())
        .hasSize(10);
    for (int count : List.of(0, 11)) {
      ServiceException refused =
          control.refusal(
              Ecs.START_TASK,
              StartTaskRequest.builder()
                  .taskDefinition("a")
                  .containerInstances(Collections.nCopies(count, agent.arn()))
                  .build());
      assertThat(refused.code() + ": " + refused.text())
          .isEqualTo(
              count == 0
                  ? "ClientException: Container Instances cannot be empty."
                  : "InvalidParameterException: containerInstances can have at most 10 items.");
    }
  }

  // Both

  static Stream<Arguments> refusals() {
    RunTaskRequest.Builder plain = RunTaskRequest.builder().taskDefinition("a");
    return Stream.of(
        Arguments.of(
            "ClientException: TaskDefinition not found.",
            RunTaskRequest.builder().taskDefinition("b").cluster("nowhere")),
        Arguments.of(
            "ClientException: TaskDefinition not found.",
            RunTaskRequest.builder().taskDefinition("a:9")),
        Arguments.of(
            "ClusterNotFoundException: Cluster not found.",
            RunTaskRequest.builder().taskDefinition("a").cluster("nowhere")),
        Arguments.of(
            "InvalidParameterException: TaskDefinition is inactive",
            RunTaskRequest.builder().taskDefinition("old:1")),
        Arguments.of(
            "InvalidParameterException: startedBy longer than 128.",
            RunTaskRequest.builder().taskDefinition("a").startedBy("x".repeat(129))),
        Arguments.of(
            "InvalidParameterException: referenceId longer than 1024.",
            RunTaskRequest.builder().taskDefinition("a").referenceId("x".repeat(1025))),
        Arguments.of(
            "InvalidParameterException: group longer than 263.",
            RunTaskRequest.builder().taskDefinition("a").group("x".repeat(264))),
        Arguments.of(
            "InvalidParameterException: Invalid namespace for group.",
            RunTaskRequest.builder().taskDefinition("a").group("service:web")),
        Arguments.of(
            "InvalidParameterException: propagateTags of ",
            RunTaskRequest.builder().taskDefinition("a").propagateTags("SERVICE")),
        Arguments.of(
            "InvalidParameterException: Task definition does not support launch_type EC2.",
            RunTaskRequest.builder().taskDefinition("fargate")),
        Arguments.of(
            "InvalidParameterException: Network Configuration is not valid for the given"
                + " networkMode of this task definition.",
            RunTaskRequest.builder()
                .taskDefinition("a")
                .networkConfiguration(NetworkConfiguration.builder().build())),
        Arguments.of(
            "InvalidParameterException: Container Overrides length must be at most 8192",
            overriding(container -> container.command(List.of("x".repeat(8192))))),
        Arguments.of(
            "InvalidParameterException: Override for container named b is not a container in the"
                + " TaskDefinition.",
            overriding(container -> container.name("b"))),
        Arguments.of(
            "InvalidParameterException: Invalid setting for container 'app'. 'memory' must be",
            overriding(container -> container.memory(5))),
        Arguments.of(
            "InvalidParameterException: Invalid setting for container 'app'. 'memory' must be"
                + " greater",
            overriding(container -> container.memoryReservation(300))),
        Arguments.of(
            "InvalidParameterException: Invalid setting for container 'app'. 'cpu' must not",
            overriding(container -> container.cpu(-1))),
        Arguments.of(
            "InvalidParameterException: Invalid setting for container 'app'. The name of an"
                + " environment variable",
            overriding(container ->
                container.environment(List.of(KeyValuePair.builder().name("a=b").build())))),
        Arguments.of(
            "ClientException: Invalid 'cpu' setting for task.",
            plain.overrides(TaskOverride.builder().cpu("much").build())),
        Arguments.of(
            "UnsupportedFeatureException: ",
            RunTaskRequest.builder()
                .taskDefinition("a")
                .overrides(TaskOverride.builder().taskRoleArn("arn:x").build())));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusals")
  void bothRefuseAlike(String expected, RunTaskRequest.Builder input) {
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    define(control, "old", container("app").build());
    control.call(
        Ecs.DEREGISTER_TASK_DEFINITION,
        dev.gantry.api.ecs.DeregisterTaskDefinitionRequest.builder()
            .taskDefinition("old:1")
            .build());
    control.call(
        Ecs.REGISTER_TASK_DEFINITION,
        RegisterTaskDefinitionRequest.builder()
            .family("fargate")
            .networkMode("awsvpc")
            .cpu("256")
            .memory("512")
            .requiresCompatibilities(List.of("FARGATE"))
            .containerDefinitions(List.of(container("app").build()))
            .build());
    RunTaskRequest run = input.build();
    StartTaskRequest start =
        StartTaskRequest.builder()
            .cluster(run.cluster())
            .taskDefinition(run.taskDefinition())
            .group(run.group())
            .startedBy(run.startedBy())
            .referenceId(run.referenceId())
            .overrides(run.overrides())
            .propagateTags(run.propagateTags())
            .enableExecuteCommand(run.enableExecuteCommand())
            .networkConfiguration(run.networkConfiguration())
            .containerInstances(List.of(agent.arn()))
            .build();
    for (ServiceException refused :
        List.of(control.refusal(Ecs.RUN_TASK, run), control.refusal(Ecs.START_TASK, start))) {
      assertThat(refused.code() + ": " + refused.text()).startsWith(expected);
    }
    assertThat(agent.told()).isEmpty();
  }

  private static RunTaskRequest.Builder overriding(
      java.util.function.UnaryOperator<ContainerOverride.Builder> change) {
    return RunTaskRequest.builder()
        .taskDefinition("a")
        .overrides(
            TaskOverride.builder()
                .containerOverrides(
                    List.of(change.apply(ContainerOverride.builder().name("app")).build()))
                .build());
  }

  @Test
  void tagsComeFromTheDefinitionTheCallAndEcs() {
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    control.call(
        Ecs.REGISTER_TASK_DEFINITION,
        RegisterTaskDefinitionRequest.builder()
            .family("a")
            .containerDefinitions(List.of(container("app").build()))
            .tags(List.of(tag("team", "definition"), tag("kind", "definition")))
            .build());
    RunTaskRequest request =
        RunTaskRequest.builder().taskDefinition("a").tags(List.of(tag("team", "call"))).build();
    assertThat(tags(request)).containsExactly("team=call");
    assertThat(tags(request.toBuilder().propagateTags("NONE").build()))
        .containsExactly("team=call");
    assertThat(tags(request.toBuilder().propagateTags("TASK_DEFINITION").build()))
        .containsExactlyInAnyOrder("team=call", "kind=definition");
    assertThat(
            tags(
                request.toBuilder()
                    .propagateTags("TASK_DEFINITION")
                    .enableECSManagedTags(true)
                    .build()))
        .containsExactlyInAnyOrder("team=call", "kind=definition", "aws:ecs:clusterName=default");
    assertThat(
            Objects.requireNonNull(
                    control
                        .call(
                            Ecs.START_TASK,
                            StartTaskRequest.builder()
                                .taskDefinition("a")
                                .containerInstances(List.of(agent.arn()))
                                .enableECSManagedTags(true)
                                .propagateTags("TASK_DEFINITION")
                                .build())
                        .tasks())
                .getFirst()
                .tags())
        .containsExactlyInAnyOrder(
            tag("team", "definition"),
            tag("kind", "definition"),
            tag("aws:ecs:clusterName", "default"));
  }

  @Test
  void fiftyTagsAreAllThereAre() {
    FakeAgent.register(control, "default").connect();
    control.call(
        Ecs.REGISTER_TASK_DEFINITION,
        RegisterTaskDefinitionRequest.builder()
            .family("a")
            .containerDefinitions(List.of(container("app").build()))
            .tags(tags("d", 30))
            .build());
    RunTaskRequest request =
        RunTaskRequest.builder().taskDefinition("a").propagateTags("TASK_DEFINITION").build();
    assertThat(
            control.refusal(Ecs.RUN_TASK, request.toBuilder().tags(tags("c", 21)).build()).code())
        .isEqualTo("InvalidParameterException");
    assertThat(tags(request.toBuilder().tags(tags("c", 20)).enableECSManagedTags(true).build()))
        .hasSize(51);
  }

  private static List<Tag> tags(String prefix, int count) {
    return java.util.stream.IntStream.range(0, count).mapToObj(i -> tag(prefix + i, "")).toList();
  }

  private List<String> tags(RunTaskRequest request) {
    return Objects.requireNonNull(
            Objects.requireNonNull(control.call(Ecs.RUN_TASK, request).tasks()).getFirst().tags())
        .stream()
        .map(tag -> tag.key() + "=" + tag.value())
        .toList();
  }

  @Test
  void namesAreShownAndTheGroupIsTheFamilysUnlessItIsGiven() {
    FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build(), container("side").build());
    Task plain = Objects.requireNonNull(run(control, "a", 1).tasks()).getFirst();
    assertThat(plain.group()).isEqualTo("family:a");
    assertThat(plain.startedBy()).isNull();
    assertThat(plain.overrides())
        .isEqualTo(
            TaskOverride.builder()
                .containerOverrides(
                    List.of(
                        ContainerOverride.builder().name("app").build(),
                        ContainerOverride.builder().name("side").build()))
                .inferenceAcceleratorOverrides(List.of())
                .build());
    Task named =
        Objects.requireNonNull(
                control
                    .call(
                        Ecs.RUN_TASK,
                        RunTaskRequest.builder()
                            .taskDefinition("a")
                            .group("web")
                            .startedBy("x".repeat(128))
                            .referenceId("r".repeat(1024))
                            .build())
                    .tasks())
            .getFirst();
    assertThat(named.group()).isEqualTo("web");
    assertThat(named.startedBy()).hasSize(128);
  }

  @Test
  void theSizeOfATaskMayBeOverridden() {
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").memory(null).memoryReservation(64).build());
    Task task =
        Objects.requireNonNull(
                control
                    .call(
                        Ecs.RUN_TASK,
                        RunTaskRequest.builder()
                            .taskDefinition("a")
                            .overrides(TaskOverride.builder().cpu(".5 vCPU").memory("1GB").build())
                            .build())
                    .tasks())
            .getFirst();
    assertThat(task.cpu()).isEqualTo("512");
    assertThat(task.memory()).isEqualTo("1024");
    var told = Objects.requireNonNull(agent.payloads().getFirst().tasks()).getFirst();
    assertThat(told.cpu()).isEqualTo(0.5);
    assertThat(told.memory()).isEqualTo(1024);
  }

  // RunTask

  /// Long ARNs, the only ones there are since 2021 (Access Amazon ECS features with account
  /// settings).
  @Test
  void arnsAndIdsAreLong() {
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    Task task =
        Objects.requireNonNull(
                control
                    .call(Ecs.RUN_TASK, RunTaskRequest.builder().taskDefinition("a").build())
                    .tasks())
            .getFirst();
    String arn = "arn:aws:ecs:us-east-1:000000000000:";
    assertThat(task.clusterArn()).isEqualTo(arn + "cluster/default");
    assertThat(task.taskDefinitionArn()).isEqualTo(arn + "task-definition/a:1");
    assertThat(task.containerInstanceArn()).isEqualTo(agent.arn());
    assertThat(agent.arn()).matches(arn + "container-instance/default/[0-9a-f]{32}");
    String id = Objects.requireNonNull(task.taskArn()).substring((arn + "task/default/").length());
    assertThat(task.taskArn()).isEqualTo(arn + "task/default/" + id);
    assertThat(id).matches("[0-9a-f]{32}");
    assertThat(Objects.requireNonNull(task.containers()).getFirst().containerArn())
        .matches(
            arn
                + "container/default/"
                + id
                + "/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  }

  @Test
  void otherCapacityIsRefused() {
    FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    RunTaskRequest request = RunTaskRequest.builder().taskDefinition("a").build();
    List<CapacityProviderStrategyItem> strategy =
        List.of(CapacityProviderStrategyItem.builder().capacityProvider("x").build());
    assertThat(
            control
                .refusal(
                    Ecs.RUN_TASK,
                    request.toBuilder()
                        .launchType("EC2")
                        .capacityProviderStrategy(strategy)
                        .build())
                .text())
        .isEqualTo(
            "Specifying both a launch type and capacity provider strategy is not supported."
                + " Remove one and try again.");
    assertThat(
            control
                .refusal(
                    Ecs.RUN_TASK,
                    request.toBuilder().launchType("EC2").platformVersion("LATEST").build())
                .text())
        .isEqualTo("The platform version must be null when specifying an EC2 launch type.");
    assertThat(
            control
                .refusal(
                    Ecs.RUN_TASK, request.toBuilder().capacityProviderStrategy(strategy).build())
                .text())
        .isEqualTo(
            "The specified capacity provider was not found. Specify a valid capacity provider and"
                + " try again.");
  }

  // Ensuring idempotency, Amazon ECS API Reference

  private final RunTaskRequest twice =
      RunTaskRequest.builder().taskDefinition("a").count(2).clientToken("t-1").build();

  @Test
  void aClientTokenDoesItsWorkOnce() {
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    RunTaskResponse first = control.call(Ecs.RUN_TASK, twice);
    assertThat(control.call(Ecs.RUN_TASK, twice).tasks()).isEqualTo(first.tasks());
    assertThat(agent.told()).hasSize(2);
    ServiceException conflict = control.refusal(Ecs.RUN_TASK, twice.toBuilder().count(3).build());
    assertThat(conflict.code()).isEqualTo("ConflictException");
    assertThat(conflict.text())
        .isEqualTo(
            "The RunTask request could not be processed due to conflicts. The provided"
                + " clientToken is already in use with a different request.");
    assertThat(conflict.lists().get("resourceIds")).containsExactlyElementsOf(arns(first));
  }

  /// The token binds the words of the request, not what they mean.
  @Test
  void anotherWayToSayTheSameIsAnotherRequest() {
    FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    control.call(Ecs.RUN_TASK, twice);
    for (RunTaskRequest other :
        List.of(
            twice.toBuilder().taskDefinition("a:1").build(),
            twice.toBuilder().cluster("default").build(),
            twice.toBuilder().startedBy("me").build())) {
      assertThat(control.refusal(Ecs.RUN_TASK, other).code()).isEqualTo("ConflictException");
    }
  }

  @Test
  void aTokenBelongsToItsCluster() {
    control.call(Ecs.CREATE_CLUSTER, CreateClusterRequest.builder().clusterName("other").build());
    FakeAgent.register(control, "default").connect();
    FakeAgent.register(control, "other").connect();
    define(control, "a", container("app").build());
    RunTaskResponse here = control.call(Ecs.RUN_TASK, twice);
    RunTaskResponse there = control.call(Ecs.RUN_TASK, twice.toBuilder().cluster("other").build());
    assertThat(arns(there)).doesNotContainAnyElementsOf(arns(here)).hasSize(2);
  }

  @Test
  void aTokenIsFreeAfterADay() {
    FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    RunTaskResponse first = control.call(Ecs.RUN_TASK, twice);
    control.pass(Duration.ofHours(23));
    assertThat(arns(control.call(Ecs.RUN_TASK, twice))).isEqualTo(arns(first));
    control.pass(Duration.ofHours(1));
    assertThat(arns(control.call(Ecs.RUN_TASK, twice))).doesNotContainAnyElementsOf(arns(first));
  }

  @Test
  void aTokenIsFreeAnHourAfterTheLastOfItsTasksStopped() {
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    RunTaskResponse first = control.call(Ecs.RUN_TASK, twice);
    agent.report(arns(first).getFirst(), "STOPPED", stopped("app", 0, null));
    // Of what has stopped, only that is said, whether it is forgotten already or not.
    Task over =
        Task.builder()
            .taskArn(arns(first).getFirst())
            .lastStatus("STOPPED")
            .desiredStatus("STOPPED")
            .build();
    assertThat(Objects.requireNonNull(control.call(Ecs.RUN_TASK, twice).tasks()).getFirst())
        .isEqualTo(over);
    control.pass(Duration.ofMinutes(90));
    RunTaskResponse again = control.call(Ecs.RUN_TASK, twice);
    assertThat(arns(again)).isEqualTo(arns(first));
    assertThat(Objects.requireNonNull(again.tasks()).getFirst()).isEqualTo(over);
    assertThat(again.tasks().getLast())
        .isEqualTo(withTags(describe(control, arns(first).getLast())));
    agent.report(arns(first).getLast(), "STOPPED", stopped("app", 0, null));
    control.pass(Duration.ofMinutes(59));
    assertThat(arns(control.call(Ecs.RUN_TASK, twice))).isEqualTo(arns(first));
    control.pass(Duration.ofMinutes(1));
    assertThat(arns(control.call(Ecs.RUN_TASK, twice))).doesNotContainAnyElementsOf(arns(first));
  }

  private static Task withTags(Task task) {
    return task.toBuilder().tags(List.of()).build();
  }

  @Test
  void whatFailedFailsAgainUnderItsToken() {
    FakeAgent agent = FakeAgent.register(control, "default", 128, 4096);
    define(control, "a", container("app").build());
    RunTaskResponse first = control.call(Ecs.RUN_TASK, twice);
    assertThat(first.tasks()).isEmpty();
    agent.connect();
    control.pass(Duration.ofMinutes(59));
    assertThat(control.call(Ecs.RUN_TASK, twice)).isEqualTo(first);
    assertThat(agent.told()).isEmpty();
    // What started nothing is remembered for an hour alone.
    control.pass(Duration.ofMinutes(1));
    agent.connect();
    assertThat(control.call(Ecs.RUN_TASK, twice).tasks()).hasSize(1);
  }

  /// "Failures that are over an hour old only include the number of failed tasks" (Ensuring
  /// idempotency).
  @Test
  void ofOldFailuresOnlyTheirNumberIsSaid() {
    FakeAgent.register(control, "default", 128, 4096).connect();
    define(control, "a", container("app").build());
    RunTaskRequest thrice = twice.toBuilder().count(3).build();
    RunTaskResponse first = control.call(Ecs.RUN_TASK, thrice);
    assertThat(first.tasks()).hasSize(1);
    assertThat(first.failures()).hasSize(2);
    control.pass(Duration.ofHours(1).minusSeconds(1));
    assertThat(control.call(Ecs.RUN_TASK, thrice).failures()).isEqualTo(first.failures());
    control.pass(Duration.ofSeconds(2));
    RunTaskResponse later = control.call(Ecs.RUN_TASK, thrice);
    assertThat(arns(later)).isEqualTo(arns(first));
    assertThat(later.failures())
        .containsExactly(Failure.builder().build(), Failure.builder().build());
  }

  @Test
  void aTokenHasItsForm() {
    FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    for (String token : List.of("", " ", "a b", "é", "x".repeat(65))) {
      assertThat(control.refusal(Ecs.RUN_TASK, twice.toBuilder().clientToken(token).build()).code())
          .isEqualTo("InvalidParameterException");
    }
    control.call(Ecs.RUN_TASK, twice.toBuilder().clientToken("~!" + "x".repeat(62)).build());
  }

  /// A repetition is refused once the definition is (recorded answers of Amazon ECS).
  @Test
  void aRepetitionNeedsADefinitionThatIsActive() {
    FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    RunTaskRequest request = twice.toBuilder().taskDefinition("a:1").build();
    control.call(Ecs.RUN_TASK, request);
    control.call(
        Ecs.DEREGISTER_TASK_DEFINITION,
        dev.gantry.api.ecs.DeregisterTaskDefinitionRequest.builder().taskDefinition("a:1").build());
    assertThat(control.refusal(Ecs.RUN_TASK, request).text())
        .isEqualTo("TaskDefinition is inactive");
  }

  private static List<String> arns(RunTaskResponse response) {
    return Objects.requireNonNull(response.tasks()).stream()
        .map(task -> Objects.requireNonNull(task.taskArn()))
        .toList();
  }

  private StartTaskResponse start(String family, String... instances) {
    return control.call(
        Ecs.START_TASK,
        StartTaskRequest.builder()
            .taskDefinition(family)
            .containerInstances(List.of(instances))
            .build());
  }

  private static Tag tag(String key, String value) {
    return Tag.builder().key(key).value(value).build();
  }

  private static String id(FakeAgent agent) {
    return agent.arn().substring(agent.arn().lastIndexOf('/') + 1);
  }
}

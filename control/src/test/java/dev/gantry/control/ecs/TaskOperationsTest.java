package dev.gantry.control.ecs;

import static dev.gantry.control.FakeAgent.running;
import static dev.gantry.control.FakeAgent.stopped;
import static dev.gantry.control.ecs.EcsHarness.container;
import static dev.gantry.control.ecs.EcsHarness.define;
import static dev.gantry.control.ecs.EcsHarness.describe;
import static dev.gantry.control.ecs.EcsHarness.run;
import static dev.gantry.control.ecs.EcsHarness.runOne;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.ecs.Container;
import dev.gantry.api.ecs.ContainerDependency;
import dev.gantry.api.ecs.ContainerOverride;
import dev.gantry.api.ecs.DeregisterContainerInstanceRequest;
import dev.gantry.api.ecs.DescribeContainerInstancesRequest;
import dev.gantry.api.ecs.DescribeTasksRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.Failure;
import dev.gantry.api.ecs.KeyValuePair;
import dev.gantry.api.ecs.ListTasksRequest;
import dev.gantry.api.ecs.ListTasksResponse;
import dev.gantry.api.ecs.LogConfiguration;
import dev.gantry.api.ecs.PortMapping;
import dev.gantry.api.ecs.Resource;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.RunTaskResponse;
import dev.gantry.api.ecs.StopTaskRequest;
import dev.gantry.api.ecs.SubmitTaskStateChangeRequest;
import dev.gantry.api.ecs.Tag;
import dev.gantry.api.ecs.Task;
import dev.gantry.api.ecs.TaskOverride;
import dev.gantry.control.ControlEffect;
import dev.gantry.control.ControlHarness;
import dev.gantry.control.FakeAgent;
import dev.gantry.control.Ledger;
import dev.gantry.wire.shape.ServiceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TaskOperationsTest {
  private final ControlHarness control = EcsHarness.withDefaultCluster();

  @Test
  void aTaskIsAcceptedToldAndRuns() {
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    RunTaskResponse response = run(control, "a", 1);
    Task accepted = Objects.requireNonNull(response.tasks()).getFirst();
    assertThat(accepted.lastStatus()).isEqualTo("PENDING");
    assertThat(accepted.desiredStatus()).isEqualTo("RUNNING");
    assertThat(accepted.group()).isEqualTo("family:a");
    assertThat(accepted.taskArn())
        .matches("arn:aws:ecs:us-east-1:000000000000:task/default/[0-9a-f]{32}");
    String arn = Objects.requireNonNull(accepted.taskArn());
    assertThat(agent.told()).containsExactly("RUNNING " + arn);

    agent.acknowledge();
    agent.report(arn, "RUNNING", running("app"));
    Task now = describe(control, arn);
    assertThat(now.lastStatus()).isEqualTo("RUNNING");
    assertThat(now.connectivity()).isEqualTo("CONNECTED");
    assertThat(now.startedAt()).isEqualTo(control.now());
    assertThat(Objects.requireNonNull(now.containers()).getFirst().runtimeId())
        .isEqualTo("docker-app");
  }

  /// design.md allows three; the way as it is needs two.
  @Test
  void twoDurablePutsLeadFromRunTaskToRunning() {
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    int before = commits();
    String arn = runOne(control, "a");
    agent.acknowledge();
    agent.report(arn, "RUNNING", running("app"));
    assertThat(commits() - before).isEqualTo(2);
  }

  private int commits() {
    return (int) control.effects().stream().filter(ControlEffect.Commit.class::isInstance).count();
  }

  @Test
  void theEssentialContainerDecidesHowATaskEnds() {
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build(), container("side").essential(false).build());
    String arn = runOne(control, "a");
    agent.report(arn, "RUNNING", running("app"), running("side"));
    agent.report(arn, null, stopped("app", 3, null));
    Task ending = describe(control, arn);
    assertThat(ending.desiredStatus()).isEqualTo("STOPPED");
    assertThat(ending.lastStatus()).isEqualTo("RUNNING");
    agent.report(arn, "STOPPED", stopped("side", 137, null));
    Task ended = describe(control, arn);
    assertThat(ended.lastStatus()).isEqualTo("STOPPED");
    assertThat(ended.stopCode()).isEqualTo("EssentialContainerExited");
    assertThat(ended.stoppedReason()).isEqualTo("Essential container in task exited");
    assertThat(Objects.requireNonNull(ended.containers()).stream().map(Container::exitCode))
        .containsExactly(3, 137);
  }

  @Test
  void aTaskThatCannotStartSaysWhy() {
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    String arn = runOne(control, "a");
    agent.report(arn, "STOPPED", stopped("app", null, "CannotPullContainerError: no such image"));
    Task ended = describe(control, arn);
    assertThat(ended.stopCode()).isEqualTo("TaskFailedToStart");
    assertThat(ended.stoppedReason()).isEqualTo("Task failed to start");
    assertThat(Objects.requireNonNull(ended.containers()).getFirst().reason())
        .isEqualTo("CannotPullContainerError: no such image");
  }

  /// What the agent says of the task as a whole is not lost where none of its containers says why.
  @Test
  void aTaskWhoseContainersSayNothingHasItsAgentsReason() {
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    String arn = runOne(control, "a");
    SubmitTaskStateChangeRequest report =
        SubmitTaskStateChangeRequest.builder()
            .task(arn)
            .status("STOPPED")
            .reason("unable to set up resources" + "!".repeat(1024))
            .build();
    control.call(Ecs.SUBMIT_TASK_STATE_CHANGE, report);
    control.call(Ecs.SUBMIT_TASK_STATE_CHANGE, report.toBuilder().reason("another").build());
    Task ended = describe(control, arn);
    assertThat(ended.stopCode()).isEqualTo("TaskFailedToStart");
    assertThat(ended.stoppedReason()).startsWith("unable to set up resources!").hasSize(1024);
    // A task that ran has ended by itself, whatever is said of it.
    String ran = runOne(control, "a");
    agent.report(ran, "RUNNING", running("app"));
    control.call(Ecs.SUBMIT_TASK_STATE_CHANGE, report.toBuilder().task(ran).build());
    assertThat(describe(control, ran).stoppedReason())
        .isEqualTo("Essential container in task exited");
  }

  @Test
  void reportsThatComeTwiceOrLateMoveNothingBack() {
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    String arn = runOne(control, "a");
    agent.report(arn, "RUNNING", running("app"));
    agent.report(arn, "STOPPED", stopped("app", 0, null));
    Task ended = describe(control, arn);
    agent.report(arn, "RUNNING", running("app"));
    agent.report(arn, "STOPPED", stopped("app", 0, null));
    agent.report(arn + "0", "RUNNING", running("app"));
    assertThat(describe(control, arn)).isEqualTo(ended);
  }

  @Test
  void aStoppedContainerStaysTheOneItWas() {
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    String arn = runOne(control, "a");
    agent.report(arn, "RUNNING", running("app").toBuilder().runtimeId("first").build());
    agent.report(arn, "STOPPED", stopped("app", 0, null));
    Task ended = describe(control, arn);
    assertThat(Objects.requireNonNull(ended.containers()).getFirst().runtimeId())
        .isEqualTo("first");
    agent.report(
        arn, "STOPPED", stopped("app", 137, "late").toBuilder().runtimeId("second").build());
    assertThat(describe(control, arn)).isEqualTo(ended);
  }

  @Test
  void stopTaskIsRememberedToldAndDone() {
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    String arn = runOne(control, "a");
    agent.acknowledge();
    agent.report(arn, "RUNNING", running("app"));
    agent.clear();
    Task answered =
        Objects.requireNonNull(
            control
                .call(Ecs.STOP_TASK, StopTaskRequest.builder().task(arn).reason("enough").build())
                .task());
    assertThat(answered.desiredStatus()).isEqualTo("STOPPED");
    assertThat(answered.lastStatus()).isEqualTo("RUNNING");
    assertThat(agent.told()).containsExactly("STOPPED " + arn);
    agent.acknowledge();
    assertThat(describe(control, arn).lastStatus()).isEqualTo("STOPPING");
    agent.report(arn, "STOPPED", stopped("app", 143, null));
    Task ended = describe(control, arn);
    assertThat(ended.stopCode()).isEqualTo("UserInitiated");
    assertThat(ended.stoppedReason()).isEqualTo("enough");
    assertThat(ended.version()).isEqualTo(5);
  }

  @Test
  void stoppingTwiceKeepsTheFirstReason() {
    FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    String arn = runOne(control, "a");
    control.call(Ecs.STOP_TASK, StopTaskRequest.builder().task(arn).build());
    control.call(Ecs.STOP_TASK, StopTaskRequest.builder().task(arn).reason("later").build());
    assertThat(describe(control, arn).stoppedReason()).isEqualTo("Task stopped by user");
    ServiceException unknown =
        control.refusal(Ecs.STOP_TASK, StopTaskRequest.builder().task("0".repeat(32)).build());
    assertThat(unknown.code()).isEqualTo("InvalidParameterException");
    assertThat(unknown.text()).isEqualTo("The referenced task was not found.");
  }

  @Test
  void withoutInstancesThereIsNothingToPlaceOn() {
    define(control, "a", container("app").build());
    ServiceException refused =
        control.refusal(Ecs.RUN_TASK, RunTaskRequest.builder().taskDefinition("a").build());
    assertThat(refused.code()).isEqualTo("InvalidParameterException");
    assertThat(refused.text()).isEqualTo("No Container Instances were found in your cluster.");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "cpu,    4096, 64,   0,  true,  RESOURCE:CPU",
    "memory, 1,    5000, 0,  true,  RESOURCE:MEMORY",
    "port,   1,    64,   22, true,  RESOURCE:PORTS",
    "agent,  1,    64,   0,  false, AGENT"
  })
  void whatCannotBePlacedIsAFailurePerTask(
      String name, int cpu, int memory, int hostPort, boolean connected, String reason) {
    assertThat(name).isNotEmpty();
    FakeAgent agent = FakeAgent.register(control, "default");
    if (connected) {
      agent.connect();
    }
    define(
        control,
        "a",
        container("app")
            .cpu(cpu)
            .memory(memory)
            .portMappings(
                List.of(PortMapping.builder().containerPort(80).hostPort(hostPort).build()))
            .build());
    RunTaskResponse response = run(control, "a", 2);
    assertThat(response.tasks()).isEmpty();
    assertThat(Objects.requireNonNull(response.failures()).stream().map(Failure::reason))
        .containsExactly(reason, reason);
    assertThat(response.failures().getFirst().arn()).isEqualTo(agent.arn());
  }

  @Test
  void tasksOfOneCallFillInstancesOneAfterTheOther() {
    FakeAgent.register(control, "default", 256, 4096).connect();
    FakeAgent.register(control, "default", 256, 4096).connect();
    define(control, "a", container("app").build());
    RunTaskResponse response = run(control, "a", 5);
    assertThat(
            Objects.requireNonNull(response.tasks()).stream()
                .map(Task::containerInstanceArn)
                .distinct())
        .hasSize(2);
    assertThat(response.tasks()).hasSize(4);
    assertThat(Objects.requireNonNull(response.failures()).getFirst().reason())
        .isEqualTo("RESOURCE:CPU");
    assertThat(response.failures().getFirst().detail())
        .isEqualTo("Insufficient CPU available. (128 requested, 0 available)");
  }

  @Test
  void whatTasksTookIsGivenBack() {
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    define(
        control,
        "a",
        container("app")
            .portMappings(List.of(PortMapping.builder().containerPort(80).hostPort(8080).build()))
            .build());
    String arn = runOne(control, "a");
    assertThat(remaining(agent)).contains("CPU 1920", "MEMORY 3840", "PORTS [22, 2375, 8080]");
    agent.report(arn, "STOPPED", stopped("app", 0, null));
    assertThat(remaining(agent)).contains("CPU 2048", "MEMORY 4096", "PORTS [22, 2375]");
    assertThat(control.plane().ledger().all()).isEmpty();
    runOne(control, "a");
    assertThat(control.plane().ledger().all()).isEqualTo(Ledger.of(control.plane().head()).all());
  }

  private List<String> remaining(FakeAgent agent) {
    List<Resource> resources =
        Objects.requireNonNull(
                control
                    .call(
                        Ecs.DESCRIBE_CONTAINER_INSTANCES,
                        DescribeContainerInstancesRequest.builder()
                            .containerInstances(List.of(agent.arn()))
                            .build())
                    .containerInstances())
            .getFirst()
            .remainingResources();
    return Objects.requireNonNull(resources).stream()
        .map(resource ->
            resource.name()
                + " "
                + (resource.stringSetValue() == null
                    ? resource.integerValue()
                    : resource.stringSetValue()))
        .toList();
  }

  @Test
  void overridesAreAppliedAndShown() {
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    define(
        control,
        "a",
        container("app")
            .environment(List.of(KeyValuePair.builder().name("A").value("1").build()))
            .build());
    TaskOverride overrides =
        TaskOverride.builder()
            .containerOverrides(
                List.of(
                    ContainerOverride.builder()
                        .name("app")
                        .command(List.of("echo", "x"))
                        .environment(
                            List.of(
                                KeyValuePair.builder().name("A").value("2").build(),
                                KeyValuePair.builder().name("B").value("3").build()))
                        .memory(512)
                        .build()))
            .build();
    Task task =
        Objects.requireNonNull(
                control
                    .call(
                        Ecs.RUN_TASK,
                        RunTaskRequest.builder().taskDefinition("a").overrides(overrides).build())
                    .tasks())
            .getFirst();
    assertThat(task.overrides())
        .isEqualTo(overrides.toBuilder().inferenceAcceleratorOverrides(List.of()).build());
    assertThat(task.memory()).isEqualTo("512");
    var container =
        Objects.requireNonNull(
                Objects.requireNonNull(agent.payloads().getFirst().tasks()).getFirst().containers())
            .getFirst();
    assertThat(container.command()).containsExactly("echo", "x");
    assertThat(container.environment()).containsEntry("A", "2").containsEntry("B", "3");
    assertThat(container.memory()).isEqualTo(512);
  }

  @Test
  void whatDoesNotActIsRefusedByNameAndStartsNothing() {
    FakeAgent.register(control, "default").connect();
    define(
        control,
        "a",
        container("app").build(),
        container("side")
            .dependsOn(
                List.of(
                    ContainerDependency.builder().containerName("app").condition("START").build()))
            .build());
    ServiceException refused =
        control.refusal(Ecs.RUN_TASK, RunTaskRequest.builder().taskDefinition("a").build());
    assertThat(refused.code()).isEqualTo("UnsupportedFeatureException");
    assertThat(refused.text()).contains("containerDefinitions[1].dependsOn");
    define(control, "b", container("app").build());
    assertThat(
            control
                .refusal(
                    Ecs.RUN_TASK,
                    RunTaskRequest.builder().taskDefinition("b").launchType("FARGATE").build())
                .text())
        .contains("launchType FARGATE");
    assertThat(list(ListTasksRequest.builder())).isEmpty();
  }

  @ParameterizedTest(name = "{0}={1}")
  @CsvSource({
    "awslogs-stream,              s,            true",
    "awslogs-create-group,        true,         true",
    "awslogs-create-group,        false,        true",
    "mode,                        blocking,     true",
    "mode,                        non-blocking, true",
    "mode,                        lazy,         false",
    "max-buffer-size,             4m,           true",
    "awslogs-create-group,        yes,          false",
    "awslogs-datetime-format,     %Y,           true",
    "awslogs-multiline-pattern,   ^x,           true",
    "awslogs-endpoint,            http://x,     false",
    "tag,                         t,            false",
    "nobody-knows-it,             1,            false"
  })
  void anOptionOfAwslogsActsOrIsRefusedByName(String option, String value, boolean acts) {
    FakeAgent.register(control, "default").connect();
    Map<String, String> options = new LinkedHashMap<>();
    options.put("awslogs-group", "/g");
    options.put("awslogs-region", "us-east-1");
    options.put("awslogs-stream-prefix", "p");
    options.put(option, value);
    define(
        control,
        "a",
        container("app")
            .logConfiguration(
                LogConfiguration.builder().logDriver("awslogs").options(options).build())
            .build());
    if (acts) {
      assertThat(run(control, "a", 1).tasks()).hasSize(1);
    } else {
      ServiceException refused =
          control.refusal(Ecs.RUN_TASK, RunTaskRequest.builder().taskDefinition("a").build());
      assertThat(refused.code()).isEqualTo("UnsupportedFeatureException");
      assertThat(refused.text())
          .contains("containerDefinitions[0].logConfiguration.options." + option + " in");
    }
  }

  @ParameterizedTest
  @CsvSource({"0", "11", "-1"})
  void countIsBounded(int count) {
    FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    assertThat(
            control
                .refusal(
                    Ecs.RUN_TASK, RunTaskRequest.builder().taskDefinition("a").count(count).build())
                .code())
        .isEqualTo("InvalidParameterException");
  }

  @Test
  void listTasksFiltersByWhatIsWanted() {
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    define(control, "b", container("app").build());
    String a = runOne(control, "a");
    String b = runOne(control, "b");
    assertThat(list(ListTasksRequest.builder())).containsExactlyInAnyOrder(a, b);
    assertThat(list(ListTasksRequest.builder().family("b"))).containsExactly(b);
    assertThat(list(ListTasksRequest.builder().containerInstance(agent.arn())))
        .containsExactlyInAnyOrder(a, b);
    assertThat(list(ListTasksRequest.builder().desiredStatus("PENDING"))).isEmpty();
    control.call(Ecs.STOP_TASK, StopTaskRequest.builder().task(a).build());
    assertThat(list(ListTasksRequest.builder())).containsExactly(b);
    assertThat(list(ListTasksRequest.builder().desiredStatus("STOPPED"))).containsExactly(a);
    assertThat(
            control
                .refusal(
                    Ecs.LIST_TASKS, ListTasksRequest.builder().startedBy("x").family("a").build())
                .code())
        .isEqualTo("InvalidParameterException");
  }

  private List<String> list(ListTasksRequest.Builder input) {
    return Objects.requireNonNull(control.call(Ecs.LIST_TASKS, input.build()).taskArns());
  }

  static Stream<Arguments> filters() {
    return Stream.of(
        Arguments.of("none", ListTasksRequest.builder(), "a1 a2 b1"),
        Arguments.of("family", ListTasksRequest.builder().family("a"), "a1 a2"),
        Arguments.of("startedBy", ListTasksRequest.builder().startedBy("me"), "a2"),
        Arguments.of(
            "startedBy, wanted RUNNING",
            ListTasksRequest.builder().startedBy("me").desiredStatus("RUNNING"),
            "a2"),
        Arguments.of("launchType EC2", ListTasksRequest.builder().launchType("EC2"), "a1 a2 b1"),
        Arguments.of("launchType FARGATE", ListTasksRequest.builder().launchType("FARGATE"), ""),
        Arguments.of(
            "family and launchType",
            ListTasksRequest.builder().family("b").launchType("EC2"),
            "b1"),
        Arguments.of("no such family", ListTasksRequest.builder().family("c"), ""),
        Arguments.of("daemonName", ListTasksRequest.builder().daemonName("d"), ""),
        Arguments.of("PENDING", ListTasksRequest.builder().desiredStatus("PENDING"), ""),
        Arguments.of("STOPPED", ListTasksRequest.builder().desiredStatus("STOPPED"), "stopped"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("filters")
  void filtersOfListTasksAreAllOfThemHeld(
      String name, ListTasksRequest.Builder input, String expected) {
    assertThat(name).isNotEmpty();
    FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    define(control, "b", container("app").build());
    Map<String, String> names = new LinkedHashMap<>();
    names.put(runOne(control, "a"), "a1");
    names.put(
        Objects.requireNonNull(
            Objects.requireNonNull(
                    control
                        .call(
                            Ecs.RUN_TASK,
                            RunTaskRequest.builder().taskDefinition("a").startedBy("me").build())
                        .tasks())
                .getFirst()
                .taskArn()),
        "a2");
    names.put(runOne(control, "b"), "b1");
    String stopped = runOne(control, "b");
    names.put(stopped, "stopped");
    control.call(Ecs.STOP_TASK, StopTaskRequest.builder().task(stopped).build());
    assertThat(list(input).stream().map(names::get).sorted().toList())
        .isEqualTo(expected.isEmpty() ? List.of() : List.of(expected.split(" ")));
  }

  static Stream<Arguments> badLists() {
    return Stream.of(
        Arguments.of(
            "InvalidParameterException: cannot specify startedBy with other arguments",
            ListTasksRequest.builder().startedBy("x").launchType("EC2")),
        Arguments.of(
            "InvalidParameterException: cannot specify startedBy with other arguments",
            ListTasksRequest.builder().startedBy("x").family("a")),
        Arguments.of(
            "ServiceNotFoundException: Service not found.",
            ListTasksRequest.builder().serviceName("web")),
        Arguments.of(
            "ClusterNotFoundException: Cluster not found.",
            ListTasksRequest.builder().cluster("nowhere")),
        Arguments.of(
            "InvalidParameterException: maxResults must be between 1 and 100.",
            ListTasksRequest.builder().maxResults(0)),
        Arguments.of(
            "InvalidParameterException: maxResults must be between 1 and 100.",
            ListTasksRequest.builder().maxResults(101)),
        Arguments.of(
            "InvalidParameterException: Invalid token.", ListTasksRequest.builder().nextToken("!")),
        Arguments.of(
            "InvalidParameterException: The referenced container instance was not found.",
            ListTasksRequest.builder().containerInstance("0")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badLists")
  void whatListTasksCannotDoIsRefused(String expected, ListTasksRequest.Builder input) {
    ServiceException refused = control.refusal(Ecs.LIST_TASKS, input.build());
    assertThat(refused.code() + ": " + refused.text()).isEqualTo(expected);
  }

  @Test
  void aTokenIsGoodForItsListAlone() {
    FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").cpu(1).memory(6).build());
    run(control, "a", 10);
    run(control, "a", 10);
    run(control, "a", 5);
    List<String> seen = new ArrayList<>();
    String token = null;
    do {
      ListTasksResponse page =
          control.call(
              Ecs.LIST_TASKS,
              ListTasksRequest.builder().family("a").maxResults(7).nextToken(token).build());
      seen.addAll(Objects.requireNonNull(page.taskArns()));
      token = page.nextToken();
      if (token != null) {
        assertThat(
                control
                    .refusal(Ecs.LIST_TASKS, ListTasksRequest.builder().nextToken(token).build())
                    .text())
            .isEqualTo("Invalid token.");
      }
    } while (token != null);
    assertThat(seen).hasSize(25).doesNotHaveDuplicates();
  }

  @Test
  void describeTasksIsBoundedAndKnowsItsCluster() {
    ServiceException tooMany =
        control.refusal(
            Ecs.DESCRIBE_TASKS,
            DescribeTasksRequest.builder().tasks(Collections.nCopies(101, "x")).build());
    assertThat(tooMany.code()).isEqualTo("InvalidParameterException");
    assertThat(tooMany.text()).isEqualTo("tasks can have at most 100 items.");
    assertThat(
            control
                .call(
                    Ecs.DESCRIBE_TASKS,
                    DescribeTasksRequest.builder().tasks(Collections.nCopies(100, "x")).build())
                .failures())
        .hasSize(100)
        .allSatisfy(failure -> assertThat(failure.reason()).isEqualTo("MISSING"));
    String elsewhere = "arn:aws:ecs:us-east-1:000000000000:task/other/" + "0".repeat(32);
    for (ServiceException refused :
        List.of(
            control.refusal(
                Ecs.DESCRIBE_TASKS,
                DescribeTasksRequest.builder().tasks(List.of(elsewhere)).build()),
            control.refusal(Ecs.STOP_TASK, StopTaskRequest.builder().task(elsewhere).build()))) {
      assertThat(refused.code()).isEqualTo("InvalidParameterException");
      assertThat(refused.text())
          .isEqualTo(
              "Invalid identifier: Identifier is for cluster other. Your cluster is default");
    }
  }

  @Test
  void tagsAreShownWhenAskedForAndGoWithStopTask() {
    FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    List<Tag> tags = List.of(Tag.builder().key("team").value("a").build());
    String arn =
        Objects.requireNonNull(
            Objects.requireNonNull(
                    control
                        .call(
                            Ecs.RUN_TASK,
                            RunTaskRequest.builder().taskDefinition("a").tags(tags).build())
                        .tasks())
                .getFirst()
                .taskArn());
    assertThat(describe(control, arn).tags()).isEmpty();
    assertThat(withTags(arn).tags()).isEqualTo(tags);
    control.call(Ecs.STOP_TASK, StopTaskRequest.builder().task(arn).build());
    assertThat(withTags(arn).tags()).isEmpty();
  }

  private Task withTags(String arn) {
    return Objects.requireNonNull(
            control
                .call(
                    Ecs.DESCRIBE_TASKS,
                    DescribeTasksRequest.builder()
                        .tasks(List.of(arn))
                        .include(List.of("TAGS"))
                        .build())
                .tasks())
        .getFirst();
  }

  @Test
  void connectivityIsThatOfTheAgentNow() {
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    String arn = runOne(control, "a");
    assertThat(describe(control, arn).connectivity()).isNull();
    assertThat(describe(control, arn).availabilityZone()).isEqualTo("us-east-1a");
    agent.report(arn, "RUNNING", running("app"));
    assertThat(describe(control, arn).connectivity()).isEqualTo("CONNECTED");
    agent.disconnect();
    Task alone = describe(control, arn);
    assertThat(alone.connectivity()).isEqualTo("DISCONNECTED");
    assertThat(alone.connectivityAt()).isEqualTo(control.now());
    agent.connect();
    agent.report(arn, "STOPPED", stopped("app", 0, null));
    agent.disconnect();
    assertThat(describe(control, arn).connectivity()).isEqualTo("CONNECTED");
  }

  @Test
  void aReasonForStoppingIsBounded() {
    FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    StopTaskRequest request =
        StopTaskRequest.builder().task(runOne(control, "a")).reason("x".repeat(1025)).build();
    assertThat(control.refusal(Ecs.STOP_TASK, request).code())
        .isEqualTo("InvalidParameterException");
    assertThat(
            Objects.requireNonNull(
                    control
                        .call(Ecs.STOP_TASK, request.toBuilder().reason("x".repeat(1024)).build())
                        .task())
                .stoppedReason())
        .hasSize(1024);
  }

  @Test
  void aStoppedTaskIsForgottenAfterAnHour() {
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    String arn = runOne(control, "a");
    agent.report(arn, "STOPPED", stopped("app", 0, null));
    control.pass(Duration.ofMinutes(59));
    assertThat(describe(control, arn).lastStatus()).isEqualTo("STOPPED");
    control.pass(Duration.ofMinutes(2));
    var gone =
        control.call(
            Ecs.DESCRIBE_TASKS, DescribeTasksRequest.builder().tasks(List.of(arn)).build());
    assertThat(gone.tasks()).isEmpty();
    assertThat(Objects.requireNonNull(gone.failures()).getFirst().reason()).isEqualTo("MISSING");
  }

  @Test
  void forcedDeregistrationOrphansTasks() {
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    String arn = runOne(control, "a");
    DeregisterContainerInstanceRequest gently =
        DeregisterContainerInstanceRequest.builder().containerInstance(agent.arn()).build();
    assertThat(control.refusal(Ecs.DEREGISTER_CONTAINER_INSTANCE, gently).code())
        .isEqualTo("InvalidParameterException");
    control.call(Ecs.DEREGISTER_CONTAINER_INSTANCE, gently.toBuilder().force(true).build());
    Task orphan = describe(control, arn);
    assertThat(orphan.lastStatus()).isEqualTo("STOPPED");
    assertThat(orphan.stoppedReason())
        .isEqualTo("Container instance deregistration forced by user");
    assertThat(agent.closed()).isNotNull();
  }

  @Test
  void nothingAcknowledgedIsLostInACrash() {
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    RunTaskRequest request = RunTaskRequest.builder().taskDefinition("a").clientToken("t").build();
    Task task = Objects.requireNonNull(control.call(Ecs.RUN_TASK, request).tasks()).getFirst();
    String arn = Objects.requireNonNull(task.taskArn());
    ControlHarness next = control.crash(EcsHarness::register);
    FakeAgent again = agent.against(next).connect();
    assertThat(again.told()).containsExactly("RUNNING " + arn);
    assertThat(Objects.requireNonNull(next.call(Ecs.RUN_TASK, request).tasks()).getFirst())
        .isEqualTo(task);
    assertThat(next.plane().ledger().all()).isEqualTo(control.plane().ledger().all());
  }
}

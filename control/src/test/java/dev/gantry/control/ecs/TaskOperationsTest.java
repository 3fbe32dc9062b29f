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
import dev.gantry.api.ecs.LogConfiguration;
import dev.gantry.api.ecs.PortMapping;
import dev.gantry.api.ecs.Resource;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.RunTaskResponse;
import dev.gantry.api.ecs.StopTaskRequest;
import dev.gantry.api.ecs.Task;
import dev.gantry.api.ecs.TaskOverride;
import dev.gantry.control.ControlEffect;
import dev.gantry.control.ControlHarness;
import dev.gantry.control.FakeAgent;
import dev.gantry.control.Ledger;
import dev.gantry.wire.shape.ServiceException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
  void aClientTokenDoesItsWorkOnce() {
    FakeAgent.register(control, "default").connect();
    define(control, "a", container("app").build());
    RunTaskRequest request =
        RunTaskRequest.builder().taskDefinition("a").count(2).clientToken("t-1").build();
    RunTaskResponse first = control.call(Ecs.RUN_TASK, request);
    RunTaskResponse again = control.call(Ecs.RUN_TASK, request);
    assertThat(again.tasks()).isEqualTo(first.tasks());
    ServiceException conflict = control.refusal(Ecs.RUN_TASK, request.toBuilder().count(3).build());
    assertThat(conflict.code()).isEqualTo("ConflictException");
    assertThat(conflict.lists().get("resourceIds"))
        .containsExactlyElementsOf(
            Objects.requireNonNull(first.tasks()).stream().map(Task::taskArn).toList());
    control.pass(Duration.ofHours(25));
    assertThat(control.call(Ecs.RUN_TASK, request).tasks()).isNotEqualTo(first.tasks());
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
    assertThat(task.overrides()).isEqualTo(overrides);
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
    "mode,                        non-blocking, false",
    "max-buffer-size,             4m,           false",
    "awslogs-create-group,        yes,          false",
    "awslogs-datetime-format,     %Y,           false",
    "awslogs-multiline-pattern,   ^x,           false",
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

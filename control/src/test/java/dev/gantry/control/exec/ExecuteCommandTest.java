package dev.gantry.control.exec;

import static dev.gantry.control.FakeAgent.execAgent;
import static dev.gantry.control.FakeAgent.running;
import static dev.gantry.control.FakeAgent.stopped;
import static dev.gantry.control.ecs.EcsHarness.container;
import static dev.gantry.control.ecs.EcsHarness.define;
import static dev.gantry.control.ecs.EcsHarness.describe;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.ecs.ClusterConfiguration;
import dev.gantry.api.ecs.DeregisterContainerInstanceRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.ExecuteCommandConfiguration;
import dev.gantry.api.ecs.ExecuteCommandLogConfiguration;
import dev.gantry.api.ecs.ExecuteCommandRequest;
import dev.gantry.api.ecs.ExecuteCommandResponse;
import dev.gantry.api.ecs.LogConfiguration;
import dev.gantry.api.ecs.ManagedAgent;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.Session;
import dev.gantry.api.ecs.StartTaskRequest;
import dev.gantry.api.ecs.Task;
import dev.gantry.api.ecs.UpdateClusterRequest;
import dev.gantry.api.ssmmessages.AgentMessage;
import dev.gantry.api.ssmmessages.SessionInputs;
import dev.gantry.api.ssmmessages.SessionTask;
import dev.gantry.control.ControlHarness;
import dev.gantry.control.FakeAgent;
import dev.gantry.control.ecs.EcsHarness;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.ContainerStatus;
import dev.gantry.model.TaskContainer;
import dev.gantry.model.TaskId;
import dev.gantry.wire.Endpoint.Upgrade;
import dev.gantry.wire.shape.ServiceException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Commands in containers, as the control plane sees them: who may ask, who may join, what is
/// carried, and when a session is over.
class ExecuteCommandTest {
  private static final String NOT_ENABLED =
      "InvalidParameterException: The execute command failed because execute command was not"
          + " enabled when the task was run or the execute command agent isn’t running. Wait and"
          + " try again or run a new task with execute command enabled and try again.";

  private final ControlHarness control = EcsHarness.withDefaultCluster();
  private final FakeAgent agent = FakeAgent.register(control, "default").connect();
  private String task = "";

  @BeforeEach
  void aTaskRuns() {
    define(
        control,
        "a",
        container("app")
            .logConfiguration(
                LogConfiguration.builder()
                    .logDriver("awslogs")
                    .options(Map.of("awslogs-group", "app-logs", "awslogs-region", "eu-west-1"))
                    .build())
            .build());
    task = launch("a", true);
    runs(agent);
  }

  private String launch(String definition, boolean enabled) {
    return arn(
        control
            .call(
                Ecs.RUN_TASK,
                RunTaskRequest.builder()
                    .taskDefinition(definition)
                    .enableExecuteCommand(enabled)
                    .build())
            .tasks());
  }

  private String launchOn(FakeAgent host) {
    return arn(
        control
            .call(
                Ecs.START_TASK,
                StartTaskRequest.builder()
                    .taskDefinition("a")
                    .enableExecuteCommand(true)
                    .containerInstances(List.of(host.arn()))
                    .build())
            .tasks());
  }

  /// The task runs on this host and may be entered.
  private void runs(FakeAgent host) {
    host.report(task, "RUNNING", List.of(running("app")), List.of(execAgent("app", "RUNNING")));
  }

  private static String arn(@Nullable List<Task> tasks) {
    return Objects.requireNonNull(Objects.requireNonNull(tasks).getFirst().taskArn());
  }

  private ExecuteCommandRequest.Builder command() {
    return ExecuteCommandRequest.builder().task(task).interactive(true).command("/bin/sh -l");
  }

  private String refused(UnaryOperator<ExecuteCommandRequest.Builder> change) {
    ServiceException error = control.refusal(Ecs.EXECUTE_COMMAND, change.apply(command()).build());
    return error.code() + ": " + error.text();
  }

  private Session open() {
    return Objects.requireNonNull(control.call(Ecs.EXECUTE_COMMAND, command().build()).session());
  }

  private static String id(Session session) {
    return Objects.requireNonNull(session.sessionId());
  }

  private static String token(Session session) {
    return Objects.requireNonNull(session.tokenValue());
  }

  /// A session whose both ends are there.
  private final class Live {
    final Channel waiting = Channel.control(control, agent.arn());
    final Session session = open();
    final Channel client = Channel.data(control, id(session), false, token(session));
    final SessionTask told = waiting.told();
    final Channel worker =
        Channel.data(control, id(session), true, Objects.requireNonNull(told.tokenValue()));
  }

  // ---- launching --------------------------------------------------------------------------------

  @Test
  void aTaskLaunchedSoShowsItsManagedAgentsAndTellsItsAgent() {
    String fresh = launch("a", true);
    Task pending = describe(control, fresh);
    assertThat(pending.enableExecuteCommand()).isTrue();
    assertThat(managed(pending))
        .isEqualTo(new ManagedAgent(null, "ExecuteCommandAgent", null, "PENDING"));
    var payload = agent.payloads().getLast();
    var told = Objects.requireNonNull(payload.tasks()).getLast();
    assertThat(Objects.requireNonNull(told.containers()).getFirst().managedAgents())
        .singleElement()
        .satisfies(one -> assertThat(one.name()).isEqualTo("ExecuteCommandAgent"));

    Task running = describe(control, task);
    assertThat(managed(running))
        .isEqualTo(new ManagedAgent(control.now(), "ExecuteCommandAgent", null, "RUNNING"));

    Task plain = describe(control, launch("a", false));
    assertThat(plain.enableExecuteCommand()).isFalse();
    assertThat(Objects.requireNonNull(plain.containers()).getFirst().managedAgents()).isNull();
    var untold = Objects.requireNonNull(agent.payloads().getLast().tasks()).getLast();
    assertThat(untold.arn()).isEqualTo(plain.taskArn());
    assertThat(Objects.requireNonNull(untold.containers()).getFirst().managedAgents()).isNull();
  }

  private static ManagedAgent managed(Task shown) {
    return Objects.requireNonNull(
            Objects.requireNonNull(shown.containers()).getFirst().managedAgents())
        .getFirst();
  }

  @Test
  void startTaskLaunchesAlike() {
    assertThat(describe(control, launchOn(agent)).enableExecuteCommand()).isTrue();
  }

  @Test
  void onlyAnInstanceWithTheCapabilityIsAskedForIt() {
    control.call(
        Ecs.REGISTER_CONTAINER_INSTANCE,
        dev.gantry.api.ecs.RegisterContainerInstanceRequest.builder()
            .cluster("default")
            .containerInstanceArn(agent.arn())
            .attributes(
                FakeAgent.CAPABILITIES.stream()
                    .filter(capability -> !capability.equals("ecs.capability.execute-command"))
                    .map(name -> dev.gantry.api.ecs.Attribute.builder().name(name).build())
                    .toList())
            .totalResources(
                List.of(
                    dev.gantry.api.ecs.Resource.builder()
                        .name("CPU")
                        .type("INTEGER")
                        .integerValue(2048)
                        .build(),
                    dev.gantry.api.ecs.Resource.builder()
                        .name("MEMORY")
                        .type("INTEGER")
                        .integerValue(4096)
                        .build()))
            .build());
    var response =
        control.call(
            Ecs.RUN_TASK,
            RunTaskRequest.builder().taskDefinition("a").enableExecuteCommand(true).build());
    assertThat(Objects.requireNonNull(response.failures()).getFirst().reason())
        .isEqualTo("ATTRIBUTE");
    assertThat(launch("a", false)).isNotEmpty();
  }

  @Test
  void aManagedAgentMayBeStartedAgainButNotInAContainerThatHasStopped() {
    agent.report(task, null, List.of(), List.of(execAgent("app", "STOPPED")));
    assertThat(managed(describe(control, task)).lastStatus()).isEqualTo("STOPPED");
    assertThat(refused(input -> input)).isEqualTo(NOT_ENABLED);
    control.pass(Duration.ofSeconds(5));
    agent.report(task, null, List.of(), List.of(execAgent("app", "RUNNING")));
    assertThat(managed(describe(control, task)).lastStartedAt()).isEqualTo(control.now());

    agent.report(task, "STOPPED", stopped("app", 0, null));
    Task ended = describe(control, task);
    assertThat(managed(ended).lastStatus()).isEqualTo("STOPPED");
    agent.report(task, null, List.of(), List.of(execAgent("app", "RUNNING")));
    assertThat(describe(control, task)).isEqualTo(ended);
  }

  @Test
  void whatIsSaidOfOtherContainersAndAgentsChangesNothing() {
    Task before = describe(control, task);
    agent.report(
        task,
        null,
        List.of(),
        List.of(execAgent("other", "STOPPED"), execAgent("app", "RESTARTING")));
    assertThat(describe(control, task)).isEqualTo(before);
  }

  // ---- asking -----------------------------------------------------------------------------------

  @Test
  void theAnswerNamesEverythingAndASession() {
    Channel.control(control, agent.arn());
    ExecuteCommandResponse answer = control.call(Ecs.EXECUTE_COMMAND, command().build());
    assertThat(answer.taskArn()).isEqualTo(task);
    assertThat(answer.clusterArn()).isEqualTo("arn:aws:ecs:us-east-1:000000000000:cluster/default");
    assertThat(answer.containerName()).isEqualTo("app");
    assertThat(answer.containerArn())
        .isEqualTo(
            Objects.requireNonNull(describe(control, task).containers()).getFirst().containerArn());
    assertThat(answer.interactive()).isTrue();
    Session session = Objects.requireNonNull(answer.session());
    assertThat(id(session)).matches("ecs-execute-command-[0-9a-f]{17}");
    assertThat(session.streamUrl())
        .isEqualTo(
            "ws://127.0.0.1:4566/v1/data-channel/" + id(session) + "?role=publish_subscribe");
    assertThat(token(session)).matches("[0-9a-f]{64}");
    assertThat(session.toString()).doesNotContain(token(session));
  }

  @Test
  void refusalsAreAmazons() {
    Channel.control(control, agent.arn());
    assertThat(refused(input -> input.interactive(false)))
        .isEqualTo("InvalidParameterException: Interactive is the only mode supported currently.");
    assertThat(refused(input -> input.cluster("none")))
        .isEqualTo("ClusterNotFoundException: Cluster not found.");
    assertThat(refused(input -> input.task("0".repeat(32))))
        .isEqualTo("InvalidParameterException: The referenced task was not found.");
    assertThat(refused(input -> input.container("other")))
        .startsWith("InvalidParameterException: Container other ");
    assertThat(refused(input -> input.command(" ")))
        .isEqualTo("InvalidParameterException: Command cannot be empty.");
    assertThat(refused(input -> input.command("x".repeat(16 * 1024 + 1))))
        .startsWith("InvalidParameterException: Command longer than");
    String plain = launch("a", false);
    agent.report(plain, "RUNNING", running("app"));
    assertThat(refused(input -> input.task(plain))).isEqualTo(NOT_ENABLED);
    String fresh = launch("a", true);
    assertThat(refused(input -> input.task(fresh))).isEqualTo(NOT_ENABLED);
    agent.report(fresh, null, List.of(), List.of(execAgent("app", "RUNNING")));
    assertThat(refused(input -> input.task(fresh))).as("its container").isEqualTo(NOT_ENABLED);
    agent.report(task, "STOPPED", stopped("app", 0, null));
    assertThat(refused(input -> input)).isEqualTo(NOT_ENABLED);
  }

  @Test
  void ofSeveralContainersOneMustBeNamed() {
    Channel.control(control, agent.arn());
    define(control, "two", container("app").build(), container("side").build());
    task = launch("two", true);
    agent.report(
        task,
        "RUNNING",
        List.of(running("app"), running("side")),
        List.of(execAgent("app", "RUNNING"), execAgent("side", "RUNNING")));
    assertThat(refused(input -> input)).startsWith("InvalidParameterException: A container name");
    assertThat(
            control.call(Ecs.EXECUTE_COMMAND, command().container("side").build()).containerName())
        .isEqualTo("side");
  }

  @Test
  void withoutAnAgentThatWaitsTheTargetIsNotConnected() {
    String expected =
        "TargetNotConnectedException: The execute command failed due to an internal error. Try"
            + " again later.";
    assertThat(refused(input -> input)).isEqualTo(expected);
    Channel silent = Channel.stranger(control, agent.arn());
    assertThat(refused(input -> input)).isEqualTo(expected);
    control.pass(Duration.ofSeconds(16));
    assertThat(silent.closed()).startsWith("1008");
    Channel waiting = Channel.control(control, agent.arn());
    open();
    waiting.breaks();
    assertThat(refused(input -> input)).isEqualTo(expected);
  }

  @Test
  void sessionsOfOneContainerAreCounted() {
    Channel.control(control, agent.arn());
    Session first = open();
    for (int i = 1; i < ExecSessions.MAX_SESSIONS_PER_CONTAINER; i++) {
      open();
    }
    assertThat(refused(input -> input)).startsWith("ClientException: The maximum number");
    Channel.data(control, id(first), false, token(first)).breaks();
    open();
  }

  @Test
  void sessionsOfAllContainersAreCounted() {
    Channel.control(control, agent.arn());
    int containers = ExecSessions.MAX_SESSIONS / ExecSessions.MAX_SESSIONS_PER_CONTAINER;
    for (int i = 0; i < containers; i++) {
      task = launch("a", true);
      runs(agent);
      for (int j = 0; j < ExecSessions.MAX_SESSIONS_PER_CONTAINER; j++) {
        open();
      }
    }
    task = launch("a", true);
    runs(agent);
    assertThat(refused(input -> input))
        .isEqualTo(
            "ClientException: The maximum number of execute command sessions, 10000, has been"
                + " reached.");
  }

  @Test
  void socketsThatSayNothingAreCounted() {
    for (int i = 0; i < ExecSessions.MAX_STRANGERS; i++) {
      assertThat(Channel.stranger(control, agent.arn()).closed()).isNull();
    }
    assertThat(Channel.stranger(control, agent.arn()).closed())
        .isEqualTo("1008 too many sockets are being opened");
  }

  /// Commands carry passwords.
  @Test
  void aRequestIsPrintedWithoutItsCommand() {
    TaskContainer container =
        new TaskContainer(
            "app",
            "u",
            "i",
            true,
            0,
            null,
            null,
            ContainerStatus.RUNNING,
            null,
            null,
            null,
            null,
            List.of(),
            List.of());
    ExecRequest request =
        new ExecRequest(
            new TaskId(ControlHarness.SCOPE, "default", "t"),
            container,
            new ContainerInstanceId(ControlHarness.SCOPE, "default", "i"),
            "docker-app",
            "login secret",
            null,
            "host");
    assertThat(request).asString().doesNotContain("secret");
  }

  // ---- logging ----------------------------------------------------------------------------------

  private @Nullable SessionInputs logged() {
    return logged("app");
  }

  private @Nullable SessionInputs logged(String container) {
    Channel waiting = Channel.control(control, agent.arn());
    Session session =
        Objects.requireNonNull(
            control.call(Ecs.EXECUTE_COMMAND, command().container(container).build()).session());
    Channel.data(control, id(session), false, token(session));
    return Objects.requireNonNull(waiting.told().documentContent()).inputs();
  }

  private void configure(UnaryOperator<ExecuteCommandConfiguration.Builder> change) {
    control.call(
        Ecs.UPDATE_CLUSTER,
        UpdateClusterRequest.builder()
            .cluster("default")
            .configuration(
                ClusterConfiguration.builder()
                    .executeCommandConfiguration(
                        change.apply(ExecuteCommandConfiguration.builder()).build())
                    .build())
            .build());
  }

  @Test
  void outputIsLoggedWhereTheClusterSays() {
    SessionInputs container = Objects.requireNonNull(logged());
    assertThat(container.cloudWatchLogGroupName()).isEqualTo("app-logs");
    assertThat(container.cloudWatchLogRegion()).isEqualTo("eu-west-1");
    configure(exec -> exec.logging("DEFAULT"));
    assertThat(Objects.requireNonNull(logged()).cloudWatchLogGroupName()).isEqualTo("app-logs");
    configure(exec -> exec.logging("NONE"));
    assertThat(logged()).isNull();
    configure(exec ->
        exec.logging("OVERRIDE")
            .logConfiguration(
                ExecuteCommandLogConfiguration.builder().cloudWatchLogGroupName("audit").build()));
    SessionInputs audit = Objects.requireNonNull(logged());
    assertThat(audit.cloudWatchLogGroupName()).isEqualTo("audit");
    assertThat(audit.cloudWatchLogRegion()).isNull();
  }

  @Test
  void outputIsLoggedAsThatOfItsOwnContainer() {
    define(
        control,
        "two",
        container("app").build(),
        container("side")
            .logConfiguration(
                LogConfiguration.builder()
                    .logDriver("awslogs")
                    .options(Map.of("awslogs-group", "side-logs", "awslogs-region", "eu-west-1"))
                    .build())
            .build());
    task = launch("two", true);
    agent.report(
        task,
        "RUNNING",
        List.of(running("app"), running("side")),
        List.of(execAgent("app", "RUNNING"), execAgent("side", "RUNNING")));
    assertThat(logged("app")).isNull();
    assertThat(Objects.requireNonNull(logged("side")).cloudWatchLogGroupName())
        .isEqualTo("side-logs");
  }

  @Test
  void whatCannotActIsRefusedByName() {
    Channel.control(control, agent.arn());
    configure(exec -> exec.kmsKeyId("key"));
    assertThat(refused(input -> input))
        .startsWith("UnsupportedFeatureException: ")
        .contains("executeCommandConfiguration.kmsKeyId");
    configure(exec ->
        exec.logging("OVERRIDE")
            .logConfiguration(
                ExecuteCommandLogConfiguration.builder()
                    .s3BucketName("bucket")
                    .s3EncryptionEnabled(true)
                    .cloudWatchEncryptionEnabled(true)
                    .build()));
    assertThat(refused(input -> input))
        .contains(
            "logConfiguration.s3BucketName",
            "logConfiguration.s3EncryptionEnabled",
            "logConfiguration.cloudWatchEncryptionEnabled");
  }

  // ---- joining ----------------------------------------------------------------------------------

  @Test
  void theAgentIsToldWhenTheClientIsThereAndWhatEachSaysReachesTheOther() {
    Channel waiting = Channel.control(control, agent.arn());
    Session session = open();
    assertThat(waiting.heard()).isEmpty();
    Channel client = Channel.data(control, id(session), false, token(session));
    SessionTask told = waiting.told();
    assertThat(told.sessionId()).isEqualTo(id(session));
    String taskId = task.substring(task.lastIndexOf('/') + 1);
    assertThat(told.target()).isEqualTo("ecs:default_" + taskId + "_docker-app");
    var document = Objects.requireNonNull(told.documentContent());
    assertThat(document.sessionType()).isEqualTo("InteractiveCommands");
    assertThat(
            Objects.requireNonNull(Objects.requireNonNull(document.properties()).linux())
                .commands())
        .isEqualTo("/bin/sh -l");
    assertThat(told.tokenValue()).isNotEqualTo(token(session));

    Channel worker =
        Channel.data(control, id(session), true, Objects.requireNonNull(told.tokenValue()));
    worker.sends(AgentMessage.OUTPUT, 0, "hello");
    client.sends(AgentMessage.ACKNOWLEDGE, 0, "{}");
    client.sends(AgentMessage.INPUT, 0, "ls");
    assertThat(client.heard()).containsExactly("output_stream_data hello");
    assertThat(worker.heard()).containsExactly("acknowledge {}", "input_stream_data ls");
  }

  @Test
  void whoHasNotTheTokenDoesNotJoin() {
    Channel waiting = Channel.control(control, agent.arn());
    Session session = open();
    for (String wrong : List.of("", token(session).substring(1), "0".repeat(64))) {
      Channel stranger = Channel.data(control, id(session), true, wrong);
      assertThat(stranger.closed()).isEqualTo("1008 the token is not valid");
      stranger.breaks();
    }
    Channel mute = Channel.open(control, "/v1/data-channel/" + id(session), false);
    mute.show(null);
    assertThat(mute.closed()).startsWith("1008");
    Channel garbled = Channel.open(control, "/v1/data-channel/" + id(session), false);
    garbled.text("[");
    assertThat(garbled.closed()).startsWith("1008");
    assertThat(waiting.heard()).isEmpty();
    Channel client = Channel.data(control, id(session), false, token(session));
    assertThat(waiting.told().sessionId()).as("none of them ended it").isEqualTo(id(session));
    client.show("0".repeat(64));
    assertThat(client.closed()).as("what is said later means nothing").isNull();
  }

  @Test
  void anAgentWaitsOnlyIfItIsOneAndSpeaksTheProtocol() {
    Channel later = Channel.stranger(control, agent.arn());
    later.text("{\"MessageSchemaVersion\":\"2.0\"}");
    assertThat(later.closed()).isEqualTo("1008 unknown schema version");
    Channel gone = Channel.stranger(control, agent.arn());
    control.call(
        Ecs.DEREGISTER_CONTAINER_INSTANCE,
        DeregisterContainerInstanceRequest.builder()
            .containerInstance(agent.arn())
            .force(true)
            .build());
    gone.text("{\"MessageSchemaVersion\":\"1.0\"}");
    assertThat(gone.closed()).isEqualTo("1008 InactiveInstanceException");
  }

  @Test
  void aTokenIsGoodOnceForItsOwnEndAndSession() {
    Channel waiting = Channel.control(control, agent.arn());
    Session session = open();
    Session other = open();
    assertThat(Channel.data(control, id(other), false, token(session)).closed()).startsWith("1008");
    Channel client = Channel.data(control, id(session), false, token(session));
    String agentToken = Objects.requireNonNull(waiting.told().tokenValue());
    assertThat(Channel.data(control, id(session), false, token(session)).closed())
        .startsWith("1008");
    // An agent's token without an agent's signature.
    assertThat(Channel.data(control, id(session), false, agentToken).closed()).startsWith("1008");
    Channel.data(control, id(session), true, agentToken);
    assertThat(Channel.data(control, id(session), true, agentToken).closed()).startsWith("1008");
    assertThat(client.closed()).isNull();
  }

  @Test
  void aTokenThatIsNotUsedInTimeIsWorthNothing() {
    Channel.control(control, agent.arn());
    Session session = open();
    Channel late = Channel.open(control, "/v1/data-channel/" + id(session), false);
    control.pass(ExecSessions.TOKEN_LIFE.plusSeconds(1));
    late.show(token(session));
    assertThat(late.closed()).startsWith("1008");
    assertThat(refusedUpgrade("/v1/data-channel/" + id(session), false)).isEqualTo(404);
  }

  @Test
  void thereIsASocketOnlyForWhatExists() {
    assertThat(refusedUpgrade("/v1/data-channel/ecs-execute-command-0", true)).isEqualTo(404);
    assertThat(refusedUpgrade("/v1/control-channel/default_0", true)).isEqualTo(400);
    assertThat(refusedUpgrade("/v1/control-channel/nothing", true)).isEqualTo(400);
    assertThat(Channel.ask(control, "/v1/control-channel/default_0", false)).isNull();
    assertThat(Channel.ask(control, "/acs/ws", false)).isNull();
  }

  private int refusedUpgrade(String path, boolean signed) {
    return ((Upgrade.Refused) Objects.requireNonNull(Channel.ask(control, path, signed)))
        .response()
        .status();
  }

  // ---- ending -----------------------------------------------------------------------------------

  @Test
  void theAgentSaysWhenTheCommandIsOver() {
    Live live = new Live();
    live.worker.sends(AgentMessage.SESSION_STATE, 0, "{\"SessionState\":\"Connected\"}");
    assertThat(live.client.closed()).isNull();
    live.worker.sends(AgentMessage.OUTPUT, 0, "bye");
    live.worker.sends(
        AgentMessage.SESSION_STATE,
        0,
        "{\"SchemaVersion\":1,\"SessionState\":\"Terminating\",\"SessionId\":\"x\"}");
    assertThat(live.client.heard()).containsExactly("output_stream_data bye", "channel_closed ");
    assertThat(live.client.closed()).isEqualTo("1000 the session is over");
    assertThat(live.worker.closed()).isEqualTo("1000 the session is over");
    assertThat(refusedUpgrade("/v1/data-channel/" + id(live.session), true)).isEqualTo(404);
  }

  @Test
  void aClientCannotSayIt() {
    Live live = new Live();
    live.client.sends(AgentMessage.SESSION_STATE, 0, "{\"SessionState\":\"Terminating\"}");
    String complete = "{\"TaskId\":\"" + id(live.session) + "\",\"Output\":\"no\"}";
    live.client.sends(AgentMessage.TASK_COMPLETE, 0, complete);
    FakeAgent other = FakeAgent.register(control, "default").connect();
    Channel.control(control, other.arn()).sends(AgentMessage.TASK_COMPLETE, 0, complete);
    live.client.sends(AgentMessage.OUTPUT, 0, "not mine");
    assertThat(live.client.closed()).isNull();
    assertThat(live.worker.heard()).isEmpty();
  }

  @Test
  void aSessionEndsWithEitherOfItsEnds() {
    Live live = new Live();
    live.client.breaks();
    assertThat(live.worker.heard()).contains("channel_closed ");
    assertThat(live.worker.closed()).startsWith("1000");

    Live other = new Live();
    other.worker.breaks();
    assertThat(other.client.heard()).containsExactly("channel_closed ");
  }

  @Test
  void anAgentThatCannotRunItSaysWhy() {
    Channel waiting = Channel.control(control, agent.arn());
    Session session = open();
    Channel client = Channel.data(control, id(session), false, token(session));
    waiting.sends(
        AgentMessage.TASK_COMPLETE,
        0,
        "{\"TaskId\":\"" + id(session) + "\",\"Output\":\"Unable to start command: no\"}");
    assertThat(client.heard()).containsExactly("channel_closed Unable to start command: no");
    assertThat(client.closed()).startsWith("1000");
  }

  @Test
  void anAgentThatDoesNotComeIsNotWaitedForLong() {
    Channel.control(control, agent.arn());
    Session session = open();
    Channel client = Channel.data(control, id(session), false, token(session));
    control.pass(ExecSessions.OPENING_LIMIT.plusSeconds(1));
    assertThat(client.heard())
        .containsExactly(
            "channel_closed The execute command failed due to an internal error. Try again"
                + " later.");
  }

  @Test
  void aSessionInWhichNothingHappensIsEndedAfterTwentyMinutes() {
    Live live = new Live();
    for (int i = 0; i < 3; i++) {
      control.pass(Duration.ofMinutes(19));
      live.client.sends(AgentMessage.INPUT, i, "x");
    }
    control.pass(Duration.ofMinutes(19));
    live.worker.sends(AgentMessage.OUTPUT, 0, "y");
    control.pass(Duration.ofMinutes(19));
    assertThat(live.client.closed()).isNull();
    live.client.sends(AgentMessage.ACKNOWLEDGE, 0, "{}");
    control.pass(Duration.ofMinutes(3));
    assertThat(live.client.heard()).contains("channel_closed ");
    assertThat(live.worker.closed()).startsWith("1000");
  }

  @Test
  void whatIsNoMessageEndsTheSocket() {
    Live live = new Live();
    live.client.binary(new byte[] {1, 2, 3});
    assertThat(live.client.closed()).startsWith("1007");
  }

  @Test
  void aNewerControlChannelReplacesTheOldAndSessionsGoOn() {
    Live live = new Live();
    Channel again = Channel.control(control, agent.arn());
    assertThat(live.waiting.closed()).startsWith("1000");
    live.waiting.breaks();
    Session next = open();
    Channel.data(control, id(next), false, token(next));
    assertThat(again.told().sessionId()).isEqualTo(id(next));
    assertThat(live.client.closed()).isNull();
  }

  @Test
  void anInstanceThatIsDeregisteredTakesItsSessionsAlong() {
    Live live = new Live();
    FakeAgent other = FakeAgent.register(control, "default").connect();
    Channel otherWaiting = Channel.control(control, other.arn());
    task = launchOn(other);
    runs(other);
    Session elsewhere = open();
    control.call(
        Ecs.DEREGISTER_CONTAINER_INSTANCE,
        DeregisterContainerInstanceRequest.builder()
            .containerInstance(agent.arn())
            .force(true)
            .build());
    assertThat(live.client.heard()).contains("channel_closed ");
    assertThat(live.waiting.closed()).startsWith("1008");
    assertThat(
            refusedUpgrade(
                "/v1/control-channel/default_"
                    + agent.arn().substring(agent.arn().lastIndexOf('/') + 1),
                true))
        .isEqualTo(400);
    Channel.data(control, id(elsewhere), false, token(elsewhere));
    assertThat(otherWaiting.told().sessionId()).isEqualTo(id(elsewhere));
  }

  @Test
  void aNewProcessKnowsTheTaskAndNoSession() {
    Live live = new Live();
    ControlHarness next = control.crash(EcsHarness::register);
    Task shown = describe(next, task);
    assertThat(shown.enableExecuteCommand()).isTrue();
    assertThat(managed(shown).lastStatus()).isEqualTo("RUNNING");
    assertThat(next.plane().snapshot().execSessions().contains(id(live.session))).isFalse();
  }
}

package dev.gantry.control.session;

import static dev.gantry.control.FakeAgent.running;
import static dev.gantry.control.ecs.EcsHarness.container;
import static dev.gantry.control.ecs.EcsHarness.define;
import static dev.gantry.control.ecs.EcsHarness.run;
import static dev.gantry.control.ecs.EcsHarness.runOne;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.acs.HeartbeatAckRequest;
import dev.gantry.api.acs.PayloadMessage;
import dev.gantry.api.acs.Task;
import dev.gantry.api.acs.TaskIdentifier;
import dev.gantry.api.ecs.DescribeContainerInstancesRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.LogConfiguration;
import dev.gantry.api.ecs.PutAccountSettingDefaultRequest;
import dev.gantry.api.ecs.StopTaskRequest;
import dev.gantry.api.ecs.VersionInfo;
import dev.gantry.control.ControlHarness;
import dev.gantry.control.FakeAgent;
import dev.gantry.control.ecs.EcsHarness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgentSessionsTest {
  private final ControlHarness control = EcsHarness.withDefaultCluster();
  private final FakeAgent agent = FakeAgent.register(control, "default");

  @Test
  void aConnectedAgentGetsAManifestAndHeartbeats() {
    agent.connect();
    assertThat(agent.types()).containsExactly("TaskManifestMessage");
    control.pass(Duration.ofSeconds(26));
    assertThat(agent.types()).containsExactly("TaskManifestMessage", "HeartbeatMessage");
    assertThat(agentConnected()).isTrue();
    agent.disconnect();
    assertThat(agentConnected()).isFalse();
  }

  @Test
  void anAgentThatAnswersNothingIsClosed() {
    agent.connect();
    control.pass(Duration.ofSeconds(80));
    assertThat(agent.closed()).isNull();
    control.pass(Duration.ofSeconds(30));
    assertThat(agent.closed()).startsWith("1001");
    assertThat(agentConnected()).isFalse();
  }

  @Test
  void anAgentThatAnswersStays() {
    agent.connect();
    for (int i = 0; i < 20; i++) {
      control.pass(Duration.ofSeconds(30));
      agent.send(HeartbeatAckRequest.SHAPE, HeartbeatAckRequest.builder().messageId("x").build());
    }
    assertThat(agent.closed()).isNull();
  }

  @Test
  void theAgentsVersionComesFromItsSocket() {
    agent.connect();
    VersionInfo version = describe().versionInfo();
    assertThat(Objects.requireNonNull(version).agentVersion()).isEqualTo("1.0");
  }

  @Test
  void aPayloadIsSentAgainUntilItIsAcknowledged() {
    agent.connect();
    define(control, "a", container("app").build());
    String arn = runOne(control, "a");
    keepAlive(3);
    assertThat(agent.told().size()).isGreaterThan(1);
    agent.acknowledge();
    agent.clear();
    keepAlive(3);
    assertThat(agent.told()).isEmpty();
    assertThat(arn).isNotEmpty();
  }

  @Test
  void aNewSocketIsToldWhatTheOldOneDidNotAcknowledgeAndNothingThatRuns() {
    agent.connect();
    define(control, "a", container("app").build());
    String runs = runOne(control, "a");
    agent.acknowledge();
    agent.report(runs, "RUNNING", running("app"));
    String pending = runOne(control, "a");
    agent.disconnect();
    agent.connect();
    assertThat(agent.told()).containsExactly("RUNNING " + pending);
    assertThat(
            Objects.requireNonNull(agent.manifests().getFirst().tasks()).stream()
                .map(TaskIdentifier::taskArn))
        .containsExactlyInAnyOrder(runs, pending);
  }

  @Test
  void aStopGivenWhileTheAgentWasAwayIsToldWhenItReturns() {
    agent.connect();
    define(control, "a", container("app").build());
    String arn = runOne(control, "a");
    agent.acknowledge();
    agent.report(arn, "RUNNING", running("app"));
    agent.disconnect();
    control.call(Ecs.STOP_TASK, StopTaskRequest.builder().task(arn).build());
    agent.connect();
    assertThat(agent.told()).containsExactly("STOPPED " + arn);
  }

  @Test
  void onlyUnwantedTasksAreConfirmedForStopping() {
    agent.connect();
    define(control, "a", container("app").build());
    String wanted = runOne(control, "a");
    String unknown = wanted.substring(0, wanted.length() - 32) + "0".repeat(32);
    agent.question(wanted, unknown);
    assertThat(
            Objects.requireNonNull(agent.verifications().getFirst().stopTasks()).stream()
                .map(TaskIdentifier::taskArn))
        .containsExactly(unknown);
    agent.clear();
  }

  @Test
  void aQuestionIsAnsweredOnce() {
    agent.connect();
    String unknown = "arn:aws:ecs:us-east-1:000000000000:task/default/" + "0".repeat(32);
    agent.question(unknown);
    agent.question(unknown);
    assertThat(agent.verifications()).hasSize(1);
  }

  @Test
  void messageNumbersRiseAcrossACrash() {
    agent.connect();
    define(control, "a", container("app").build());
    List<Long> numbers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      runOne(control, "a");
    }
    numbersOf(agent, numbers);
    ControlHarness next = control.crash(EcsHarness::register);
    FakeAgent again = agent.against(next).connect();
    numbersOf(again, numbers);
    assertThat(numbers).hasSizeGreaterThan(4).isSorted().doesNotHaveDuplicates();
  }

  private static void numbersOf(FakeAgent agent, List<Long> numbers) {
    List<Long> here = new ArrayList<>();
    agent.manifests().forEach(m -> here.add(Objects.requireNonNull(m.timeline())));
    agent.payloads().forEach(p -> here.add((long) Objects.requireNonNull(p.seqNum())));
    here.sort(null);
    numbers.addAll(here);
  }

  @Test
  void aNewerSocketReplacesTheOlder() {
    agent.connect();
    FakeAgent twin = agent.against(control).connect();
    assertThat(agent.closed()).isNotNull();
    agent.disconnect();
    assertThat(agentConnected()).isTrue();
    assertThat(twin.closed()).isNull();
  }

  @Test
  void tasksComeInPayloadsOfTen() {
    FakeAgent big = FakeAgent.register(control, "default", 100_000, 100_000);
    define(control, "a", container("app").build());
    big.connect();
    agent.disconnect();
    for (int i = 0; i < 3; i++) {
      run(control, "a", 10);
    }
    big.disconnect();
    big.connect();
    assertThat(big.payloads().stream().map(AgentSessionsTest::size)).containsExactly(10, 10, 10);
  }

  private static int size(PayloadMessage payload) {
    return Objects.requireNonNull(payload.tasks()).size();
  }

  @Test
  void nonsenseOnASocketDoesNoHarm() {
    agent.connect();
    agent.sendText("");
    agent.sendText("{\"type\":\"AckRequest\",\"message\":{\"messageId\":7}}");
    agent.sendText("{\"type\":\"Unheard\",\"message\":{}}");
    agent.sendText("{\"type\":\"TaskStopVerificationMessage\",\"message\":{}}");
    assertThat(agent.closed()).isNull();
    assertThat(agentConnected()).isTrue();
  }

  @Test
  void telemetryIsAcknowledged() {
    agent.connectTelemetry();
    agent.sendText("{\"type\":\"PublishMetricsRequest\",\"message\":{}}");
    agent.sendText("{\"type\":\"PublishHealthRequest\",\"message\":{}}");
    agent.sendText("{\"type\":\"PublishInstanceStatusRequest\",\"message\":{}}");
    assertThat(agent.types())
        .containsExactly("AckPublishMetric", "AckPublishHealth", "AckPublishInstanceStatus");
    assertThat(agentConnected()).isFalse();
  }

  @Test
  void aPayloadSaysWhatTheEngineNeeds() {
    agent.connect();
    define(
        control,
        "a",
        container("app")
            .user("nobody")
            .privileged(false)
            .logConfiguration(
                LogConfiguration.builder()
                    .logDriver("awslogs")
                    .options(
                        Map.of(
                            "awslogs-group", "/g",
                            "awslogs-region", "us-east-1",
                            "awslogs-stream-prefix", "p"))
                    .build())
            .build());
    String arn = runOne(control, "a");
    Task task = Objects.requireNonNull(agent.payloads().getFirst().tasks()).getFirst();
    assertThat(task.networkMode()).isEqualTo("bridge");
    var container = Objects.requireNonNull(task.containers()).getFirst();
    var docker = Objects.requireNonNull(container.dockerConfig());
    assertThat(docker.config()).isEqualTo("{\"User\":\"nobody\"}");
    assertThat(docker.hostConfig())
        .contains("\"Type\":\"awslogs\"")
        .contains("\"awslogs-stream\":\"p/app/" + arn.substring(arn.length() - 32) + "\"")
        .contains("\"awslogs-endpoint\":\"http://127.0.0.1:4566\"")
        .doesNotContain("stream-prefix");
    assertThat(container.overrides()).isEqualTo("{\"command\":null}");
  }

  /// What the definition says comes first, then the account, then ECS.
  @ParameterizedTest(name = "account {0}, definition {1}, size {2}: {3}, {4}")
  @CsvSource({
    ",,, non-blocking, 10m",
    "blocking,,, blocking,",
    "blocking, non-blocking,, non-blocking, 10m",
    "non-blocking, blocking,, blocking,",
    ",, 4m, non-blocking, 4m",
  })
  void outputIsDeliveredAsTheAccountHasIt(
      @Nullable String account,
      @Nullable String definition,
      @Nullable String size,
      String mode,
      @Nullable String buffer) {
    if (account != null) {
      control.call(
          Ecs.PUT_ACCOUNT_SETTING_DEFAULT,
          PutAccountSettingDefaultRequest.builder()
              .name("defaultLogDriverMode")
              .value(account)
              .build());
    }
    Map<String, String> options = new LinkedHashMap<>();
    options.put("awslogs-group", "/g");
    options.put("awslogs-region", "us-east-1");
    if (definition != null) {
      options.put("mode", definition);
    }
    if (size != null) {
      options.put("max-buffer-size", size);
    }
    agent.connect();
    define(
        control,
        "a",
        container("app")
            .logConfiguration(
                LogConfiguration.builder().logDriver("awslogs").options(options).build())
            .build(),
        container("silent").build());
    runOne(control, "a");
    Task task = Objects.requireNonNull(agent.payloads().getFirst().tasks()).getFirst();
    List<String> host = new ArrayList<>();
    for (var container : Objects.requireNonNull(task.containers())) {
      host.add(String.valueOf(Objects.requireNonNull(container.dockerConfig()).hostConfig()));
    }
    assertThat(host.getFirst()).contains("\"mode\":\"" + mode + "\"");
    if (buffer == null) {
      assertThat(host.getFirst()).doesNotContain("max-buffer-size");
    } else {
      assertThat(host.getFirst()).contains("\"max-buffer-size\":\"" + buffer + "\"");
    }
    assertThat(host.getLast()).as("without a driver").doesNotContain("mode");
  }

  private void keepAlive(int times) {
    for (int i = 0; i < times; i++) {
      control.pass(Duration.ofSeconds(25));
      agent.send(HeartbeatAckRequest.SHAPE, HeartbeatAckRequest.builder().messageId("x").build());
    }
  }

  private boolean agentConnected() {
    return Boolean.TRUE.equals(describe().agentConnected());
  }

  private dev.gantry.api.ecs.ContainerInstance describe() {
    return Objects.requireNonNull(
            control
                .call(
                    Ecs.DESCRIBE_CONTAINER_INSTANCES,
                    DescribeContainerInstancesRequest.builder()
                        .containerInstances(List.of(agent.arn()))
                        .build())
                .containerInstances())
        .getFirst();
  }
}

package dev.gantry.control.ecs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.ecs.Attribute;
import dev.gantry.api.ecs.ContainerInstance;
import dev.gantry.api.ecs.ContainerInstanceHealthStatus;
import dev.gantry.api.ecs.CreateClusterRequest;
import dev.gantry.api.ecs.DeregisterContainerInstanceRequest;
import dev.gantry.api.ecs.DescribeContainerInstancesRequest;
import dev.gantry.api.ecs.DescribeContainerInstancesResponse;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.Failure;
import dev.gantry.api.ecs.ListContainerInstancesRequest;
import dev.gantry.api.ecs.ListContainerInstancesResponse;
import dev.gantry.api.ecs.PlatformDevice;
import dev.gantry.api.ecs.PutAttributesRequest;
import dev.gantry.api.ecs.RegisterContainerInstanceRequest;
import dev.gantry.api.ecs.Resource;
import dev.gantry.api.ecs.RunTaskResponse;
import dev.gantry.api.ecs.UpdateContainerAgentRequest;
import dev.gantry.api.ecs.UpdateContainerInstancesStateRequest;
import dev.gantry.api.ecs.UpdateContainerInstancesStateResponse;
import dev.gantry.api.ecs.VersionInfo;
import dev.gantry.api.tcs.InstanceStatus;
import dev.gantry.api.tcs.PublishInstanceStatusRequest;
import dev.gantry.control.ControlHarness;
import dev.gantry.control.FakeAgent;
import dev.gantry.control.InstanceHealth;
import dev.gantry.wire.shape.ServiceException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerInstanceOperationsTest {
  private final ControlHarness control = EcsHarness.withDefaultCluster();

  @Test
  void aHostIsDescribedWhole() {
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    EcsHarness.define(control, "app", EcsHarness.container("app").build());
    EcsHarness.runOne(control, "app");
    String running = EcsHarness.runOne(control, "app");
    agent.report(running, "RUNNING", FakeAgent.running("app"));
    ContainerInstance shown = describe(agent.arn());
    assertThat(shown.status()).isEqualTo("ACTIVE");
    assertThat(shown.agentConnected()).isTrue();
    assertThat(shown.runningTasksCount()).isEqualTo(1);
    assertThat(shown.pendingTasksCount()).isEqualTo(1);
    assertThat(shown.registeredAt()).isEqualTo(ControlHarness.START);
    assertThat(number(shown.registeredResources(), "CPU")).isEqualTo(2048);
    assertThat(number(shown.remainingResources(), "CPU")).isEqualTo(2048 - 2 * 128);
    assertThat(number(shown.remainingResources(), "MEMORY")).isEqualTo(4096 - 2 * 256);
    assertThat(shown.attributes()).contains(Attribute.builder().name("rack").value("7").build());
    assertThat(shown.attachments()).isEmpty();
    assertThat(shown.healthStatus()).isNull();
    assertThat(shown.statusReason()).isNull();
    assertThat(shown.capacityProviderName()).isNull();
    assertThat(shown.version()).isPositive();
    agent.report(running, "STOPPED", FakeAgent.stopped("app", 0, null));
    // A report that comes twice does not count twice.
    agent.report(running, "STOPPED", FakeAgent.stopped("app", 0, null));
    assertThat(number(describe(agent.arn()).remainingResources(), "CPU")).isEqualTo(2048 - 128);
    agent.disconnect();
    assertThat(describe(agent.arn()).agentConnected()).isFalse();
  }

  @Test
  void whatIsNotThereIsAFailure() {
    String arn = FakeAgent.register(control, "default").arn();
    String nobody = arn.substring(0, arn.lastIndexOf('/')) + "/0123";
    DescribeContainerInstancesResponse response =
        control.call(
            Ecs.DESCRIBE_CONTAINER_INSTANCES,
            DescribeContainerInstancesRequest.builder()
                .containerInstances(List.of("0123", arn, arn))
                .build());
    assertThat(response.containerInstances()).hasSize(1);
    assertThat(response.failures())
        .containsExactly(Failure.builder().arn(nobody).reason("MISSING").build());
  }

  @ParameterizedTest
  @CsvSource({"100, 101", "10, 11"})
  void listsInRequestsHaveALimit(int fits, int tooMany) {
    boolean describe = fits == 100;
    assertThat(asked(describe, tooMany))
        .isEqualTo("instanceIds can have at most " + fits + " items.");
    assertThat(asked(describe, 0)).isEqualTo("Container instance cannot be empty.");
    assertThat(asked(describe, fits)).isNull();
  }

  private @Nullable String asked(boolean describe, int count) {
    List<String> names = IntStream.range(0, count).mapToObj(Integer::toString).toList();
    ControlHarness.Reply<?> reply =
        describe
            ? control.ask(
                Ecs.DESCRIBE_CONTAINER_INSTANCES,
                DescribeContainerInstancesRequest.builder().containerInstances(names).build())
            : control.ask(
                Ecs.UPDATE_CONTAINER_INSTANCES_STATE,
                UpdateContainerInstancesStateRequest.builder()
                    .containerInstances(names)
                    .status("DRAINING")
                    .build());
    control.settle();
    try {
      reply.output();
      return null;
    } catch (AssertionError refused) {
      return reply.error().text();
    }
  }

  @Test
  void aDrainingHostKeepsItsTasksAndGetsNoMore() {
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    EcsHarness.define(control, "app", EcsHarness.container("app").build());
    String task = EcsHarness.runOne(control, "app");
    UpdateContainerInstancesStateResponse drained = update("DRAINING", agent.arn());
    assertThat(drained.failures()).isEmpty();
    assertThat(Objects.requireNonNull(drained.containerInstances()).getFirst().status())
        .isEqualTo("DRAINING");
    assertThat(EcsHarness.describe(control, task).desiredStatus()).isEqualTo("RUNNING");
    RunTaskResponse none = EcsHarness.run(control, "app", 1);
    assertThat(none.tasks()).isEmpty();
    assertThat(none.failures())
        .containsExactly(
            Failure.builder()
                .arn(agent.arn())
                .reason("INACTIVE")
                .detail("The container instance is not ACTIVE.")
                .build());
    // Asking twice changes nothing.
    long revision = control.state().revision();
    update("DRAINING", agent.arn());
    assertThat(control.state().revision()).isEqualTo(revision);
    update("ACTIVE", agent.arn());
    assertThat(EcsHarness.run(control, "app", 1).tasks()).hasSize(1);
  }

  /// Its agent's restart does not make a DRAINING host ACTIVE.
  @Test
  void aDrainingHostStaysSoWhenItsAgentRegistersAgain() {
    FakeAgent agent = FakeAgent.register(control, "default");
    update("DRAINING", agent.arn());
    ContainerInstance again = register(again(agent.arn()));
    assertThat(again.containerInstanceArn()).isEqualTo(agent.arn());
    assertThat(again.status()).isEqualTo("DRAINING");
    assertThat(list(null)).containsExactly(agent.arn());
  }

  @Test
  void onlyMembersChangeTheirState() {
    FakeAgent gone = FakeAgent.register(control, "default");
    FakeAgent stays = FakeAgent.register(control, "default");
    deregister(gone.arn(), false);
    UpdateContainerInstancesStateResponse response =
        update("DRAINING", gone.arn(), "0123", stays.arn());
    assertThat(response.containerInstances()).hasSize(1);
    assertThat(response.failures())
        .extracting(Failure::reason)
        .containsExactly("INACTIVE", "MISSING");
    for (String status : List.of("REGISTERING", "DEREGISTERING", "REGISTRATION_FAILED")) {
      assertThat(
              control
                  .refusal(
                      Ecs.UPDATE_CONTAINER_INSTANCES_STATE,
                      UpdateContainerInstancesStateRequest.builder()
                          .containerInstances(List.of(stays.arn()))
                          .status(status)
                          .build())
                  .code())
          .isEqualTo("InvalidParameterException");
    }
  }

  @Test
  void listsAreFilteredByState() {
    String active = FakeAgent.register(control, "default").arn();
    String draining = FakeAgent.register(control, "default").arn();
    String gone = FakeAgent.register(control, "default").arn();
    update("DRAINING", draining);
    deregister(gone, false);
    assertThat(list(null)).containsExactlyInAnyOrder(active, draining);
    assertThat(list("ACTIVE")).containsExactly(active);
    assertThat(list("DRAINING")).containsExactly(draining);
    assertThat(list("REGISTERING")).isEmpty();
  }

  @Test
  void listsAreFilteredByTheClusterQueryLanguage() {
    FakeAgent busy = FakeAgent.register(control, "default").connect();
    EcsHarness.define(control, "app", EcsHarness.container("app").build());
    String task = EcsHarness.runOne(control, "app");
    busy.report(task, "RUNNING", FakeAgent.running("app"));
    String away = FakeAgent.register(control, "default").arn();
    control.call(
        Ecs.PUT_ATTRIBUTES,
        PutAttributesRequest.builder()
            .attributes(
                List.of(
                    Attribute.builder()
                        .name("stack")
                        .value("prod")
                        .targetType("container-instance")
                        .targetId(away)
                        .build()))
            .build());
    assertThat(filtered("agentConnected == true")).containsExactly(busy.arn());
    assertThat(filtered("attribute:stack == prod")).containsExactly(away);
    assertThat(filtered("runningTasksCount >= 1")).containsExactly(busy.arn());
    assertThat(filtered("task:group == family:app")).containsExactly(busy.arn());
    assertThat(filtered("not(task:group exists) and registeredAt > 2000-01-01"))
        .containsExactly(away);
    assertThat(filtered("agentVersion == 0.0.1")).isEmpty();
    ServiceException refused =
        control.refusal(
            Ecs.LIST_CONTAINER_INSTANCES,
            ListContainerInstancesRequest.builder().filter("colour == red").build());
    assertThat(refused.code()).isEqualTo("InvalidParameterException");
    assertThat(refused.text()).startsWith("Invalid expression: unknown subject colour");
  }

  private List<String> filtered(String filter) {
    return Objects.requireNonNull(
        control
            .call(
                Ecs.LIST_CONTAINER_INSTANCES,
                ListContainerInstancesRequest.builder().filter(filter).build())
            .containerInstanceArns());
  }

  @Test
  void pagesCoverEverythingOnce() {
    for (int i = 0; i < 250; i++) {
      String arn = FakeAgent.register(control, "default").arn();
      if (i % 2 == 0) {
        update("DRAINING", arn);
      }
    }
    for (int size : List.of(1, 33, 100)) {
      List<String> seen = new ArrayList<>();
      String token = null;
      do {
        ListContainerInstancesResponse page =
            control.call(
                Ecs.LIST_CONTAINER_INSTANCES,
                ListContainerInstancesRequest.builder()
                    .status("DRAINING")
                    .maxResults(size)
                    .nextToken(token)
                    .build());
        assertThat(page.containerInstanceArns()).hasSizeLessThanOrEqualTo(size);
        seen.addAll(Objects.requireNonNull(page.containerInstanceArns()));
        token = page.nextToken();
      } while (token != null);
      assertThat(seen).hasSize(125).doesNotHaveDuplicates();
    }
  }

  @Test
  void aHostWithTasksIsDeregisteredOnlyByForce() {
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    EcsHarness.define(control, "app", EcsHarness.container("app").build());
    String task = EcsHarness.runOne(control, "app");
    ServiceException refusal =
        control.refusal(
            Ecs.DEREGISTER_CONTAINER_INSTANCE,
            DeregisterContainerInstanceRequest.builder().containerInstance(agent.arn()).build());
    assertThat(refusal.code() + ": " + refusal.text())
        .isEqualTo("InvalidParameterException: Found running tasks on the instance.");
    ContainerInstance gone = deregister(agent.arn(), true);
    assertThat(gone.status()).isEqualTo("INACTIVE");
    assertThat(gone.pendingTasksCount()).isZero();
    assertThat(number(gone.remainingResources(), "CPU")).isEqualTo(2048);
    assertThat(EcsHarness.describe(control, task).lastStatus()).isEqualTo("STOPPED");
    assertThat(EcsHarness.describe(control, task).stoppedReason())
        .isEqualTo("Container instance deregistration forced by user");
    assertThat(list(null)).isEmpty();
    control.pass(Duration.ofMinutes(59));
    assertThat(describe(agent.arn()).status()).isEqualTo("INACTIVE");
    control.pass(Duration.ofMinutes(2));
    assertThat(
            control
                .call(
                    Ecs.DESCRIBE_CONTAINER_INSTANCES,
                    DescribeContainerInstancesRequest.builder()
                        .containerInstances(List.of(agent.arn()))
                        .build())
                .failures())
        .extracting(Failure::reason)
        .containsExactly("MISSING");
  }

  @Test
  void aKnownHostMakesNoTwin() {
    FakeAgent agent = FakeAgent.register(control, "default");
    ContainerInstance again =
        register(
            again(agent.arn()).toBuilder()
                .attributes(
                    List.of(
                        Attribute.builder().name("ecs.capability.new").build(),
                        Attribute.builder().name("rack").value("8").build()))
                .build());
    assertThat(again.containerInstanceArn()).isEqualTo(agent.arn());
    assertThat(list(null)).containsExactly(agent.arn());
    // What the host can do is what the agent says now; custom attributes stay.
    assertThat(again.attributes())
        .extracting(attribute -> attribute.name() + "=" + attribute.value())
        .containsExactlyInAnyOrder(
            "rack=8", "ecs.capability.new=null", "ecs.availability-zone=us-east-1a");
    assertThat(register(again(agent.arn())).attributes())
        .extracting(Attribute::name)
        .containsExactlyInAnyOrder("rack", "ecs.availability-zone");
    deregister(agent.arn(), false);
    ServiceException refusal = control.refusal(Ecs.REGISTER_CONTAINER_INSTANCE, again(agent.arn()));
    assertThat(refusal.code() + ": " + refusal.text())
        .isEqualTo(
            "ClientException: Container instance "
                + agent.arn().substring(agent.arn().lastIndexOf('/') + 1)
                + " is inactive.");
  }

  @Test
  void customAttributesThatBreakARuleAreLeftOut() {
    List<Attribute> offered = new ArrayList<>();
    offered.add(Attribute.builder().name("bad name").value("x").build());
    offered.add(Attribute.builder().name("long").value("x".repeat(129)).build());
    IntStream.range(0, 11)
        .forEach(i -> offered.add(Attribute.builder().name("a" + i).value("x").build()));
    offered.add(Attribute.builder().name("ecs.capability.x").value("y".repeat(200)).build());
    ContainerInstance instance =
        register(RegisterContainerInstanceRequest.builder().attributes(offered).build());
    assertThat(instance.attributes())
        .extracting(Attribute::name)
        .contains("a0", "a9", "ecs.capability.x")
        .doesNotContain("bad name", "long", "a10");
  }

  @Test
  void devicesAreKeptAndShownAsResources() {
    ContainerInstance instance =
        register(
            RegisterContainerInstanceRequest.builder()
                .platformDevices(
                    List.of(
                        PlatformDevice.builder().id("GPU-0").type("GPU").build(),
                        PlatformDevice.builder().id("GPU-1").type("GPU").build()))
                .build());
    assertThat(resource(instance.registeredResources(), "GPU").stringSetValue())
        .containsExactly("GPU-0", "GPU-1");
    assertThat(
            resource(
                    describe(Objects.requireNonNull(instance.containerInstanceArn()))
                        .remainingResources(),
                    "GPU")
                .stringSetValue())
        .containsExactly("GPU-0", "GPU-1");
  }

  @Test
  void anEc2InstanceIsKnownByItsIdentityDocument() {
    RegisterContainerInstanceRequest request =
        RegisterContainerInstanceRequest.builder()
            .instanceIdentityDocument(
                """
                {"devpayProductCodes": null, "marketplaceProductCodes": ["x"], "region": "eu-west-1",
                 "availabilityZone": "eu-west-1c", "imageId": "ami-1", "instanceType": "m6g.large",
                 "instanceId": "i-0123456789abcdef0", "version": "2017-09-30"}
                """)
            .versionInfo(
                VersionInfo.builder()
                    .agentVersion("1.2.3")
                    .agentHash("abc")
                    .dockerVersion("DockerVersion: 20.10")
                    .build())
            .build();
    ContainerInstance instance = register(request);
    assertThat(instance.ec2InstanceId()).isEqualTo("i-0123456789abcdef0");
    assertThat(instance.versionInfo()).isEqualTo(request.versionInfo());
    assertThat(instance.attributes())
        .extracting(attribute -> attribute.name() + "=" + attribute.value())
        .containsExactlyInAnyOrder(
            "ecs.availability-zone=eu-west-1c", "ecs.ami-id=ami-1", "ecs.instance-type=m6g.large");
    String arn = Objects.requireNonNull(instance.containerInstanceArn());
    assertThat(
            control
                .call(
                    Ecs.LIST_CONTAINER_INSTANCES,
                    ListContainerInstancesRequest.builder()
                        .filter("ec2InstanceId == i-0123456789abcdef0")
                        .build())
                .containerInstanceArns())
        .containsExactly(arn);
    // An agent that says nothing of it when it registers again leaves it, and what it says itself
    // counts before the document.
    assertThat(register(again(arn)).ec2InstanceId()).isEqualTo("i-0123456789abcdef0");
    assertThat(
            register(
                    request.toBuilder()
                        .attributes(
                            List.of(
                                Attribute.builder().name("ecs.instance-type").value("t").build()))
                        .build())
                .attributes())
        .contains(Attribute.builder().name("ecs.instance-type").value("t").build())
        .doesNotHaveDuplicates()
        .hasSize(3);
    assertThat(register(RegisterContainerInstanceRequest.builder().build()).ec2InstanceId())
        .isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"i-1", "[]", "{", "{}", "{\"instanceId\": 1}", "{\"a\": {\"instanceId\": \"i\"}}"})
  void whatIsNoIdentityDocumentIsRefused(String document) {
    ServiceException refusal =
        control.refusal(
            Ecs.REGISTER_CONTAINER_INSTANCE,
            RegisterContainerInstanceRequest.builder().instanceIdentityDocument(document).build());
    assertThat(refusal.code()).isEqualTo("InvalidParameterException");
    assertThat(refusal.text()).startsWith("instanceIdentityDocument must be a JSON object");
  }

  @Test
  void aClusterHasOnlySoManyHosts() {
    ControlHarness small =
        new ControlHarness(table -> {
          ClusterOperations.register(table, Quotas.DEFAULTS);
          ContainerInstanceOperations.register(table);
          AgentOperations.register(table, new Quotas(10, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1));
        });
    small.call(Ecs.CREATE_CLUSTER, CreateClusterRequest.builder().build());
    String arn = FakeAgent.register(small, "default").arn();
    RegisterContainerInstanceRequest another = RegisterContainerInstanceRequest.builder().build();
    assertThat(small.refusal(Ecs.REGISTER_CONTAINER_INSTANCE, another).code())
        .isEqualTo("ClientException");
    // One that is there already is no further one.
    small.call(Ecs.REGISTER_CONTAINER_INSTANCE, again(arn));
    small.call(
        Ecs.DEREGISTER_CONTAINER_INSTANCE,
        DeregisterContainerInstanceRequest.builder().containerInstance(arn).build());
    small.call(Ecs.REGISTER_CONTAINER_INSTANCE, another);
  }

  @Test
  void thereIsNeverAnUpdateOfTheAgent() {
    FakeAgent agent = FakeAgent.register(control, "default");
    assertThat(updateAgent(agent.arn())).startsWith("MissingVersionException: ");
    agent.connect();
    assertThat(updateAgent(agent.arn()))
        .isEqualTo(
            "NoUpdateAvailableException: There is no update available for your container agent.");
    assertThat(updateAgent("0123")).startsWith("InvalidParameterException: ");
  }

  private String updateAgent(String name) {
    ServiceException refusal =
        control.refusal(
            Ecs.UPDATE_CONTAINER_AGENT,
            UpdateContainerAgentRequest.builder().containerInstance(name).build());
    return refusal.code() + ": " + refusal.text();
  }

  @Test
  void healthIsWhatTheAgentSaidLast() {
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    assertThat(health(agent.arn()))
        .isEqualTo(
            ContainerInstanceHealthStatus.builder()
                .overallStatus("INSUFFICIENT_DATA")
                .details(List.of())
                .build());
    FakeAgent telemetry = agent.against(control).connectTelemetry();
    Instant since = ControlHarness.START.plusSeconds(1);
    Instant now = ControlHarness.START.plusSeconds(2);
    telemetry.send(
        PublishInstanceStatusRequest.SHAPE,
        PublishInstanceStatusRequest.builder()
            .statuses(
                List.of(
                    InstanceStatus.builder()
                        .type("ContainerRuntime")
                        .status("OK")
                        .lastUpdated(now)
                        .lastStatusChange(since)
                        .build(),
                    InstanceStatus.builder()
                        .type("AcceleratedCompute")
                        .status("IMPAIRED")
                        .statusReason("it is hot")
                        .build()))
            .build());
    assertThat(telemetry.types()).contains("AckPublishInstanceStatus");
    ContainerInstanceHealthStatus health = health(agent.arn());
    assertThat(health.overallStatus()).isEqualTo("IMPAIRED");
    assertThat(health.details())
        .extracting(check -> check.type() + " " + check.status() + " " + check.statusReason())
        .containsExactly("CONTAINER_RUNTIME OK null", "ACCELERATED_COMPUTE IMPAIRED it is hot");
    assertThat(Objects.requireNonNull(health.details()).getFirst().lastUpdated()).isEqualTo(now);
    assertThat(Objects.requireNonNull(health.details()).getFirst().lastStatusChange())
        .isEqualTo(since);
    telemetry.sendText("{\"type\":\"PublishInstanceStatusRequest\",\"message\":{\"statuses\":7}}");
    assertThat(health(agent.arn()).overallStatus()).isEqualTo("IMPAIRED");
    agent.disconnect();
    assertThat(health(agent.arn()).overallStatus()).isEqualTo("INSUFFICIENT_DATA");
    // What is no longer a member says nothing.
    deregister(agent.arn(), false);
    control.pass(Duration.ofHours(2));
    assertThat(control.plane().snapshot().health().size()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          '', INSUFFICIENT_DATA
          OK, OK
          OK INITIALIZING, INITIALIZING
          INITIALIZING INSUFFICIENT_DATA OK, INSUFFICIENT_DATA
          OK IMPAIRED INSUFFICIENT_DATA, IMPAIRED
          """)
  void theWorstCheckIsTheWholesHealth(String checks, InstanceHealth.Status overall) {
    List<InstanceHealth.Check> all = new ArrayList<>();
    for (String status : checks.isEmpty() ? new String[0] : checks.split(" ")) {
      all.add(
          new InstanceHealth.Check("T", InstanceHealth.Status.valueOf(status), null, null, null));
    }
    assertThat(new InstanceHealth(all).overall()).isEqualTo(overall);
  }

  private ContainerInstanceHealthStatus health(String arn) {
    return Objects.requireNonNull(
        Objects.requireNonNull(
                control
                    .call(
                        Ecs.DESCRIBE_CONTAINER_INSTANCES,
                        DescribeContainerInstancesRequest.builder()
                            .containerInstances(List.of(arn))
                            .include(List.of("CONTAINER_INSTANCE_HEALTH"))
                            .build())
                    .containerInstances())
            .getFirst()
            .healthStatus());
  }

  private ContainerInstance describe(String arn) {
    return Objects.requireNonNull(
            control
                .call(
                    Ecs.DESCRIBE_CONTAINER_INSTANCES,
                    DescribeContainerInstancesRequest.builder()
                        .containerInstances(List.of(arn))
                        .build())
                .containerInstances())
        .getFirst();
  }

  private List<String> list(@Nullable String status) {
    return Objects.requireNonNull(
        control
            .call(
                Ecs.LIST_CONTAINER_INSTANCES,
                ListContainerInstancesRequest.builder().status(status).build())
            .containerInstanceArns());
  }

  private UpdateContainerInstancesStateResponse update(String status, String... names) {
    return control.call(
        Ecs.UPDATE_CONTAINER_INSTANCES_STATE,
        UpdateContainerInstancesStateRequest.builder()
            .containerInstances(List.of(names))
            .status(status)
            .build());
  }

  private ContainerInstance deregister(String arn, boolean force) {
    return Objects.requireNonNull(
        control
            .call(
                Ecs.DEREGISTER_CONTAINER_INSTANCE,
                DeregisterContainerInstanceRequest.builder()
                    .containerInstance(arn)
                    .force(force)
                    .build())
            .containerInstance());
  }

  private ContainerInstance register(RegisterContainerInstanceRequest request) {
    return Objects.requireNonNull(
        control.call(Ecs.REGISTER_CONTAINER_INSTANCE, request).containerInstance());
  }

  private static RegisterContainerInstanceRequest again(String arn) {
    return RegisterContainerInstanceRequest.builder().containerInstanceArn(arn).build();
  }

  private static @Nullable Integer number(@Nullable List<Resource> resources, String name) {
    return resource(resources, name).integerValue();
  }

  private static Resource resource(@Nullable List<Resource> resources, String name) {
    return Objects.requireNonNull(resources).stream()
        .filter(resource -> name.equals(resource.name()))
        .findFirst()
        .orElseThrow();
  }
}

package dev.gantry.control.ecs;

import static dev.gantry.control.ecs.EcsHarness.container;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.CreateClusterRequest;
import dev.gantry.api.ecs.DeleteTaskDefinitionsRequest;
import dev.gantry.api.ecs.DeleteTaskDefinitionsResponse;
import dev.gantry.api.ecs.DeregisterTaskDefinitionRequest;
import dev.gantry.api.ecs.DescribeTaskDefinitionRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.HealthCheck;
import dev.gantry.api.ecs.ListTaskDefinitionFamiliesRequest;
import dev.gantry.api.ecs.ListTaskDefinitionsRequest;
import dev.gantry.api.ecs.ListTaskDefinitionsResponse;
import dev.gantry.api.ecs.PortMapping;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.Tag;
import dev.gantry.api.ecs.TaskDefinition;
import dev.gantry.control.ControlEvent;
import dev.gantry.control.ControlHarness;
import dev.gantry.control.FakeAgent;
import dev.gantry.store.Kind;
import dev.gantry.wire.shape.ServiceException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TaskDefinitionOperationsTest {
  private final ControlHarness control = new ControlHarness(EcsHarness::register);

  @Test
  void revisionsCountUpAndAreNeverUsedAgain() {
    assertThat(register("a").revision()).isEqualTo(1);
    assertThat(register("a").revision()).isEqualTo(2);
    deregister("a:2");
    assertThat(register("a").revision()).isEqualTo(3);
    assertThat(register("b").revision()).isEqualTo(1);
  }

  /// Terraform compares what it sent with what it is shown (feature map W9).
  @Test
  void defaultsAreShown() {
    ContainerDefinition shown =
        Objects.requireNonNull(
                register(
                        "a",
                        ContainerDefinition.builder()
                            .name("app")
                            .image("busybox")
                            .memory(64)
                            .portMappings(List.of(PortMapping.builder().containerPort(80).build()))
                            .build())
                    .containerDefinitions())
            .getFirst();
    assertThat(shown.cpu()).isZero();
    assertThat(shown.essential()).isTrue();
    assertThat(shown.environment()).isEmpty();
    assertThat(shown.mountPoints()).isEmpty();
    assertThat(shown.volumesFrom()).isEmpty();
    assertThat(shown.systemControls()).isEmpty();
    assertThat(shown.portMappings())
        .containsExactly(
            PortMapping.builder().containerPort(80).hostPort(0).protocol("tcp").build());
  }

  @Test
  void whatDoesNotActYetIsKept() {
    HealthCheck check = HealthCheck.builder().command(List.of("CMD", "true")).interval(9).build();
    register("a", container("app").healthCheck(check).build());
    assertThat(
            Objects.requireNonNull(describe("a").containerDefinitions()).getFirst().healthCheck())
        .isEqualTo(check.toBuilder().timeout(5).retries(3).build());
  }

  @Test
  void cpuAndMemoryMayHaveUnits() {
    TaskDefinition shown =
        Objects.requireNonNull(
            control
                .call(
                    Ecs.REGISTER_TASK_DEFINITION,
                    RegisterTaskDefinitionRequest.builder()
                        .family("a")
                        .cpu("1 vCPU")
                        .memory("2GB")
                        .containerDefinitions(
                            List.of(ContainerDefinition.builder().name("app").image("x").build()))
                        .build())
                .taskDefinition());
    assertThat(shown.cpu()).isEqualTo("1024");
    assertThat(shown.memory()).isEqualTo("2048");
  }

  @Test
  void aFamilyMeansItsLatestActiveRevision() {
    register("a");
    register("a");
    deregister("a:2");
    assertThat(describe("a").revision()).isEqualTo(1);
    assertThat(describe("a:2").status()).isEqualTo("INACTIVE");
    assertThat(describe("arn:aws:ecs:us-east-1:000000000000:task-definition/a:1").revision())
        .isEqualTo(1);
    ServiceException unknown =
        control.refusal(
            Ecs.DESCRIBE_TASK_DEFINITION,
            DescribeTaskDefinitionRequest.builder().taskDefinition("b").build());
    assertThat(unknown.code()).isEqualTo("ClientException");
    assertThat(unknown.text()).isEqualTo("Unable to describe task definition.");
  }

  @Test
  void listsAreInOrderOfFamilyAndRevision() {
    register("b");
    for (int i = 0; i < 11; i++) {
      register("a");
    }
    deregister("a:3");
    assertThat(list(ListTaskDefinitionsRequest.builder()))
        .startsWith("a:1", "a:2", "a:4")
        .endsWith("a:10", "a:11", "b:1");
    assertThat(list(ListTaskDefinitionsRequest.builder().familyPrefix("a").sort("DESC")))
        .startsWith("a:11", "a:10")
        .doesNotContain("b:1", "a:3");
    assertThat(list(ListTaskDefinitionsRequest.builder().status("INACTIVE")))
        .containsExactly("a:3");
    assertThat(
            control
                .call(
                    Ecs.LIST_TASK_DEFINITION_FAMILIES,
                    ListTaskDefinitionFamiliesRequest.builder().familyPrefix("a").build())
                .families())
        .containsExactly("a");
  }

  /// DeleteTaskDefinitions, Amazon ECS API Reference, and feature map TD1 and TD2.
  @Test
  void aRevisionIsActiveThenInactiveThenDeletedThenGone() {
    FakeAgent agent = FakeAgent.register(control, cluster()).connect();
    register("a");
    Instant registered = control.now();
    String task = EcsHarness.runOne(control, "a");
    control.pass(Duration.ofMinutes(1));
    Instant deregistered = control.now();
    deregister("a:1");
    deregister("a:1");
    assertThat(describe("a:1").deregisteredAt()).isEqualTo(deregistered);
    ServiceException inactive =
        control.refusal(Ecs.RUN_TASK, RunTaskRequest.builder().taskDefinition("a:1").build());
    assertThat(inactive.code()).isEqualTo("InvalidParameterException");
    assertThat(inactive.text()).isEqualTo("TaskDefinition is inactive");

    control.pass(Duration.ofMinutes(1));
    Instant deleted = control.now();
    DeleteTaskDefinitionsResponse response = delete("a:1");
    assertThat(response.failures()).isEmpty();
    assertThat(Objects.requireNonNull(response.taskDefinitions()).getFirst().status())
        .isEqualTo("DELETE_IN_PROGRESS");
    control.pass(Duration.ofMinutes(1));
    assertThat(delete("a:1").taskDefinitions()).containsExactly(describe("a:1"));
    TaskDefinition going = describe("a:1");
    assertThat(going.registeredAt()).isEqualTo(registered);
    assertThat(going.deregisteredAt()).isEqualTo(deregistered);
    assertThat(going.deleteRequestedAt()).isEqualTo(deleted);
    assertThat(list(ListTaskDefinitionsRequest.builder().status("DELETE_IN_PROGRESS")))
        .containsExactly("a:1");
    assertThat(
            control
                .refusal(
                    Ecs.DEREGISTER_TASK_DEFINITION,
                    DeregisterTaskDefinitionRequest.builder().taskDefinition("a:1").build())
                .text())
        .contains("in the process of being deleted");

    // A task still refers to it, and goes on to be told what to run.
    control.pass(Duration.ofHours(5));
    assertThat(describe("a:1").status()).isEqualTo("DELETE_IN_PROGRESS");
    agent.disconnect();
    agent.connect();
    assertThat(
            Objects.requireNonNull(
                    Objects.requireNonNull(agent.payloads().getFirst().tasks())
                        .getFirst()
                        .containers())
                .getFirst()
                .image())
        .isEqualTo("busybox");
    agent.report(task, "STOPPED", FakeAgent.stopped("app", 0, null));
    control.pass(Duration.ofHours(3));
    assertThat(
            control
                .refusal(
                    Ecs.DESCRIBE_TASK_DEFINITION,
                    DescribeTaskDefinitionRequest.builder().taskDefinition("a:1").build())
                .text())
        .isEqualTo("Unable to describe task definition.");
    assertThat(families("ALL")).isEmpty();
    assertThat(register("a").revision()).isEqualTo(2);
    assertThat(families("ALL")).containsExactly("a");
  }

  /// It also survives a restart that a revision is to go.
  @Test
  void whatWasDeletedGoesAfterARestartToo() {
    register("a");
    deregister("a:1");
    delete("a:1");
    ControlHarness next = control.crash(EcsHarness::register);
    next.tell(new ControlEvent.Woken());
    next.pass(Duration.ofMinutes(59));
    assertThat(next.state().all(Kind.TASK_DEFINITION).size()).isEqualTo(1);
    next.pass(Duration.ofMinutes(2));
    assertThat(next.state().all(Kind.TASK_DEFINITION).size()).isZero();
  }

  @Test
  void whatCannotBeDeletedIsAFailureEach() {
    register("a");
    register("a");
    deregister("a:2");
    DeleteTaskDefinitionsResponse response = delete("a:1", "a:2", "a:3", "a", "a:b", "a:2");
    assertThat(
            Objects.requireNonNull(response.taskDefinitions()).stream()
                .map(TaskDefinition::revision))
        .containsExactly(2);
    assertThat(
            Objects.requireNonNull(response.failures()).stream()
                .map(failure -> failure.arn() + ": " + failure.reason()))
        .containsExactly(
            "a:1: The specified task definition is still in ACTIVE status."
                + " Please deregister the target and try again.",
            "a:3: The specified task definition does not exist."
                + " Specify a valid account, family, revision and try again.",
            "a: The specified task definition identifier is invalid."
                + " Specify a valid name or ARN and try again.",
            "a:b: The specified task definition identifier is invalid."
                + " Specify a valid name or ARN and try again.");
    assertThat(describe("a").revision()).isEqualTo(1);
    assertThat(
            control
                .refusal(
                    Ecs.DELETE_TASK_DEFINITIONS,
                    DeleteTaskDefinitionsRequest.builder()
                        .taskDefinitions(Collections.nCopies(11, "a:1"))
                        .build())
                .code())
        .isEqualTo("InvalidParameterException");
  }

  @Test
  void deregisteringNeedsARevisionThatThereIs() {
    assertThat(
            control
                .refusal(
                    Ecs.DEREGISTER_TASK_DEFINITION,
                    DeregisterTaskDefinitionRequest.builder().taskDefinition("a").build())
                .text())
        .isEqualTo("Revision is missing.");
    assertThat(
            control
                .refusal(
                    Ecs.DEREGISTER_TASK_DEFINITION,
                    DeregisterTaskDefinitionRequest.builder().taskDefinition("a:1").build())
                .text())
        .isEqualTo("The specified task definition does not exist.");
  }

  @Test
  void familiesAreListedByWhatTheyHave() {
    register("active");
    register("old");
    deregister("old:1");
    register("both");
    register("both");
    deregister("both:1");
    assertThat(families("ACTIVE")).containsExactly("active", "both");
    assertThat(families("INACTIVE")).containsExactly("old");
    assertThat(families("ALL")).containsExactly("active", "both", "old");
    assertThat(families(null)).containsExactly("active", "both", "old");
  }

  @Test
  void pagesOfRevisionsGoOnInTheirOwnOrder() {
    for (int i = 0; i < 23; i++) {
      register("a");
    }
    for (String sort : List.of("ASC", "DESC")) {
      List<String> seen = new ArrayList<>();
      String token = null;
      do {
        ListTaskDefinitionsResponse page =
            control.call(
                Ecs.LIST_TASK_DEFINITIONS,
                ListTaskDefinitionsRequest.builder()
                    .sort(sort)
                    .maxResults(10)
                    .nextToken(token)
                    .build());
        seen.addAll(Objects.requireNonNull(page.taskDefinitionArns()));
        token = page.nextToken();
      } while (token != null);
      assertThat(seen).hasSize(23).doesNotHaveDuplicates();
      assertThat(seen.getFirst()).endsWith(sort.equals("ASC") ? "a:1" : "a:23");
    }
    String ascending =
        control
            .call(
                Ecs.LIST_TASK_DEFINITIONS,
                ListTaskDefinitionsRequest.builder().maxResults(1).build())
            .nextToken();
    for (ListTaskDefinitionsRequest other :
        List.of(
            ListTaskDefinitionsRequest.builder().sort("DESC").nextToken(ascending).build(),
            ListTaskDefinitionsRequest.builder().status("INACTIVE").nextToken(ascending).build())) {
      assertThat(control.refusal(Ecs.LIST_TASK_DEFINITIONS, other).code())
          .isEqualTo("InvalidParameterException");
    }
  }

  @Test
  void tagsAreShownWhenAskedFor() {
    List<Tag> tags = List.of(Tag.builder().key("team").value("a").build());
    control.call(
        Ecs.REGISTER_TASK_DEFINITION,
        RegisterTaskDefinitionRequest.builder()
            .family("a")
            .containerDefinitions(List.of(container("app").build()))
            .tags(tags)
            .build());
    DescribeTaskDefinitionRequest plain =
        DescribeTaskDefinitionRequest.builder().taskDefinition("a").build();
    assertThat(control.call(Ecs.DESCRIBE_TASK_DEFINITION, plain).tags()).isEmpty();
    assertThat(
            control
                .call(
                    Ecs.DESCRIBE_TASK_DEFINITION,
                    plain.toBuilder().include(List.of("TAGS")).build())
                .tags())
        .isEqualTo(tags);
    assertThat(describe("a").registeredBy()).isEqualTo("arn:aws:iam::000000000000:root");
  }

  @Test
  void aFamilyHasOnlySoManyRevisionsEver() {
    Quotas few = new Quotas(1, 1, 1, 10, 2, 600, 2, 10, 100, 1, 1);
    ControlHarness small =
        new ControlHarness(
            table -> TaskDefinitionOperations.register(table, new Definitions(), few));
    RegisterTaskDefinitionRequest request =
        RegisterTaskDefinitionRequest.builder()
            .family("a")
            .containerDefinitions(List.of(container("app").build()))
            .build();
    small.call(Ecs.REGISTER_TASK_DEFINITION, request);
    small.call(Ecs.REGISTER_TASK_DEFINITION, request);
    for (ServiceException refused :
        List.of(
            small.refusal(Ecs.REGISTER_TASK_DEFINITION, request),
            small.refusal(
                Ecs.REGISTER_TASK_DEFINITION,
                request.toBuilder()
                    .family("b")
                    .containerDefinitions(
                        List.of(
                            container("x").build(), container("y").build(), container("z").build()))
                    .build()),
            small.refusal(
                Ecs.REGISTER_TASK_DEFINITION,
                request.toBuilder()
                    .family("b")
                    .containerDefinitions(
                        List.of(container("x").command(List.of("x".repeat(600))).build()))
                    .build()))) {
      assertThat(refused.code()).isEqualTo("ClientException");
    }
  }

  private String cluster() {
    return Objects.requireNonNull(
        Objects.requireNonNull(
                control.call(Ecs.CREATE_CLUSTER, CreateClusterRequest.builder().build()).cluster())
            .clusterName());
  }

  private DeleteTaskDefinitionsResponse delete(String... names) {
    return control.call(
        Ecs.DELETE_TASK_DEFINITIONS,
        DeleteTaskDefinitionsRequest.builder().taskDefinitions(List.of(names)).build());
  }

  private List<String> families(@Nullable String status) {
    return Objects.requireNonNull(
        control
            .call(
                Ecs.LIST_TASK_DEFINITION_FAMILIES,
                ListTaskDefinitionFamiliesRequest.builder().status(status).build())
            .families());
  }

  private TaskDefinition register(String family, ContainerDefinition... containers) {
    return Objects.requireNonNull(
        control
            .call(
                Ecs.REGISTER_TASK_DEFINITION,
                RegisterTaskDefinitionRequest.builder()
                    .family(family)
                    .containerDefinitions(
                        containers.length == 0
                            ? List.of(container("app").build())
                            : List.of(containers))
                    .build())
            .taskDefinition());
  }

  private void deregister(String name) {
    assertThat(
            Objects.requireNonNull(
                    control
                        .call(
                            Ecs.DEREGISTER_TASK_DEFINITION,
                            DeregisterTaskDefinitionRequest.builder().taskDefinition(name).build())
                        .taskDefinition())
                .status())
        .isEqualTo("INACTIVE");
  }

  private TaskDefinition describe(String name) {
    return Objects.requireNonNull(
        control
            .call(
                Ecs.DESCRIBE_TASK_DEFINITION,
                DescribeTaskDefinitionRequest.builder().taskDefinition(name).build())
            .taskDefinition());
  }

  private List<String> list(ListTaskDefinitionsRequest.Builder input) {
    return Objects.requireNonNull(
            control.call(Ecs.LIST_TASK_DEFINITIONS, input.build()).taskDefinitionArns())
        .stream()
        .map(arn -> arn.substring(arn.indexOf('/') + 1))
        .toList();
  }
}

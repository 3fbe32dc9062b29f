package dev.gantry.control.ecs;

import static dev.gantry.control.ecs.EcsHarness.container;
import static dev.gantry.control.ecs.EcsHarness.define;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.gantry.api.ecs.Attribute;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.EphemeralStorage;
import dev.gantry.api.ecs.Failure;
import dev.gantry.api.ecs.PlacementConstraint;
import dev.gantry.api.ecs.PlacementStrategy;
import dev.gantry.api.ecs.PutAttributesRequest;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.RunTaskResponse;
import dev.gantry.api.ecs.StartTaskRequest;
import dev.gantry.api.ecs.StartTaskResponse;
import dev.gantry.api.ecs.Task;
import dev.gantry.api.ecs.TaskDefinitionPlacementConstraint;
import dev.gantry.api.ecs.TaskOverride;
import dev.gantry.control.ControlHarness;
import dev.gantry.control.FakeAgent;
import dev.gantry.wire.shape.ServiceException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// RunTask with placement constraints and strategies (feature map section 6, P1 to P3). What
/// placement decides is `PlacementRulesTest`'s.
class RunTaskPlacementTest {
  private final ControlHarness control = EcsHarness.withDefaultCluster();
  private final List<String> hosts = new ArrayList<>();

  RunTaskPlacementTest() {
    for (int i = 0; i < 4; i++) {
      hosts.add(FakeAgent.register(control, "default").connect().arn());
    }
    hosts.sort(null);
    // Two racks of two.
    for (int i = 0; i < 4; i++) {
      control.call(
          Ecs.PUT_ATTRIBUTES,
          PutAttributesRequest.builder()
              .attributes(
                  List.of(
                      Attribute.builder()
                          .name("rack")
                          .value(i < 2 ? "left" : "right")
                          .targetType("container-instance")
                          .targetId(hosts.get(i))
                          .build()))
              .build());
    }
    define(control, "a", container("app").build());
  }

  @Test
  void withoutRulesTheFirstThatFitsIsTaken() {
    assertThat(places(request(2).build())).containsExactly(0, 0);
  }

  @Test
  void distinctInstancesCountTheGroupsTasksOfEarlierCallsToo() {
    RunTaskRequest one =
        request(1).placementConstraints(List.of(constraint("distinctInstance", null))).build();
    assertThat(places(one)).containsExactly(0);
    assertThat(places(one.toBuilder().count(2).build())).containsExactly(1, 2);
    assertThat(places(one.toBuilder().group("others").build())).containsExactly(0);
    RunTaskResponse response = control.call(Ecs.RUN_TASK, one.toBuilder().count(3).build());
    assertThat(response.tasks()).hasSize(1);
    assertThat(response.failures())
        .hasSize(2)
        .extracting(Failure::reason)
        .containsOnly("DistinctInstance placement constraint unsatisfied.");
  }

  @Test
  void membersOfAnExpression() {
    RunTaskRequest right =
        request(2)
            .placementConstraints(List.of(constraint("memberOf", "attribute:rack == right")))
            .build();
    assertThat(places(right)).containsExactly(2, 2);
    RunTaskResponse nowhere =
        control.call(
            Ecs.RUN_TASK,
            right.toBuilder()
                .placementConstraints(
                    List.of(
                        constraint("memberOf", "attribute:rack == right"),
                        constraint("memberOf", "task:group == family:other")))
                .build());
    assertThat(nowhere.tasks()).isEmpty();
    assertThat(nowhere.failures())
        .hasSize(2)
        .extracting(Failure::reason)
        .containsOnly("MemberOf placement constraint unsatisfied.");
  }

  @Test
  void strategiesInTurn() {
    assertThat(
            places(
                request(6)
                    .placementStrategy(
                        List.of(
                            strategy("spread", "attribute:rack"), strategy("spread", "instanceId")))
                    .build()))
        .containsExactly(0, 2, 1, 3, 0, 2);
    assertThat(
            places(
                request(2)
                    .group("new")
                    .placementStrategy(List.of(strategy("binpack", "MEMORY")))
                    .build()))
        .containsExactly(0, 0);
    List<Integer> random =
        places(
            request(10)
                .group("random")
                .placementStrategy(List.of(strategy("random", null)))
                .build());
    assertThat(random).hasSize(10).doesNotContain(-1);
    assertThat(random.stream().distinct().count()).isGreaterThan(1);
  }

  @Test
  void theDefinitionsConstraintsBindTooAndStartTaskAsWell() {
    control.call(
        Ecs.REGISTER_TASK_DEFINITION,
        RegisterTaskDefinitionRequest.builder()
            .family("right")
            .containerDefinitions(List.of(container("app").build()))
            .placementConstraints(
                List.of(
                    TaskDefinitionPlacementConstraint.builder()
                        .type("memberOf")
                        .expression("attribute:rack == right")
                        .build()))
            .build());
    assertThat(places(request(1).taskDefinition("right").build())).containsExactly(2);
    StartTaskResponse started =
        control.call(
            Ecs.START_TASK,
            StartTaskRequest.builder()
                .taskDefinition("right")
                .containerInstances(List.of(hosts.getFirst(), hosts.get(2)))
                .build());
    assertThat(started.failures())
        .extracting(Failure::arn, Failure::reason)
        .containsExactly(tuple(hosts.getFirst(), "MemberOf placement constraint unsatisfied."));
    assertThat(started.tasks())
        .extracting(Task::containerInstanceArn)
        .containsExactly(hosts.get(2));
  }

  /// Whoever has to change a definition and a call is told so once.
  @Test
  void oneAnswerNamesEverythingThatDoesNotAct() {
    control.call(
        Ecs.REGISTER_TASK_DEFINITION,
        RegisterTaskDefinitionRequest.builder()
            .family("much")
            .pidMode("task")
            .containerDefinitions(List.of(container("app").links(List.of("other")).build()))
            .placementConstraints(
                List.of(
                    TaskDefinitionPlacementConstraint.builder()
                        .type("memberOf")
                        .expression("attribute:rack == right")
                        .build()))
            .build());
    TaskOverride overrides =
        TaskOverride.builder()
            .ephemeralStorage(EphemeralStorage.builder().sizeInGiB(30).build())
            .build();
    assertThat(
            control
                .refusal(
                    Ecs.START_TASK,
                    StartTaskRequest.builder()
                        .taskDefinition("much")
                        .overrides(overrides)
                        .containerInstances(List.of(hosts.getFirst()))
                        .build())
                .text())
        .startsWith(
            "StartTask does not act on overrides.ephemeralStorage, pidMode,"
                + " containerDefinitions[0].links in");
    assertThat(
            control
                .refusal(
                    Ecs.RUN_TASK,
                    RunTaskRequest.builder().taskDefinition("much").overrides(overrides).build())
                .text())
        .startsWith(
            "RunTask does not act on overrides.ephemeralStorage, pidMode,"
                + " containerDefinitions[0].links in");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          constraint | distinctInstance | a == b | cannot have an expression
          constraint | memberOf         |        | needs an expression
          constraint | memberOf         | a == b | Invalid expression: unknown subject a
          constraint |                  |        | must be distinctInstance or memberOf
          strategy   | binpack          | disk   | must be cpu or memory
          strategy   | binpack          |        | must be cpu or memory
          strategy   | spread           | rack   | must be instanceId, host or attribute:NAME
          strategy   |                  | cpu    | must be random, spread or binpack
          """)
  void whatMakesNoSenseIsRefused(
      String what, @Nullable String type, @Nullable String argument, String text) {
    RunTaskRequest.Builder request = request(1);
    if (what.equals("constraint")) {
      request.placementConstraints(List.of(constraint(type, argument)));
    } else {
      request.placementStrategy(List.of(strategy(type, argument)));
    }
    ServiceException refused = control.refusal(Ecs.RUN_TASK, request.build());
    assertThat(refused.code()).isEqualTo("InvalidParameterException");
    assertThat(refused.text()).contains(text);
  }

  @Test
  void tooManyAreRefused() {
    PlacementConstraint member = constraint("memberOf", "attribute:rack exists");
    assertThat(places(request(1).placementConstraints(Collections.nCopies(10, member)).build()))
        .containsExactly(0);
    assertThat(
            control
                .refusal(
                    Ecs.RUN_TASK,
                    request(1).placementConstraints(Collections.nCopies(11, member)).build())
                .text())
        .contains("at most 10 items");
    assertThat(
            control
                .refusal(
                    Ecs.RUN_TASK,
                    request(1)
                        .placementStrategy(Collections.nCopies(6, strategy("random", null)))
                        .build())
                .text())
        .contains("at most 5 items");
  }

  private static RunTaskRequest.Builder request(int count) {
    return RunTaskRequest.builder().taskDefinition("a").count(count);
  }

  private static PlacementConstraint constraint(
      @Nullable String type, @Nullable String expression) {
    return PlacementConstraint.builder().type(type).expression(expression).build();
  }

  private static PlacementStrategy strategy(@Nullable String type, @Nullable String field) {
    return PlacementStrategy.builder().type(type).field(field).build();
  }

  /// The hosts of the tasks, by their place in [#hosts].
  private List<Integer> places(RunTaskRequest request) {
    RunTaskResponse response = control.call(Ecs.RUN_TASK, request);
    assertThat(response.failures()).isEmpty();
    List<Integer> places = new ArrayList<>();
    for (Task task : Objects.requireNonNull(response.tasks())) {
      places.add(hosts.indexOf(task.containerInstanceArn()));
    }
    return places;
  }
}

package dev.gantry.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.ecs.CreateClusterRequest;
import dev.gantry.api.ecs.DescribeClustersRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.logs.Logs;
import dev.gantry.control.ecs.Definitions;
import dev.gantry.model.Scope;
import dev.gantry.wire.shape.Operation;
import dev.gantry.wire.shape.ServiceException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ThrottleTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Scope SCOPE = new Scope("000000000000", "us-east-1");

  private final Throttle throttle = new Throttle();

  /// AWS's own table: what a full bucket gives at once, and what comes in each second after.
  @ParameterizedTest(name = "{0}: {1}, then {2} a second")
  @CsvSource({
    "CreateCluster,20,1",
    "UpdateClusterSettings,20,1",
    "DescribeClusters,50,20",
    "RegisterTaskDefinition,20,1",
    "ListTaskDefinitionFamilies,50,20",
    "DeleteTaskDefinitions,5,1",
    "DescribeCapacityProviders,50,20",
    "UntagResource,20,10",
    "ListTagsForResource,50,20",
    "PutAccountSettingDefault,10,1",
    "ListAccountSettings,50,20",
    "RunTask,100,40",
    "UpdateContainerInstancesState,100,40",
    "DescribeTasks,100,20",
    "SubmitTaskStateChange,200,120",
    "RegisterContainerInstance,200,120",
    "UpdateService,50,5",
    "GetTaskProtection,200,80",
  })
  void aBucketHoldsABurstAndRefills(String name, int burst, int sustained) {
    Operation<?, ?> operation = operation(name);
    assertThat(admitted(NOW, operation)).isEqualTo(burst);
    assertThat(admitted(NOW.plusSeconds(1), operation)).isEqualTo(sustained);
    assertThat(admitted(NOW.plusSeconds(3), operation)).isEqualTo(Math.min(burst, 2 * sustained));
    // However long nobody calls, a bucket holds no more than it holds.
    assertThat(admitted(NOW.plus(Duration.ofDays(30)), operation)).isEqualTo(burst);
  }

  @ParameterizedTest
  @EnumSource
  void theOperationsOfACategoryShareOneBucket(ThrottleCategory category) {
    List<Operation<?, ?>> operations = new ArrayList<>();
    for (Operation<?, ?> operation : Ecs.SERVICE.operations()) {
      if (ThrottleCategory.of(operation.name()) == category) {
        operations.add(operation);
      }
    }
    assertThat(operations).isNotEmpty();
    for (int i = 0; i < category.burst(); i++) {
      assertThat(throttle.admits(NOW, SCOPE, operations.get(i % operations.size()))).isTrue();
    }
    for (Operation<?, ?> operation : operations) {
      assertThat(throttle.admits(NOW, SCOPE, operation)).as(operation.name()).isFalse();
    }
  }

  @Test
  void eachAccountRegionAndCategoryHasItsOwn() {
    assertThat(admitted(NOW, Ecs.DELETE_TASK_DEFINITIONS)).isEqualTo(5);
    assertThat(throttle.admits(NOW, SCOPE, Ecs.REGISTER_TASK_DEFINITION)).isTrue();
    for (Scope other :
        List.of(
            new Scope("111111111111", "us-east-1"), new Scope("000000000000", "eu-central-1"))) {
      assertThat(throttle.admits(NOW, other, Ecs.DELETE_TASK_DEFINITIONS)).isTrue();
    }
    assertThat(throttle.admits(NOW, SCOPE, Ecs.DELETE_TASK_DEFINITIONS)).isFalse();
  }

  /// Where AWS publishes no rate, nothing is made up.
  @Test
  void whatHasNoPublishedRateIsNotThrottled() {
    for (int i = 0; i < 1_000; i++) {
      assertThat(throttle.admits(NOW, SCOPE, Ecs.DISCOVER_POLL_ENDPOINT)).isTrue();
      // It has the name of an operation of Amazon ECS that is.
      assertThat(throttle.admits(NOW, SCOPE, Logs.LIST_TAGS_FOR_RESOURCE)).isTrue();
    }
    assertThat(throttle.size()).isZero();
  }

  @Test
  void aRefusedCallTakesNoToken() {
    assertThat(admitted(NOW, Ecs.DELETE_TASK_DEFINITIONS)).isEqualTo(5);
    for (int i = 0; i < 100; i++) {
      assertThat(throttle.admits(NOW, SCOPE, Ecs.DELETE_TASK_DEFINITIONS)).isFalse();
    }
    assertThat(throttle.admits(NOW.plusSeconds(1), SCOPE, Ecs.DELETE_TASK_DEFINITIONS)).isTrue();
  }

  /// A wall clock may be set back by any amount: the bucket is then empty, and refills from there.
  @Test
  void aClockThatIsSetBackLocksNobodyOut() {
    assertThat(admitted(NOW, Ecs.DELETE_TASK_DEFINITIONS)).isEqualTo(5);
    Instant before = NOW.minus(Duration.ofDays(1));
    assertThat(admitted(before, Ecs.DELETE_TASK_DEFINITIONS)).isZero();
    assertThat(admitted(before.plusSeconds(2), Ecs.DELETE_TASK_DEFINITIONS)).isEqualTo(2);
    assertThat(admitted(before.plusSeconds(60), Ecs.DELETE_TASK_DEFINITIONS)).isEqualTo(5);
  }

  @Test
  void onlySoManyBucketsAreRemembered() {
    for (int i = 0; i < Throttle.MAX_BUCKETS + 10; i++) {
      throttle.admits(NOW, new Scope("000000000000", "r-" + i), Ecs.DELETE_TASK_DEFINITIONS);
    }
    assertThat(throttle.size()).isEqualTo(Throttle.MAX_BUCKETS);
    // Those that are full again make room before any other does.
    Instant later = NOW.plusSeconds(1);
    throttle.admits(later, SCOPE, Ecs.DELETE_TASK_DEFINITIONS);
    assertThat(throttle.size()).isEqualTo(1);
  }

  @Test
  void whoIsThrottledReadsWhatAwsSays() {
    ControlHarness control =
        new ControlHarness(
            table -> ControlOperations.register(table, new Definitions(), ServiceQuotas.DEFAULTS));
    CreateClusterRequest create = CreateClusterRequest.builder().build();
    // Off unless it is asked for.
    for (int i = 0; i < 100; i++) {
      control.call(Ecs.CREATE_CLUSTER, create);
    }
    control.throttle();
    for (int i = 0; i < 20; i++) {
      control.call(Ecs.CREATE_CLUSTER, create);
    }
    ServiceException refused = control.refusal(Ecs.CREATE_CLUSTER, create);
    assertThat(refused.code()).isEqualTo("ThrottlingException");
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text()).isEqualTo("Rate exceeded");
    // A query is counted as a command is.
    DescribeClustersRequest describe = DescribeClustersRequest.builder().build();
    for (int i = 0; i < 50; i++) {
      control.call(Ecs.DESCRIBE_CLUSTERS, describe);
    }
    assertThat(control.refusal(Ecs.DESCRIBE_CLUSTERS, describe).code())
        .isEqualTo("ThrottlingException");
    control.pass(Duration.ofSeconds(1));
    control.call(Ecs.CREATE_CLUSTER, create);
    control.call(Ecs.DESCRIBE_CLUSTERS, describe);
  }

  private int admitted(Instant now, Operation<?, ?> operation) {
    int count = 0;
    while (count <= 1_000 && throttle.admits(now, SCOPE, operation)) {
      count++;
    }
    return count;
  }

  private static Operation<?, ?> operation(String name) {
    return Objects.requireNonNull(Ecs.SERVICE.operation(name), name);
  }
}

package dev.gantry.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.api.ecs.CreateClusterRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.ListClustersRequest;
import dev.gantry.api.logs.CreateLogGroupRequest;
import dev.gantry.api.logs.Logs;
import dev.gantry.control.ecs.Definitions;
import dev.gantry.model.Scope;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdjustableQuotaTest {
  /// What each quota stands at unless somebody sets it, as AWS documents it.
  @ParameterizedTest(name = "{0}")
  @CsvSource({"clusters-per-account,10000", "log-groups,1000000"})
  void startsWithWhatAwsGrants(String name, int value) {
    AdjustableQuota quota = Objects.requireNonNull(AdjustableQuota.named(name));
    assertThat(ServiceQuotas.DEFAULTS.value(quota)).isEqualTo(value);
  }

  /// A quota acts where things are made, is the account's and the region's own, and can be lowered
  /// as well as raised.
  @ParameterizedTest
  @EnumSource
  void whatIsSetIsWhatThereMayBe(AdjustableQuota quota) {
    ControlHarness control = with(quota, 2);
    assertThat(make(control, quota, "a")).isNull();
    assertThat(make(control, quota, "b")).isNull();
    assertThat(make(control, quota, "c")).isEqualTo(error(quota));
    control.as(new Scope("111111111111", "us-east-1"));
    assertThat(make(control, quota, "c")).isNull();
    control.as(new Scope("000000000000", "eu-west-1"));
    assertThat(make(control, quota, "c")).isNull();

    ControlHarness raised = with(quota, 3);
    for (String name : new String[] {"a", "b", "c"}) {
      assertThat(make(raised, quota, name)).isNull();
    }
    assertThat(make(raised, quota, "d")).isEqualTo(error(quota));
  }

  /// Whoever lowers a quota below what exists loses nothing; there is room again when enough went.
  @Test
  void whatExistsBeyondALoweredQuotaStays() {
    ControlHarness control = with(AdjustableQuota.CLUSTERS, 3);
    for (String name : new String[] {"a", "b", "c"}) {
      make(control, AdjustableQuota.CLUSTERS, name);
    }
    ControlHarness lowered = control.crash(table -> register(table, AdjustableQuota.CLUSTERS, 1));
    assertThat(lowered.call(Ecs.LIST_CLUSTERS, ListClustersRequest.builder().build()).clusterArns())
        .hasSize(3);
    assertThat(make(lowered, AdjustableQuota.CLUSTERS, "d")).isEqualTo("ClientException");
    // What is there already is no new one.
    assertThat(make(lowered, AdjustableQuota.CLUSTERS, "a")).isNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, AdjustableQuota.MAX + 1})
  void someValuesAreNone(int value) {
    assertThatThrownBy(() -> ServiceQuotas.DEFAULTS.with(AdjustableQuota.CLUSTERS, value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("clusters-per-account goes from 1 to " + AdjustableQuota.MAX);
  }

  @Test
  void settingOneLeavesTheOthers() {
    ServiceQuotas set = ServiceQuotas.DEFAULTS.with(AdjustableQuota.LOG_GROUPS, 5);
    assertThat(set.ecs()).isEqualTo(ServiceQuotas.DEFAULTS.ecs());
    assertThat(set.logs().groups()).isEqualTo(5);
    set = set.with(AdjustableQuota.CLUSTERS, 7);
    assertThat(set.logs().groups()).isEqualTo(5);
    assertThat(set.ecs()).isEqualTo(ServiceQuotas.DEFAULTS.ecs().withClusters(7));
  }

  private static String error(AdjustableQuota quota) {
    // What each operation's list of errors has for it.
    return switch (quota) {
      case CLUSTERS -> "ClientException";
      case LOG_GROUPS -> "LimitExceededException";
    };
  }

  /// Makes one more of what the quota counts.
  ///
  /// @return the code of the refusal, or null
  private static @Nullable String make(ControlHarness control, AdjustableQuota quota, String name) {
    ControlHarness.Reply<?> reply =
        switch (quota) {
          case CLUSTERS ->
              control.ask(
                  Ecs.CREATE_CLUSTER, CreateClusterRequest.builder().clusterName(name).build());
          case LOG_GROUPS ->
              control.ask(
                  Logs.CREATE_LOG_GROUP,
                  CreateLogGroupRequest.builder().logGroupName(name).build());
        };
    control.settle();
    return reply.refused() ? reply.error().code() : null;
  }

  private static ControlHarness with(AdjustableQuota quota, int value) {
    return new ControlHarness(table -> register(table, quota, value));
  }

  private static void register(OperationTable table, AdjustableQuota quota, int value) {
    ControlOperations.register(table, new Definitions(), ServiceQuotas.DEFAULTS.with(quota, value));
  }
}

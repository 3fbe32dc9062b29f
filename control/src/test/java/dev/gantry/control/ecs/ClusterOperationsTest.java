package dev.gantry.control.ecs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.ecs.CapacityProviderStrategyItem;
import dev.gantry.api.ecs.Cluster;
import dev.gantry.api.ecs.ClusterConfiguration;
import dev.gantry.api.ecs.ClusterSetting;
import dev.gantry.api.ecs.CreateClusterRequest;
import dev.gantry.api.ecs.DeleteClusterRequest;
import dev.gantry.api.ecs.DeregisterContainerInstanceRequest;
import dev.gantry.api.ecs.DescribeClustersRequest;
import dev.gantry.api.ecs.DescribeClustersResponse;
import dev.gantry.api.ecs.DescribeTasksRequest;
import dev.gantry.api.ecs.DescribeTasksResponse;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.ExecuteCommandConfiguration;
import dev.gantry.api.ecs.ExecuteCommandLogConfiguration;
import dev.gantry.api.ecs.Failure;
import dev.gantry.api.ecs.KeyValuePair;
import dev.gantry.api.ecs.ListClustersRequest;
import dev.gantry.api.ecs.ListClustersResponse;
import dev.gantry.api.ecs.ListTasksRequest;
import dev.gantry.api.ecs.PutAccountSettingDefaultRequest;
import dev.gantry.api.ecs.PutClusterCapacityProvidersRequest;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.Tag;
import dev.gantry.api.ecs.Task;
import dev.gantry.api.ecs.UpdateClusterRequest;
import dev.gantry.api.ecs.UpdateClusterSettingsRequest;
import dev.gantry.api.ecs.UpdateContainerInstancesStateRequest;
import dev.gantry.control.ControlHarness;
import dev.gantry.control.FakeAgent;
import dev.gantry.model.Cluster.ClusterStatus;
import dev.gantry.model.ClusterId;
import dev.gantry.model.Scope;
import dev.gantry.wire.shape.ServiceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterOperationsTest {
  private static final String NOT_OVERRIDE =
      "InvalidParameterException: You must set logging to 'OVERRIDE' when you supply a log"
          + " configuration";

  private static final String ARN = "arn:aws:ecs:us-east-1:000000000000:cluster/";

  private final ControlHarness control = new ControlHarness(EcsHarness::register);

  @Test
  void aClusterIsMadeOnceAndShownAgain() {
    Cluster first = create("demo");
    assertThat(first.clusterArn()).isEqualTo(ARN + "demo");
    assertThat(first.status()).isEqualTo("ACTIVE");
    assertThat(first.settings()).isEqualTo(settings("disabled"));
    assertThat(first.statistics()).isEmpty();
    assertThat(first.attachments()).isNull();
    assertThat(create("demo")).isEqualTo(first);
    assertThat(create(null).clusterName()).isEqualTo("default");
  }

  /// What a cluster was made with: a second request that says the same, or says less, is answered
  /// with the cluster, one that says otherwise is refused.
  @Test
  void makingAClusterAgainMustNotSaySomethingElse() {
    CreateClusterRequest request =
        CreateClusterRequest.builder()
            .clusterName("demo")
            .tags(List.of(tag("team", "a"), tag("stage", "b")))
            .settings(settings("enabled"))
            .configuration(configuration("NONE"))
            .capacityProviders(List.of("FARGATE", "FARGATE_SPOT"))
            .defaultCapacityProviderStrategy(List.of(item("FARGATE", 1, null)))
            .build();
    Cluster made = cluster(request);
    assertThat(cluster(request)).isEqualTo(made);
    assertThat(create("demo")).isEqualTo(made);
    List<CreateClusterRequest> others =
        List.of(
            request.toBuilder().tags(List.of(tag("team", "a"))).build(),
            request.toBuilder().settings(settings("disabled")).build(),
            request.toBuilder().configuration(configuration("DEFAULT")).build(),
            request.toBuilder()
                .capacityProviders(List.of("FARGATE"))
                .defaultCapacityProviderStrategy(null)
                .build(),
            request.toBuilder()
                .defaultCapacityProviderStrategy(List.of(item("FARGATE", 2, null)))
                .build());
    for (CreateClusterRequest other : others) {
      ServiceException refusal = control.refusal(Ecs.CREATE_CLUSTER, other);
      assertThat(refusal.code()).isEqualTo("InvalidParameterException");
      assertThat(refusal.text())
          .isEqualTo(
              "Arguments on this idempotent request are inconsistent with arguments used in previous"
                  + " request(s).");
    }
    assertThat(cluster(request)).isEqualTo(made);
  }

  @Test
  void optionalPartsAreShownOnlyWhenAskedFor() {
    cluster(
        CreateClusterRequest.builder()
            .clusterName("demo")
            .settings(settings("enabled"))
            .configuration(configuration("NONE"))
            .tags(List.of(tag("team", "a")))
            .build());
    Cluster plain = describeOne("demo");
    assertThat(plain.settings()).isEmpty();
    assertThat(plain.tags()).isEmpty();
    assertThat(plain.statistics()).isEmpty();
    assertThat(plain.configuration()).isNull();
    assertThat(plain.attachments()).isNull();
    Cluster full =
        describeOne("demo", "SETTINGS", "TAGS", "STATISTICS", "CONFIGURATIONS", "ATTACHMENTS");
    assertThat(full.settings()).isEqualTo(settings("enabled"));
    assertThat(full.tags()).containsExactly(tag("team", "a"));
    assertThat(full.statistics()).hasSize(16);
    assertThat(full.configuration()).isEqualTo(configuration("NONE"));
    assertThat(full.attachments()).isEmpty();
  }

  @Test
  void whatIsNotThereIsAFailureAndNotAnError() {
    DescribeClustersResponse response = describe(List.of(), "nowhere");
    assertThat(response.clusters()).isEmpty();
    assertThat(response.failures())
        .containsExactly(Failure.builder().arn(ARN + "nowhere").reason("MISSING").build());
  }

  @Test
  void aClusterThatIsNamedTwiceIsShownOnce() {
    create("demo");
    DescribeClustersResponse response =
        describe(List.of(), "nowhere", "demo", ARN + "demo", "nowhere");
    assertThat(response.clusters()).hasSize(1);
    assertThat(response.failures()).hasSize(1);
  }

  @Test
  void aHundredClustersAreDescribedAndNotOneMore() {
    String[] names = IntStream.range(0, 101).mapToObj(i -> "c" + i).toArray(String[]::new);
    assertThat(describe(List.of(), java.util.Arrays.copyOf(names, 100)).failures()).hasSize(100);
    assertThat(
            control
                .refusal(
                    Ecs.DESCRIBE_CLUSTERS,
                    DescribeClustersRequest.builder().clusters(List.of(names)).build())
                .text())
        .isEqualTo("clusters can have at most 100 items.");
  }

  @Test
  void countsAreTrueAndReturnToNothing() {
    ControlHarness busy = EcsHarness.withDefaultCluster();
    FakeAgent agent = FakeAgent.register(busy, "default").connect();
    EcsHarness.define(busy, "app", EcsHarness.container("app").build());
    String running = EcsHarness.runOne(busy, "app");
    EcsHarness.runOne(busy, "app");
    agent.report(running, "RUNNING", FakeAgent.running("app"));
    Cluster cluster = statistics(busy);
    assertThat(cluster.registeredContainerInstancesCount()).isEqualTo(1);
    assertThat(cluster.runningTasksCount()).isEqualTo(1);
    assertThat(cluster.pendingTasksCount()).isEqualTo(1);
    assertThat(cluster.activeServicesCount()).isZero();
    assertThat(cluster.statistics())
        .contains(count("runningEC2TasksCount", "1"), count("pendingEC2TasksCount", "1"))
        .filteredOn(statistic -> !"0".equals(statistic.value()))
        .hasSize(2);
    // A DRAINING host is a member still.
    busy.call(
        Ecs.UPDATE_CONTAINER_INSTANCES_STATE,
        UpdateContainerInstancesStateRequest.builder()
            .containerInstances(List.of(agent.arn()))
            .status("DRAINING")
            .build());
    assertThat(statistics(busy).registeredContainerInstancesCount()).isEqualTo(1);
    busy.call(
        Ecs.DEREGISTER_CONTAINER_INSTANCE,
        DeregisterContainerInstanceRequest.builder()
            .containerInstance(agent.arn())
            .force(true)
            .build());
    cluster = statistics(busy);
    assertThat(cluster.registeredContainerInstancesCount()).isZero();
    assertThat(cluster.runningTasksCount()).isZero();
    assertThat(cluster.pendingTasksCount()).isZero();
    assertThat(cluster.statistics()).allMatch(statistic -> "0".equals(statistic.value()));
  }

  @Test
  void accountsAndRegionsDoNotSeeEachOther() {
    create("demo");
    control.as(new Scope("111111111111", "us-east-1"));
    assertThat(describe(List.of(), "demo").clusters()).isEmpty();
    assertThat(foreign())
        .isEqualTo("Identifier is for 000000000000. Your accountId is 111111111111");
    control.as(new Scope("000000000000", "eu-west-1"));
    assertThat(describe(List.of(), "demo").clusters()).isEmpty();
    assertThat(foreign()).isEqualTo("Invalid Region in ARN");
  }

  private @Nullable String foreign() {
    ServiceException refusal =
        control.refusal(
            Ecs.DESCRIBE_CLUSTERS,
            DescribeClustersRequest.builder().clusters(List.of(ARN + "demo")).build());
    assertThat(refusal.code()).isEqualTo("InvalidParameterException");
    return refusal.text();
  }

  @Test
  void pagesCoverEverythingOnce() {
    for (int i = 0; i < 250; i++) {
      create("c" + i);
    }
    control.call(Ecs.DELETE_CLUSTER, DeleteClusterRequest.builder().cluster("c17").build());
    for (int size : List.of(1, 10, 100)) {
      List<String> seen = new ArrayList<>();
      String token = null;
      do {
        ListClustersResponse page =
            control.call(
                Ecs.LIST_CLUSTERS,
                ListClustersRequest.builder().maxResults(size).nextToken(token).build());
        assertThat(page.clusterArns()).hasSizeLessThanOrEqualTo(size);
        seen.addAll(Objects.requireNonNull(page.clusterArns()));
        token = page.nextToken();
      } while (token != null);
      assertThat(seen).hasSize(249).doesNotHaveDuplicates().doesNotContain(ARN + "c17");
    }
    for (ListClustersRequest bad :
        List.of(
            ListClustersRequest.builder().nextToken("x").build(),
            ListClustersRequest.builder().maxResults(0).build(),
            ListClustersRequest.builder().maxResults(101).build())) {
      assertThat(control.refusal(Ecs.LIST_CLUSTERS, bad).code())
          .isEqualTo("InvalidParameterException");
    }
  }

  @Test
  void updatesChangeWhatTheyNameAndNothingElse() {
    cluster(
        CreateClusterRequest.builder()
            .clusterName("demo")
            .configuration(configuration("NONE"))
            .tags(List.of(tag("team", "a")))
            .build());
    Cluster updated =
        Objects.requireNonNull(
            control
                .call(
                    Ecs.UPDATE_CLUSTER,
                    UpdateClusterRequest.builder()
                        .cluster("demo")
                        .settings(settings("enhanced"))
                        .build())
                .cluster());
    assertThat(updated.settings()).isEqualTo(settings("enhanced"));
    assertThat(updated.configuration()).isEqualTo(configuration("NONE"));
    assertThat(updated.tags()).isEmpty();
    assertThat(updated.attachments()).isEmpty();
    control.call(
        Ecs.UPDATE_CLUSTER,
        UpdateClusterRequest.builder()
            .cluster(ARN + "demo")
            .configuration(configuration("DEFAULT"))
            .build());
    control.call(
        Ecs.UPDATE_CLUSTER_SETTINGS,
        UpdateClusterSettingsRequest.builder()
            .cluster("demo")
            .settings(settings("disabled"))
            .build());
    Cluster shown = describeOne("demo", "SETTINGS", "CONFIGURATIONS", "TAGS");
    assertThat(shown.settings()).isEqualTo(settings("disabled"));
    assertThat(shown.configuration()).isEqualTo(configuration("DEFAULT"));
    assertThat(shown.tags()).containsExactly(tag("team", "a"));
  }

  static List<Arguments> badUpdates() {
    UpdateClusterRequest.Builder request = UpdateClusterRequest.builder().cluster("demo");
    return List.of(
        Arguments.of(
            "an unknown value",
            request.settings(settings("bad")).build(),
            "InvalidParameterException: Invalid setting 'value'"),
        Arguments.of(
            "OVERRIDE without saying where",
            UpdateClusterRequest.builder()
                .cluster("demo")
                .configuration(configuration("OVERRIDE"))
                .build(),
            "InvalidParameterException: A logConfiguration is required when logging is OVERRIDE."),
        Arguments.of(
            "saying where without OVERRIDE",
            UpdateClusterRequest.builder().cluster("demo").configuration(logged("DEFAULT")).build(),
            NOT_OVERRIDE),
        Arguments.of(
            "a cluster that is not there, before anything else",
            request.cluster("nowhere").settings(settings("bad")).build(),
            "ClusterNotFoundException: Cluster not found."),
        Arguments.of(
            "what cannot be a name",
            request.cluster("a/b").build(),
            "InvalidParameterException: Cluster must match ^[a-zA-Z0-9\\-_]{1,255}$, but was a/b"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badUpdates")
  void badUpdatesAreRefused(String name, UpdateClusterRequest request, String error) {
    create("demo");
    ServiceException refusal = control.refusal(Ecs.UPDATE_CLUSTER, request);
    assertThat(refusal.code() + ": " + refusal.text()).isEqualTo(error);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"NONE", "DEFAULT"})
  void aLogConfigurationThatWouldNotCountIsRefused(@Nullable String logging) {
    ServiceException refusal =
        control.refusal(
            Ecs.CREATE_CLUSTER,
            CreateClusterRequest.builder()
                .clusterName("demo")
                .configuration(logged(logging))
                .build());
    assertThat(refusal.code() + ": " + refusal.text()).isEqualTo(NOT_OVERRIDE);
    assertThat(describe(List.of(), "demo").clusters()).isEmpty();
    assertThat(
            cluster(
                    CreateClusterRequest.builder()
                        .clusterName("demo")
                        .configuration(logged("OVERRIDE"))
                        .build())
                .configuration())
        .isEqualTo(logged("OVERRIDE"));
  }

  private static ClusterConfiguration logged(@Nullable String logging) {
    return ClusterConfiguration.builder()
        .executeCommandConfiguration(
            ExecuteCommandConfiguration.builder()
                .logging(logging)
                .logConfiguration(
                    ExecuteCommandLogConfiguration.builder()
                        .cloudWatchLogGroupName("audit")
                        .build())
                .build())
        .build();
  }

  @Test
  void newClustersTakeTheAccountsContainerInsights() {
    create("before");
    control.call(
        Ecs.PUT_ACCOUNT_SETTING_DEFAULT,
        PutAccountSettingDefaultRequest.builder()
            .name("containerInsights")
            .value("enhanced")
            .build());
    assertThat(create("after").settings()).isEqualTo(settings("enhanced"));
    assertThat(describeOne("before", "SETTINGS").settings()).isEqualTo(settings("disabled"));
    assertThat(
            cluster(
                    CreateClusterRequest.builder()
                        .clusterName("own")
                        .settings(settings("enabled"))
                        .build())
                .settings())
        .isEqualTo(settings("enabled"));
  }

  @Test
  void capacityProvidersAreReplacedAsAWhole() {
    create("demo");
    Cluster both =
        put(
            List.of("FARGATE", "FARGATE_SPOT"),
            List.of(item("FARGATE", 1, 2), item("FARGATE_SPOT", null, null)));
    assertThat(both.capacityProviders()).containsExactly("FARGATE", "FARGATE_SPOT");
    assertThat(both.defaultCapacityProviderStrategy())
        .containsExactly(item("FARGATE", 1, 2), item("FARGATE_SPOT", 0, 0));
    assertThat(both.attachments()).isEmpty();
    Cluster one =
        put(List.of("arn:aws:ecs:us-east-1:000000000000:capacity-provider/FARGATE"), List.of());
    assertThat(one.capacityProviders()).containsExactly("FARGATE");
    assertThat(one.defaultCapacityProviderStrategy()).isEmpty();
    assertThat(put(List.of(), List.of()).capacityProviders()).isEmpty();
    assertThat(describeOne("demo").capacityProviders()).isEmpty();
  }

  static Stream<Arguments> badProviders() {
    return Stream.of(
        Arguments.of(
            "a provider that does not exist",
            List.of("mine"),
            List.of(),
            "The specified capacity provider was not found. Specify a valid capacity provider and"
                + " try again."),
        Arguments.of(
            "a provider twice",
            List.of("FARGATE", "FARGATE"),
            List.of(),
            "A capacity provider can only be specified once."),
        Arguments.of(
            "too many",
            IntStream.range(0, 21).mapToObj(i -> "p" + i).toList(),
            List.of(),
            "The maximum number of capacity providers per cluster has been exceeded."),
        Arguments.of(
            "a strategy over what the cluster has not",
            List.of("FARGATE"),
            List.of(item("FARGATE_SPOT", 1, 0)),
            "The specified capacity provider strategy cannot contain a capacity provider that is not"
                + " associated with the cluster. Associate the capacity provider with the cluster"
                + " and try again."),
        Arguments.of(
            "two bases",
            List.of("FARGATE", "FARGATE_SPOT"),
            List.of(item("FARGATE", 1, 1), item("FARGATE_SPOT", 1, 1)),
            "Only one capacity provider in a capacity provider strategy can have a base defined."),
        Arguments.of(
            "one provider twice in a strategy",
            List.of("FARGATE"),
            List.of(item("FARGATE", 1, 0), item("FARGATE", 2, 0)),
            "A capacity provider can only be specified once in a capacity provider strategy."),
        Arguments.of(
            "a strategy too long",
            List.of("FARGATE"),
            IntStream.range(0, 21).mapToObj(i -> item("FARGATE", 1, 0)).toList(),
            "A capacity provider strategy can contain a maximum of 20 capacity providers."));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badProviders")
  void badProvidersAndStrategiesAreRefused(
      String name,
      List<String> providers,
      List<CapacityProviderStrategyItem> strategy,
      String text) {
    create("demo");
    ServiceException refusal =
        control.refusal(
            Ecs.PUT_CLUSTER_CAPACITY_PROVIDERS,
            PutClusterCapacityProvidersRequest.builder()
                .cluster("demo")
                .capacityProviders(providers)
                .defaultCapacityProviderStrategy(strategy)
                .build());
    assertThat(refusal.code()).isEqualTo("InvalidParameterException");
    assertThat(refusal.text()).isEqualTo(text);
    assertThat(
            control
                .refusal(
                    Ecs.CREATE_CLUSTER,
                    CreateClusterRequest.builder()
                        .clusterName("other")
                        .capacityProviders(providers)
                        .defaultCapacityProviderStrategy(strategy)
                        .build())
                .text())
        .isEqualTo(text);
  }

  /// Nothing runs on the predefined providers yet: a task that would is refused and names them.
  @Test
  void aDefaultStrategyIsNotIgnoredWhenATaskRuns() {
    create("default");
    FakeAgent.register(control, "default").connect();
    EcsHarness.define(control, "app", EcsHarness.container("app").build());
    control.call(
        Ecs.PUT_CLUSTER_CAPACITY_PROVIDERS,
        PutClusterCapacityProvidersRequest.builder()
            .cluster("default")
            .capacityProviders(List.of("FARGATE"))
            .defaultCapacityProviderStrategy(List.of(item("FARGATE", 1, null)))
            .build());
    RunTaskRequest request = RunTaskRequest.builder().taskDefinition("app").build();
    ServiceException refusal = control.refusal(Ecs.RUN_TASK, request);
    assertThat(refusal.code()).isEqualTo("UnsupportedFeatureException");
    assertThat(refusal.text()).contains("defaultCapacityProviderStrategy of cluster default");
    assertThat(control.call(Ecs.RUN_TASK, request.toBuilder().launchType("EC2").build()).tasks())
        .hasSize(1);
  }

  @Test
  void aClusterInUseIsNotDeleted() {
    create("default");
    FakeAgent.register(control, "default");
    assertThat(delete("default")).isEqualTo("ClusterContainsContainerInstancesException");
    assertThat(delete("nowhere")).isEqualTo("ClusterNotFoundException");
  }

  @Test
  void aDeletedClusterIsInactiveForAWhileAndThenForgotten() {
    cluster(
        CreateClusterRequest.builder().clusterName("demo").tags(List.of(tag("a", "b"))).build());
    DeleteClusterRequest request = DeleteClusterRequest.builder().cluster("demo").build();
    Cluster gone = Objects.requireNonNull(control.call(Ecs.DELETE_CLUSTER, request).cluster());
    assertThat(gone.status()).isEqualTo("INACTIVE");
    assertThat(describeOne("demo", "TAGS").status()).isEqualTo("INACTIVE");
    assertThat(describeOne("demo", "TAGS").tags()).isEmpty();
    // Deleting it again is no error, changing it is.
    assertThat(Objects.requireNonNull(control.call(Ecs.DELETE_CLUSTER, request).cluster()).status())
        .isEqualTo("INACTIVE");
    ServiceException refusal =
        control.refusal(Ecs.UPDATE_CLUSTER, UpdateClusterRequest.builder().cluster("demo").build());
    assertThat(refusal.code() + ": " + refusal.text())
        .isEqualTo("ClientException: Cluster was not ACTIVE.");
    control.pass(Duration.ofMinutes(59));
    assertThat(describe(List.of(), "demo").clusters()).hasSize(1);
    control.pass(Duration.ofMinutes(2));
    assertThat(describe(List.of(), "demo").clusters()).isEmpty();
  }

  @Test
  void aDeletedClustersNameIsFree() {
    cluster(
        CreateClusterRequest.builder().clusterName("demo").tags(List.of(tag("a", "b"))).build());
    control.call(Ecs.DELETE_CLUSTER, DeleteClusterRequest.builder().cluster("demo").build());
    Cluster again =
        cluster(
            CreateClusterRequest.builder()
                .clusterName("demo")
                .settings(settings("enabled"))
                .build());
    assertThat(again.status()).isEqualTo("ACTIVE");
    assertThat(again.tags()).isEmpty();
    control.pass(Duration.ofHours(2));
    assertThat(describeOne("demo").status()).isEqualTo("ACTIVE");
  }

  @Test
  void whoNamesADeletedClusterHearsThatItIsInactive() {
    create("demo");
    control.call(Ecs.DELETE_CLUSTER, DeleteClusterRequest.builder().cluster("demo").build());
    ServiceException refusal =
        control.refusal(Ecs.LIST_TASKS, ListTasksRequest.builder().cluster("demo").build());
    assertThat(refusal.code() + ": " + refusal.text())
        .isEqualTo("ClusterNotFoundException: The referenced cluster was inactive.");
    control.pass(Duration.ofHours(2));
    assertThat(
            control
                .refusal(Ecs.LIST_TASKS, ListTasksRequest.builder().cluster("demo").build())
                .text())
        .isEqualTo("Cluster not found.");
  }

  /// DescribeTasks shows the tasks of a deleted cluster, and not those of another that had its name
  /// before (API Reference).
  @Test
  void aClustersTasksAreNotThoseOfItsForerunner() {
    create("default");
    EcsHarness.define(control, "app", EcsHarness.container("app").build());
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    RunTaskRequest request =
        RunTaskRequest.builder().taskDefinition("app").clientToken("once").build();
    String task =
        Objects.requireNonNull(
            Objects.requireNonNull(control.call(Ecs.RUN_TASK, request).tasks())
                .getFirst()
                .taskArn());
    agent.report(task, "STOPPED", FakeAgent.stopped("app", 0, null));
    control.call(
        Ecs.DEREGISTER_CONTAINER_INSTANCE,
        DeregisterContainerInstanceRequest.builder().containerInstance(agent.arn()).build());
    control.call(Ecs.DELETE_CLUSTER, DeleteClusterRequest.builder().cluster("default").build());
    assertThat(EcsHarness.describe(control, task).lastStatus()).isEqualTo("STOPPED");

    create("default");
    DescribeTasksResponse described =
        control.call(
            Ecs.DESCRIBE_TASKS, DescribeTasksRequest.builder().tasks(List.of(task)).build());
    assertThat(described.tasks()).isEmpty();
    assertThat(described.failures()).extracting(Failure::reason).containsExactly("MISSING");
    assertThat(
            control
                .call(Ecs.LIST_TASKS, ListTasksRequest.builder().desiredStatus("STOPPED").build())
                .taskArns())
        .isEmpty();
    FakeAgent.register(control, "default").connect();
    assertThat(control.call(Ecs.RUN_TASK, request).tasks())
        .extracting(Task::lastStatus)
        .containsExactly("PENDING");
  }

  @Test
  void thereAreOnlySoManyClusters() {
    ControlHarness small =
        new ControlHarness(table ->
            ClusterOperations.register(table, new Quotas(2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)));
    for (String name : List.of("a", "b")) {
      small.call(Ecs.CREATE_CLUSTER, CreateClusterRequest.builder().clusterName(name).build());
    }
    CreateClusterRequest third = CreateClusterRequest.builder().clusterName("c").build();
    assertThat(small.refusal(Ecs.CREATE_CLUSTER, third).code()).isEqualTo("ClientException");
    // What exists is no new cluster, and what is deleted makes room.
    small.call(Ecs.CREATE_CLUSTER, CreateClusterRequest.builder().clusterName("b").build());
    small.call(Ecs.DELETE_CLUSTER, DeleteClusterRequest.builder().cluster("a").build());
    small.call(Ecs.CREATE_CLUSTER, third);
    small.as(new Scope("111111111111", "us-east-1"));
    small.call(Ecs.CREATE_CLUSTER, third);
  }

  @Test
  void whatIsToldOfAClusterOutlivesACrash() {
    cluster(
        CreateClusterRequest.builder()
            .clusterName("demo")
            .settings(settings("enhanced"))
            .configuration(configuration("NONE"))
            .capacityProviders(List.of("FARGATE"))
            .defaultCapacityProviderStrategy(List.of(item("FARGATE", 3, 1)))
            .build());
    DescribeClustersRequest request =
        DescribeClustersRequest.builder()
            .clusters(List.of("demo"))
            .include(List.of("SETTINGS", "CONFIGURATIONS"))
            .build();
    assertThat(control.crash(EcsHarness::register).call(Ecs.DESCRIBE_CLUSTERS, request))
        .isEqualTo(control.call(Ecs.DESCRIBE_CLUSTERS, request));
  }

  /// A cluster that an earlier release stored without settings.
  @Test
  void aBareDocumentHasTheSettingsThatAmazonBeginsWith() {
    dev.gantry.model.Cluster old =
        new dev.gantry.model.Cluster(
            new ClusterId(ControlHarness.SCOPE, "old"),
            ClusterStatus.ACTIVE,
            ControlHarness.START,
            "{}",
            List.of(),
            List.of(),
            List.of(),
            null);
    assertThat(ClusterDocument.of(old).settings()).isEqualTo(settings("disabled"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a/b", "é", "a|b"})
  void badNamesAreRefused(String name) {
    assertThat(
            control
                .refusal(
                    Ecs.CREATE_CLUSTER, CreateClusterRequest.builder().clusterName(name).build())
                .code())
        .isEqualTo("InvalidParameterException");
    assertThat(control.state().size()).isZero();
  }

  @Test
  void whatDoesNotActIsRefusedByName() {
    assertThat(
            control
                .refusal(
                    Ecs.CREATE_CLUSTER,
                    CreateClusterRequest.builder()
                        .serviceConnectDefaults(
                            dev.gantry.api.ecs.ClusterServiceConnectDefaultsRequest.builder()
                                .namespace("n")
                                .build())
                        .build())
                .text())
        .contains("serviceConnectDefaults");
  }

  private Cluster create(@Nullable String name) {
    return cluster(CreateClusterRequest.builder().clusterName(name).build());
  }

  private Cluster cluster(CreateClusterRequest request) {
    return Objects.requireNonNull(control.call(Ecs.CREATE_CLUSTER, request).cluster());
  }

  private Cluster put(List<String> providers, List<CapacityProviderStrategyItem> strategy) {
    return Objects.requireNonNull(
        control
            .call(
                Ecs.PUT_CLUSTER_CAPACITY_PROVIDERS,
                PutClusterCapacityProvidersRequest.builder()
                    .cluster("demo")
                    .capacityProviders(providers)
                    .defaultCapacityProviderStrategy(strategy)
                    .build())
            .cluster());
  }

  private DescribeClustersResponse describe(List<String> include, String... names) {
    return control.call(
        Ecs.DESCRIBE_CLUSTERS,
        DescribeClustersRequest.builder().clusters(List.of(names)).include(include).build());
  }

  private Cluster describeOne(String name, String... include) {
    return Objects.requireNonNull(describe(List.of(include), name).clusters()).getFirst();
  }

  private static Cluster statistics(ControlHarness control) {
    return Objects.requireNonNull(
            control
                .call(
                    Ecs.DESCRIBE_CLUSTERS,
                    DescribeClustersRequest.builder().include(List.of("STATISTICS")).build())
                .clusters())
        .getFirst();
  }

  private String delete(String name) {
    return control
        .refusal(Ecs.DELETE_CLUSTER, DeleteClusterRequest.builder().cluster(name).build())
        .code();
  }

  private static List<ClusterSetting> settings(String containerInsights) {
    return List.of(
        ClusterSetting.builder().name("containerInsights").value(containerInsights).build());
  }

  private static ClusterConfiguration configuration(String logging) {
    return ClusterConfiguration.builder()
        .executeCommandConfiguration(ExecuteCommandConfiguration.builder().logging(logging).build())
        .build();
  }

  private static CapacityProviderStrategyItem item(
      String name, @Nullable Integer weight, @Nullable Integer base) {
    return CapacityProviderStrategyItem.builder()
        .capacityProvider(name)
        .weight(weight)
        .base(base)
        .build();
  }

  private static Tag tag(String key, String value) {
    return Tag.builder().key(key).value(value).build();
  }

  private static KeyValuePair count(String name, String value) {
    return KeyValuePair.builder().name(name).value(value).build();
  }
}

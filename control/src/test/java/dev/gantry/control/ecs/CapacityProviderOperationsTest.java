package dev.gantry.control.ecs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.ecs.AutoScalingGroupProvider;
import dev.gantry.api.ecs.AutoScalingGroupProviderUpdate;
import dev.gantry.api.ecs.CapacityProvider;
import dev.gantry.api.ecs.CapacityProviderStrategyItem;
import dev.gantry.api.ecs.Cluster;
import dev.gantry.api.ecs.CreateCapacityProviderRequest;
import dev.gantry.api.ecs.CreateClusterRequest;
import dev.gantry.api.ecs.CreateManagedInstancesProviderConfiguration;
import dev.gantry.api.ecs.DeleteCapacityProviderRequest;
import dev.gantry.api.ecs.DeleteClusterRequest;
import dev.gantry.api.ecs.DescribeCapacityProvidersRequest;
import dev.gantry.api.ecs.DescribeCapacityProvidersResponse;
import dev.gantry.api.ecs.DescribeClustersRequest;
import dev.gantry.api.ecs.DescribeContainerInstancesRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.InstanceLaunchTemplate;
import dev.gantry.api.ecs.ListTagsForResourceRequest;
import dev.gantry.api.ecs.ManagedInstancesNetworkConfiguration;
import dev.gantry.api.ecs.ManagedScaling;
import dev.gantry.api.ecs.PutClusterCapacityProvidersRequest;
import dev.gantry.api.ecs.Tag;
import dev.gantry.api.ecs.TagResourceRequest;
import dev.gantry.api.ecs.UntagResourceRequest;
import dev.gantry.api.ecs.UpdateCapacityProviderRequest;
import dev.gantry.control.ControlHarness;
import dev.gantry.control.FakeAgent;
import dev.gantry.model.Scope;
import dev.gantry.wire.shape.ServiceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Capacity providers of Auto Scaling groups, and their association with clusters.
class CapacityProviderOperationsTest {
  private static final String GROUP_ARN =
      "arn:aws:autoscaling:us-east-1:000000000000:autoScalingGroup:"
          + "0b1c2d3e-0000-0000-0000-000000000000:autoScalingGroupName/hosts";
  private static final String NAMING =
      "The specified capacity provider name is invalid. Up to 255 characters are allowed,"
          + " including letters (upper and lowercase), numbers, underscores, and hyphens. The name"
          + " cannot be prefixed with \"aws\", \"ecs\", or \"fargate\". Specify a valid name and"
          + " try again.";

  private final ControlHarness control = EcsHarness.withDefaultCluster();

  // CreateCapacityProvider

  @Test
  void whatIsLeftOutHasItsDocumentedValue() {
    CapacityProvider plain = create(request("plain", GROUP_ARN));
    assertThat(plain.capacityProviderArn())
        .isEqualTo("arn:aws:ecs:us-east-1:000000000000:capacity-provider/plain");
    assertThat(plain.name()).isEqualTo("plain");
    assertThat(plain.status()).isEqualTo("ACTIVE");
    assertThat(plain.type()).isEqualTo("EC2_AUTOSCALING");
    assertThat(plain.updateStatus()).isNull();
    assertThat(plain.tags()).isEmpty();
    assertThat(group(plain))
        .isEqualTo(
            AutoScalingGroupProvider.builder()
                .autoScalingGroupArn(GROUP_ARN)
                .managedScaling(ManagedScaling.builder().status("DISABLED").build())
                .managedTerminationProtection("DISABLED")
                .managedDraining("ENABLED")
                .build());
    CapacityProvider managed =
        create(
            request("managed", "others", ManagedScaling.builder().status("ENABLED").build())
                .toBuilder()
                .tags(List.of(new Tag("a", "b")))
                .build());
    assertThat(group(managed).managedScaling())
        .isEqualTo(
            ManagedScaling.builder()
                .status("ENABLED")
                .targetCapacity(100)
                .minimumScalingStepSize(1)
                .maximumScalingStepSize(10_000)
                .instanceWarmupPeriod(300)
                .build());
    assertThat(managed.tags()).containsExactly(new Tag("a", "b"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"aws-hosts", "Fargate2", "ECSx", "two words", "", "a/b"})
  void badNamesAreRefused(String name) {
    ServiceException refusal = refusal(request(name, "hosts"));
    assertThat(refusal.code()).isEqualTo("ClientException");
    assertThat(refusal.text()).isEqualTo(NAMING);
  }

  @Test
  void contradictionsAreRefused() {
    assertThat(refusal(CreateCapacityProviderRequest.builder().name("x").build()).code())
        .isEqualTo("InvalidParameterException");
    assertThat(refusal(request("x", "")).text()).startsWith("The specified Auto Scaling group ARN");
    assertThat(refusal(request("x", "ä")).text()).contains("gantry.auto-scaling-group");
    assertThat(refusal(request("x", GROUP_ARN.replace("us-east-1", "us-east-2"))).text())
        .isEqualTo("Invalid Region in ARN");
    assertThat(refusal(request("x", "arn:aws:ecs:us-east-1:000000000000:cluster/a")).text())
        .startsWith("The specified Auto Scaling group ARN is invalid.");
    assertThat(refusal(request("x", "hosts").toBuilder().cluster("default").build()).text())
        .startsWith("A capacity provider that uses an Auto Scaling group belongs to no");
    assertThat(
            refusal(
                    request("x", "hosts").toBuilder()
                        .autoScalingGroupProvider(
                            AutoScalingGroupProvider.builder()
                                .autoScalingGroupArn("hosts")
                                .managedTerminationProtection("ENABLED")
                                .build())
                        .build())
                .text())
        .startsWith(
            "The managed termination protection setting for the capacity provider is invalid.");
    assertThat(
            refusal(
                    request(
                        "x",
                        "hosts",
                        ManagedScaling.builder()
                            .minimumScalingStepSize(5)
                            .maximumScalingStepSize(4)
                            .build()))
                .text())
        .startsWith("The managed scaling settings for the capacity provider are invalid.");
    assertThat(control.state().revision()).isEqualTo(1);
  }

  @Test
  void managedInstancesAreRefusedByName() {
    ServiceException refusal =
        refusal(
            CreateCapacityProviderRequest.builder()
                .name("x")
                .managedInstancesProvider(
                    CreateManagedInstancesProviderConfiguration.builder()
                        .infrastructureRoleArn("arn:aws:iam::000000000000:role/a")
                        .instanceLaunchTemplate(
                            InstanceLaunchTemplate.builder()
                                .ec2InstanceProfileArn("arn:aws:iam::000000000000:b")
                                .networkConfiguration(
                                    ManagedInstancesNetworkConfiguration.builder().build())
                                .build())
                        .build())
                .build());
    assertThat(refusal.code()).isEqualTo("UnsupportedFeatureException");
    assertThat(refusal.text()).contains("MANAGED_INSTANCES");
  }

  @Test
  void nameAndGroupAreUsedOnce() {
    create(request("one", GROUP_ARN));
    ServiceException again = refusal(request("one", "others"));
    assertThat(again.code()).isEqualTo("ClientException");
    assertThat(again.text())
        .isEqualTo(
            "The specified capacity provider already exists. To change the configuration of an"
                + " existing capacity provider, update the capacity provider.");
    ServiceException taken = refusal(request("two", "hosts"));
    assertThat(taken.code()).isEqualTo("ClientException");
    assertThat(taken.text())
        .isEqualTo(
            "The specified Auto Scaling group ARN is already being used by another capacity"
                + " provider. Specify a unique Auto Scaling group ARN and try again.");
    delete("one");
    create(request("two", "hosts"));
    create(request("one", "others"));
  }

  // DescribeCapacityProviders

  @Test
  void thePredefinedAreAmongAll() {
    create(request("mine", "hosts").toBuilder().tags(List.of(new Tag("a", "b"))).build());
    DescribeCapacityProvidersResponse all = describe(DescribeCapacityProvidersRequest.builder());
    assertThat(names(all)).containsExactly("FARGATE", "FARGATE_SPOT", "mine");
    assertThat(providers(all).stream().map(CapacityProvider::type).toList())
        .containsExactly("FARGATE", "FARGATE_SPOT", "EC2_AUTOSCALING");
    assertThat(providers(all).getLast().tags()).isEmpty();
    DescribeCapacityProvidersResponse named =
        describe(
            DescribeCapacityProvidersRequest.builder()
                .capacityProviders(
                    List.of(
                        "arn:aws:ecs:us-east-1:000000000000:capacity-provider/mine", "mine", "no"))
                .include(List.of("TAGS")));
    assertThat(names(named)).containsExactly("mine");
    assertThat(providers(named).getFirst().tags()).containsExactly(new Tag("a", "b"));
    assertThat(Objects.requireNonNull(named.failures()).getFirst().reason()).isEqualTo("MISSING");
    assertThat(named.failures().getFirst().arn())
        .isEqualTo("arn:aws:ecs:us-east-1:000000000000:capacity-provider/no");
    assertThat(
            control
                .refusal(
                    Ecs.DESCRIBE_CAPACITY_PROVIDERS,
                    DescribeCapacityProvidersRequest.builder().cluster("no").build())
                .code())
        .isEqualTo("ClusterNotFoundException");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 10})
  void pagesHaveTenAtMost(int size) {
    for (int i = 0; i < 12; i++) {
      create(request("p" + (10 + i), "g" + i));
    }
    List<String> seen = new ArrayList<>();
    String token = null;
    do {
      DescribeCapacityProvidersResponse page =
          describe(DescribeCapacityProvidersRequest.builder().maxResults(size).nextToken(token));
      assertThat(names(page).size()).isBetween(1, size);
      seen.addAll(names(page));
      token = page.nextToken();
    } while (token != null);
    assertThat(seen).hasSize(14).doesNotHaveDuplicates().isSorted();
    assertThat(names(describe(DescribeCapacityProvidersRequest.builder()))).hasSize(10);
    assertThat(
            control
                .refusal(
                    Ecs.DESCRIBE_CAPACITY_PROVIDERS,
                    DescribeCapacityProvidersRequest.builder().maxResults(11).build())
                .code())
        .isEqualTo("InvalidParameterException");
  }

  @Test
  void aHundredAreDescribedAndNotOneMore() {
    List<String> names = IntStream.range(0, 101).mapToObj(i -> "p" + i).toList();
    ServiceException refusal =
        control.refusal(
            Ecs.DESCRIBE_CAPACITY_PROVIDERS,
            DescribeCapacityProvidersRequest.builder().capacityProviders(names).build());
    assertThat(refusal.code() + ": " + refusal.text())
        .isEqualTo("InvalidParameterException: capacityProviders can have at most 100 items.");
    assertThat(
            describe(
                    DescribeCapacityProvidersRequest.builder()
                        .capacityProviders(names.subList(0, 100)))
                .failures())
        .hasSize(100);
  }

  @Test
  void thereAreOnlySoManyProviders() {
    ControlHarness small =
        new ControlHarness(table ->
            CapacityProviderOperations.register(
                table, new Quotas(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2)));
    small.call(Ecs.CREATE_CAPACITY_PROVIDER, request("a", "g1"));
    small.call(Ecs.CREATE_CAPACITY_PROVIDER, request("b", "g2"));
    CreateCapacityProviderRequest third = request("c", "g3");
    ServiceException refusal = small.refusal(Ecs.CREATE_CAPACITY_PROVIDER, third);
    assertThat(refusal.code()).isEqualTo("LimitExceededException");
    assertThat(refusal.text()).contains("2, has been reached");
    // What is deleted makes room, and another account has its own.
    small.call(
        Ecs.DELETE_CAPACITY_PROVIDER,
        DeleteCapacityProviderRequest.builder().capacityProvider("a").build());
    small.call(Ecs.CREATE_CAPACITY_PROVIDER, third);
    small.as(new Scope("111111111111", "us-east-1"));
    small.call(Ecs.CREATE_CAPACITY_PROVIDER, third);
  }

  /// Only a provider of managed instances belongs to a cluster, and there is none.
  @Test
  void aClusterHasNoProvidersOfItsOwn() {
    create(request("mine", "hosts"));
    long revision = control.state().revision();
    for (ServiceException refusal :
        List.of(
            refusal(request("other", "others").toBuilder().cluster("default").build()),
            control.refusal(
                Ecs.UPDATE_CAPACITY_PROVIDER,
                UpdateCapacityProviderRequest.builder()
                    .name("mine")
                    .cluster("default")
                    .autoScalingGroupProvider(AutoScalingGroupProviderUpdate.builder().build())
                    .build()),
            control.refusal(
                Ecs.DELETE_CAPACITY_PROVIDER,
                DeleteCapacityProviderRequest.builder()
                    .capacityProvider("mine")
                    .cluster("default")
                    .build()))) {
      assertThat(refusal.code()).isEqualTo("InvalidParameterException");
      assertThat(refusal.text()).contains("that uses an Auto Scaling group");
    }
    assertThat(control.state().revision()).isEqualTo(revision);
  }

  // UpdateCapacityProvider

  @Test
  void anUpdateChangesWhatItNames() {
    create(request("mine", "hosts", ManagedScaling.builder().targetCapacity(80).build()));
    CapacityProvider after =
        update(
            "mine",
            AutoScalingGroupProviderUpdate.builder()
                .managedScaling(ManagedScaling.builder().status("ENABLED").build())
                .managedDraining("DISABLED")
                .build());
    assertThat(after.updateStatus()).isEqualTo("UPDATE_COMPLETE");
    ManagedScaling scaling = Objects.requireNonNull(group(after).managedScaling());
    assertThat(scaling.status()).isEqualTo("ENABLED");
    assertThat(scaling.targetCapacity()).isEqualTo(80);
    assertThat(group(after).managedDraining()).isEqualTo("DISABLED");
    assertThat(
            control
                .refusal(
                    Ecs.UPDATE_CAPACITY_PROVIDER,
                    UpdateCapacityProviderRequest.builder()
                        .name("FARGATE")
                        .autoScalingGroupProvider(AutoScalingGroupProviderUpdate.builder().build())
                        .build())
                .code())
        .isEqualTo("ClientException");
    assertThat(
            control
                .refusal(
                    Ecs.UPDATE_CAPACITY_PROVIDER,
                    UpdateCapacityProviderRequest.builder()
                        .name("no")
                        .autoScalingGroupProvider(AutoScalingGroupProviderUpdate.builder().build())
                        .build())
                .code())
        .isEqualTo("InvalidParameterException");
  }

  // DeleteCapacityProvider

  @Test
  void aProviderOfAClusterStaysAndSaysWhy() {
    create(request("mine", "hosts"));
    associate("default", "mine");
    CapacityProvider refused = delete("mine");
    assertThat(refused.status()).isEqualTo("ACTIVE");
    assertThat(refused.updateStatus()).isEqualTo("DELETE_FAILED");
    assertThat(refused.updateStatusReason())
        .isEqualTo(
            "The capacity provider cannot be deleted because it is associated with cluster:"
                + " default. Remove the capacity provider from the cluster and try again.");
    associate("default");
    CapacityProvider gone = delete("mine");
    assertThat(gone.status()).isEqualTo("INACTIVE");
    assertThat(gone.updateStatus()).isEqualTo("DELETE_COMPLETE");
    assertThat(names(describe(DescribeCapacityProvidersRequest.builder())))
        .containsExactly("FARGATE", "FARGATE_SPOT");
    DescribeCapacityProvidersRequest.Builder byName =
        DescribeCapacityProvidersRequest.builder().capacityProviders(List.of("mine"));
    assertThat(providers(describe(byName)).getFirst().status()).isEqualTo("INACTIVE");
    control.pass(Duration.ofHours(1));
    control.settle();
    assertThat(describe(byName).failures()).hasSize(1);
  }

  @Test
  void aDeletedClusterKeepsNoProvider() {
    control.call(Ecs.CREATE_CLUSTER, CreateClusterRequest.builder().clusterName("other").build());
    create(request("mine", "hosts"));
    associate("other", "mine");
    control.call(Ecs.DELETE_CLUSTER, DeleteClusterRequest.builder().cluster("other").build());
    assertThat(delete("mine").status()).isEqualTo("INACTIVE");
  }

  @Test
  void thePredefinedCannotBeDeleted() {
    ServiceException refusal =
        control.refusal(
            Ecs.DELETE_CAPACITY_PROVIDER,
            DeleteCapacityProviderRequest.builder().capacityProvider("FARGATE_SPOT").build());
    assertThat(refusal.code()).isEqualTo("ClientException");
    assertThat(refusal.text())
        .isEqualTo("The specified capacity provider is reserved and cannot be deleted.");
  }

  // Tags

  @Test
  void aProviderHasTags() {
    String arn = Objects.requireNonNull(create(request("mine", "hosts")).capacityProviderArn());
    control.call(Ecs.TAG_RESOURCE, new TagResourceRequest(arn, List.of(new Tag("a", "b"))));
    ListTagsForResourceRequest list = new ListTagsForResourceRequest(arn);
    assertThat(control.call(Ecs.LIST_TAGS_FOR_RESOURCE, list).tags())
        .containsExactly(new Tag("a", "b"));
    control.call(Ecs.UNTAG_RESOURCE, new UntagResourceRequest(arn, List.of("a")));
    assertThat(control.call(Ecs.LIST_TAGS_FOR_RESOURCE, list).tags()).isEmpty();
    assertThat(
            control
                .refusal(Ecs.LIST_TAGS_FOR_RESOURCE, new ListTagsForResourceRequest(arn + "x"))
                .text())
        .isEqualTo("The specified capacity provider does not exist.");
  }

  // With clusters

  @Test
  void aManagedProviderBelongsToOneCluster() {
    control.call(Ecs.CREATE_CLUSTER, CreateClusterRequest.builder().clusterName("other").build());
    create(request("mine", "hosts"));
    associate("default", "mine");
    associate("other", "mine");
    assertThat(
            control
                .refusal(
                    Ecs.UPDATE_CAPACITY_PROVIDER,
                    UpdateCapacityProviderRequest.builder()
                        .name("mine")
                        .autoScalingGroupProvider(
                            AutoScalingGroupProviderUpdate.builder()
                                .managedScaling(ManagedScaling.builder().status("ENABLED").build())
                                .build())
                        .build())
                .code())
        .isEqualTo("ClientException");
    associate("other");
    update(
        "mine",
        AutoScalingGroupProviderUpdate.builder()
            .managedScaling(ManagedScaling.builder().status("ENABLED").build())
            .build());
    associate("default", "mine");
    ServiceException refusal =
        control.refusal(Ecs.PUT_CLUSTER_CAPACITY_PROVIDERS, association("other", "mine"));
    assertThat(refusal.code()).isEqualTo("InvalidParameterException");
    assertThat(refusal.text()).contains("already associated with cluster default");
  }

  @Test
  void aMixWithFargateIsRefused() {
    create(request("mine", "hosts"));
    ServiceException refusal =
        control.refusal(
            Ecs.PUT_CLUSTER_CAPACITY_PROVIDERS,
            association("default", "mine", "FARGATE").toBuilder()
                .defaultCapacityProviderStrategy(List.of(item("mine"), item("FARGATE")))
                .build());
    assertThat(refusal.code()).isEqualTo("InvalidParameterException");
    assertThat(refusal.text()).contains("a mix of capacity providers");
  }

  @Test
  void theClusterShowsThatItsProvidersAreReady() {
    create(request("mine", "hosts"));
    Cluster cluster = associate("default", "mine");
    assertThat(cluster.attachmentsStatus()).isEqualTo("UPDATE_COMPLETE");
    assertThat(cluster.attachments()).isEmpty();
    assertThat(
            Objects.requireNonNull(
                    control
                        .call(Ecs.DESCRIBE_CLUSTERS, DescribeClustersRequest.builder().build())
                        .clusters())
                .getFirst()
                .attachmentsStatus())
        .isNull();
  }

  @Test
  void anInstanceBelongsToTheProviderOfItsGroup() {
    create(request("mine", GROUP_ARN));
    FakeAgent agent = FakeAgent.register(control, "default");
    assertThat(providerOf(agent)).isNull();
    agent.inGroup("hosts");
    assertThat(providerOf(agent)).isNull();
    associate("default", "mine");
    assertThat(providerOf(agent)).isEqualTo("mine");
    agent.inGroup("others");
    assertThat(providerOf(agent)).isNull();
    agent.inGroup("hosts");
    associate("default");
    assertThat(providerOf(agent)).isNull();
  }

  private @Nullable String providerOf(FakeAgent agent) {
    return Objects.requireNonNull(
            control
                .call(
                    Ecs.DESCRIBE_CONTAINER_INSTANCES,
                    DescribeContainerInstancesRequest.builder()
                        .containerInstances(List.of(agent.arn()))
                        .build())
                .containerInstances())
        .getFirst()
        .capacityProviderName();
  }

  private CapacityProvider create(CreateCapacityProviderRequest request) {
    return Objects.requireNonNull(
        control.call(Ecs.CREATE_CAPACITY_PROVIDER, request).capacityProvider());
  }

  private ServiceException refusal(CreateCapacityProviderRequest request) {
    return control.refusal(Ecs.CREATE_CAPACITY_PROVIDER, request);
  }

  private CapacityProvider update(String name, AutoScalingGroupProviderUpdate change) {
    return Objects.requireNonNull(
        control
            .call(
                Ecs.UPDATE_CAPACITY_PROVIDER,
                UpdateCapacityProviderRequest.builder()
                    .name(name)
                    .autoScalingGroupProvider(change)
                    .build())
            .capacityProvider());
  }

  private CapacityProvider delete(String name) {
    return Objects.requireNonNull(
        control
            .call(
                Ecs.DELETE_CAPACITY_PROVIDER,
                DeleteCapacityProviderRequest.builder().capacityProvider(name).build())
            .capacityProvider());
  }

  private DescribeCapacityProvidersResponse describe(
      DescribeCapacityProvidersRequest.Builder request) {
    return control.call(Ecs.DESCRIBE_CAPACITY_PROVIDERS, request.build());
  }

  private Cluster associate(String cluster, String... providers) {
    return Objects.requireNonNull(
        control
            .call(Ecs.PUT_CLUSTER_CAPACITY_PROVIDERS, association(cluster, providers))
            .cluster());
  }

  private static PutClusterCapacityProvidersRequest association(
      String cluster, String... providers) {
    return PutClusterCapacityProvidersRequest.builder()
        .cluster(cluster)
        .capacityProviders(List.of(providers))
        .defaultCapacityProviderStrategy(List.of())
        .build();
  }

  private static CapacityProviderStrategyItem item(String name) {
    return CapacityProviderStrategyItem.builder().capacityProvider(name).weight(1).build();
  }

  private static CreateCapacityProviderRequest request(String name, String group) {
    return request(name, group, null);
  }

  private static CreateCapacityProviderRequest request(
      String name, String group, @Nullable ManagedScaling scaling) {
    return CreateCapacityProviderRequest.builder()
        .name(name)
        .autoScalingGroupProvider(
            AutoScalingGroupProvider.builder()
                .autoScalingGroupArn(group)
                .managedScaling(scaling)
                .build())
        .build();
  }

  private static AutoScalingGroupProvider group(CapacityProvider provider) {
    return Objects.requireNonNull(provider.autoScalingGroupProvider());
  }

  private static List<CapacityProvider> providers(DescribeCapacityProvidersResponse response) {
    return Objects.requireNonNull(response.capacityProviders());
  }

  private static List<String> names(DescribeCapacityProvidersResponse response) {
    return providers(response).stream().map(one -> String.valueOf(one.name())).toList();
  }
}

package dev.gantry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.Attribute;
import software.amazon.awssdk.services.ecs.model.AttributeLimitExceededException;
import software.amazon.awssdk.services.ecs.model.CapacityProviderStrategyItem;
import software.amazon.awssdk.services.ecs.model.Cluster;
import software.amazon.awssdk.services.ecs.model.ClusterField;
import software.amazon.awssdk.services.ecs.model.ClusterSetting;
import software.amazon.awssdk.services.ecs.model.ClusterSettingName;
import software.amazon.awssdk.services.ecs.model.ContainerInstanceField;
import software.amazon.awssdk.services.ecs.model.ContainerInstanceStatus;
import software.amazon.awssdk.services.ecs.model.InstanceHealthCheckState;
import software.amazon.awssdk.services.ecs.model.InvalidParameterException;
import software.amazon.awssdk.services.ecs.model.MissingVersionException;
import software.amazon.awssdk.services.ecs.model.NoUpdateAvailableException;
import software.amazon.awssdk.services.ecs.model.PlatformDevice;
import software.amazon.awssdk.services.ecs.model.Resource;
import software.amazon.awssdk.services.ecs.model.Setting;
import software.amazon.awssdk.services.ecs.model.SettingName;
import software.amazon.awssdk.services.ecs.model.SettingType;
import software.amazon.awssdk.services.ecs.model.TargetNotFoundException;
import software.amazon.awssdk.services.ecs.model.TargetType;

/// Clusters, container instances, attributes, tags and account settings, as the AWS SDK for Java
/// and the AWS CLI see them. No task is started; each test has a cluster of its own.
@Tag("docker")
@ExtendWith(SharedGantry.class)
class EcsResourcesTest {
  private final GantryProcess gantry;
  private final AwsClients clients;
  private final EcsClient ecs;
  private final String cluster = "resources-" + UUID.randomUUID();

  EcsResourcesTest(GantryProcess gantry) throws IOException {
    this.gantry = gantry;
    this.clients = AwsClients.of(gantry);
    this.ecs = clients.ecs();
  }

  @AfterEach
  void close() {
    clients.close();
  }

  @Test
  void aClusterFromItsMakingToItsEnd() {
    ecs.createCluster(request ->
        request
            .clusterName(cluster)
            .capacityProviders("FARGATE", "FARGATE_SPOT")
            .tags(tag("team", "a")));
    assertThatThrownBy(
            () -> ecs.createCluster(request -> request.clusterName(cluster).tags(tag("team", "b"))))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining("Arguments on this idempotent request are inconsistent");
    ecs.updateClusterSettings(request ->
        request
            .cluster(cluster)
            .settings(
                ClusterSetting.builder()
                    .name(ClusterSettingName.CONTAINER_INSIGHTS)
                    .value("enhanced")
                    .build()));
    ecs.updateCluster(request ->
        request
            .cluster(cluster)
            .configuration(configuration ->
                configuration.executeCommandConfiguration(command -> command.logging("NONE"))));
    ecs.putClusterCapacityProviders(request ->
        request
            .cluster(cluster)
            .capacityProviders("FARGATE")
            .defaultCapacityProviderStrategy(
                CapacityProviderStrategyItem.builder()
                    .capacityProvider("FARGATE")
                    .weight(1)
                    .build()));
    Cluster shown =
        ecs.describeClusters(request ->
                request
                    .clusters(cluster)
                    .include(ClusterField.knownValues().toArray(ClusterField[]::new)))
            .clusters()
            .getFirst();
    assertThat(shown.settings())
        .singleElement()
        .matches(setting -> setting.value().equals("enhanced"));
    assertThat(shown.configuration().executeCommandConfiguration().loggingAsString())
        .isEqualTo("NONE");
    assertThat(shown.capacityProviders()).containsExactly("FARGATE");
    assertThat(shown.defaultCapacityProviderStrategy())
        .singleElement()
        .matches(item -> item.weight() == 1 && item.base() == 0);
    assertThat(shown.tags()).singleElement().matches(tag -> tag.value().equals("a"));
    assertThat(shown.statistics()).hasSize(16);
    Cluster bare = ecs.describeClusters(request -> request.clusters(cluster)).clusters().getFirst();
    assertThat(bare.tags()).isEmpty();
    assertThat(bare.settings()).isEmpty();
    assertThat(bare.configuration()).isNull();
    assertThat(ecs.listClustersPaginator(request -> request.maxResults(1)).clusterArns())
        .contains(shown.clusterArn());
    ecs.deleteCluster(request -> request.cluster(cluster));
    assertThat(
            ecs.describeClusters(request -> request.clusters(cluster))
                .clusters()
                .getFirst()
                .status())
        .isEqualTo("INACTIVE");
  }

  /// A host that no agent stands behind: registered by the SDK, as an agent does it.
  @Test
  void aHostWithItsAttributesStatesAndTags() {
    String clusterArn =
        ecs.createCluster(request -> request.clusterName(cluster)).cluster().clusterArn();
    String host =
        ecs.registerContainerInstance(request ->
                request
                    .cluster(cluster)
                    .attributes(attribute("ecs.os-type", "linux", null))
                    .platformDevices(PlatformDevice.builder().id("GPU-0").type("GPU").build())
                    .totalResources(
                        Resource.builder().name("CPU").type("INTEGER").integerValue(1024).build()))
            .containerInstance()
            .containerInstanceArn();
    ecs.putAttributes(
        request -> request.cluster(cluster).attributes(attribute("stack", "prod", host)));
    assertThat(
            ecs.listAttributesPaginator(request ->
                    request
                        .cluster(cluster)
                        .targetType(TargetType.CONTAINER_INSTANCE)
                        .attributeName("stack")
                        .attributeValue("prod")
                        .maxResults(1))
                .attributes())
        .singleElement()
        .matches(attribute -> attribute.targetId().equals(host));
    assertThatThrownBy(() ->
            ecs.putAttributes(request ->
                request
                    .cluster(cluster)
                    .attributes(
                        attribute("stack", null, "0123").toBuilder()
                            .targetType(TargetType.CONTAINER_INSTANCE)
                            .build())))
        .isInstanceOf(TargetNotFoundException.class);
    ecs.putAttributes(request ->
        request
            .cluster(cluster)
            .attributes(
                List.of("a", "b", "c", "d", "e", "f", "g", "h", "i").stream()
                    .map(name -> Attribute.builder().name(name).targetId(host).build())
                    .toList()));
    assertThatThrownBy(() ->
            ecs.putAttributes(
                request -> request.cluster(cluster).attributes(attribute("j", null, host))))
        .isInstanceOf(AttributeLimitExceededException.class);
    ecs.deleteAttributes(
        request -> request.cluster(cluster).attributes(attribute("stack", null, host)));
    ecs.updateContainerInstancesState(request ->
        request.cluster(cluster).containerInstances(host).status(ContainerInstanceStatus.DRAINING));
    assertThat(
            ecs.listContainerInstances(
                    request -> request.cluster(cluster).status(ContainerInstanceStatus.ACTIVE))
                .containerInstanceArns())
        .isEmpty();
    ecs.tagResource(request -> request.resourceArn(host).tags(tag("rack", "7")));
    var shown =
        ecs.describeContainerInstances(request ->
                request
                    .cluster(cluster)
                    .containerInstances(host)
                    .include(
                        ContainerInstanceField.TAGS,
                        ContainerInstanceField.CONTAINER_INSTANCE_HEALTH))
            .containerInstances()
            .getFirst();
    assertThat(shown.status()).isEqualTo("DRAINING");
    assertThat(shown.tags()).hasSize(1);
    assertThat(shown.agentConnected()).isFalse();
    assertThat(shown.attributes()).noneMatch(attribute -> attribute.name().equals("stack"));
    assertThat(shown.registeredResources()).anyMatch(resource -> resource.name().equals("GPU"));
    assertThat(shown.healthStatus().overallStatus())
        .isEqualTo(InstanceHealthCheckState.INSUFFICIENT_DATA);
    assertThatThrownBy(() ->
            ecs.updateContainerAgent(
                request -> request.cluster(clusterArn).containerInstance(host)))
        .isInstanceOf(MissingVersionException.class);
    ecs.deregisterContainerInstance(request -> request.cluster(cluster).containerInstance(host));
    ecs.deleteCluster(request -> request.cluster(cluster));
  }

  @Test
  void thereIsNoUpdateForTheAgentOfThisHost() {
    String host =
        ecs.listContainerInstances(request -> request.cluster(SdkTasks.CLUSTER))
            .containerInstanceArns()
            .getFirst();
    assertThatThrownBy(() ->
            ecs.updateContainerAgent(
                request -> request.cluster(SdkTasks.CLUSTER).containerInstance(host)))
        .isInstanceOf(NoUpdateAvailableException.class);
  }

  /// Of a user of whom nobody else knows, so that nothing changes for other tests.
  @Test
  void accountSettingsOfAUser() {
    String user = "arn:aws:iam::000000000000:user/" + cluster;
    assertThat(
            ecs.listAccountSettingsPaginator(
                    request -> request.principalArn(user).effectiveSettings(true).maxResults(4))
                .settings())
        .extracting(Setting::name)
        .containsExactlyInAnyOrderElementsOf(SettingName.knownValues());
    ecs.putAccountSetting(request ->
        request.principalArn(user).name(SettingName.CONTAINER_INSIGHTS).value("enabled"));
    assertThat(ecs.listAccountSettings(request -> request.principalArn(user)).settings())
        .containsExactly(
            Setting.builder()
                .name(SettingName.CONTAINER_INSIGHTS)
                .value("enabled")
                .principalArn(user)
                .type(SettingType.USER)
                .build());
    assertThatThrownBy(() ->
            ecs.putAccountSettingDefault(
                request -> request.name(SettingName.TASK_LONG_ARN_FORMAT).value("disabled")))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining("You can no longer disable");
    ecs.deleteAccountSetting(
        request -> request.principalArn(user).name(SettingName.CONTAINER_INSIGHTS));
    assertThat(ecs.listAccountSettings(request -> request.principalArn(user)).settings()).isEmpty();
  }

  @Test
  void theCliTagsAndSets() throws IOException, InterruptedException {
    assumeTrue(AwsCli.version() != null, "there is no aws on PATH (Debian: apt install awscli)");
    AwsCli aws = AwsCli.of(gantry);
    String arn =
        aws.call(
            "ecs",
            "create-cluster",
            "--cluster-name",
            cluster,
            "--query",
            "cluster.clusterArn",
            "--output",
            "text");
    aws.call("ecs", "tag-resource", "--resource-arn", arn, "--tags", "key=team,value=a");
    assertThat(
            aws.call(
                "ecs",
                "list-tags-for-resource",
                "--resource-arn",
                arn,
                "--query",
                "tags[].[key,value]",
                "--output",
                "text"))
        .isEqualTo("team\ta");
    aws.call("ecs", "untag-resource", "--resource-arn", arn, "--tag-keys", "team");
    assertThat(
            aws.refusal(
                "ecs", "tag-resource", "--resource-arn", arn, "--tags", "key=aws:x,value=a"))
        .contains("InvalidParameterException");
    assertThat(
            aws.call(
                "ecs",
                "list-account-settings",
                "--effective-settings",
                "--name",
                "fargateTaskRetirementWaitPeriod",
                "--query",
                "settings[0].value",
                "--output",
                "text"))
        .isEqualTo("7");
    aws.call("ecs", "delete-cluster", "--cluster", cluster);
  }

  private static software.amazon.awssdk.services.ecs.model.Tag tag(String key, String value) {
    return software.amazon.awssdk.services.ecs.model.Tag.builder().key(key).value(value).build();
  }

  private static Attribute attribute(String name, @Nullable String value, @Nullable String target) {
    return Attribute.builder().name(name).value(value).targetId(target).build();
  }
}

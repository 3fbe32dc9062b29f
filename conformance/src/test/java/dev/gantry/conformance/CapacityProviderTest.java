package dev.gantry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.CapacityProvider;
import software.amazon.awssdk.services.ecs.model.CapacityProviderStatus;
import software.amazon.awssdk.services.ecs.model.CapacityProviderStrategyItem;
import software.amazon.awssdk.services.ecs.model.CapacityProviderUpdateStatus;
import software.amazon.awssdk.services.ecs.model.ContainerInstance;
import software.amazon.awssdk.services.ecs.model.ManagedScalingStatus;
import software.amazon.awssdk.services.ecs.model.ResourceInUseException;
import software.amazon.awssdk.services.ecs.model.RunTaskResponse;
import software.amazon.awssdk.services.ecs.model.Task;

/// Tasks on a capacity provider, with real engines: they wait for capacity, through a `kill -9`,
/// and run when a second host joins and when another task ends.
@Tag("docker")
@ExtendWith(SharedGantry.class)
class CapacityProviderTest {
  private static final String PROVIDER = "spare";
  private static final String GROUP = "gantry.auto-scaling-group=hosts";
  private static final String FOR_EVER = "trap 'exit 0' TERM; while true; do sleep 0.1; done";

  private final Engine engine;

  CapacityProviderTest(Engine engine) {
    this.engine = engine;
  }

  @Test
  void tasksWaitForCapacityAndRunWhenThereIsSome() throws Exception {
    try (OtherHost host = OtherHost.start();
        GantryProcess gantry = GantryProcess.up(engine, "--bind", "0.0.0.0", "--attribute", GROUP);
        AwsClients clients = AwsClients.of(gantry)) {
      SdkTasks tasks = SdkTasks.of(clients);
      associate(clients.ecs());
      ContainerInstance here = instances(clients.ecs()).getFirst();
      assertThat(here.capacityProviderName()).isEqualTo(PROVIDER);
      // More than half of the host, so that two of them do not fit.
      int most =
          here.registeredResources().stream()
                  .filter(resource -> resource.name().equals("CPU"))
                  .findFirst()
                  .orElseThrow()
                  .integerValue()
              * 3
              / 4;
      String definition =
          tasks.register(more -> {}, tasks.shell("app", FOR_EVER).cpu(most).build());

      Task first = run(clients.ecs(), definition);
      assertThat(first.capacityProviderName()).isEqualTo(PROVIDER);
      assertThat(tasks.awaitRunning(first).containerInstanceArn())
          .isEqualTo(here.containerInstanceArn());
      Task second = run(clients.ecs(), definition);
      Task third = run(clients.ecs(), definition);
      assertThat(second.lastStatus()).isEqualTo("PROVISIONING");
      assertThat(second.containerInstanceArn()).isNull();

      gantry.kill();
      gantry.restart();
      assertThat(tasks.describe(second).lastStatus()).isEqualTo("PROVISIONING");
      assertThat(tasks.describe(third).lastStatus()).isEqualTo("PROVISIONING");
      cannotBeTakenAway(clients.ecs());

      try (RemoteAgent agent = RemoteAgent.start(host, gantry, "--attribute", GROUP)) {
        agent.awaitJoined();
        Task placed = tasks.awaitRunning(second);
        assertThat(placed.containerInstanceArn()).isNotEqualTo(here.containerInstanceArn());
        assertThat(host.container(SdkTasks.container(placed, "app").runtimeId())).isNotNull();
        assertThat(tasks.describe(third).lastStatus()).isEqualTo("PROVISIONING");

        tasks.stop(first, "makes room");
        assertThat(tasks.awaitRunning(third).containerInstanceArn())
            .isEqualTo(here.containerInstanceArn());

        Task fourth = run(clients.ecs(), definition);
        tasks.stop(fourth, "not needed");
        assertThat(tasks.awaitStopped(fourth).stoppedReason()).isEqualTo("not needed");
        tasks.stop(second, "over");
        tasks.stop(third, "over");
        tasks.awaitStopped(second);
        tasks.awaitStopped(third);
        agent.run("down");
      }
      goes(clients.ecs());
    }
  }

  private static void associate(EcsClient ecs) {
    CapacityProvider created =
        ecs.createCapacityProvider(request ->
                request
                    .name(PROVIDER)
                    .autoScalingGroupProvider(group ->
                        group
                            .autoScalingGroupArn("hosts")
                            .managedScaling(
                                scaling -> scaling.status(ManagedScalingStatus.ENABLED))))
            .capacityProvider();
    assertThat(created.status()).isEqualTo(CapacityProviderStatus.ACTIVE);
    assertThat(created.typeAsString()).isEqualTo("EC2_AUTOSCALING");
    assertThat(
            ecs.describeCapacityProviders(request -> {}).capacityProviders().stream()
                .map(CapacityProvider::name))
        .containsExactly("FARGATE", "FARGATE_SPOT", PROVIDER);
    ecs.putClusterCapacityProviders(request ->
        request
            .cluster(SdkTasks.CLUSTER)
            .capacityProviders(PROVIDER)
            .defaultCapacityProviderStrategy(item()));
  }

  private static void cannotBeTakenAway(EcsClient ecs) {
    assertThatThrownBy(() ->
            ecs.putClusterCapacityProviders(request ->
                request
                    .cluster(SdkTasks.CLUSTER)
                    .capacityProviders(List.of())
                    .defaultCapacityProviderStrategy(List.of())))
        .isInstanceOf(ResourceInUseException.class);
    CapacityProvider refused =
        ecs.deleteCapacityProvider(request -> request.capacityProvider(PROVIDER))
            .capacityProvider();
    assertThat(refused.updateStatus()).isEqualTo(CapacityProviderUpdateStatus.DELETE_FAILED);
  }

  private static void goes(EcsClient ecs) {
    ecs.putClusterCapacityProviders(request ->
        request
            .cluster(SdkTasks.CLUSTER)
            .capacityProviders(List.of())
            .defaultCapacityProviderStrategy(List.of()));
    assertThat(
            ecs.deleteCapacityProvider(request -> request.capacityProvider(PROVIDER))
                .capacityProvider()
                .status())
        .isEqualTo(CapacityProviderStatus.INACTIVE);
  }

  /// By the cluster's default strategy.
  private static Task run(EcsClient ecs, String definition) {
    RunTaskResponse answer =
        ecs.runTask(request -> request.cluster(SdkTasks.CLUSTER).taskDefinition(definition));
    assertThat(answer.failures()).isEmpty();
    return answer.tasks().getFirst();
  }

  private static CapacityProviderStrategyItem item() {
    return CapacityProviderStrategyItem.builder().capacityProvider(PROVIDER).weight(1).build();
  }

  private static List<ContainerInstance> instances(EcsClient ecs) {
    List<String> arns =
        ecs.listContainerInstances(request -> request.cluster(SdkTasks.CLUSTER))
            .containerInstanceArns();
    return ecs.describeContainerInstances(
            request -> request.cluster(SdkTasks.CLUSTER).containerInstances(arns))
        .containerInstances();
  }
}

package dev.gantry.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ecs.model.ContainerInstance;
import software.amazon.awssdk.services.ecs.model.ContainerInstanceField;
import software.amazon.awssdk.services.ecs.model.InstanceHealthCheckResult;
import software.amazon.awssdk.services.ecs.model.InstanceHealthCheckState;
import software.amazon.awssdk.services.ecs.model.InstanceHealthCheckType;

/// The health of a host, from its engine to the caller: the agent asks the engine at each heartbeat
/// of the control plane, every 25 s, and tells at its telemetry's next tick, every 20 s.
@Tag("docker")
class InstanceHealthTest {
  @Test
  void aHostIsAsHealthyAsItsEngine() throws Exception {
    try (IsolatedEngine isolated = IsolatedEngine.start();
        Engine engine = isolated.open();
        GantryProcess gantry = GantryProcess.up(engine, isolated.environment());
        AwsClients clients = AwsClients.of(gantry)) {
      assertThat(see(clients, InstanceHealthCheckState.INITIALIZING).type())
          .isEqualTo(InstanceHealthCheckType.CONTAINER_RUNTIME);
      InstanceHealthCheckResult first = see(clients, InstanceHealthCheckState.OK);

      isolated.kill();
      InstanceHealthCheckResult ill = see(clients, InstanceHealthCheckState.IMPAIRED);
      assertThat(ill.lastStatusChange()).isAfter(first.lastStatusChange());
      assertThat(ill.lastUpdated()).isAfterOrEqualTo(ill.lastStatusChange());

      isolated.begin();
      InstanceHealthCheckResult well = see(clients, InstanceHealthCheckState.OK);
      assertThat(well.lastStatusChange()).isAfter(ill.lastUpdated());

      // What is not asked for is not shown.
      assertThat(described(clients, List.of()).healthStatus()).isNull();
    }
  }

  /// The one check of the one host, once it has this outcome, and the whole host with it.
  private static InstanceHealthCheckResult see(AwsClients clients, InstanceHealthCheckState state)
      throws Exception {
    ContainerInstance host =
        Eventually.see(
            "a host that is " + state,
            () -> described(clients, List.of(ContainerInstanceField.CONTAINER_INSTANCE_HEALTH)),
            shown -> shown.healthStatus().overallStatus() == state);
    assertThat(host.healthStatus().details()).hasSize(1);
    InstanceHealthCheckResult check = host.healthStatus().details().getFirst();
    assertThat(check.status()).isEqualTo(state);
    assertThat(check.lastUpdated()).isBeforeOrEqualTo(Instant.now());
    return check;
  }

  private static ContainerInstance described(
      AwsClients clients, List<ContainerInstanceField> include) {
    List<String> arns =
        clients
            .ecs()
            .listContainerInstances(request -> request.cluster(SdkTasks.CLUSTER))
            .containerInstanceArns();
    return clients
        .ecs()
        .describeContainerInstances(
            request -> request.cluster(SdkTasks.CLUSTER).containerInstances(arns).include(include))
        .containerInstances()
        .getFirst();
  }
}

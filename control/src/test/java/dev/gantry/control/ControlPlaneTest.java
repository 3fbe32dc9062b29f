package dev.gantry.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.ecs.CreateClusterRequest;
import dev.gantry.api.ecs.DescribeClustersRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.control.ecs.ClusterOperations;
import dev.gantry.control.ecs.Quotas;
import java.util.List;
import org.junit.jupiter.api.Test;

class ControlPlaneTest {
  private final ControlHarness harness = new ControlHarness(ControlPlaneTest::register);

  @Test
  void anAnswerWaitsUntilWhatItSaysIsDurable() {
    var reply = harness.ask(Ecs.CREATE_CLUSTER, cluster("blue"));

    assertThat(reply.waits()).isTrue();
    harness.commit();
    assertThat(reply.output().cluster()).extracting("clusterName").isEqualTo("blue");
  }

  @Test
  void whatChangesNothingWaitsForWhatItWasDecidedOn() {
    harness.ask(Ecs.CREATE_CLUSTER, cluster("blue"));
    var again = harness.ask(Ecs.CREATE_CLUSTER, cluster("blue"));

    assertThat(again.waits()).isTrue();
    harness.commit();
    assertThat(again.waits()).isFalse();
  }

  @Test
  void anUnacknowledgedClusterIsGoneAfterACrashAndADurableOneIsNot() {
    harness.call(Ecs.CREATE_CLUSTER, cluster("blue"));
    harness.ask(Ecs.CREATE_CLUSTER, cluster("green"));

    ControlHarness next = harness.crash(ControlPlaneTest::register);

    var described =
        next.call(
            Ecs.DESCRIBE_CLUSTERS,
            DescribeClustersRequest.builder().clusters(List.of("blue", "green")).build());
    assertThat(described.clusters()).extracting("clusterName").containsExactly("blue");
    assertThat(described.failures()).extracting("reason").containsExactly("MISSING");
  }

  private static CreateClusterRequest cluster(String name) {
    return CreateClusterRequest.builder().clusterName(name).build();
  }

  private static void register(OperationTable table) {
    ClusterOperations.register(table, Quotas.DEFAULTS);
  }
}

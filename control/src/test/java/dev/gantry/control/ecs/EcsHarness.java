package dev.gantry.control.ecs;

import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.CreateClusterRequest;
import dev.gantry.api.ecs.DescribeTasksRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.RunTaskResponse;
import dev.gantry.api.ecs.Task;
import dev.gantry.control.ControlHarness;
import dev.gantry.control.OperationTable;
import java.util.List;
import java.util.Objects;

/// Short ways to the things that ECS tests begin with.
public final class EcsHarness {
  private EcsHarness() {}

  /// A control plane with every ECS operation and the cluster `default`.
  public static ControlHarness withDefaultCluster() {
    ControlHarness control = new ControlHarness(EcsHarness::register);
    control.call(Ecs.CREATE_CLUSTER, CreateClusterRequest.builder().build());
    return control;
  }

  /// Registers every ECS operation.
  public static void register(OperationTable table) {
    Definitions definitions = new Definitions();
    ClusterOperations.register(table, Quotas.DEFAULTS);
    CapacityProviderOperations.register(table, Quotas.DEFAULTS);
    AccountSettingOperations.register(table);
    TaggingOperations.register(table);
    TaskDefinitionOperations.register(table, definitions, Quotas.DEFAULTS);
    LaunchOperations.register(table, definitions, Quotas.DEFAULTS);
    TaskOperations.register(table, Quotas.DEFAULTS);
    ExecuteCommandOperations.register(table, definitions);
    ContainerInstanceOperations.register(table);
    AttributeOperations.register(table);
    AgentOperations.register(table, Quotas.DEFAULTS);
  }

  /// A container that takes 128 cpu units and 256 MiB.
  public static ContainerDefinition.Builder container(String name) {
    return ContainerDefinition.builder().name(name).image("busybox").cpu(128).memory(256);
  }

  /// Registers a definition.
  public static void define(
      ControlHarness control, String family, ContainerDefinition... containers) {
    control.call(
        Ecs.REGISTER_TASK_DEFINITION,
        RegisterTaskDefinitionRequest.builder()
            .family(family)
            .containerDefinitions(List.of(containers))
            .build());
  }

  /// Runs tasks of a family.
  public static RunTaskResponse run(ControlHarness control, String family, int count) {
    return control.call(
        Ecs.RUN_TASK, RunTaskRequest.builder().taskDefinition(family).count(count).build());
  }

  /// Runs one task, which must be placed, and gives its ARN.
  public static String runOne(ControlHarness control, String family) {
    RunTaskResponse response = run(control, family, 1);
    return Objects.requireNonNull(Objects.requireNonNull(response.tasks()).getFirst().taskArn());
  }

  /// The task as DescribeTasks shows it.
  public static Task describe(ControlHarness control, String arn) {
    return Objects.requireNonNull(
            control
                .call(
                    Ecs.DESCRIBE_TASKS, DescribeTasksRequest.builder().tasks(List.of(arn)).build())
                .tasks())
        .getFirst();
  }
}

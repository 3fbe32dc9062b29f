package dev.gantry.control;

import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.logs.Logs;
import dev.gantry.control.ecs.AccountSettingOperations;
import dev.gantry.control.ecs.AgentOperations;
import dev.gantry.control.ecs.AttributeOperations;
import dev.gantry.control.ecs.CapacityProviderOperations;
import dev.gantry.control.ecs.ClusterOperations;
import dev.gantry.control.ecs.ContainerInstanceOperations;
import dev.gantry.control.ecs.Definitions;
import dev.gantry.control.ecs.ExecuteCommandOperations;
import dev.gantry.control.ecs.LaunchOperations;
import dev.gantry.control.ecs.Quotas;
import dev.gantry.control.ecs.TaggingOperations;
import dev.gantry.control.ecs.TaskDefinitionOperations;
import dev.gantry.control.ecs.TaskOperations;
import dev.gantry.control.logs.LogOperations;
import dev.gantry.wire.shape.ServiceModel;
import java.util.List;

/// Everything this control plane carries out.
public final class ControlOperations {
  /// The services it speaks. What they have and the table has not is answered with 501.
  public static final List<ServiceModel> SERVICES = List.of(Ecs.SERVICE, Logs.SERVICE);

  private ControlOperations() {}

  /// A table with every operation there is, and Amazon's quotas.
  ///
  /// @param definitions reads task definitions; shared with the agent sessions
  public static OperationTable table(Definitions definitions) {
    OperationTable table = new OperationTable();
    register(table, definitions, ServiceQuotas.DEFAULTS);
    return table;
  }

  /// A table with every operation there is, and these quotas.
  ///
  /// @param definitions reads task definitions; shared with the agent sessions
  public static OperationTable table(Definitions definitions, ServiceQuotas quotas) {
    OperationTable table = new OperationTable();
    register(table, definitions, quotas);
    return table;
  }

  /// Registers every operation there is.
  ///
  /// @param definitions reads task definitions; shared with the agent sessions
  /// @param services how much of each resource there may be
  public static void register(
      OperationTable table, Definitions definitions, ServiceQuotas services) {
    Quotas quotas = services.ecs();
    ClusterOperations.register(table, quotas);
    CapacityProviderOperations.register(table, quotas);
    AccountSettingOperations.register(table);
    TaggingOperations.register(table);
    TaskDefinitionOperations.register(table, definitions, quotas);
    LaunchOperations.register(table, definitions, quotas);
    TaskOperations.register(table, quotas);
    ExecuteCommandOperations.register(table, definitions);
    ContainerInstanceOperations.register(table);
    AttributeOperations.register(table);
    AgentOperations.register(table, quotas);
    LogOperations.register(table, services.logs());
  }
}

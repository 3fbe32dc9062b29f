package dev.gantry.control;

import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.logs.Logs;
import dev.gantry.control.ecs.AgentOperations;
import dev.gantry.control.ecs.ClusterOperations;
import dev.gantry.control.ecs.ContainerInstanceOperations;
import dev.gantry.control.ecs.Definitions;
import dev.gantry.control.ecs.LaunchOperations;
import dev.gantry.control.ecs.Quotas;
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

  /// A table with every operation there is.
  ///
  /// @param definitions reads task definitions; shared with the agent sessions
  public static OperationTable table(Definitions definitions) {
    OperationTable table = new OperationTable();
    register(table, definitions);
    return table;
  }

  /// Registers every operation there is.
  ///
  /// @param definitions reads task definitions; shared with the agent sessions
  public static void register(OperationTable table, Definitions definitions) {
    ClusterOperations.register(table);
    TaskDefinitionOperations.register(table, definitions, Quotas.DEFAULTS);
    LaunchOperations.register(table, definitions, Quotas.DEFAULTS);
    TaskOperations.register(table, Quotas.DEFAULTS);
    ContainerInstanceOperations.register(table);
    AgentOperations.register(table);
    LogOperations.register(table);
  }
}

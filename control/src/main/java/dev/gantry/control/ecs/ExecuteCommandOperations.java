package dev.gantry.control.ecs;

import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.ExecuteCommandConfiguration;
import dev.gantry.api.ecs.ExecuteCommandLogConfiguration;
import dev.gantry.api.ecs.ExecuteCommandRequest;
import dev.gantry.api.ecs.LogConfiguration;
import dev.gantry.control.Context;
import dev.gantry.control.Head;
import dev.gantry.control.OperationTable;
import dev.gantry.control.exec.ExecRequest;
import dev.gantry.model.Cluster;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.ContainerStatus;
import dev.gantry.model.ManagedAgent;
import dev.gantry.model.ManagedAgent.ManagedAgentStatus;
import dev.gantry.model.Task;
import dev.gantry.model.TaskContainer;
import dev.gantry.model.TaskDefinition;
import dev.gantry.model.TaskId;
import dev.gantry.store.State;
import dev.gantry.wire.shape.ServiceException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// ExecuteCommand: decides whether a command may be run in a container, and where its output is
/// logged. The session itself is the writer's ([dev.gantry.control.exec.ExecSessions]).
public final class ExecuteCommandOperations {
  /// The longest command. The API names no limit; this one lets a script pass.
  static final int MAX_COMMAND = 16 * 1024;

  /// AWS's own, apostrophe included (github.com/keidarcy/e1s, issue 206).
  static final String NOT_ENABLED =
      "The execute command failed because execute command was not enabled when the task was run or"
          + " the execute command agent isn’t running. Wait and try again or run a new task with"
          + " execute command enabled and try again.";

  private final Definitions definitions;

  private ExecuteCommandOperations(Definitions definitions) {
    this.definitions = definitions;
  }

  /// Registers the operation.
  public static void register(OperationTable table, Definitions definitions) {
    ExecuteCommandOperations operations = new ExecuteCommandOperations(definitions);
    table.exec(Ecs.EXECUTE_COMMAND, operations::prepare);
  }

  private ExecRequest prepare(Head head, ExecuteCommandRequest input, Context context) {
    State state = head.state();
    Cluster cluster = EcsIds.activeCluster(state, context.scope(), input.cluster());
    if (!Boolean.TRUE.equals(input.interactive())) {
      // github.com/boto/boto3, issue 2822.
      throw EcsErrors.invalidParameterException(
          "Interactive is the only mode supported currently.");
    }
    String command = Objects.requireNonNullElse(input.command(), "");
    if (command.isBlank()) {
      throw EcsErrors.invalidParameterException("Command cannot be empty.");
    }
    if (command.length() > MAX_COMMAND) {
      throw EcsErrors.invalidParameterException("Command longer than " + MAX_COMMAND + ".");
    }
    String name = input.task();
    TaskId id = name == null ? null : EcsIds.task(cluster.id(), name);
    Task task = id == null ? null : state.task(id);
    if (task == null) {
      throw EcsErrors.invalidParameterException("The referenced task was not found.");
    }
    TaskContainer container = container(task, input.container());
    ManagedAgent agent = container.managedAgent(ManagedAgent.EXECUTE_COMMAND);
    ContainerInstanceId instance = task.containerInstance();
    String runtimeId = container.runtimeId();
    if (agent == null
        || agent.lastStatus() != ManagedAgentStatus.RUNNING
        || container.lastStatus() != ContainerStatus.RUNNING
        || instance == null
        || runtimeId == null) {
      throw EcsErrors.invalidParameterException(NOT_ENABLED);
    }
    String host = context.head().headers().first("Host");
    if (host == null || host.isEmpty()) {
      throw EcsErrors.clientException("The request has no Host header.");
    }
    return new ExecRequest(
        task.id(),
        container,
        instance,
        runtimeId,
        command,
        log(state, cluster, task, container.name()),
        host);
  }

  /// The container that is named, or the only one there is.
  private static TaskContainer container(Task task, @Nullable String name) {
    if (name == null || name.isEmpty()) {
      if (task.containers().size() != 1) {
        throw EcsErrors.invalidParameterException(
            "A container name must be specified for tasks that contain multiple containers.");
      }
      return task.containers().getFirst();
    }
    for (TaskContainer container : task.containers()) {
      if (container.name().equals(name)) {
        return container;
      }
    }
    throw EcsErrors.invalidParameterException(
        "Container " + name + " is not a container of the referenced task.");
  }

  /// Where the session's output is logged: nowhere, as the container's own output, or in the group
  /// that the cluster names (ExecuteCommandConfiguration). What does not act is refused here, where
  /// it would.
  ///
  /// @throws ServiceException UnsupportedFeatureException, which is none of the operation's own
  ///   errors: none of those says it
  private ExecRequest.@Nullable Log log(State state, Cluster cluster, Task task, String container) {
    var configuration = ClusterDocument.of(cluster).configuration();
    ExecuteCommandConfiguration exec =
        configuration == null ? null : configuration.executeCommandConfiguration();
    if (exec == null) {
      return ofContainer(state, task, container);
    }
    Refusals no = new Refusals();
    no.unlessAbsent(exec.kmsKeyId(), "executeCommandConfiguration.kmsKeyId");
    ExecuteCommandLogConfiguration override = exec.logConfiguration();
    String logging = Objects.requireNonNullElse(exec.logging(), "DEFAULT");
    if (override != null && logging.equals("OVERRIDE")) {
      String path = "executeCommandConfiguration.logConfiguration.";
      no.unlessAbsent(override.s3BucketName(), path + "s3BucketName");
      no.unlessFalse(override.s3EncryptionEnabled(), path + "s3EncryptionEnabled");
      no.unlessFalse(override.cloudWatchEncryptionEnabled(), path + "cloudWatchEncryptionEnabled");
    }
    no.check("ExecuteCommand");
    return switch (logging) {
      case "NONE" -> null;
      case "OVERRIDE" -> {
        String group = override == null ? null : override.cloudWatchLogGroupName();
        yield group == null || group.isEmpty() ? null : new ExecRequest.Log(group, null);
      }
      default -> ofContainer(state, task, container);
    };
  }

  private ExecRequest.@Nullable Log ofContainer(State state, Task task, String container) {
    TaskDefinition definition = state.taskDefinition(task.taskDefinition());
    if (definition == null) {
      return null;
    }
    for (ContainerDefinition one :
        Objects.requireNonNullElse(
            definitions.read(definition).containerDefinitions(), List.<ContainerDefinition>of())) {
      LogConfiguration logs = one.logConfiguration();
      if (container.equals(one.name()) && logs != null && "awslogs".equals(logs.logDriver())) {
        Map<String, String> options = Objects.requireNonNullElse(logs.options(), Map.of());
        String group = options.get("awslogs-group");
        return group == null ? null : new ExecRequest.Log(group, options.get("awslogs-region"));
      }
    }
    return null;
  }
}

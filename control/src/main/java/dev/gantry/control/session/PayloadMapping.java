package dev.gantry.control.session;

import dev.gantry.api.acs.Container;
import dev.gantry.api.acs.DockerConfig;
import dev.gantry.api.acs.ManagedAgent;
import dev.gantry.api.acs.PortMapping;
import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.KeyValuePair;
import dev.gantry.api.ecs.TaskOverride;
import dev.gantry.control.ecs.AccountSettings;
import dev.gantry.control.ecs.Definitions;
import dev.gantry.control.ecs.EffectiveTask;
import dev.gantry.model.Task;
import dev.gantry.model.TaskContainer;
import dev.gantry.model.TaskDefinition;
import dev.gantry.store.State;
import dev.gantry.wire.json.AwsJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// From our task to the task in an agent's payload.
///
/// The agent knows nothing of overrides for environment, cpu or memory, and takes much of a
/// container definition only as Docker's own JSON (agent-protocol 3.3), so both are worked in here.
public final class PayloadMapping {
  /// What may wait of a container's output unless its definition says (LogConfiguration, Amazon ECS
  /// API Reference). The engine's own default is a tenth of it.
  private static final String DEFAULT_BUFFER = "10m";

  private final Definitions definitions;

  /// @param definitions reads task definitions
  public PayloadMapping(Definitions definitions) {
    this.definitions = definitions;
  }

  /// The task for the agent's payload. A task to be stopped is named and nothing more, which is all
  /// an agent reads.
  ///
  /// @param logsEndpoint where a log driver that speaks to CloudWatch Logs itself finds us
  dev.gantry.api.acs.Task toAcs(Task task, State state, String logsEndpoint) {
    TaskDefinition definition = state.taskDefinition(task.taskDefinition());
    dev.gantry.api.acs.Task.Builder result =
        dev.gantry.api.acs.Task.builder()
            .arn(task.id().arn())
            .taskClusterArn(task.id().clusterId().arn())
            .family(task.taskDefinition().family())
            .version(Integer.toString(task.taskDefinition().revision()))
            .taskDefinitionAccountId(task.taskDefinition().scope().account())
            .desiredStatus(task.desiredStatus().name())
            .overrides("{}")
            .launchType(task.origin().launchType().name())
            .group(task.origin().group());
    if (task.stop() != null || definition == null) {
      return result.containers(List.of()).build();
    }
    EffectiveTask effective =
        EffectiveTask.of(
            definitions.read(definition),
            AwsJson.decode(TaskOverride.SHAPE, task.origin().overrides()));
    List<Container> containers = new ArrayList<>();
    for (ContainerDefinition container : effective.containers()) {
      containers.add(
          container(
              task,
              effective,
              container,
              logOptions(
                  task,
                  container,
                  logsEndpoint,
                  AccountSettings.logDriverMode(state, task.id().scope()))));
    }
    String networkMode = effective.definition().networkMode();
    return result
        .containers(containers)
        .networkMode(networkMode == null ? "bridge" : networkMode)
        .cpu(effective.cpu() == null ? null : effective.cpu() / 1024.0)
        .memory(effective.memory())
        .volumes(List.of())
        .build();
  }

  private static Container container(
      Task task,
      EffectiveTask effective,
      ContainerDefinition definition,
      Map<String, String> logOptions) {
    String name = Objects.requireNonNull(definition.name());
    Map<String, String> environment = new LinkedHashMap<>();
    for (KeyValuePair pair :
        Objects.requireNonNullElse(definition.environment(), List.<KeyValuePair>of())) {
      environment.put(String.valueOf(pair.name()), Objects.requireNonNullElse(pair.value(), ""));
    }
    String networkMode = Objects.requireNonNullElse(effective.definition().networkMode(), "bridge");
    return Container.builder()
        .name(name)
        .image(definition.image())
        .command(definition.command())
        .entryPoint(definition.entryPoint())
        .environment(environment)
        .essential(definition.essential())
        .cpu(definition.cpu())
        .memory(memory(definition, effective))
        .portMappings(ports(definition))
        .stopTimeout(definition.stopTimeout())
        .overrides("{\"command\":null}")
        .dockerConfig(
            DockerConfig.builder()
                .version("1.17")
                .config(EngineJson.config(definition))
                .hostConfig(EngineJson.hostConfig(definition, networkMode, logOptions))
                .build())
        .containerArn(containerArn(task, name))
        .managedAgents(
            task.origin().executeCommand()
                ? List.of(
                    ManagedAgent.builder()
                        .name(dev.gantry.model.ManagedAgent.EXECUTE_COMMAND)
                        .properties(Map.of())
                        .build())
                : null)
        .build();
  }

  /// A container without a limit of its own is limited by its task's.
  private static @Nullable Integer memory(ContainerDefinition definition, EffectiveTask effective) {
    return definition.memory() != null ? definition.memory() : effective.memory();
  }

  private static List<PortMapping> ports(ContainerDefinition definition) {
    List<PortMapping> ports = new ArrayList<>();
    for (dev.gantry.api.ecs.PortMapping port :
        Objects.requireNonNullElse(
            definition.portMappings(), List.<dev.gantry.api.ecs.PortMapping>of())) {
      ports.add(
          PortMapping.builder()
              .containerPort(port.containerPort())
              .hostPort(port.hostPort())
              .protocol(port.protocol())
              .build());
    }
    return ports;
  }

  private static @Nullable String containerArn(Task task, String name) {
    for (TaskContainer container : task.containers()) {
      if (container.name().equals(name)) {
        return container.arn(task.id());
      }
    }
    return null;
  }

  /// The log driver's options as the driver wants them: the stream's name made of its prefix, as
  /// ECS makes it (LogConfiguration, Amazon ECS API Reference:
  /// `prefix-name/container-name/ecs-task-id`), and the mode of delivery that the account has for
  /// whatever does not name one, with ECS's buffer.
  ///
  /// The account's mode is what it is when the task is first told to its agent: a task that runs
  /// keeps the one it was created with.
  private static Map<String, String> logOptions(
      Task task, ContainerDefinition definition, String logsEndpoint, String defaultMode) {
    Map<String, String> options = new LinkedHashMap<>();
    if (definition.logConfiguration() == null) {
      return options;
    }
    if (definition.logConfiguration().options() != null) {
      options.putAll(definition.logConfiguration().options());
    }
    if ("awslogs".equals(definition.logConfiguration().logDriver())) {
      String prefix = options.remove("awslogs-stream-prefix");
      if (prefix != null && !options.containsKey("awslogs-stream")) {
        options.put("awslogs-stream", prefix + "/" + definition.name() + "/" + task.id().id());
      }
      options.putIfAbsent("awslogs-endpoint", logsEndpoint);
    }
    options.putIfAbsent("mode", defaultMode);
    if ("non-blocking".equals(options.get("mode"))) {
      options.putIfAbsent("max-buffer-size", DEFAULT_BUFFER);
    }
    return options;
  }
}

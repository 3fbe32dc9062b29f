package dev.gantry.control.ecs;

import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.ContainerOverride;
import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.Failure;
import dev.gantry.api.ecs.TaskDefinition;
import dev.gantry.api.ecs.TaskOverride;
import dev.gantry.control.Context;
import dev.gantry.control.Head;
import dev.gantry.model.Attribute;
import dev.gantry.model.ClusterId;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.ContainerStatus;
import dev.gantry.model.DesiredStatus;
import dev.gantry.model.LaunchType;
import dev.gantry.model.ManagedAgent;
import dev.gantry.model.Tag;
import dev.gantry.model.Task;
import dev.gantry.model.TaskContainer;
import dev.gantry.model.TaskDefinition.TaskDefinitionStatus;
import dev.gantry.model.TaskId;
import dev.gantry.model.TaskOrigin;
import dev.gantry.model.TaskStatus;
import dev.gantry.model.TaskTimes;
import dev.gantry.scheduler.Placement;
import dev.gantry.scheduler.TaskDemand;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.shape.ServiceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Makes tasks for RunTask and StartTask alike. What is checked, in which order, and what a new
/// task looks like is decided here; where it goes is decided by the operation.
///
/// The order of the first checks is ECS's: a call that names an unknown definition in an unknown
/// cluster hears of the definition (recorded answers of Amazon ECS of September 2026,
/// github.com/radkawar/stackd).
final class Launcher {
  /// The longest startedBy (RunTask, Amazon ECS API Reference).
  static final int MAX_STARTED_BY = 128;

  /// The longest referenceId (RunTask, Amazon ECS API Reference).
  static final int MAX_REFERENCE_ID = 1024;

  /// The longest name of a group. The API names no limit; this one is that of a family's name with
  /// its prefix.
  static final int MAX_GROUP = 263;

  /// The attribute of an agent that can run commands in its containers.
  static final String EXECUTE_COMMAND = "ecs.capability.execute-command";

  /// Groups of this name space are made by services alone.
  private static final String SERVICE_GROUPS = "service:";

  /// The tag that ECS itself puts on a task when managed tags are enabled.
  private static final String CLUSTER_TAG = "aws:ecs:clusterName";

  private final Definitions definitions;

  Launcher(Definitions definitions) {
    this.definitions = definitions;
  }

  /// What a launch means: an ACTIVE definition in an ACTIVE cluster.
  record Target(ClusterId cluster, dev.gantry.model.TaskDefinition definition) {}

  /// A launch that has passed every check: tasks can be made of it.
  record Ready(
      Target target,
      EffectiveTask effective,
      TaskDemand demand,
      TaskOrigin origin,
      List<Tag> tags) {

    /// The same launch on the instances of a capacity provider.
    ///
    /// @param provider null for any instance
    /// @param placement what a task that waits keeps of the request's placement
    Ready by(@Nullable String provider, @Nullable String placement) {
      return provider == null
          ? this
          : new Ready(target, effective, demand, origin.by(provider, placement), tags);
    }
  }

  /// Finds definition and cluster.
  ///
  /// @throws ServiceException ClientException if there is no such definition,
  ///   ClusterNotFoundException, InvalidParameterException if the definition is not ACTIVE
  static Target target(Head head, Launch launch, Context context) {
    String name = launch.taskDefinition();
    dev.gantry.model.TaskDefinition definition =
        name == null ? null : Definitions.find(head.state(), context.scope(), name);
    if (definition == null) {
      throw EcsErrors.clientException("TaskDefinition not found.");
    }
    ClusterId cluster = EcsIds.activeCluster(head.state(), context.scope(), launch.cluster()).id();
    if (definition.status() != TaskDefinitionStatus.ACTIVE) {
      throw EcsErrors.invalidParameterException("TaskDefinition is inactive");
    }
    return new Target(cluster, definition);
  }

  /// Checks everything that does not depend on where the tasks go.
  ///
  /// @throws ServiceException InvalidParameterException naming the rule, or
  ///   UnsupportedFeatureException naming everything that does not act
  Ready prepare(Launch launch, Target target) {
    names(launch);
    TaskDefinition definition = definitions.read(target.definition());
    requireEc2(definition);
    if (launch.network() != null && !"awsvpc".equals(definition.networkMode())) {
      throw EcsErrors.invalidParameterException(
          "Network Configuration is not valid for the given networkMode of this task definition.");
    }
    List<Tag> tags = tags(launch, target);
    Refusals no = new Refusals();
    refuseWhatDoesNotAct(launch, no);
    String overrides =
        launch.overrides() == null
            ? TaskMapping.NO_OVERRIDES
            : AwsJson.encodeToString(TaskOverride.SHAPE, launch.overrides());
    if (overrides.length() > EffectiveTask.MAX_OVERRIDES) {
      throw EcsErrors.invalidParameterException(
          "Container Overrides length must be at most " + EffectiveTask.MAX_OVERRIDES);
    }
    EffectiveTask effective = EffectiveTask.of(definition, launch.overrides());
    effective.check();
    effective.refuseWhatDoesNotAct(no);
    no.check(launch.operation());
    String group =
        Objects.requireNonNullElse(launch.group(), "family:" + target.definition().id().family());
    return new Ready(
        target,
        effective,
        demand(effective, launch.executeCommand()),
        new TaskOrigin(
            LaunchType.EC2,
            group,
            launch.startedBy(),
            overrides,
            launch.token(),
            null,
            null,
            launch.executeCommand()),
        tags);
  }

  /// What the definition demands, and what the launch adds: commands can be run where the agent
  /// says that it can run them. This capability is none of the definition's, so it stands in no
  /// requiresAttributes.
  static TaskDemand demand(EffectiveTask effective, boolean executeCommand) {
    TaskDemand demand = effective.demand();
    if (!executeCommand) {
      return demand;
    }
    List<Attribute> required = new ArrayList<>(demand.requiredAttributes());
    required.add(new Attribute(EXECUTE_COMMAND, ""));
    return new TaskDemand(demand.resources(), List.copyOf(required));
  }

  /// A new task.
  ///
  /// @param instance where it runs, or null if it waits for a place
  static Task start(
      Head head, Ready ready, @Nullable ContainerInstanceId instance, Context context) {
    return new Task(
        new TaskId(context.scope(), ready.target().cluster().name(), head.ids().hex()),
        ready.target().definition().id(),
        instance,
        ready.origin(),
        instance == null ? TaskStatus.PROVISIONING : TaskStatus.PENDING,
        DesiredStatus.RUNNING,
        containers(head, ready.effective(), ready.origin().executeCommand()),
        ready.demand().resources(),
        TaskTimes.createdAt(context.now()),
        null,
        ready.tags(),
        1);
  }

  /// Why a task did not come to be, as both operations answer it.
  static Failure failure(Placement.Rejection rejection) {
    return Failure.builder()
        .arn(rejection.instance().arn())
        .reason(rejection.reason().spelling())
        .detail(rejection.detail())
        .build();
  }

  private static void names(Launch launch) {
    atMost(MAX_STARTED_BY, launch.startedBy(), "startedBy");
    atMost(MAX_REFERENCE_ID, launch.referenceId(), "referenceId");
    atMost(MAX_GROUP, launch.group(), "group");
    if (launch.group() != null && launch.group().startsWith(SERVICE_GROUPS)) {
      throw EcsErrors.invalidParameterException("Invalid namespace for group.");
    }
  }

  /// Worded as ECS words it: github.com/convox/rack issue 1727.
  private static void atMost(int length, @Nullable String text, String field) {
    if (text != null && text.length() > length) {
      throw EcsErrors.invalidParameterException(field + " longer than " + length + ".");
    }
  }

  private static void requireEc2(TaskDefinition definition) {
    List<String> requires = definition.requiresCompatibilities();
    if (requires != null && !requires.isEmpty() && !requires.contains("EC2")) {
      throw EcsErrors.invalidParameterException(
          "Task definition does not support launch_type EC2.");
    }
  }

  /// The tags of a task: its definition's, if they are propagated, under its own, and ECS's. Tags
  /// are propagated when a task is made and never later (Tagging your Amazon ECS resources).
  private static List<Tag> tags(Launch launch, Target target) {
    List<Tag> propagated =
        switch (Objects.requireNonNullElse(launch.propagateTags(), "NONE")) {
          case "NONE" -> List.of();
          case "TASK_DEFINITION" -> target.definition().tags();
          default ->
              throw EcsErrors.invalidParameterException(
                  "propagateTags of "
                      + launch.operation()
                      + " must be TASK_DEFINITION or NONE. Only a service has tags of its own.");
        };
    List<Tag> tags = new ArrayList<>(Tags.merge(propagated, launch.tags()));
    if (launch.managedTags()) {
      tags.add(new Tag(CLUSTER_TAG, target.cluster().name()));
    }
    return List.copyOf(tags);
  }

  private static void refuseWhatDoesNotAct(Launch launch, Refusals no) {
    no.unlessEmpty(launch.volumes(), "volumeConfigurations");
    TaskOverride overrides = launch.overrides();
    if (overrides != null) {
      no.unlessAbsent(overrides.taskRoleArn(), "overrides.taskRoleArn");
      no.unlessEmpty(
          overrides.inferenceAcceleratorOverrides(), "overrides.inferenceAcceleratorOverrides");
      no.unlessAbsent(overrides.ephemeralStorage(), "overrides.ephemeralStorage");
      for (ContainerOverride container :
          Objects.requireNonNullElse(
              overrides.containerOverrides(), List.<ContainerOverride>of())) {
        no.unlessEmpty(
            container.environmentFiles(), "overrides.containerOverrides[].environmentFiles");
        no.unlessEmpty(
            container.resourceRequirements(),
            "overrides.containerOverrides[].resourceRequirements");
      }
    }
  }

  private static List<TaskContainer> containers(
      Head head, EffectiveTask effective, boolean executeCommand) {
    List<ManagedAgent> managed =
        executeCommand ? List.of(ManagedAgent.pending(ManagedAgent.EXECUTE_COMMAND)) : List.of();
    List<TaskContainer> containers = new ArrayList<>();
    for (ContainerDefinition container : effective.containers()) {
      containers.add(
          new TaskContainer(
              Objects.requireNonNull(container.name()),
              head.ids().uuid(),
              Objects.requireNonNull(container.image()),
              Objects.requireNonNullElse(container.essential(), true),
              Objects.requireNonNullElse(container.cpu(), 0),
              container.memory(),
              container.memoryReservation(),
              ContainerStatus.PENDING,
              null,
              null,
              null,
              null,
              List.of(),
              managed));
    }
    return List.copyOf(containers);
  }
}

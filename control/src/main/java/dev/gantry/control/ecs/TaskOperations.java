package dev.gantry.control.ecs;

import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.DescribeTasksRequest;
import dev.gantry.api.ecs.DescribeTasksResponse;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.Failure;
import dev.gantry.api.ecs.ListTasksRequest;
import dev.gantry.api.ecs.ListTasksResponse;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.RunTaskResponse;
import dev.gantry.api.ecs.StopTaskRequest;
import dev.gantry.api.ecs.StopTaskResponse;
import dev.gantry.api.ecs.TaskDefinition;
import dev.gantry.api.ecs.TaskOverride;
import dev.gantry.control.Context;
import dev.gantry.control.Decision;
import dev.gantry.control.Head;
import dev.gantry.control.OperationTable;
import dev.gantry.control.Snapshot;
import dev.gantry.model.Change;
import dev.gantry.model.ClientToken;
import dev.gantry.model.ClientTokenId;
import dev.gantry.model.ClusterId;
import dev.gantry.model.ContainerInstance;
import dev.gantry.model.ContainerInstance.ContainerInstanceStatus;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.ContainerStatus;
import dev.gantry.model.DesiredStatus;
import dev.gantry.model.HostPort;
import dev.gantry.model.LaunchType;
import dev.gantry.model.Resources;
import dev.gantry.model.StopCode;
import dev.gantry.model.Tag;
import dev.gantry.model.Task;
import dev.gantry.model.TaskContainer;
import dev.gantry.model.TaskId;
import dev.gantry.model.TaskOrigin;
import dev.gantry.model.TaskStatus;
import dev.gantry.model.TaskStop;
import dev.gantry.model.TaskTimes;
import dev.gantry.scheduler.InstanceView;
import dev.gantry.scheduler.Placement;
import dev.gantry.scheduler.TaskDemand;
import dev.gantry.scheduler.TaskLifecycle;
import dev.gantry.store.Group;
import dev.gantry.store.Index;
import dev.gantry.store.State;
import dev.gantry.wire.json.AwsJson;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Tasks: RunTask, StopTask, DescribeTasks, ListTasks. RunTask and StopTask return as soon as the
/// wish is durable; the agent sessions see to the rest.
public final class TaskOperations {
  /// The most tasks of one RunTask (API Reference, RunTask.count).
  static final int MAX_COUNT = 10;

  /// The most tasks one DescribeTasks names (API Reference, DescribeTasks).
  static final int MAX_DESCRIBED = 100;

  private static final int MAX_STARTED_BY = 128;
  private static final int MAX_CLIENT_TOKEN = 64;

  private final Definitions definitions;

  private TaskOperations(Definitions definitions) {
    this.definitions = definitions;
  }

  /// Registers the operations.
  public static void register(OperationTable table, Definitions definitions) {
    TaskOperations operations = new TaskOperations(definitions);
    table.command(Ecs.RUN_TASK, operations::run);
    table.command(Ecs.STOP_TASK, TaskOperations::stop);
    table.query(Ecs.DESCRIBE_TASKS, TaskOperations::describe);
    table.query(Ecs.LIST_TASKS, TaskOperations::list);
  }

  private Decision<RunTaskResponse> run(Head head, RunTaskRequest input, Context context) {
    State state = head.state();
    ClusterId cluster = EcsIds.activeCluster(state, context.scope(), input.cluster()).id();
    int count = Objects.requireNonNullElse(input.count(), 1);
    if (count < 1 || count > MAX_COUNT) {
      throw EcsErrors.invalidParameterException("count must be between 1 and " + MAX_COUNT + ".");
    }
    String startedBy = input.startedBy();
    if (startedBy != null && startedBy.length() > MAX_STARTED_BY) {
      throw EcsErrors.invalidParameterException(
          "startedBy can have at most " + MAX_STARTED_BY + " characters.");
    }
    ClientTokenId token = token(cluster, input.clientToken());
    String digest = token == null ? "" : digest(input);
    ClientToken earlier = token == null ? null : state.clientToken(token);
    if (earlier != null) {
      return repeat(state, earlier, digest);
    }
    refuseWhatDoesNotAct(input);
    dev.gantry.model.TaskDefinition definition =
        Definitions.toRun(state, context.scope(), input.taskDefinition());
    TaskDefinition wire = definitions.read(definition);
    requireEc2(wire);
    if (input.networkConfiguration() != null && !"awsvpc".equals(wire.networkMode())) {
      throw EcsErrors.invalidParameterException(
          "Network Configuration is not valid for the given networkMode of this task definition.");
    }
    String overrides =
        input.overrides() == null
            ? TaskMapping.NO_OVERRIDES
            : AwsJson.encodeToString(TaskOverride.SHAPE, input.overrides());
    if (overrides.length() > EffectiveTask.MAX_OVERRIDES) {
      throw EcsErrors.invalidParameterException(
          "overrides can have at most " + EffectiveTask.MAX_OVERRIDES + " characters.");
    }
    EffectiveTask effective = EffectiveTask.of(wire, input.overrides());
    effective.refuseWhatDoesNotAct("RunTask");
    List<ContainerInstance> candidates = candidates(state, cluster);
    if (candidates.isEmpty()) {
      throw EcsErrors.invalidParameterException(
          "No Container Instances were found in your cluster.");
    }
    TaskOrigin origin =
        new TaskOrigin(
            LaunchType.EC2,
            Objects.requireNonNullElse(input.group(), "family:" + definition.id().family()),
            startedBy,
            overrides,
            input.clientToken());
    List<Tag> tags = Tags.read(input.tags());
    TaskDemand demand = effective.demand();
    List<InstanceView> views = new ArrayList<>();
    candidates.forEach(instance -> views.add(view(head, instance)));
    List<Task> tasks = new ArrayList<>();
    List<Failure> failures = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      switch (Placement.firstFit(views, demand)) {
        case Placement.Placed(ContainerInstanceId instance) -> {
          views.replaceAll(
              view -> view.id().equals(instance) ? without(view, demand.resources()) : view);
          tasks.add(
              new Task(
                  new TaskId(context.scope(), cluster.name(), head.ids().hex()),
                  definition.id(),
                  instance,
                  origin,
                  TaskStatus.PENDING,
                  DesiredStatus.RUNNING,
                  containers(head, effective),
                  demand.resources(),
                  TaskTimes.createdAt(context.now()),
                  null,
                  tags,
                  1));
        }
        case Placement.Unplaceable no -> {
          Placement.Rejection closest = no.closest();
          failures.add(
              Failure.builder()
                  .arn(closest.instance().arn())
                  .reason(closest.reason().spelling())
                  .detail(closest.detail())
                  .build());
        }
      }
    }
    RunTaskResponse response =
        RunTaskResponse.builder()
            .tasks(tasks.stream().map(task -> TaskMapping.show(task, true)).toList())
            .failures(failures)
            .build();
    List<Change> changes = new ArrayList<>();
    tasks.forEach(task -> changes.add(new Change.Put(task)));
    if (token != null) {
      changes.add(
          new Change.Put(
              new ClientToken(
                  token,
                  digest,
                  tasks.stream().map(Task::id).toList(),
                  AwsJson.encodeToString(
                      RunTaskResponse.SHAPE, RunTaskResponse.builder().failures(failures).build()),
                  context.now())));
    }
    return new Decision<>(changes, response);
  }

  private static void refuseWhatDoesNotAct(RunTaskRequest input) {
    Refusals no = new Refusals();
    String launchType = input.launchType();
    if (launchType != null && !launchType.equals("EC2")) {
      no.always("launchType " + launchType);
    }
    no.unlessEmpty(input.capacityProviderStrategy(), "capacityProviderStrategy");
    no.unlessFalse(input.enableExecuteCommand(), "enableExecuteCommand");
    no.unlessFalse(input.enableECSManagedTags(), "enableECSManagedTags");
    no.unlessEmpty(input.placementConstraints(), "placementConstraints");
    no.unlessEmpty(input.placementStrategy(), "placementStrategy");
    no.unlessAbsent(input.platformVersion(), "platformVersion");
    if (input.propagateTags() != null && !input.propagateTags().equals("NONE")) {
      if (input.propagateTags().equals("SERVICE")) {
        throw EcsErrors.invalidParameterException(
            "propagateTags SERVICE is not valid for RunTask.");
      }
      no.always("propagateTags " + input.propagateTags());
    }
    no.unlessEmpty(input.volumeConfigurations(), "volumeConfigurations");
    TaskOverride overrides = input.overrides();
    if (overrides != null) {
      no.unlessAbsent(overrides.taskRoleArn(), "overrides.taskRoleArn");
      no.unlessEmpty(
          overrides.inferenceAcceleratorOverrides(), "overrides.inferenceAcceleratorOverrides");
      no.unlessAbsent(overrides.ephemeralStorage(), "overrides.ephemeralStorage");
      if (overrides.containerOverrides() != null) {
        overrides
            .containerOverrides()
            .forEach(container -> {
              no.unlessEmpty(
                  container.environmentFiles(), "overrides.containerOverrides[].environmentFiles");
              no.unlessEmpty(
                  container.resourceRequirements(),
                  "overrides.containerOverrides[].resourceRequirements");
            });
      }
    }
    no.check("RunTask");
  }

  private static void requireEc2(TaskDefinition definition) {
    List<String> requires = definition.requiresCompatibilities();
    if (requires != null && !requires.isEmpty() && !requires.contains("EC2")) {
      throw EcsErrors.invalidParameterException(
          "Task definition does not support launch_type EC2.");
    }
  }

  private static @Nullable ClientTokenId token(ClusterId cluster, @Nullable String text) {
    if (text == null) {
      return null;
    }
    if (text.isEmpty()
        || text.length() > MAX_CLIENT_TOKEN
        || !text.chars().allMatch(c -> c >= 33 && c <= 126)) {
      throw EcsErrors.invalidParameterException(
          "clientToken must be 1 to 64 characters of ASCII 33 to 126.");
    }
    return new ClientTokenId(cluster.scope(), cluster.name(), text);
  }

  private static String digest(RunTaskRequest input) {
    byte[] request =
        AwsJson.encodeToString(RunTaskRequest.SHAPE, input.toBuilder().clientToken(null).build())
            .getBytes(StandardCharsets.UTF_8);
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(request));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /// The answer to a repeated request: what the first one was answered, as far as its tasks are
  /// still known. Another request under the same token is a conflict (Ensuring idempotency, Amazon
  /// ECS API Reference).
  private static Decision<RunTaskResponse> repeat(State state, ClientToken earlier, String digest) {
    if (!earlier.requestDigest().equals(digest)) {
      throw EcsErrors.conflictException(
          "The client token was already used with a different request.",
          earlier.tasks().stream().map(TaskId::arn).toList());
    }
    List<dev.gantry.api.ecs.Task> tasks = new ArrayList<>();
    for (TaskId id : earlier.tasks()) {
      Task task = state.task(id);
      tasks.add(
          task != null
              ? TaskMapping.show(task, true)
              : dev.gantry.api.ecs.Task.builder()
                  .taskArn(id.arn())
                  .lastStatus("STOPPED")
                  .desiredStatus("STOPPED")
                  .build());
    }
    return Decision.answer(
        RunTaskResponse.builder()
            .tasks(tasks)
            .failures(AwsJson.decode(RunTaskResponse.SHAPE, earlier.failures()).failures())
            .build());
  }

  /// The cluster's instances in ARN order, those that are not INACTIVE: a DRAINING one is examined
  /// and rejected.
  private static List<ContainerInstance> candidates(State state, ClusterId cluster) {
    List<ContainerInstance> all = new ArrayList<>();
    state
        .group(Index.CONTAINER_INSTANCES, cluster, ContainerInstanceStatus.ACTIVE)
        .forEach(all::add);
    state
        .group(Index.CONTAINER_INSTANCES, cluster, ContainerInstanceStatus.DRAINING)
        .forEach(all::add);
    all.sort((one, other) -> one.id().compareTo(other.id()));
    return all;
  }

  private static InstanceView view(Head head, ContainerInstance instance) {
    Resources taken = head.taken(instance.id());
    TreeSet<HostPort> ports = new TreeSet<>(instance.registered().ports());
    ports.addAll(taken.ports());
    return new InstanceView(
        instance.id(),
        instance.status() == ContainerInstanceStatus.ACTIVE,
        head.connected().contains(instance.id()),
        instance.registered().cpuUnits() - taken.cpuUnits(),
        instance.registered().memoryMiB() - taken.memoryMiB(),
        ports,
        instance.attributes());
  }

  private static InstanceView without(InstanceView view, Resources taken) {
    TreeSet<HostPort> ports = new TreeSet<>(view.takenPorts());
    ports.addAll(taken.ports());
    return new InstanceView(
        view.id(),
        view.active(),
        view.agentConnected(),
        view.freeCpuUnits() - taken.cpuUnits(),
        view.freeMemoryMiB() - taken.memoryMiB(),
        ports,
        view.attributes());
  }

  private static List<TaskContainer> containers(Head head, EffectiveTask effective) {
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
              List.of()));
    }
    return List.copyOf(containers);
  }

  private static Decision<StopTaskResponse> stop(
      Head head, StopTaskRequest input, Context context) {
    ClusterId cluster = EcsIds.activeCluster(head.state(), context.scope(), input.cluster()).id();
    String name = input.task();
    TaskId id = name == null ? null : EcsIds.task(cluster, name);
    Task task = id == null ? null : head.state().task(id);
    if (task == null) {
      throw EcsErrors.invalidParameterException("The referenced task was not found.");
    }
    if (task.desiredStatus() == DesiredStatus.STOPPED) {
      return Decision.answer(
          StopTaskResponse.builder().task(TaskMapping.show(task, false)).build());
    }
    String reason = Objects.requireNonNullElse(input.reason(), TaskLifecycle.STOPPED_BY_USER);
    Task stopping =
        task.edit()
            .stop(new TaskStop(StopCode.USER_INITIATED, reason))
            .times(task.times().stoppingAt(context.now()))
            .tags(List.of())
            .done();
    return Decision.put(
        StopTaskResponse.builder().task(TaskMapping.show(stopping, false)).build(), stopping);
  }

  private static DescribeTasksResponse describe(
      Snapshot snapshot, DescribeTasksRequest input, Context context) {
    ClusterId cluster =
        EcsIds.activeCluster(snapshot.state(), context.scope(), input.cluster()).id();
    List<String> names = input.tasks();
    if (names == null || names.isEmpty()) {
      throw EcsErrors.invalidParameterException("Tasks cannot be empty.");
    }
    if (names.size() > MAX_DESCRIBED) {
      throw EcsErrors.invalidParameterException(
          "tasks can have at most " + MAX_DESCRIBED + " items.");
    }
    boolean tags = input.include() != null && input.include().contains("TAGS");
    List<dev.gantry.api.ecs.Task> tasks = new ArrayList<>();
    List<Failure> failures = new ArrayList<>();
    for (String name : names) {
      TaskId id = EcsIds.task(cluster, name);
      Task task = id == null ? null : snapshot.state().task(id);
      if (task == null) {
        failures.add(Failure.builder().arn(id == null ? name : id.arn()).reason("MISSING").build());
      } else {
        tasks.add(TaskMapping.show(task, tags));
      }
    }
    return DescribeTasksResponse.builder().tasks(tasks).failures(failures).build();
  }

  private static ListTasksResponse list(
      Snapshot snapshot, ListTasksRequest input, Context context) {
    State state = snapshot.state();
    ClusterId cluster = EcsIds.activeCluster(state, context.scope(), input.cluster()).id();
    String desired = input.desiredStatus();
    if (input.startedBy() != null
        && (input.containerInstance() != null
            || input.family() != null
            || input.serviceName() != null
            || input.launchType() != null)) {
      throw EcsErrors.invalidParameterException(
          "cannot specify startedBy together with another filter.");
    }
    if (input.serviceName() != null || input.daemonName() != null || "PENDING".equals(desired)) {
      // No task belongs to a service or daemon yet, and ECS never wants a task PENDING
      // (ListTasks.desiredStatus).
      return ListTasksResponse.builder().taskArns(List.of()).build();
    }
    DesiredStatus wanted =
        "STOPPED".equals(desired) ? DesiredStatus.STOPPED : DesiredStatus.RUNNING;
    ContainerInstanceId instance =
        input.containerInstance() == null
            ? null
            : EcsIds.containerInstance(cluster, input.containerInstance());
    if (input.containerInstance() != null
        && (instance == null || state.containerInstance(instance) == null)) {
      throw EcsErrors.invalidParameterException("The referenced container instance was not found.");
    }
    Predicate<Task> filter =
        task ->
            task.desiredStatus() == wanted
                && (instance == null || instance.equals(task.containerInstance()))
                && (input.family() == null || task.taskDefinition().family().equals(input.family()))
                && (input.startedBy() == null
                    || input.startedBy().equals(task.origin().startedBy()))
                && (input.launchType() == null
                    || task.origin().launchType().name().equals(input.launchType()));
    Group<TaskId, Task> all = narrowest(state, cluster, wanted, instance, input);
    String after = Pages.after(input.nextToken());
    Pages.Page<String> page =
        Pages.take(
            after == null ? all : all.after(new TaskId(cluster.scope(), cluster.name(), after)),
            Pages.size(input.maxResults()),
            filter,
            task -> task.id().id(),
            task -> task.id().arn());
    return ListTasksResponse.builder().taskArns(page.items()).nextToken(page.nextToken()).build();
  }

  private static Group<TaskId, Task> narrowest(
      State state,
      ClusterId cluster,
      DesiredStatus wanted,
      @Nullable ContainerInstanceId instance,
      ListTasksRequest input) {
    if (instance != null) {
      return state.group(Index.TASKS_BY_CONTAINER_INSTANCE, instance);
    }
    if (input.startedBy() != null) {
      return state.group(Index.TASKS_BY_STARTED_BY, cluster, input.startedBy());
    }
    if (input.family() != null) {
      return state.group(Index.TASKS_BY_FAMILY, cluster, input.family());
    }
    return state.group(Index.TASKS_BY_DESIRED_STATUS, cluster, wanted);
  }
}

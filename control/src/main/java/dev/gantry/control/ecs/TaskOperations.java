package dev.gantry.control.ecs;

import dev.gantry.api.ecs.DescribeTasksRequest;
import dev.gantry.api.ecs.DescribeTasksResponse;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.Failure;
import dev.gantry.api.ecs.ListTasksRequest;
import dev.gantry.api.ecs.ListTasksResponse;
import dev.gantry.api.ecs.StopTaskRequest;
import dev.gantry.api.ecs.StopTaskResponse;
import dev.gantry.control.Context;
import dev.gantry.control.Decision;
import dev.gantry.control.Head;
import dev.gantry.control.OperationTable;
import dev.gantry.control.Snapshot;
import dev.gantry.model.ClusterId;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.DesiredStatus;
import dev.gantry.model.StopCode;
import dev.gantry.model.Task;
import dev.gantry.model.TaskId;
import dev.gantry.model.TaskStatus;
import dev.gantry.model.TaskStop;
import dev.gantry.scheduler.TaskLifecycle;
import dev.gantry.store.Group;
import dev.gantry.store.Index;
import dev.gantry.store.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Tasks that there are: StopTask, DescribeTasks, ListTasks. StopTask returns as soon as the wish
/// is durable; the agent sessions see to the rest.
public final class TaskOperations {
  /// The longest reason for stopping a task. The API names no limit; this one is that of a
  /// container's reason.
  static final int MAX_REASON = 1024;

  private final Quotas quotas;

  private TaskOperations(Quotas quotas) {
    this.quotas = quotas;
  }

  /// Registers the operations.
  public static void register(OperationTable table, Quotas quotas) {
    TaskOperations operations = new TaskOperations(quotas);
    table.command(Ecs.STOP_TASK, TaskOperations::stop);
    table.query(Ecs.DESCRIBE_TASKS, operations::describe);
    table.query(Ecs.LIST_TASKS, TaskOperations::list);
  }

  private static Decision<StopTaskResponse> stop(
      Head head, StopTaskRequest input, Context context) {
    ClusterId cluster = EcsIds.activeCluster(head.state(), context.scope(), input.cluster()).id();
    TaskMapping mapping = TaskMapping.of(head);
    TaskId id = EcsIds.task(cluster, Objects.requireNonNullElse(input.task(), ""));
    Task task = id == null ? null : head.state().task(id);
    if (task == null) {
      throw EcsErrors.invalidParameterException("The referenced task was not found.");
    }
    String reason = Objects.requireNonNullElse(input.reason(), TaskLifecycle.STOPPED_BY_USER);
    if (reason.length() > MAX_REASON) {
      throw EcsErrors.invalidParameterException("reason longer than " + MAX_REASON + ".");
    }
    if (task.desiredStatus() == DesiredStatus.STOPPED) {
      return Decision.answer(StopTaskResponse.builder().task(mapping.show(task, false)).build());
    }
    Task stopping =
        task.edit()
            // No agent has to hear of a task that waits for a place: it is on its way out.
            .lastStatus(task.isWaiting() ? TaskStatus.DEPROVISIONING : task.lastStatus())
            .stop(new TaskStop(StopCode.USER_INITIATED, reason))
            .times(task.times().stoppingAt(context.now()))
            .tags(List.of())
            .done();
    return Decision.put(
        StopTaskResponse.builder().task(mapping.show(stopping, false)).build(), stopping);
  }

  /// The tasks of a deleted cluster are shown as well (DescribeTasks, API Reference).
  private DescribeTasksResponse describe(
      Snapshot snapshot, DescribeTasksRequest input, Context context) {
    ClusterId cluster = EcsIds.ownCluster(snapshot.state(), context.scope(), input.cluster()).id();
    List<String> names = input.tasks();
    if (names == null || names.isEmpty()) {
      throw EcsErrors.invalidParameterException("Tasks cannot be empty.");
    }
    if (names.size() > quotas.tasksPerDescribe()) {
      throw EcsErrors.invalidParameterException(
          "tasks can have at most " + quotas.tasksPerDescribe() + " items.");
    }
    TaskMapping mapping = TaskMapping.of(snapshot);
    boolean tags = input.include() != null && input.include().contains("TAGS");
    List<dev.gantry.api.ecs.Task> tasks = new ArrayList<>();
    List<Failure> failures = new ArrayList<>();
    for (String name : names) {
      TaskId id = EcsIds.task(cluster, name);
      Task task = id == null ? null : snapshot.state().task(id);
      if (task == null) {
        failures.add(Failure.builder().arn(id == null ? name : id.arn()).reason("MISSING").build());
      } else {
        tasks.add(mapping.show(task, tags));
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
            || input.launchType() != null
            || input.daemonName() != null)) {
      // Worded as ECS words it (github.com/aws/aws-sdk-go-v2 issue 1893). A desired status beside
      // it is allowed; amazon-ecs-cli has always sent both.
      throw EcsErrors.invalidParameterException("cannot specify startedBy with other arguments");
    }
    DesiredStatus wanted =
        switch (Objects.requireNonNullElse(desired, "RUNNING")) {
          case "RUNNING" -> DesiredStatus.RUNNING;
          case "STOPPED" -> DesiredStatus.STOPPED;
          default -> null;
        };
    String collection =
        Pages.collection(
            "ListTasks",
            cluster.arn(),
            desired,
            input.containerInstance(),
            input.family(),
            input.startedBy(),
            input.serviceName(),
            input.launchType(),
            input.daemonName());
    String after = Pages.after(input.nextToken(), collection);
    int size = Pages.size(input.maxResults());
    if (input.serviceName() != null) {
      throw EcsErrors.serviceNotFoundException("Service not found.");
    }
    ContainerInstanceId instance =
        input.containerInstance() == null
            ? null
            : EcsIds.containerInstance(cluster, input.containerInstance());
    if (input.containerInstance() != null
        && (instance == null || state.containerInstance(instance) == null)) {
      throw EcsErrors.invalidParameterException("The referenced container instance was not found.");
    }
    if (wanted == null || input.daemonName() != null) {
      // ECS never wants a task PENDING (ListTasks.desiredStatus), and there are no daemons.
      return ListTasksResponse.builder().taskArns(List.of()).build();
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
    Pages.Page<String> page =
        Pages.take(
            after == null ? all : all.after(new TaskId(cluster.scope(), cluster.name(), after)),
            size,
            filter,
            task -> task.id().id(),
            task -> task.id().arn());
    return ListTasksResponse.builder()
        .taskArns(page.items())
        .nextToken(page.nextToken(collection))
        .build();
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

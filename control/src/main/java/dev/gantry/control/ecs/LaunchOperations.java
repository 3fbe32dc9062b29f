package dev.gantry.control.ecs;

import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.Failure;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.RunTaskResponse;
import dev.gantry.api.ecs.StartTaskRequest;
import dev.gantry.api.ecs.StartTaskResponse;
import dev.gantry.control.Context;
import dev.gantry.control.Decision;
import dev.gantry.control.Head;
import dev.gantry.control.OperationTable;
import dev.gantry.model.Change;
import dev.gantry.model.ClientTokenId;
import dev.gantry.model.Cluster;
import dev.gantry.model.ContainerInstance;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.Task;
import dev.gantry.scheduler.Candidate;
import dev.gantry.scheduler.InstanceView;
import dev.gantry.scheduler.Placement;
import dev.gantry.scheduler.PlacementRules;
import dev.gantry.store.Index;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// RunTask, which finds places for tasks or lets them wait for one, and StartTask, which is told
/// them. Both return as soon as the wish is durable; the agent sessions see to the rest.
public final class LaunchOperations {
  private final Launcher launcher;
  private final Quotas quotas;

  private LaunchOperations(Definitions definitions, Quotas quotas) {
    this.launcher = new Launcher(definitions);
    this.quotas = quotas;
  }

  /// Registers the operations.
  public static void register(OperationTable table, Definitions definitions, Quotas quotas) {
    LaunchOperations operations = new LaunchOperations(definitions, quotas);
    table.command(Ecs.RUN_TASK, operations::run);
    table.command(Ecs.START_TASK, operations::start);
  }

  private Decision<RunTaskResponse> run(Head head, RunTaskRequest input, Context context) {
    Launch launch = Launch.of(input);
    Launcher.Target target = Launcher.target(head, launch, context);
    int count = Objects.requireNonNullElse(input.count(), 1);
    if (count < 1 || count > quotas.tasksPerCall()) {
      throw EcsErrors.invalidParameterException(
          "Count must be between 1 and " + quotas.tasksPerCall() + ".");
    }
    ClientTokenId token = RepeatedCalls.id(target.cluster(), input.clientToken());
    RunTaskResponse before =
        token == null ? null : RepeatedCalls.answer(head, token, input, context.now());
    if (before != null) {
      return Decision.answer(before);
    }
    Cluster cluster = Objects.requireNonNull(head.state().cluster(target.cluster()));
    RunCapacity capacity = RunCapacity.of(head.state(), input, cluster);
    Launcher.Ready ready = launcher.prepare(launch, target);
    PlacementRules rules =
        PlacementInput.rules(
            ready.effective().definition(),
            input.placementConstraints(),
            input.placementStrategy());
    List<Task> tasks = new ArrayList<>();
    List<Failure> failures = new ArrayList<>();
    SortedMap<String, Candidates> candidates = new TreeMap<>();
    List<String> providers = capacity.share(count);
    int waiting = head.state().group(Index.UNPLACED_TASKS, target.cluster()).size();
    for (int i = 0; i < count; i++) {
      String provider = providers.isEmpty() ? null : providers.get(i);
      boolean waits = RunCapacity.waits(head.state(), cluster, provider);
      Candidates those =
          candidates.computeIfAbsent(
              Objects.requireNonNullElse(provider, ""),
              _ -> Candidates.of(head, target.cluster(), provider, rules, ready.origin().group()));
      if (those.isEmpty() && !waits) {
        throw EcsErrors.invalidParameterException(
            provider == null
                ? "No Container Instances were found in your cluster."
                : "No Container Instances were found in your capacity provider.");
      }
      switch (Placement.place(those.all(), ready.demand(), rules, head.ids()::below)) {
        case Placement.Placed(ContainerInstanceId instance) -> {
          those.take(instance, ready.demand().resources());
          tasks.add(Launcher.start(head, ready.by(provider, null), instance, context));
        }
        case Placement.Unplaceable _ when waits -> {
          if (++waiting > quotas.provisioningTasksPerCluster()) {
            throw EcsErrors.clientException(
                "The maximum number of tasks in the PROVISIONING state in this cluster, "
                    + quotas.provisioningTasksPerCluster()
                    + ", has been reached.");
          }
          tasks.add(
              Launcher.start(
                  head,
                  ready.by(
                      provider,
                      PlacementInput.keep(input.placementConstraints(), input.placementStrategy())),
                  null,
                  context));
        }
        case Placement.Unplaceable no -> failures.add(Launcher.failure(no.closest()));
      }
    }
    TaskMapping mapping = TaskMapping.of(head);
    RunTaskResponse response =
        RunTaskResponse.builder()
            .tasks(tasks.stream().map(task -> mapping.show(task, true)).toList())
            .failures(failures)
            .build();
    List<Change> changes = puts(tasks);
    if (token != null) {
      changes.add(
          new Change.Put(RepeatedCalls.remember(token, input, response, tasks, context.now())));
    }
    return new Decision<>(changes, response);
  }

  private Decision<StartTaskResponse> start(Head head, StartTaskRequest input, Context context) {
    Launch launch = Launch.of(input);
    Launcher.Target target = Launcher.target(head, launch, context);
    List<String> names = Objects.requireNonNullElse(input.containerInstances(), List.<String>of());
    if (names.isEmpty()) {
      throw EcsErrors.clientException("Container Instances cannot be empty.");
    }
    if (names.size() > quotas.tasksPerCall()) {
      throw EcsErrors.invalidParameterException(
          "containerInstances can have at most " + quotas.tasksPerCall() + " items.");
    }
    Launcher.Ready ready = launcher.prepare(launch, target);
    // Those of the definition: the call has none of its own.
    PlacementRules rules = PlacementInput.rules(ready.effective().definition(), null, null);
    InstanceViews views = new InstanceViews();
    List<Task> tasks = new ArrayList<>();
    List<Failure> failures = new ArrayList<>();
    for (String name : names) {
      ContainerInstanceId id = EcsIds.containerInstance(target.cluster(), name);
      InstanceView view = id == null ? null : views.find(head, id);
      if (view == null) {
        failures.add(Failure.builder().arn(id == null ? name : id.arn()).reason("MISSING").build());
        continue;
      }
      Placement.@Nullable Rejection rejection =
          Placement.examine(candidate(head, view), ready.demand(), rules.constraints());
      if (rejection != null) {
        failures.add(Launcher.failure(rejection));
      } else {
        views.take(view.id(), ready.demand().resources());
        tasks.add(Launcher.start(head, ready, view.id(), context));
      }
    }
    TaskMapping mapping = TaskMapping.of(head);
    return new Decision<>(
        puts(tasks),
        StartTaskResponse.builder()
            .tasks(tasks.stream().map(task -> mapping.show(task, true)).toList())
            .failures(failures)
            .build());
  }

  private static Candidate candidate(Head head, InstanceView view) {
    ContainerInstance instance = Objects.requireNonNull(head.state().containerInstance(view.id()));
    return new Candidate(view, 0, ClusterQueries.queried(head.state(), head.connected(), instance));
  }

  private static List<Change> puts(List<Task> tasks) {
    List<Change> changes = new ArrayList<>();
    tasks.forEach(task -> changes.add(new Change.Put(task)));
    return changes;
  }
}

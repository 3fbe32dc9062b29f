package dev.gantry.sim;

import dev.gantry.api.ecs.ContainerInstance;
import dev.gantry.api.ecs.CreateClusterRequest;
import dev.gantry.api.ecs.DescribeContainerInstancesRequest;
import dev.gantry.api.ecs.DescribeTasksRequest;
import dev.gantry.api.ecs.DescribeTasksResponse;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.ListContainerInstancesRequest;
import dev.gantry.api.ecs.ListTasksRequest;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.api.ecs.Resource;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.RunTaskResponse;
import dev.gantry.api.ecs.StopTaskRequest;
import dev.gantry.api.ecs.Task;
import dev.gantry.api.ecs.TaskDefinition;
import dev.gantry.api.logs.CreateLogGroupRequest;
import dev.gantry.api.logs.Logs;
import dev.gantry.model.ContainerStatus;
import dev.gantry.model.TaskStatus;
import dev.gantry.sim.SimNetwork.Reply;
import dev.gantry.sim.SimNetwork.Route;
import dev.gantry.wire.WireResponse;
import dev.gantry.wire.client.AwsClient;
import dev.gantry.wire.shape.Operation;
import dev.gantry.wire.shape.ServiceException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A user of the API: does one thing after the other, each as an SDK would, signed and retried, and
/// remembers what it was told.
final class SimClient {
  private static final Duration THINKS = Duration.ofMillis(1200);
  private static final Duration RETRY = Duration.ofMillis(700);
  private static final int MAX_DESCRIBED = 20;

  /// How a call ended.
  private sealed interface Result<O> {
    record Done<O>(O output) implements Result<O> {}

    record Refused<O>(ServiceException error) implements Result<O> {}

    record Lost<O>(String why) implements Result<O> {}
  }

  private record Repeat(RunTaskRequest request, List<String> tasks) {}

  private final String name;
  private final World world;
  private final Chance chance;
  private final SimNetwork network;
  private final Route route;
  private final Checks checks;
  private final Book book;
  private final Tally tally;
  private final List<String> clusters;
  private final AwsClient client = new AwsClient();
  private final Map<String, Task> told = new TreeMap<>();
  private final Deque<Repeat> repeatable = new ArrayDeque<>();
  private boolean resting;
  private int requests;
  private int calls;

  SimClient(
      String name,
      World world,
      SimNetwork network,
      Checks checks,
      Book book,
      Tally tally,
      List<String> clusters) {
    this.name = name;
    this.world = world;
    this.chance = world.chance(name);
    this.network = network;
    this.route = network.route(name);
    this.checks = checks;
    this.book = book;
    this.tally = tally;
    this.clusters = clusters;
  }

  /// Makes what is needed first, then does one thing after the other until it is told to rest.
  void begin() {
    Deque<Runnable> first = new ArrayDeque<>();
    for (String cluster : clusters) {
      first.add(() ->
          insist(
              Ecs.CREATE_CLUSTER,
              CreateClusterRequest.builder().clusterName(cluster).build(),
              () -> next(first)));
    }
    first.add(() ->
        insist(
            Logs.CREATE_LOG_GROUP,
            CreateLogGroupRequest.builder().logGroupName(Definitions.GROUP).build(),
            () -> next(first)));
    first.add(() -> register(() -> next(first)));
    next(first);
  }

  private void next(Deque<Runnable> first) {
    Runnable step = first.poll();
    if (step == null) {
      think();
    } else {
      step.run();
    }
  }

  /// Begins nothing new.
  void rest() {
    resting = true;
  }

  /// Whether it waits for nothing.
  boolean isIdle() {
    return calls == 0;
  }

  /// Stops all of these tasks, for as long as that takes.
  void stopAll(List<Book.Known> tasks, Runnable then) {
    if (tasks.isEmpty()) {
      then.run();
      return;
    }
    Book.Known first = tasks.getFirst();
    insist(
        Ecs.STOP_TASK,
        StopTaskRequest.builder().cluster(first.cluster()).task(first.arn()).build(),
        () -> stopAll(tasks.subList(1, tasks.size()), then));
  }

  private void think() {
    if (!resting) {
      world.after(chance.about(THINKS), "client acts", this::act);
    }
  }

  private void act() {
    if (resting) {
      return;
    }
    int what = chance.below(20);
    if (what < 2) {
      register(this::think);
    } else if (what < 8) {
      run();
    } else if (what < 11) {
      stop();
    } else if (what < 17) {
      describe();
    } else if (what < 18) {
      list();
    } else {
      inspectInstances();
    }
  }

  // ---- what it does
  // -------------------------------------------------------------------------------

  private void register(Runnable then) {
    RegisterTaskDefinitionRequest request = Definitions.random(chance);
    call(
        Ecs.REGISTER_TASK_DEFINITION,
        request,
        result -> {
          if (result instanceof Result.Done(var output) && output.taskDefinition() != null) {
            TaskDefinition definition = output.taskDefinition();
            book.registered(
                definition.family() + ":" + definition.revision(),
                Objects.requireNonNull(request.containerDefinitions()));
          }
          then.run();
        });
  }

  private void run() {
    if (!repeatable.isEmpty() && chance.oneIn(6)) {
      Repeat again = repeatable.removeFirst();
      if (chance.oneIn(4)) {
        contradict(again.request());
      } else {
        tally.count("token repeated");
        run(again.request(), again.tasks());
      }
      return;
    }
    if (book.definitions().isEmpty()) {
      think();
      return;
    }
    String mark = name + "-" + ++requests;
    run(
        RunTaskRequest.builder()
            .cluster(chance.pick(clusters))
            .taskDefinition(chance.pick(book.definitions()))
            .count(chance.oneIn(2) ? 1 : chance.between(2, 4))
            .startedBy(mark)
            .clientToken(chance.oneIn(5) ? null : "token-of-" + mark)
            .build(),
        null);
  }

  /// @param before the tasks that an earlier answer to the same token named
  private void run(RunTaskRequest request, @Nullable List<String> before) {
    boolean repeats = request.clientToken() != null;
    call(
        Ecs.RUN_TASK,
        request,
        result -> {
          switch (result) {
            case Result.Done<RunTaskResponse>(RunTaskResponse output) -> {
              ran(request, before, output);
              think();
            }
            case Result.Refused<RunTaskResponse>(ServiceException error)
                when repeats && isTransient(error) ->
                runAgain(request, before);
            case Result.Refused<RunTaskResponse> _ -> think();
            case Result.Lost<RunTaskResponse> _ when repeats -> runAgain(request, before);
            case Result.Lost<RunTaskResponse> _ -> think();
          }
        });
  }

  private void runAgain(RunTaskRequest request, @Nullable List<String> before) {
    tally.count("token retried");
    world.after(
        chance.about(RETRY),
        "client retries",
        () -> {
          if (!resting) {
            run(request, before);
          }
        });
  }

  private void ran(
      RunTaskRequest request, @Nullable List<String> before, RunTaskResponse response) {
    List<String> arns = new ArrayList<>();
    for (Task task : orEmpty(response.tasks())) {
      String arn = Objects.requireNonNull(task.taskArn());
      arns.add(arn);
      book.started(Objects.requireNonNull(request.cluster()), arn);
      saw(task);
    }
    if (before != null && !before.equals(arns)) {
      throw new Violation(
          Invariant.ONE_TOKEN,
          "token " + request.clientToken() + " is told " + arns + ", before " + before);
    }
    if (request.clientToken() != null && before == null && chance.oneIn(3)) {
      repeatable.add(new Repeat(request, arns));
    }
  }

  /// Another request under a token that was used is refused.
  private void contradict(RunTaskRequest request) {
    int count = Objects.requireNonNull(request.count());
    call(
        Ecs.RUN_TASK,
        request.toBuilder().count(count + 1).build(),
        result -> {
          tally.count("token contradicted");
          boolean conflict =
              result instanceof Result.Refused<RunTaskResponse>(ServiceException error)
                  && (error.code().equals("ConflictException") || isTransient(error));
          if (!conflict && !(result instanceof Result.Lost)) {
            throw new Violation(
                Invariant.ONE_TOKEN,
                "another request with token " + request.clientToken() + " is answered " + result);
          }
          think();
        });
  }

  private void stop() {
    Book.Known task = anyTask();
    if (task == null) {
      think();
      return;
    }
    call(
        Ecs.STOP_TASK,
        StopTaskRequest.builder()
            .cluster(task.cluster())
            .task(task.arn())
            .reason("by " + name)
            .build(),
        result -> {
          if (result instanceof Result.Done(var output) && output.task() != null) {
            saw(output.task());
          }
          think();
        });
  }

  private void describe() {
    Book.Known first = anyTask();
    if (first == null) {
      think();
      return;
    }
    List<String> arns = new ArrayList<>();
    arns.add(first.arn());
    for (int i = 1; i < MAX_DESCRIBED; i++) {
      Book.Known other = anyTask();
      if (other != null && other.cluster().equals(first.cluster()) && !arns.contains(other.arn())) {
        arns.add(other.arn());
      }
    }
    call(
        Ecs.DESCRIBE_TASKS,
        DescribeTasksRequest.builder().cluster(first.cluster()).tasks(arns).build(),
        result -> {
          if (result instanceof Result.Done<DescribeTasksResponse>(var output)) {
            orEmpty(output.tasks()).forEach(this::saw);
            orEmpty(output.failures()).forEach(failure -> checks.missing(failure.arn()));
          }
          think();
        });
  }

  private void list() {
    call(
        Ecs.LIST_TASKS,
        ListTasksRequest.builder()
            .cluster(chance.pick(clusters))
            .desiredStatus(chance.oneIn(2) ? "RUNNING" : "STOPPED")
            .build(),
        _ -> think());
  }

  private void inspectInstances() {
    String cluster = chance.pick(clusters);
    call(
        Ecs.LIST_CONTAINER_INSTANCES,
        ListContainerInstancesRequest.builder().cluster(cluster).build(),
        result -> {
          if (result instanceof Result.Done(var output)
              && !orEmpty(output.containerInstanceArns()).isEmpty()) {
            call(
                Ecs.DESCRIBE_CONTAINER_INSTANCES,
                DescribeContainerInstancesRequest.builder()
                    .cluster(cluster)
                    .containerInstances(output.containerInstanceArns())
                    .build(),
                described -> {
                  if (described instanceof Result.Done(var instances)) {
                    orEmpty(instances.containerInstances()).forEach(SimClient::hasRoom);
                  }
                  think();
                });
          } else {
            think();
          }
        });
  }

  private static void hasRoom(ContainerInstance instance) {
    for (Resource resource : orEmpty(instance.remainingResources())) {
      Integer left = resource.integerValue();
      if (left != null && left < 0) {
        throw new Violation(
            Invariant.RESERVATIONS, instance.containerInstanceArn() + " has left " + resource);
      }
    }
  }

  private Book.@Nullable Known anyTask() {
    List<Book.Known> tasks = book.tasks();
    if (tasks.isEmpty()) {
      return null;
    }
    // The latest are the liveliest.
    return chance.oneIn(3)
        ? chance.pick(tasks)
        : tasks.get(tasks.size() - 1 - chance.below(Math.min(tasks.size(), MAX_DESCRIBED)));
  }

  // ---- what it remembers
  // --------------------------------------------------------------------------

  /// One answer after the other, a task only moves forward. Calls of one client do not overlap, so
  /// the answers come in the order in which they were given.
  private void saw(Task now) {
    String arn = Objects.requireNonNull(now.taskArn());
    Task before = told.get(arn);
    // The short form for a task that is forgotten says nothing but its end.
    if (now.version() == null) {
      return;
    }
    told.put(arn, now);
    if (before == null) {
      return;
    }
    boolean back =
        status(now).compareTo(status(before)) < 0
            || ("STOPPED".equals(before.desiredStatus()) && !"STOPPED".equals(now.desiredStatus()))
            || Objects.requireNonNull(now.version()) < Objects.requireNonNull(before.version());
    for (int i = 0; i < orEmpty(before.containers()).size(); i++) {
      String was = Objects.requireNonNull(orEmpty(before.containers()).get(i).lastStatus());
      String is = Objects.requireNonNull(orEmpty(now.containers()).get(i).lastStatus());
      back |= ContainerStatus.valueOf(is).compareTo(ContainerStatus.valueOf(was)) < 0;
    }
    if (back) {
      throw new Violation(
          Invariant.FORWARD_ONLY, name + " is told " + now + " after it was told " + before);
    }
  }

  private static TaskStatus status(Task task) {
    return TaskStatus.valueOf(Objects.requireNonNull(task.lastStatus()));
  }

  // ---- calling
  // ------------------------------------------------------------------------------------

  private static boolean isTransient(ServiceException error) {
    return error.status() >= 500 || error.code().equals("ThrottlingException");
  }

  /// Calls until it is done, or was done before.
  private <I, O> void insist(Operation<I, O> operation, I input, Runnable then) {
    call(
        operation,
        input,
        result -> {
          switch (result) {
            case Result.Done<O> _ -> then.run();
            case Result.Refused<O>(ServiceException error) when !isTransient(error) -> then.run();
            case Result.Refused<O> _ ->
                world.after(
                    chance.about(RETRY), "client insists", () -> insist(operation, input, then));
            case Result.Lost<O> _ ->
                world.after(
                    chance.about(RETRY), "client insists", () -> insist(operation, input, then));
          }
        });
  }

  private <I, O> void call(Operation<I, O> operation, I input, Consumer<Result<O>> then) {
    calls++;
    network.call(
        route,
        client.request(
            operation, input, SimNetwork.ENDPOINT, SimControl.KEY, SimControl.REGION, world.now()),
        Budget.CALL_TIMEOUT,
        // Nobody repeats what would be done twice.
        !(input instanceof RunTaskRequest run && run.clientToken() == null),
        reply -> {
          calls--;
          then.accept(
              switch (reply) {
                case Reply.Lost(String why) -> new Result.Lost<>(why);
                case Reply.Answer(WireResponse response) -> result(operation, response);
              });
        });
  }

  private <O> Result<O> result(Operation<?, O> operation, WireResponse response) {
    try {
      return new Result.Done<>(
          client.output(operation, response.status(), response.headers(), response.body()));
    } catch (ServiceException error) {
      return new Result.Refused<>(error);
    }
  }

  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }
}

package dev.gantry.sim;

import dev.gantry.api.ecs.ContainerInstance;
import dev.gantry.api.ecs.CreateClusterRequest;
import dev.gantry.api.ecs.DescribeContainerInstancesRequest;
import dev.gantry.api.ecs.DescribeTasksRequest;
import dev.gantry.api.ecs.DescribeTasksResponse;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.ListContainerInstancesRequest;
import dev.gantry.api.ecs.ListTagsForResourceRequest;
import dev.gantry.api.ecs.ListTasksRequest;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.api.ecs.Resource;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.RunTaskResponse;
import dev.gantry.api.ecs.StartTaskRequest;
import dev.gantry.api.ecs.StartTaskResponse;
import dev.gantry.api.ecs.StopTaskRequest;
import dev.gantry.api.ecs.TagResourceRequest;
import dev.gantry.api.ecs.Task;
import dev.gantry.api.ecs.TaskDefinition;
import dev.gantry.api.ecs.UntagResourceRequest;
import dev.gantry.api.logs.CreateLogGroupRequest;
import dev.gantry.api.logs.Logs;
import dev.gantry.model.ClusterId;
import dev.gantry.model.ContainerStatus;
import dev.gantry.model.TaskDefinitionId;
import dev.gantry.model.TaskStatus;
import dev.gantry.sim.SimCaller.Result;
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
  private static final int MAX_DESCRIBED = 20;

  private record Repeat(RunTaskRequest request, List<String> tasks) {}

  private final String name;
  private final World world;
  private final Chance chance;
  private final SimCaller caller;
  private final Checks checks;
  private final Book book;
  private final Tally tally;
  private final List<String> clusters;
  private final Map<String, Task> told = new TreeMap<>();
  private final Deque<Repeat> repeatable = new ArrayDeque<>();
  private boolean resting;
  private int requests;

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
    this.caller = new SimCaller(world, chance, network, network.route(name));
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
          caller.insist(
              Ecs.CREATE_CLUSTER,
              CreateClusterRequest.builder().clusterName(cluster).build(),
              () -> next(first)));
    }
    first.add(() ->
        caller.insist(
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
    return caller.isIdle();
  }

  /// Stops all of these tasks, for as long as that takes.
  void stopAll(List<Book.Known> tasks, Runnable then) {
    if (tasks.isEmpty()) {
      then.run();
      return;
    }
    Book.Known first = tasks.getFirst();
    caller.insist(
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
    int what = chance.below(23);
    if (what < 2) {
      register(this::think);
    } else if (what < 7) {
      run();
    } else if (what < 8) {
      start();
    } else if (what < 11) {
      stop();
    } else if (what < 17) {
      describe();
    } else if (what < 18) {
      list();
    } else if (what < 20) {
      inspectInstances();
    } else {
      tag();
    }
  }

  // ---- what it does
  // -------------------------------------------------------------------------------

  private void register(Runnable then) {
    RegisterTaskDefinitionRequest request = Definitions.random(chance);
    caller.call(
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
            .tags(Labels.some(chance, mark))
            .propagateTags(Labels.propagation(chance))
            .enableECSManagedTags(chance.oneIn(3))
            .cluster(chance.pick(clusters))
            .taskDefinition(chance.pick(book.definitions()))
            .count(chance.oneIn(2) ? 1 : chance.between(2, 4))
            .startedBy(mark)
            .clientToken(chance.oneIn(5) ? null : "token-of-" + mark)
            .enableExecuteCommand(enterable(mark))
            .build(),
        null);
  }

  /// Whether commands may be run in the containers of these tasks. Nobody runs any: what is looked
  /// at is that agents wait for sessions and reports tell of one thing more. No chance is drawn for
  /// it.
  private static boolean enterable(String mark) {
    return mark.endsWith("3");
  }

  /// Starts tasks on instances that it names. The call has no token: it is made once.
  private void start() {
    if (book.definitions().isEmpty()) {
      think();
      return;
    }
    String cluster = chance.pick(clusters);
    String mark = name + "-" + ++requests;
    instances(
        cluster,
        arns -> {
          if (arns.isEmpty() || book.definitions().isEmpty()) {
            think();
            return;
          }
          List<String> wanted = arns.subList(0, chance.between(1, Math.min(arns.size(), 3)));
          caller.call(
              Ecs.START_TASK,
              StartTaskRequest.builder()
                  .tags(Labels.some(chance, mark))
                  .propagateTags(Labels.propagation(chance))
                  .enableECSManagedTags(chance.oneIn(3))
                  .cluster(cluster)
                  .taskDefinition(chance.pick(book.definitions()))
                  .containerInstances(wanted)
                  .startedBy(mark)
                  .enableExecuteCommand(enterable(mark))
                  .build(),
              result -> {
                if (result instanceof Result.Done<StartTaskResponse>(var output)) {
                  started(cluster, wanted, output);
                }
                think();
              });
        });
  }

  private void started(String cluster, List<String> wanted, StartTaskResponse response) {
    for (Task task : orEmpty(response.tasks())) {
      tally.count("task started where it was wanted");
      if (!wanted.contains(task.containerInstanceArn())) {
        throw new Violation(Invariant.PLACED, task + " was wanted on " + wanted);
      }
      book.started(cluster, Objects.requireNonNull(task.taskArn()));
      saw(task);
    }
    int answered = orEmpty(response.tasks()).size() + orEmpty(response.failures()).size();
    if (answered != wanted.size()) {
      throw new Violation(Invariant.PLACED, response + " answers " + wanted);
    }
  }

  /// @param before the tasks that an earlier answer to the same token named
  private void run(RunTaskRequest request, @Nullable List<String> before) {
    boolean repeats = request.clientToken() != null;
    caller.call(
        Ecs.RUN_TASK,
        request,
        result -> {
          switch (result) {
            case Result.Done<RunTaskResponse>(RunTaskResponse output) -> {
              ran(request, before, output);
              think();
            }
            case Result.Refused<RunTaskResponse> refused when repeats && refused.isTransient() ->
                runAgain(request, before);
            // ECS asks for the definition first, and so may refuse what it has done.
            case Result.Refused<RunTaskResponse>(ServiceException error)
                when before != null && !isWithdrawn(request) ->
                throw new Violation(
                    Invariant.ONE_TOKEN,
                    "token " + request.clientToken() + " is refused: " + error + ", was " + before);
            case Result.Refused<RunTaskResponse> _ -> think();
            case Result.Lost<RunTaskResponse> _ when repeats -> runAgain(request, before);
            case Result.Lost<RunTaskResponse> _ -> think();
          }
        });
  }

  private void runAgain(RunTaskRequest request, @Nullable List<String> before) {
    tally.count("token retried");
    caller.again(() -> {
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
    caller.call(
        Ecs.RUN_TASK,
        request.toBuilder().count(count + 1).build(),
        result -> {
          tally.count("token contradicted");
          boolean conflict =
              result instanceof Result.Refused<RunTaskResponse> refused
                  && (refused.error().code().equals("ConflictException")
                      || refused.isTransient()
                      || isWithdrawn(request));
          if (!conflict && !(result instanceof Result.Lost)) {
            throw new Violation(
                Invariant.ONE_TOKEN,
                "another request with token " + request.clientToken() + " is answered " + result);
          }
          think();
        });
  }

  private boolean isWithdrawn(RunTaskRequest request) {
    return !book.definitions().contains(request.taskDefinition());
  }

  private void stop() {
    Book.Known task = anyTask();
    if (task == null) {
      think();
      return;
    }
    caller.call(
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
    caller.call(
        Ecs.DESCRIBE_TASKS,
        DescribeTasksRequest.builder()
            .cluster(first.cluster())
            .tasks(arns)
            .include(chance.oneIn(3) ? List.of("TAGS") : null)
            .build(),
        result -> {
          if (result instanceof Result.Done<DescribeTasksResponse>(var output)) {
            orEmpty(output.tasks()).forEach(this::saw);
            orEmpty(output.failures()).forEach(failure -> checks.missing(failure.arn()));
          }
          think();
        });
  }

  private void list() {
    caller.call(
        Ecs.LIST_TASKS,
        ListTasksRequest.builder()
            .cluster(chance.pick(clusters))
            .desiredStatus(chance.oneIn(2) ? "RUNNING" : "STOPPED")
            .build(),
        _ -> think());
  }

  private void inspectInstances() {
    String cluster = chance.pick(clusters);
    instances(
        cluster,
        arns -> {
          if (arns.isEmpty()) {
            think();
            return;
          }
          caller.call(
              Ecs.DESCRIBE_CONTAINER_INSTANCES,
              DescribeContainerInstancesRequest.builder()
                  .cluster(cluster)
                  .containerInstances(arns)
                  .build(),
              described -> {
                if (described instanceof Result.Done(var instances)) {
                  orEmpty(instances.containerInstances()).forEach(SimClient::hasRoom);
                }
                think();
              });
        });
  }

  /// The instances of a cluster; none if they cannot be had.
  private void instances(String cluster, Consumer<List<String>> then) {
    caller.call(
        Ecs.LIST_CONTAINER_INSTANCES,
        ListContainerInstancesRequest.builder().cluster(cluster).build(),
        result ->
            then.accept(
                result instanceof Result.Done(var output)
                    ? orEmpty(output.containerInstanceArns())
                    : List.of()));
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

  // ---- tags
  // ---------------------------------------------------------------------------------------

  /// Gives something a tag or takes one away, and asks for what it has then.
  private void tag() {
    switch (chance.below(5)) {
      case 0 -> tag(new ClusterId(SimControl.SCOPE, chance.pick(clusters)).arn());
      case 1 -> tag(definition());
      case 2 ->
          instances(chance.pick(clusters), arns -> tag(arns.isEmpty() ? null : chance.pick(arns)));
      default -> {
        Book.Known task = anyTask();
        tag(task == null ? null : task.arn());
      }
    }
  }

  private @Nullable String definition() {
    if (book.definitions().isEmpty()) {
      return null;
    }
    String[] parts = chance.pick(book.definitions()).split(":", -1);
    return new TaskDefinitionId(SimControl.SCOPE, parts[0], Integer.parseInt(parts[1])).arn();
  }

  private void tag(@Nullable String arn) {
    if (arn == null) {
      think();
    } else if (chance.oneIn(3)) {
      caller.call(
          Ecs.UNTAG_RESOURCE,
          UntagResourceRequest.builder().resourceArn(arn).tagKeys(Labels.keys(chance)).build(),
          result -> tagged(arn, result));
    } else {
      caller.call(
          Ecs.TAG_RESOURCE,
          TagResourceRequest.builder()
              .resourceArn(arn)
              .tags(Labels.atLeastOne(chance, name + "-" + ++requests))
              .build(),
          result -> tagged(arn, result));
    }
  }

  private void tagged(String arn, Result<?> result) {
    if (result instanceof Result.Done && chance.oneIn(2)) {
      caller.call(
          Ecs.LIST_TAGS_FOR_RESOURCE,
          ListTagsForResourceRequest.builder().resourceArn(arn).build(),
          _ -> think());
    } else {
      think();
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

  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }
}

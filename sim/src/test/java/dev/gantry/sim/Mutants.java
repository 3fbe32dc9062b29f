package dev.gantry.sim;

import dev.gantry.agent.AgentEffect;
import dev.gantry.agent.AgentEffect.CallApi;
import dev.gantry.agent.ContainerRuntime.ContainerSpec;
import dev.gantry.agent.ContainerRuntime.PublishedPort;
import dev.gantry.api.ecs.Cluster;
import dev.gantry.api.ecs.ContainerStateChange;
import dev.gantry.api.ecs.CreateClusterRequest;
import dev.gantry.api.ecs.CreateClusterResponse;
import dev.gantry.api.ecs.DescribeTasksRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.PlacementConstraint;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.SubmitTaskStateChangeRequest;
import dev.gantry.api.ecs.TagResourceRequest;
import dev.gantry.api.ecs.TagResourceResponse;
import dev.gantry.control.ControlEffect;
import dev.gantry.control.ControlEvent;
import dev.gantry.control.ControlPlane;
import dev.gantry.control.LogWork;
import dev.gantry.control.Snapshot;
import dev.gantry.model.Change;
import dev.gantry.model.ClusterId;
import dev.gantry.model.ContainerInstance;
import dev.gantry.model.ContainerInstance.ContainerInstanceStatus;
import dev.gantry.model.Entity;
import dev.gantry.model.EntityKind;
import dev.gantry.model.Resources;
import dev.gantry.model.StopCode;
import dev.gantry.model.Tag;
import dev.gantry.model.Task;
import dev.gantry.model.TaskStatus;
import dev.gantry.model.TaskStop;
import dev.gantry.store.Batch;
import dev.gantry.store.Kind;
import dev.gantry.store.State;
import dev.gantry.wire.server.Answer;
import dev.gantry.wire.server.Call;
import dev.gantry.wire.server.EventListener;
import dev.gantry.wire.server.OperationHandler;
import dev.gantry.wire.shape.ServiceException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Planted bugs, at least one for each [Invariant]: what would break it, and within how many seeds
/// it must be found broken. Without this table nobody knows whether an invariant can fail at all.
final class Mutants {
  /// One planted bug.
  ///
  /// @param breaks the invariant that must find it, before any other does
  /// @param what it does wrong
  /// @param seeds it must be found by one of so many
  /// @param bug made anew for each run
  record Mutant(Invariant breaks, String what, int seeds, Supplier<Seams> bug) {
    @Override
    public String toString() {
      return breaks + ": " + what;
    }
  }

  private Mutants() {}

  static List<Mutant> all() {
    return List.of(
        new Mutant(
            Invariant.RESERVATIONS,
            "the ledger loses the entry of a task",
            1,
            () -> effects(Mutants::loseLedgerEntry)),
        new Mutant(
            Invariant.RESERVATIONS,
            "an instance shrinks below what its tasks take",
            5,
            () -> effects(change(Mutants::shrink))),
        new Mutant(
            Invariant.HOST_PORTS,
            "the agent publishes every port as 8080",
            5,
            () -> agent(Mutants::publishOnOnePort)),
        new Mutant(
            Invariant.FORWARD_ONLY,
            "a task that is told to stop is PENDING again",
            5,
            () -> effects(change(Mutants::goBack))),
        new Mutant(
            Invariant.ACKNOWLEDGED,
            "a cluster is said to be made before it is decided",
            1,
            AnswersFirst::new),
        new Mutant(
            Invariant.ACKNOWLEDGED,
            "readers are given what was true a while ago",
            5,
            LaggingReads::new),
        new Mutant(
            Invariant.DURABLE_READS,
            "the writer is told of a commit when it is handed over, before the disk wrote it",
            1,
            CommitsInWords::new),
        new Mutant(
            Invariant.RELOAD,
            "the disk writes something else than it was given",
            10,
            WritesSomethingElse::new),
        new Mutant(
            Invariant.PLACED,
            "a host is taken away, and new tasks are placed on it",
            5,
            () -> effects(change(Mutants::retireUnseen))),
        new Mutant(
            Invariant.PLACED,
            "a task is placed outside its capacity provider",
            10,
            () -> effects(change(Mutants::placeElsewhere))),
        new Mutant(
            Invariant.WAITING,
            "a task waits for a host that nobody asked for",
            10,
            () -> front(Mutants::askForAnotherHost)),
        new Mutant(
            Invariant.ACKNOWLEDGED,
            "a new process forgets the tasks that wait",
            20,
            ForgetsWaiting::new),
        new Mutant(
            Invariant.PLACED,
            "a host drains, and new tasks are placed on it",
            5,
            () -> effects(change(Mutants::drainUnseen))),
        new Mutant(
            Invariant.KEPT_RUNNING,
            "an instance that drains loses its tasks",
            20,
            () -> effects(change(Mutants::stopWhereItDrains))),
        new Mutant(
            Invariant.TAGS,
            "a task that StopTask stops keeps its tags",
            5,
            () -> effects(change(Mutants::keepTags))),
        new Mutant(
            Invariant.TAGS,
            "a task begins without the tags that were asked for",
            5,
            () -> effects(change(Mutants::beginUntagged))),
        new Mutant(
            Invariant.TAGS,
            "an instance that registers again loses its tags",
            20,
            () -> effects(change(Mutants::registerUntagged))),
        new Mutant(
            Invariant.ACKNOWLEDGED,
            "tags are said to be given before that is decided",
            5,
            TagsFirst::new),
        new Mutant(
            Invariant.ONE_TOKEN, "client tokens are ignored", 5, () -> front(Mutants::forgetToken)),
        new Mutant(
            Invariant.CREATED_ONCE,
            "the agent makes each container twice, under two names",
            1,
            () -> agent(Mutants::createTwice)),
        new Mutant(
            Invariant.IMAGES_KEPT,
            "the agent cleans up images that it did not bring",
            1,
            () -> agent(effects -> removeOnCreate(effects, SimEngine.CACHED::contains))),
        new Mutant(
            Invariant.IMAGES_KEPT,
            "the agent cleans up the image of a container that it is about to start",
            5,
            () -> agent(Mutants::removeOnStart)),
        new Mutant(
            Invariant.STOPPED_IS_OVER,
            "the agent reports STOPPED when a task begins to run",
            5,
            () -> agent(report(Mutants::stoppedInsteadOfRunning))),
        new Mutant(
            Invariant.TRUE_REPORTS,
            "the agent makes up exit codes",
            5,
            () -> agent(report(Mutants::otherExitCodes))),
        new Mutant(
            Invariant.MESSAGE_NUMBERS,
            "a new process begins to number its messages anew",
            10,
            ForgetsNumbers::new),
        new Mutant(
            Invariant.NO_FAULT, "DescribeTasks throws", 1, () -> front(Mutants::throwOnDescribe)),
        new Mutant(
            Invariant.SAME_SEED,
            "something outlives a run and is seen by the next",
            1,
            RemembersRuns::new),
        new Mutant(
            Invariant.CONNECTED, "an agent whose connection is lost stays away", 5, DialsOnce::new),
        new Mutant(
            Invariant.HEALTH, "agents hear no heartbeats", 3, () -> arrives("HeartbeatMessage")),
        new Mutant(
            Invariant.HEALTH,
            "the agent never asks its engine how it is",
            3,
            () -> agent(Mutants::pingNobody)),
        new Mutant(
            Invariant.DESIRED_STATUS,
            "the agent stops no container",
            5,
            () -> agent(Mutants::stopNothing)),
        new Mutant(
            Invariant.DESIRED_STATUS,
            "no agent is told of a task",
            5,
            () -> effects(Mutants::sendNoPayload)),
        new Mutant(
            Invariant.KEPT_RUNNING,
            "a report of RUNNING is taken for one of STOPPED",
            5,
            () -> front(Mutants::stopOnPaper)),
        new Mutant(
            Invariant.NOTHING_EXTRA,
            "the end of a container that is not essential is taken for that of its task",
            20,
            StopsWithAny::new),
        new Mutant(
            Invariant.LOGS_COMPLETE,
            "output is accepted and not stored",
            3,
            () -> effects(Mutants::acceptOnly)),
        new Mutant(
            Invariant.LOGS_COMPLETE,
            "output that is sent twice is stored twice",
            20,
            () -> effects(Mutants::forgetOrigin)),
        new Mutant(
            Invariant.CLEAN,
            "the engine says that it has removed a container, and has not",
            3,
            KeepsEverything::new));
  }

  // ---- the control plane
  // --------------------------------------------------------------------------

  /// Changes the effects of one event.
  private interface Effects {
    List<ControlEffect> of(ControlPlane plane, State before, List<ControlEffect> effects);
  }

  private static Seams effects(Effects bug) {
    return new Seams() {
      @Override
      public List<ControlEffect> effects(
          ControlPlane plane, State before, List<ControlEffect> effects) {
        return bug.of(plane, before, effects);
      }
    };
  }

  /// Changes one change that is about to be committed.
  private interface OneChange {
    Change of(State before, Change change);
  }

  private static Effects change(OneChange bug) {
    return (_, before, effects) ->
        effects.stream()
            .map(effect -> committing(effect, change -> bug.of(before, change)))
            .toList();
  }

  private static ControlEffect committing(ControlEffect effect, UnaryOperator<Change> bug) {
    return effect instanceof ControlEffect.Commit(Batch batch)
        ? new ControlEffect.Commit(writing(batch, bug))
        : effect;
  }

  private static Batch writing(Batch batch, UnaryOperator<Change> bug) {
    return new Batch(batch.firstRevision(), batch.changes().stream().map(bug).toList());
  }

  private static List<ControlEffect> loseLedgerEntry(
      ControlPlane plane, State before, List<ControlEffect> effects) {
    for (ControlEffect effect : effects) {
      if (effect instanceof ControlEffect.Commit(Batch batch)) {
        for (Change change : batch.changes()) {
          if (change instanceof Change.Put(Task task) && before.task(task.id()) == null) {
            plane.ledger().apply(plane.head(), new Change.Remove(task.id()));
          }
        }
      }
    }
    return effects;
  }

  private static Change shrink(State before, Change change) {
    if (!(change instanceof Change.Put(ContainerInstance instance))
        || before.containerInstance(instance.id()) == null) {
      return change;
    }
    Resources smaller = new Resources(1, 1, instance.registered().ports());
    return new Change.Put(
        instance.withRegistration(
            instance.attributes(), smaller, instance.platformDevices(), null));
  }

  private static Change goBack(State before, Change change) {
    return change instanceof Change.Put(Task task) && task.lastStatus() == TaskStatus.STOPPING
        ? new Change.Put(task.edit().lastStatus(TaskStatus.PENDING).done())
        : change;
  }

  private static Change retireUnseen(State before, Change change) {
    return change instanceof Change.Put(ContainerInstance instance)
        ? new Change.Put(instance.deregistered(instance.registeredAt()))
        : change;
  }

  private static Change placeElsewhere(State before, Change change) {
    if (!(change instanceof Change.Put(Task task))
        || task.origin().capacityProvider() == null
        || task.containerInstance() == null) {
      return change;
    }
    Task old = before.task(task.id());
    if (old != null && old.containerInstance() != null) {
      return change;
    }
    for (ContainerInstance instance : before.all(Kind.CONTAINER_INSTANCE).values()) {
      if (instance.isMember()
          && instance.id().clusterId().equals(task.id().clusterId())
          && !Capacity.belongs(before, task, instance)) {
        return new Change.Put(
            new Task(
                task.id(),
                task.taskDefinition(),
                instance.id(),
                task.origin(),
                task.lastStatus(),
                task.desiredStatus(),
                task.containers(),
                task.reserved(),
                task.times(),
                task.stop(),
                task.tags(),
                task.version()));
      }
    }
    return change;
  }

  private static Call askForAnotherHost(Call call) {
    return call.input() instanceof RunTaskRequest request
            && request.capacityProviderStrategy() != null
        ? with(
            call,
            request.toBuilder()
                .placementConstraints(
                    List.of(
                        PlacementConstraint.builder()
                            .type("memberOf")
                            .expression("attribute:rack == nowhere")
                            .build()))
                .build())
        : call;
  }

  private static Change drainUnseen(State before, Change change) {
    return change instanceof Change.Put(ContainerInstance instance) && instance.isMember()
        ? new Change.Put(instance.withStatus(ContainerInstanceStatus.DRAINING))
        : change;
  }

  private static Change stopWhereItDrains(State before, Change change) {
    if (!(change instanceof Change.Put(Task task)) || task.containerInstance() == null) {
      return change;
    }
    ContainerInstance instance = before.containerInstance(task.containerInstance());
    boolean drains = instance != null && instance.status() == ContainerInstanceStatus.DRAINING;
    return drains && task.stop() == null
        ? new Change.Put(task.edit().stop(new TaskStop(StopCode.USER_INITIATED, "draining")).done())
        : change;
  }

  private static Change keepTags(State before, Change change) {
    if (!(change instanceof Change.Put(Task task)) || task.stop() == null) {
      return change;
    }
    Task old = before.task(task.id());
    return old == null || old.tags().equals(task.tags())
        ? change
        : new Change.Put(task.edit().tags(old.tags()).done());
  }

  private static Change beginUntagged(State before, Change change) {
    return change instanceof Change.Put(Task task)
            && before.task(task.id()) == null
            && !task.tags().isEmpty()
        ? new Change.Put(task.edit().tags(List.of()).done())
        : change;
  }

  private static Change registerUntagged(State before, Change change) {
    return change instanceof Change.Put(ContainerInstance instance) && !isTagging(before, instance)
        ? new Change.Put(instance.withTags(List.of()))
        : change;
  }

  private static boolean isTagging(State before, ContainerInstance instance) {
    ContainerInstance old = before.containerInstance(instance.id());
    return old != null && !old.tags().equals(instance.tags());
  }

  private static List<ControlEffect> sendNoPayload(
      ControlPlane plane, State before, List<ControlEffect> effects) {
    return effects.stream()
        .filter(effect ->
            !(effect instanceof ControlEffect.Send send
                && send.text().contains("\"PayloadMessage\"")))
        .toList();
  }

  private static List<ControlEffect> acceptOnly(
      ControlPlane plane, State before, List<ControlEffect> effects) {
    return effects.stream()
        .map(effect ->
            effect instanceof ControlEffect.AppendLogs(LogWork<?> work, Answer answer, var taps)
                ? new ControlEffect.Succeed(answer, Objects.requireNonNull(work.response()))
                : effect)
        .toList();
  }

  private static List<ControlEffect> forgetOrigin(
      ControlPlane plane, State before, List<ControlEffect> effects) {
    return effects.stream()
        .map(effect ->
            effect instanceof ControlEffect.AppendLogs(LogWork<?> work, Answer answer, var taps)
                ? new ControlEffect.AppendLogs(withoutOrigin(work), answer, taps)
                : effect)
        .toList();
  }

  private static <O> LogWork<O> withoutOrigin(LogWork<O> work) {
    return new LogWork<>(work.stream(), work.events(), work.ingestedAt(), null, work.response());
  }

  private static Seams front(Function<Call, Call> bug) {
    return new Seams() {
      @Override
      public OperationHandler front(OperationHandler real) {
        return (call, answer) -> real.handle(bug.apply(call), answer);
      }
    };
  }

  private static Call forgetToken(Call call) {
    return call.input() instanceof RunTaskRequest request
        ? with(call, request.toBuilder().clientToken(null).build())
        : call;
  }

  /// Only of tasks without ports: a port that is free on paper alone is another invariant's.
  private static Call stopOnPaper(Call call) {
    return call.input() instanceof SubmitTaskStateChangeRequest report
            && "RUNNING".equals(report.status())
            && report.containers() != null
            && report.containers().stream().allMatch(c -> c.networkBindings() == null)
        ? with(call, report.toBuilder().status("STOPPED").build())
        : call;
  }

  private static Call throwOnDescribe(Call call) {
    if (call.input() instanceof DescribeTasksRequest) {
      throw new IllegalStateException("planted");
    }
    return call;
  }

  private static Call with(Call call, Object input) {
    return new Call(
        call.operation(), input, call.principal(), call.region(), call.requestId(), call.head());
  }

  private static final class AnswersFirst implements Seams {
    @Override
    public OperationHandler front(OperationHandler real) {
      return (call, answer) -> {
        if (call.input() instanceof CreateClusterRequest request) {
          ClusterId id = new ClusterId(SimControl.SCOPE, String.valueOf(request.clusterName()));
          answer.success(
              CreateClusterResponse.builder()
                  .cluster(Cluster.builder().clusterArn(id.arn()).build())
                  .build());
          real.handle(call, new Unheard());
        } else {
          real.handle(call, answer);
        }
      };
    }
  }

  private static final class TagsFirst implements Seams {
    @Override
    public OperationHandler front(OperationHandler real) {
      return (call, answer) -> {
        if (call.input() instanceof TagResourceRequest) {
          answer.success(TagResourceResponse.builder().build());
          real.handle(call, new Unheard());
        } else {
          real.handle(call, answer);
        }
      };
    }
  }

  private record Unheard() implements Answer {
    @Override
    public void success(Object output) {}

    @Override
    public void events(Object output, EventListener listener) {}

    @Override
    public void failure(ServiceException error) {}
  }

  /// Only of tasks without ports, as [#stopOnPaper].
  private static final class StopsWithAny implements Seams {
    private State head = State.empty();

    @Override
    public List<ControlEffect> effects(
        ControlPlane plane, State before, List<ControlEffect> effects) {
      head = plane.head();
      return effects;
    }

    @Override
    public OperationHandler front(OperationHandler real) {
      return (call, answer) ->
          real.handle(
              call.input() instanceof SubmitTaskStateChangeRequest report && isWrong(report)
                  ? with(call, report.toBuilder().status("STOPPED").build())
                  : call,
              answer);
    }

    private boolean isWrong(SubmitTaskStateChangeRequest report) {
      boolean some =
          "RUNNING".equals(report.status())
              && report.containers() != null
              && report.containers().stream().anyMatch(c -> "STOPPED".equals(c.status()));
      for (Task task : head.all(Kind.TASK).values()) {
        if (some && task.id().arn().equals(report.task())) {
          return task.reserved().ports().isEmpty();
        }
      }
      return false;
    }
  }

  private static final class LaggingReads implements Seams {
    private static final int READS_BEHIND = 30;

    private final Deque<Snapshot> old = new ArrayDeque<>();

    @Override
    public Snapshot snapshot(ControlPlane plane) {
      old.addLast(plane.snapshot());
      return old.size() > READS_BEHIND ? old.removeFirst() : old.getFirst();
    }
  }

  private static final class CommitsInWords implements Seams {
    @Override
    public List<ControlEvent> rumours(ControlEffect effect) {
      return effect instanceof ControlEffect.Commit(Batch batch)
          ? List.of(new ControlEvent.Committed(batch.lastRevision()))
          : List.of();
    }
  }

  private static final class WritesSomethingElse implements Seams {
    @Override
    public Batch written(Batch batch) {
      return writing(
          batch,
          change ->
              change instanceof Change.Put(Task task)
                  ? new Change.Put(task.edit().tags(List.of(new Tag("not", "given"))).done())
                  : change);
    }
  }

  private static final class ForgetsNumbers implements Seams {
    @Override
    public State begins(State loaded) {
      List<Entity> entities = new ArrayList<>();
      for (EntityKind kind : EntityKind.values()) {
        for (Entity entity : loaded.all(Kind.of(kind)).values()) {
          entities.add(
              entity instanceof ContainerInstance instance
                  ? instance.withMessageNumbersLeasedTo(0)
                  : entity);
        }
      }
      return State.of(loaded.revision(), entities);
    }
  }

  private static final class ForgetsWaiting implements Seams {
    @Override
    public State begins(State loaded) {
      List<Entity> entities = new ArrayList<>();
      for (EntityKind kind : EntityKind.values()) {
        for (Entity entity : loaded.all(Kind.of(kind)).values()) {
          if (!(entity instanceof Task task && task.isWaiting())) {
            entities.add(entity);
          }
        }
      }
      return State.of(loaded.revision(), entities);
    }
  }

  private static final class RemembersRuns implements Seams {
    private static final AtomicInteger RUNS = new AtomicInteger();

    private final int run = RUNS.incrementAndGet();

    @Override
    public OperationHandler front(OperationHandler real) {
      return (call, answer) ->
          real.handle(
              call.input() instanceof RunTaskRequest request
                  ? with(call, request.toBuilder().group("run-" + run).build())
                  : call,
              answer);
    }
  }

  // ---- agents, engines and the network
  // ------------------------------------------------------------

  private static Seams agent(UnaryOperator<List<AgentEffect>> bug) {
    return new Seams() {
      @Override
      public List<AgentEffect> agent(String host, List<AgentEffect> effects) {
        return bug.apply(effects);
      }
    };
  }

  private static List<AgentEffect> publishOnOnePort(List<AgentEffect> effects) {
    return effects.stream()
        .map(effect ->
            effect instanceof AgentEffect.CreateContainer(long id, ContainerSpec spec)
                ? new AgentEffect.CreateContainer(
                    id,
                    with(
                        spec,
                        spec.name(),
                        spec.ports().stream()
                            .map(port ->
                                new PublishedPort(
                                    port.containerPort(), 8080, port.protocol(), port.bindIp()))
                            .toList()))
                : effect)
        .toList();
  }

  private static List<AgentEffect> createTwice(List<AgentEffect> effects) {
    List<AgentEffect> more = new ArrayList<>(effects);
    for (AgentEffect effect : effects) {
      if (effect instanceof AgentEffect.CreateContainer(long id, ContainerSpec spec)) {
        more.add(
            new AgentEffect.CreateContainer(
                Long.MAX_VALUE - id, with(spec, spec.name() + "-again", spec.ports())));
      }
    }
    return more;
  }

  private static List<AgentEffect> removeOnCreate(
      List<AgentEffect> effects, Predicate<String> images) {
    List<AgentEffect> more = new ArrayList<>(effects);
    for (AgentEffect effect : effects) {
      if (effect instanceof AgentEffect.CreateContainer(long id, ContainerSpec spec)
          && images.test(spec.image())) {
        more.add(
            new AgentEffect.RemoveImage(
                Long.MAX_VALUE - id, "sha256:" + spec.image(), spec.image()));
      }
    }
    return more;
  }

  /// Some of them start a container of the image; the engine's check tells which.
  private static List<AgentEffect> removeOnStart(List<AgentEffect> effects) {
    List<AgentEffect> more = new ArrayList<>(effects);
    for (AgentEffect effect : effects) {
      if (effect instanceof AgentEffect.StartContainer(long id, String _)) {
        more.add(
            new AgentEffect.RemoveImage(
                Long.MAX_VALUE - id, "sha256:" + SimEngine.REMOTE, SimEngine.REMOTE));
      }
    }
    return more;
  }

  private static ContainerSpec with(ContainerSpec spec, String name, List<PublishedPort> ports) {
    return new ContainerSpec(
        name,
        spec.image(),
        spec.command(),
        spec.entryPoint(),
        spec.environment(),
        spec.labels(),
        spec.cpuShares(),
        spec.memoryBytes(),
        spec.memoryReservationBytes(),
        spec.networkMode(),
        ports,
        spec.logDriver(),
        spec.logOptions(),
        spec.engineConfig(),
        spec.engineHostConfig());
  }

  private static List<AgentEffect> stopNothing(List<AgentEffect> effects) {
    return effects.stream()
        .filter(effect -> !(effect instanceof AgentEffect.StopContainer))
        .toList();
  }

  private static List<AgentEffect> pingNobody(List<AgentEffect> effects) {
    return effects.stream().filter(effect -> !(effect instanceof AgentEffect.PingEngine)).toList();
  }

  private static UnaryOperator<List<AgentEffect>> report(
      UnaryOperator<SubmitTaskStateChangeRequest> bug) {
    return effects ->
        effects.stream()
            .map(effect ->
                effect instanceof CallApi<?, ?> call
                        && call.input() instanceof SubmitTaskStateChangeRequest report
                    ? new CallApi<>(
                        call.id(), call.region(), Ecs.SUBMIT_TASK_STATE_CHANGE, bug.apply(report))
                    : effect)
            .toList();
  }

  private static SubmitTaskStateChangeRequest stoppedInsteadOfRunning(
      SubmitTaskStateChangeRequest report) {
    return "RUNNING".equals(report.status())
        ? report.toBuilder().status("STOPPED").build()
        : report;
  }

  private static SubmitTaskStateChangeRequest otherExitCodes(SubmitTaskStateChangeRequest report) {
    List<ContainerStateChange> containers = report.containers();
    return containers == null
        ? report
        : report.toBuilder()
            .containers(
                containers.stream()
                    .map(change -> change.toBuilder().exitCode(other(change.exitCode())).build())
                    .toList())
            .build();
  }

  private static @Nullable Integer other(@Nullable Integer code) {
    return code == null ? null : Integer.valueOf(code + 1);
  }

  private static final class KeepsEverything implements Seams {
    @Override
    public boolean engineRemoves() {
      return false;
    }
  }

  private static final class DialsOnce implements Seams {
    private final Set<String> dialled = new TreeSet<>();

    @Override
    public List<AgentEffect> agent(String host, List<AgentEffect> effects) {
      return effects.stream()
          .filter(effect ->
              !(effect instanceof AgentEffect.OpenSocket open
                  && open.channel() == AgentEffect.Channel.ACS
                  && !dialled.add(host)))
          .toList();
    }
  }

  private static Seams arrives(String swallowed) {
    return new Seams() {
      @Override
      public boolean arrives(String text) {
        return !text.contains("\"" + swallowed + "\"");
      }
    };
  }
}

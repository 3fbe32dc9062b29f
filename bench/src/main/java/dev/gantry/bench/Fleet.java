package dev.gantry.bench;

import dev.gantry.api.ecs.Attribute;
import dev.gantry.api.ecs.AutoScalingGroupProvider;
import dev.gantry.api.ecs.CapacityProviderStrategyItem;
import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.ContainerOverride;
import dev.gantry.api.ecs.ContainerStateChange;
import dev.gantry.api.ecs.CreateCapacityProviderRequest;
import dev.gantry.api.ecs.CreateClusterRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.ManagedScaling;
import dev.gantry.api.ecs.PutClusterCapacityProvidersRequest;
import dev.gantry.api.ecs.RegisterContainerInstanceRequest;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.api.ecs.Resource;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.StartTaskRequest;
import dev.gantry.api.ecs.SubmitTaskStateChangeRequest;
import dev.gantry.api.ecs.Task;
import dev.gantry.api.ecs.TaskOverride;
import dev.gantry.control.ControlEffect;
import dev.gantry.control.ControlEvent;
import dev.gantry.control.ControlFront;
import dev.gantry.control.ControlOperations;
import dev.gantry.control.ControlPlane;
import dev.gantry.control.ControlSockets;
import dev.gantry.control.Ids;
import dev.gantry.control.OperationTable;
import dev.gantry.control.ecs.Definitions;
import dev.gantry.control.session.AgentSessions;
import dev.gantry.control.session.PayloadMapping;
import dev.gantry.store.MemoryLogStore;
import dev.gantry.store.State;
import dev.gantry.wire.Endpoint.Upgrade;
import dev.gantry.wire.Headers;
import dev.gantry.wire.RequestHead;
import dev.gantry.wire.SocketListener;
import dev.gantry.wire.TextSocket;
import dev.gantry.wire.auth.Principal;
import dev.gantry.wire.server.Answer;
import dev.gantry.wire.server.Call;
import dev.gantry.wire.server.EventListener;
import dev.gantry.wire.server.SocketCall;
import dev.gantry.wire.server.SocketCall.Parameter;
import dev.gantry.wire.shape.Operation;
import dev.gantry.wire.shape.ServiceException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// A whole control plane with one cluster of many hosts, on one thread and in memory: no socket, no
/// journal, no engine. What is counted is the time that its single writer, or the reader of a
/// snapshot, spends on one thing until nothing is left to do.
///
/// Each host has room for four of the tasks that it runs. All belong to a group whose capacity
/// provider lets tasks wait.
final class Fleet {
  /// Tasks of this family take a quarter of a host.
  static final String QUARTER = "quarter";

  /// Tasks of this family have no place on a host that runs any other.
  static final String WHOLE = "whole";

  private static final String ACCOUNT = "000000000000";

  /// Tasks of this family take hardly anything.
  static final String SMALL = "small";

  static final String CLUSTER = "fleet";
  private static final String PROVIDER = "managed";
  private static final String GROUP = "hosts";
  private static final String CONTAINER = "main";
  private static final int HOST_CPU = 1_024;
  private static final int HOST_MEMORY = 4_096;
  private static final int ZONES = 3;
  private static final int TASKS_PER_CALL = 10;

  /// As many as Gantry's agent says it can do, roughly.
  private static final int CAPABILITIES = 20;

  private static final Duration TICK = Duration.ofNanos(1_000);

  private final ControlPlane plane;
  private final ControlFront front;
  private final ControlSockets sockets;
  private final Deque<ControlEvent> events = new ArrayDeque<>();
  private final List<String> hosts = new ArrayList<>();
  private final List<SocketListener> agents = new ArrayList<>();
  private final Deque<String> running = new ArrayDeque<>();
  private Instant now = Instant.parse("2026-03-01T12:00:00Z");
  private @Nullable Instant wakeAt;
  private long spent;

  /// @param size how many hosts
  /// @param tasksPerHost how many tasks run on each
  Fleet(int size, int tasksPerHost) throws IOException {
    Definitions definitions = new Definitions();
    OperationTable operations = ControlOperations.table(definitions);
    Ids ids = new Ids(new SplittableRandom(1));
    plane =
        new ControlPlane(
            operations,
            new AgentSessions(ids, new PayloadMapping(definitions), (_, frame, _) -> frame),
            State.empty(),
            ids);
    front =
        new ControlFront(
            operations, plane::snapshot, new MemoryLogStore(), () -> now, events::offer);
    sockets = new ControlSockets(plane::snapshot, events::offer);
    call(Ecs.CREATE_CLUSTER, CreateClusterRequest.builder().clusterName(CLUSTER).build());
    call(
        Ecs.CREATE_CAPACITY_PROVIDER,
        CreateCapacityProviderRequest.builder()
            .name(PROVIDER)
            .autoScalingGroupProvider(
                AutoScalingGroupProvider.builder()
                    .autoScalingGroupArn(GROUP)
                    .managedScaling(ManagedScaling.builder().status("ENABLED").build())
                    .build())
            .build());
    call(
        Ecs.PUT_CLUSTER_CAPACITY_PROVIDERS,
        PutClusterCapacityProvidersRequest.builder()
            .cluster(CLUSTER)
            .capacityProviders(List.of(PROVIDER))
            .defaultCapacityProviderStrategy(List.of())
            .build());
    define(QUARTER, HOST_CPU / 4, HOST_MEMORY / 4);
    define(WHOLE, HOST_CPU, HOST_MEMORY);
    define(SMALL, 1, 6);
    for (int i = 0; i < size; i++) {
      host(i);
    }
    for (int i = 0; i < tasksPerHost; i++) {
      for (int from = 0; from < size; from += TASKS_PER_CALL) {
        List<String> some = hosts.subList(from, Math.min(size, from + TASKS_PER_CALL));
        var started =
            call(
                Ecs.START_TASK,
                StartTaskRequest.builder()
                    .cluster(CLUSTER)
                    .taskDefinition(QUARTER)
                    .containerInstances(some)
                    .build());
        for (Task task : Objects.requireNonNull(started.tasks())) {
          running.add(Objects.requireNonNull(task.taskArn()));
        }
      }
    }
    for (String task : List.copyOf(running)) {
      report(task, "RUNNING");
    }
  }

  private void define(String family, int cpu, int memory) throws IOException {
    call(
        Ecs.REGISTER_TASK_DEFINITION,
        RegisterTaskDefinitionRequest.builder()
            .family(family)
            .containerDefinitions(
                List.of(
                    ContainerDefinition.builder()
                        .name(CONTAINER)
                        .image("gantry-hello:1")
                        .cpu(cpu)
                        .memory(memory)
                        .build()))
            .build());
  }

  private void host(int number) throws IOException {
    List<Attribute> attributes = new ArrayList<>();
    for (int i = 0; i < CAPABILITIES; i++) {
      attributes.add(
          Attribute.builder()
              .name("com.amazonaws.ecs.capability.docker-remote-api.1." + (17 + i))
              .build());
    }
    attributes.add(attribute("ecs.availability-zone", "us-east-1" + "abc".charAt(number % ZONES)));
    attributes.add(attribute("ecs.instance-type", number % 2 == 0 ? "t3.large" : "g5.xlarge"));
    attributes.add(attribute("gantry.auto-scaling-group", GROUP));
    hosts.add(
        Objects.requireNonNull(
            Objects.requireNonNull(
                    call(
                            Ecs.REGISTER_CONTAINER_INSTANCE,
                            RegisterContainerInstanceRequest.builder()
                                .cluster(CLUSTER)
                                .attributes(attributes)
                                .totalResources(
                                    List.of(
                                        integer("CPU", HOST_CPU), integer("MEMORY", HOST_MEMORY)))
                                .build())
                        .containerInstance())
                .containerInstanceArn()));
    connect(number);
  }

  private static Attribute attribute(String name, String value) {
    return Attribute.builder().name(name).value(value).build();
  }

  private static Resource integer(String name, int value) {
    return Resource.builder().name(name).type("INTEGER").integerValue(value).build();
  }

  /// How many hosts there are.
  int size() {
    return hosts.size();
  }

  /// The container instance of a host.
  String host(long number) {
    return hosts.get((int) (number % hosts.size()));
  }

  /// What one RunTask asks for.
  static RunTaskRequest.Builder run(String family, int count) {
    return RunTaskRequest.builder().cluster(CLUSTER).taskDefinition(family).count(count);
  }

  /// The same on the capacity provider, where what has no place waits.
  static RunTaskRequest.Builder wait(String family, int count) {
    return run(family, count)
        .capacityProviderStrategy(
            List.of(
                CapacityProviderStrategyItem.builder()
                    .capacityProvider(PROVIDER)
                    .weight(1)
                    .build()));
  }

  /// Lets so many tasks wait.
  ///
  /// @param alike whether each asks for the same, or has a command of its own
  void letWait(String family, int count, boolean alike) throws IOException {
    int each = alike ? TASKS_PER_CALL : 1;
    for (int i = 0; i < count; i += each) {
      RunTaskRequest.Builder request = wait(family, each);
      if (!alike) {
        request.overrides(
            TaskOverride.builder()
                .containerOverrides(
                    List.of(
                        ContainerOverride.builder()
                            .name(CONTAINER)
                            .command(List.of("work", "" + i))
                            .build()))
                .build());
      }
      for (Task task : Objects.requireNonNull(call(Ecs.RUN_TASK, request.build()).tasks())) {
        if (task.containerInstanceArn() != null) {
          throw new IOException("a task that was to wait has a place");
        }
      }
    }
  }

  /// The task that has run for longest; it is not given again.
  String takeRunning() {
    return running.removeFirst();
  }

  /// An agent says how a task stands.
  void report(String task, String status) throws IOException {
    call(
        Ecs.SUBMIT_TASK_STATE_CHANGE,
        SubmitTaskStateChangeRequest.builder()
            .cluster(CLUSTER)
            .task(task)
            .status(status)
            .reason("")
            .containers(
                List.of(
                    ContainerStateChange.builder()
                        .containerName(CONTAINER)
                        .status(status)
                        .runtimeId("docker-" + status)
                        .exitCode(status.equals("STOPPED") ? 0 : null)
                        .build()))
            .build());
  }

  /// The socket of a host's agent breaks, and the agent opens another.
  void reconnect(long number) throws IOException {
    agents.get((int) (number % agents.size())).closed(1006, "");
    settle();
    connect((int) (number % agents.size()));
  }

  private void connect(int number) throws IOException {
    String path = "/acs/ws";
    Upgrade upgrade =
        sockets.upgrade(
            new SocketCall(
                path,
                List.of(
                    new Parameter("clusterArn", CLUSTER),
                    new Parameter("containerInstanceArn", hosts.get(number)),
                    new Parameter("agentVersion", "1.0"),
                    new Parameter("seqNum", "1")),
                new Principal(ACCOUNT, "arn"),
                GantryProcess.REGION,
                "request",
                head("GET", path)));
    if (!(upgrade instanceof Upgrade.Accepted(SocketListener listener))) {
      throw new IOException("an agent was refused: " + upgrade);
    }
    if (number < agents.size()) {
      agents.set(number, listener);
    } else {
      agents.add(listener);
    }
    listener.opened(
        new TextSocket() {
          @Override
          public void send(String text) {
            // Nobody is there to act on it.
          }

          @Override
          public void close(int code, String reason) {
            // Nobody is there to hear it.
          }
        });
    settle();
  }

  private static RequestHead head(String method, String path) {
    return new RequestHead(method, path, null, Headers.of("Host", "127.0.0.1:4566"), "peer");
  }

  /// Forgets what was spent so far.
  void reset() {
    spent = 0;
  }

  /// The nanoseconds that were spent on deciding and reading since then.
  long spent() {
    return spent;
  }

  /// Calls, and carries out everything that follows from it.
  <I, O> O call(Operation<I, O> operation, I input) throws IOException {
    Reply reply = new Reply();
    Call call =
        new Call(
            operation,
            Objects.requireNonNull(input),
            new Principal(ACCOUNT, "arn"),
            GantryProcess.REGION,
            "request",
            head("POST", "/"));
    long start = System.nanoTime();
    front.handle(call, reply);
    spent += System.nanoTime() - start;
    settle();
    if (reply.output == null) {
      throw new IOException(operation.name() + " was refused", reply.error);
    }
    @SuppressWarnings("unchecked") // promised by the operation table
    O output = (O) reply.output;
    return output;
  }

  /// A commit is durable at once; what it costs is another benchmark's business.
  private void settle() {
    while (true) {
      ControlEvent event = events.poll();
      if (event == null) {
        if (wakeAt == null || wakeAt.isAfter(now)) {
          return;
        }
        wakeAt = null;
        event = new ControlEvent.Woken();
      }
      now = now.plus(TICK);
      long start = System.nanoTime();
      List<ControlEffect> effects = plane.onEvent(now, event);
      spent += System.nanoTime() - start;
      for (ControlEffect effect : effects) {
        switch (effect) {
          case ControlEffect.Commit commit ->
              events.add(new ControlEvent.Committed(commit.batch().lastRevision()));
          case ControlEffect.Succeed succeed -> succeed.answer().success(succeed.output());
          case ControlEffect.Refuse refuse -> refuse.answer().failure(refuse.error());
          case ControlEffect.WakeAt wake -> wakeAt = wake.at();
          default -> {
            // Messages to agents that are not there.
          }
        }
      }
    }
  }

  private static final class Reply implements Answer {
    private @Nullable Object output;
    private @Nullable ServiceException error;

    @Override
    public void success(Object given) {
      output = given;
    }

    @Override
    public void events(Object given, EventListener listener) {
      output = given;
    }

    @Override
    public void failure(ServiceException given) {
      error = given;
    }
  }
}

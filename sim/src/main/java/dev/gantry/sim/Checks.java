package dev.gantry.sim;

import dev.gantry.api.acs.PayloadMessage;
import dev.gantry.api.acs.TaskManifestMessage;
import dev.gantry.api.ecs.CreateClusterResponse;
import dev.gantry.api.ecs.DeleteTaskDefinitionsResponse;
import dev.gantry.api.ecs.DeregisterContainerInstanceResponse;
import dev.gantry.api.ecs.DeregisterTaskDefinitionResponse;
import dev.gantry.api.ecs.ListTagsForResourceRequest;
import dev.gantry.api.ecs.ListTagsForResourceResponse;
import dev.gantry.api.ecs.RegisterContainerInstanceResponse;
import dev.gantry.api.ecs.RegisterTaskDefinitionResponse;
import dev.gantry.api.ecs.RunTaskResponse;
import dev.gantry.api.ecs.StartTaskResponse;
import dev.gantry.api.ecs.StopTaskResponse;
import dev.gantry.api.ecs.SubmitTaskStateChangeRequest;
import dev.gantry.control.ControlPlane;
import dev.gantry.control.Ledger;
import dev.gantry.control.Snapshot;
import dev.gantry.model.Change;
import dev.gantry.model.ClientToken;
import dev.gantry.model.Cluster;
import dev.gantry.model.Cluster.ClusterStatus;
import dev.gantry.model.ClusterId;
import dev.gantry.model.ContainerInstance;
import dev.gantry.model.ContainerInstance.ContainerInstanceStatus;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.DesiredStatus;
import dev.gantry.model.Entity;
import dev.gantry.model.HostPort;
import dev.gantry.model.Resources;
import dev.gantry.model.StopCode;
import dev.gantry.model.Tag;
import dev.gantry.model.Task;
import dev.gantry.model.TaskContainer;
import dev.gantry.model.TaskDefinition;
import dev.gantry.model.TaskDefinition.TaskDefinitionStatus;
import dev.gantry.model.TaskDefinitionId;
import dev.gantry.model.TaskFamily;
import dev.gantry.model.TaskId;
import dev.gantry.model.TaskStatus;
import dev.gantry.store.Batch;
import dev.gantry.store.Kind;
import dev.gantry.store.OrderedSet;
import dev.gantry.store.State;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.json.MessageEnvelope;
import dev.gantry.wire.server.Call;
import dev.gantry.wire.shape.ServiceException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What must hold after every event, on the control plane's side: it follows every decision from
/// the writer to the disk, every answer and message on its way out, and every restart.
final class Checks {
  /// What somebody was told, and what State must therefore say from then on.
  private record Promise(String what, Predicate<State> kept) {}

  private record Request(Instant at, int tasks) {}

  private final TreeMap<Long, State> decided = new TreeMap<>();
  private final List<Promise> promises = new ArrayList<>();
  private final Set<String> forgotten = new TreeSet<>();
  private final Map<String, Long> messageNumbers = new TreeMap<>();
  private final Map<String, Request> requests = new LinkedHashMap<>();
  private final Set<String> tellings = new TreeSet<>();
  private final Asked asked = new Asked();
  private final Tally tally;
  private State head = State.empty();
  private long onDisk;
  private long seen;
  private long ledgerChecked = -1;

  Checks(Tally tally) {
    this.tally = tally;
    decided.put(0L, head);
  }

  // ---- decisions
  // ----------------------------------------------------------------------------------

  /// The writer has decided something.
  void decided(Batch batch) {
    if (batch.firstRevision() != head.revision() + 1) {
      throw new Violation(
          Invariant.RELOAD, "revision " + batch.firstRevision() + " follows " + head.revision());
    }
    State before = head;
    head = before.apply(batch.changes());
    decided.put(head.revision(), head);
    Set<ContainerInstanceId> touched = new TreeSet<>();
    for (Change change : batch.changes()) {
      switch (change) {
        case Change.Put(Task task) -> {
          Task old = before.task(task.id());
          if (old == null) {
            created(task);
            placed(before, task);
            begins(before, task);
          } else {
            forward(old, task);
            if (old.containerInstance() == null && task.containerInstance() != null) {
              tally.count("waiting task placed");
              onItsHost(before, task);
            }
            keptRunning(old, task);
            stopped(old, task);
            tagged(task.id().arn(), old.tags(), task.tags());
          }
          if (task.containerInstance() != null) {
            touched.add(task.containerInstance());
          }
        }
        case Change.Put(ClientToken token) -> {
          ClientToken old = before.clientToken(token.id());
          if (old != null) {
            throw new Violation(
                Invariant.ONE_TOKEN, token.id() + " is given " + token + " after " + old);
          }
        }
        case Change.Put(ContainerInstance instance) -> {
          ContainerInstance old = before.containerInstance(instance.id());
          if (old != null
              && old.status() == ContainerInstanceStatus.INACTIVE
              && instance.status() != ContainerInstanceStatus.INACTIVE) {
            throw new Violation(Invariant.FORWARD_ONLY, old + " became " + instance);
          }
          if (old != null) {
            tagged(instance.id().arn(), old.tags(), instance.tags());
          }
          overWithoutTags(instance.isMember(), instance, instance.tags());
          touched.add(instance.id());
        }
        case Change.Put(Cluster cluster) -> {
          Cluster old = before.cluster(cluster.id());
          if (old != null) {
            tagged(cluster.id().arn(), old.tags(), cluster.tags());
          }
          overWithoutTags(cluster.status() == ClusterStatus.ACTIVE, cluster, cluster.tags());
        }
        case Change.Put(TaskDefinition definition) -> {
          forward(before, definition);
          TaskDefinition old = before.taskDefinition(definition.id());
          if (old != null) {
            tagged(definition.id().arn(), old.tags(), definition.tags());
          }
        }
        case Change.Put _ -> {}
        case Change.Remove(TaskId task) -> {
          Task gone = before.task(task);
          if (gone != null && gone.lastStatus() != TaskStatus.STOPPED) {
            throw new Violation(Invariant.FORWARD_ONLY, task + " is forgotten in " + gone);
          }
          forgotten.add(task.arn());
        }
        case Change.Remove(TaskDefinitionId definition) -> forgotten.add(definition.arn());
        case Change.Remove(ClusterId cluster) -> forgotten.add(cluster.arn());
        case Change.Remove(ContainerInstanceId instance) -> forgotten.add(instance.arn());
        case Change.Remove _ -> {}
      }
    }
    touched.forEach(this::reservations);
  }

  private void created(Task task) {
    tally.count("task created");
    if (forgotten.contains(task.id().arn())) {
      throw new Violation(Invariant.FORWARD_ONLY, task.id() + " comes back after its removal");
    }
    // Clients mark each request of theirs so that its tasks are known whatever becomes of its
    // token.
    String mark = task.origin().startedBy();
    if (mark != null) {
      Instant at = task.times().createdAt();
      Request request = requests.get(mark);
      if (request != null && !request.at().equals(at)) {
        throw new Violation(
            Invariant.ONE_TOKEN,
            "request " + mark + " made tasks at " + request.at() + " and again at " + at);
      }
      requests.put(mark, new Request(at, request == null ? 1 : request.tasks() + 1));
    }
  }

  private static void placed(State before, Task task) {
    TaskDefinition definition = before.taskDefinition(task.taskDefinition());
    if (definition == null || definition.status() != TaskDefinitionStatus.ACTIVE) {
      throw new Violation(Invariant.PLACED, task.id() + " begins from " + definition);
    }
    if (!task.isWaiting() || task.origin().capacityProvider() == null) {
      onItsHost(before, task);
    }
  }

  private static void onItsHost(State before, Task task) {
    ContainerInstanceId id = task.containerInstance();
    ContainerInstance instance = id == null ? null : before.containerInstance(id);
    if (instance == null
        || instance.status() != ContainerInstanceStatus.ACTIVE
        || !instance.id().clusterId().equals(task.id().clusterId())
        || !Capacity.belongs(before, task, instance)) {
      throw new Violation(Invariant.PLACED, task + " begins on " + instance);
    }
  }

  private static void forward(State before, TaskDefinition now) {
    TaskDefinition old = before.taskDefinition(now.id());
    TaskFamily family = before.taskFamily(now.id().familyId());
    boolean back =
        old != null
            ? now.status().compareTo(old.status()) < 0
            : family != null && now.id().revision() <= family.lastRevision();
    if (back) {
      throw new Violation(
          Invariant.FORWARD_ONLY, now.id() + ": " + old + ", " + family + " became " + now);
    }
  }

  private void forward(Task old, Task now) {
    boolean revived =
        old.desiredStatus() == DesiredStatus.STOPPED
            && now.desiredStatus() != DesiredStatus.STOPPED;
    if (revived || now.lastStatus().compareTo(old.lastStatus()) < 0) {
      throw new Violation(Invariant.FORWARD_ONLY, old + " became " + now);
    }
    if (changed(old.containerInstance(), now.containerInstance())
        || changed(old.stop(), now.stop())
        || old.containers().size() != now.containers().size()
        || now.version() <= old.version()) {
      throw new Violation(
          Invariant.FORWARD_ONLY, "what never changes does: " + old + " and " + now);
    }
    if (old.lastStatus() != now.lastStatus()) {
      tally.count("task " + now.lastStatus());
      ContainerInstance instance =
          now.containerInstance() == null ? null : head.containerInstance(now.containerInstance());
      if (now.lastStatus() == TaskStatus.RUNNING
          && instance != null
          && instance.status() == ContainerInstanceStatus.DRAINING) {
        tally.count("task runs on an instance that drains");
      }
    }
    for (int i = 0; i < old.containers().size(); i++) {
      TaskContainer was = old.containers().get(i);
      TaskContainer is = now.containers().get(i);
      if (!was.name().equals(is.name())
          || is.lastStatus().compareTo(was.lastStatus()) < 0
          || changed(was.exitCode(), is.exitCode())
          || changed(was.runtimeId(), is.runtimeId())) {
        throw new Violation(Invariant.FORWARD_ONLY, now.id() + ": " + was + " became " + is);
      }
    }
  }

  /// Who wants a task STOPPED is somebody who asked, or its agent, which saw it end: the control
  /// plane has no wishes of its own, on an instance that drains neither.
  private void keptRunning(Task old, Task now) {
    if (old.stop() != null || now.stop() == null) {
      return;
    }
    ContainerInstanceId instance = now.containerInstance();
    if (instance == null && now.stop().code() == StopCode.TASK_FAILED_TO_START) {
      // It waited long enough; whether it had to is WAITING's.
      return;
    }
    if (!asked.mayEnd(now.id().arn()) && (instance == null || !asked.mayEnd(instance.arn()))) {
      throw new Violation(Invariant.KEPT_RUNNING, "nobody asked for " + now + ", was " + old);
    }
  }

  // ---- tags
  // ---------------------------------------------------------------------------------------

  private void begins(State before, Task task) {
    TaskDefinition definition =
        Objects.requireNonNull(before.taskDefinition(task.taskDefinition()));
    Map<String, String> tags =
        asked.beginsWith(task.origin().startedBy(), definition, task.id().cluster());
    if (tags != null && !tags.equals(Asked.map(task.tags()))) {
      throw new Violation(Invariant.TAGS, task + " begins, but asked for were the tags " + tags);
    }
    if (!task.tags().isEmpty()) {
      tally.count("task begins with tags");
    }
  }

  /// StopTask takes the tags along (API Reference); what ends otherwise keeps them.
  private void stopped(Task old, Task now) {
    boolean byStopTask =
        old.stop() == null
            && now.stop() != null
            && now.stop().code() == StopCode.USER_INITIATED
            && now.lastStatus() != TaskStatus.STOPPED;
    if (byStopTask) {
      tally.count("stop of a task " + (old.tags().isEmpty() ? "without" : "with") + " tags");
    }
    overWithoutTags(!byStopTask, now, now.tags());
  }

  private void tagged(String arn, List<Tag> before, List<Tag> after) {
    if (before.equals(after)) {
      return;
    }
    Map<String, String> was = Asked.map(before);
    Map<String, String> is = Asked.map(after);
    Set<String> keys = new TreeSet<>(was.keySet());
    keys.addAll(is.keySet());
    for (String key : keys) {
      if (!Objects.equals(was.get(key), is.get(key)) && !asked.explains(arn, key, is.get(key))) {
        throw new Violation(
            Invariant.TAGS, arn + ": nobody asked that " + key + " become " + is.get(key));
      }
    }
  }

  private static void overWithoutTags(boolean lives, Object what, List<Tag> tags) {
    if (!lives && !tags.isEmpty()) {
      throw new Violation(Invariant.TAGS, what + " is over and still has " + tags);
    }
  }

  private static boolean changed(@Nullable Object was, @Nullable Object is) {
    return was != null && !was.equals(is);
  }

  private void reservations(ContainerInstanceId id) {
    ContainerInstance instance = head.containerInstance(id);
    if (instance == null) {
      return;
    }
    Resources registered = instance.registered();
    int cpuUnits = 0;
    int memoryMiB = 0;
    Set<HostPort> ports = new TreeSet<>(registered.ports());
    for (Task task : head.all(Kind.TASK).values()) {
      if (id.equals(task.containerInstance()) && task.lastStatus() != TaskStatus.STOPPED) {
        cpuUnits += task.reserved().cpuUnits();
        memoryMiB += task.reserved().memoryMiB();
        for (HostPort port : task.reserved().ports()) {
          if (!ports.add(port)) {
            throw new Violation(
                Invariant.HOST_PORTS, port + " of " + id + " is taken, and again by " + task.id());
          }
        }
      }
    }
    if (cpuUnits > registered.cpuUnits() || memoryMiB > registered.memoryMiB()) {
      throw new Violation(
          Invariant.RESERVATIONS,
          id + " has " + registered + ", taken are " + cpuUnits + " and " + memoryMiB);
    }
  }

  /// The writer has taken an event, and everything it decided was told.
  void settled(ControlPlane plane) {
    if (plane.head().revision() != head.revision()) {
      throw new Violation(
          Invariant.RELOAD, "head is " + plane.head() + ", but what was to be committed " + head);
    }
    read(plane.snapshot());
    waiting(plane.snapshot().connected());
    if (ledgerChecked != head.revision()) {
      ledgerChecked = head.revision();
      if (!plane.ledger().all().equals(Ledger.of(head).all())) {
        throw new Violation(
            Invariant.RESERVATIONS,
            "the ledger says " + plane.ledger().all() + ", the tasks say " + Ledger.of(head).all());
      }
    }
  }

  /// Whatever makes room is heard of at once: when an event is over, nothing that waits has room.
  private void waiting(OrderedSet<ContainerInstanceId> connected) {
    for (Task task : head.all(Kind.TASK).values()) {
      if (task.isWaiting()) {
        ContainerInstance room = Capacity.room(head, connected, task);
        if (room != null) {
          throw new Violation(Invariant.WAITING, task + " waits, and has room on " + room);
        }
      }
    }
  }

  // ---- the disk
  // -----------------------------------------------------------------------------------

  /// Everything up to this revision is on disk.
  void written(long revision) {
    onDisk = revision;
    decided.headMap(revision, false).clear();
  }

  private State disk() {
    return Objects.requireNonNull(decided.get(onDisk));
  }

  /// Somebody reads.
  void read(Snapshot snapshot) {
    long revision = snapshot.state().revision();
    if (revision > onDisk) {
      throw new Violation(
          Invariant.DURABLE_READS,
          "revision " + revision + " is read when " + onDisk + " is on disk");
    }
    seen = Math.max(seen, revision);
  }

  /// A new process has loaded what there was.
  void reloaded(State loaded) {
    State known = decided.get(loaded.revision());
    if (known == null) {
      throw new Violation(
          Invariant.RELOAD,
          "revision " + loaded.revision() + " was loaded; decided were " + decided.keySet());
    }
    if (!known.equals(loaded)) {
      throw new Violation(Invariant.RELOAD, loaded + " was loaded, decided was " + known);
    }
    if (loaded.revision() < seen) {
      throw new Violation(
          Invariant.RELOAD, "revision " + loaded.revision() + " was loaded, but seen " + seen);
    }
    for (Promise promise : promises) {
      if (!promise.kept().test(loaded)) {
        throw new Violation(Invariant.ACKNOWLEDGED, "after a crash: " + promise.what());
      }
    }
    for (String arn : asked.known()) {
      asToldNow(loaded, arn, "after a crash: ");
    }
    head = loaded;
    onDisk = loaded.revision();
    ledgerChecked = -1;
    decided.clear();
    decided.put(onDisk, loaded);
    // What was decided and lost never was.
    Set<String> there = new TreeSet<>();
    loaded.all(Kind.TASK).values().forEach(task -> there.add(task.id().arn()));
    loaded.all(Kind.TASK_DEFINITION).values().forEach(entity -> there.add(entity.id().arn()));
    loaded.all(Kind.CONTAINER_INSTANCE).values().forEach(entity -> there.add(entity.id().arn()));
    forgotten.removeAll(there);
    Set<String> marks = new TreeSet<>();
    for (Task task : loaded.all(Kind.TASK).values()) {
      String mark = task.origin().startedBy();
      if (mark != null) {
        marks.add(mark);
      }
    }
    requests.keySet().retainAll(marks);
  }

  // ---- what leaves
  // --------------------------------------------------------------------------------

  /// A call has arrived.
  ///
  /// @return its number
  long arrived(Call call) {
    return asked.arrived(call.input());
  }

  /// An answer leaves for its caller.
  ///
  /// @param number of the call
  void answered(long number, Call call, Object output) {
    for (String arn : asked.told(number, call.input(), output)) {
      asToldNow(disk(), arn, "told to be done, but on disk: ");
    }
    switch (output) {
      case ListTagsForResourceResponse response -> {
        if (call.input() instanceof ListTagsForResourceRequest request) {
          Map<String, String> tags = new TreeMap<>();
          orEmpty(response.tags())
              .forEach(tag -> tags.put(String.valueOf(tag.key()), String.valueOf(tag.value())));
          asTold(String.valueOf(request.resourceArn()), tags, "a caller is told: ");
        }
      }
      case RunTaskResponse response -> orEmpty(response.tasks()).forEach(this::promiseTask);
      case StartTaskResponse response -> orEmpty(response.tasks()).forEach(this::promiseTask);
      case StopTaskResponse response -> {
        String arn = response.task() == null ? "" : String.valueOf(response.task().taskArn());
        promise(
            "stop of " + arn,
            state -> {
              Task task = task(state, arn);
              return task == null
                  ? forgotten.contains(arn)
                  : task.desiredStatus() == DesiredStatus.STOPPED;
            });
      }
      case CreateClusterResponse response -> {
        String arn =
            response.cluster() == null ? "" : String.valueOf(response.cluster().clusterArn());
        promise(
            "cluster " + arn,
            state ->
                find(state, Kind.CLUSTER, cluster -> cluster.id().arn().equals(arn)) != null
                    || forgotten.contains(arn));
      }
      case RegisterTaskDefinitionResponse response -> {
        String arn =
            response.taskDefinition() == null
                ? ""
                : String.valueOf(response.taskDefinition().taskDefinitionArn());
        promise(
            "task definition " + arn,
            state -> definition(state, arn) != null || forgotten.contains(arn));
      }
      case DeregisterTaskDefinitionResponse response -> {
        String arn =
            response.taskDefinition() == null
                ? ""
                : String.valueOf(response.taskDefinition().taskDefinitionArn());
        promise(
            "withdrawal of " + arn,
            state -> {
              TaskDefinition known = definition(state, arn);
              return known == null
                  ? forgotten.contains(arn)
                  : known.status() != TaskDefinitionStatus.ACTIVE;
            });
      }
      case DeleteTaskDefinitionsResponse response -> {
        for (var deleted : orEmpty(response.taskDefinitions())) {
          String arn = String.valueOf(deleted.taskDefinitionArn());
          promise(
              "deletion of " + arn,
              state -> {
                TaskDefinition known = definition(state, arn);
                return known == null
                    ? forgotten.contains(arn)
                    : known.status() == TaskDefinitionStatus.DELETE_IN_PROGRESS;
              });
        }
      }
      case DeregisterContainerInstanceResponse response -> {
        String arn =
            response.containerInstance() == null
                ? ""
                : String.valueOf(response.containerInstance().containerInstanceArn());
        promise(
            "deregistration of " + arn,
            state -> {
              ContainerInstance known = instance(state, arn);
              return known == null
                  ? forgotten.contains(arn)
                  : known.status() == ContainerInstanceStatus.INACTIVE;
            });
      }
      case RegisterContainerInstanceResponse response -> {
        String arn =
            response.containerInstance() == null
                ? ""
                : String.valueOf(response.containerInstance().containerInstanceArn());
        promise(
            "container instance " + arn,
            state -> instance(state, arn) != null || forgotten.contains(arn));
      }
      default -> {
        if (call.input() instanceof SubmitTaskStateChangeRequest report
            && "STOPPED".equals(report.status())) {
          String arn = String.valueOf(report.task());
          promise(
              "end of " + arn,
              state -> {
                Task task = task(state, arn);
                return task == null || task.lastStatus() == TaskStatus.STOPPED;
              });
        }
      }
    }
  }

  private void promiseTask(dev.gantry.api.ecs.Task task) {
    String arn = String.valueOf(task.taskArn());
    promise("task " + arn, state -> task(state, arn) != null || forgotten.contains(arn));
  }

  private void promise(String what, Predicate<State> kept) {
    if (!kept.test(disk())) {
      throw new Violation(Invariant.ACKNOWLEDGED, what + " is told to be done; it is not on disk");
    }
    promises.add(new Promise(what, kept));
  }

  /// What State says of one thing is what somebody was told, or was asked for later.
  private void asToldNow(State state, String arn, String where) {
    Map<String, String> stands = standing(state, arn);
    if (stands != null) {
      asTold(arn, stands, where);
    }
  }

  private void asTold(String arn, Map<String, String> stands, String where) {
    String difference = asked.difference(arn, stands);
    if (difference != null) {
      throw new Violation(Invariant.ACKNOWLEDGED, where + difference);
    }
  }

  /// The tags of a thing, and the status of an instance; null if there is no such thing.
  private static @Nullable Map<String, String> standing(State state, String arn) {
    if (arn.contains(":task/")) {
      Task task = task(state, arn);
      return task == null ? null : Asked.map(task.tags());
    }
    if (arn.contains(":task-definition/")) {
      TaskDefinition definition = definition(state, arn);
      return definition == null ? null : Asked.map(definition.tags());
    }
    if (arn.contains(":cluster/")) {
      Cluster cluster = find(state, Kind.CLUSTER, known -> known.id().arn().equals(arn));
      return cluster == null ? null : Asked.map(cluster.tags());
    }
    ContainerInstance instance = instance(state, arn);
    if (instance == null) {
      return null;
    }
    Map<String, String> stands = Asked.map(instance.tags());
    if (instance.isMember()) {
      stands.put(Asked.STATUS, instance.status().name());
    }
    return stands;
  }

  /// A caller is told that there is no such task, of one that it was told of.
  void missing(@Nullable String arn) {
    if (arn == null || !forgotten.contains(arn)) {
      throw new Violation(Invariant.ACKNOWLEDGED, "a caller is told that " + arn + " is missing");
    }
  }

  /// A refusal leaves for its caller.
  void refused(Call call, ServiceException error) {
    boolean stopping = error.text().equals("The service is stopping.");
    if (error.status() >= 500 && !stopping) {
      throw new Violation(
          Invariant.NO_FAULT, call.operation() + " answers " + error.code() + ": " + error.text());
    }
  }

  /// A message leaves for an agent.
  void sent(String text) {
    MessageEnvelope envelope = MessageEnvelope.parse(text);
    if (envelope == null) {
      throw new Violation(Invariant.NO_FAULT, "a message without an envelope is sent: " + text);
    }
    switch (envelope.type()) {
      case "PayloadMessage" -> {
        PayloadMessage payload = AwsJson.decode(PayloadMessage.SHAPE, envelope.message());
        number(payload.containerInstanceArn(), payload.seqNum());
        for (var told : orEmpty(payload.tasks())) {
          told(told.arn(), told.desiredStatus());
        }
      }
      case "TaskManifestMessage" -> {
        TaskManifestMessage manifest =
            AwsJson.decode(TaskManifestMessage.SHAPE, envelope.message());
        number(manifest.containerInstanceArn(), manifest.timeline());
        for (var told : orEmpty(manifest.tasks())) {
          told(told.taskArn(), told.desiredStatus());
        }
      }
      default -> {}
    }
  }

  private void number(@Nullable String instance, @Nullable Number number) {
    if (instance == null || number == null) {
      throw new Violation(Invariant.MESSAGE_NUMBERS, instance + " is sent " + number);
    }
    Long before = messageNumbers.put(instance, number.longValue());
    if (before != null && before >= number.longValue()) {
      throw new Violation(
          Invariant.MESSAGE_NUMBERS, instance + " is sent " + number + " after " + before);
    }
  }

  private void told(@Nullable String arn, @Nullable String desired) {
    if (!tellings.add(desired + " " + arn)) {
      tally.count("task told again");
    }
    Task task = arn == null ? null : task(disk(), arn);
    boolean stop = "STOPPED".equals(desired);
    if (task == null || (stop && task.desiredStatus() != DesiredStatus.STOPPED)) {
      throw new Violation(
          Invariant.DURABLE_READS, "an agent hears " + desired + " of " + arn + ", disk: " + task);
    }
  }

  // ---- looking up
  // ---------------------------------------------------------------------------------

  private static @Nullable Task task(State state, String arn) {
    String id = arn.substring(arn.lastIndexOf('/') + 1);
    String rest = arn.substring(0, Math.max(0, arn.lastIndexOf('/')));
    String cluster = rest.substring(rest.lastIndexOf('/') + 1);
    return state.task(new TaskId(SimControl.SCOPE, cluster, id));
  }

  private static @Nullable TaskDefinition definition(State state, String arn) {
    return find(state, Kind.TASK_DEFINITION, known -> known.id().arn().equals(arn));
  }

  private static @Nullable ContainerInstance instance(State state, String arn) {
    return find(state, Kind.CONTAINER_INSTANCE, known -> known.id().arn().equals(arn));
  }

  private static <E extends Entity> @Nullable E find(
      State state, Kind<?, E> kind, Predicate<E> wanted) {
    for (E entity : state.all(kind).values()) {
      if (wanted.test(entity)) {
        return entity;
      }
    }
    return null;
  }

  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }
}

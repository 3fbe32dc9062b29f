package dev.gantry.sim;

import dev.gantry.agent.AgentCore;
import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.LogConfiguration;
import dev.gantry.control.InstanceHealth;
import dev.gantry.control.Snapshot;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.ContainerStatus;
import dev.gantry.model.DesiredStatus;
import dev.gantry.model.LogStreamId;
import dev.gantry.model.Task;
import dev.gantry.model.TaskContainer;
import dev.gantry.model.TaskStatus;
import dev.gantry.store.Kind;
import dev.gantry.store.LogStore;
import dev.gantry.store.MemoryLogStore;
import dev.gantry.store.State;
import dev.gantry.store.StoreException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Whether a healed world is at rest, and an emptied one empty; and if not, what is wrong.
final class Rest {
  private static final String FAMILY = "com.amazonaws.ecs.task-definition-family";
  private static final String VERSION = "com.amazonaws.ecs.task-definition-version";

  /// What does not hold yet.
  record Complaint(Invariant invariant, String text) {}

  private final SimControl control;
  private final List<SimNode> nodes;
  private final List<SimClient> clients;
  private final SimOperator operator;
  private final CapacityClient capacity;
  private final Book book;

  Rest(
      SimControl control,
      List<SimNode> nodes,
      List<SimClient> clients,
      SimOperator operator,
      CapacityClient capacity,
      Book book) {
    this.control = control;
    this.nodes = nodes;
    this.clients = clients;
    this.operator = operator;
    this.capacity = capacity;
    this.book = book;
  }

  /// What keeps the world from rest, or null.
  @Nullable Complaint complaint() {
    Snapshot snapshot = control.snapshot();
    if (snapshot == null || !control.isQuiet()) {
      return new Complaint(Invariant.CONNECTED, "the control plane is busy or away");
    }
    if (!clients.stream().allMatch(SimClient::isIdle) || !operator.isIdle() || !capacity.isIdle()) {
      return new Complaint(Invariant.CONNECTED, "a client still waits for an answer");
    }
    for (SimNode node : nodes) {
      AgentCore.Summary summary = node.summary();
      if (summary == null || !summary.connected() || snapshot.connected().size() != nodes.size()) {
        return new Complaint(
            Invariant.CONNECTED,
            node.name() + ": " + summary + ", connected are " + snapshot.connected());
      }
      if (summary.ending() > 0) {
        return new Complaint(Invariant.DESIRED_STATUS, node.name() + " is ending tasks");
      }
    }
    Map<String, SimContainer> all = new LinkedHashMap<>();
    for (SimNode node : nodes) {
      if (node.engine().actsUnheard()) {
        return new Complaint(
            Invariant.NOTHING_EXTRA, node.name() + " is still to do what was given up");
      }
      for (SimContainer container : node.engine().everything()) {
        all.put(container.id, container);
      }
    }
    for (Task task : snapshot.state().all(Kind.TASK).values()) {
      TaskStatus wanted =
          task.desiredStatus() == DesiredStatus.RUNNING ? TaskStatus.RUNNING : TaskStatus.STOPPED;
      if (task.lastStatus() != wanted && !task.isWaiting()) {
        return new Complaint(
            Invariant.DESIRED_STATUS, task.id() + " is wanted " + wanted + " but is " + task);
      }
      Complaint untrue = untrue(task, all);
      if (untrue != null) {
        return untrue;
      }
    }
    Complaint extra = extra(snapshot.state());
    return extra == null ? unwell(snapshot) : extra;
  }

  /// A host that is not known to be healthy.
  private static @Nullable Complaint unwell(Snapshot snapshot) {
    for (ContainerInstanceId instance : snapshot.connected()) {
      InstanceHealth health = snapshot.health().get(instance);
      if (health == null || health.overall() != InstanceHealth.Status.OK) {
        return new Complaint(Invariant.HEALTH, instance + ": " + health);
      }
    }
    return null;
  }

  /// State says of a container what its engine says.
  private static @Nullable Complaint untrue(Task task, Map<String, SimContainer> all) {
    for (TaskContainer container : task.containers()) {
      SimContainer real = container.runtimeId() == null ? null : all.get(container.runtimeId());
      boolean runs = real != null && real.runs();
      if (real != null && real.lost && task.lastStatus() == TaskStatus.STOPPED) {
        continue;
      }
      if (runs != (container.lastStatus() == ContainerStatus.RUNNING)) {
        return new Complaint(
            Invariant.NOTHING_EXTRA, task.id() + ": " + container + " is really " + real);
      }
      if (task.lastStatus() == TaskStatus.RUNNING
          && container.lastStatus() == ContainerStatus.PENDING) {
        return new Complaint(
            Invariant.DESIRED_STATUS, task.id() + " is RUNNING, but of it " + container);
      }
      if (real != null && container.exitCode() != null && real.exitCode != container.exitCode()) {
        return new Complaint(
            Invariant.TRUE_REPORTS, container + " really ended with " + real.exitCode);
      }
    }
    return null;
  }

  /// Nothing runs that is not wanted.
  private @Nullable Complaint extra(State state) {
    for (SimNode node : nodes) {
      for (SimContainer container : node.engine().containers()) {
        if (container.runs() && !isWanted(state, container.task())) {
          return new Complaint(
              Invariant.NOTHING_EXTRA, container + " runs on " + node.name() + " unwanted");
        }
        if (container.runs() && container.script.life() != null) {
          return new Complaint(Invariant.NOTHING_EXTRA, container + " has yet to end by itself");
        }
      }
    }
    return null;
  }

  private static boolean isWanted(State state, String arn) {
    for (Task task : state.all(Kind.TASK).values()) {
      if (task.id().arn().equals(arn)) {
        return task.desiredStatus() == DesiredStatus.RUNNING;
      }
    }
    return false;
  }

  /// Every task that is wanted running.
  List<Book.Known> wanted() {
    List<Book.Known> wanted = new ArrayList<>();
    Snapshot snapshot = control.snapshot();
    if (snapshot != null) {
      for (Task task : snapshot.state().all(Kind.TASK).values()) {
        if (task.desiredStatus() == DesiredStatus.RUNNING) {
          wanted.add(new Book.Known(task.id().cluster(), task.id().arn()));
        }
      }
    }
    return wanted;
  }

  /// What is left in a world that should be empty, or null.
  ///
  /// @param unknown containers count that were made when their agent had been told otherwise; it
  ///   finds them when it starts the next time
  @Nullable Complaint leftover(boolean unknown) {
    Complaint complaint = complaint();
    if (complaint != null) {
      return complaint;
    }
    for (SimNode node : nodes) {
      List<SimContainer> left =
          node.engine().containers().stream().filter(c -> unknown || !c.late).toList();
      if (!left.isEmpty() || !node.taskFiles().isEmpty()) {
        return new Complaint(
            Invariant.CLEAN, node.name() + " still has " + left + " and files " + node.taskFiles());
      }
    }
    return null;
  }

  /// Output that is not in its log stream as it was written, or null.
  @Nullable Complaint lostOutput() {
    for (SimNode node : nodes) {
      for (SimContainer container : node.engine().everything()) {
        String group = group(container);
        if (group == null || container.starts == 0 || container.afterTheEnd || container.lost) {
          continue;
        }
        String difference = difference(container.written, stored(group, container));
        if (difference != null) {
          return new Complaint(Invariant.LOGS_COMPLETE, container + ": " + difference);
        }
      }
    }
    return null;
  }

  /// What is wrong with what was stored, or null. Every line must be there once, at its time; two
  /// lines may change places only if the engine's stamps leave their order open.
  private static @Nullable String difference(
      List<SimContainer.Written> wrote, List<SimContainer.Written> stored) {
    Map<String, Long> missing = new LinkedHashMap<>();
    wrote.forEach(line -> missing.put(line.message(), line.timestamp()));
    long before = 0;
    for (SimContainer.Written line : stored) {
      Long meant = missing.remove(line.message());
      if (meant == null) {
        return "doubled or made up: " + line;
      }
      if (line.timestamp() < meant
          || line.timestamp() > meant + SimContainer.STAMP_DISORDER_MS
          || meant < before - SimContainer.STAMP_DISORDER_MS) {
        return "out of order: " + line + " is stored, stamped " + meant + ", after " + before;
      }
      before = meant;
    }
    return missing.isEmpty() ? null : "lost: " + missing;
  }

  private @Nullable String group(SimContainer container) {
    String definition =
        container.spec.labels().get(FAMILY) + ":" + container.spec.labels().get(VERSION);
    ContainerDefinition wanted = book.container(definition, container.name());
    LogConfiguration logs = wanted == null ? null : wanted.logConfiguration();
    return logs == null || logs.options() == null ? null : logs.options().get("awslogs-group");
  }

  private List<SimContainer.Written> stored(String group, SimContainer container) {
    String task = container.task().substring(container.task().lastIndexOf('/') + 1);
    LogStreamId stream =
        new LogStreamId(
            SimControl.SCOPE,
            group,
            Definitions.STREAM_PREFIX + "/" + container.name() + "/" + task);
    List<SimContainer.Written> stored = new ArrayList<>();
    MemoryLogStore logs = control.logs();
    logs.read(
        new LogStore.Read(stream, 0, Long.MAX_VALUE, true, null, LogStore.MAX_PAGE_EVENTS),
        new LogStore.Callback<>() {
          @Override
          public void done(LogStore.Page page) {
            for (LogStore.StoredEvent event : page.events()) {
              stored.add(new SimContainer.Written(event.timestamp(), event.message()));
            }
          }

          @Override
          public void failed(StoreException cause) {
            throw new Violation(Invariant.LOGS_COMPLETE, "the log store fails", cause);
          }
        });
    logs.settle();
    return stored;
  }
}

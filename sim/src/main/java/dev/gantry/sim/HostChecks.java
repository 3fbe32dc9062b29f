package dev.gantry.sim;

import dev.gantry.api.ecs.ContainerStateChange;
import dev.gantry.api.ecs.SubmitTaskStateChangeRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/// What must hold after every event, on the hosts' side: what engines are asked to do, and what
/// agents say of it. One for all hosts, since a task runs on one of them.
final class HostChecks {
  private final Map<String, SimContainer> made = new LinkedHashMap<>();
  private final Map<String, SimContainer> again = new LinkedHashMap<>();
  private final Set<String> over = new TreeSet<>();

  /// An engine has made a container. One that it makes when its agent had given that up, and had
  /// made another, and removed it, is never started, and found when the agent starts the next time.
  void created(String host, SimContainer container) {
    SimContainer before = made.get(key(container));
    if (before != null && container.late) {
      again.put(container.id, container);
      return;
    }
    made.put(key(container), container);
    if (before != null) {
      throw new Violation(
          Invariant.CREATED_ONCE, host + " makes " + container + " after " + before);
    }
  }

  /// An agent asks for a start.
  void startAsked(SimContainer container) {
    if (over.contains(key(container)) || over.contains(container.task())) {
      throw new Violation(
          Invariant.STOPPED_IS_OVER, container + " is to start after its task's end was reported");
    }
  }

  /// An engine has started a container.
  void started(String host, SimContainer container) {
    if (container.starts > 1) {
      throw new Violation(Invariant.CREATED_ONCE, host + " starts " + container + " again");
    }
    container.afterTheEnd |= over.contains(key(container));
  }

  /// A port is asked for that another container has. One that its engine started when its agent had
  /// given that up, and had reported its end, has the port against everybody's knowledge: the agent
  /// finds it at its next look at everything, and until then the engine refuses.
  void portTaken(String host, SimContainer container, int port, SimContainer owner) {
    if (owner.afterTheEnd) {
      return;
    }
    throw new Violation(
        Invariant.HOST_PORTS,
        "on " + host + ", " + container + " wants port " + port + " which " + owner + " has");
  }

  /// An agent wants an image removed. A container that was made after its agent had given that up
  /// may be news to the agent: then the engine refuses.
  void imageIsToGo(String host, String imageId, Iterable<SimContainer> containers) {
    if (SimEngine.CACHED.stream().anyMatch(image -> imageId.equals("sha256:" + image))) {
      throw new Violation(
          Invariant.IMAGES_KEPT, host + " removes " + imageId + " which no agent brought");
    }
    for (SimContainer container : containers) {
      if (container.status().imageId().equals(imageId) && !container.late) {
        throw new Violation(
            Invariant.IMAGES_KEPT, host + " removes " + imageId + " which " + container + " uses");
      }
    }
  }

  /// An agent reports.
  void reported(SimEngine engine, SubmitTaskStateChangeRequest report) {
    String task = String.valueOf(report.task());
    for (ContainerStateChange change :
        Objects.requireNonNullElse(report.containers(), List.<ContainerStateChange>of())) {
      reported(task, change);
    }
    if ("STOPPED".equals(report.status())) {
      over.add(task);
      for (SimContainer container : engine.containers()) {
        if (container.task().equals(task) && container.runs() && !container.afterTheEnd) {
          throw new Violation(
              Invariant.STOPPED_IS_OVER, container + " runs when its task's end is reported");
        }
      }
    }
  }

  private void reported(String task, ContainerStateChange change) {
    String key = key(task, String.valueOf(change.containerName()));
    String id = change.runtimeId();
    SimContainer twin = id == null ? null : again.get(id);
    SimContainer container = twin == null ? made.get(key) : twin;
    if (id != null && (container == null || !container.id.equals(id))) {
      throw new Violation(
          Invariant.TRUE_REPORTS, task + ": " + change + " is reported, made was " + container);
    }
    if (!"STOPPED".equals(change.status())) {
      return;
    }
    over.add(key);
    if (container == null) {
      return;
    }
    if (container.runs() && !container.late) {
      throw new Violation(
          Invariant.STOPPED_IS_OVER, container + " runs when its own end is reported");
    }
    container.afterTheEnd |= container.runs();
    Integer exitCode = change.exitCode();
    if (exitCode != null && container.exitCode != exitCode) {
      throw new Violation(
          Invariant.TRUE_REPORTS,
          change + " is reported of " + container + " with exit code " + container.exitCode);
    }
  }

  private static String key(SimContainer container) {
    return key(container.task(), container.name());
  }

  private static String key(String task, String name) {
    return task + " " + name;
  }
}

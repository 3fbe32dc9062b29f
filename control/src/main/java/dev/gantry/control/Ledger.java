package dev.gantry.control;

import dev.gantry.model.Change;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.HostPort;
import dev.gantry.model.Resources;
import dev.gantry.model.Task;
import dev.gantry.model.TaskId;
import dev.gantry.model.TaskStatus;
import dev.gantry.store.Kind;
import dev.gantry.store.State;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What the unstopped tasks of each container instance take together.
///
/// It is never stored: it is a sum over tasks, kept in step with each change so that placing a task
/// does not add up all others first. A task takes its resources from the moment it is placed until
/// it is STOPPED.
public final class Ledger {
  private final TreeMap<ContainerInstanceId, Resources> taken = new TreeMap<>();

  /// The sums of a loaded State.
  public static Ledger of(State state) {
    Ledger ledger = new Ledger();
    for (Task task : state.all(Kind.TASK).values()) {
      ledger.add(task);
    }
    return ledger;
  }

  /// Takes one change into account.
  ///
  /// @param before the State the change is about to be applied to
  public void apply(State before, Change change) {
    if (change.id() instanceof TaskId id) {
      Task old = before.task(id);
      if (old != null) {
        subtract(old);
      }
      if (change instanceof Change.Put(Task task)) {
        add(task);
      }
    }
  }

  /// What the unstopped tasks of `instance` take.
  public Resources taken(ContainerInstanceId instance) {
    return taken.getOrDefault(instance, Resources.NONE);
  }

  /// The instances on which anything is taken, for checks that compare this ledger with a fresh
  /// sum.
  public SortedMap<ContainerInstanceId, Resources> all() {
    return new TreeMap<>(taken);
  }

  private void add(Task task) {
    ContainerInstanceId instance = holder(task);
    if (instance != null) {
      Resources sum = taken(instance);
      List<HostPort> ports = new ArrayList<>(sum.ports());
      ports.addAll(task.reserved().ports());
      ports.sort(null);
      taken.put(
          instance,
          new Resources(
              sum.cpuUnits() + task.reserved().cpuUnits(),
              sum.memoryMiB() + task.reserved().memoryMiB(),
              List.copyOf(ports)));
    }
  }

  private void subtract(Task task) {
    ContainerInstanceId instance = holder(task);
    if (instance != null) {
      Resources sum = taken(instance);
      List<HostPort> ports = new ArrayList<>(sum.ports());
      task.reserved().ports().forEach(ports::remove);
      Resources rest =
          new Resources(
              sum.cpuUnits() - task.reserved().cpuUnits(),
              sum.memoryMiB() - task.reserved().memoryMiB(),
              List.copyOf(ports));
      if (rest.equals(Resources.NONE)) {
        taken.remove(instance);
      } else {
        taken.put(instance, rest);
      }
    }
  }

  private static @Nullable ContainerInstanceId holder(Task task) {
    return task.lastStatus() == TaskStatus.STOPPED ? null : task.containerInstance();
  }
}

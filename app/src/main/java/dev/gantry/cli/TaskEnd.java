package dev.gantry.cli;

import dev.gantry.api.ecs.Container;
import dev.gantry.api.ecs.ContainerDefinition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Which essential container stopped first: its exit code is the one that `gantry run` ends with.
///
/// DescribeTasks tells no container's end time, so the order is that in which we see them stop.
/// When several are seen at once, whoever asks can say when each ended (the engine knows); failing
/// that, a container that ended by itself counts before one that a signal of ours ended (137 and
/// 143: the others are stopped *because* the first one ended), and then the definition's order.
///
/// Made for one task and fed with each look at it. Not for use by several threads.
final class TaskEnd {
  private static final int KILLED = 137;
  private static final int TERMINATED = 143;

  private final SequencedSet<String> essential = new LinkedHashSet<>();
  private @Nullable Container first;

  /// @param containers the task definition's containers; one is essential unless it says otherwise
  TaskEnd(List<ContainerDefinition> containers) {
    for (ContainerDefinition container : containers) {
      if (container.name() != null && !Boolean.FALSE.equals(container.essential())) {
        essential.add(container.name());
      }
    }
  }

  /// Takes one look at the task's containers.
  ///
  /// @param endedAt when a container ended, as a number that grows, or null if nobody knows; asked
  ///   only if several essential containers are seen to have stopped at once
  void look(List<Container> containers, Function<Container, @Nullable Long> endedAt) {
    if (first != null) {
      return;
    }
    List<Container> stopped = new ArrayList<>();
    for (String name : essential) {
      for (Container container : containers) {
        if (name.equals(container.name()) && "STOPPED".equals(container.lastStatus())) {
          stopped.add(container);
        }
      }
    }
    if (stopped.size() > 1) {
      List<Long> times = new ArrayList<>();
      for (Container container : stopped) {
        Long time = endedAt.apply(container);
        times.add(time == null ? Long.MAX_VALUE : time);
      }
      if (!times.contains(Long.MAX_VALUE)) {
        first = stopped.get(times.indexOf(times.stream().min(Comparator.naturalOrder()).get()));
        return;
      }
      stopped.sort(Comparator.comparing(TaskEnd::endedByOurSignal));
    }
    if (!stopped.isEmpty()) {
      first = stopped.getFirst();
    }
  }

  private static boolean endedByOurSignal(Container container) {
    Integer code = container.exitCode();
    return code != null && (code == KILLED || code == TERMINATED);
  }

  /// The essential container that stopped first, or null if none was seen to stop.
  @Nullable Container first() {
    return first;
  }
}

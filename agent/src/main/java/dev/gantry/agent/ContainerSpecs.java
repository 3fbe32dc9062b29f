package dev.gantry.agent;

import dev.gantry.agent.ContainerRuntime.ContainerSpec;
import dev.gantry.agent.ContainerRuntime.PublishedPort;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// Spells a container for the engine.
final class ContainerSpecs {
  private static final long MEBIBYTE = 1024 * 1024;

  /// Random digits at the end of a container's name.
  private static final int NAME_DIGITS = 20;

  private ContainerSpecs() {}

  /// `ecs-<family>-<version>-<container>-<20 hex>`, as Amazon's agent names them.
  static String engineName(TaskPlan task, ContainerPlan container, Kernel kernel) {
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < container.name().length(); i++) {
      char c = container.name().charAt(i);
      boolean kept =
          (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
      if (kept) {
        name.append(c);
      }
    }
    return "ecs-"
        + task.family()
        + "-"
        + task.version()
        + "-"
        + name
        + "-"
        + kernel.hex(NAME_DIGITS);
  }

  /// The random end of a container's name.
  static String uniquePart(String engineName) {
    return engineName.substring(Math.max(0, engineName.length() - NAME_DIGITS));
  }

  static ContainerSpec spec(TaskState task, int container, AgentSettings settings) {
    ContainerPlan plan = task.plan(container);
    SortedMap<String, String> labels = new TreeMap<>(plan.labels());
    labels.putAll(Labels.of(settings, task.plan(), plan.name()));
    // Only a bridge publishes ports.
    List<PublishedPort> ports =
        task.plan().networkMode().equals("bridge") ? plan.ports() : List.of();
    return new ContainerSpec(
        task.record(container).engineName(),
        plan.image(),
        plan.command(),
        plan.entryPoint(),
        plan.environment(),
        labels,
        plan.cpuShares(),
        plan.memoryMiB() * MEBIBYTE,
        0,
        task.plan().networkMode(),
        ports,
        plan.log().engineDriver(),
        plan.log().engineOptions(),
        plan.engineConfig(),
        plan.engineHostConfig());
  }
}

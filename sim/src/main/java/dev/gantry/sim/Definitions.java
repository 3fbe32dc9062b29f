package dev.gantry.sim;

import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.LogConfiguration;
import dev.gantry.api.ecs.PortMapping;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Draws task definitions: few families, one to three containers each, everything that may go wrong
/// with a container in some of them.
final class Definitions {
  /// A log group that clients make.
  static final String GROUP = "/sim/made";

  /// A log group that the first task to need it makes.
  static final String AUTOMATIC_GROUP = "/sim/automatic";

  /// A log group that nobody makes: its containers cannot start.
  static final String MISSING_GROUP = "/sim/missing";

  /// The prefix of all log streams.
  static final String STREAM_PREFIX = "out";

  private static final List<String> FAMILIES = List.of("web", "job", "batch-1", "side_car");
  private static final List<String> NAMES = List.of("main", "helper", "third_one");
  private static final List<Integer> FIXED_PORTS = List.of(8080, 8081, 9000);

  private Definitions() {}

  /// One of any kind.
  static RegisterTaskDefinitionRequest random(Chance chance) {
    List<ContainerDefinition> containers = new ArrayList<>();
    List<Integer> ports = new ArrayList<>(FIXED_PORTS);
    int count = chance.oneIn(2) ? 1 : chance.between(2, NAMES.size());
    for (int i = 0; i < count; i++) {
      containers.add(container(NAMES.get(i), i == 0 || chance.oneIn(3), ports, chance));
    }
    return RegisterTaskDefinitionRequest.builder()
        .family(chance.pick(FAMILIES))
        .networkMode(chance.oneIn(8) ? "host" : "bridge")
        .containerDefinitions(containers)
        .tags(Labels.some(chance, "definition-" + chance.below(1_000)))
        .build();
  }

  private static ContainerDefinition container(
      String name, boolean essential, List<Integer> fixedPorts, Chance chance) {
    return ContainerDefinition.builder()
        .name(name)
        .image(image(chance))
        .command(Script.random(chance).command())
        .essential(essential)
        .cpu(chance.pick(List.of(0, 64, 128, 256, 700)))
        .memory(chance.pick(List.of(16, 64, 200, 700)))
        .stopTimeout(chance.pick(List.of(2, 3, 10, 30)))
        .portMappings(ports(fixedPorts, chance))
        .logConfiguration(chance.oneIn(2) ? logs(chance) : null)
        .build();
  }

  private static String image(Chance chance) {
    if (chance.oneIn(15)) {
      return SimEngine.ABSENT;
    }
    return chance.oneIn(4) ? SimEngine.REMOTE : chance.pick(SimEngine.CACHED);
  }

  private static @Nullable List<PortMapping> ports(List<Integer> fixed, Chance chance) {
    if (chance.oneIn(2)) {
      return null;
    }
    Integer hostPort = 0;
    if (chance.oneIn(2) && !fixed.isEmpty()) {
      hostPort = fixed.removeFirst();
    }
    return List.of(
        PortMapping.builder()
            .containerPort(hostPort == 0 ? Integer.valueOf(80) : hostPort)
            .hostPort(hostPort)
            .protocol("tcp")
            .build());
  }

  private static LogConfiguration logs(Chance chance) {
    Map<String, String> options = new LinkedHashMap<>();
    String group = chance.oneIn(12) ? MISSING_GROUP : chance.oneIn(3) ? AUTOMATIC_GROUP : GROUP;
    options.put("awslogs-group", group);
    options.put("awslogs-region", SimControl.REGION);
    options.put("awslogs-stream-prefix", STREAM_PREFIX);
    if (group.equals(AUTOMATIC_GROUP)) {
      options.put("awslogs-create-group", "true");
    }
    return LogConfiguration.builder().logDriver("awslogs").options(options).build();
  }
}

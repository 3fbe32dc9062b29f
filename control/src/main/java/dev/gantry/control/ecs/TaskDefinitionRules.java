package dev.gantry.control.ecs;

import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.ContainerDependency;
import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.MountPoint;
import dev.gantry.api.ecs.PortMapping;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.api.ecs.TaskDefinition;
import dev.gantry.api.ecs.Volume;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.shape.ServiceException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What RegisterTaskDefinition demands of a definition, and the form in which it is kept and shown:
/// with every default that ECS shows, because Terraform compares the two (feature map W9).
///
/// Every refusal is a ClientException, as ECS answers a definition that its model allows and its
/// rules do not. What one container must be is in [ContainerRules], what Fargate asks beyond that
/// in [FargateRules].
final class TaskDefinitionRules {
  private TaskDefinitionRules() {}

  /// Checks a definition and gives it its defaults. What is kept has no ARN, revision, status or
  /// date yet.
  ///
  /// @throws ServiceException ClientException naming the container, field and rule
  static TaskDefinition normalise(RegisterTaskDefinitionRequest input, Quotas quotas) {
    String family = input.family();
    if (family == null || !EcsIds.isName(family)) {
      throw EcsErrors.clientException("Family contains invalid characters.");
    }
    List<ContainerDefinition> containers = orEmpty(input.containerDefinitions());
    if (containers.isEmpty()) {
      throw EcsErrors.clientException("Container list cannot be empty.");
    }
    if (containers.size() > quotas.containersPerDefinition()) {
      throw EcsErrors.clientException(
          "A task definition has at most " + quotas.containersPerDefinition() + " containers.");
    }
    String networkMode = input.networkMode();
    Integer cpu = Amounts.cpuUnits(input.cpu());
    Integer memory = Amounts.memoryMiB(input.memory());
    Map<String, ContainerDefinition> normalised = new LinkedHashMap<>();
    for (ContainerDefinition container : containers) {
      ContainerDefinition one = ContainerRules.normalise(container, networkMode, memory);
      if (normalised.put(Objects.requireNonNull(one.name()), one) != null) {
        throw EcsErrors.clientException(
            "Container name '" + one.name() + "' is used more than once.");
      }
    }
    List<ContainerDefinition> kept = List.copyOf(normalised.values());
    if (kept.stream().noneMatch(one -> Boolean.TRUE.equals(one.essential()))) {
      throw EcsErrors.clientException("Task definition doesn't have any essential container.");
    }
    uniqueHostPorts(kept);
    dependencies(normalised);
    volumes(orEmpty(input.volumes()), kept);
    PlacementInput.checkDefinition(orEmpty(input.placementConstraints()));
    List<String> requires = orEmpty(input.requiresCompatibilities());
    if (requires.contains("FARGATE")) {
      FargateRules.check(input, kept, cpu, memory);
    }
    TaskDefinition definition =
        TaskDefinition.builder()
            .family(family)
            .containerDefinitions(kept)
            .taskRoleArn(input.taskRoleArn())
            .executionRoleArn(input.executionRoleArn())
            .networkMode(networkMode)
            .volumes(orEmpty(input.volumes()))
            .placementConstraints(orEmpty(input.placementConstraints()))
            .requiresAttributes(RequiredAttributes.of(input, kept))
            .compatibilities(compatibilities(networkMode, kept))
            .requiresCompatibilities(requires.isEmpty() ? null : requires)
            .runtimePlatform(input.runtimePlatform())
            .cpu(text(cpu))
            .memory(text(memory))
            .inferenceAccelerators(input.inferenceAccelerators())
            .pidMode(input.pidMode())
            .ipcMode(input.ipcMode())
            .proxyConfiguration(input.proxyConfiguration())
            .ephemeralStorage(input.ephemeralStorage())
            .enableFaultInjection(input.enableFaultInjection())
            .build();
    int bytes =
        AwsJson.encodeToString(TaskDefinition.SHAPE, definition)
            .getBytes(StandardCharsets.UTF_8)
            .length;
    if (bytes > quotas.definitionBytes()) {
      throw EcsErrors.clientException(
          "Actual length: '"
              + bytes
              + "'. Max allowed length is '"
              + quotas.definitionBytes()
              + "' bytes.");
    }
    return definition;
  }

  private static void uniqueHostPorts(List<ContainerDefinition> containers) {
    Set<String> taken = new TreeSet<>();
    for (ContainerDefinition container : containers) {
      for (PortMapping port : orEmpty(container.portMappings())) {
        if (port.hostPort() != null
            && port.hostPort() != 0
            && !taken.add(port.protocol() + "/" + port.hostPort())) {
          throw invalid(
              Objects.requireNonNull(container.name()),
              "Host port " + port.hostPort() + " is used more than once.");
        }
      }
    }
  }

  /// Every dependency is on a container of the definition, none on an essential one's end, and none
  /// leads back to where it began (ContainerDependency, Amazon ECS API Reference).
  private static void dependencies(Map<String, ContainerDefinition> containers) {
    for (ContainerDefinition container : containers.values()) {
      for (ContainerDependency dependency : orEmpty(container.dependsOn())) {
        ContainerDefinition on = containers.get(String.valueOf(dependency.containerName()));
        if (on == null) {
          throw EcsErrors.clientException(
              "Cannot depend on container + '"
                  + dependency.containerName()
                  + "' because it does not exist");
        }
        switch (String.valueOf(dependency.condition())) {
          case "COMPLETE", "SUCCESS" -> {
            if (Boolean.TRUE.equals(on.essential())) {
              throw EcsErrors.clientException(
                  "A dependency container with SUCCESS or COMPLETE condition cannot be an essential"
                      + " container");
            }
          }
          case "HEALTHY" -> {
            if (on.healthCheck() == null) {
              throw EcsErrors.clientException(
                  "A dependency container with HEALTHY condition must have health check"
                      + " configured");
            }
          }
          default -> {
            // START is always possible.
          }
        }
      }
    }
    noCycle(containers);
  }

  /// Takes away, again and again, what depends on nothing that is left. What cannot be taken away
  /// depends on itself.
  private static void noCycle(Map<String, ContainerDefinition> containers) {
    Map<String, ContainerDefinition> left = new LinkedHashMap<>(containers);
    boolean taken = true;
    while (taken) {
      taken =
          left.values()
              .removeIf(container ->
                  orEmpty(container.dependsOn()).stream()
                      .noneMatch(dependency -> left.containsKey(dependency.containerName())));
    }
    if (!left.isEmpty()) {
      throw EcsErrors.clientException("Container dependsOn contains a cycle");
    }
  }

  private static void volumes(List<Volume> volumes, List<ContainerDefinition> containers) {
    Set<String> names = new TreeSet<>();
    for (Volume volume : volumes) {
      if (volume.name() == null || volume.name().isEmpty()) {
        throw EcsErrors.clientException("A volume must have a name.");
      }
      if (!names.add(volume.name())) {
        throw EcsErrors.clientException(
            "Volume name '" + volume.name() + "' is used more than once.");
      }
    }
    for (ContainerDefinition container : containers) {
      for (MountPoint mount : orEmpty(container.mountPoints())) {
        if (mount.sourceVolume() != null && !names.contains(mount.sourceVolume())) {
          throw EcsErrors.clientException("Unknown volume '" + mount.sourceVolume() + "'.");
        }
      }
    }
  }

  /// Everything the definition can run on. Fargate asks for awsvpc, and stops no container later
  /// than it allows.
  private static List<String> compatibilities(
      @Nullable String networkMode, List<ContainerDefinition> containers) {
    if (!"awsvpc".equals(networkMode)) {
      return List.of("EXTERNAL", "EC2");
    }
    List<String> all = new ArrayList<>(List.of("EC2", "MANAGED_INSTANCES"));
    if (FargateRules.stopsInTime(containers)) {
      all.add("FARGATE");
    }
    return List.copyOf(all);
  }

  private static ServiceException invalid(String container, String rule) {
    return EcsErrors.clientException("Invalid setting for container '" + container + "'. " + rule);
  }

  private static @Nullable String text(@Nullable Integer number) {
    return number == null ? null : number.toString();
  }

  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }
}

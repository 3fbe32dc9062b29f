package dev.gantry.control.ecs;

import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.EphemeralStorage;
import dev.gantry.api.ecs.LogConfiguration;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.wire.shape.ServiceException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What Fargate demands of a task definition beyond what every definition must be. Asked when the
/// definition requires FARGATE, alone or among others.
///
/// The texts are ECS's: recorded answers of Amazon ECS of September 2026
/// (github.com/radkawar/stackd).
final class FargateRules {
  /// The longest stop timeout, in seconds.
  static final int MAX_STOP_TIMEOUT = 120;

  private static final List<String> LOG_DRIVERS = List.of("awslogs", "splunk", "awsfirelens");
  private static final int MIN_STORAGE_GIB = 21;
  private static final int MAX_STORAGE_GIB = 200;
  private static final int GIB = 1024;

  /// The sizes of tasks (RegisterTaskDefinition, Amazon ECS API Reference). The smallest cpu allows
  /// half a GiB besides.
  private static final List<Size> SIZES =
      List.of(
          new Size(256, 1, 2, 1),
          new Size(512, 1, 4, 1),
          new Size(1024, 2, 8, 1),
          new Size(2048, 4, 16, 1),
          new Size(4096, 8, 30, 1),
          new Size(8192, 16, 60, 4),
          new Size(16384, 32, 120, 8));

  private FargateRules() {}

  /// How much memory goes with a cpu: from least to most, in steps.
  private record Size(int cpuUnits, int leastGiB, int mostGiB, int stepGiB) {
    boolean takes(int memoryMiB) {
      if (cpuUnits == 256 && memoryMiB == GIB / 2) {
        return true;
      }
      return memoryMiB >= leastGiB * GIB
          && memoryMiB <= mostGiB * GIB
          && (memoryMiB - leastGiB * GIB) % (stepGiB * GIB) == 0;
    }
  }

  /// Checks a definition that has passed every other rule.
  ///
  /// @throws ServiceException ClientException
  static void check(
      RegisterTaskDefinitionRequest input,
      List<ContainerDefinition> containers,
      @Nullable Integer cpuUnits,
      @Nullable Integer memoryMiB) {
    if (!"awsvpc".equals(input.networkMode())) {
      throw EcsErrors.clientException("Fargate only supports network mode ‘awsvpc’.");
    }
    if (cpuUnits == null) {
      throw EcsErrors.clientException("Fargate requires that 'cpu' be defined at the task level.");
    }
    if (memoryMiB == null) {
      throw EcsErrors.clientException(
          "Fargate requires that 'memory' be defined at the task level.");
    }
    if (SIZES.stream().noneMatch(size -> size.cpuUnits() == cpuUnits && size.takes(memoryMiB))) {
      throw EcsErrors.clientException(
          "No Fargate configuration exists for given values: "
              + cpuUnits
              + " CPU, "
              + memoryMiB
              + " memory. See the Amazon ECS documentation for the valid values.");
    }
    if (!stopsInTime(containers)) {
      throw EcsErrors.clientException(
          "Tasks using the Fargate launch type must have a container stop timeout of less than "
              + MAX_STOP_TIMEOUT
              + " seconds.");
    }
    for (ContainerDefinition container : containers) {
      logging(container.logConfiguration(), input.executionRoleArn());
    }
    EphemeralStorage storage = input.ephemeralStorage();
    Integer size = storage == null ? null : storage.sizeInGiB();
    if (size != null && (size < MIN_STORAGE_GIB || size > MAX_STORAGE_GIB)) {
      throw EcsErrors.clientException(
          "ephemeralStorage.sizeInGiB must be within "
              + MIN_STORAGE_GIB
              + " to "
              + MAX_STORAGE_GIB
              + ".");
    }
  }

  /// Whether Fargate could stop these containers as they ask. ECS leaves FARGATE out of the
  /// compatibilities of a definition that asks for more.
  static boolean stopsInTime(List<ContainerDefinition> containers) {
    return containers.stream()
        .allMatch(container ->
            container.stopTimeout() == null || container.stopTimeout() <= MAX_STOP_TIMEOUT);
  }

  private static void logging(@Nullable LogConfiguration logs, @Nullable String executionRole) {
    if (logs == null) {
      return;
    }
    if (!LOG_DRIVERS.contains(logs.logDriver())) {
      throw EcsErrors.clientException(
          logs.logDriver()
              + " is not a valid log driver. Must be one of [awslogs,splunk,awsfirelens]");
    }
    if ("awslogs".equals(logs.logDriver()) && executionRole == null) {
      throw EcsErrors.clientException(
          "Fargate requires task definition to have execution role ARN to support log driver"
              + " awslogs.");
    }
  }
}

package dev.gantry.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Consumer;
import software.amazon.awssdk.services.cloudwatchlogs.model.OutputLogEvent;
import software.amazon.awssdk.services.ecs.model.Container;
import software.amazon.awssdk.services.ecs.model.ContainerDefinition;
import software.amazon.awssdk.services.ecs.model.LogDriver;
import software.amazon.awssdk.services.ecs.model.RegisterTaskDefinitionRequest;
import software.amazon.awssdk.services.ecs.model.RunTaskRequest;
import software.amazon.awssdk.services.ecs.model.RunTaskResponse;
import software.amazon.awssdk.services.ecs.model.Task;

/// What a user of the SDK does all day, in the cluster `default`: register, run, look, read logs.
/// Each holds a log group of its own, so that tests do not read each other's.
record SdkTasks(AwsClients clients, String group) {
  static final String CLUSTER = "default";

  /// The prefix of every log stream.
  static final String STREAM = "test";

  private static final int CPU_UNITS = 16;
  private static final int MEMORY_MIB = 16;

  /// With a fresh log group.
  static SdkTasks of(AwsClients clients) {
    String group = "/conformance/" + UUID.randomUUID();
    clients.logs().createLogGroup(request -> request.logGroupName(group));
    return new SdkTasks(clients, group);
  }

  /// A small essential container that runs a shell script and logs to the group.
  ContainerDefinition.Builder shell(String name, String script) {
    return container(name).command("sh", "-c", script);
  }

  /// A small essential container that logs to the group.
  ContainerDefinition.Builder container(String name) {
    return ContainerDefinition.builder()
        .name(name)
        .image(Engine.IMAGE)
        .cpu(CPU_UNITS)
        .memory(MEMORY_MIB)
        .essential(true)
        .logConfiguration(log ->
            log.logDriver(LogDriver.AWSLOGS)
                .options(
                    java.util.Map.of(
                        "awslogs-group",
                        group,
                        "awslogs-region",
                        AwsClients.REGION.id(),
                        "awslogs-stream-prefix",
                        STREAM)));
  }

  /// Registers a definition of a family of its own and returns its ARN.
  String register(
      Consumer<RegisterTaskDefinitionRequest.Builder> more, ContainerDefinition... containers) {
    String family = "conformance-" + UUID.randomUUID().toString().toLowerCase(Locale.ROOT);
    return clients
        .ecs()
        .registerTaskDefinition(request -> {
          request.family(family).containerDefinitions(containers);
          more.accept(request);
        })
        .taskDefinition()
        .taskDefinitionArn();
  }

  /// Registers these containers and runs one task of them.
  Task run(ContainerDefinition... containers) {
    return run(register(more -> {}, containers));
  }

  /// Registers these containers and runs one task of them in which commands may be run.
  Task runEnterable(ContainerDefinition... containers) {
    String definition = register(more -> {}, containers);
    return run(request -> request.taskDefinition(definition).enableExecuteCommand(true));
  }

  /// Runs one task of a definition.
  Task run(String definition) {
    return run(request -> request.taskDefinition(definition));
  }

  private Task run(Consumer<RunTaskRequest.Builder> what) {
    RunTaskResponse answer =
        clients
            .ecs()
            .runTask(request -> {
              request.cluster(CLUSTER);
              what.accept(request);
            });
    if (answer.tasks().size() != 1) {
      throw new AssertionError("not placed: " + answer.failures());
    }
    return answer.tasks().getFirst();
  }

  /// Asks the task to stop.
  void stop(Task task, String reason) {
    clients.ecs().stopTask(request -> request.cluster(CLUSTER).task(task.taskArn()).reason(reason));
  }

  /// The task as it is now.
  Task describe(Task task) {
    return clients
        .ecs()
        .describeTasks(request -> request.cluster(CLUSTER).tasks(task.taskArn()))
        .tasks()
        .getFirst();
  }

  /// Waits until the task is RUNNING.
  Task awaitRunning(Task task) throws Exception {
    Task seen =
        Eventually.see(
            "RUNNING",
            () -> describe(task),
            now -> now.lastStatus().equals("RUNNING") || now.lastStatus().equals("STOPPED"));
    if (!seen.lastStatus().equals("RUNNING")) {
      throw new AssertionError("the task stopped: " + seen);
    }
    return seen;
  }

  /// Waits until the task is STOPPED.
  Task awaitStopped(Task task) throws Exception {
    return Eventually.see(
        "STOPPED", () -> describe(task), now -> now.lastStatus().equals("STOPPED"));
  }

  /// Waits until a container has written a line.
  void awaitLine(Task task, String container, String line) throws Exception {
    Eventually.see(line, () -> lines(task, container), lines -> lines.contains(line));
  }

  /// A container of a task.
  static Container container(Task task, String name) {
    return task.containers().stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no container " + name + " in " + task));
  }

  /// The last part of the task's ARN.
  static String id(Task task) {
    return task.taskArn().substring(task.taskArn().lastIndexOf('/') + 1);
  }

  /// Where a container's output goes.
  static String stream(Task task, String container) {
    return STREAM + "/" + container + "/" + id(task);
  }

  /// Every line that a container wrote, page by page from the beginning. A container's stream is
  /// made before it starts, so that of a RUNNING task is there.
  List<String> lines(Task task, String container) {
    return lines(stream(task, container));
  }

  /// Every event of a stream of the group, page by page from the beginning.
  List<String> lines(String stream) {
    List<String> lines = new ArrayList<>();
    String token = null;
    while (true) {
      String from = token;
      var page =
          clients
              .logs()
              .getLogEvents(request ->
                  request
                      .logGroupName(group)
                      .logStreamName(stream)
                      .startFromHead(true)
                      .nextToken(from));
      page.events().stream().map(OutputLogEvent::message).forEach(lines::add);
      if (page.nextForwardToken().equals(token)) {
        return lines;
      }
      token = page.nextForwardToken();
    }
  }
}

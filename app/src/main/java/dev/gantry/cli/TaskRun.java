package dev.gantry.cli;

import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.docker.DockerContainerRuntime;
import dev.gantry.api.ecs.Container;
import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.DescribeTasksRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.Failure;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.RunTaskResponse;
import dev.gantry.api.ecs.StopTaskRequest;
import dev.gantry.api.ecs.Task;
import dev.gantry.api.ecs.TaskDefinition;
import dev.gantry.api.logs.CreateLogGroupRequest;
import dev.gantry.api.logs.Logs;
import dev.gantry.wire.shape.ServiceException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One task through the ECS API: register, run, follow, and its exit code in the end.
final class TaskRun {

  /// How often the task and its logs are looked at. Output that is a fifth of a second old is live
  /// to a person.
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(150);

  /// How many looks in a row may go unanswered: a control plane that restarts is back by then.
  private static final int MAX_UNANSWERED = 100;

  private final Host host;
  private final Console console;
  private final GantryClient client;
  private final EngineAccess engine;
  private final RunSignals signals;
  private final String cluster;
  private final String fileName;

  TaskRun(
      Host host,
      GantryClient client,
      EngineAccess engine,
      RunSignals signals,
      String cluster,
      String fileName) {
    this.host = host;
    this.console = host.console();
    this.client = client;
    this.engine = engine;
    this.signals = signals;
    this.cluster = cluster;
    this.fileName = fileName;
  }

  /// Runs it and returns the exit code for `gantry run`.
  int run(RegisterTaskDefinitionRequest asWritten) throws IOException, InterruptedException {
    TaskFile.Logged logged = TaskFile.withLogs(asWritten, EnvironmentScript.REGION);
    if (!logged.given().isEmpty()) {
      createLogGroup();
      console.say(
          "no logConfiguration for "
              + String.join(", ", logged.given())
              + ": output goes to log group "
              + TaskFile.LOG_GROUP);
    }
    TaskDefinition definition = register(logged.definition());
    List<ContainerDefinition> containers =
        Objects.requireNonNullElse(definition.containerDefinitions(), List.of());
    Task task = start(definition);
    String arn = Objects.requireNonNull(task.taskArn(), "a task has an ARN");
    signals.taskIsThere();
    console.say(
        "task "
            + arn.substring(arn.lastIndexOf('/') + 1)
            + " of "
            + definition.family()
            + ":"
            + definition.revision()
            + " in cluster "
            + cluster);
    return follow(arn, containers);
  }

  private void createLogGroup() throws IOException, InterruptedException {
    try {
      client.call(
          Logs.CREATE_LOG_GROUP,
          CreateLogGroupRequest.builder().logGroupName(TaskFile.LOG_GROUP).build());
    } catch (ServiceException refused) {
      if (!refused.code().equals("ResourceAlreadyExistsException")) {
        throw refused("The log group " + TaskFile.LOG_GROUP + " could not be made", refused);
      }
    }
  }

  private TaskDefinition register(RegisterTaskDefinitionRequest definition)
      throws IOException, InterruptedException {
    try {
      return Objects.requireNonNull(
          client.call(Ecs.REGISTER_TASK_DEFINITION, definition).taskDefinition(),
          "an answer to RegisterTaskDefinition holds the definition");
    } catch (ServiceException refused) {
      throw refused(fileName + " was refused", refused);
    }
  }

  private Task start(TaskDefinition definition) throws IOException, InterruptedException {
    RunTaskResponse answer;
    try {
      answer =
          client.call(
              Ecs.RUN_TASK,
              RunTaskRequest.builder()
                  .cluster(cluster)
                  .taskDefinition(definition.taskDefinitionArn())
                  .startedBy("gantry run")
                  .build());
    } catch (ServiceException refused) {
      throw refused("The task of " + fileName + " was refused", refused);
    }
    if (answer.tasks() == null || answer.tasks().isEmpty()) {
      List<Failure> failures = Objects.requireNonNullElse(answer.failures(), List.of());
      throw new CommandFailure(
          "The task could not be placed in cluster " + cluster + ".",
          null,
          failures.isEmpty()
              ? List.of("No reason was given.")
              : failures.stream().map(TaskRun::explain).distinct().toList());
    }
    return answer.tasks().getFirst();
  }

  /// A placement failure in words; the reasons are ECS's own (RunTask, "API failure reasons").
  private static String explain(Failure failure) {
    String reason = Objects.requireNonNullElse(failure.reason(), "no reason given");
    String meaning =
        switch (reason) {
          case "RESOURCE:MEMORY" -> "no instance has as much memory free";
          case "RESOURCE:CPU" -> "no instance has as much cpu free";
          case "RESOURCE:PORTS" -> "a host port it wants is taken";
          case "AGENT" -> "the agent of the instance is not connected";
          default -> "";
        };
    String detail = failure.detail() == null ? "" : " (" + failure.detail() + ")";
    return reason + (meaning.isEmpty() ? "" : ": " + meaning) + detail;
  }

  private static CommandFailure refused(String what, ServiceException refusal) {
    return new CommandFailure(
        what + ": " + refusal.text(), refusal, List.of("(" + refusal.code() + ")"));
  }

  private int follow(String arn, List<ContainerDefinition> containers)
      throws IOException, InterruptedException {
    String taskId = arn.substring(arn.lastIndexOf('/') + 1);
    LogFollower logs =
        new LogFollower(
            client,
            console,
            LogSource.of(containers, EnvironmentScript.REGION),
            taskId,
            containers.size() > 1);
    sayWhatIsNotShown(containers, logs);
    TaskEnd end = new TaskEnd(containers);
    String status = "";
    int unanswered = 0;
    int handled = 0;
    while (true) {
      handled = handleSignals(arn, handled);
      Task task;
      try {
        task = describe(arn);
        // The task before its logs: what a stopped task wrote is all there (see Amazon's driver,
        // which
        // flushes before the container is reported).
        logs.show(runtimeIds(task));
        unanswered = 0;
      } catch (GantryClient.Unreachable silent) {
        unanswered++;
        if (unanswered >= MAX_UNANSWERED) {
          throw new CommandFailure(
              String.valueOf(silent.getMessage()),
              silent,
              List.of("The task may still run; " + host.command() + " status shows it."));
        }
        Thread.sleep(BETWEEN_LOOKS);
        continue;
      }
      List<Container> now = Objects.requireNonNullElse(task.containers(), List.of());
      end.look(now, this::endedAt);
      String current = Objects.requireNonNullElse(task.lastStatus(), "");
      if (!current.equals(status)) {
        status = current;
        if (!status.equals("STOPPED")) {
          console.say("task is " + status);
        }
      }
      if (status.equals("STOPPED")) {
        return conclude(task, end, logs);
      }
      if (console.outputBroken() && handled == 0) {
        // Whoever read our output has gone, as head does; nobody wants the rest.
        signals.came(Interrupts.HUP);
      }
      Thread.sleep(BETWEEN_LOOKS);
    }
  }

  private void sayWhatIsNotShown(List<ContainerDefinition> containers, LogFollower logs) {
    for (ContainerDefinition container : containers) {
      if (container.name() != null && !logs.follows(container.name())) {
        console.say(
            "the output of "
                + container.name()
                + " goes where its logConfiguration says and is not shown here");
      }
    }
  }

  private Task describe(String arn) throws IOException, InterruptedException {
    List<Task> tasks =
        client
            .call(
                Ecs.DESCRIBE_TASKS,
                DescribeTasksRequest.builder().cluster(cluster).tasks(List.of(arn)).build())
            .tasks();
    if (tasks == null || tasks.isEmpty()) {
      throw new CommandFailure("The task has vanished from cluster " + cluster + ".");
    }
    return tasks.getFirst();
  }

  private static Map<String, String> runtimeIds(Task task) {
    Map<String, String> ids = new LinkedHashMap<>();
    for (Container container :
        Objects.requireNonNullElse(task.containers(), List.<Container>of())) {
      if (container.name() != null && container.runtimeId() != null) {
        ids.put(container.name(), container.runtimeId());
      }
    }
    return ids;
  }

  /// Does what the signals that came since ask for.
  ///
  /// @param handled how many were handled already
  private int handleSignals(String arn, int handled) throws IOException, InterruptedException {
    int came = signals.count();
    if (came > handled && handled == 0) {
      try {
        client.call(
            Ecs.STOP_TASK,
            StopTaskRequest.builder()
                .cluster(cluster)
                .task(arn)
                .reason("Interrupted in gantry run")
                .build());
      } catch (ServiceException refused) {
        console.say("the task could not be asked to stop: " + refused.text());
      }
    }
    if (came > 1 && handled < 2) {
      kill(arn);
    }
    return came;
  }

  /// ECS has no way to kill a task, so this goes to the engine; the agent then sees the containers
  /// die.
  private void kill(String arn) {
    try (DockerContainerRuntime runtime = engine.open()) {
      if (runtime == null) {
        return;
      }
      for (ContainerStatus container :
          runtime.listContainers(Map.of("com.amazonaws.ecs.task-arn", arn))) {
        runtime.stopContainer(container.id(), Duration.ZERO);
      }
    } catch (RuntimeFailure failure) {
      console.say("the containers could not be killed: " + failure.getMessage());
    }
  }

  /// When the engine saw a container end; the ECS API does not tell.
  private @Nullable Long endedAt(Container container) {
    if (container.runtimeId() == null) {
      return null;
    }
    try (DockerContainerRuntime runtime = engine.open()) {
      ContainerStatus status =
          runtime == null ? null : runtime.inspectContainer(container.runtimeId());
      Instant finished = status == null ? null : status.finishedAt();
      return finished == null ? null : finished.toEpochMilli();
    } catch (RuntimeFailure unknown) {
      return null;
    }
  }

  private int conclude(Task task, TaskEnd end, LogFollower logs) {
    for (Container container :
        Objects.requireNonNullElse(task.containers(), List.<Container>of())) {
      Integer code = container.exitCode();
      console.say(
          container.name()
              + (code == null ? " did not run" : " exited with code " + code)
              + (container.reason() == null ? "" : ": " + container.reason()));
    }
    console.say(
        "task is STOPPED"
            + (task.stopCode() == null ? "" : " (" + task.stopCode() + ")")
            + (task.stoppedReason() == null ? "" : ": " + task.stoppedReason()));
    Duration first = logs.firstOutputAfter(LaunchTime.of(host.environment()));
    if (first != null) {
      console.say("the first output came " + Words.seconds(first) + " after the launch");
    }
    if (signals.any()) {
      return signals.exitCode();
    }
    Container decisive = end.first();
    Integer code = decisive == null ? null : decisive.exitCode();
    return code == null ? ExitCodes.OWN_FAILURE : code;
  }
}

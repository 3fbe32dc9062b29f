package dev.gantry.agent;

import dev.gantry.agent.ContainerRuntime.PublishedPort;
import dev.gantry.api.acs.Container;
import dev.gantry.api.acs.DockerConfig;
import dev.gantry.api.acs.ManagedAgent;
import dev.gantry.api.acs.PortMapping;
import dev.gantry.api.acs.Task;
import dev.gantry.wire.json.AwsJson;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads a payload's task object into a [TaskPlan].
///
/// What this agent cannot do yet is refused by name here, never left out in silence: a task that
/// runs without its volume is worse than one that does not run.
final class PayloadMapping {

  /// Names become file names, label values and container names; they are checked before.
  private static final Pattern TASK_ARN =
      Pattern.compile("arn:[a-z0-9-]+:ecs:[a-z0-9-]*:[0-9]*:task/[A-Za-z0-9_/-]{1,384}");

  private static final Pattern TASK_ID = Pattern.compile("[A-Za-z0-9-]{1,128}");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,255}");
  private static final Pattern VERSION = Pattern.compile("[0-9]{1,10}");

  private static final int MAX_PORT = 65_535;
  private static final int MAX_PORT_MAPPINGS = 100;

  /// A stop may take long, but not for ever.
  private static final int MAX_STOP_TIMEOUT_SECONDS = 24 * 3600;

  private static final String REGION = "AWS_REGION";
  private static final String DEFAULT_REGION = "AWS_DEFAULT_REGION";

  /// The managed agent through which commands are run in a container.
  static final String EXECUTE_COMMAND = "ExecuteCommandAgent";

  private PayloadMapping() {}

  /// A task object that this agent cannot run; the text says why, for the task's reason.
  static final class Unreadable extends Exception {
    private static final long serialVersionUID = 1L;

    Unreadable(String message) {
      super(message, null, false, false);
    }

    String text() {
      return String.valueOf(getMessage());
    }
  }

  /// The plan behind a task object.
  ///
  /// @param region the agent's, for `AWS_REGION` and for log groups that name none
  static TaskPlan plan(Task task, String region) throws Unreadable {
    String arn = task.arn();
    if (arn == null || !TASK_ARN.matcher(arn).matches()) {
      throw new Unreadable("the task has no valid ARN");
    }
    if (!TASK_ID.matcher(arn.substring(arn.lastIndexOf('/') + 1)).matches()) {
      throw new Unreadable("the task's id has characters that an id cannot have");
    }
    String family = checked("family", task.family(), NAME);
    String version = checked("version", task.version(), VERSION);
    refuse("elasticNetworkInterfaces", task.elasticNetworkInterfaces());
    refuse("associations", task.associations());
    refuse("attachments", task.attachments());
    refuse("volumes", task.volumes());
    refuseSet("proxyConfiguration", task.proxyConfiguration());
    refuseText("pidMode", task.pidMode());
    refuseText("ipcMode", task.ipcMode());

    List<Container> containers = task.containers();
    if (containers == null || containers.isEmpty() || containers.size() > TaskPlan.MAX_CONTAINERS) {
      throw new Unreadable("a task has 1 to " + TaskPlan.MAX_CONTAINERS + " containers");
    }
    try {
      String networkMode = networkMode(task, containers);
      List<ContainerPlan> plans = new ArrayList<>();
      for (Container container : containers) {
        plans.add(container(container, networkMode, region));
      }
      String cluster = task.taskClusterArn();
      return new TaskPlan(
          arn,
          cluster == null ? "" : cluster,
          family,
          version,
          networkMode,
          plans,
          AwsJson.encodeToString(Task.SHAPE, withoutCredentials(task)));
    } catch (EngineJson.Malformed | IllegalArgumentException e) {
      throw new Unreadable(String.valueOf(e.getMessage()));
    }
  }

  /// Credentials expire and are sent again after a restart; they are not put on disk.
  private static Task withoutCredentials(Task task) {
    return task.toBuilder().roleCredentials(null).executionRoleCredentials(null).build();
  }

  private static String networkMode(Task task, List<Container> containers) throws Unreadable {
    String mode = task.networkMode();
    if (mode == null || mode.isEmpty()) {
      DockerConfig config = containers.getFirst().dockerConfig();
      mode = config == null ? null : EngineJson.hostConfig(config.hostConfig()).networkMode();
    }
    if (mode == null || mode.isEmpty() || mode.equals("default")) {
      return "bridge";
    }
    return switch (mode) {
      case "bridge", "host", "none" -> mode;
      default -> throw new Unreadable("network mode " + mode + " is not supported by this agent");
    };
  }

  private static ContainerPlan container(Container container, String networkMode, String region)
      throws Unreadable {
    String name = checked("container name", container.name(), NAME);
    String image = container.image();
    if (image == null || image.isBlank()) {
      throw new Unreadable("container " + name + " has no image");
    }
    String prefix = "container " + name + ": ";
    refuse(prefix + "links", container.links());
    refuse(prefix + "mountPoints", container.mountPoints());
    refuse(prefix + "volumesFrom", container.volumesFrom());
    refuse(prefix + "secrets", container.secrets());
    refuse(prefix + "environmentFiles", container.environmentFiles());
    refuse(prefix + "credentialSpecs", container.credentialSpecs());
    refuse(prefix + "dependsOn", container.dependsOn());
    refuseSet(prefix + "firelensConfiguration", container.firelensConfiguration());
    refuseSet(prefix + "registryAuthentication", container.registryAuthentication());
    refuseText(prefix + "healthCheckType", container.healthCheckType());
    if (container.restartPolicy() != null
        && Boolean.TRUE.equals(container.restartPolicy().enabled())) {
      throw new Unreadable(prefix + "restartPolicy is not supported by this agent");
    }

    DockerConfig docker = container.dockerConfig();
    EngineJson.Config config = EngineJson.config(docker == null ? null : docker.config());
    EngineJson.HostConfig host = EngineJson.hostConfig(docker == null ? null : docker.hostConfig());
    EngineJson.Command override = EngineJson.command(container.overrides());
    List<String> command = override != null ? override.words() : container.command();
    List<String> entryPoint = container.entryPoint();
    Integer stop = container.stopTimeout();
    if (stop != null && (stop < 0 || stop > MAX_STOP_TIMEOUT_SECONDS)) {
      throw new Unreadable(prefix + "stopTimeout is out of range");
    }
    return new ContainerPlan(
        name,
        image,
        command == null || command.isEmpty() ? null : command,
        entryPoint == null || entryPoint.isEmpty() ? null : entryPoint,
        environment(container.environment(), region),
        !Boolean.FALSE.equals(container.essential()),
        container.cpu() == null ? 0 : container.cpu(),
        container.memory() == null ? 0 : container.memory(),
        ports(prefix, container.portMappings(), networkMode),
        config.labels(),
        stop == null || stop == 0 ? null : Duration.ofSeconds(stop),
        log(prefix, host, region),
        config.rest(),
        host.rest(),
        execEnabled(prefix, container.managedAgents()));
  }

  /// The one managed agent that ECS knows is this agent itself: nothing is put into the container.
  private static boolean execEnabled(String prefix, @Nullable List<ManagedAgent> agents)
      throws Unreadable {
    boolean enabled = false;
    if (agents != null) {
      for (ManagedAgent agent : agents) {
        if (!EXECUTE_COMMAND.equals(agent.name())) {
          throw new Unreadable(
              prefix + "managed agent " + agent.name() + " is not supported by this agent");
        }
        enabled = true;
      }
    }
    return enabled;
  }

  /// The payload's environment, and the region unless the task sets it. Amazon's agent also injects
  /// the metadata addresses; this one does not serve them yet and so does not name them.
  private static List<String> environment(@Nullable Map<String, String> given, String region) {
    Map<String, String> all = new LinkedHashMap<>();
    if (given != null) {
      all.putAll(given);
    }
    if (!all.containsKey(REGION) && !all.containsKey(DEFAULT_REGION)) {
      all.put(REGION, region);
      all.put(DEFAULT_REGION, region);
    }
    List<String> environment = new ArrayList<>();
    all.forEach((name, value) -> environment.add(name + "=" + value));
    return environment;
  }

  private static List<PublishedPort> ports(
      String prefix, @Nullable List<PortMapping> mappings, String networkMode) throws Unreadable {
    List<PublishedPort> ports = new ArrayList<>();
    if (mappings == null || networkMode.equals("none")) {
      return ports;
    }
    if (mappings.size() > MAX_PORT_MAPPINGS) {
      throw new Unreadable(prefix + "more than " + MAX_PORT_MAPPINGS + " port mappings");
    }
    for (PortMapping mapping : mappings) {
      if (mapping.containerPortRange() != null) {
        throw new Unreadable(prefix + "containerPortRange is not supported by this agent");
      }
      Integer containerPort = mapping.containerPort();
      int hostPort = mapping.hostPort() == null ? 0 : mapping.hostPort();
      if (containerPort == null
          || containerPort < 1
          || containerPort > MAX_PORT
          || hostPort < 0
          || hostPort > MAX_PORT) {
        throw new Unreadable(prefix + "a port is out of range");
      }
      String protocol = mapping.protocol() == null ? "tcp" : mapping.protocol();
      if (!protocol.equals("tcp") && !protocol.equals("udp")) {
        throw new Unreadable(prefix + "protocol " + protocol + " is not known");
      }
      ports.add(new PublishedPort(containerPort, hostPort, protocol, ""));
    }
    return ports;
  }

  private static LogPlan log(String prefix, EngineJson.HostConfig host, String region)
      throws Unreadable {
    String driver = host.logDriver();
    if (driver == null || driver.isEmpty()) {
      // Without limits the engine's own default fills the disk of a long-lived host.
      return new LogPlan.Engine("json-file", LogPlan.fileLimits());
    }
    SortedMap<String, String> options = new TreeMap<>(host.logOptions());
    if (!driver.equals("awslogs")) {
      return new LogPlan.Engine(driver, options);
    }
    String group = options.get("awslogs-group");
    if (group == null || group.isEmpty()) {
      throw new Unreadable(prefix + "awslogs-group is required by log driver awslogs");
    }
    try {
      return new LogPlan.Shipped(
          group,
          options.getOrDefault("awslogs-region", region),
          options.get("awslogs-stream"),
          options.get("awslogs-stream-prefix"),
          "true".equals(options.get("awslogs-create-group")),
          LogOptions.buffer(options),
          LogOptions.eventStart(options));
    } catch (IllegalArgumentException wrong) {
      throw new Unreadable(prefix + wrong.getMessage());
    }
  }

  private static String checked(String what, @Nullable String value, Pattern pattern)
      throws Unreadable {
    if (value == null || !pattern.matcher(value).matches()) {
      throw new Unreadable(what + " is missing or not valid");
    }
    return value;
  }

  private static void refuse(String what, @Nullable List<?> value) throws Unreadable {
    if (value != null && !value.isEmpty()) {
      throw new Unreadable(what + " is not supported by this agent");
    }
  }

  private static void refuseSet(String what, @Nullable Object value) throws Unreadable {
    if (value != null) {
      throw new Unreadable(what + " is not supported by this agent");
    }
  }

  private static void refuseText(String what, @Nullable String value) throws Unreadable {
    if (value != null && !value.isEmpty()) {
      throw new Unreadable(what + " is not supported by this agent");
    }
  }
}

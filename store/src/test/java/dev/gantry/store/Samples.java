package dev.gantry.store;

import dev.gantry.model.AccountSetting;
import dev.gantry.model.AccountSettingId;
import dev.gantry.model.Attribute;
import dev.gantry.model.CapacityProvider;
import dev.gantry.model.CapacityProvider.CapacityProviderStatus;
import dev.gantry.model.CapacityProvider.ManagedScaling;
import dev.gantry.model.CapacityProvider.UpdateStatus;
import dev.gantry.model.CapacityProviderId;
import dev.gantry.model.CapacityProviderStrategyItem;
import dev.gantry.model.ClientToken;
import dev.gantry.model.ClientTokenId;
import dev.gantry.model.Cluster;
import dev.gantry.model.ClusterId;
import dev.gantry.model.ContainerInstance;
import dev.gantry.model.ContainerInstance.ContainerInstanceStatus;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.ContainerStatus;
import dev.gantry.model.DesiredStatus;
import dev.gantry.model.Entity;
import dev.gantry.model.HostPort;
import dev.gantry.model.LaunchType;
import dev.gantry.model.LogGroup;
import dev.gantry.model.LogGroupId;
import dev.gantry.model.LogResourcePolicy;
import dev.gantry.model.LogResourcePolicyId;
import dev.gantry.model.LogStream;
import dev.gantry.model.LogStreamId;
import dev.gantry.model.ManagedAgent;
import dev.gantry.model.ManagedAgent.ManagedAgentStatus;
import dev.gantry.model.NetworkBinding;
import dev.gantry.model.PlatformDevice;
import dev.gantry.model.Resources;
import dev.gantry.model.Scope;
import dev.gantry.model.StopCode;
import dev.gantry.model.Tag;
import dev.gantry.model.Task;
import dev.gantry.model.TaskContainer;
import dev.gantry.model.TaskDefinition;
import dev.gantry.model.TaskDefinitionId;
import dev.gantry.model.TaskFamily;
import dev.gantry.model.TaskFamilyId;
import dev.gantry.model.TaskId;
import dev.gantry.model.TaskOrigin;
import dev.gantry.model.TaskStatus;
import dev.gantry.model.TaskStop;
import dev.gantry.model.TaskTimes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Records to test with.
public final class Samples {

  /// Any scope.
  public static final Scope SCOPE = new Scope("000000000000", "us-east-1");

  /// Any time, with nanoseconds.
  public static final Instant NOW = Instant.parse("2026-03-01T12:00:00.123456789Z");

  private Samples() {}

  /// 32 hexadecimal digits.
  public static String hex(int number) {
    return String.format("%032x", number);
  }

  /// An ACTIVE cluster.
  public static Cluster cluster(String name) {
    return new Cluster(
        new ClusterId(SCOPE, name),
        Cluster.ClusterStatus.ACTIVE,
        NOW,
        "{}",
        List.of("FARGATE"),
        List.of(new CapacityProviderStrategyItem("FARGATE", 1, 0)),
        List.of(new Tag("owner", "größe \uD83D\uDE80")),
        null);
  }

  /// An ACTIVE container instance.
  public static ContainerInstance instance(String cluster, int number) {
    return new ContainerInstance(
        new ContainerInstanceId(SCOPE, cluster, hex(number)),
        ContainerInstanceStatus.ACTIVE,
        null,
        List.of(new Attribute("ecs.os-type", "linux"), new Attribute("ecs.capability.x", "")),
        new Resources(4096, 8192, List.of(new HostPort(HostPort.Protocol.TCP, 22))),
        List.of(new PlatformDevice("GPU-0", "GPU")),
        "1.0",
        null,
        "20.10",
        NOW,
        List.of(),
        1000,
        1,
        null);
  }

  /// An ACTIVE revision whose document has about the size of a real one.
  public static TaskDefinition definition(String family, int revision) {
    return TaskDefinition.registered(
        new TaskDefinitionId(SCOPE, family, revision),
        NOW,
        "arn:aws:iam::000000000000:root",
        "{\"family\":\"" + family + "\",\"filler\":\"" + "x".repeat(900) + "\"}",
        List.of());
  }

  /// A task that runs on instance `number % 10` if `status` is past PENDING.
  public static Task task(String cluster, int number, TaskStatus status) {
    boolean stopped = status == TaskStatus.STOPPED;
    return new Task(
        new TaskId(SCOPE, cluster, hex(number)),
        new TaskDefinitionId(SCOPE, "family-" + number % 3, 1 + number % 2),
        status.compareTo(TaskStatus.PENDING) < 0
            ? null
            : new ContainerInstanceId(SCOPE, cluster, hex(number % 10)),
        new TaskOrigin(
            LaunchType.EC2,
            "family:family",
            number % 2 == 0 ? null : "somebody",
            "{}",
            number % 3 == 0 ? null : "token-" + number,
            number % 2 == 0 ? null : "spare",
            number % 4 == 0 ? null : "{}",
            number % 2 == 1),
        status,
        stopped ? DesiredStatus.STOPPED : DesiredStatus.RUNNING,
        List.of(
            new TaskContainer(
                "app",
                "0b1c2d3e-0000-0000-0000-000000000000",
                "gantry-hello:1",
                true,
                256,
                512,
                null,
                stopped ? ContainerStatus.STOPPED : ContainerStatus.RUNNING,
                stopped ? 3 : null,
                null,
                "f".repeat(64),
                "sha256:" + "0".repeat(64),
                List.of(new NetworkBinding("0.0.0.0", 80, 32768 + number % 1000, "tcp")),
                number % 2 == 1
                    ? List.of(
                        new ManagedAgent(
                            ManagedAgent.EXECUTE_COMMAND,
                            stopped ? ManagedAgentStatus.STOPPED : ManagedAgentStatus.RUNNING,
                            NOW,
                            number % 3 == 0 ? "a reason" : null))
                    : List.of())),
        new Resources(256, 512, List.of()),
        new TaskTimes(
            NOW, NOW, NOW, NOW, NOW, null, null, stopped ? NOW.plusSeconds(number) : null),
        stopped
            ? new TaskStop(
                StopCode.ESSENTIAL_CONTAINER_EXITED, "Essential container in task exited")
            : null,
        List.of(),
        number);
  }

  /// A stream of group `group`.
  public static LogStreamId stream(String group, String name) {
    return new LogStreamId(SCOPE, group, name);
  }

  /// At least one record of each kind, with and without what may be null.
  public static List<Entity> oneOfEach() {
    List<Entity> all = new ArrayList<>();
    all.add(cluster("default"));
    all.add(new TaskFamily(new TaskFamilyId(SCOPE, "hello"), 7));
    all.add(definition("hello", 7));
    all.add(instance("default", 1));
    for (TaskStatus status : TaskStatus.values()) {
      all.add(task("default", status.name().length() * 31 + status.name().charAt(0), status));
    }
    all.add(
        new ClientToken(
            new ClientTokenId(SCOPE, "default", "a|b|c"),
            "00ff",
            List.of(new TaskId(SCOPE, "default", hex(1)), new TaskId(SCOPE, "default", hex(2))),
            "[]",
            NOW));
    LogGroupId group = new LogGroupId(SCOPE, "/gantry/run");
    all.add(new LogGroup(group, NOW, 7, List.of(new Tag("a", "")), true));
    all.add(new LogGroup(new LogGroupId(SCOPE, "/gantry/other"), NOW, null, List.of(), false));
    all.add(
        new LogResourcePolicy(
            LogResourcePolicyId.ofAccount(SCOPE, "route53|x"), "route53|x", "{}", NOW, null));
    all.add(new LogResourcePolicy(LogResourcePolicyId.ofGroup(group), null, "{}", NOW, "r1"));
    all.add(
        new AccountSetting(
            new AccountSettingId(SCOPE, "containerInsights", "arn:aws:iam::000000000000:user/a|b"),
            "enabled"));
    all.add(
        new CapacityProvider(
            new CapacityProviderId(SCOPE, "spare"),
            CapacityProviderStatus.ACTIVE,
            "arn:aws:autoscaling:us-east-1:000000000000:autoScalingGroup:0b1c2d3e-0000-0000-0000-000000000000:autoScalingGroupName/hosts",
            new ManagedScaling(true, 90, 1, 10_000, 300),
            true,
            true,
            UpdateStatus.DELETE_FAILED,
            "in use",
            NOW,
            List.of(new Tag("a", "b")),
            null));
    all.add(
        new CapacityProvider(
            new CapacityProviderId(SCOPE, "gone"),
            CapacityProviderStatus.INACTIVE,
            "hosts",
            ManagedScaling.OFF,
            false,
            false,
            null,
            null,
            NOW,
            List.of(),
            NOW));
    all.add(new LogStream(stream("/gantry/run", "run/app/1|\u00e9\uD800\n"), NOW));
    return all;
  }
}

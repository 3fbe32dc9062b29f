package dev.gantry.agent;

import dev.gantry.api.acs.Container;
import dev.gantry.api.acs.DockerConfig;
import dev.gantry.api.acs.PortMapping;
import dev.gantry.api.acs.Task;
import dev.gantry.api.acs.TaskIdentifier;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Task objects as a control plane sends them.
final class Tasks {
  private Tasks() {}

  static Task task(String id, Container... containers) {
    return Task.builder()
        .arn(FakeWorld.arn(id))
        .taskClusterArn(FakeWorld.CLUSTER)
        .family("web")
        .version("3")
        .desiredStatus("RUNNING")
        .overrides("{}")
        .networkMode("bridge")
        .launchType("EC2")
        .containers(Arrays.asList(containers))
        .build();
  }

  static Task stop(String id) {
    return Task.builder()
        .arn(FakeWorld.arn(id))
        .taskClusterArn(FakeWorld.CLUSTER)
        .family("web")
        .version("3")
        .desiredStatus("STOPPED")
        .containers(List.of())
        .build();
  }

  static Container container(String name) {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("COLOR", "blue");
    return Container.builder()
        .name(name)
        .image("app:latest")
        .essential(true)
        .cpu(10)
        .memory(32)
        .environment(environment)
        .overrides("{\"command\":null}")
        .dockerConfig(DockerConfig.builder().version("1.17").config("{}").hostConfig("{}").build())
        .build();
  }

  static Container sidecar(String name) {
    return container(name).toBuilder().essential(false).build();
  }

  static Container published(String name, int containerPort, int hostPort) {
    return container(name).toBuilder()
        .portMappings(
            List.of(
                PortMapping.builder()
                    .containerPort(containerPort)
                    .hostPort(hostPort)
                    .protocol("tcp")
                    .build()))
        .build();
  }

  static Container logged(String name) {
    return withHostConfig(
        container(name),
        "{\"LogConfig\":{\"Type\":\"awslogs\",\"Config\":{\"awslogs-group\":\"/group\","
            + "\"awslogs-region\":\"us-east-1\",\"awslogs-stream-prefix\":\"pre\"}}}");
  }

  static Container withHostConfig(Container container, String hostConfig) {
    return container.toBuilder()
        .dockerConfig(
            DockerConfig.builder().version("1.17").config("{}").hostConfig(hostConfig).build())
        .build();
  }

  static TaskIdentifier identifier(String id, String desired) {
    return TaskIdentifier.builder()
        .taskArn(FakeWorld.arn(id))
        .taskClusterArn(FakeWorld.CLUSTER)
        .desiredStatus(desired)
        .build();
  }
}

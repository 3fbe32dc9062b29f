package dev.gantry.agent;

import dev.gantry.api.ecs.ContainerStateChange;
import dev.gantry.api.ecs.ManagedAgentStateChange;
import dev.gantry.api.ecs.NetworkBinding;
import dev.gantry.api.ecs.SubmitTaskStateChangeRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Spells a [TaskReport] as SubmitTaskStateChange has it (agent-protocol 4).
final class ReportMapping {

  private ReportMapping() {}

  static SubmitTaskStateChangeRequest request(String cluster, TaskPlan plan, TaskReport report) {
    List<ContainerStateChange> containers = new ArrayList<>();
    List<ManagedAgentStateChange> managed = new ArrayList<>();
    for (TaskReport.Entry entry : report.entries()) {
      ContainerPlan container = plan.containers().get(entry.container());
      if (container.execEnabled()) {
        // This agent is the one that runs commands, so it stands where the container does.
        managed.add(
            ManagedAgentStateChange.builder()
                .containerName(container.name())
                .managedAgentName(PayloadMapping.EXECUTE_COMMAND)
                .status(entry.status().name())
                .build());
      }
      containers.add(
          ContainerStateChange.builder()
              .containerName(container.name())
              .status(entry.status().name())
              .runtimeId(entry.runtimeId())
              .exitCode(entry.exitCode())
              .reason(entry.reason())
              .imageDigest(entry.imageDigest())
              .networkBindings(bindings(entry.bindings()))
              .build());
    }
    return SubmitTaskStateChangeRequest.builder()
        .cluster(cluster)
        .task(plan.arn())
        .status(report.status().name())
        // Always present, even if there is nothing to say.
        .reason("")
        .pullStartedAt(report.pullStartedAt())
        .pullStoppedAt(report.pullStoppedAt())
        .executionStoppedAt(report.executionStoppedAt())
        .containers(containers.isEmpty() ? null : containers)
        .managedAgents(managed.isEmpty() ? null : managed)
        .build();
  }

  private static @Nullable List<NetworkBinding> bindings(@Nullable List<PortBinding> bindings) {
    if (bindings == null) {
      return null;
    }
    List<NetworkBinding> all = new ArrayList<>();
    for (PortBinding binding : bindings) {
      all.add(
          NetworkBinding.builder()
              .bindIP(binding.bindIp())
              .containerPort(binding.containerPort())
              .hostPort(binding.hostPort())
              .protocol(binding.protocol())
              .build());
    }
    return all;
  }
}

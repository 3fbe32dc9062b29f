package dev.gantry.agent;

import java.util.SortedMap;
import java.util.TreeMap;

/// The labels that every container of ours carries: Amazon's, so that tools find what they know,
/// and the installation's, so that nothing else is ever touched.
final class Labels {
  static final String CLUSTER = "com.amazonaws.ecs.cluster";
  static final String CONTAINER_NAME = "com.amazonaws.ecs.container-name";
  static final String TASK_ARN = "com.amazonaws.ecs.task-arn";
  static final String FAMILY = "com.amazonaws.ecs.task-definition-family";
  static final String VERSION = "com.amazonaws.ecs.task-definition-version";
  static final String INSTALLATION = "dev.gantry.installation";

  private Labels() {}

  /// What all containers of this agent carry and no other's do: an installation may run an agent
  /// for each of several clusters.
  static SortedMap<String, String> own(AgentSettings settings) {
    SortedMap<String, String> labels = new TreeMap<>();
    labels.put(INSTALLATION, settings.installationId());
    labels.put(CLUSTER, settings.clusterName());
    return labels;
  }

  /// What one container carries beside the user's own labels.
  static SortedMap<String, String> of(AgentSettings settings, TaskPlan task, String container) {
    SortedMap<String, String> labels = own(settings);
    labels.put(CONTAINER_NAME, container);
    labels.put(TASK_ARN, task.arn());
    labels.put(FAMILY, task.family());
    labels.put(VERSION, task.version());
    return labels;
  }
}

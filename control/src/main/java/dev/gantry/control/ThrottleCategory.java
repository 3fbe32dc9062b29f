package dev.gantry.control;

import org.jspecify.annotations.Nullable;

/// The categories in which Amazon ECS counts calls, each with the size of its bucket and what flows
/// into it a second ("Request throttling for the Amazon ECS API", API Reference).
///
/// An operation that stands in none is not throttled, because AWS publishes no rate for it:
/// DiscoverPollEndpoint is one, and so is all of CloudWatch Logs.
enum ThrottleCategory {
  CLUSTER_MODIFY(20, 1),
  CLUSTER_READ(50, 20),
  TASK_DEFINITION_MODIFY(20, 1),
  TASK_DEFINITION_READ(50, 20),
  TASK_DEFINITION_DELETION(5, 1),
  CAPACITY_PROVIDER_MODIFY(10, 1),
  CAPACITY_PROVIDER_READ(50, 20),
  TAG_MODIFY(20, 10),
  TAG_READ(50, 20),
  SETTING_MODIFY(10, 1),
  SETTING_READ(50, 20),
  CLUSTER_RESOURCE_MODIFY(100, 40),
  CLUSTER_RESOURCE_READ(100, 20),
  AGENT_MODIFY(200, 120),
  SERVICE_MODIFY(50, 5),
  SERVICE_READ(100, 20),
  SERVICE_DEPLOYMENT(50, 20),
  SERVICE_REVISION(50, 20),
  TASK_PROTECTION(200, 80),
  CLUSTER_SERVICE_RESOURCE_READ(10, 1);

  private final int burst;
  private final int sustained;

  ThrottleCategory(int burst, int sustained) {
    this.burst = burst;
    this.sustained = sustained;
  }

  /// How many calls a full bucket holds.
  int burst() {
    return burst;
  }

  /// How many calls flow into it a second.
  int sustained() {
    return sustained;
  }

  /// The category of this operation of Amazon ECS, or null if it is not throttled.
  static @Nullable ThrottleCategory of(String operation) {
    return switch (operation) {
      case "CreateCluster",
          "DeleteCluster",
          "PutClusterCapacityProviders",
          "UpdateCluster",
          "UpdateClusterSettings" ->
          CLUSTER_MODIFY;
      case "DescribeClusters", "ListClusters" -> CLUSTER_READ;
      case "DeregisterTaskDefinition", "RegisterTaskDefinition" -> TASK_DEFINITION_MODIFY;
      case "DescribeTaskDefinition", "ListTaskDefinitions", "ListTaskDefinitionFamilies" ->
          TASK_DEFINITION_READ;
      case "DeleteTaskDefinitions" -> TASK_DEFINITION_DELETION;
      case "CreateCapacityProvider", "DeleteCapacityProvider", "UpdateCapacityProvider" ->
          CAPACITY_PROVIDER_MODIFY;
      case "DescribeCapacityProviders" -> CAPACITY_PROVIDER_READ;
      case "TagResource", "UntagResource" -> TAG_MODIFY;
      case "ListTagsForResource" -> TAG_READ;
      case "DeleteAccountSetting", "PutAccountSetting", "PutAccountSettingDefault" ->
          SETTING_MODIFY;
      case "ListAccountSettings" -> SETTING_READ;
      // The page writes UpdateContainerInstancesStates; there is no such operation.
      case "DeleteAttributes",
          "DeregisterContainerInstance",
          "ExecuteCommand",
          "PutAttributes",
          "RunTask",
          "StartTask",
          "StopTask",
          "UpdateContainerAgent",
          "UpdateContainerInstancesState" ->
          CLUSTER_RESOURCE_MODIFY;
      case "DescribeContainerInstances",
          "DescribeTasks",
          "ListAttributes",
          "ListContainerInstances",
          "ListTasks" ->
          CLUSTER_RESOURCE_READ;
      case "RegisterContainerInstance",
          "SubmitAttachmentStateChanges",
          "SubmitContainerStateChange",
          "SubmitTaskStateChange" ->
          AGENT_MODIFY;
      case "CreateService", "DeleteService", "UpdateService" -> SERVICE_MODIFY;
      case "DescribeServices", "ListServices" -> SERVICE_READ;
      case "DescribeServiceDeployments", "ListServiceDeployments" -> SERVICE_DEPLOYMENT;
      case "DescribeServiceRevisions" -> SERVICE_REVISION;
      case "UpdateTaskProtection", "GetTaskProtection" -> TASK_PROTECTION;
      case "ListServicesByNamespace" -> CLUSTER_SERVICE_RESOURCE_READ;
      default -> null;
    };
  }
}

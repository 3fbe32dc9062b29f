package dev.gantry.control.ecs;

/// How much of each resource there may be, in one place. On AWS the quotas belong to an account in
/// a region; here they belong to the installation. Which of them may be set is the business of
/// [dev.gantry.control.AdjustableQuota].
///
/// @param clusters the most ACTIVE clusters of an account in a region
/// @param containerInstancesPerCluster the most ACTIVE and DRAINING container instances of a
///   cluster
/// @param capacityProvidersPerCluster the most capacity providers of a cluster
/// @param tasksPerCall the most tasks of one RunTask, and the most instances of one StartTask
/// @param containersPerDefinition the most containers of one task definition
/// @param definitionBytes the largest task definition, in bytes of its kept form
/// @param revisionsPerFamily how many revisions a family can ever have; deleted ones count
/// @param definitionsPerDelete the most revisions of one DeleteTaskDefinitions
/// @param tasksPerDescribe the most tasks of one DescribeTasks
/// @param provisioningTasksPerCluster the most tasks of a cluster that wait in PROVISIONING
/// @param capacityProviders the most ACTIVE capacity providers of an account in a region; Amazon
///   names no number
public record Quotas(
    int clusters,
    int containerInstancesPerCluster,
    int capacityProvidersPerCluster,
    int tasksPerCall,
    int containersPerDefinition,
    int definitionBytes,
    int revisionsPerFamily,
    int definitionsPerDelete,
    int tasksPerDescribe,
    int provisioningTasksPerCluster,
    int capacityProviders) {

  /// What AWS grants everybody (Amazon ECS service quotas, and the limits that the API Reference
  /// states with each operation).
  public static final Quotas DEFAULTS =
      new Quotas(10_000, 5_000, 20, 10, 10, 64 * 1024, 1_000_000, 10, 100, 500, 1_000);

  /// @throws IllegalArgumentException if a quota is not positive
  public Quotas {
    if (clusters < 1
        || containerInstancesPerCluster < 1
        || capacityProvidersPerCluster < 1
        || tasksPerCall < 1
        || containersPerDefinition < 1
        || definitionBytes < 1
        || revisionsPerFamily < 1
        || definitionsPerDelete < 1
        || tasksPerDescribe < 1
        || provisioningTasksPerCluster < 1
        || capacityProviders < 1) {
      throw new IllegalArgumentException("a quota of nothing allows nothing");
    }
  }

  /// These quotas with another number of clusters.
  public Quotas withClusters(int most) {
    return new Quotas(
        most,
        containerInstancesPerCluster,
        capacityProvidersPerCluster,
        tasksPerCall,
        containersPerDefinition,
        definitionBytes,
        revisionsPerFamily,
        definitionsPerDelete,
        tasksPerDescribe,
        provisioningTasksPerCluster,
        capacityProviders);
  }
}

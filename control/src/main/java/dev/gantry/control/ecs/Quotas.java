package dev.gantry.control.ecs;

/// The quotas of tasks and task definitions, in one place. On AWS they belong to an account in a
/// region and can partly be raised; here they belong to the installation.
///
/// @param tasksPerCall the most tasks of one RunTask, and the most instances of one StartTask
/// @param containersPerDefinition the most containers of one task definition
/// @param definitionBytes the largest task definition, in bytes of its kept form
/// @param revisionsPerFamily how many revisions a family can ever have; deleted ones count
/// @param definitionsPerDelete the most revisions of one DeleteTaskDefinitions
/// @param tasksPerDescribe the most tasks of one DescribeTasks
public record Quotas(
    int tasksPerCall,
    int containersPerDefinition,
    int definitionBytes,
    int revisionsPerFamily,
    int definitionsPerDelete,
    int tasksPerDescribe) {

  /// What AWS grants everybody (Amazon ECS service quotas, and the limits that the API Reference
  /// states with each operation).
  public static final Quotas DEFAULTS = new Quotas(10, 10, 64 * 1024, 1_000_000, 10, 100);

  /// @throws IllegalArgumentException if a quota is not positive
  public Quotas {
    if (tasksPerCall < 1
        || containersPerDefinition < 1
        || definitionBytes < 1
        || revisionsPerFamily < 1
        || definitionsPerDelete < 1
        || tasksPerDescribe < 1) {
      throw new IllegalArgumentException("a quota of nothing allows nothing");
    }
  }
}

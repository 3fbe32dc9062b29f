package dev.gantry.model;

/// The kinds of entity that State holds. The name is stored: a constant is never renamed.
public enum EntityKind {
  CLUSTER,
  TASK_FAMILY,
  TASK_DEFINITION,
  CONTAINER_INSTANCE,
  TASK,
  CLIENT_TOKEN,
  LOG_GROUP,
  LOG_STREAM,
  LOG_RESOURCE_POLICY,
  ACCOUNT_SETTING,
  CAPACITY_PROVIDER
}

package dev.gantry.store;

import dev.gantry.model.AccountSetting;
import dev.gantry.model.AccountSettingId;
import dev.gantry.model.CapacityProvider;
import dev.gantry.model.CapacityProviderId;
import dev.gantry.model.ClientToken;
import dev.gantry.model.ClientTokenId;
import dev.gantry.model.Cluster;
import dev.gantry.model.ClusterId;
import dev.gantry.model.ContainerInstance;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.Entity;
import dev.gantry.model.EntityId;
import dev.gantry.model.EntityKind;
import dev.gantry.model.LogGroup;
import dev.gantry.model.LogGroupId;
import dev.gantry.model.LogResourcePolicy;
import dev.gantry.model.LogResourcePolicyId;
import dev.gantry.model.LogStream;
import dev.gantry.model.LogStreamId;
import dev.gantry.model.Task;
import dev.gantry.model.TaskDefinition;
import dev.gantry.model.TaskDefinitionId;
import dev.gantry.model.TaskFamily;
import dev.gantry.model.TaskFamilyId;
import dev.gantry.model.TaskId;

/// An [EntityKind] together with the types of its ids and records, which an enum constant cannot
/// carry.
///
/// @param name the kind
/// @param idType the type of its ids
/// @param type the type of its records
/// @param <I> the ids
/// @param <E> the records
public record Kind<I extends EntityId, E extends Entity>(
    EntityKind name, Class<I> idType, Class<E> type) {

  /// Clusters.
  public static final Kind<ClusterId, Cluster> CLUSTER =
      new Kind<>(EntityKind.CLUSTER, ClusterId.class, Cluster.class);

  /// Families of task definitions.
  public static final Kind<TaskFamilyId, TaskFamily> TASK_FAMILY =
      new Kind<>(EntityKind.TASK_FAMILY, TaskFamilyId.class, TaskFamily.class);

  /// Revisions of task definitions.
  public static final Kind<TaskDefinitionId, TaskDefinition> TASK_DEFINITION =
      new Kind<>(EntityKind.TASK_DEFINITION, TaskDefinitionId.class, TaskDefinition.class);

  /// Container instances.
  public static final Kind<ContainerInstanceId, ContainerInstance> CONTAINER_INSTANCE =
      new Kind<>(EntityKind.CONTAINER_INSTANCE, ContainerInstanceId.class, ContainerInstance.class);

  /// Tasks.
  public static final Kind<TaskId, Task> TASK =
      new Kind<>(EntityKind.TASK, TaskId.class, Task.class);

  /// Remembered idempotent requests.
  public static final Kind<ClientTokenId, ClientToken> CLIENT_TOKEN =
      new Kind<>(EntityKind.CLIENT_TOKEN, ClientTokenId.class, ClientToken.class);

  /// Log groups.
  public static final Kind<LogGroupId, LogGroup> LOG_GROUP =
      new Kind<>(EntityKind.LOG_GROUP, LogGroupId.class, LogGroup.class);

  /// Log streams.
  public static final Kind<LogStreamId, LogStream> LOG_STREAM =
      new Kind<>(EntityKind.LOG_STREAM, LogStreamId.class, LogStream.class);

  /// Resource policies of CloudWatch Logs.
  public static final Kind<LogResourcePolicyId, LogResourcePolicy> LOG_RESOURCE_POLICY =
      new Kind<>(
          EntityKind.LOG_RESOURCE_POLICY, LogResourcePolicyId.class, LogResourcePolicy.class);

  /// Account settings.
  public static final Kind<AccountSettingId, AccountSetting> ACCOUNT_SETTING =
      new Kind<>(EntityKind.ACCOUNT_SETTING, AccountSettingId.class, AccountSetting.class);

  /// Capacity providers.
  public static final Kind<CapacityProviderId, CapacityProvider> CAPACITY_PROVIDER =
      new Kind<>(EntityKind.CAPACITY_PROVIDER, CapacityProviderId.class, CapacityProvider.class);

  /// The types that go with a kind. A new kind fails to compile here until it has its constant.
  public static Kind<?, ?> of(EntityKind name) {
    return switch (name) {
      case CLUSTER -> CLUSTER;
      case TASK_FAMILY -> TASK_FAMILY;
      case TASK_DEFINITION -> TASK_DEFINITION;
      case CONTAINER_INSTANCE -> CONTAINER_INSTANCE;
      case TASK -> TASK;
      case CLIENT_TOKEN -> CLIENT_TOKEN;
      case LOG_GROUP -> LOG_GROUP;
      case LOG_STREAM -> LOG_STREAM;
      case LOG_RESOURCE_POLICY -> LOG_RESOURCE_POLICY;
      case ACCOUNT_SETTING -> ACCOUNT_SETTING;
      case CAPACITY_PROVIDER -> CAPACITY_PROVIDER;
    };
  }
}

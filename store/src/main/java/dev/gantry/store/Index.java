package dev.gantry.store;

import dev.gantry.model.CapacityProvider;
import dev.gantry.model.CapacityProviderId;
import dev.gantry.model.ClientToken;
import dev.gantry.model.ClientTokenId;
import dev.gantry.model.Cluster;
import dev.gantry.model.ClusterId;
import dev.gantry.model.ContainerInstance;
import dev.gantry.model.ContainerInstance.ContainerInstanceStatus;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.DesiredStatus;
import dev.gantry.model.Entity;
import dev.gantry.model.EntityId;
import dev.gantry.model.LogGroup;
import dev.gantry.model.LogGroupId;
import dev.gantry.model.LogResourcePolicy;
import dev.gantry.model.LogResourcePolicyId;
import dev.gantry.model.LogStream;
import dev.gantry.model.LogStreamId;
import dev.gantry.model.Scope;
import dev.gantry.model.Task;
import dev.gantry.model.TaskDefinition;
import dev.gantry.model.TaskDefinition.TaskDefinitionStatus;
import dev.gantry.model.TaskDefinitionId;
import dev.gantry.model.TaskFamily;
import dev.gantry.model.TaskFamilyId;
import dev.gantry.model.TaskId;
import dev.gantry.model.TaskStatus;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A secondary index of [State]: it puts the records of one kind into groups and keeps each group
/// in the order of its ids. This class is the whole table of them; a new index is one constant here
/// and one word in [Name].
///
/// An index is derived and never stored: changing this table needs no migration. It costs each put
/// of its kind a comparison of two group keys, and a put whose group stays the same nothing more.
///
/// @param <G> what a group is named by
/// @param <I> the ids in it
/// @param <E> the records they name
public final class Index<G extends Comparable<? super G>, I extends EntityId, E extends Entity> {

  /// Clusters of an account in a region, in the order of their names.
  public static final Index<Scope, ClusterId, Cluster> CLUSTERS =
      new Index<>(Name.CLUSTERS, Kind.CLUSTER, cluster -> cluster.id().scope());

  /// Deleted clusters by when that was: the first group is the next to be forgotten.
  public static final Index<Instant, ClusterId, Cluster> CLUSTERS_BY_INACTIVE_SINCE =
      new Index<>(Name.CLUSTERS_BY_INACTIVE_SINCE, Kind.CLUSTER, Cluster::inactiveSince);

  /// Capacity providers of an account in a region, in the order of their names.
  public static final Index<Scope, CapacityProviderId, CapacityProvider> CAPACITY_PROVIDERS =
      new Index<>(
          Name.CAPACITY_PROVIDERS, Kind.CAPACITY_PROVIDER, provider -> provider.id().scope());

  /// Deleted capacity providers by when that was: the first group is the next to be forgotten.
  public static final Index<Instant, CapacityProviderId, CapacityProvider>
      CAPACITY_PROVIDERS_BY_INACTIVE_SINCE =
          new Index<>(
              Name.CAPACITY_PROVIDERS_BY_INACTIVE_SINCE,
              Kind.CAPACITY_PROVIDER,
              CapacityProvider::inactiveSince);

  /// Families of an account in a region, in the order of their names.
  public static final Index<Scope, TaskFamilyId, TaskFamily> TASK_FAMILIES =
      new Index<>(Name.TASK_FAMILIES, Kind.TASK_FAMILY, family -> family.id().scope());

  /// Task definitions of an account in a region by their status, in the order of family and
  /// revision.
  public static final Index<Pair<Scope, TaskDefinitionStatus>, TaskDefinitionId, TaskDefinition>
      TASK_DEFINITIONS_BY_STATUS =
          new Index<>(
              Name.TASK_DEFINITIONS_BY_STATUS,
              Kind.TASK_DEFINITION,
              definition -> new Pair<>(definition.id().scope(), definition.status()));

  /// Task definitions of a family by their status, in the order of their revisions: the last of the
  /// ACTIVE ones is what the family's name alone means.
  public static final Index<
          Pair<TaskFamilyId, TaskDefinitionStatus>, TaskDefinitionId, TaskDefinition>
      TASK_DEFINITIONS_BY_FAMILY =
          new Index<>(
              Name.TASK_DEFINITIONS_BY_FAMILY,
              Kind.TASK_DEFINITION,
              definition -> new Pair<>(definition.id().familyId(), definition.status()));

  /// Task definitions that are to go, by when to look whether they can: the first group is next.
  public static final Index<Instant, TaskDefinitionId, TaskDefinition>
      TASK_DEFINITIONS_BY_REMOVABLE_AT =
          new Index<>(
              Name.TASK_DEFINITIONS_BY_REMOVABLE_AT,
              Kind.TASK_DEFINITION,
              TaskDefinition::removableAt);

  /// Container instances of a cluster by their status.
  public static final Index<
          Pair<ClusterId, ContainerInstanceStatus>, ContainerInstanceId, ContainerInstance>
      CONTAINER_INSTANCES =
          new Index<>(
              Name.CONTAINER_INSTANCES,
              Kind.CONTAINER_INSTANCE,
              instance -> new Pair<>(instance.id().clusterId(), instance.status()));

  /// Container instances that are members of a cluster, ACTIVE and DRAINING alike.
  public static final Index<ClusterId, ContainerInstanceId, ContainerInstance>
      MEMBER_CONTAINER_INSTANCES =
          new Index<>(
              Name.MEMBER_CONTAINER_INSTANCES,
              Kind.CONTAINER_INSTANCE,
              instance -> instance.isMember() ? instance.id().clusterId() : null);

  /// Deregistered container instances by when that was: the first group is the next to be
  /// forgotten.
  public static final Index<Instant, ContainerInstanceId, ContainerInstance>
      CONTAINER_INSTANCES_BY_INACTIVE_SINCE =
          new Index<>(
              Name.CONTAINER_INSTANCES_BY_INACTIVE_SINCE,
              Kind.CONTAINER_INSTANCE,
              ContainerInstance::inactiveSince);

  /// Tasks of a cluster by what they are wanted to be.
  public static final Index<Pair<ClusterId, DesiredStatus>, TaskId, Task> TASKS_BY_DESIRED_STATUS =
      new Index<>(
          Name.TASKS_BY_DESIRED_STATUS,
          Kind.TASK,
          task -> new Pair<>(task.id().clusterId(), task.desiredStatus()));

  /// Tasks of a cluster by where they stand. The sizes of its groups are the cluster's counts.
  public static final Index<Pair<ClusterId, TaskStatus>, TaskId, Task> TASKS_BY_LAST_STATUS =
      new Index<>(
          Name.TASKS_BY_LAST_STATUS,
          Kind.TASK,
          task -> new Pair<>(task.id().clusterId(), task.lastStatus()));

  /// Tasks of a cluster that have no container instance and are not STOPPED: those that wait for
  /// one, and those that were stopped while they waited.
  public static final Index<ClusterId, TaskId, Task> UNPLACED_TASKS =
      new Index<>(
          Name.UNPLACED_TASKS,
          Kind.TASK,
          task ->
              task.containerInstance() == null && task.lastStatus() != TaskStatus.STOPPED
                  ? task.id().clusterId()
                  : null);

  /// Tasks of a cluster that were started by a capacity provider and are not STOPPED.
  public static final Index<ClusterId, TaskId, Task> LIVE_PROVIDER_TASKS =
      new Index<>(
          Name.LIVE_PROVIDER_TASKS,
          Kind.TASK,
          task ->
              task.origin().capacityProvider() != null && task.lastStatus() != TaskStatus.STOPPED
                  ? task.id().clusterId()
                  : null);

  /// All tasks that were ever placed on a container instance, the STOPPED ones too as long as they
  /// are remembered.
  public static final Index<ContainerInstanceId, TaskId, Task> TASKS_BY_CONTAINER_INSTANCE =
      new Index<>(Name.TASKS_BY_CONTAINER_INSTANCE, Kind.TASK, Task::containerInstance);

  /// Tasks on a container instance that are not STOPPED: what takes of its resources.
  public static final Index<ContainerInstanceId, TaskId, Task> LIVE_TASKS_BY_CONTAINER_INSTANCE =
      new Index<>(
          Name.LIVE_TASKS_BY_CONTAINER_INSTANCE,
          Kind.TASK,
          task -> task.lastStatus() == TaskStatus.STOPPED ? null : task.containerInstance());

  /// Tasks by the revision they were started from, the STOPPED ones too as long as they are
  /// remembered.
  public static final Index<TaskDefinitionId, TaskId, Task> TASKS_BY_TASK_DEFINITION =
      new Index<>(Name.TASKS_BY_TASK_DEFINITION, Kind.TASK, Task::taskDefinition);

  /// Tasks of a cluster by the family of their definition.
  public static final Index<Pair<ClusterId, String>, TaskId, Task> TASKS_BY_FAMILY =
      new Index<>(
          Name.TASKS_BY_FAMILY,
          Kind.TASK,
          task -> new Pair<>(task.id().clusterId(), task.taskDefinition().family()));

  /// Tasks of a cluster by who started them.
  public static final Index<Pair<ClusterId, String>, TaskId, Task> TASKS_BY_STARTED_BY =
      new Index<>(
          Name.TASKS_BY_STARTED_BY,
          Kind.TASK,
          task -> {
            String startedBy = task.origin().startedBy();
            return startedBy == null ? null : new Pair<>(task.id().clusterId(), startedBy);
          });

  /// Stopped tasks by when that was: the first group is the next to be forgotten.
  public static final Index<Instant, TaskId, Task> TASKS_BY_STOPPED_AT =
      new Index<>(Name.TASKS_BY_STOPPED_AT, Kind.TASK, task -> task.times().stoppedAt());

  /// Client tokens by when they are free again at the latest: the first group is next.
  public static final Index<Instant, ClientTokenId, ClientToken> CLIENT_TOKENS_BY_LATEST_END =
      new Index<>(Name.CLIENT_TOKENS_BY_LATEST_END, Kind.CLIENT_TOKEN, ClientToken::latestEnd);

  /// Log groups of an account in a region, in the order of their names.
  public static final Index<Scope, LogGroupId, LogGroup> LOG_GROUPS =
      new Index<>(Name.LOG_GROUPS, Kind.LOG_GROUP, group -> group.id().scope());

  /// Log streams of a group, in the order of their names.
  public static final Index<LogGroupId, LogStreamId, LogStream> LOG_STREAMS =
      new Index<>(Name.LOG_STREAMS, Kind.LOG_STREAM, stream -> stream.id().groupId());

  /// Resource policies of an account in a region: those of the account in the order of their names,
  /// then those of log groups.
  public static final Index<Scope, LogResourcePolicyId, LogResourcePolicy> LOG_RESOURCE_POLICIES =
      new Index<>(
          Name.LOG_RESOURCE_POLICIES, Kind.LOG_RESOURCE_POLICY, policy -> policy.id().scope());

  /// Every index.
  static final List<Index<?, ?, ?>> ALL =
      Arrays.stream(Name.values()).<Index<?, ?, ?>>map(Index::named).toList();

  private final Name name;
  private final Kind<I, E> kind;
  private final Function<E, @Nullable G> group;

  private Index(Name name, Kind<I, E> kind, Function<E, @Nullable G> group) {
    this.name = name;
    this.kind = kind;
    this.group = group;
  }

  private static Index<?, ?, ?> named(Name name) {
    return switch (name) {
      case CLUSTERS -> CLUSTERS;
      case CLUSTERS_BY_INACTIVE_SINCE -> CLUSTERS_BY_INACTIVE_SINCE;
      case CAPACITY_PROVIDERS -> CAPACITY_PROVIDERS;
      case CAPACITY_PROVIDERS_BY_INACTIVE_SINCE -> CAPACITY_PROVIDERS_BY_INACTIVE_SINCE;
      case TASK_FAMILIES -> TASK_FAMILIES;
      case TASK_DEFINITIONS_BY_STATUS -> TASK_DEFINITIONS_BY_STATUS;
      case TASK_DEFINITIONS_BY_FAMILY -> TASK_DEFINITIONS_BY_FAMILY;
      case TASK_DEFINITIONS_BY_REMOVABLE_AT -> TASK_DEFINITIONS_BY_REMOVABLE_AT;
      case CONTAINER_INSTANCES -> CONTAINER_INSTANCES;
      case MEMBER_CONTAINER_INSTANCES -> MEMBER_CONTAINER_INSTANCES;
      case CONTAINER_INSTANCES_BY_INACTIVE_SINCE -> CONTAINER_INSTANCES_BY_INACTIVE_SINCE;
      case TASKS_BY_DESIRED_STATUS -> TASKS_BY_DESIRED_STATUS;
      case TASKS_BY_LAST_STATUS -> TASKS_BY_LAST_STATUS;
      case UNPLACED_TASKS -> UNPLACED_TASKS;
      case LIVE_PROVIDER_TASKS -> LIVE_PROVIDER_TASKS;
      case TASKS_BY_CONTAINER_INSTANCE -> TASKS_BY_CONTAINER_INSTANCE;
      case LIVE_TASKS_BY_CONTAINER_INSTANCE -> LIVE_TASKS_BY_CONTAINER_INSTANCE;
      case TASKS_BY_TASK_DEFINITION -> TASKS_BY_TASK_DEFINITION;
      case TASKS_BY_FAMILY -> TASKS_BY_FAMILY;
      case TASKS_BY_STARTED_BY -> TASKS_BY_STARTED_BY;
      case TASKS_BY_STOPPED_AT -> TASKS_BY_STOPPED_AT;
      case CLIENT_TOKENS_BY_LATEST_END -> CLIENT_TOKENS_BY_LATEST_END;
      case LOG_GROUPS -> LOG_GROUPS;
      case LOG_STREAMS -> LOG_STREAMS;
      case LOG_RESOURCE_POLICIES -> LOG_RESOURCE_POLICIES;
    };
  }

  /// The names of the indexes.
  enum Name {
    CLUSTERS,
    CLUSTERS_BY_INACTIVE_SINCE,
    CAPACITY_PROVIDERS,
    CAPACITY_PROVIDERS_BY_INACTIVE_SINCE,
    TASK_FAMILIES,
    TASK_DEFINITIONS_BY_STATUS,
    TASK_DEFINITIONS_BY_FAMILY,
    TASK_DEFINITIONS_BY_REMOVABLE_AT,
    CONTAINER_INSTANCES,
    MEMBER_CONTAINER_INSTANCES,
    CONTAINER_INSTANCES_BY_INACTIVE_SINCE,
    TASKS_BY_DESIRED_STATUS,
    TASKS_BY_LAST_STATUS,
    UNPLACED_TASKS,
    LIVE_PROVIDER_TASKS,
    TASKS_BY_CONTAINER_INSTANCE,
    LIVE_TASKS_BY_CONTAINER_INSTANCE,
    TASKS_BY_TASK_DEFINITION,
    TASKS_BY_FAMILY,
    TASKS_BY_STARTED_BY,
    TASKS_BY_STOPPED_AT,
    CLIENT_TOKENS_BY_LATEST_END,
    LOG_GROUPS,
    LOG_STREAMS,
    LOG_RESOURCE_POLICIES
  }

  /// Its name, by which State keeps its groups.
  Name name() {
    return name;
  }

  /// What it is an index of.
  Kind<I, E> kind() {
    return kind;
  }

  /// The group a record belongs to, or null if it is not in this index.
  @Nullable G groupOf(Entity record) {
    return group.apply(kind.type().cast(record));
  }

  @Override
  public String toString() {
    return name.name();
  }
}

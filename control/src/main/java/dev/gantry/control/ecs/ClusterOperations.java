package dev.gantry.control.ecs;

import dev.gantry.api.ecs.Cluster;
import dev.gantry.api.ecs.ClusterSetting;
import dev.gantry.api.ecs.CreateClusterRequest;
import dev.gantry.api.ecs.CreateClusterResponse;
import dev.gantry.api.ecs.DeleteClusterRequest;
import dev.gantry.api.ecs.DeleteClusterResponse;
import dev.gantry.api.ecs.DescribeClustersRequest;
import dev.gantry.api.ecs.DescribeClustersResponse;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.Failure;
import dev.gantry.api.ecs.KeyValuePair;
import dev.gantry.api.ecs.ListClustersRequest;
import dev.gantry.api.ecs.ListClustersResponse;
import dev.gantry.api.ecs.PutClusterCapacityProvidersRequest;
import dev.gantry.api.ecs.PutClusterCapacityProvidersResponse;
import dev.gantry.api.ecs.UpdateClusterRequest;
import dev.gantry.api.ecs.UpdateClusterResponse;
import dev.gantry.api.ecs.UpdateClusterSettingsRequest;
import dev.gantry.api.ecs.UpdateClusterSettingsResponse;
import dev.gantry.control.Context;
import dev.gantry.control.Decision;
import dev.gantry.control.Head;
import dev.gantry.control.OperationTable;
import dev.gantry.control.Snapshot;
import dev.gantry.model.CapacityProviderStrategyItem;
import dev.gantry.model.Change;
import dev.gantry.model.ClientTokenId;
import dev.gantry.model.Cluster.ClusterStatus;
import dev.gantry.model.ClusterId;
import dev.gantry.model.Scope;
import dev.gantry.model.Tag;
import dev.gantry.model.Task;
import dev.gantry.model.TaskStatus;
import dev.gantry.store.Group;
import dev.gantry.store.Index;
import dev.gantry.store.State;
import dev.gantry.wire.shape.ServiceException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Clusters: CreateCluster, DescribeClusters, ListClusters, UpdateCluster, UpdateClusterSettings,
/// PutClusterCapacityProviders, DeleteCluster.
///
/// What is shown when, the order of the statistics, and the texts that say so are as Amazon ECS
/// answered in September 2026 (github.com/radkawar/stackd, testdata/aws/ecs/controls.json): create
/// shows tags, settings and configuration; updates show settings, configuration and attachments;
/// delete shows settings and configuration; none of them shows statistics.
public final class ClusterOperations {
  /// The most clusters one DescribeClusters names (API Reference, DescribeClusters).
  static final int MAX_DESCRIBED = 100;

  // The parts of a cluster that are shown when they are asked for.
  private static final String ATTACHMENTS = "ATTACHMENTS";
  private static final String CONFIGURATIONS = "CONFIGURATIONS";
  private static final String SETTINGS = "SETTINGS";
  private static final String STATISTICS = "STATISTICS";
  private static final String TAGS = "TAGS";

  // What a capacity provider needs of others is in place at once: nothing is attached for it.
  private static final String UPDATE_COMPLETE = "UPDATE_COMPLETE";

  private static final List<String> CREATED = List.of(CONFIGURATIONS, SETTINGS, TAGS);
  private static final List<String> UPDATED = List.of(ATTACHMENTS, CONFIGURATIONS, SETTINGS);
  private static final List<String> DELETED = List.of(CONFIGURATIONS, SETTINGS);

  private final Quotas quotas;

  private ClusterOperations(Quotas quotas) {
    this.quotas = quotas;
  }

  /// Registers the operations.
  public static void register(OperationTable table, Quotas quotas) {
    ClusterOperations operations = new ClusterOperations(quotas);
    table.command(Ecs.CREATE_CLUSTER, operations::create);
    table.query(Ecs.DESCRIBE_CLUSTERS, ClusterOperations::describe);
    table.query(Ecs.LIST_CLUSTERS, ClusterOperations::list);
    table.command(Ecs.UPDATE_CLUSTER, ClusterOperations::update);
    table.command(Ecs.UPDATE_CLUSTER_SETTINGS, ClusterOperations::updateSettings);
    table.command(Ecs.PUT_CLUSTER_CAPACITY_PROVIDERS, operations::putCapacityProviders);
    table.command(Ecs.DELETE_CLUSTER, ClusterOperations::delete);
  }

  private Decision<CreateClusterResponse> create(
      Head head, CreateClusterRequest input, Context context) {
    State state = head.state();
    Scope scope = context.scope();
    String name = Objects.requireNonNullElse(input.clusterName(), EcsIds.DEFAULT_CLUSTER);
    if (!EcsIds.isName(name)) {
      throw EcsErrors.invalidParameterException("Identifier contains invalid characters");
    }
    Refusals refusals = new Refusals();
    refusals.unlessAbsent(input.serviceConnectDefaults(), "serviceConnectDefaults");
    refusals.check("CreateCluster");
    List<Tag> tags = Tags.read(input.tags());
    List<ClusterSetting> settings = ClusterDocument.read(input.settings());
    ClusterDocument.check(input.configuration());
    ClusterId id = new ClusterId(scope, name);
    List<String> providers =
        CapacityProviders.read(
            state, id, input.capacityProviders(), quotas.capacityProvidersPerCluster());
    List<CapacityProviderStrategyItem> strategy =
        CapacityProviders.strategy(
            state, scope, input.defaultCapacityProviderStrategy(), providers);
    dev.gantry.model.Cluster existing = state.cluster(id);
    if (existing != null && existing.status() == ClusterStatus.ACTIVE) {
      ClusterDocument kept = ClusterDocument.of(existing);
      // Only what the request says is compared: a bare one fits every cluster.
      if ((input.tags() != null && !sameTags(tags, existing.tags()))
          || (settings != null && !settings.equals(kept.settings()))
          || (input.configuration() != null && !input.configuration().equals(kept.configuration()))
          || (input.capacityProviders() != null && !providers.equals(existing.capacityProviders()))
          || (input.defaultCapacityProviderStrategy() != null
              && !strategy.equals(existing.defaultCapacityProviderStrategy()))) {
        throw EcsErrors.invalidParameterException(
            "Arguments on this idempotent request are inconsistent with arguments used in previous"
                + " request(s).");
      }
      return Decision.answer(
          CreateClusterResponse.builder().cluster(show(state, existing, CREATED)).build());
    }
    requireRoom(state, scope);
    ClusterDocument document =
        new ClusterDocument(
            settings != null
                ? settings
                : ClusterDocument.settings(
                    AccountSettings.effective(
                        state,
                        scope,
                        AccountSettings.rule(AccountSettings.CONTAINER_INSIGHTS),
                        AccountSettings.principal(scope, context.principal().arn()))),
            input.configuration());
    dev.gantry.model.Cluster cluster =
        new dev.gantry.model.Cluster(
            id,
            ClusterStatus.ACTIVE,
            context.now(),
            document.encode(),
            providers,
            strategy,
            tags,
            null);
    List<Change> changes = forgetTasks(state, id);
    changes.add(new Change.Put(cluster));
    return new Decision<>(
        changes, CreateClusterResponse.builder().cluster(show(state, cluster, CREATED)).build());
  }

  /// What goes with a deleted cluster when another gets its name: its stopped tasks, which are not
  /// the new one's (DescribeTasks, API Reference), and the client tokens of their calls. A deleted
  /// cluster has no other tasks, and these were remembered for an hour at most.
  private static List<Change> forgetTasks(State state, ClusterId id) {
    List<Change> changes = new ArrayList<>();
    Set<ClientTokenId> tokens = new LinkedHashSet<>();
    for (Task task : state.group(Index.TASKS_BY_LAST_STATUS, id, TaskStatus.STOPPED)) {
      changes.add(new Change.Remove(task.id()));
      ClientTokenId token = task.origin().clientToken(id);
      if (token != null && state.clientToken(token) != null && tokens.add(token)) {
        changes.add(new Change.Remove(token));
      }
    }
    return changes;
  }

  private static boolean sameTags(List<Tag> some, List<Tag> others) {
    return some.size() == others.size() && others.containsAll(some);
  }

  /// Deleted clusters are remembered, but do not count.
  private void requireRoom(State state, Scope scope) {
    Group<ClusterId, dev.gantry.model.Cluster> all = state.group(Index.CLUSTERS, scope);
    if (all.size() < quotas.clusters()) {
      return;
    }
    int active = 0;
    for (dev.gantry.model.Cluster cluster : all) {
      active += cluster.status() == ClusterStatus.ACTIVE ? 1 : 0;
    }
    if (active >= quotas.clusters()) {
      throw EcsErrors.clientException(
          "The maximum number of clusters in this account and region, "
              + quotas.clusters()
              + ", has been reached.");
    }
  }

  private static DescribeClustersResponse describe(
      Snapshot snapshot, DescribeClustersRequest input, Context context) {
    List<String> names = input.clusters();
    if (names == null || names.isEmpty()) {
      names = List.of(EcsIds.DEFAULT_CLUSTER);
    }
    if (names.size() > MAX_DESCRIBED) {
      throw EcsErrors.invalidParameterException(
          "clusters can have at most " + MAX_DESCRIBED + " items.");
    }
    List<String> include = Objects.requireNonNullElse(input.include(), List.of());
    // A cluster that is named twice is shown once.
    Set<ClusterId> ids = new LinkedHashSet<>();
    names.forEach(name -> ids.add(EcsIds.ownClusterId(context.scope(), name)));
    List<Cluster> clusters = new ArrayList<>();
    List<Failure> failures = new ArrayList<>();
    for (ClusterId id : ids) {
      dev.gantry.model.Cluster cluster = snapshot.state().cluster(id);
      if (cluster == null) {
        failures.add(Failure.builder().arn(id.arn()).reason("MISSING").build());
      } else {
        clusters.add(show(snapshot.state(), cluster, include));
      }
    }
    return DescribeClustersResponse.builder().clusters(clusters).failures(failures).build();
  }

  private static ListClustersResponse list(
      Snapshot snapshot, ListClustersRequest input, Context context) {
    Scope scope = context.scope();
    Group<ClusterId, dev.gantry.model.Cluster> all = snapshot.state().group(Index.CLUSTERS, scope);
    String collection = Pages.collection(Ecs.LIST_CLUSTERS.name());
    String after = Pages.after(input.nextToken(), collection);
    Pages.Page<String> page =
        Pages.take(
            after == null ? all : all.after(new ClusterId(scope, after)),
            Pages.size(input.maxResults()),
            cluster -> cluster.status() == ClusterStatus.ACTIVE,
            cluster -> cluster.id().name(),
            cluster -> cluster.id().arn());
    return ListClustersResponse.builder()
        .clusterArns(page.items())
        .nextToken(page.nextToken(collection))
        .build();
  }

  private static Decision<UpdateClusterResponse> update(
      Head head, UpdateClusterRequest input, Context context) {
    dev.gantry.model.Cluster cluster = toChange(head.state(), context, input.cluster());
    Refusals refusals = new Refusals();
    refusals.unlessAbsent(input.serviceConnectDefaults(), "serviceConnectDefaults");
    refusals.check("UpdateCluster");
    List<ClusterSetting> settings = ClusterDocument.read(input.settings());
    ClusterDocument.check(input.configuration());
    ClusterDocument before = ClusterDocument.of(cluster);
    ClusterDocument after =
        new ClusterDocument(
            settings != null ? settings : before.settings(),
            input.configuration() != null ? input.configuration() : before.configuration());
    return changed(
        head.state(),
        cluster,
        cluster.withDocument(after.encode()),
        shown -> UpdateClusterResponse.builder().cluster(shown).build());
  }

  private static Decision<UpdateClusterSettingsResponse> updateSettings(
      Head head, UpdateClusterSettingsRequest input, Context context) {
    dev.gantry.model.Cluster cluster = toChange(head.state(), context, input.cluster());
    List<ClusterSetting> settings = ClusterDocument.read(input.settings());
    ClusterDocument before = ClusterDocument.of(cluster);
    ClusterDocument after =
        new ClusterDocument(
            settings != null ? settings : before.settings(), before.configuration());
    return changed(
        head.state(),
        cluster,
        cluster.withDocument(after.encode()),
        shown -> UpdateClusterSettingsResponse.builder().cluster(shown).build());
  }

  /// Replaces both lists as a whole. It is done at once, because there is no group whose scaling
  /// would have to be set up first: UpdateInProgressException does not occur.
  private Decision<PutClusterCapacityProvidersResponse> putCapacityProviders(
      Head head, PutClusterCapacityProvidersRequest input, Context context) {
    Scope scope = context.scope();
    dev.gantry.model.Cluster cluster = toChange(head.state(), context, input.cluster());
    List<String> providers =
        CapacityProviders.read(
            head.state(),
            cluster.id(),
            input.capacityProviders(),
            quotas.capacityProvidersPerCluster());
    CapacityProviders.requireUnused(head.state(), cluster, providers);
    return changed(
        head.state(),
        cluster,
        cluster.withCapacityProviders(
            providers,
            CapacityProviders.strategy(
                head.state(), scope, input.defaultCapacityProviderStrategy(), providers)),
        shown -> PutClusterCapacityProvidersResponse.builder().cluster(shown).build());
  }

  private static <O> Decision<O> changed(
      State state,
      dev.gantry.model.Cluster before,
      dev.gantry.model.Cluster after,
      Function<Cluster, O> response) {
    O answer = response.apply(show(state, after, UPDATED));
    return after.equals(before) ? Decision.answer(answer) : Decision.put(answer, after);
  }

  /// The cluster that is to be changed.
  ///
  /// @throws ServiceException ClusterNotFoundException if there is none, ClientException if it is
  ///   not ACTIVE
  private static dev.gantry.model.Cluster toChange(
      State state, Context context, @Nullable String nameOrArn) {
    dev.gantry.model.Cluster cluster = EcsIds.ownCluster(state, context.scope(), nameOrArn);
    if (cluster.status() != ClusterStatus.ACTIVE) {
      throw EcsErrors.clientException("Cluster was not ACTIVE.");
    }
    return cluster;
  }

  /// Deleting what is deleted is answered like the first time. Providers of Auto Scaling groups are
  /// dissociated by it (DeleteCapacityProvider, API Reference); only those of managed instances,
  /// which there are none of, keep their cluster from being deleted
  /// (github.com/hashicorp/terraform-provider-aws, pull request 45794).
  private static Decision<DeleteClusterResponse> delete(
      Head head, DeleteClusterRequest input, Context context) {
    State state = head.state();
    dev.gantry.model.Cluster cluster = EcsIds.ownCluster(state, context.scope(), input.cluster());
    ClusterId id = cluster.id();
    if (cluster.status() != ClusterStatus.ACTIVE) {
      return Decision.answer(
          DeleteClusterResponse.builder().cluster(show(state, cluster, UPDATED)).build());
    }
    if (!state.group(Index.MEMBER_CONTAINER_INSTANCES, id).isEmpty()) {
      throw EcsErrors.clusterContainsContainerInstancesException(
          "The Cluster cannot be deleted while Container Instances are active or draining.");
    }
    for (TaskStatus status : TaskStatus.values()) {
      if (status != TaskStatus.STOPPED
          && !state.group(Index.TASKS_BY_LAST_STATUS, id, status).isEmpty()) {
        throw EcsErrors.clusterContainsTasksException(
            "The Cluster cannot be deleted while Tasks are active.");
      }
    }
    dev.gantry.model.Cluster deleted = cluster.deleted(context.now());
    return Decision.put(
        DeleteClusterResponse.builder().cluster(show(state, deleted, DELETED)).build(), deleted);
  }

  private static Cluster show(State state, dev.gantry.model.Cluster cluster, List<String> include) {
    ClusterId id = cluster.id();
    ClusterDocument document = ClusterDocument.of(cluster);
    return Cluster.builder()
        .clusterArn(id.arn())
        .clusterName(id.name())
        .status(cluster.status().name())
        .registeredContainerInstancesCount(state.group(Index.MEMBER_CONTAINER_INSTANCES, id).size())
        .runningTasksCount(running(state, id))
        .pendingTasksCount(pending(state, id))
        .activeServicesCount(0)
        .statistics(include.contains(STATISTICS) ? statistics(state, id) : List.of())
        .tags(include.contains(TAGS) ? Tags.show(cluster.tags()) : List.of())
        .settings(include.contains(SETTINGS) ? document.settings() : List.of())
        .configuration(include.contains(CONFIGURATIONS) ? document.configuration() : null)
        .attachments(include.contains(ATTACHMENTS) ? List.of() : null)
        .attachmentsStatus(
            include.contains(ATTACHMENTS) && !cluster.capacityProviders().isEmpty()
                ? UPDATE_COMPLETE
                : null)
        .capacityProviders(cluster.capacityProviders())
        .defaultCapacityProviderStrategy(
            CapacityProviders.show(cluster.defaultCapacityProviderStrategy()))
        .build();
  }

  private static int running(State state, ClusterId id) {
    return state.group(Index.TASKS_BY_LAST_STATUS, id, TaskStatus.RUNNING).size();
  }

  private static int pending(State state, ClusterId id) {
    int pending = 0;
    for (TaskStatus status : PENDING) {
      pending += state.group(Index.TASKS_BY_LAST_STATUS, id, status).size();
    }
    return pending;
  }

  /// The states that count as pending: on the way to RUNNING.
  private static final List<TaskStatus> PENDING =
      List.of(TaskStatus.PROVISIONING, TaskStatus.PENDING, TaskStatus.ACTIVATING);

  /// The counts by launch type, in Amazon's order. All capacity is EC2 capacity, and there are no
  /// services yet.
  private static List<KeyValuePair> statistics(State state, ClusterId id) {
    List<KeyValuePair> all = new ArrayList<>();
    statistic(all, "runningEC2TasksCount", running(state, id));
    statistic(all, "runningFargateTasksCount", 0);
    statistic(all, "pendingEC2TasksCount", pending(state, id));
    for (String name :
        List.of(
            "pendingFargateTasksCount",
            "runningExternalTasksCount",
            "pendingExternalTasksCount",
            "runningManagedInstancesTasksCount",
            "pendingManagedInstancesTasksCount",
            "activeEC2ServiceCount",
            "activeFargateServiceCount",
            "drainingEC2ServiceCount",
            "drainingFargateServiceCount",
            "activeExternalServiceCount",
            "drainingExternalServiceCount",
            "activeManagedInstancesServiceCount",
            "drainingManagedInstancesServiceCount")) {
      statistic(all, name, 0);
    }
    return all;
  }

  private static void statistic(List<KeyValuePair> all, String name, int value) {
    all.add(KeyValuePair.builder().name(name).value(Integer.toString(value)).build());
  }
}

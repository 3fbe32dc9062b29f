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
import dev.gantry.control.Context;
import dev.gantry.control.Decision;
import dev.gantry.control.Head;
import dev.gantry.control.OperationTable;
import dev.gantry.control.Snapshot;
import dev.gantry.model.Cluster.ClusterStatus;
import dev.gantry.model.ClusterId;
import dev.gantry.model.ContainerInstance.ContainerInstanceStatus;
import dev.gantry.model.Scope;
import dev.gantry.model.TaskStatus;
import dev.gantry.store.Group;
import dev.gantry.store.Index;
import dev.gantry.store.State;
import dev.gantry.wire.json.AwsJson;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Clusters: CreateCluster, DescribeClusters, ListClusters, DeleteCluster.
public final class ClusterOperations {
  /// The most clusters one DescribeClusters names (API Reference, DescribeClusters).
  static final int MAX_DESCRIBED = 100;

  private ClusterOperations() {}

  /// Registers the operations.
  public static void register(OperationTable table) {
    table.command(Ecs.CREATE_CLUSTER, ClusterOperations::create);
    table.query(Ecs.DESCRIBE_CLUSTERS, ClusterOperations::describe);
    table.query(Ecs.LIST_CLUSTERS, ClusterOperations::list);
    table.command(Ecs.DELETE_CLUSTER, ClusterOperations::delete);
  }

  /// A cluster as it is made without being told anything.
  public static dev.gantry.model.Cluster plain(ClusterId id, Instant now) {
    return new dev.gantry.model.Cluster(id, ClusterStatus.ACTIVE, now, "{}", List.of(), null);
  }

  private static Decision<CreateClusterResponse> create(
      Head head, CreateClusterRequest input, Context context) {
    String name = Objects.requireNonNullElse(input.clusterName(), EcsIds.DEFAULT_CLUSTER);
    if (!EcsIds.isName(name)) {
      throw EcsErrors.invalidParameterException("Identifier contains invalid characters");
    }
    Refusals refusals = new Refusals();
    refusals.unlessEmpty(input.capacityProviders(), "capacityProviders");
    refusals.unlessEmpty(
        input.defaultCapacityProviderStrategy(), "defaultCapacityProviderStrategy");
    refusals.unlessAbsent(input.serviceConnectDefaults(), "serviceConnectDefaults");
    refusals.check("CreateCluster");
    ClusterId id = new ClusterId(context.scope(), name);
    dev.gantry.model.Cluster existing = head.state().cluster(id);
    if (existing != null && existing.status() == ClusterStatus.ACTIVE) {
      // CreateCluster of an existing name answers with the cluster as it is.
      return Decision.answer(
          CreateClusterResponse.builder()
              .cluster(show(head.state(), existing, ClusterOperations::everything))
              .build());
    }
    Cluster kept =
        Cluster.builder().settings(input.settings()).configuration(input.configuration()).build();
    dev.gantry.model.Cluster cluster =
        new dev.gantry.model.Cluster(
            id,
            ClusterStatus.ACTIVE,
            context.now(),
            AwsJson.encodeToString(Cluster.SHAPE, kept),
            Tags.read(input.tags()),
            null);
    return Decision.put(
        CreateClusterResponse.builder()
            .cluster(show(head.state(), cluster, ClusterOperations::everything))
            .build(),
        cluster);
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
    List<Cluster> clusters = new ArrayList<>();
    List<Failure> failures = new ArrayList<>();
    for (String name : names) {
      ClusterId id = EcsIds.cluster(context.scope(), name);
      dev.gantry.model.Cluster cluster =
          id.scope().equals(context.scope()) ? snapshot.state().cluster(id) : null;
      if (cluster == null) {
        failures.add(Failure.builder().arn(id.arn()).reason("MISSING").build());
      } else {
        clusters.add(show(snapshot.state(), cluster, include::contains));
      }
    }
    return DescribeClustersResponse.builder().clusters(clusters).failures(failures).build();
  }

  private static ListClustersResponse list(
      Snapshot snapshot, ListClustersRequest input, Context context) {
    Scope scope = context.scope();
    Group<ClusterId, dev.gantry.model.Cluster> all = snapshot.state().group(Index.CLUSTERS, scope);
    String after = Pages.after(input.nextToken());
    Pages.Page<String> page =
        Pages.take(
            after == null ? all : all.after(new ClusterId(scope, after)),
            Pages.size(input.maxResults()),
            cluster -> cluster.status() == ClusterStatus.ACTIVE,
            cluster -> cluster.id().name(),
            cluster -> cluster.id().arn());
    return ListClustersResponse.builder()
        .clusterArns(page.items())
        .nextToken(page.nextToken())
        .build();
  }

  private static Decision<DeleteClusterResponse> delete(
      Head head, DeleteClusterRequest input, Context context) {
    State state = head.state();
    dev.gantry.model.Cluster cluster =
        EcsIds.activeCluster(state, context.scope(), input.cluster());
    ClusterId id = cluster.id();
    if (!state.group(Index.CONTAINER_INSTANCES, id, ContainerInstanceStatus.ACTIVE).isEmpty()
        || !state
            .group(Index.CONTAINER_INSTANCES, id, ContainerInstanceStatus.DRAINING)
            .isEmpty()) {
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
    dev.gantry.model.Cluster deleted =
        new dev.gantry.model.Cluster(
            id,
            ClusterStatus.INACTIVE,
            cluster.createdAt(),
            cluster.document(),
            List.of(),
            context.now());
    return Decision.put(
        DeleteClusterResponse.builder()
            .cluster(show(state, deleted, ClusterOperations::everything))
            .build(),
        deleted);
  }

  private static Cluster show(
      State state, dev.gantry.model.Cluster cluster, Predicate<String> include) {
    ClusterId id = cluster.id();
    boolean settings = include.test("SETTINGS");
    boolean configurations = include.test("CONFIGURATIONS");
    @Nullable Cluster kept =
        settings || configurations ? AwsJson.decode(Cluster.SHAPE, cluster.document()) : null;
    int pending =
        count(state, id, TaskStatus.PROVISIONING)
            + count(state, id, TaskStatus.PENDING)
            + count(state, id, TaskStatus.ACTIVATING);
    int running = count(state, id, TaskStatus.RUNNING);
    return Cluster.builder()
        .clusterArn(id.arn())
        .clusterName(id.name())
        .status(cluster.status().name())
        .registeredContainerInstancesCount(
            state.group(Index.CONTAINER_INSTANCES, id, ContainerInstanceStatus.ACTIVE).size()
                + state
                    .group(Index.CONTAINER_INSTANCES, id, ContainerInstanceStatus.DRAINING)
                    .size())
        .runningTasksCount(running)
        .pendingTasksCount(pending)
        .activeServicesCount(0)
        .statistics(include.test("STATISTICS") ? statistics(running, pending) : List.of())
        .tags(include.test("TAGS") ? Tags.show(cluster.tags()) : List.of())
        .settings(
            settings && kept != null
                ? Objects.requireNonNullElse(kept.settings(), DEFAULT_SETTINGS)
                : List.of())
        .configuration(configurations && kept != null ? kept.configuration() : null)
        .capacityProviders(List.of())
        .defaultCapacityProviderStrategy(List.of())
        .build();
  }

  /// Create and delete show every part.
  private static boolean everything(String part) {
    return true;
  }

  private static int count(State state, ClusterId id, TaskStatus status) {
    return state.group(Index.TASKS_BY_LAST_STATUS, id, status).size();
  }

  private static final List<ClusterSetting> DEFAULT_SETTINGS =
      List.of(ClusterSetting.builder().name("containerInsights").value("disabled").build());

  /// The counts by launch type. All capacity is EC2 capacity, and there are no services yet.
  private static List<KeyValuePair> statistics(int running, int pending) {
    List<KeyValuePair> all = new ArrayList<>();
    for (String kind : List.of("EC2", "Fargate", "External")) {
      boolean ec2 = kind.equals("EC2");
      all.add(statistic("running" + kind + "TasksCount", ec2 ? running : 0));
      all.add(statistic("pending" + kind + "TasksCount", ec2 ? pending : 0));
      all.add(statistic("active" + kind + "ServiceCount", 0));
      all.add(statistic("draining" + kind + "ServiceCount", 0));
    }
    return all;
  }

  private static KeyValuePair statistic(String name, int value) {
    return KeyValuePair.builder().name(name).value(Integer.toString(value)).build();
  }
}

package dev.gantry.control.ecs;

import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.model.Arn;
import dev.gantry.model.Cluster;
import dev.gantry.model.Cluster.ClusterStatus;
import dev.gantry.model.ClusterId;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.Scope;
import dev.gantry.model.TaskDefinitionId;
import dev.gantry.model.TaskId;
import dev.gantry.store.State;
import dev.gantry.wire.shape.ServiceException;
import org.jspecify.annotations.Nullable;

/// From the names and ARNs that callers give to ids. ECS takes either wherever it takes one.
public final class EcsIds {
  /// The cluster that is meant when none is named.
  public static final String DEFAULT_CLUSTER = "default";

  private static final int MAX_NAME = 255;

  private EcsIds() {}

  /// Whether a text can name a cluster, a family or a container: 1 to 255 letters, digits,
  /// underscores and hyphens.
  static boolean isName(String text) {
    if (text.isEmpty() || text.length() > MAX_NAME) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!letter && (c < '0' || c > '9') && c != '-' && c != '_') {
        return false;
      }
    }
    return true;
  }

  /// The id of a cluster that is given by its name or ARN, or not at all. An ARN of another account
  /// or region keeps that scope, in which nothing of the caller's will be found.
  public static ClusterId cluster(Scope scope, @Nullable String nameOrArn) {
    if (nameOrArn == null || nameOrArn.isEmpty()) {
      return new ClusterId(scope, DEFAULT_CLUSTER);
    }
    Arn arn = ecsArn(nameOrArn, "cluster/");
    return arn == null
        ? new ClusterId(scope, nameOrArn)
        : new ClusterId(scopeOf(arn), arn.resource().substring("cluster/".length()));
  }

  /// The id of a cluster of the caller's own that is given by its name or ARN, or not at all. The
  /// text about names is Amazon's (github.com/awslabs/amazon-ecs-nodejs-microservices, issue 18).
  ///
  /// @throws ServiceException InvalidParameterException if it belongs to somebody else, or cannot
  ///   be a cluster's name
  public static ClusterId ownClusterId(Scope scope, @Nullable String nameOrArn) {
    ClusterId id = cluster(scope, nameOrArn);
    requireOwn(scope, id.scope().account(), id.scope().region());
    if (!isName(id.name())) {
      throw EcsErrors.invalidParameterException(
          "Cluster must match ^[a-zA-Z0-9\\-_]{1,255}$, but was " + id.name());
    }
    return id;
  }

  /// The cluster of the caller's own that is given by its name or ARN, or not at all, ACTIVE or
  /// not.
  ///
  /// @throws ServiceException ClusterNotFoundException if there is none; as [#ownClusterId]
  static Cluster ownCluster(State state, Scope scope, @Nullable String nameOrArn) {
    Cluster cluster = state.cluster(ownClusterId(scope, nameOrArn));
    if (cluster == null) {
      throw EcsErrors.clusterNotFoundException("Cluster not found.");
    }
    return cluster;
  }

  /// The ACTIVE cluster that is given by its name or ARN, or not at all. The text about one that
  /// was deleted is Amazon's, as users of CloudFormation and Terraform report it.
  ///
  /// @throws ServiceException ClusterNotFoundException if there is none; as [#ownClusterId]
  public static Cluster activeCluster(State state, Scope scope, @Nullable String nameOrArn) {
    Cluster cluster = ownCluster(state, scope, nameOrArn);
    if (cluster.status() != ClusterStatus.ACTIVE) {
      throw EcsErrors.clusterNotFoundException("The referenced cluster was inactive.");
    }
    return cluster;
  }

  /// Refuses what an ARN names in another account or region. The texts are Amazon's
  /// (github.com/aws/aws-cli, issue 3175; github.com/aws-actions/amazon-ecs-deploy-task-definition,
  /// issue 261).
  ///
  /// @throws ServiceException InvalidParameterException if account or region are not the caller's
  static void requireOwn(Scope scope, String account, String region) {
    if (!region.equals(scope.region())) {
      throw EcsErrors.invalidParameterException("Invalid Region in ARN");
    }
    if (!account.equals(scope.account())) {
      throw EcsErrors.invalidParameterException(
          "Identifier is for " + account + ". Your accountId is " + scope.account());
    }
  }

  /// The id of a task of `cluster` that is given by its id or ARN; null if the ARN is of no task.
  ///
  /// @throws ServiceException InvalidParameterException if it is of another cluster
  public static @Nullable TaskId task(ClusterId cluster, String idOrArn) {
    if (!idOrArn.startsWith("arn:")) {
      return new TaskId(cluster.scope(), cluster.name(), idOrArn);
    }
    TaskId id = taskOfArn(idOrArn);
    if (id != null) {
      requireIn(cluster, id.clusterId());
    }
    return id;
  }

  /// The text is Amazon's (github.com/aws/aws-toolkit-vscode, issue 2915).
  private static void requireIn(ClusterId cluster, ClusterId named) {
    requireOwn(cluster.scope(), named.scope().account(), named.scope().region());
    if (!named.equals(cluster)) {
      throw EcsErrors.invalidParameterException(
          "Invalid identifier: Identifier is for cluster "
              + named.name()
              + ". Your cluster is "
              + cluster.name());
    }
  }

  /// The id in a task's ARN, or null if it is not one.
  public static @Nullable TaskId taskOfArn(String text) {
    Arn arn = ecsArn(text, "task/");
    String[] parts = arn == null ? null : arn.resource().split("/", -1);
    return arn == null || parts == null || parts.length != 3
        ? null
        : new TaskId(scopeOf(arn), parts[1], parts[2]);
  }

  /// The id of a container instance of `cluster` that is given by its id or ARN; null if the ARN is
  /// of no container instance.
  ///
  /// @throws ServiceException InvalidParameterException if it is of another cluster
  public static @Nullable ContainerInstanceId containerInstance(ClusterId cluster, String idOrArn) {
    if (!idOrArn.startsWith("arn:")) {
      return new ContainerInstanceId(cluster.scope(), cluster.name(), idOrArn);
    }
    ContainerInstanceId id = containerInstanceOfArn(idOrArn);
    if (id != null) {
      requireIn(cluster, id.clusterId());
    }
    return id;
  }

  /// The id in a container instance's ARN, or null if it is not one.
  public static @Nullable ContainerInstanceId containerInstanceOfArn(String text) {
    Arn arn = ecsArn(text, "container-instance/");
    String[] parts = arn == null ? null : arn.resource().split("/", -1);
    return arn == null || parts == null || parts.length != 3
        ? null
        : new ContainerInstanceId(scopeOf(arn), parts[1], parts[2]);
  }

  /// What names a task definition: a family alone, or with a revision.
  ///
  /// @param revision 0 when none was given
  public record DefinitionName(Scope scope, String family, int revision) {

    /// The id, when a revision was given.
    public @Nullable TaskDefinitionId id() {
      return revision == 0 ? null : new TaskDefinitionId(scope, family, revision);
    }
  }

  /// Reads `family`, `family:revision` or an ARN of either; null if the text is none of them.
  public static @Nullable DefinitionName definitionName(Scope scope, String text) {
    Scope where = scope;
    String name = text;
    if (text.startsWith("arn:")) {
      Arn arn = ecsArn(text, "task-definition/");
      if (arn == null) {
        return null;
      }
      where = scopeOf(arn);
      name = arn.resource().substring("task-definition/".length());
    }
    int colon = name.indexOf(':');
    if (colon < 0) {
      return name.isEmpty() ? null : new DefinitionName(where, name, 0);
    }
    String digits = name.substring(colon + 1);
    if (colon == 0
        || digits.isEmpty()
        || digits.length() > 9
        || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return null;
    }
    int revision = Integer.parseInt(digits);
    return revision == 0 ? null : new DefinitionName(where, name.substring(0, colon), revision);
  }

  private static @Nullable Arn ecsArn(String text, String resourcePrefix) {
    Arn arn = Arn.parse(text);
    return arn != null
            && arn.service().equals("ecs")
            && arn.resource().startsWith(resourcePrefix)
            && arn.account().length() == 12
            && arn.account().chars().allMatch(c -> c >= '0' && c <= '9')
            && !arn.region().isEmpty()
            && arn.region().indexOf('|') < 0
        ? arn
        : null;
  }

  private static Scope scopeOf(Arn arn) {
    return new Scope(arn.account(), arn.region());
  }
}

package dev.gantry.control.ecs;

import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.ListTagsForResourceRequest;
import dev.gantry.api.ecs.ListTagsForResourceResponse;
import dev.gantry.api.ecs.TagResourceRequest;
import dev.gantry.api.ecs.TagResourceResponse;
import dev.gantry.api.ecs.UntagResourceRequest;
import dev.gantry.api.ecs.UntagResourceResponse;
import dev.gantry.control.Context;
import dev.gantry.control.Decision;
import dev.gantry.control.Head;
import dev.gantry.control.OperationTable;
import dev.gantry.control.Snapshot;
import dev.gantry.model.Arn;
import dev.gantry.model.CapacityProvider;
import dev.gantry.model.CapacityProviderId;
import dev.gantry.model.Cluster;
import dev.gantry.model.Cluster.ClusterStatus;
import dev.gantry.model.ContainerInstance;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.Entity;
import dev.gantry.model.Scope;
import dev.gantry.model.Tag;
import dev.gantry.model.Task;
import dev.gantry.model.TaskDefinition;
import dev.gantry.model.TaskDefinitionId;
import dev.gantry.model.TaskId;
import dev.gantry.model.TaskStatus;
import dev.gantry.store.State;
import dev.gantry.wire.shape.ServiceException;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Tags of what exists: TagResource, UntagResource, ListTagsForResource, for clusters, capacity
/// providers, container instances, tasks and task definitions.
///
/// A resource that is over has no tags: a deleted cluster, a deregistered container instance and a
/// stopped task are refused. The texts for clusters and tasks are Amazon's (inactive cluster:
/// github.com/gruntwork-io/cloud-nuke, issue 145; stopped task: recorded by
/// github.com/radkawar/stackd); that for container instances is made after them.
public final class TaggingOperations {
  private TaggingOperations() {}

  /// Registers the operations.
  public static void register(OperationTable table) {
    table.command(Ecs.TAG_RESOURCE, TaggingOperations::tag);
    table.command(Ecs.UNTAG_RESOURCE, TaggingOperations::untag);
    table.query(Ecs.LIST_TAGS_FOR_RESOURCE, TaggingOperations::list);
  }

  /// What can be tagged, and how it is with other tags.
  private record Tagged(List<Tag> tags, Function<List<Tag>, Entity> with) {}

  private static Decision<TagResourceResponse> tag(
      Head head, TagResourceRequest input, Context context) {
    Tagged resource = find(head.state(), context.scope(), input.resourceArn());
    return change(
        resource, Tags.add(resource.tags(), input.tags()), TagResourceResponse.builder().build());
  }

  private static Decision<UntagResourceResponse> untag(
      Head head, UntagResourceRequest input, Context context) {
    Tagged resource = find(head.state(), context.scope(), input.resourceArn());
    List<String> keys = Objects.requireNonNullElse(input.tagKeys(), List.of());
    return change(
        resource, Tags.without(resource.tags(), keys), UntagResourceResponse.builder().build());
  }

  private static <O> Decision<O> change(Tagged resource, List<Tag> after, O response) {
    return after.equals(resource.tags())
        ? Decision.answer(response)
        : Decision.put(response, resource.with().apply(after));
  }

  private static ListTagsForResourceResponse list(
      Snapshot snapshot, ListTagsForResourceRequest input, Context context) {
    Tagged resource = find(snapshot.state(), context.scope(), input.resourceArn());
    return ListTagsForResourceResponse.builder().tags(Tags.show(resource.tags())).build();
  }

  /// The resource of an ARN.
  ///
  /// @throws ServiceException if the ARN is of no resource that exists and is the caller's
  private static Tagged find(State state, Scope scope, @Nullable String text) {
    Arn arn = text == null ? null : Arn.parse(text);
    if (text == null || arn == null || !arn.service().equals("ecs")) {
      throw EcsErrors.invalidParameterException("The ARN provided is not valid: " + text);
    }
    EcsIds.requireOwn(scope, arn.account(), arn.region());
    String[] parts = arn.resource().split("/", -1);
    return switch (parts[0]) {
      case "cluster" -> cluster(EcsIds.ownCluster(state, scope, text));
      case "task-definition" -> definition(state, scope, text);
      case "task" -> task(state, EcsIds.taskOfArn(requireLong(text, parts)));
      case "container-instance" ->
          instance(state, EcsIds.containerInstanceOfArn(requireLong(text, parts)));
      case "capacity-provider" ->
          provider(state.capacityProvider(new CapacityProviderId(scope, providerName(arn))));
      case "service", "task-set" -> {
        requireLong(text, parts);
        throw EcsErrors.invalidParameterException("The specified service does not exist.");
      }
      default ->
          throw EcsErrors.invalidParameterException(
              "The specified resource does not exist: " + text);
    };
  }

  /// The old form of ARNs has no cluster in it (github.com/pulumi/pulumi-aws, issue 930).
  private static String requireLong(String text, String[] parts) {
    if (parts.length < 3) {
      throw EcsErrors.invalidParameterException(
          "Long arn format must be used for tagging operations");
    }
    return text;
  }

  private static Tagged cluster(Cluster cluster) {
    if (cluster.status() != ClusterStatus.ACTIVE) {
      throw EcsErrors.invalidParameterException(
          "The specified cluster is inactive. Specify an active cluster and try again.");
    }
    return new Tagged(cluster.tags(), cluster::withTags);
  }

  private static String providerName(Arn arn) {
    return arn.resource().substring("capacity-provider/".length());
  }

  /// The predefined providers bear no tags: they are nobody's own.
  private static Tagged provider(@Nullable CapacityProvider provider) {
    if (provider == null) {
      throw EcsErrors.invalidParameterException("The specified capacity provider does not exist.");
    }
    if (!provider.isActive()) {
      throw EcsErrors.invalidParameterException(
          "The specified capacity provider is inactive. Specify an active capacity provider and try"
              + " again.");
    }
    return new Tagged(provider.tags(), provider::withTags);
  }

  private static Tagged definition(State state, Scope scope, String arn) {
    EcsIds.DefinitionName name = EcsIds.definitionName(scope, arn);
    TaskDefinitionId id = name == null ? null : name.id();
    TaskDefinition definition = id == null ? null : state.taskDefinition(id);
    if (definition == null) {
      throw EcsErrors.clientException("Unable to describe task definition.");
    }
    return new Tagged(definition.tags(), definition::withTags);
  }

  private static Tagged task(State state, @Nullable TaskId id) {
    Task task = id == null ? null : state.task(id);
    if (task == null) {
      throw EcsErrors.invalidParameterException("The specified task does not exist.");
    }
    if (task.lastStatus() == TaskStatus.STOPPED) {
      throw EcsErrors.invalidParameterException(
          "The specified task is stopped. Specify a running task and try again.");
    }
    return new Tagged(task.tags(), tags -> task.edit().tags(tags).done());
  }

  private static Tagged instance(State state, @Nullable ContainerInstanceId id) {
    ContainerInstance instance = id == null ? null : state.containerInstance(id);
    if (instance == null) {
      throw EcsErrors.invalidParameterException("The specified container instance does not exist.");
    }
    if (!instance.isMember()) {
      throw EcsErrors.invalidParameterException(
          "The specified container instance is inactive. Specify an active container instance and"
              + " try again.");
    }
    return new Tagged(instance.tags(), instance::withTags);
  }
}

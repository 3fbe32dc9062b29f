package dev.gantry.control.ecs;

import dev.gantry.api.ecs.Attribute;
import dev.gantry.api.ecs.DeleteAttributesRequest;
import dev.gantry.api.ecs.DeleteAttributesResponse;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.ListAttributesRequest;
import dev.gantry.api.ecs.ListAttributesResponse;
import dev.gantry.api.ecs.PutAttributesRequest;
import dev.gantry.api.ecs.PutAttributesResponse;
import dev.gantry.control.Context;
import dev.gantry.control.Decision;
import dev.gantry.control.Head;
import dev.gantry.control.OperationTable;
import dev.gantry.control.Snapshot;
import dev.gantry.model.Change;
import dev.gantry.model.ClusterId;
import dev.gantry.model.ContainerInstance;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.store.Group;
import dev.gantry.store.Index;
import dev.gantry.store.State;
import dev.gantry.wire.shape.ServiceException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Attributes of container instances: PutAttributes, DeleteAttributes, ListAttributes.
///
/// No recording of Amazon's words for broken rules was found; they follow the sentences of the API
/// Reference (Attribute, PutAttributes).
public final class AttributeOperations {
  /// The most attributes one PutAttributes or DeleteAttributes names (API Reference).
  static final int MAX_NAMED = 10;

  /// Between the two parts of a page token. No id of an instance has one.
  private static final char SEPARATOR = '|';

  private AttributeOperations() {}

  /// Registers the operations.
  public static void register(OperationTable table) {
    table.command(Ecs.PUT_ATTRIBUTES, AttributeOperations::put);
    table.command(Ecs.DELETE_ATTRIBUTES, AttributeOperations::delete);
    table.query(Ecs.LIST_ATTRIBUTES, AttributeOperations::list);
  }

  private static Decision<PutAttributesResponse> put(
      Head head, PutAttributesRequest input, Context context) {
    ClusterId cluster = EcsIds.activeCluster(head.state(), context.scope(), input.cluster()).id();
    Map<ContainerInstanceId, ContainerInstance> changed = new LinkedHashMap<>();
    List<Attribute> shown = new ArrayList<>();
    for (Attribute attribute : named(input.attributes())) {
      String name = requireCustom(attribute);
      if (!InstanceAttributes.isValue(attribute.value())) {
        throw EcsErrors.invalidParameterException(
            "The attribute value must contain between 1 and 128 characters. It can contain letters,"
                + " numbers, hyphens, underscores, periods, at signs, forward slashes, back slashes,"
                + " colons, or spaces. The value can't start or end with a space.");
      }
      ContainerInstance target = target(head.state(), cluster, attribute, changed);
      dev.gantry.model.Attribute put =
          new dev.gantry.model.Attribute(name, Objects.requireNonNullElse(attribute.value(), ""));
      List<dev.gantry.model.Attribute> after =
          InstanceAttributes.put(target.attributes(), List.of(put));
      if (InstanceAttributes.countCustom(after) > InstanceAttributes.MAX_CUSTOM) {
        throw EcsErrors.attributeLimitExceededException(
            "You can apply up to "
                + InstanceAttributes.MAX_CUSTOM
                + " custom attributes for each resource.");
      }
      changed.put(target.id(), target.withAttributes(after));
      shown.add(show(target.id(), put));
    }
    return new Decision<>(
        changes(head.state(), changed), PutAttributesResponse.builder().attributes(shown).build());
  }

  /// An attribute is deleted by its name; that it is not there is no error.
  private static Decision<DeleteAttributesResponse> delete(
      Head head, DeleteAttributesRequest input, Context context) {
    ClusterId cluster = EcsIds.activeCluster(head.state(), context.scope(), input.cluster()).id();
    Map<ContainerInstanceId, ContainerInstance> changed = new LinkedHashMap<>();
    List<Attribute> shown = new ArrayList<>();
    for (Attribute attribute : named(input.attributes())) {
      String name = requireCustom(attribute);
      ContainerInstance target = target(head.state(), cluster, attribute, changed);
      List<dev.gantry.model.Attribute> after = new ArrayList<>();
      for (dev.gantry.model.Attribute has : target.attributes()) {
        if (has.name().equals(name)) {
          shown.add(show(target.id(), has));
        } else {
          after.add(has);
        }
      }
      changed.put(target.id(), target.withAttributes(after));
    }
    return new Decision<>(
        changes(head.state(), changed),
        DeleteAttributesResponse.builder().attributes(shown).build());
  }

  /// Only what is different now is written.
  private static List<Change> changes(
      State state, Map<ContainerInstanceId, ContainerInstance> changed) {
    List<Change> changes = new ArrayList<>();
    changed.forEach((id, instance) -> {
      ContainerInstance before = Objects.requireNonNull(state.containerInstance(id));
      if (!before.attributes().equals(instance.attributes())) {
        changes.add(new Change.Put(before.withAttributes(instance.attributes())));
      }
    });
    return changes;
  }

  private static List<Attribute> named(@Nullable List<Attribute> given) {
    if (given == null || given.isEmpty()) {
      throw EcsErrors.invalidParameterException("attributes cannot be empty.");
    }
    if (given.size() > MAX_NAMED) {
      throw EcsErrors.invalidParameterException(
          "attributes can have at most " + MAX_NAMED + " items.");
    }
    return given;
  }

  private static String requireCustom(Attribute attribute) {
    String name = attribute.name();
    if (name == null || !InstanceAttributes.isName(name)) {
      throw EcsErrors.invalidParameterException(
          "The attribute name must contain between 1 and 128 characters. It can contain letters,"
              + " numbers, hyphens, underscores, forward slashes, back slashes, or periods.");
    }
    if (InstanceAttributes.isBuiltIn(name)) {
      throw EcsErrors.invalidParameterException(
          "The attribute " + name + " is a built-in attribute and cannot be changed.");
    }
    return name;
  }

  /// The instance that an attribute is of, as it is after the attributes before this one.
  ///
  /// @throws ServiceException TargetNotFoundException if there is none in the cluster
  private static ContainerInstance target(
      State state,
      ClusterId cluster,
      Attribute attribute,
      Map<ContainerInstanceId, ContainerInstance> changed) {
    String target = attribute.targetId();
    if (target == null || target.isEmpty()) {
      throw EcsErrors.invalidParameterException("targetId cannot be empty.");
    }
    if (attribute.targetType() == null && !target.startsWith("arn:")) {
      throw EcsErrors.invalidParameterException(
          "targetType is required if targetId is not a full ARN.");
    }
    ContainerInstanceId id = EcsIds.containerInstance(cluster, target);
    ContainerInstance instance = id == null ? null : state.containerInstance(id);
    if (instance == null || !instance.isMember()) {
      throw EcsErrors.targetNotFoundException(
          "The specified target wasn't found: "
              + target
              + ". You can view your available container instances with ListContainerInstances.");
    }
    return changed.getOrDefault(instance.id(), instance);
  }

  /// One attribute of one instance.
  private record Entry(ContainerInstanceId instance, dev.gantry.model.Attribute attribute) {
    String key() {
      return instance.id() + SEPARATOR + attribute.name();
    }
  }

  private static ListAttributesResponse list(
      Snapshot snapshot, ListAttributesRequest input, Context context) {
    ClusterId cluster =
        EcsIds.activeCluster(snapshot.state(), context.scope(), input.cluster()).id();
    String name = input.attributeName();
    String value = input.attributeValue();
    if (value != null && name == null) {
      throw EcsErrors.invalidParameterException(
          "You must also specify an attribute name to use attributeValue.");
    }
    String collection = Pages.collection(Ecs.LIST_ATTRIBUTES.name(), cluster.name(), name, value);
    Pages.Page<Attribute> page =
        Pages.take(
            entries(snapshot.state(), cluster, Pages.after(input.nextToken(), collection)),
            Pages.size(input.maxResults()),
            entry ->
                (name == null || name.equals(entry.attribute().name()))
                    && (value == null || value.equals(entry.attribute().value())),
            Entry::key,
            entry -> show(entry.instance(), entry.attribute()));
    return ListAttributesResponse.builder()
        .attributes(page.items())
        .nextToken(page.nextToken(collection))
        .build();
  }

  /// The attributes behind the one that a token names, by instance and then by name; no more than a
  /// page looks at.
  private static List<Entry> entries(State state, ClusterId cluster, @Nullable String after) {
    Group<ContainerInstanceId, ContainerInstance> members =
        state.group(Index.MEMBER_CONTAINER_INSTANCES, cluster);
    Iterable<ContainerInstance> rest = members;
    String lastInstance = null;
    String lastName = "";
    if (after != null) {
      int separator = after.indexOf(SEPARATOR);
      if (separator < 0) {
        throw Pages.invalidToken();
      }
      lastInstance = after.substring(0, separator);
      lastName = after.substring(separator + 1);
      rest = members.from(new ContainerInstanceId(cluster.scope(), cluster.name(), lastInstance));
    }
    List<Entry> entries = new ArrayList<>();
    for (ContainerInstance instance : rest) {
      if (entries.size() > Pages.MAX_EXAMINED) {
        break;
      }
      String behind = instance.id().id().equals(lastInstance) ? lastName : null;
      instance.attributes().stream()
          .filter(attribute -> behind == null || attribute.name().compareTo(behind) > 0)
          .sorted(Comparator.comparing(dev.gantry.model.Attribute::name))
          .forEach(attribute -> entries.add(new Entry(instance.id(), attribute)));
    }
    return entries;
  }

  private static Attribute show(ContainerInstanceId target, dev.gantry.model.Attribute attribute) {
    return Attribute.builder()
        .name(attribute.name())
        .value(attribute.value().isEmpty() ? null : attribute.value())
        .targetId(target.arn())
        .build();
  }
}

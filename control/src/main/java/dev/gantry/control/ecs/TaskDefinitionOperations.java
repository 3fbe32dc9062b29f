package dev.gantry.control.ecs;

import dev.gantry.api.ecs.DeregisterTaskDefinitionRequest;
import dev.gantry.api.ecs.DeregisterTaskDefinitionResponse;
import dev.gantry.api.ecs.DescribeTaskDefinitionRequest;
import dev.gantry.api.ecs.DescribeTaskDefinitionResponse;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.ListTaskDefinitionFamiliesRequest;
import dev.gantry.api.ecs.ListTaskDefinitionFamiliesResponse;
import dev.gantry.api.ecs.ListTaskDefinitionsRequest;
import dev.gantry.api.ecs.ListTaskDefinitionsResponse;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.api.ecs.RegisterTaskDefinitionResponse;
import dev.gantry.api.ecs.TaskDefinition;
import dev.gantry.control.Context;
import dev.gantry.control.Decision;
import dev.gantry.control.Head;
import dev.gantry.control.OperationTable;
import dev.gantry.control.Snapshot;
import dev.gantry.model.Scope;
import dev.gantry.model.Tag;
import dev.gantry.model.TaskDefinition.TaskDefinitionStatus;
import dev.gantry.model.TaskDefinitionId;
import dev.gantry.model.TaskFamily;
import dev.gantry.model.TaskFamilyId;
import dev.gantry.store.Group;
import dev.gantry.store.Index;
import dev.gantry.store.State;
import dev.gantry.wire.json.AwsJson;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Task definitions: RegisterTaskDefinition, DeregisterTaskDefinition, DescribeTaskDefinition,
/// ListTaskDefinitions, ListTaskDefinitionFamilies.
public final class TaskDefinitionOperations {
  /// Revisions of one family (Amazon ECS service quotas); they are never given back.
  static final int MAX_REVISIONS = 1_000_000;

  private final Definitions definitions;

  private TaskDefinitionOperations(Definitions definitions) {
    this.definitions = definitions;
  }

  /// Registers the operations.
  public static void register(OperationTable table, Definitions definitions) {
    TaskDefinitionOperations operations = new TaskDefinitionOperations(definitions);
    table.command(Ecs.REGISTER_TASK_DEFINITION, operations::registerDefinition);
    table.command(Ecs.DEREGISTER_TASK_DEFINITION, operations::deregister);
    table.query(Ecs.DESCRIBE_TASK_DEFINITION, operations::describe);
    table.query(Ecs.LIST_TASK_DEFINITIONS, TaskDefinitionOperations::list);
    table.query(Ecs.LIST_TASK_DEFINITION_FAMILIES, TaskDefinitionOperations::listFamilies);
  }

  private Decision<RegisterTaskDefinitionResponse> registerDefinition(
      Head head, RegisterTaskDefinitionRequest input, Context context) {
    TaskDefinition normalised = TaskDefinitionRules.normalise(input);
    List<Tag> tags = Tags.read(input.tags());
    String document = AwsJson.encodeToString(TaskDefinition.SHAPE, normalised);
    if (document.length() > TaskDefinitionRules.MAX_DOCUMENT) {
      throw EcsErrors.clientException(
          "A task definition has at most " + TaskDefinitionRules.MAX_DOCUMENT / 1024 + " KiB.");
    }
    TaskFamilyId familyId =
        new TaskFamilyId(context.scope(), Objects.requireNonNull(normalised.family()));
    TaskFamily family = head.state().taskFamily(familyId);
    int revision = family == null ? 1 : family.lastRevision() + 1;
    if (revision > MAX_REVISIONS) {
      throw EcsErrors.limitExceededException(
          "The family has reached its " + MAX_REVISIONS + " revisions.");
    }
    dev.gantry.model.TaskDefinition definition =
        new dev.gantry.model.TaskDefinition(
            new TaskDefinitionId(context.scope(), familyId.family(), revision),
            TaskDefinitionStatus.ACTIVE,
            context.now(),
            null,
            context.principal().arn(),
            document,
            tags);
    return Decision.put(
        RegisterTaskDefinitionResponse.builder()
            .taskDefinition(definitions.show(definition))
            .tags(tags.isEmpty() ? null : Tags.show(tags))
            .build(),
        new TaskFamily(familyId, revision),
        definition);
  }

  private Decision<DeregisterTaskDefinitionResponse> deregister(
      Head head, DeregisterTaskDefinitionRequest input, Context context) {
    String text = Objects.requireNonNullElse(input.taskDefinition(), "");
    EcsIds.DefinitionName name = EcsIds.definitionName(context.scope(), text);
    if (name != null && name.revision() == 0) {
      throw EcsErrors.clientException("Task definition must include a revision.");
    }
    dev.gantry.model.TaskDefinition found = Definitions.find(head.state(), context.scope(), text);
    if (found == null) {
      throw EcsErrors.clientException("Unable to describe task definition.");
    }
    if (found.status() != TaskDefinitionStatus.ACTIVE) {
      throw EcsErrors.clientException("Task definition is already INACTIVE.");
    }
    dev.gantry.model.TaskDefinition inactive =
        new dev.gantry.model.TaskDefinition(
            found.id(),
            TaskDefinitionStatus.INACTIVE,
            found.registeredAt(),
            context.now(),
            found.registeredBy(),
            found.document(),
            found.tags());
    return Decision.put(
        DeregisterTaskDefinitionResponse.builder()
            .taskDefinition(definitions.show(inactive))
            .build(),
        inactive);
  }

  private DescribeTaskDefinitionResponse describe(
      Snapshot snapshot, DescribeTaskDefinitionRequest input, Context context) {
    dev.gantry.model.TaskDefinition found =
        Definitions.find(
            snapshot.state(),
            context.scope(),
            Objects.requireNonNullElse(input.taskDefinition(), ""));
    if (found == null) {
      throw EcsErrors.clientException("Unable to describe task definition.");
    }
    boolean tags = input.include() != null && input.include().contains("TAGS");
    return DescribeTaskDefinitionResponse.builder()
        .taskDefinition(definitions.show(found))
        .tags(tags ? Tags.show(found.tags()) : List.of())
        .build();
  }

  private static ListTaskDefinitionsResponse list(
      Snapshot snapshot, ListTaskDefinitionsRequest input, Context context) {
    TaskDefinitionStatus status = status(input.status());
    Scope scope = context.scope();
    // familyPrefix is a full family name here (API Reference, ListTaskDefinitions), unlike in
    // ListTaskDefinitionFamilies.
    String family = input.familyPrefix();
    State state = snapshot.state();
    Group<TaskDefinitionId, dev.gantry.model.TaskDefinition> all =
        family == null
            ? state.group(Index.TASK_DEFINITIONS_BY_STATUS, scope, status)
            : state.group(
                Index.TASK_DEFINITIONS_BY_FAMILY, new TaskFamilyId(scope, family), status);
    boolean descending = "DESC".equals(input.sort());
    TaskDefinitionId after = definitionAfter(scope, Pages.after(input.nextToken()));
    Iterable<dev.gantry.model.TaskDefinition> rest;
    if (descending) {
      rest = after == null ? all.descending() : all.descendingBefore(after);
    } else {
      rest = after == null ? all : all.after(after);
    }
    Pages.Page<String> page =
        Pages.take(
            rest,
            Pages.size(input.maxResults()),
            definition -> true,
            definition -> definition.id().family() + ":" + definition.id().revision(),
            definition -> definition.id().arn());
    return ListTaskDefinitionsResponse.builder()
        .taskDefinitionArns(page.items())
        .nextToken(page.nextToken())
        .build();
  }

  private static @Nullable TaskDefinitionId definitionAfter(Scope scope, @Nullable String key) {
    if (key == null) {
      return null;
    }
    EcsIds.DefinitionName name = EcsIds.definitionName(scope, key);
    TaskDefinitionId id = name == null ? null : name.id();
    if (id == null) {
      throw EcsErrors.invalidParameterException("Invalid token.");
    }
    return id;
  }

  private static ListTaskDefinitionFamiliesResponse listFamilies(
      Snapshot snapshot, ListTaskDefinitionFamiliesRequest input, Context context) {
    State state = snapshot.state();
    Scope scope = context.scope();
    String prefix = Objects.requireNonNullElse(input.familyPrefix(), "");
    String wanted = Objects.requireNonNullElse(input.status(), "ALL");
    Predicate<TaskFamily> byStatus =
        switch (wanted) {
          case "ACTIVE" -> family -> isActive(state, family.id());
          case "INACTIVE" -> family -> !isActive(state, family.id());
          default -> family -> true;
        };
    Group<TaskFamilyId, TaskFamily> all = state.group(Index.TASK_FAMILIES, scope);
    String after = Pages.after(input.nextToken());
    Pages.Page<String> page =
        Pages.take(
            after == null ? all : all.after(new TaskFamilyId(scope, after)),
            Pages.size(input.maxResults()),
            family -> family.id().family().startsWith(prefix) && byStatus.test(family),
            family -> family.id().family(),
            family -> family.id().family());
    return ListTaskDefinitionFamiliesResponse.builder()
        .families(page.items())
        .nextToken(page.nextToken())
        .build();
  }

  private static boolean isActive(State state, TaskFamilyId family) {
    return !state
        .group(Index.TASK_DEFINITIONS_BY_FAMILY, family, TaskDefinitionStatus.ACTIVE)
        .isEmpty();
  }

  private static TaskDefinitionStatus status(@Nullable String given) {
    if (given == null) {
      return TaskDefinitionStatus.ACTIVE;
    }
    for (TaskDefinitionStatus status : TaskDefinitionStatus.values()) {
      if (status.name().equals(given)) {
        return status;
      }
    }
    throw EcsErrors.invalidParameterException("'" + given + "' is not a task definition status.");
  }
}

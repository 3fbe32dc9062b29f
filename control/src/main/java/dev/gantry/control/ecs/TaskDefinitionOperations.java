package dev.gantry.control.ecs;

import dev.gantry.api.ecs.DeleteTaskDefinitionsRequest;
import dev.gantry.api.ecs.DeleteTaskDefinitionsResponse;
import dev.gantry.api.ecs.DeregisterTaskDefinitionRequest;
import dev.gantry.api.ecs.DeregisterTaskDefinitionResponse;
import dev.gantry.api.ecs.DescribeTaskDefinitionRequest;
import dev.gantry.api.ecs.DescribeTaskDefinitionResponse;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.Failure;
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
import dev.gantry.model.Change;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Task definitions: RegisterTaskDefinition, DeregisterTaskDefinition, DeleteTaskDefinitions,
/// DescribeTaskDefinition, ListTaskDefinitions, ListTaskDefinitionFamilies.
///
/// A revision is ACTIVE, then INACTIVE, then DELETE_IN_PROGRESS, and goes when nothing refers to it
/// any more. Its number is never used again.
///
/// Texts are ECS's where one is known: recorded answers of Amazon ECS of September 2026
/// (github.com/radkawar/stackd) and reports of users.
public final class TaskDefinitionOperations {
  /// How long a deleted revision stays DELETE_IN_PROGRESS at least, and how often it is looked
  /// whether something still refers to it. ECS names no time.
  public static final Duration DELETE_IN_PROGRESS = Duration.ofHours(1);

  private final Definitions definitions;
  private final Quotas quotas;

  private TaskDefinitionOperations(Definitions definitions, Quotas quotas) {
    this.definitions = definitions;
    this.quotas = quotas;
  }

  /// Registers the operations.
  public static void register(OperationTable table, Definitions definitions, Quotas quotas) {
    TaskDefinitionOperations operations = new TaskDefinitionOperations(definitions, quotas);
    table.command(Ecs.REGISTER_TASK_DEFINITION, operations::registerDefinition);
    table.command(Ecs.DEREGISTER_TASK_DEFINITION, operations::deregister);
    table.command(Ecs.DELETE_TASK_DEFINITIONS, operations::delete);
    table.query(Ecs.DESCRIBE_TASK_DEFINITION, operations::describe);
    table.query(Ecs.LIST_TASK_DEFINITIONS, TaskDefinitionOperations::list);
    table.query(Ecs.LIST_TASK_DEFINITION_FAMILIES, TaskDefinitionOperations::listFamilies);
  }

  private Decision<RegisterTaskDefinitionResponse> registerDefinition(
      Head head, RegisterTaskDefinitionRequest input, Context context) {
    TaskDefinition normalised = TaskDefinitionRules.normalise(input, quotas);
    List<Tag> tags = Tags.read(input.tags());
    TaskFamilyId familyId =
        new TaskFamilyId(context.scope(), Objects.requireNonNull(normalised.family()));
    TaskFamily family = head.state().taskFamily(familyId);
    int revision = family == null ? 1 : family.lastRevision() + 1;
    if (revision > quotas.revisionsPerFamily()) {
      throw EcsErrors.clientException(
          "A family has at most " + quotas.revisionsPerFamily() + " revisions.");
    }
    dev.gantry.model.TaskDefinition definition =
        dev.gantry.model.TaskDefinition.registered(
            new TaskDefinitionId(context.scope(), familyId.family(), revision),
            context.now(),
            context.principal().arn(),
            AwsJson.encodeToString(TaskDefinition.SHAPE, normalised),
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
      throw EcsErrors.clientException("Revision is missing.");
    }
    dev.gantry.model.TaskDefinition found = Definitions.find(head.state(), context.scope(), text);
    if (found == null) {
      throw EcsErrors.clientException("The specified task definition does not exist.");
    }
    return switch (found.status()) {
      case ACTIVE -> {
        dev.gantry.model.TaskDefinition inactive = found.deregistered(context.now());
        yield Decision.put(deregistered(inactive), inactive);
      }
      case INACTIVE -> Decision.answer(deregistered(found));
      case DELETE_IN_PROGRESS ->
          throw EcsErrors.clientException(
              "The task definition could not be deregistered because it is in the process of being"
                  + " deleted.");
    };
  }

  private DeregisterTaskDefinitionResponse deregistered(dev.gantry.model.TaskDefinition now) {
    return DeregisterTaskDefinitionResponse.builder().taskDefinition(definitions.show(now)).build();
  }

  private Decision<DeleteTaskDefinitionsResponse> delete(
      Head head, DeleteTaskDefinitionsRequest input, Context context) {
    List<String> names = Objects.requireNonNullElse(input.taskDefinitions(), List.of());
    if (names.isEmpty()) {
      throw EcsErrors.invalidParameterException("Task definitions cannot be empty.");
    }
    if (names.size() > quotas.definitionsPerDelete()) {
      throw EcsErrors.invalidParameterException(
          "taskDefinitions can have at most " + quotas.definitionsPerDelete() + " items.");
    }
    Map<TaskDefinitionId, dev.gantry.model.TaskDefinition> deleted = new LinkedHashMap<>();
    List<Change> changes = new ArrayList<>();
    List<Failure> failures = new ArrayList<>();
    for (String text : names) {
      EcsIds.DefinitionName name = EcsIds.definitionName(context.scope(), text);
      dev.gantry.model.TaskDefinition found = Definitions.find(head.state(), context.scope(), text);
      if (name == null || name.revision() == 0) {
        failures.add(
            failure(
                text,
                "The specified task definition identifier is invalid. "
                    + "Specify a valid name or ARN and try again."));
      } else if (found == null) {
        failures.add(
            failure(
                text,
                "The specified task definition does not exist. Specify a "
                    + "valid account, family, revision and try again."));
      } else if (found.status() == TaskDefinitionStatus.ACTIVE) {
        failures.add(
            failure(
                text,
                "The specified task definition is still in ACTIVE status. "
                    + "Please deregister the target and try again."));
      } else if (found.status() == TaskDefinitionStatus.DELETE_IN_PROGRESS) {
        deleted.putIfAbsent(found.id(), found);
      } else if (!deleted.containsKey(found.id())) {
        dev.gantry.model.TaskDefinition going =
            found.deleteRequested(context.now(), context.now().plus(DELETE_IN_PROGRESS));
        deleted.put(found.id(), going);
        changes.add(new Change.Put(going));
      }
    }
    return new Decision<>(
        changes,
        DeleteTaskDefinitionsResponse.builder()
            .taskDefinitions(deleted.values().stream().map(definitions::show).toList())
            .failures(failures)
            .build());
  }

  private static Failure failure(String name, String reason) {
    return Failure.builder().arn(name).reason(reason).build();
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
    String collection =
        Pages.collection("ListTaskDefinitions", family, status.name(), descending ? "DESC" : "ASC");
    TaskDefinitionId after = definitionAfter(scope, Pages.after(input.nextToken(), collection));
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
        .nextToken(page.nextToken(collection))
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
          case "ACTIVE" -> family -> has(state, family.id(), TaskDefinitionStatus.ACTIVE);
          case "INACTIVE" ->
              family ->
                  !has(state, family.id(), TaskDefinitionStatus.ACTIVE)
                      && hasAny(state, family.id());
          default -> family -> hasAny(state, family.id());
        };
    Group<TaskFamilyId, TaskFamily> all = state.group(Index.TASK_FAMILIES, scope);
    String collection = Pages.collection("ListTaskDefinitionFamilies", prefix, wanted);
    String after = Pages.after(input.nextToken(), collection);
    Pages.Page<String> page =
        Pages.take(
            after == null ? all : all.after(new TaskFamilyId(scope, after)),
            Pages.size(input.maxResults()),
            family -> family.id().family().startsWith(prefix) && byStatus.test(family),
            family -> family.id().family(),
            family -> family.id().family());
    return ListTaskDefinitionFamiliesResponse.builder()
        .families(page.items())
        .nextToken(page.nextToken(collection))
        .build();
  }

  private static boolean has(State state, TaskFamilyId family, TaskDefinitionStatus status) {
    return !state.group(Index.TASK_DEFINITIONS_BY_FAMILY, family, status).isEmpty();
  }

  /// A family of which every revision has gone is remembered for its number alone.
  private static boolean hasAny(State state, TaskFamilyId family) {
    for (TaskDefinitionStatus status : TaskDefinitionStatus.values()) {
      if (has(state, family, status)) {
        return true;
      }
    }
    return false;
  }

  private static TaskDefinitionStatus status(@Nullable String given) {
    return given == null ? TaskDefinitionStatus.ACTIVE : TaskDefinitionStatus.valueOf(given);
  }
}

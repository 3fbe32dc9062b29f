package dev.gantry.control.logs;

import dev.gantry.api.logs.AssociateKmsKeyRequest;
import dev.gantry.api.logs.CreateLogGroupRequest;
import dev.gantry.api.logs.DeleteLogGroupRequest;
import dev.gantry.api.logs.DeleteRetentionPolicyRequest;
import dev.gantry.api.logs.DescribeLogGroupsRequest;
import dev.gantry.api.logs.DescribeLogGroupsResponse;
import dev.gantry.api.logs.DisassociateKmsKeyRequest;
import dev.gantry.api.logs.ListLogGroupsRequest;
import dev.gantry.api.logs.ListLogGroupsResponse;
import dev.gantry.api.logs.LogGroupClass;
import dev.gantry.api.logs.LogGroupSummary;
import dev.gantry.api.logs.Logs;
import dev.gantry.api.logs.LogsErrors;
import dev.gantry.api.logs.PutLogGroupDeletionProtectionRequest;
import dev.gantry.api.logs.PutRetentionPolicyRequest;
import dev.gantry.api.logs.TagFilter;
import dev.gantry.control.Context;
import dev.gantry.control.Decision;
import dev.gantry.control.Head;
import dev.gantry.control.OperationTable;
import dev.gantry.control.Snapshot;
import dev.gantry.model.Change;
import dev.gantry.model.LogGroup;
import dev.gantry.model.LogGroupId;
import dev.gantry.model.LogResourcePolicyId;
import dev.gantry.model.LogStreamId;
import dev.gantry.model.Scope;
import dev.gantry.store.Batch;
import dev.gantry.store.Group;
import dev.gantry.store.Index;
import dev.gantry.store.LogStore;
import dev.gantry.store.State;
import dev.gantry.wire.server.Answer;
import dev.gantry.wire.shape.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Log groups: CreateLogGroup, DeleteLogGroup, DescribeLogGroups, ListLogGroups,
/// PutLogGroupDeletionProtection, PutRetentionPolicy, DeleteRetentionPolicy, AssociateKmsKey,
/// DisassociateKmsKey.
final class LogGroupOperations {
  /// The retentions there are, in days (API Reference, PutRetentionPolicy).
  static final List<Integer> RETENTIONS =
      List.of(
          1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557,
          2922, 3288, 3653);

  /// Names that begin so are Amazon's own (API Reference, CreateLogGroup).
  private static final String RESERVED_PREFIX = "aws/";

  /// How the results of queries end that a key may be for.
  private static final String QUERY_RESULTS = ":query-result:*";

  private LogGroupOperations() {}

  static void register(OperationTable table, LogQuotas quotas) {
    table.command(
        Logs.CREATE_LOG_GROUP, (head, input, context) -> create(head, input, context, quotas));
    table.command(Logs.DELETE_LOG_GROUP, LogGroupOperations::delete);
    table.logQuery(Logs.DESCRIBE_LOG_GROUPS, LogGroupOperations::describe);
    table.query(Logs.LIST_LOG_GROUPS, LogGroupOperations::list);
    table.command(Logs.PUT_LOG_GROUP_DELETION_PROTECTION, LogGroupOperations::protect);
    table.command(Logs.ASSOCIATE_KMS_KEY, LogGroupOperations::associateKey);
    table.command(Logs.DISASSOCIATE_KMS_KEY, LogGroupOperations::disassociateKey);
    table.command(Logs.PUT_RETENTION_POLICY, LogGroupOperations::putRetention);
    table.command(Logs.DELETE_RETENTION_POLICY, LogGroupOperations::deleteRetention);
  }

  private static Decision<Unit> create(
      Head head, CreateLogGroupRequest input, Context context, LogQuotas quotas) {
    State state = head.state();
    LogGroupId id = new LogGroupId(context.scope(), Objects.requireNonNull(input.logGroupName()));
    if (id.name().startsWith(RESERVED_PREFIX)) {
      throw LogsErrors.invalidParameterException(
          "Log group names can't start with the string " + RESERVED_PREFIX);
    }
    refuseWhatDoesNotAct(input);
    if (state.logGroup(id) != null) {
      throw LogsErrors.resourceAlreadyExistsException("The specified log group already exists");
    }
    if (!state.group(Index.LOG_STREAMS, id).isEmpty()) {
      // A group of that name was deleted, and its streams are still being removed.
      throw LogsErrors.operationAbortedException(
          "A conflicting operation is currently in progress against this resource. Please try"
              + " again.");
    }
    if (state.group(Index.LOG_GROUPS, id.scope()).size() >= quotas.groups()) {
      throw LogsErrors.limitExceededException("Resource limit exceeded.");
    }
    return Decision.put(
        Unit.UNIT,
        new LogGroup(
            id,
            context.now(),
            null,
            LogTagOperations.merge(List.of(), Objects.requireNonNullElse(input.tags(), Map.of())),
            Boolean.TRUE.equals(input.deletionProtectionEnabled())));
  }

  private static void refuseWhatDoesNotAct(CreateLogGroupRequest input) {
    List<String> members = new ArrayList<>();
    if (input.kmsKeyId() != null) {
      members.add("kmsKeyId");
    }
    if (input.logGroupClass() != null && !input.logGroupClass().equals(LogGroupClass.STANDARD)) {
      members.add("logGroupClass " + input.logGroupClass());
    }
    if (!members.isEmpty()) {
      throw LogsErrors.invalidParameterException(
          "CreateLogGroup does not act on "
              + String.join(", ", members)
              + " in this release of Gantry. COMPATIBILITY.md lists what acts.");
    }
  }

  /// Removes the group, and as many of its streams with it as one decision may; the control plane
  /// removes the others bit by bit.
  private static Decision<Unit> delete(Head head, DeleteLogGroupRequest input, Context context) {
    State state = head.state();
    LogGroup group = LogNames.group(state, context.scope(), input.logGroupName());
    if (group.deletionProtected()) {
      // "Protecting log groups from deletion", CloudWatch Logs User Guide.
      throw LogsErrors.validationException(
          "Cannot delete log group with deletion protection enabled. Disable deletion protection"
              + " first.");
    }
    List<Change> changes = new ArrayList<>();
    changes.add(new Change.Remove(group.id()));
    LogResourcePolicyId policy = LogResourcePolicyId.ofGroup(group.id());
    if (state.logResourcePolicy(policy) != null) {
      changes.add(new Change.Remove(policy));
    }
    for (LogStreamId stream : state.group(Index.LOG_STREAMS, group.id()).ids()) {
      if (changes.size() == Batch.MAX_CHANGES) {
        break;
      }
      changes.add(new Change.Remove(stream));
    }
    return new Decision<>(changes, Unit.UNIT);
  }

  private static Decision<Unit> putRetention(
      Head head, PutRetentionPolicyRequest input, Context context) {
    Integer days = Objects.requireNonNull(input.retentionInDays());
    if (!RETENTIONS.contains(days)) {
      // The model has it as any integer; the service checks it as an enum, and says so.
      throw LogsErrors.invalidParameterException(
          "1 validation error detected: Value '"
              + days
              + "' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum"
              + " value set: "
              + RETENTIONS);
    }
    return retain(LogNames.group(head.state(), context.scope(), input.logGroupName()), days);
  }

  private static Decision<Unit> deleteRetention(
      Head head, DeleteRetentionPolicyRequest input, Context context) {
    return retain(LogNames.group(head.state(), context.scope(), input.logGroupName()), null);
  }

  private static Decision<Unit> retain(LogGroup group, @Nullable Integer days) {
    return Decision.put(Unit.UNIT, group.withRetention(days));
  }

  private static void describe(
      Snapshot snapshot,
      DescribeLogGroupsRequest input,
      Context context,
      LogStore logs,
      Answer answer) {
    LogPages.Page<LogGroup> page = select(snapshot.state(), context.scope(), input);
    String nextToken = page.last() == null ? null : page.last().id().name();
    if (input.logGroupNamePattern() != null) {
      // With a pattern, what costs a look at the events is left out, and the retention: "only arn,
      // creationTime, and logGroupName are included in the response" (API Reference), and besides
      // metricFilterCount, logGroupArn and logGroupClass (localstack,
      // test_logs_groups.snapshot.json,
      // recorded from AWS in February 2026).
      answer.success(
          new DescribeLogGroupsResponse(
              page.items().stream().map(group -> brief(group).build()).toList(), nextToken));
      return;
    }
    logs.storedBytes(
        page.items().stream().map(LogGroup::id).toList(),
        Answering.with(
            answer,
            bytes ->
                new DescribeLogGroupsResponse(
                    page.items().stream()
                        .map(group -> show(group, bytes.getOrDefault(group.id(), 0L)))
                        .toList(),
                    nextToken)));
  }

  private static LogPages.Page<LogGroup> select(
      State state, Scope scope, DescribeLogGroupsRequest input) {
    String prefix = input.logGroupNamePrefix();
    String pattern = input.logGroupNamePattern();
    List<String> identifiers = input.logGroupIdentifiers();
    if (prefix != null && pattern != null) {
      throw LogsErrors.invalidParameterException(
          "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
    }
    // Every group is of the one class there is, and there are no linked accounts.
    boolean none =
        input.logGroupClass() != null && !input.logGroupClass().equals(LogGroupClass.STANDARD);
    if (identifiers != null) {
      if (prefix != null || pattern != null) {
        throw LogsErrors.invalidParameterException(
            "logGroupIdentifiers cannot be combined with logGroupNamePrefix or"
                + " logGroupNamePattern.");
      }
      List<LogGroup> named = new ArrayList<>();
      for (String identifier : identifiers) {
        LogGroup group = none ? null : LogNames.find(state, scope, identifier);
        if (group != null && !named.contains(group)) {
          named.add(group);
        }
      }
      return new LogPages.Page<>(named, null);
    }
    Group<LogGroupId, LogGroup> all = state.group(Index.LOG_GROUPS, scope);
    String begin = Objects.requireNonNullElse(prefix, "");
    String token = input.nextToken();
    Predicate<LogGroup> wanted =
        group -> !none && (pattern == null || group.id().name().contains(pattern));
    return LogPages.take(
        token == null || token.compareTo(begin) < 0
            ? all.from(new LogGroupId(scope, begin))
            : all.after(new LogGroupId(scope, token)),
        LogPages.size(input.limit()),
        group -> group.id().name().startsWith(begin),
        wanted);
  }

  private static Decision<Unit> protect(
      Head head, PutLogGroupDeletionProtectionRequest input, Context context) {
    LogGroup group =
        LogNames.identified(
            head.state(), context.scope(), Objects.requireNonNull(input.logGroupIdentifier()));
    return Decision.put(
        Unit.UNIT,
        group.withDeletionProtected(Objects.requireNonNull(input.deletionProtectionEnabled())));
  }

  /// There is no KMS, so there is no such key: "If you attempt to associate a KMS key with the log
  /// group but the KMS key does not exist or the KMS key is disabled, you receive an
  /// InvalidParameterException error" (API Reference).
  private static Decision<Unit> associateKey(
      Head head, AssociateKmsKeyRequest input, Context context) {
    keyed(head, context, input.logGroupName(), input.resourceIdentifier());
    throw LogsErrors.invalidParameterException(
        "The specified KMS key does not exist: Gantry has no KMS in this release, and does not"
            + " encrypt log groups with keys. COMPATIBILITY.md lists what acts.");
  }

  /// Nothing has a key, so that there is nothing to be taken off.
  private static Decision<Unit> disassociateKey(
      Head head, DisassociateKmsKeyRequest input, Context context) {
    keyed(head, context, input.logGroupName(), input.resourceIdentifier());
    return new Decision<>(List.of(), Unit.UNIT);
  }

  /// Sees to it that what a key is for exists.
  private static void keyed(
      Head head, Context context, @Nullable String name, @Nullable String identifier) {
    if ((name == null) == (identifier == null)) {
      throw LogsErrors.invalidParameterException(
          "You must include either logGroupName or resourceIdentifier, but not both.");
    }
    if (identifier == null) {
      LogNames.group(head.state(), context.scope(), name);
    } else if (!identifier.endsWith(QUERY_RESULTS)) {
      LogNames.identified(head.state(), context.scope(), identifier);
    }
  }

  private static ListLogGroupsResponse list(
      Snapshot snapshot, ListLogGroupsRequest input, Context context) {
    Scope scope = context.scope();
    Group<LogGroupId, LogGroup> all = snapshot.state().group(Index.LOG_GROUPS, scope);
    String token = input.nextToken();
    // No group has a data source or an indexed field.
    boolean none =
        (input.logGroupClass() != null && !input.logGroupClass().equals(LogGroupClass.STANDARD))
            || input.dataSources() != null
            || input.fieldIndexNames() != null;
    Predicate<String> named = pattern(input.logGroupNamePattern());
    List<TagFilter> tags = Objects.requireNonNullElse(input.logGroupTags(), List.of());
    LogPages.Page<LogGroup> page =
        LogPages.take(
            token == null ? all : all.after(new LogGroupId(scope, token)),
            LogPages.size(input.limit()),
            group -> true,
            group -> !none && named.test(group.id().name()) && hasTags(group, tags));
    return new ListLogGroupsResponse(
        page.items().stream()
            .map(group ->
                LogGroupSummary.builder()
                    .logGroupName(group.id().name())
                    .logGroupArn(group.id().arn())
                    .logGroupClass(LogGroupClass.STANDARD)
                    .build())
            .toList(),
        page.last() == null ? null : page.last().id().name());
  }

  /// Up to five alternatives between `|`: `^` and a beginning, or anything that is in the name. The
  /// model lets nothing else through; `.`, which it does, stands for itself, as in the names.
  private static Predicate<String> pattern(@Nullable String pattern) {
    if (pattern == null) {
      return name -> true;
    }
    List<String> alternatives = List.of(pattern.split("\\|", -1));
    return name ->
        alternatives.stream()
            .anyMatch(each ->
                each.startsWith("^") ? name.startsWith(each.substring(1)) : name.contains(each));
  }

  /// Whether a group has a tag for each filter: of its key, and of one of its values if it has any.
  private static boolean hasTags(LogGroup group, List<TagFilter> filters) {
    return filters.stream()
        .allMatch(filter ->
            group.tags().stream()
                .anyMatch(tag ->
                    tag.key().equals(filter.key())
                        && (filter.values() == null
                            || filter.values().isEmpty()
                            || filter.values().contains(tag.value()))));
  }

  private static dev.gantry.api.logs.LogGroup.Builder brief(LogGroup group) {
    return dev.gantry.api.logs.LogGroup.builder()
        .logGroupName(group.id().name())
        .creationTime(group.createdAt().toEpochMilli())
        .metricFilterCount(0)
        .arn(group.id().arn() + ":*")
        .logGroupArn(group.id().arn())
        .logGroupClass(LogGroupClass.STANDARD);
  }

  private static dev.gantry.api.logs.LogGroup show(LogGroup group, long storedBytes) {
    return brief(group)
        .retentionInDays(group.retentionInDays())
        .storedBytes(storedBytes)
        .deletionProtectionEnabled(group.deletionProtected())
        .bearerTokenAuthenticationEnabled(false)
        .build();
  }
}

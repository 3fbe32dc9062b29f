package dev.gantry.control.logs;

import dev.gantry.api.logs.CreateLogGroupRequest;
import dev.gantry.api.logs.DeleteLogGroupRequest;
import dev.gantry.api.logs.DeleteRetentionPolicyRequest;
import dev.gantry.api.logs.DescribeLogGroupsRequest;
import dev.gantry.api.logs.DescribeLogGroupsResponse;
import dev.gantry.api.logs.LogGroupClass;
import dev.gantry.api.logs.Logs;
import dev.gantry.api.logs.LogsErrors;
import dev.gantry.api.logs.PutRetentionPolicyRequest;
import dev.gantry.control.Context;
import dev.gantry.control.Decision;
import dev.gantry.control.Head;
import dev.gantry.control.OperationTable;
import dev.gantry.control.Snapshot;
import dev.gantry.model.Change;
import dev.gantry.model.LogGroup;
import dev.gantry.model.LogGroupId;
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

/// Log groups: CreateLogGroup, DeleteLogGroup, DescribeLogGroups, PutRetentionPolicy,
/// DeleteRetentionPolicy.
final class LogGroupOperations {
  /// The most groups of an account in a region (CloudWatch Logs quotas).
  static final int MAX_GROUPS = 1_000_000;

  /// The retentions there are, in days (API Reference, PutRetentionPolicy).
  static final List<Integer> RETENTIONS =
      List.of(
          1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557,
          2922, 3288, 3653);

  /// Names that begin so are Amazon's own (API Reference, CreateLogGroup).
  private static final String RESERVED_PREFIX = "aws/";

  private LogGroupOperations() {}

  static void register(OperationTable table) {
    table.command(Logs.CREATE_LOG_GROUP, LogGroupOperations::create);
    table.command(Logs.DELETE_LOG_GROUP, LogGroupOperations::delete);
    table.logQuery(Logs.DESCRIBE_LOG_GROUPS, LogGroupOperations::describe);
    table.command(Logs.PUT_RETENTION_POLICY, LogGroupOperations::putRetention);
    table.command(Logs.DELETE_RETENTION_POLICY, LogGroupOperations::deleteRetention);
  }

  private static Decision<Unit> create(Head head, CreateLogGroupRequest input, Context context) {
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
    if (state.group(Index.LOG_GROUPS, id.scope()).size() >= MAX_GROUPS) {
      throw LogsErrors.limitExceededException("Resource limit exceeded.");
    }
    return Decision.put(
        Unit.UNIT,
        new LogGroup(
            id,
            context.now(),
            null,
            LogTagOperations.merge(List.of(), Objects.requireNonNullElse(input.tags(), Map.of()))));
  }

  private static void refuseWhatDoesNotAct(CreateLogGroupRequest input) {
    List<String> members = new ArrayList<>();
    if (input.kmsKeyId() != null) {
      members.add("kmsKeyId");
    }
    if (input.logGroupClass() != null && !input.logGroupClass().equals(LogGroupClass.STANDARD)) {
      members.add("logGroupClass " + input.logGroupClass());
    }
    if (Boolean.TRUE.equals(input.deletionProtectionEnabled())) {
      members.add("deletionProtectionEnabled");
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
    List<Change> changes = new ArrayList<>();
    changes.add(new Change.Remove(group.id()));
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
    return Decision.put(Unit.UNIT, new LogGroup(group.id(), group.createdAt(), days, group.tags()));
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
      // "If you specify logGroupNamePattern in your request, then only arn, creationTime, and
      // logGroupName are included in the response" (API Reference, DescribeLogGroups).
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
          "logGroupNamePrefix and logGroupNamePattern are mutually exclusive.");
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

  private static dev.gantry.api.logs.LogGroup.Builder brief(LogGroup group) {
    return dev.gantry.api.logs.LogGroup.builder()
        .logGroupName(group.id().name())
        .creationTime(group.createdAt().toEpochMilli())
        .arn(group.id().arn() + ":*");
  }

  private static dev.gantry.api.logs.LogGroup show(LogGroup group, long storedBytes) {
    return brief(group)
        .retentionInDays(group.retentionInDays())
        .metricFilterCount(0)
        .storedBytes(storedBytes)
        .logGroupClass(LogGroupClass.STANDARD)
        .logGroupArn(group.id().arn())
        .deletionProtectionEnabled(false)
        .bearerTokenAuthenticationEnabled(false)
        .build();
  }
}

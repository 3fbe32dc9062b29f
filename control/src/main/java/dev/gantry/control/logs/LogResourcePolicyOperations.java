package dev.gantry.control.logs;

import dev.gantry.api.logs.DeleteResourcePolicyRequest;
import dev.gantry.api.logs.DescribeResourcePoliciesRequest;
import dev.gantry.api.logs.DescribeResourcePoliciesResponse;
import dev.gantry.api.logs.Logs;
import dev.gantry.api.logs.LogsErrors;
import dev.gantry.api.logs.PolicyScope;
import dev.gantry.api.logs.PutResourcePolicyRequest;
import dev.gantry.api.logs.PutResourcePolicyResponse;
import dev.gantry.api.logs.ResourcePolicy;
import dev.gantry.control.Context;
import dev.gantry.control.Decision;
import dev.gantry.control.Head;
import dev.gantry.control.OperationTable;
import dev.gantry.control.Snapshot;
import dev.gantry.model.Change;
import dev.gantry.model.LogGroup;
import dev.gantry.model.LogGroupId;
import dev.gantry.model.LogResourcePolicy;
import dev.gantry.model.LogResourcePolicyId;
import dev.gantry.model.Scope;
import dev.gantry.store.Group;
import dev.gantry.store.Index;
import dev.gantry.store.State;
import dev.gantry.wire.shape.ServiceException;
import dev.gantry.wire.shape.Unit;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// Resource policies: PutResourcePolicy, DescribeResourcePolicies, DeleteResourcePolicy. They are
/// kept and shown. In AWS they let AWS's own services write to log groups, which are not here.
///
/// A policy belongs to the account, then its name is what it is known by, or to one log group, then
/// it has a revision, and whoever changes it must know the last (API Reference, PutResourcePolicy).
final class LogResourcePolicyOperations {
  /// The most policies of an account in a region, those of log groups apart.
  static final int MAX_OF_ACCOUNT = 10;

  private static final JsonFactory JSON = new JsonFactory();

  private LogResourcePolicyOperations() {}

  static void register(OperationTable table) {
    table.command(Logs.PUT_RESOURCE_POLICY, LogResourcePolicyOperations::put);
    table.query(Logs.DESCRIBE_RESOURCE_POLICIES, LogResourcePolicyOperations::describe);
    table.command(Logs.DELETE_RESOURCE_POLICY, LogResourcePolicyOperations::delete);
  }

  private static Decision<PutResourcePolicyResponse> put(
      Head head, PutResourcePolicyRequest input, Context context) {
    State state = head.state();
    LogResourcePolicyId id = named(state, context.scope(), input.policyName(), input.resourceArn());
    String document = input.policyDocument();
    if (document == null || !isObject(document)) {
      throw LogsErrors.invalidParameterException("The policyDocument is not a JSON object.");
    }
    LogResourcePolicy before = state.logResourcePolicy(id);
    if (id.isOfAccount()) {
      if (before == null && ofAccount(state, context.scope()) >= MAX_OF_ACCOUNT) {
        throw LogsErrors.limitExceededException("Resource limit exceeded.");
      }
    } else {
      checkRevision(before, input.expectedRevisionId());
    }
    LogResourcePolicy policy =
        new LogResourcePolicy(
            id,
            input.policyName(),
            document,
            context.now(),
            id.isOfAccount() ? null : head.ids().uuid());
    return Decision.put(new PutResourcePolicyResponse(show(policy), policy.revision()), policy);
  }

  private static DescribeResourcePoliciesResponse describe(
      Snapshot snapshot, DescribeResourcePoliciesRequest input, Context context) {
    State state = snapshot.state();
    Scope scope = context.scope();
    if (input.resourceArn() != null) {
      // The operation has no error that says that there is no such group.
      LogGroup group = LogNames.find(state, scope, input.resourceArn());
      LogResourcePolicy policy =
          group == null ? null : state.logResourcePolicy(LogResourcePolicyId.ofGroup(group.id()));
      return new DescribeResourcePoliciesResponse(
          policy == null ? List.of() : List.of(show(policy)), null);
    }
    // "When not specified, defaults to ACCOUNT" (API Reference, DescribeResourcePolicies).
    boolean account = !PolicyScope.RESOURCE.equals(input.policyScope());
    Group<LogResourcePolicyId, LogResourcePolicy> all =
        state.group(Index.LOG_RESOURCE_POLICIES, scope);
    String token = input.nextToken();
    Iterable<LogResourcePolicy> rest;
    if (account) {
      rest = token == null ? all : all.after(LogResourcePolicyId.ofAccount(scope, token));
    } else {
      // Every name of a group comes after the empty one, which stands for the account.
      rest =
          all.after(
              LogResourcePolicyId.ofGroup(
                  new LogGroupId(scope, Objects.requireNonNullElse(token, "\0"))));
    }
    LogPages.Page<LogResourcePolicy> page =
        LogPages.take(
            rest,
            LogPages.size(input.limit()),
            policy -> policy.id().isOfAccount() == account,
            policy -> true);
    LogResourcePolicy last = page.last();
    return new DescribeResourcePoliciesResponse(
        page.items().stream().map(LogResourcePolicyOperations::show).toList(),
        last == null ? null : account ? last.id().name() : last.id().group());
  }

  private static Decision<Unit> delete(
      Head head, DeleteResourcePolicyRequest input, Context context) {
    State state = head.state();
    LogResourcePolicyId id = named(state, context.scope(), input.policyName(), input.resourceArn());
    LogResourcePolicy policy = state.logResourcePolicy(id);
    if (policy == null) {
      // The text: localstack, test_logs_resource_policies.snapshot.json, recorded from AWS in
      // February 2026; what stands there for a group is ours.
      throw LogsErrors.resourceNotFoundException(
          id.isOfAccount()
              ? "Policy with name [" + id.name() + "] does not exist."
              : "The log group has no resource policy.");
    }
    if (!id.isOfAccount()) {
      checkRevision(policy, input.expectedRevisionId());
    }
    return new Decision<>(List.of(new Change.Remove(id)), Unit.UNIT);
  }

  private static LogResourcePolicyId named(
      State state, Scope scope, @Nullable String name, @Nullable String resourceArn) {
    if (resourceArn != null) {
      return LogResourcePolicyId.ofGroup(LogNames.identified(state, scope, resourceArn).id());
    }
    if (name == null || name.isEmpty()) {
      throw LogsErrors.invalidParameterException(
          "You must include either policyName or resourceArn.");
    }
    return LogResourcePolicyId.ofAccount(scope, name);
  }

  /// Refuses a change by somebody who does not know the last one.
  private static void checkRevision(@Nullable LogResourcePolicy policy, @Nullable String expected) {
    String revision = policy == null ? null : policy.revision();
    if (!Objects.equals(revision, expected)) {
      throw conflict();
    }
  }

  private static ServiceException conflict() {
    return LogsErrors.operationAbortedException(
        "The expectedRevisionId is not the revision of the resource policy.");
  }

  private static int ofAccount(State state, Scope scope) {
    int count = 0;
    for (LogResourcePolicy policy : state.group(Index.LOG_RESOURCE_POLICIES, scope)) {
      if (!policy.id().isOfAccount()) {
        break;
      }
      count++;
    }
    return count;
  }

  private static boolean isObject(String document) {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), document)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return false;
      }
      parser.skipChildren();
      return parser.nextToken() == null;
    } catch (JacksonException notJson) {
      return false;
    }
  }

  private static ResourcePolicy show(LogResourcePolicy policy) {
    boolean account = policy.id().isOfAccount();
    return ResourcePolicy.builder()
        .policyName(policy.name())
        .policyDocument(policy.document())
        .lastUpdatedTime(policy.updatedAt().toEpochMilli())
        .policyScope(account ? PolicyScope.ACCOUNT : PolicyScope.RESOURCE)
        .resourceArn(
            account ? null : new LogGroupId(policy.id().scope(), policy.id().group()).arn())
        .revisionId(policy.revision())
        .build();
  }
}

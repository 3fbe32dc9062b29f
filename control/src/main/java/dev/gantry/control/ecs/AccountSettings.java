package dev.gantry.control.ecs;

import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.model.AccountSetting;
import dev.gantry.model.AccountSettingId;
import dev.gantry.model.Arn;
import dev.gantry.model.Scope;
import dev.gantry.store.State;
import dev.gantry.wire.shape.ServiceException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The account settings there are, what each may be, and what it is for whom ("Access Amazon ECS
/// features with account settings", Amazon ECS Developer Guide).
///
/// What a principal was given counts; else what the account's root user was given, which is the
/// account's default; else what Amazon begins with.
public final class AccountSettings {
  /// The setting that new clusters take their own from.
  static final String CONTAINER_INSIGHTS = "containerInsights";

  /// The setting that decides how output is delivered where a task definition does not say.
  private static final String LOG_DRIVER_MODE = "defaultLogDriverMode";

  private static final String ENABLED = "enabled";
  private static final String DISABLED = "disabled";

  /// One setting.
  ///
  /// @param values what it can be given
  /// @param locked what it could once be given and no longer can, and for that an error of its own;
  ///   null if there is no such value
  /// @param initial what it is until somebody gives it a value
  /// @param managed whether Amazon sets it and callers only read it
  record Rule(
      String name, List<String> values, @Nullable Locked locked, String initial, boolean managed) {
    private static Rule of(String name, String initial, String... values) {
      return new Rule(name, List.of(values), null, initial, false);
    }

    private static Rule locked(String name, String value, String off, String text) {
      return new Rule(name, List.of(value), new Locked(off, text), value, false);
    }

    /// As the API calls it.
    String type() {
      return managed ? "aws_managed" : "user";
    }
  }

  /// A value that is no longer accepted, and the text that says so.
  record Locked(String value, String text) {}

  // Amazon's text, as the documentation of terraform's aws_ecs_account_setting_default has it; its
  // destroy goes on at "You can no longer disable".
  private static final String NO_SHORT_ARNS = "You can no longer disable Long Arn settings";

  /// Every setting of the model, in the order in which they are listed. (dualStackIPv6 is
  /// documented but not in the model.)
  static final List<Rule> RULES =
      List.of(
          Rule.locked("serviceLongArnFormat", ENABLED, DISABLED, NO_SHORT_ARNS),
          Rule.locked("taskLongArnFormat", ENABLED, DISABLED, NO_SHORT_ARNS),
          Rule.locked("containerInstanceLongArnFormat", ENABLED, DISABLED, NO_SHORT_ARNS),
          Rule.of("awsvpcTrunking", DISABLED, ENABLED, DISABLED),
          Rule.of(CONTAINER_INSIGHTS, DISABLED, "enhanced", ENABLED, DISABLED),
          Rule.of("fargateFIPSMode", DISABLED, ENABLED, DISABLED),
          Rule.locked(
              "tagResourceAuthorization",
              "on",
              "off",
              "You can no longer disable Tag Resource Authorization settings"),
          Rule.of("fargateTaskRetirementWaitPeriod", "7", "0", "7", "14"),
          new Rule("guardDutyActivate", List.of(), null, "off", true),
          Rule.of(LOG_DRIVER_MODE, "non-blocking", "blocking", "non-blocking"),
          Rule.of("fargateEventWindows", DISABLED, ENABLED, DISABLED));

  private AccountSettings() {}

  /// The rule of a setting that the model has.
  ///
  /// @throws ServiceException InvalidParameterException if there is no such setting
  static Rule rule(@Nullable String name) {
    for (Rule rule : RULES) {
      if (rule.name().equals(name)) {
        return rule;
      }
    }
    throw EcsErrors.invalidParameterException("Invalid setting 'name'");
  }

  /// Refuses what a setting cannot be given. The text about values is Amazon's
  /// (terraform-provider-aws, issue 32114).
  ///
  /// @throws ServiceException InvalidParameterException
  static void requireValue(Rule rule, @Nullable String value) {
    if (rule.managed()) {
      throw EcsErrors.invalidParameterException(
          "The account setting " + rule.name() + " is managed by AWS and cannot be changed.");
    }
    if (rule.locked() != null && rule.locked().value().equals(value)) {
      throw EcsErrors.invalidParameterException(rule.locked().text());
    }
    if (value == null || !rule.values().contains(value)) {
      throw EcsErrors.invalidParameterException("Invalid setting 'value'");
    }
  }

  /// How an account has its containers' output delivered unless a task definition says:
  /// `non-blocking` or `blocking`.
  public static String logDriverMode(State state, Scope scope) {
    return effective(state, scope, rule(LOG_DRIVER_MODE), root(scope));
  }

  /// What a setting is for a principal.
  static String effective(State state, Scope scope, Rule rule, String principal) {
    AccountSetting own = given(state, scope, rule, principal);
    AccountSetting setting = own != null ? own : given(state, scope, rule, root(scope));
    return setting == null ? rule.initial() : setting.value();
  }

  /// What a principal was given, or null.
  static @Nullable AccountSetting given(State state, Scope scope, Rule rule, String principal) {
    return state.accountSetting(id(scope, rule, principal));
  }

  static AccountSettingId id(Scope scope, Rule rule, String principal) {
    return new AccountSettingId(scope, rule.name(), principal);
  }

  /// The account's root user, whose settings are the defaults of all others.
  static String root(Scope scope) {
    return "arn:aws:iam::" + scope.account() + ":root";
  }

  /// The principal whose settings count for a caller. A role's session has the role's; what has
  /// none of its own, as a federated user, has the root user's.
  static String principal(Scope scope, String callerArn) {
    Arn arn = Arn.parse(callerArn);
    if (arn == null) {
      return root(scope);
    }
    String[] parts = arn.resource().split("/", -1);
    if (arn.service().equals("sts") && parts[0].equals("assumed-role") && parts.length == 3) {
      return "arn:aws:iam::" + scope.account() + ":role/" + parts[1];
    }
    return isPrincipal(scope, arn) ? callerArn : root(scope);
  }

  /// Whether an ARN is of a user or role of this account, or of its root user.
  static boolean isPrincipal(Scope scope, Arn arn) {
    String resource = arn.resource();
    return arn.service().equals("iam")
        && arn.account().equals(scope.account())
        && (resource.equals("root")
            || (resource.startsWith("user/") && resource.length() > "user/".length())
            || (resource.startsWith("role/") && resource.length() > "role/".length()));
  }
}

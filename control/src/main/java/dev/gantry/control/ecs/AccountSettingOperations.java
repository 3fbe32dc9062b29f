package dev.gantry.control.ecs;

import dev.gantry.api.ecs.DeleteAccountSettingRequest;
import dev.gantry.api.ecs.DeleteAccountSettingResponse;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.ListAccountSettingsRequest;
import dev.gantry.api.ecs.ListAccountSettingsResponse;
import dev.gantry.api.ecs.PutAccountSettingDefaultRequest;
import dev.gantry.api.ecs.PutAccountSettingDefaultResponse;
import dev.gantry.api.ecs.PutAccountSettingRequest;
import dev.gantry.api.ecs.PutAccountSettingResponse;
import dev.gantry.api.ecs.Setting;
import dev.gantry.control.Context;
import dev.gantry.control.Decision;
import dev.gantry.control.Head;
import dev.gantry.control.OperationTable;
import dev.gantry.control.Snapshot;
import dev.gantry.model.AccountSetting;
import dev.gantry.model.Arn;
import dev.gantry.model.Change;
import dev.gantry.store.State;
import dev.gantry.wire.shape.ServiceException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Account settings: PutAccountSetting, PutAccountSettingDefault, DeleteAccountSetting,
/// ListAccountSettings. Of the settings only containerInsights acts here; all are kept and shown.
public final class AccountSettingOperations {
  /// The most settings on one page (ListAccountSettings.maxResults).
  static final int MAX_PAGE = 10;

  /// The longest ARN of a principal (IAM and STS character limits).
  static final int MAX_PRINCIPAL = 2048;

  private AccountSettingOperations() {}

  /// Registers the operations.
  public static void register(OperationTable table) {
    table.command(Ecs.PUT_ACCOUNT_SETTING, AccountSettingOperations::put);
    table.command(Ecs.PUT_ACCOUNT_SETTING_DEFAULT, AccountSettingOperations::putDefault);
    table.command(Ecs.DELETE_ACCOUNT_SETTING, AccountSettingOperations::delete);
    table.query(Ecs.LIST_ACCOUNT_SETTINGS, AccountSettingOperations::list);
  }

  private static Decision<PutAccountSettingResponse> put(
      Head head, PutAccountSettingRequest input, Context context) {
    AccountSettings.Rule rule = AccountSettings.rule(input.name());
    AccountSettings.requireValue(rule, input.value());
    String principal = principal(context, input.principalArn());
    AccountSetting setting =
        new AccountSetting(
            AccountSettings.id(context.scope(), rule, principal), String.valueOf(input.value()));
    return new Decision<>(
        change(head.state(), setting),
        PutAccountSettingResponse.builder()
            .setting(show(rule, setting.value(), principal))
            .build());
  }

  private static Decision<PutAccountSettingDefaultResponse> putDefault(
      Head head, PutAccountSettingDefaultRequest input, Context context) {
    AccountSettings.Rule rule = AccountSettings.rule(input.name());
    AccountSettings.requireValue(rule, input.value());
    String root = AccountSettings.root(context.scope());
    AccountSetting setting =
        new AccountSetting(
            AccountSettings.id(context.scope(), rule, root), String.valueOf(input.value()));
    return new Decision<>(
        change(head.state(), setting),
        PutAccountSettingDefaultResponse.builder()
            .setting(show(rule, setting.value(), root))
            .build());
  }

  private static List<Change> change(State state, AccountSetting setting) {
    return setting.equals(state.accountSetting(setting.id()))
        ? List.of()
        : List.of(new Change.Put(setting));
  }

  /// Answers with the value that was taken away (as the example in the API Reference), or, where
  /// there was none, with the one that counts.
  private static Decision<DeleteAccountSettingResponse> delete(
      Head head, DeleteAccountSettingRequest input, Context context) {
    State state = head.state();
    AccountSettings.Rule rule = AccountSettings.rule(input.name());
    String principal = principal(context, input.principalArn());
    AccountSetting given = AccountSettings.given(state, context.scope(), rule, principal);
    String value =
        given != null
            ? given.value()
            : AccountSettings.effective(state, context.scope(), rule, principal);
    return new Decision<>(
        given == null ? List.of() : List.of(new Change.Remove(given.id())),
        DeleteAccountSettingResponse.builder().setting(show(rule, value, principal)).build());
  }

  private static ListAccountSettingsResponse list(
      Snapshot snapshot, ListAccountSettingsRequest input, Context context) {
    String principal = principal(context, input.principalArn());
    if (input.value() != null && input.name() == null) {
      throw EcsErrors.invalidParameterException(
          "The value parameter can only be used together with the name parameter.");
    }
    List<AccountSettings.Rule> rules =
        input.name() == null ? AccountSettings.RULES : List.of(AccountSettings.rule(input.name()));
    boolean effective = Boolean.TRUE.equals(input.effectiveSettings());
    String collection =
        Pages.collection(
            Ecs.LIST_ACCOUNT_SETTINGS.name(),
            principal,
            input.name(),
            input.value(),
            Boolean.toString(effective));
    List<Setting> settings = new ArrayList<>();
    for (AccountSettings.Rule rule : after(rules, Pages.after(input.nextToken(), collection))) {
      AccountSetting given =
          AccountSettings.given(snapshot.state(), context.scope(), rule, principal);
      if (effective) {
        String value =
            AccountSettings.effective(snapshot.state(), context.scope(), rule, principal);
        settings.add(show(rule, value, principal));
      } else if (given != null) {
        settings.add(show(rule, given.value(), principal));
      }
    }
    Pages.Page<Setting> page =
        Pages.take(
            settings,
            Pages.size(input.maxResults(), MAX_PAGE),
            setting -> input.value() == null || input.value().equals(setting.value()),
            setting -> String.valueOf(setting.name()),
            setting -> setting);
    return ListAccountSettingsResponse.builder()
        .settings(page.items())
        .nextToken(page.nextToken(collection))
        .build();
  }

  private static List<AccountSettings.Rule> after(
      List<AccountSettings.Rule> rules, @Nullable String name) {
    if (name == null) {
      return rules;
    }
    for (int i = 0; i < rules.size(); i++) {
      if (rules.get(i).name().equals(name)) {
        return rules.subList(i + 1, rules.size());
      }
    }
    throw Pages.invalidToken();
  }

  /// Whose setting a call is about: the caller's own unless it names somebody, which only the root
  /// user may (ListAccountSettings.principalArn).
  ///
  /// @throws ServiceException InvalidParameterException if it is no principal of this account;
  ///   AccessDeniedException if it is not the caller's to set
  private static String principal(Context context, @Nullable String named) {
    String caller = AccountSettings.principal(context.scope(), context.principal().arn());
    if (named == null || named.isEmpty() || named.equals(caller)) {
      return caller;
    }
    Arn arn = named.length() > MAX_PRINCIPAL ? null : Arn.parse(named);
    if (arn == null || !AccountSettings.isPrincipal(context.scope(), arn)) {
      throw EcsErrors.invalidParameterException("Invalid principalArn");
    }
    if (!caller.equals(AccountSettings.root(context.scope()))) {
      throw EcsErrors.accessDeniedException(
          "Only the root user can use the account settings of another principal.");
    }
    return named;
  }

  private static Setting show(AccountSettings.Rule rule, String value, String principal) {
    return Setting.builder()
        .name(rule.name())
        .value(value)
        .principalArn(principal)
        .type(rule.type())
        .build();
  }
}

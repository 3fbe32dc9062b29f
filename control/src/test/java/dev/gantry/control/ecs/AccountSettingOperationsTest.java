package dev.gantry.control.ecs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.ecs.DeleteAccountSettingRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.ListAccountSettingsRequest;
import dev.gantry.api.ecs.ListAccountSettingsResponse;
import dev.gantry.api.ecs.PutAccountSettingDefaultRequest;
import dev.gantry.api.ecs.PutAccountSettingRequest;
import dev.gantry.api.ecs.Setting;
import dev.gantry.api.ecs.SettingName;
import dev.gantry.control.ControlHarness;
import dev.gantry.model.Scope;
import dev.gantry.wire.shape.ServiceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccountSettingOperationsTest {
  private static final String ROOT = "arn:aws:iam::000000000000:root";
  private static final String USER = "arn:aws:iam::000000000000:user/path/ann";

  private final ControlHarness control = new ControlHarness(EcsHarness::register);

  @Test
  void everySettingOfTheModelHasARule() {
    assertThat(AccountSettings.RULES)
        .extracting(AccountSettings.Rule::name)
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(SettingName.VALUES);
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          serviceLongArnFormat, enabled, user
          taskLongArnFormat, enabled, user
          containerInstanceLongArnFormat, enabled, user
          awsvpcTrunking, disabled, user
          containerInsights, disabled, user
          fargateFIPSMode, disabled, user
          tagResourceAuthorization, on, user
          fargateTaskRetirementWaitPeriod, 7, user
          guardDutyActivate, off, aws_managed
          defaultLogDriverMode, non-blocking, user
          fargateEventWindows, disabled, user
          """)
  void whatCountsBeforeAnybodySaidAnything(String name, String value, String type) {
    assertThat(list(ListAccountSettingsRequest.builder().name(name).effectiveSettings(true)))
        .containsExactly(setting(name, value, ROOT, type));
    assertThat(list(ListAccountSettingsRequest.builder().name(name))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          serviceLongArnFormat, enabled
          taskLongArnFormat, enabled
          containerInstanceLongArnFormat, enabled
          awsvpcTrunking, enabled
          awsvpcTrunking, disabled
          containerInsights, enhanced
          containerInsights, enabled
          containerInsights, disabled
          fargateFIPSMode, enabled
          tagResourceAuthorization, on
          fargateTaskRetirementWaitPeriod, 0
          fargateTaskRetirementWaitPeriod, 7
          fargateTaskRetirementWaitPeriod, 14
          defaultLogDriverMode, blocking
          defaultLogDriverMode, non-blocking
          fargateEventWindows, enabled
          """)
  void whatASettingCanBeGiven(String name, String value) {
    assertThat(put(name, value, null)).isEqualTo(setting(name, value, ROOT, "user"));
    assertThat(list(ListAccountSettingsRequest.builder().name(name)))
        .containsExactly(setting(name, value, ROOT, "user"));
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          taskLongArnFormat, ENABLED, Invalid setting 'value'
          taskLongArnFormat, disabled, You can no longer disable Long Arn settings
          serviceLongArnFormat, disabled, You can no longer disable Long Arn settings
          containerInstanceLongArnFormat, disabled, You can no longer disable Long Arn settings
          tagResourceAuthorization, off, You can no longer disable Tag Resource Authorization settings
          tagResourceAuthorization, disabled, Invalid setting 'value'
          containerInsights, on, Invalid setting 'value'
          fargateTaskRetirementWaitPeriod, 8, Invalid setting 'value'
          defaultLogDriverMode, enabled, Invalid setting 'value'
          guardDutyActivate, on, The account setting guardDutyActivate is managed by AWS and cannot be changed.
          """)
  void whatASettingCannotBeGiven(String name, String value, String text) {
    ServiceException own =
        control.refusal(
            Ecs.PUT_ACCOUNT_SETTING,
            PutAccountSettingRequest.builder().name(name).value(value).build());
    ServiceException all =
        control.refusal(
            Ecs.PUT_ACCOUNT_SETTING_DEFAULT,
            PutAccountSettingDefaultRequest.builder().name(name).value(value).build());
    assertThat(List.of(own.text(), all.text())).containsOnly(text);
    assertThat(List.of(own.code(), all.code())).containsOnly("InvalidParameterException");
    assertThat(control.state().size()).isZero();
  }

  /// One's own value counts before the account's, the account's before Amazon's.
  @Test
  void aPrincipalsOwnValueCountsFirst() {
    assertThat(effective(USER)).isEqualTo("disabled");
    control.call(
        Ecs.PUT_ACCOUNT_SETTING_DEFAULT,
        PutAccountSettingDefaultRequest.builder()
            .name("containerInsights")
            .value("enabled")
            .build());
    assertThat(effective(USER)).isEqualTo("enabled");
    put("containerInsights", "enhanced", USER);
    assertThat(effective(USER)).isEqualTo("enhanced");
    assertThat(effective(ROOT)).isEqualTo("enabled");
    assertThat(list(ListAccountSettingsRequest.builder().principalArn(USER)))
        .containsExactly(setting("containerInsights", "enhanced", USER, "user"));
    assertThat(delete("containerInsights", USER))
        .isEqualTo(setting("containerInsights", "enhanced", USER, "user"));
    assertThat(effective(USER)).isEqualTo("enabled");
    assertThat(delete("containerInsights", ROOT))
        .isEqualTo(setting("containerInsights", "enabled", ROOT, "user"));
    assertThat(effective(USER)).isEqualTo("disabled");
    assertThat(control.state().size()).isZero();
    // There is nothing left to delete, and that is no error.
    assertThat(delete("containerInsights", ROOT))
        .isEqualTo(setting("containerInsights", "disabled", ROOT, "user"));
  }

  @Test
  void accountsAndRegionsHaveTheirOwn() {
    put("containerInsights", "enabled", null);
    for (Scope other :
        List.of(new Scope("111111111111", "us-east-1"), new Scope("000000000000", "eu-west-1"))) {
      control.as(other);
      assertThat(list(ListAccountSettingsRequest.builder())).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ann",
    "arn:aws:iam::111111111111:user/ann",
    "arn:aws:iam::000000000000:user/",
    "arn:aws:iam::000000000000:group/all",
    "arn:aws:ecs:us-east-1:000000000000:cluster/default"
  })
  void whatIsNoPrincipalOfTheAccountIsRefused(String principal) {
    assertThat(
            control
                .refusal(
                    Ecs.PUT_ACCOUNT_SETTING,
                    PutAccountSettingRequest.builder()
                        .name("containerInsights")
                        .value("enabled")
                        .principalArn(principal)
                        .build())
                .code())
        .isEqualTo("InvalidParameterException");
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          arn:aws:iam::000000000000:root, arn:aws:iam::000000000000:root
          arn:aws:iam::000000000000:user/ann, arn:aws:iam::000000000000:user/ann
          arn:aws:sts::000000000000:assumed-role/deploy/session, arn:aws:iam::000000000000:role/deploy
          arn:aws:sts::000000000000:federated-user/bob, arn:aws:iam::000000000000:root
          nobody, arn:aws:iam::000000000000:root
          """)
  void whoseSettingsCountForACaller(String caller, String principal) {
    assertThat(AccountSettings.principal(ControlHarness.SCOPE, caller)).isEqualTo(principal);
  }

  @Test
  void pagesHaveTenSettingsAtMost() {
    ListAccountSettingsRequest request =
        ListAccountSettingsRequest.builder().effectiveSettings(true).build();
    ListAccountSettingsResponse first = control.call(Ecs.LIST_ACCOUNT_SETTINGS, request);
    assertThat(first.settings()).hasSize(10);
    ListAccountSettingsResponse second =
        control.call(
            Ecs.LIST_ACCOUNT_SETTINGS, request.toBuilder().nextToken(first.nextToken()).build());
    assertThat(second.settings()).hasSize(1);
    assertThat(second.nextToken()).isNull();
    assertThat(all(request.toBuilder().maxResults(1).build()))
        .extracting(Setting::name)
        .containsExactlyElementsOf(
            AccountSettings.RULES.stream().map(AccountSettings.Rule::name).toList());
    for (ListAccountSettingsRequest bad :
        List.of(
            request.toBuilder().maxResults(11).build(),
            request.toBuilder().maxResults(0).build(),
            request.toBuilder().nextToken("x").build(),
            request.toBuilder().nextToken("MTp4").build(),
            ListAccountSettingsRequest.builder().value("enabled").build())) {
      assertThat(control.refusal(Ecs.LIST_ACCOUNT_SETTINGS, bad).code())
          .isEqualTo("InvalidParameterException");
    }
  }

  @Test
  void aNameWithAValueFilters() {
    put("containerInsights", "enabled", null);
    assertThat(
            list(ListAccountSettingsRequest.builder().name("containerInsights").value("enabled")))
        .hasSize(1);
    assertThat(
            list(ListAccountSettingsRequest.builder().name("containerInsights").value("enhanced")))
        .isEmpty();
    assertThat(
            list(
                ListAccountSettingsRequest.builder()
                    .name("awsvpcTrunking")
                    .value("disabled")
                    .effectiveSettings(true)))
        .hasSize(1);
  }

  private List<Setting> all(ListAccountSettingsRequest request) {
    List<Setting> settings = new ArrayList<>();
    String token = null;
    do {
      ListAccountSettingsResponse page =
          control.call(Ecs.LIST_ACCOUNT_SETTINGS, request.toBuilder().nextToken(token).build());
      settings.addAll(Objects.requireNonNull(page.settings()));
      token = page.nextToken();
    } while (token != null);
    return settings;
  }

  private List<Setting> list(ListAccountSettingsRequest.Builder request) {
    return Objects.requireNonNull(
        control.call(Ecs.LIST_ACCOUNT_SETTINGS, request.build()).settings());
  }

  private @org.jspecify.annotations.Nullable String effective(String principal) {
    return list(ListAccountSettingsRequest.builder()
            .name("containerInsights")
            .principalArn(principal)
            .effectiveSettings(true))
        .getFirst()
        .value();
  }

  private Setting put(
      String name, String value, @org.jspecify.annotations.Nullable String principal) {
    return Objects.requireNonNull(
        control
            .call(
                Ecs.PUT_ACCOUNT_SETTING,
                PutAccountSettingRequest.builder()
                    .name(name)
                    .value(value)
                    .principalArn(principal)
                    .build())
            .setting());
  }

  private Setting delete(String name, String principal) {
    return Objects.requireNonNull(
        control
            .call(
                Ecs.DELETE_ACCOUNT_SETTING,
                DeleteAccountSettingRequest.builder().name(name).principalArn(principal).build())
            .setting());
  }

  private static Setting setting(String name, String value, String principal, String type) {
    return Setting.builder().name(name).value(value).principalArn(principal).type(type).build();
  }
}

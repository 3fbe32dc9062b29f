package dev.gantry.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.control.AdjustableQuota;
import dev.gantry.control.ServiceQuotas;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuotaSettingTest {
  @ParameterizedTest
  @CsvSource({
    "clusters-per-account=1,CLUSTERS,1",
    "clusters-per-account=0020000,CLUSTERS,20000",
    "log-groups=10000000,LOG_GROUPS,10000000",
  })
  void reads(String text, AdjustableQuota quota, int value) {
    assertThat(QuotaSetting.parse(text)).isEqualTo(new QuotaSetting(quota, value));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          clusters-per-account              | 'clusters-per-account' is not NAME=VALUE
          ''                                | '' is not NAME=VALUE
          =5                                | there is no quota '' to set; there are clusters-per-account, log-groups
          LOG-GROUPS=5                      | there is no quota 'LOG-GROUPS' to set; there are clusters-per-account, log-groups
          CLUSTERS=5                        | there is no quota 'CLUSTERS' to set; there are clusters-per-account, log-groups
          containers-per-task-definition=20 | there is no quota 'containers-per-task-definition' to set; there are clusters-per-account, log-groups
          log-groups=                       | '' is no number from 1 to 10000000 for log-groups
          log-groups=0                      | '0' is no number from 1 to 10000000 for log-groups
          log-groups=-1                     | '-1' is no number from 1 to 10000000 for log-groups
          log-groups=+1                     | '+1' is no number from 1 to 10000000 for log-groups
          log-groups=1e3                    | '1e3' is no number from 1 to 10000000 for log-groups
          log-groups=1=2                    | '1=2' is no number from 1 to 10000000 for log-groups
          log-groups=10000001               | '10000001' is no number from 1 to 10000000 for log-groups
          log-groups=99999999999999999999   | '99999999999999999999' is no number from 1 to 10000000 for log-groups
          log-groups=\u0661                 | '\u0661' is no number from 1 to 10000000 for log-groups
          """,
      quoteCharacter = '"')
  void refuses(String text, String message) {
    String given = text.equals("''") ? "" : text;
    assertThatThrownBy(() -> QuotaSetting.parse(given))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void severalAreSetBesideOneAnother() {
    ServiceQuotas quotas =
        QuotaSetting.all(
            List.of(
                QuotaSetting.parse("log-groups=3"), QuotaSetting.parse("clusters-per-account=4")));
    assertThat(quotas.value(AdjustableQuota.LOG_GROUPS)).isEqualTo(3);
    assertThat(quotas.value(AdjustableQuota.CLUSTERS)).isEqualTo(4);
    assertThat(QuotaSetting.all(List.of())).isEqualTo(ServiceQuotas.DEFAULTS);
  }

  /// Which of the two was meant is not for us to say.
  @Test
  void noneIsSetTwice() {
    assertThatThrownBy(() ->
            QuotaSetting.all(
                List.of(QuotaSetting.parse("log-groups=3"), QuotaSetting.parse("log-groups=3"))))
        .isInstanceOf(CommandFailure.class)
        .hasMessage("--quota sets log-groups twice.");
  }
}

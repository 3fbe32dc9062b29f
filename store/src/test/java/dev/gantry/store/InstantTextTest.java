package dev.gantry.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import java.time.Instant;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstantTextTest {

  private static final long YEAR_MINUS_ONE = -62_180_000_000L;
  private static final long YEAR_10_000 = 253_500_000_000L;

  @Property
  void spellsAndParsesAsTheJdkDoes(
      @ForAll @LongRange(min = YEAR_MINUS_ONE, max = YEAR_10_000) long second,
      @ForAll @IntRange(max = 999_999_999) int nano,
      @ForAll @IntRange(max = 9) int zeros) {
    int coarse = nano;
    for (int i = 0; i < zeros; i++) {
      coarse = coarse / 10 * 10;
    }
    int cut = (int) (coarse - coarse % (long) Math.pow(10, zeros));
    Instant instant = Instant.ofEpochSecond(second, cut);

    assertThat(InstantText.spell(instant)).isEqualTo(instant.toString());
    assertThat(InstantText.parse(instant.toString())).isEqualTo(instant);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-03-01T12:00:00Z",
        "2026-03-01T12:00:00.1Z",
        "2026-03-01T12:00:00.000000001Z",
        "2026-03-01T12:00:00.120Z",
        "2024-02-29T23:59:59.999999999Z",
        "2016-12-31T23:59:60Z",
        "2026-03-01T24:00:00Z",
        "2026-03-01T12:00:00+01:00",
        "-0001-03-01T12:00:00Z",
        "+10000-03-01T12:00:00Z"
      })
  void parsesWhatTheJdkParses(String text) {
    assertThat(InstantText.parse(text)).isEqualTo(Instant.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2026-03-01",
        "2026-03-01T12:00Z",
        "2026-02-30T12:00:00Z",
        "2026-13-01T12:00:00Z",
        "2026-03-01T25:00:00Z",
        "2026-03-01T12:60:00Z",
        "2026-03-01T12:00:0xZ",
        "2026-03-01T12:00:00.Z.",
        "2026-03-01T12:00:00.-1Z",
        "2026/03/01T12:00:00Z",
        "2026-03-01T12:00:00.1234567891Z"
      })
  void refusesWhatTheJdkRefuses(String text) {
    assertThatThrownBy(() -> Instant.parse(text)).isInstanceOf(DateTimeException.class);
    assertThatThrownBy(() -> InstantText.parse(text)).isInstanceOf(DateTimeException.class);
  }
}

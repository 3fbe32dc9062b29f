package dev.gantry.api.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventOriginTest {
  @ParameterizedTest
  @CsvSource({
    "gantry:0:w, 0, w",
    "gantry:1200:0123456789abcdef, 1200, 0123456789abcdef",
    "gantry:7:a:b, 7, a:b",
    "gantry:9223372036854775807:w, 9223372036854775807, w",
  })
  void aTokenTellsTheOriginItWasMadeOf(String token, long position, String writer) {
    EventOrigin origin = new EventOrigin(position, writer);

    assertThat(origin.toSequenceToken()).isEqualTo(token);
    assertThat(EventOrigin.parse(token)).isEqualTo(origin);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "49677559853173528147003566463269387669963365505610810194",
        "not-a-valid-sequence-token",
        "gantry:",
        "gantry:1",
        "gantry:1:",
        "gantry::w",
        "gantry:-1:w",
        "gantry:+1:w",
        "gantry:1.0:w",
        "gantry:9223372036854775808:w",
        "GANTRY:1:w",
        " gantry:1:w",
      })
  void anyOtherTokenTellsNothing(@Nullable String token) {
    assertThat(EventOrigin.parse(token)).isNull();
  }

  @Test
  void aWritersNameIsBounded() {
    String longest = "w".repeat(EventOrigin.MAX_WRITER_LENGTH);

    assertThat(EventOrigin.parse("gantry:1:" + longest)).isEqualTo(new EventOrigin(1, longest));
    assertThat(EventOrigin.parse("gantry:1:" + longest + "w")).isNull();
    assertThatThrownBy(() -> new EventOrigin(1, longest + "w"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new EventOrigin(-1, "w")).isInstanceOf(IllegalArgumentException.class);
  }
}

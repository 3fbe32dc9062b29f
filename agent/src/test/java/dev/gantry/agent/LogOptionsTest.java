package dev.gantry.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogOptionsTest {
  @ParameterizedTest(name = "mode {0}, size {1}: {2}")
  @CsvSource({
    ",,",
    "blocking,,",
    "non-blocking,,10485760",
    "non-blocking,25m,26214400",
    "non-blocking,25MB,26214400",
    "non-blocking,25 MiB,26214400",
    "non-blocking,1.5m,1572864",
    "non-blocking,2097152,2097152",
    "non-blocking,1g,1073741824",
    "non-blocking,1k,1048576",
    "non-blocking,0,1048576",
  })
  void saysHowMuchMayWait(@Nullable String mode, @Nullable String size, @Nullable Long bytes) {
    assertThat(LogOptions.buffer(options("mode", mode, "max-buffer-size", size))).isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          lazy         |      | logger: logging mode not supported: lazy
                       | 1m   | logger: max-buffer-size option is only supported with 'mode=non-blocking'
          blocking     | 1m   | logger: max-buffer-size option is only supported with 'mode=non-blocking'
          non-blocking | ten  | error parsing option max-buffer-size: invalid size: 'ten'
          non-blocking | -1m  | error parsing option max-buffer-size: invalid size: '-1m'
          non-blocking | 1mm  | error parsing option max-buffer-size: invalid size: '1mm'
          non-blocking | 2g   | max-buffer-size 2g is more than the 1g that this agent keeps
          non-blocking | 9e9p | error parsing option max-buffer-size: invalid size: '9e9p'
          non-blocking | 999999999999p | max-buffer-size 999999999999p is more than the 1g that this agent keeps
          """)
  void refuses(@Nullable String mode, @Nullable String size, String message) {
    assertThatThrownBy(() -> LogOptions.buffer(options("mode", mode, "max-buffer-size", size)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void oneKindOfBeginningAtMost() {
    assertThat(LogOptions.eventStart(new TreeMap<>())).isNull();
    assertThat(LogOptions.eventStart(options("awslogs-multiline-pattern", "^x", "", null)))
        .isNotNull();
    assertThat(LogOptions.eventStart(options("awslogs-datetime-format", "%Y", "", null)))
        .isNotNull();
    assertThatThrownBy(() ->
            LogOptions.eventStart(
                options("awslogs-datetime-format", "%Y", "awslogs-multiline-pattern", "^x")))
        .hasMessageContaining("at the same time");
  }

  /// What waits is in the engine's files, of which two full ones are always there.
  @Test
  void theBufferIsTheSizeOfTheEnginesFiles() {
    assertThat(plan(null).engineOptions())
        .containsEntry("max-size", "34m")
        .containsEntry("max-file", "3");
    assertThat(plan(10L << 20).engineOptions())
        .containsEntry("max-size", "10485760")
        .containsEntry("max-file", "3");
  }

  private static LogPlan plan(@Nullable Long buffer) {
    return new LogPlan.Shipped("/g", "us-east-1", null, "p", false, buffer, null);
  }

  private static SortedMap<String, String> options(
      String some, @Nullable String value, String other, @Nullable String otherValue) {
    SortedMap<String, String> options = new TreeMap<>();
    if (value != null) {
      options.put(some, value);
    }
    if (otherValue != null) {
      options.put(other, otherValue);
    }
    return options;
  }
}

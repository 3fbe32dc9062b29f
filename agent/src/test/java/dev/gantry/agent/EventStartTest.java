package dev.gantry.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventStartTest {
  @ParameterizedTest(name = "{0} on {1}: {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ^INFO              | INFO a                        | true
          ^INFO              | a INFO                        | false
          INFO               | a INFO                        | true
          (?i)^info          | INFO a                        | true
          ^\\d{4}-\\d\\d      | 2026-11-28 x                  | true
          ^\\d{4}-\\d\\d      | 26-11-28 x                    | false
          ^[[:upper:]]+:     | WARN: x                       | true
          ^(?P<level>ERROR)  | ERROR                         | true
          ^\\S              | ' at com.example.Main'        | false
          ^ü                 | über                          | true
          x{0}^a             | a                             | true
          """)
  void matchesAnywhereInALine(String expression, String line, boolean begins) {
    assertThat(begins(EventStart.matching(expression), line)).isEqualTo(begins);
  }

  /// The driver's own table of codes, and the format of Amazon's documentation.
  @ParameterizedTest(name = "{0} on {1}: {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          \\[%b %d, %Y %H:%M:%S\\]     | [May 01, 2017 19:00:01] A       | true
          \\[%b %d, %Y %H:%M:%S\\]     | [May 32, 2017 19:00:01] A       | false
          %d/%m/%y %a %H:%M:%S%L %Z  | 31/12/10 Mon 08:42:44.345 NZDT  | true
          %Y-%m-%d %A %I:%M:%S.%f%p%z | 2007-12-04 Monday 08:42:44.123456AM+1200 | true
          ^%Y-%m-%dT%H:%M:%S         | 2026-11-28T24:00:00             | false
          ^%Y-%m-%dT%H:%M:%S         | x 2026-11-28T23:59:59           | false
          %B                         | December                        | true
          %B                         | Dec                             | false
          week %w day %j             | week 4 day 091                  | true
          day %j                     | day 010                         | true
          day %j                     | day 000                         | false
          day %j                     | day 366                         | true
          day %j                     | day 367                         | false
          %m/%d                      | 12/31                           | true
          %m/%d                      | 13/31                           | false
          at %I%p                    | at 12PM                         | true
          at %I%p                    | at 13PM                         | false
          %H:%M:%S                   | 10:60:00                        | false
          %H:%M:%S                   | 10:00:60                        | false
          100%                       | 100%                            | true
          """)
  void readsFormatsOfDates(String format, String line, boolean begins) {
    assertThat(begins(EventStart.dated(format), line)).isEqualTo(begins);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"(?=x)", "(?<!x)y", "(a)\\1", "a++", "(?>a)", "(", "[z-a]", "a{1001}", "\\Z"})
  void whatTheDriverCannotParseIsRefused(String expression) {
    assertThatThrownBy(() -> EventStart.matching(expression))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "awslogs could not parse multiline pattern key \"" + expression + "\": ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "((((a{100}){100}){100}){100})",
        "(a{1000}){1000}",
        "(?:(?:[abc]{50,500}b){1,200})",
        "((\\d{999}){999}",
        "(a{999}){999}(",
        "(a{2}){1000}(b{1000}){20}",
      })
  void whatWouldGrowBeyondAllMeasureIsRefused(String expression) {
    assertThatThrownBy(() -> EventStart.matching(expression))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("awslogs multiline pattern \"" + expression + "\" repeats too much");
  }

  /// Only what repeats counts: not what is escaped, or one of a class.
  @ParameterizedTest
  @ValueSource(
      strings = {"ab\\{30000}", "[(a{900}){900}]", "[](a{900}){900}]", "[^](a{900}){900}]"})
  void whatOnlyLooksLikeARepetitionIsNone(String expression) {
    assertThat(begins(EventStart.matching(expression), "b")).isEqualTo(expression.startsWith("[^"));
  }

  @Test
  void whatManyWriteIsNotTooLarge() {
    EventStart.matching(
        "^\\d{4}-\\d{2}-\\d{2}[T ]\\d{2}:\\d{2}:\\d{2}[.,]\\d{3,9}(Z|[+-]\\d{2}:?\\d{2})");
    EventStart.matching("^([a-z0-9]{1,63}\\.){1,8}[]{}]{2}\\{[^]{9}]+$");
    EventStart.matching("x".repeat(EventStart.MAX_LENGTH));
    assertThatThrownBy(() -> EventStart.matching("x".repeat(EventStart.MAX_LENGTH + 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("awslogs multiline patterns are at most 4096 characters long");
    assertThatThrownBy(() -> EventStart.dated("x".repeat(EventStart.MAX_LENGTH + 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("awslogs-datetime-format is at most 4096 characters long");
  }

  @ParameterizedTest
  @CsvSource({"%q,%q", "%Y %%,%%", "%s,%s"})
  void anUnknownCodeIsNamed(String format, String code) {
    assertThatThrownBy(() -> EventStart.dated(format))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("awslogs-datetime-format has " + code + ", which is not one of its codes");
  }

  /// Java's own expressions would need longer than the universe has been there.
  @Test
  void noLineTakesLongerThanItIsLong() {
    assertThat(begins(EventStart.matching("^(a+)+$"), "a".repeat(100_000) + "b")).isFalse();
  }

  @Test
  void aLineNeedNotBeText() {
    assertThat(EventStart.matching("^a").begins(new byte[] {'a', (byte) 0xff, (byte) 0xc3}))
        .isTrue();
    assertThat(EventStart.matching("^a").begins(new byte[0])).isFalse();
  }

  private static boolean begins(EventStart start, String line) {
    return start.begins(line.getBytes(StandardCharsets.UTF_8));
  }
}

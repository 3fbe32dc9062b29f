package dev.gantry.control.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.gantry.wire.shape.ServiceException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

/// Where a row does what the User Guide does not lead one to expect, it does what CloudWatch Logs
/// was recorded to do; [FilterPattern] says where.
class FilterPatternTest {
  private static final List<String> LINES =
      List.of(
          "WARN disk full", // 0
          "WARN disk slow", // 1
          "INFO disk mounted", // 2
          "FOREWARNED is forearmed", // 3
          "warn disk", // 4
          "disk-full", // 5
          "said \"disk full\" twice", // 6
          "path C:\\disk", // 7
          "été", // 8
          ""); // 9

  static final List<Arguments> PATTERNS =
      List.of(
          row("nothing lets everything through", "", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
          row("so do blanks", " \t ", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
          row("a term, inside a longer word too", "WARN", 0, 1, 3),
          row("case counts", "warn", 4),
          row("every term must be there", "WARN disk", 0, 1),
          row("in any order", "disk WARN", 0, 1),
          row("a phrase stands as it is", "\"disk full\"", 0, 6),
          row("a phrase with other characters", "\"disk-full\"", 5),
          row("a quoted blank is a blank", "\" \"", 0, 1, 2, 3, 4, 6, 7),
          row("a quote in a phrase", "\"\\\"disk\"", 6),
          row("a backslash in a phrase", "\":\\\\\"", 7),
          row("a backslash before anything else", "\"C:\\d\"", 7),
          row("a phrase and a term", "\"disk full\" WARN", 0),
          row("any of the optional terms", "?mounted ?slow", 1, 2),
          row("an optional phrase", "?\"disk full\" ?mounted", 0, 2, 6),
          row("a single optional term", "?mounted", 2),
          row("optional terms mean nothing beside required ones", "?mounted WARN", 0, 1, 3),
          row("nor beside excluded ones", "?mounted -disk", 3, 8, 9),
          row("one term and not the other", "WARN -slow", 0, 3),
          row("only not", "-disk", 3, 8, 9),
          row("not a phrase", "disk -\"disk full\"", 1, 2, 4, 5, 7),
          row("terms need no blank between them", "WARN-slow?mounted", 0, 3),
          row("so a hyphen excludes what is behind it", "disk-full", 1, 2, 4, 7),
          row("letters of any script", "été", 8),
          row("underscores and digits", "disk_2"));

  @ParameterizedTest(name = "{0}: {1}")
  @FieldSource("PATTERNS")
  void letsThrough(String name, String pattern, List<Integer> expected) {
    FilterPattern parsed = FilterPattern.parse(pattern);

    List<String> through = LINES.stream().filter(parsed).toList();

    assertThat(through).isEqualTo(expected.stream().map(LINES::get).toList());
  }

  static final List<Arguments> MISTAKES =
      List.of(
          Arguments.of("a wildcard", "WAR*", "Invalid character(s) in term '*'"),
          Arguments.of("a colon", "level: WARN", "Invalid character(s) in term ':'"),
          Arguments.of("several together", "WARN !(disk)", "Invalid character(s) in term '!('"),
          Arguments.of("an open quote", "WARN \"disk", "Invalid character(s) in term '\"disk'"),
          Arguments.of("an empty phrase", "WARN \"\"", "Invalid character(s) in term '\"\"'"),
          Arguments.of("a hyphen alone", "WARN - disk", "Invalid character(s) in term '-'"),
          Arguments.of("a question mark at the end", "WARN ?", "Invalid character(s) in term '?'"),
          Arguments.of(
              "a regular expression inside", "WARN %d%", "Invalid character(s) in term '%'"),
          Arguments.of(
              "too many terms",
              "a ".repeat(FilterPattern.MAX_TERMS + 1),
              "A filter pattern can have at most 100 terms"));

  @ParameterizedTest(name = "{0}: {1}")
  @FieldSource("MISTAKES")
  void refusesWhatIsNoPattern(String name, String pattern, String text) {
    assertThatExceptionOfType(ServiceException.class)
        .isThrownBy(() -> FilterPattern.parse(pattern))
        .withMessage(text)
        .satisfies(refused -> assertThat(refused.code()).isEqualTo("InvalidParameterException"));
  }

  static final List<Arguments> OTHER_LANGUAGES =
      List.of(
          Arguments.of("{ $.level = \"error\" }", "JSON filter patterns"),
          Arguments.of("[ip, user, ...]", "space-delimited filter patterns"),
          Arguments.of("%colou?r%", "regular expressions in filter patterns"));

  @ParameterizedTest
  @FieldSource("OTHER_LANGUAGES")
  void refusesByNameWhatItDoesNotSpeak(String pattern, String name) {
    assertThatExceptionOfType(ServiceException.class)
        .isThrownBy(() -> FilterPattern.parse("  " + pattern))
        .withMessageContaining(name)
        .withMessageContaining(pattern);
  }

  @Test
  void aPatternOfAsManyTermsAsMayBeIsOne() {
    assertThat(FilterPattern.parse("a ".repeat(FilterPattern.MAX_TERMS)).test("b")).isFalse();
  }

  private static Arguments row(String name, String pattern, Integer... lines) {
    return Arguments.of(name, pattern, List.of(lines));
  }
}

package dev.gantry.wire.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Every kind of constraint, and AWS's words for its violation.
class ConstraintsTest {
  private static final Sample SAMPLE = Sample.minimal();

  static Stream<Arguments> valid() {
    return Stream.of(
        arguments("text", "abc"),
        arguments("text", "abcde"),
        arguments("number", 0),
        arguments("number", 65535),
        arguments("fraction", -1e300),
        arguments("bytes", Blob.of(new byte[3])),
        arguments("words", List.of()),
        arguments("words", List.of("\uD83D\uDE00\uD83D\uDE00\uD83D\uDE00")),
        arguments("labels", Map.of("a", "")),
        arguments("colors", List.of("RED", "BLUE")),
        arguments("Child", SAMPLE));
  }

  @ParameterizedTest(name = "{0} = {1}")
  @MethodSource
  void valid(String member, Object value) {
    assertThat(Constraints.violations(Sample.SHAPE, SAMPLE.with(member, value))).isNull();
  }

  static Stream<Arguments> invalid() {
    Sample broken = SAMPLE.with("must", null);
    return Stream.of(
        arguments(
            "text", "abcdef", "Value 'abcdef' at 'text'", "have length less than or equal to 5"),
        arguments(
            "text", "aB", "Value 'aB' at 'text'", "satisfy regular expression pattern: [a-z]+"),
        arguments("number", -1, "Value '-1' at 'number'", "have value greater than or equal to 0"),
        arguments(
            "number", 65536, "Value '65536' at 'number'", "have value less than or equal to 65535"),
        arguments(
            "fraction",
            100.5,
            "Value '100.5' at 'fraction'",
            "have value less than or equal to 100"),
        arguments(
            "fraction",
            Double.NaN,
            "Value 'NaN' at 'fraction'",
            "have value less than or equal to 100"),
        arguments(
            "bytes",
            Blob.of(new byte[4]),
            "Value at 'bytes'",
            "have length less than or equal to 3"),
        arguments(
            "color", "GREEN", "Value 'GREEN' at 'color'", "satisfy enum value set: [RED, BLUE]"),
        arguments(
            "words",
            List.of("a", "b", "c"),
            "Value '[a, b, c]' at 'words'",
            "have length less than or equal to 2"),
        arguments("must", null, "Value null at 'must'", "not be null"),
        arguments("Child", broken, "Value null at 'child.must'", "not be null"),
        arguments(
            "children",
            List.of(SAMPLE, broken),
            "Value null at 'children.2.member.must'",
            "not be null"),
        arguments(
            "groups",
            Map.of("g", List.of(broken)),
            "Value null at 'groups.g.member.1.member.must'",
            "not be null"),
        arguments("secret", "abc", "Value at 'secret'", "have length less than or equal to 2"));
  }

  @ParameterizedTest(name = "{0} = {1}")
  @MethodSource
  void invalid(String member, @Nullable Object value, String at, String rule) {
    assertThat(Constraints.violations(Sample.SHAPE, SAMPLE.with(member, value)))
        .isEqualTo(
            "1 validation error detected: "
                + at
                + " failed to satisfy constraint: Member must "
                + rule);
  }

  @Test
  void elementsOfAContainerAreReportedOnceWithAllTheirRules() {
    assertThat(Constraints.violations(Sample.SHAPE, SAMPLE.with("words", List.of("abcd", ""))))
        .isEqualTo(
            "1 validation error detected: Value '[abcd, ]' at 'words' failed to satisfy constraint:"
                + " Member must satisfy constraint: [Member must have length less than or equal to"
                + " 3, Member must have length greater than or equal to 1]");
    assertThat(Constraints.violations(Sample.SHAPE, SAMPLE.with("colors", List.of("RED", "X"))))
        .endsWith(
            "Member must satisfy constraint: [Member must satisfy enum value set: [RED, BLUE]]");
    assertThat(Constraints.violations(Sample.SHAPE, SAMPLE.with("labels", Map.of("", "a"))))
        .contains("at 'labels' failed to satisfy constraint: Map keys must satisfy constraint: [");
    assertThat(Constraints.violations(Sample.SHAPE, SAMPLE.with("labels", Map.of("a", "abcde"))))
        .contains("at 'labels' failed to satisfy constraint: Map value must satisfy constraint: [");
  }

  @Test
  void severalViolationsStandInOneText() {
    Sample twice = SAMPLE.with("text", "ABCDEF");
    assertThat(Constraints.violations(Sample.SHAPE, twice))
        .isEqualTo(
            "2 validation errors detected: Value 'ABCDEF' at 'text' failed to satisfy constraint:"
                + " Member must have length less than or equal to 5; Value 'ABCDEF' at 'text'"
                + " failed to satisfy constraint: Member must satisfy regular expression pattern:"
                + " [a-z]+");
  }

  @Test
  void aTextListsAndShowsOnlySoMuch() {
    Map<String, List<Sample>> groups = new LinkedHashMap<>();
    for (int i = 0; i < 100; i++) {
      groups.put("g" + i, List.of(SAMPLE.with("must", null)));
    }
    assertThat(Constraints.violations(Sample.SHAPE, SAMPLE.with("groups", groups)))
        .startsWith(Constraints.MAX_LISTED + " validation errors detected: ");
    assertThat(Constraints.violations(Sample.SHAPE, SAMPLE.with("color", "x".repeat(100_000))))
        .hasSizeLessThan(Constraints.MAX_SHOWN_CHARS + 200);
  }
}

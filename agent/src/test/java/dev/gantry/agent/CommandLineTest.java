package dev.gantry.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// How a command is cut into words: as by a POSIX shell, without a shell.
class CommandLineTest {
  static Stream<Arguments> commands() {
    return Stream.of(
        Arguments.of("/bin/sh", List.of("/bin/sh")),
        Arguments.of("  ls\t-l \r\n /tmp ", List.of("ls", "-l", "/tmp")),
        Arguments.of("sh -c 'echo \"$HOME\" it'", List.of("sh", "-c", "echo \"$HOME\" it")),
        Arguments.of("sh -c \"a 'b' \\\"c\\\"\"", List.of("sh", "-c", "a 'b' \"c\"")),
        Arguments.of("a\\ b c\\\\d", List.of("a b", "c\\d")),
        Arguments.of("'' \"\" x''y", List.of("", "", "xy")),
        Arguments.of("'a\\'", List.of("a\\")),
        Arguments.of("one # two\nthree a#b", List.of("one", "three", "a#b")),
        Arguments.of("", List.of()),
        Arguments.of(" # nothing", List.of()),
        Arguments.of("echo ünï", List.of("echo", "ünï")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("commands")
  void words(String command, List<String> expected) throws CommandLine.Malformed {
    assertThat(CommandLine.split(command)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"echo 'a", "echo \"a", "a \"\\", "a\\"})
  void whatIsLeftOpenIsRefused(String command) {
    assertThatThrownBy(() -> CommandLine.split(command)).isInstanceOf(CommandLine.Malformed.class);
  }

  @Test
  void nothingIsExpanded() throws CommandLine.Malformed {
    assertThat(CommandLine.split("echo $HOME * ~ `id` | cat > x"))
        .containsExactly("echo", "$HOME", "*", "~", "`id`", "|", "cat", ">", "x");
  }
}

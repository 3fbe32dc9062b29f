package dev.gantry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.home.RootKey;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class EnvironmentScriptTest {
  private static final Path AWS = Path.of("/usr/bin/aws");

  @Test
  void exportsAllThatAClientNeedsAndUnsetsWhatWouldMislead() {
    assertThat(
            EnvironmentScript.exports(
                URI.create("http://127.0.0.1:4566"),
                new RootKey("AKIAABCDEFGHIJKLMNOP", "abcdefghijklmnopqrstuvwxyz0123456789ABCD")))
        .containsExactly(
            "export AWS_ENDPOINT_URL=http://127.0.0.1:4566",
            "export AWS_ACCESS_KEY_ID=AKIAABCDEFGHIJKLMNOP",
            "export AWS_SECRET_ACCESS_KEY=abcdefghijklmnopqrstuvwxyz0123456789ABCD",
            "export AWS_REGION=us-east-1",
            "export AWS_DEFAULT_REGION=us-east-1",
            "export AWS_DISABLE_HOST_PREFIX_INJECTION=true",
            "unset AWS_SESSION_TOKEN AWS_PROFILE AWS_CA_BUNDLE");
  }

  record Warned(
      String name,
      AwsCli aws,
      Map<String, String> environment,
      boolean functionGiven,
      @Nullable String expected) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Warned> warnings() {
    AwsCli old = new AwsCli.Found(AWS, 2, 9, 19);
    AwsCli current = new AwsCli.Found(AWS, 2, 13, 0);
    return Stream.of(
        new Warned("no aws at all", new AwsCli.Absent(), Map.of(), false, null),
        new Warned("a current aws", current, Map.of(), false, null),
        new Warned("Debian 12's aws", old, Map.of(), false, "would call the real AWS"),
        new Warned("Debian 12's aws, function printed", old, Map.of(), true, null),
        new Warned(
            "an aws that does not answer",
            new AwsCli.Unknown(AWS, "no answer in 10 s"),
            Map.of(),
            false,
            "could not learn the version"),
        new Warned(
            "told to ignore endpoints",
            current,
            Map.of("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "True"),
            false,
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
        new Warned(
            "a service's own endpoint",
            current,
            Map.of("AWS_ENDPOINT_URL_ECS", "http://elsewhere"),
            false,
            "AWS_ENDPOINT_URL_ECS is set"));
  }

  @ParameterizedTest
  @MethodSource("warnings")
  void warnsOfWhatWouldCallTheRealAws(Warned row) {
    List<String> warnings =
        EnvironmentScript.warnings(
            row.aws(), row.environment(), "./gantry env", row.functionGiven());
    if (row.expected() == null) {
      assertThat(warnings).isEmpty();
    } else {
      assertThat(String.join("\n", warnings)).contains(row.expected());
    }
  }

  @Test
  void offersAFunctionThatCanBePasted() {
    assertThat(
            EnvironmentScript.warnings(
                new AwsCli.Found(AWS, 2, 9, 19), Map.of(), "./gantry env", false))
        .anyMatch(line -> line.strip().equals(EnvironmentScript.AWS_FUNCTION))
        .anyMatch(line -> line.contains("eval \"$(./gantry env --aws-function)\""));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "aws-cli/1.18.69 Python/2.7.18 Linux/5.4.0, 1.18.69, false",
    "aws-cli/1.28.99 Python/3.8.0, 1.28.99, false",
    "aws-cli/1.29.0 Python/3.8.0, 1.29.0, true",
    "aws-cli/1.45.11 Python/3.11.7 Linux/6.18 botocore/1.43.11, 1.45.11, true",
    "aws-cli/2.9.19 Python/3.11.2 Linux/6.1.0 source/x86_64.debian.12, 2.9.19, false",
    "aws-cli/2.12.7 Python/3.11.4, 2.12.7, false",
    "aws-cli/2.13.0 Python/3.11.4, 2.13.0, true",
    "aws-cli/3.0.0 Python/3.14.0, 3.0.0, true",
  })
  void readsTheVersionAndKnowsWhatItMeans(String output, String version, boolean knows) {
    assertThat(AwsCli.parse(AWS, output))
        .isInstanceOfSatisfying(
            AwsCli.Found.class,
            found -> {
              assertThat(found.version()).isEqualTo(version);
              assertThat(found.knowsEndpointVariable()).isEqualTo(knows);
            });
  }

  @Test
  void anOutputWithoutAVersionIsUnknown() {
    assertThat(AwsCli.parse(AWS, "command not found")).isInstanceOf(AwsCli.Unknown.class);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "plain|plain",
        "two words|'two words'",
        "it's|'it'\\''s'",
        "\"\"|''",
        "$HOME|'$HOME'"
      })
  void quotesForTheShell(String word, String quoted) {
    assertThat(Shell.quote(word)).isEqualTo(quoted);
  }
}

package dev.gantry.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.LogConfiguration;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TaskFileTest {

  static Stream<Arguments> wrongTexts() {
    return Stream.of(
        Arguments.of("not JSON", "{\"family\": ", "not valid JSON"),
        Arguments.of("another kind of JSON", "[]", "not a task definition"),
        Arguments.of(
            "a number in quotes",
            """
            {"family": "f", "containerDefinitions": [{"name": "a", "memory": "32"}]}\
            """,
            "containerDefinitions.1.member.memory"),
        Arguments.of(
            "a misspelt member",
            """
            {"family": "f", "containerDefinitions": [{"name": "a"}, {"name": "b", "comand": []}]}\
            """,
            "containerDefinitions.2.member.comand"),
        Arguments.of(
            "an answer of describe-task-definition",
            """
            {"taskDefinition": {"family": "f"}}\
            """,
            "does not know: taskDefinition"),
        Arguments.of("no containers", "{\"family\": \"f\"}", "no containerDefinitions"),
        Arguments.of(
            "an empty list of containers",
            "{\"family\": \"f\", \"containerDefinitions\": []}",
            "no containerDefinitions"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrongTexts")
  void namesTheFileThePlaceAndTheRule(String name, String text, String expected) {
    assertThatThrownBy(() -> TaskFile.parse(text, "task.json"))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("task.json")
        .hasMessageContaining(expected);
  }

  @Test
  void keysOfMapsAreTheUsersOwn() {
    RegisterTaskDefinitionRequest read =
        TaskFile.parse(
            """
            {"family": "f", "containerDefinitions": [
              {"name": "a", "dockerLabels": {"any.thing": "x"},
               "logConfiguration": {"logDriver": "json-file", "options": {"max-size": "1m"}}}]}\
            """,
            "task.json");
    assertThat(read.family()).isEqualTo("f");
  }

  @Test
  void tellsApartTheWaysAFileCannotBeRead(@TempDir Path temporary) throws IOException {
    assertThatThrownBy(() -> TaskFile.read(temporary.resolve("absent.json")))
        .hasMessageContaining("There is no file");
    assertThatThrownBy(() -> TaskFile.read(temporary)).hasMessageContaining("is a directory");
    Path binary = Files.write(temporary.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xfe});
    assertThatThrownBy(() -> TaskFile.read(binary)).hasMessageContaining("not text in UTF-8");
    Path large = Files.write(temporary.resolve("large"), new byte[1024 * 1024 + 1]);
    assertThatThrownBy(() -> TaskFile.read(large)).hasMessageContaining("too large");
  }

  @ParameterizedTest
  @ValueSource(strings = {"hello", "two-containers"})
  void theExamplesAreTaskDefinitions(String example) {
    Path file = Path.of("..", "examples", example, "taskdef.json");
    assertThat(TaskFile.read(file).family()).isEqualTo(example);
  }

  @Test
  void aContainerWithoutLogConfigurationGetsOneAndIsNamed() {
    LogConfiguration own =
        LogConfiguration.builder().logDriver("json-file").options(Map.of()).build();
    TaskFile.Logged logged =
        TaskFile.withLogs(
            RegisterTaskDefinitionRequest.builder()
                .family("shop")
                .containerDefinitions(
                    List.of(
                        ContainerDefinition.builder().name("web").build(),
                        ContainerDefinition.builder().name("own").logConfiguration(own).build()))
                .build(),
            "eu-west-1");
    assertThat(logged.given()).containsExactly("web");
    List<ContainerDefinition> containers =
        Objects.requireNonNull(logged.definition().containerDefinitions());
    assertThat(containers.get(1).logConfiguration()).isEqualTo(own);
    LogConfiguration given = Objects.requireNonNull(containers.get(0).logConfiguration());
    assertThat(given.logDriver()).isEqualTo("awslogs");
    assertThat(given.options())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "awslogs-group", "/gantry/run",
                "awslogs-region", "eu-west-1",
                "awslogs-stream-prefix", "shop"));
    assertThat(LogSource.of(containers, "us-east-1"))
        .containsExactly(new LogSource("web", "/gantry/run", "eu-west-1", "shop"));
  }

  @Test
  void streamsAreNamedAsTheDriverNamesThem() {
    LogSource prefixed = new LogSource("web", "/g", "us-east-1", "shop");
    assertThat(prefixed.stream("0123", null)).isEqualTo("shop/web/0123");
    LogSource bare = new LogSource("web", "/g", "us-east-1", null);
    assertThat(bare.stream("0123", null)).isNull();
    assertThat(bare.stream("0123", "abcdef")).isEqualTo("abcdef");
  }
}

package dev.gantry.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every example runs, and ends as its page says.
@Tag("docker")
@ExtendWith(SharedGantry.class)
class ExamplesTest {
  private static final Path EXAMPLES = Path.of("..", "examples");

  /// What each example shows, and the code it ends with.
  private static final Map<String, Outcome> OUTCOMES =
      Map.of(
          "hello", new Outcome(0, "Hello, world."),
          "two-containers", new Outcome(3, "Failing now, with code 3."));

  private record Outcome(int code, String output) {}

  private final GantryProcess gantry;

  ExamplesTest(GantryProcess gantry) {
    this.gantry = gantry;
  }

  static List<String> examples() throws IOException {
    try (Stream<Path> directories = Files.list(EXAMPLES)) {
      return directories
          .filter(directory -> Files.exists(directory.resolve("taskdef.json")))
          .map(directory -> directory.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void runs(String example) throws IOException, InterruptedException {
    Outcome outcome =
        Objects.requireNonNull(
            OUTCOMES.get(example), () -> "say in this test how the example " + example + " ends");
    Program.Ended ended =
        Program.run(
            List.of(
                "run",
                "--data",
                gantry.data().toString(),
                EXAMPLES.resolve(example).resolve("taskdef.json").toString()));
    assertThat(ended.code()).as(ended.text()).isEqualTo(outcome.code());
    assertThat(ended.out()).anyMatch(line -> line.contains(outcome.output()));
    assertThat(ended.text()).contains("using the Gantry at " + gantry.endpoint());
  }
}

package dev.gantry.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.control.ControlOperations;
import dev.gantry.control.ecs.Definitions;
import dev.gantry.wire.shape.Operation;
import dev.gantry.wire.shape.ServiceModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// COMPATIBILITY.md says what is so: each operation of each service has one row, is absent exactly
/// if the program does not carry it out, and names tests that exist.
class CompatibilityTest {
  private static final Path ROOT = Path.of("..");
  private static final Path PAGE = ROOT.resolve("COMPATIBILITY.md");

  /// The heading of each service's table.
  private static final Map<String, String> HEADINGS =
      new TreeMap<>(Map.of("ecs", "## Amazon ECS", "logs", "## Amazon CloudWatch Logs"));

  private record Row(String operation, String state, String missing, List<String> tests) {}

  @Test
  void everyOperationHasOneRow() throws IOException {
    for (ServiceModel service : ControlOperations.SERVICES) {
      assertThat(rows(service).stream().map(Row::operation).toList())
          .as(PAGE + ", " + HEADINGS.get(service.name()))
          .containsExactlyInAnyOrderElementsOf(
              service.operations().stream().map(Operation::name).toList());
    }
  }

  @Test
  void whatIsNotCarriedOutIsCalledAbsent() throws IOException {
    TreeSet<String> carriedOut = new TreeSet<>();
    for (Operation<?, ?> operation : ControlOperations.table(new Definitions()).operations()) {
      carriedOut.add(operation.service().name() + ":" + operation.name());
    }
    TreeSet<String> claimed = new TreeSet<>();
    for (ServiceModel service : ControlOperations.SERVICES) {
      for (Row row : rows(service)) {
        assertThat(row.state()).as(row.operation()).isIn("full", "partial", "absent");
        if (!row.state().equals("absent")) {
          claimed.add(service.name() + ":" + row.operation());
        }
      }
    }
    assertThat(claimed).isEqualTo(carriedOut);
  }

  @Test
  void whatIsPartialSaysWhatIsMissing() throws IOException {
    for (ServiceModel service : ControlOperations.SERVICES) {
      for (Row row : rows(service)) {
        assertThat(row.missing().isEmpty())
            .as(row.operation() + " is " + row.state() + "; missing: " + row.missing())
            .isEqualTo(!row.state().equals("partial"));
      }
    }
  }

  @Test
  void theNamedTestsExist() throws IOException {
    Set<String> existing = testClasses();
    for (ServiceModel service : ControlOperations.SERVICES) {
      for (Row row : rows(service)) {
        assertThat(row.tests()).as(row.operation()).isNotEmpty();
        assertThat(existing).as(row.operation()).containsAll(row.tests());
      }
    }
  }

  private static Set<String> testClasses() throws IOException {
    TreeSet<String> names = new TreeSet<>();
    List<Path> rooms;
    try (Stream<Path> folders = Files.list(ROOT)) {
      rooms =
          folders
              .map(folder -> folder.resolve("src").resolve("test").resolve("java"))
              .filter(Files::isDirectory)
              .toList();
    }
    for (Path room : rooms) {
      try (Stream<Path> files = Files.walk(room)) {
        files
            .map(file -> file.getFileName().toString())
            .filter(name -> name.endsWith("Test.java"))
            .forEach(name -> names.add(name.substring(0, name.length() - ".java".length())));
      }
    }
    return names;
  }

  private static List<Row> rows(ServiceModel service) throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String line : sections().getOrDefault(HEADINGS.get(service.name()), List.of())) {
      if (line.startsWith("|") && !line.startsWith("|---") && !line.startsWith("| operation")) {
        String[] cells = line.split("\\|", -1);
        assertThat(cells).as(line).hasSize(6);
        rows.add(
            new Row(
                cells[1].strip(),
                cells[2].strip(),
                cells[3].strip(),
                Stream.of(cells[4].split(",")).map(String::strip).toList()));
      }
    }
    return rows;
  }

  private static Map<String, List<String>> sections() throws IOException {
    Map<String, List<String>> sections = new LinkedHashMap<>();
    List<String> section = new ArrayList<>();
    for (String line : Files.readAllLines(PAGE)) {
      if (line.startsWith("## ")) {
        section = new ArrayList<>();
        sections.put(line, section);
      }
      section.add(line);
    }
    return sections;
  }
}

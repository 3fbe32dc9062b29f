package dev.gantry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.ecs.Container;
import dev.gantry.api.ecs.ContainerDefinition;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TaskEndTest {
  private static final List<ContainerDefinition> DEFINITION =
      List.of(
          ContainerDefinition.builder().name("side").essential(false).build(),
          ContainerDefinition.builder().name("web").essential(true).build(),
          ContainerDefinition.builder().name("worker").build());

  record Row(
      String name,
      List<List<Container>> looks,
      Map<String, Long> endings,
      @Nullable String expected) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Row> tasks() {
    return Stream.of(
        new Row("all run", List.of(List.of(running("web"), running("worker"))), Map.of(), null),
        new Row(
            "a sidecar's end does not count",
            List.of(List.of(stopped("side", 1), running("web"), running("worker"))),
            Map.of(),
            null),
        new Row(
            "the first seen counts, whatever comes later",
            List.of(
                List.of(running("web"), stopped("worker", 137)),
                List.of(stopped("web", 0), stopped("worker", 137))),
            Map.of(),
            "worker"),
        new Row(
            "seen at once: the earlier end",
            List.of(List.of(stopped("web", 0), stopped("worker", 0))),
            Map.of("web", 20L, "worker", 10L),
            "worker"),
        new Row(
            "seen at once, one end unknown: not the one that was stopped",
            List.of(List.of(stopped("web", 143), stopped("worker", 3))),
            Map.of("web", 20L),
            "worker"),
        new Row(
            "seen at once, nothing known: the definition's order",
            List.of(List.of(stopped("worker", 1), stopped("web", 2))),
            Map.of(),
            "web"),
        new Row(
            "essential unless it says otherwise",
            List.of(List.of(stopped("worker", 4))),
            Map.of(),
            "worker"));
  }

  @ParameterizedTest
  @MethodSource("tasks")
  void findsTheEssentialContainerThatStoppedFirst(Row row) {
    TaskEnd end = new TaskEnd(DEFINITION);
    for (List<Container> look : row.looks()) {
      end.look(look, container -> row.endings().get(container.name()));
    }
    Container first = end.first();
    assertThat(first == null ? null : first.name()).isEqualTo(row.expected());
  }

  private static Container running(String name) {
    return Container.builder().name(name).lastStatus("RUNNING").build();
  }

  private static Container stopped(String name, int exitCode) {
    return Container.builder().name(name).lastStatus("STOPPED").exitCode(exitCode).build();
  }
}

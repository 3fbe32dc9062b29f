package dev.gantry.agent.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The home on a real disk.
final class AgentHomeTest {
  @TempDir Path directory;

  @Test
  void whatWasSavedIsLoaded() throws IOException {
    try (AgentHome home = AgentHome.open(directory.resolve("agent"))) {
      assertThat(home.load().instance()).isNull();
      home.saveInstance("me");
      home.saveTask("t1", "one");
      home.saveTask("t1", "two");
      home.saveTask("t2", "ünï");
      home.deleteTask("t2");
      home.deleteTask("t2");
      home.saveTask("t3", "ünï");
    }
    try (AgentHome home = AgentHome.open(directory.resolve("agent"))) {
      AgentHome.Saved saved = home.load();
      assertThat(saved.instance()).isEqualTo("me");
      assertThat(saved.tasks()).containsExactly(entry("t1", "two"), entry("t3", "ünï"));
    }
  }

  private static java.util.Map.Entry<String, String> entry(String name, String text) {
    return java.util.Map.entry(name, text);
  }

  @Test
  void nobodyElseReadsIt() throws IOException {
    Path agent = directory.resolve("agent");
    try (AgentHome home = AgentHome.open(agent)) {
      home.saveTask("t1", "secret");
      home.saveInstance("me");
    }
    assertThat(permissions(agent)).isEqualTo("rwx------");
    assertThat(permissions(agent.resolve("tasks"))).isEqualTo("rwx------");
    assertThat(permissions(agent.resolve("tasks/t1.json"))).isEqualTo("rw-------");
    assertThat(permissions(agent.resolve("instance.json"))).isEqualTo("rw-------");
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void whatAFallLeftUnfinishedIsClearedAway() throws IOException {
    try (AgentHome home = AgentHome.open(directory)) {
      home.saveTask("t1", "whole");
      Files.writeString(directory.resolve("tasks/t1.json.unfinished"), "ha");
      Files.writeString(directory.resolve("tasks/t2.json.unfinished"), "ha");
      Files.writeString(directory.resolve("instance.json.unfinished"), "ha");
      AgentHome.Saved saved = home.load();
      assertThat(saved.instance()).isNull();
      assertThat(saved.tasks()).containsOnlyKeys("t1").containsValue("whole");
      assertThat(directory.resolve("tasks/t2.json.unfinished")).doesNotExist();
    }
  }

  @Test
  void whatCannotBeReadIsPutAsideNotDeleted() throws IOException {
    try (AgentHome home = AgentHome.open(directory)) {
      home.saveTask("t1", "first");
      home.quarantine("t1");
      home.saveTask("t1", "second");
      home.quarantine("t1");
      home.saveInstance("me");
      home.quarantine(null);
      assertThat(home.load().tasks()).isEmpty();
      assertThat(home.load().instance()).isNull();
    }
    assertThat(directory.resolve("quarantine/t1.json.1")).hasContent("first");
    assertThat(directory.resolve("quarantine/t1.json.2")).hasContent("second");
    assertThat(directory.resolve("quarantine/instance.json.1")).hasContent("me");
  }

  @Test
  void oneAgentAtATime() throws IOException {
    try (AgentHome home = AgentHome.open(directory)) {
      assertThatThrownBy(() -> AgentHome.open(directory))
          .isInstanceOf(AgentHome.HomeInUseException.class)
          .hasMessageContaining(directory.toString());
      home.saveTask("t1", "still mine");
    }
    AgentHome.open(directory).close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "../x", "a/b", "a.b", "a\u0000b", "ä"})
  void aNameIsNotAPath(String name) throws IOException {
    try (AgentHome home = AgentHome.open(directory)) {
      assertThatThrownBy(() -> home.saveTask(name, "x")).isInstanceOf(IOException.class);
    }
  }

  @Test
  void anOversizedFileReadsAsEmpty() throws IOException {
    try (AgentHome home = AgentHome.open(directory)) {
      home.saveTask("t1", "x".repeat((int) AgentHome.MAX_FILE_BYTES + 1));
      assertThat(home.load().tasks()).containsEntry("t1", "");
    }
  }
}

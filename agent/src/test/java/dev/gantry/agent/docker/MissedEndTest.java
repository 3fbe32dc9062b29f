package dev.gantry.agent.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.ContainerStatus.State;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An engine that was killed in the middle of a start and missed the end of what it started. The
/// answers are those of Docker 20.10.24 to that.
class MissedEndTest {
  private static final String ID = "572859ed5141";

  private static final String RUNNING =
      state("\"Running\":true,\"StartedAt\":\"0001-01-01T00:00:00Z\"");
  private static final String ENDED =
      state(
          "\"Running\":false,\"ExitCode\":7,\"StartedAt\":\"0001-01-01T00:00:00Z\","
              + "\"FinishedAt\":\"2026-01-01T00:00:00.5Z\"");
  private static final String NO_PROCESSES = "{\"Processes\":null,\"Titles\":[\"UID\",\"PID\"]}";
  private static final String ONE_PROCESS = "{\"Processes\":[[\"0\",\"1\"]],\"Titles\":[]}";

  @TempDir Path directory;

  private volatile String shown = RUNNING;
  private String top = ScriptedEngine.answer(200, NO_PROCESSES);

  private static String state(String members) {
    return "{\"Id\":\"" + ID + "\",\"State\":{" + members + "}}";
  }

  private ScriptedEngine engine() throws IOException {
    return new ScriptedEngine(
        directory,
        call -> {
          String path = call.line.replaceFirst("^[A-Z]+ (/v[0-9.]+)?", "").replaceFirst(" .*", "");
          call.send(
              switch (path) {
                case "/version" ->
                    ScriptedEngine.answer(
                        200, "{\"ApiVersion\":\"1.41\",\"MinAPIVersion\":\"1.12\"}");
                case "/containers/" + ID + "/json" -> ScriptedEngine.answer(200, shown);
                case "/containers/" + ID + "/top" -> top;
                case "/containers/" + ID + "/start" ->
                    "HTTP/1.1 304 Not Modified\r\nContent-Length: 0\r\n\r\n";
                case "/containers/" + ID + "/stop?t=0" -> {
                  shown = ENDED;
                  yield ScriptedEngine.answer(204, "");
                }
                default -> ScriptedEngine.answer(500, "{\"message\":\"" + path + "\"}");
              });
        });
  }

  private DockerContainerRuntime runtime(ScriptedEngine engine) {
    return new DockerContainerRuntime(engine.endpoint(), DockerConfig.of(Map.of(), directory));
  }

  private ContainerStatus inspected() throws Exception {
    try (ScriptedEngine engine = engine();
        DockerContainerRuntime runtime = runtime(engine)) {
      return Objects.requireNonNull(runtime.inspectContainer(ID));
    }
  }

  @Test
  void anEngineIsMadeToLookAndKnowsTheExitCode() throws Exception {
    ContainerStatus status = inspected();
    assertThat(status.state()).isEqualTo(State.EXITED);
    assertThat(status.exitCode()).isEqualTo(7);
  }

  @Test
  void whatRunsIsLeftAlone() throws Exception {
    top = ScriptedEngine.answer(200, ONE_PROCESS);
    assertThat(inspected().state()).isEqualTo(State.RUNNING);
    assertThat(shown).isEqualTo(RUNNING);
  }

  @Test
  void anEngineThatHasNoPsIsBelieved() throws Exception {
    top = ScriptedEngine.answer(500, "{\"message\":\"no ps\"}");
    assertThat(inspected().state()).isEqualTo(State.RUNNING);
    assertThat(shown).isEqualTo(RUNNING);
  }

  @Test
  void anEngineThatNoticesMeanwhileIsAskedAgain() throws Exception {
    top = ScriptedEngine.answer(409, "{\"message\":\"Container is not running\"}");
    assertThat(inspected().state()).isEqualTo(State.EXITED);
  }

  @Test
  void aContainerWhoseStartIsKnownCostsOneQuestion() throws Exception {
    shown = state("\"Running\":true,\"StartedAt\":\"2026-01-01T00:00:00Z\"");
    try (ScriptedEngine engine = engine();
        DockerContainerRuntime runtime = runtime(engine)) {
      assertThat(Objects.requireNonNull(runtime.inspectContainer(ID)).state())
          .isEqualTo(State.RUNNING);
      assertThat(engine.requests()).filteredOn(line -> line.contains(ID)).hasSize(1);
    }
  }

  @Test
  void aStartOfWhatRunsAlreadyLooksForItsEnd() throws Exception {
    try (ScriptedEngine engine = engine();
        DockerContainerRuntime runtime = runtime(engine)) {
      runtime.startContainer(ID);
      assertThat(shown).isEqualTo(ENDED);
    }
  }
}

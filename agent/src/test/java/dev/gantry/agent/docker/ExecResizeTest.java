package dev.gantry.agent.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.gantry.agent.ContainerRuntime.ExecListener;
import dev.gantry.agent.ContainerRuntime.ExecSpec;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The size of a terminal that is not there yet: an engine answers that a command has begun before
/// it has made the command's terminal, and refuses to resize what is not there.
class ExecResizeTest {
  private static final String EARLY =
      ScriptedEngine.answer(500, "{\"message\":\"cannot resize a stopped container\"}");

  private static final String OK = ScriptedEngine.answer(200, "");

  @TempDir Path directory;

  private final CountDownLatch over = new CountDownLatch(1);
  private volatile ScriptedEngine.@Nullable Call command;

  private final ExecListener listener =
      new ExecListener() {
        @Override
        public void output(byte[] bytes) {
          throw new AssertionError("nothing is written here");
        }

        @Override
        public void ended(@Nullable RuntimeFailure failure) {
          over.countDown();
        }
      };

  /// What the engine does when it is asked for the nth time to resize, from 1.
  interface Resize {
    String answer(int number) throws IOException;
  }

  private ScriptedEngine engine(Resize resize) throws IOException {
    int[] asked = {0};
    return new ScriptedEngine(
        directory,
        call -> {
          String path = call.line.replaceFirst("^[A-Z]+ (/v[0-9.]+)?", "").replaceFirst(" .*", "");
          switch (path) {
            case "/version" ->
                call.send(
                    ScriptedEngine.answer(
                        200, "{\"ApiVersion\":\"1.41\",\"MinAPIVersion\":\"1.12\"}"));
            case "/containers/c/exec" -> call.send(ScriptedEngine.answer(201, "{\"Id\":\"e\"}"));
            case "/exec/e/start" -> {
              command = call;
              call.send("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
            }
            case "/exec/e/resize?h=43&w=132" -> call.send(resize.answer(++asked[0]));
            case "/exec/e/json" -> call.send(ScriptedEngine.answer(200, "{\"Running\":false}"));
            default -> call.send(ScriptedEngine.answer(404, "{\"message\":\"" + path + "\"}"));
          }
        });
  }

  private DockerExec begin(EngineApi api) {
    DockerExec exec =
        new DockerExec(api, "c", new ExecSpec(List.of("sh"), "s"), listener, /* sameHost= */ false);
    exec.start();
    return exec;
  }

  /// The command comes to its end, and the agent hears of it.
  private void leave() throws IOException {
    Objects.requireNonNull(command).close();
    try {
      assertThat(over.await(1, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  private static long resizes(ScriptedEngine engine) {
    return engine.requests().stream().filter(request -> request.contains("/resize?")).count();
  }

  @Test
  void aSizeThatComesTooEarlyIsGivenAgain() throws Exception {
    try (ScriptedEngine engine = engine(number -> number < 4 ? EARLY : OK);
        EngineApi api = new EngineApi(engine.endpoint())) {
      begin(api).resize(132, 43);
      assertThat(resizes(engine)).isEqualTo(4);
      leave();
    }
  }

  @Test
  void butNotForEver() throws Exception {
    try (ScriptedEngine engine = engine(number -> EARLY);
        EngineApi api = new EngineApi(engine.endpoint())) {
      DockerExec exec = begin(api);
      assertThatExceptionOfType(RuntimeFailure.class)
          .isThrownBy(() -> exec.resize(132, 43))
          .withMessageContaining("cannot resize a stopped container");
      assertThat(resizes(engine)).isEqualTo(DockerExec.RESIZE_TRIES);
      leave();
    }
  }

  /// It has no size any more, and nobody looks at it.
  @Test
  void norAfterTheCommandsEnd() throws Exception {
    try (ScriptedEngine engine =
            engine(number -> {
              if (number == 2) {
                leave();
              }
              return EARLY;
            });
        EngineApi api = new EngineApi(engine.endpoint())) {
      begin(api).resize(132, 43);
      assertThat(resizes(engine)).isEqualTo(2);
    }
  }
}

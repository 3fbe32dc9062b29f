package dev.gantry.agent.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.agent.ContainerRuntime.EventListener;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventStreamTest {
  @TempDir Path directory;

  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

  private final EventListener listener =
      new EventListener() {
        @Override
        public void started(String containerId) {
          heard.add("started " + containerId);
        }

        @Override
        public void died(String containerId) {
          if (containerId.equals("bomb")) {
            throw new IllegalStateException("a listener that fails");
          }
          heard.add("died " + containerId);
        }

        @Override
        public void gap() {
          heard.add("gap");
        }
      };

  private String next() throws InterruptedException {
    return String.valueOf(heard.poll(60, TimeUnit.SECONDS));
  }

  private static String event(String action, String id) {
    return "{\"Type\":\"container\",\"Action\":\""
        + action
        + "\",\"Actor\":{\"ID\":\""
        + id
        + "\"}}\n";
  }

  private ScriptedEngine engine(String firstStream) throws Exception {
    int[] streams = {0};
    return new ScriptedEngine(
        directory,
        call -> {
          if (call.line.startsWith("GET /version ")) {
            call.send(ScriptedEngine.answer(200, "{\"ApiVersion\":\"1.41\"}"));
          } else if (call.line.startsWith("GET /_ping ")) {
            call.send(
                "HTTP/1.1 200 OK\r\nDate: Sat, 21 Nov 2026 22:48:54 GMT\r\n"
                    + "Content-Length: 2\r\n\r\nOK");
          } else if (streams[0]++ == 0) {
            call.send("HTTP/1.1 200 OK\r\n\r\n" + firstStream);
            call.close();
          } else {
            call.send("HTTP/1.1 200 OK\r\n\r\n" + event("start", "later"));
          }
        });
  }

  @Test
  void streamBeginsAtTheEnginesOwnTimeOfJustBefore() throws Exception {
    try (ScriptedEngine engine = engine(event("start", "a") + event("die", "a"));
        DockerContainerRuntime runtime =
            new DockerContainerRuntime(engine.endpoint(), new DockerConfig(directory));
        var _ = runtime.watch(Map.of("owner", "a=b"), listener)) {
      assertThat(next()).isEqualTo("gap");
      assertThat(next()).isEqualTo("started a");
      assertThat(next()).isEqualTo("died a");
      assertThat(next()).isEqualTo("gap");
      assertThat(next()).isEqualTo("started later");

      assertThat(engine.requests())
          .filteredOn(request -> request.contains("/events"))
          .hasSize(2)
          .allSatisfy(request ->
              assertThat(URLDecoder.decode(request, StandardCharsets.UTF_8))
                  .endsWith(
                      "GET /v1.41/events?filters={\"label\":[\"owner=a=b\"],"
                          + "\"type\":[\"container\"],\"event\":[\"start\",\"die\"]}"
                          + "&since=1795301334 HTTP/1.1"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "not json\n",
        "{\"Type\":\"container\",\"Action\":\"die\",\"Actor\":{\"ID\":\"bomb\"}}\n",
        "{\"Action\":\"oom\"}\n[]\n7\n",
        "",
      })
  void streamThatGoesWrongIsReplaced(String first) throws Exception {
    try (ScriptedEngine engine = engine(first);
        DockerContainerRuntime runtime =
            new DockerContainerRuntime(engine.endpoint(), new DockerConfig(directory));
        var _ = runtime.watch(Map.of(), listener)) {
      assertThat(next()).isEqualTo("gap");
      assertThat(next()).isEqualTo("gap");
      assertThat(next()).isEqualTo("started later");
    }
  }
}

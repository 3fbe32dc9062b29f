package dev.gantry.agent.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure.Kind;
import dev.gantry.agent.docker.EngineHttp.Exchange;
import dev.gantry.agent.docker.EngineHttp.Lane;
import dev.gantry.agent.docker.EngineHttp.Limits;
import dev.gantry.agent.docker.EngineHttp.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EngineHttpTest {
  private static final Limits AMPLE = Limits.call(Duration.ofMinutes(1));
  private static final Limits TIGHT = Limits.call(Duration.ofMillis(100));

  @TempDir Path directory;

  private static String get(EngineHttp http, String target, Limits limits) throws RuntimeFailure {
    try (Exchange exchange =
        http.exchange(Lane.SHORT, new Request("GET", target, Map.of(), null), limits)) {
      return exchange.status() + " " + new String(exchange.readAll(), StandardCharsets.UTF_8);
    }
  }

  private static RuntimeFailure failure(EngineHttp http, Limits limits) {
    return assertThatExceptionOfType(RuntimeFailure.class)
        .isThrownBy(() -> get(http, "/x", limits))
        .actual();
  }

  @Test
  void callsInTurnShareOneConnection() throws Exception {
    try (ScriptedEngine engine =
            new ScriptedEngine(directory, call -> call.send(ScriptedEngine.answer(200, "ok")));
        EngineHttp http = new EngineHttp(engine.endpoint())) {
      for (int i = 0; i < 3; i++) {
        assertThat(get(http, "/" + i, AMPLE)).isEqualTo("200 ok");
      }
      assertThat(engine.requests())
          .containsExactly("1 GET /0 HTTP/1.1", "1 GET /1 HTTP/1.1", "1 GET /2 HTTP/1.1");
    }
  }

  @Test
  void callsAtOnceHaveConnectionsOfTheirOwn() throws Exception {
    CountDownLatch all = new CountDownLatch(3);
    try (ScriptedEngine engine =
            new ScriptedEngine(
                directory,
                call -> {
                  all.countDown();
                  awaitOrFail(all);
                  call.send(ScriptedEngine.answer(200, "ok"));
                });
        EngineHttp http = new EngineHttp(engine.endpoint())) {
      List<FutureTask<String>> tasks = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        FutureTask<String> task = new FutureTask<>(() -> get(http, "/x", AMPLE));
        tasks.add(task);
        Thread.ofVirtual().start(task);
      }
      for (FutureTask<String> task : tasks) {
        assertThat(task.get()).isEqualTo("200 ok");
      }
    }
  }

  private static void awaitOrFail(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Content-Length: 5, hello, hello",
    "Transfer-Encoding: chunked, '2\r\nhe\r\n3;note=x\r\nllo\r\n0\r\nTrailer: x\r\n\r\n', hello",
    "Transfer-Encoding: chunked, '0\r\n\r\n', ''",
    "Content-Length: 0, '', ''",
  })
  void bodiesAreReadHoweverTheyArriveAndLeaveTheConnectionUsable(
      String header, String body, String expected) throws Exception {
    try (ScriptedEngine engine =
            new ScriptedEngine(
                directory, call -> call.drip("HTTP/1.1 200 OK\r\n" + header + "\r\n\r\n" + body));
        EngineHttp http = new EngineHttp(engine.endpoint())) {
      assertThat(get(http, "/0", AMPLE)).isEqualTo("200 " + expected);
      assertThat(get(http, "/1", AMPLE)).isEqualTo("200 " + expected);
      assertThat(engine.requests()).containsExactly("1 GET /0 HTTP/1.1", "1 GET /1 HTTP/1.1");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200\r\nConnection: Close\r\n\r\nhello",
      })
  void connectionThatWillCloseIsNotUsedAgain(String answer) throws Exception {
    try (ScriptedEngine engine =
            new ScriptedEngine(
                directory,
                call -> {
                  call.send(answer);
                  call.close();
                });
        EngineHttp http = new EngineHttp(engine.endpoint())) {
      assertThat(get(http, "/0", AMPLE)).isEqualTo("200 hello");
      assertThat(get(http, "/1", AMPLE)).isEqualTo("200 hello");
      assertThat(engine.requests()).containsExactly("1 GET /0 HTTP/1.1", "2 GET /1 HTTP/1.1");
    }
  }

  @Test
  void connectionWithAnUnreadAnswerIsNotUsedAgain() throws Exception {
    try (ScriptedEngine engine =
            new ScriptedEngine(
                directory,
                call ->
                    call.send(
                        call.line.startsWith("GET /left ")
                            ? "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
                            : ScriptedEngine.answer(200, "ok")));
        EngineHttp http = new EngineHttp(engine.endpoint())) {
      http.exchange(Lane.SHORT, new Request("GET", "/left", Map.of(), null), AMPLE).close();

      assertThat(get(http, "/next", AMPLE)).isEqualTo("200 ok");
      assertThat(engine.requests()).contains("2 GET /next HTTP/1.1");
    }
  }

  @Test
  void answerWithoutABodyNeedsNoLength() throws Exception {
    try (ScriptedEngine engine =
            new ScriptedEngine(directory, call -> call.send("HTTP/1.1 304 Not Modified\r\n\r\n"));
        EngineHttp http = new EngineHttp(engine.endpoint())) {
      assertThat(get(http, "/0", AMPLE)).isEqualTo("304 ");
      assertThat(get(http, "/1", AMPLE)).isEqualTo("304 ");
      assertThat(engine.requests()).hasSize(2).allMatch(request -> request.startsWith("1 "));
    }
  }

  /// The one case in which a request is sent twice.
  @Test
  void idleConnectionThatTheEngineClosedIsReplaced() throws Exception {
    try (ScriptedEngine engine =
            new ScriptedEngine(
                directory,
                call -> {
                  if (call.connection == 1 && call.line.startsWith("GET /1 ")) {
                    call.close();
                  } else {
                    call.send(ScriptedEngine.answer(200, "ok"));
                  }
                });
        EngineHttp http = new EngineHttp(engine.endpoint())) {
      assertThat(get(http, "/0", AMPLE)).isEqualTo("200 ok");
      assertThat(get(http, "/1", AMPLE)).isEqualTo("200 ok");
      assertThat(engine.requests())
          .containsExactly("1 GET /0 HTTP/1.1", "1 GET /1 HTTP/1.1", "2 GET /1 HTTP/1.1");
    }
  }

  @Test
  void requestThatMayHaveBeenCarriedOutIsNotSentAgain() throws Exception {
    try (ScriptedEngine engine =
            new ScriptedEngine(
                directory,
                call -> {
                  if (call.line.contains("/x")) {
                    call.send("H");
                    call.close();
                  } else {
                    call.send(ScriptedEngine.answer(200, "ok"));
                  }
                });
        EngineHttp http = new EngineHttp(engine.endpoint())) {
      get(http, "/0", AMPLE);

      assertThat(failure(http, AMPLE).kind()).isEqualTo(Kind.UNREACHABLE);
      assertThat(engine.requests()).containsExactly("1 GET /0 HTTP/1.1", "1 GET /x HTTP/1.1");
    }
  }

  @Test
  void freshConnectionThatClosesIsNotTriedAgain() throws Exception {
    try (ScriptedEngine engine = new ScriptedEngine(directory, ScriptedEngine.Call::close);
        EngineHttp http = new EngineHttp(engine.endpoint())) {
      RuntimeFailure failure = failure(http, AMPLE);

      assertThat(failure.kind()).isEqualTo(Kind.UNREACHABLE);
      assertThat(failure).hasMessageContaining("broke: the engine closed the connection");
      assertThat(engine.requests()).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/2 200\r\n\r\n",
        "HTTP/1.1 2x0 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 101 Switching\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
      })
  void whatIsNoSoundAnswerIsNoEngine(String answer) throws Exception {
    try (ScriptedEngine engine = new ScriptedEngine(directory, call -> call.send(answer));
        EngineHttp http = new EngineHttp(engine.endpoint())) {
      RuntimeFailure failure = failure(http, AMPLE);

      assertThat(failure.kind()).isEqualTo(Kind.UNREACHABLE);
      assertThat(failure).hasMessageContaining("is not a Docker Engine");
    }
  }

  @Test
  void headWithoutEndIsNotReadForEver() throws Exception {
    try (ScriptedEngine engine =
            new ScriptedEngine(
                directory,
                call -> {
                  call.send("HTTP/1.1 200 OK\r\n");
                  while (true) {
                    call.send("X: " + "x".repeat(1000) + "\r\n");
                  }
                });
        EngineHttp http = new EngineHttp(engine.endpoint())) {
      assertThat(failure(http, AMPLE)).hasMessageContaining("head of more than 65536 bytes");
    }
  }

  @Test
  void bodyThatIsCutShortIsNotTakenForAWholeOne() throws Exception {
    try (ScriptedEngine engine =
            new ScriptedEngine(
                directory,
                call -> {
                  call.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
                  call.close();
                });
        EngineHttp http = new EngineHttp(engine.endpoint())) {
      assertThat(failure(http, AMPLE)).hasMessageContaining("in the middle of an answer");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"})
  void silenceEndsWithTheTimeLimit(String beginning) throws Exception {
    try (ScriptedEngine engine = new ScriptedEngine(directory, call -> call.send(beginning));
        EngineHttp http = new EngineHttp(engine.endpoint())) {
      RuntimeFailure failure = failure(http, TIGHT);

      assertThat(failure.kind()).isEqualTo(Kind.TIMEOUT);
      assertThat(failure).hasMessage("No answer from the Docker Engine within 100ms");
    }
  }

  @Test
  void silenceInTheBodyEndsWithItsOwnLimit() throws Exception {
    Limits limits = new Limits(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ofMillis(50));
    try (ScriptedEngine engine =
            new ScriptedEngine(
                directory, call -> call.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"));
        EngineHttp http = new EngineHttp(engine.endpoint())) {
      RuntimeFailure failure = failure(http, limits);

      assertThat(failure.kind()).isEqualTo(Kind.TIMEOUT);
      assertThat(failure).hasMessage("No answer from the Docker Engine within 50ms");
    }
  }

  @Test
  void streamHasNoLimitOnceItStands() throws Exception {
    Duration limit = Duration.ofSeconds(2);
    try (ScriptedEngine engine =
            new ScriptedEngine(
                directory,
                call -> {
                  if (call.line.contains("/stream")) {
                    call.send("HTTP/1.1 200 OK\r\n\r\n");
                  } else {
                    call.send("");
                  }
                });
        EngineHttp http = new EngineHttp(engine.endpoint());
        Exchange stream =
            http.exchange(
                Lane.LONG, new Request("GET", "/stream", Map.of(), null), Limits.stream(limit))) {
      // A call with the same limit, begun later, is over first.
      assertThat(failure(http, Limits.call(limit)).kind()).isEqualTo(Kind.TIMEOUT);

      FutureTask<Integer> reading = new FutureTask<>(() -> stream.body().read());
      Thread.ofVirtual().start(reading);
      stream.abort();
      assertThatExceptionOfType(ExecutionException.class)
          .isThrownBy(reading::get)
          .withCauseInstanceOf(IOException.class);
    }
  }

  @Test
  void interruptedCallEndsAndStaysInterrupted() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    try (ScriptedEngine engine = new ScriptedEngine(directory, call -> asked.countDown());
        EngineHttp http = new EngineHttp(engine.endpoint())) {
      FutureTask<Boolean> task =
          new FutureTask<>(() -> {
            RuntimeFailure failure = failure(http, AMPLE);
            assertThat(failure.kind()).isEqualTo(Kind.INTERRUPTED);
            return Thread.currentThread().isInterrupted();
          });
      Thread caller = Thread.ofVirtual().start(task);
      asked.await();
      caller.interrupt();

      assertThat(task.get()).isTrue();
    }
  }

  @Test
  void closingEndsCallsAndRefusesNewOnes() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    try (ScriptedEngine engine = new ScriptedEngine(directory, call -> asked.countDown())) {
      EngineHttp http = new EngineHttp(engine.endpoint());
      FutureTask<Kind> task = new FutureTask<>(() -> failure(http, AMPLE).kind());
      Thread.ofVirtual().start(task);
      asked.await();
      http.close();

      assertThat(task.get()).isEqualTo(Kind.UNREACHABLE);
      assertThat(failure(http, AMPLE)).hasMessage("The connection to Docker was closed");
      assertThat(engine.requests()).hasSize(1);
    }
  }

  @Test
  void longExchangesDoNotKeepLookUpsWaiting() throws Exception {
    CountDownLatch full = new CountDownLatch(EngineHttp.MAX_LOOKUPS + 1);
    try (ScriptedEngine engine =
            new ScriptedEngine(
                directory,
                call -> {
                  if (call.line.contains("/slow")) {
                    full.countDown();
                  } else {
                    call.send(ScriptedEngine.answer(200, "ok"));
                  }
                });
        EngineHttp http = new EngineHttp(engine.endpoint())) {
      Request slow = new Request("POST", "/slow", Map.of(), null);
      for (int i = 0; i <= EngineHttp.MAX_LOOKUPS; i++) {
        Thread.ofVirtual()
            .start(() ->
                assertThatExceptionOfType(RuntimeFailure.class)
                    .isThrownBy(() -> http.exchange(Lane.LONG, slow, AMPLE)));
      }
      full.await();

      assertThat(get(http, "/quick", AMPLE)).isEqualTo("200 ok");
    }
  }

  @Test
  void requestDoesNotPrintItsHeaders() {
    Request request =
        new Request("POST", "/images/create", Map.of("X-Registry-Auth", "secret"), null);
    assertThat(request.toString()).isEqualTo("POST /images/create");
  }
}

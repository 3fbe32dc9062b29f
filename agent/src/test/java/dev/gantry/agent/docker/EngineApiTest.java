package dev.gantry.agent.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure.Kind;
import dev.gantry.agent.ImageReference;
import dev.gantry.agent.docker.EngineApi.Target;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EngineApiTest {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  @TempDir Path directory;

  private static String version(String oldest, String newest) {
    return ScriptedEngine.answer(
        200, "{\"ApiVersion\":\"" + newest + "\",\"MinAPIVersion\":\"" + oldest + "\"}");
  }

  @ParameterizedTest
  @CsvSource({
    // Docker 20.10, 28, 29, and one that we do not know yet
    "1.12, 1.41, 1.41",
    "1.24, 1.51, 1.44",
    "1.44, 1.52, 1.44",
    "1.48, 1.60, 1.48",
    "1.40, 1.40, 1.40",
    "'',   1.41, 1.41",
  })
  void versionIsOursWithinTheEnginesRange(String oldest, String newest, String expected)
      throws Exception {
    try (ScriptedEngine engine =
            new ScriptedEngine(
                directory,
                call ->
                    call.send(
                        call.line.startsWith("GET /version ")
                            ? version(oldest, newest)
                            : ScriptedEngine.answer(200, "{}")));
        EngineApi api = new EngineApi(engine.endpoint())) {
      api.get("/info", LIMIT);
      api.get("/info", LIMIT);

      assertThat(engine.requests())
          .containsExactly(
              "1 GET /version HTTP/1.1",
              "1 GET /v" + expected + "/info HTTP/1.1",
              "1 GET /v" + expected + "/info HTTP/1.1");
    }
  }

  @Test
  void aSignOfLifeNeedsNoVersionAndIsWaitedForBriefly() throws Exception {
    try (ScriptedEngine engine =
            new ScriptedEngine(directory, call -> call.send(ScriptedEngine.answer(200, "OK")));
        EngineApi api = new EngineApi(engine.endpoint())) {
      api.ping(LIMIT);
      assertThat(engine.requests()).containsExactly("1 GET /_ping HTTP/1.1");
    }
    try (ScriptedEngine silent = new ScriptedEngine(directory, call -> call.send(""));
        EngineApi api = new EngineApi(silent.endpoint())) {
      assertThatExceptionOfType(RuntimeFailure.class)
          .isThrownBy(() -> api.ping(Duration.ofMillis(50)))
          .satisfies(failure -> assertThat(failure.kind()).isEqualTo(Kind.TIMEOUT));
    }
  }

  @ParameterizedTest
  @CsvSource({"500, REFUSED", "404, NOT_FOUND"})
  void anEngineThatAnswersAnythingElseGivesNoSignOfLife(int status, Kind kind) throws Exception {
    try (ScriptedEngine engine =
            new ScriptedEngine(
                directory,
                call -> call.send(ScriptedEngine.answer(status, "{\"message\":\"no\"}")));
        EngineApi api = new EngineApi(engine.endpoint())) {
      assertThatExceptionOfType(RuntimeFailure.class)
          .isThrownBy(() -> api.ping(LIMIT))
          .satisfies(failure -> assertThat(failure.kind()).isEqualTo(kind));
    }
  }

  @ParameterizedTest
  @CsvSource({"1.12, 1.39", "1.53, 1.60", "2.0, 2.1", "1.12, newest", "1.12, ''"})
  void enginesTooOldOrTooNewAreRefusedWithBothRanges(String oldest, String newest)
      throws Exception {
    try (ScriptedEngine engine =
            new ScriptedEngine(directory, call -> call.send(version(oldest, newest)));
        EngineApi api = new EngineApi(engine.endpoint())) {
      assertThatExceptionOfType(RuntimeFailure.class)
          .isThrownBy(api::version)
          .withMessageMatching(
              ".*speaks API versions 1.12 to 1.39, and Gantry 1.40 to 1.52"
                  + "|.*1.53 to 1.60.*|.*2.0 to 2.1.*|The engine does not say.*")
          .satisfies(failure -> assertThat(failure.kind()).isEqualTo(Kind.REFUSED));
    }
  }

  @Test
  void replacedEngineIsAskedForItsVersionAgain() throws Exception {
    List<String> newest = new CopyOnWriteArrayList<>(List.of("1.41"));
    try (ScriptedEngine engine =
            new ScriptedEngine(
                directory,
                call -> {
                  if (call.line.startsWith("GET /version ")) {
                    call.send(version(newest.getFirst(), newest.getFirst()));
                  } else if (call.line.contains("/v" + newest.getFirst() + "/")) {
                    call.send(ScriptedEngine.answer(200, "{}"));
                  } else {
                    call.send(
                        ScriptedEngine.answer(
                            400,
                            "{\"message\":\"client version 1.41 is too old. Minimum supported API"
                                + " version is 1.44\"}"));
                  }
                });
        EngineApi api = new EngineApi(engine.endpoint())) {
      api.get("/info", LIMIT);
      newest.set(0, "1.44");

      api.get("/info", LIMIT);

      assertThat(api.version()).isEqualTo(new ApiVersion(1, 44));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "400, bad parameter, REFUSED",
    "401, who are you, UNAUTHORIZED",
    "403, not you, UNAUTHORIZED",
    "404, No such container: x, NOT_FOUND",
    "409, name in use, CONFLICT",
    "500, Bind for 0.0.0.0:80 failed: port is already allocated, CONFLICT",
    "500, listen tcp4 0.0.0.0:80: bind: address already in use, CONFLICT",
    "500, something else, REFUSED",
    "503, swarm, REFUSED",
    "301, moved, REFUSED",
  })
  void refusalsCarryTheEnginesWordsAndTheirKind(int status, String message, Kind kind)
      throws Exception {
    try (ScriptedEngine engine =
            new ScriptedEngine(
                directory,
                call ->
                    call.send(
                        call.line.startsWith("GET /version ")
                            ? version("1.12", "1.41")
                            : ScriptedEngine.answer(status, "{\"message\":\"" + message + "\"}")));
        EngineApi api = new EngineApi(engine.endpoint())) {
      assertThatExceptionOfType(RuntimeFailure.class)
          .isThrownBy(() -> api.get("/x", LIMIT))
          .withMessage("Error response from daemon: " + message)
          .satisfies(failure -> assertThat(failure.kind()).isEqualTo(kind));
    }
  }

  @Test
  void refusalsOfProxiesAreReadableToo() {
    assertThat(EngineErrors.message(502, "<h1>Bad Gateway</h1>\n".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo("<h1>Bad Gateway</h1>");
    assertThat(EngineErrors.message(502, new byte[0])).isEqualTo("status 502 without a message");
    assertThat(EngineErrors.message(500, "x".repeat(10_000).getBytes(StandardCharsets.UTF_8)))
        .hasSize(EngineErrors.MAX_TEXT);
  }

  @Test
  void whatIsNotOursIsEncoded() throws RuntimeFailure {
    assertThat(new Target("/x").query("a", "b&c=d e/ä\r\n").query("f", "").toString())
        .isEqualTo("/x?a=b%26c%3Dd%20e%2F%C3%A4%0D%0A&f=");
    assertThat(
            new Target("/images")
                .image(ImageReference.parse("registry:5000/a/b_c@sha256:00"))
                .then("/json")
                .toString())
        .isEqualTo("/images/registry:5000/a/b_c@sha256:00/json");
  }

  @ParameterizedTest
  @CsvSource({"''", "a/b", "..", ".", "a?b", "a b", "'a\r\nb'", "%2e%2e"})
  void whatCannotBeAContainerIsNoContainer(String id) {
    assertThatExceptionOfType(RuntimeFailure.class)
        .isThrownBy(() -> Target.container(id))
        .withMessage("Error response from daemon: No such container: " + id)
        .satisfies(failure -> assertThat(failure.kind()).isEqualTo(Kind.NOT_FOUND));
  }

  /// What a registry says arrives in a stream that began with 200.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "manifest for busybox:none not found: manifest unknown: manifest unknown | NOT_FOUND",
        "pull access denied for x, repository does not exist or may require 'docker login':"
            + " denied: requested access to the resource is denied | NOT_FOUND",
        "Get \"https://r.example/v2/a/manifests/1\": no basic auth credentials | UNAUTHORIZED",
        "unauthorized: authentication required | UNAUTHORIZED",
        "Head \"https://r.example/v2/\": denied: access forbidden | UNAUTHORIZED",
        "dial tcp: lookup r.example: no such host | REFUSED",
        "toomanyrequests: You have reached your pull rate limit | REFUSED",
      })
  void pullFailsWithWhatTheStreamSays(String error, Kind kind) throws Exception {
    try (ScriptedEngine engine =
            new ScriptedEngine(
                directory,
                call ->
                    call.send(
                        call.line.startsWith("GET /version ")
                            ? version("1.12", "1.41")
                            : call.line.contains("/images/busybox/json ")
                                ? ScriptedEngine.answer(404, "{\"message\":\"No such image\"}")
                                : ScriptedEngine.answer(
                                    200,
                                    "{\"status\":\"Pulling from a\",\"id\":\"1\"}\r\n"
                                        + new String(
                                            new Json.Obj()
                                                .put("errorDetail", new Json.Obj())
                                                .put("error", error)
                                                .bytes(),
                                            StandardCharsets.UTF_8)
                                        + "\r\n")));
        DockerContainerRuntime runtime =
            new DockerContainerRuntime(engine.endpoint(), new DockerConfig(directory))) {
      assertThatExceptionOfType(RuntimeFailure.class)
          .isThrownBy(() -> runtime.pullImage("busybox"))
          .withMessage(error)
          .satisfies(failure -> assertThat(failure.kind()).isEqualTo(kind));
    }
  }

  @Test
  void pullCarriesTheLoginOfItsRegistryAndReadsItsDigest() throws Exception {
    Files.writeString(
        directory.resolve("config.json"),
        "{\"auths\":{\"r.example:5000\":{\"auth\":\""
            + Base64.getEncoder().encodeToString("me:pa:ss".getBytes(StandardCharsets.UTF_8))
            + "\"}}}");
    List<String> heads = new CopyOnWriteArrayList<>();
    try (ScriptedEngine engine = new ScriptedEngine(directory, call -> pulled(call, heads));
        DockerContainerRuntime runtime =
            new DockerContainerRuntime(engine.endpoint(), new DockerConfig(directory))) {
      assertThat(runtime.pullImage("r.example:5000/team/app:v1").image().digest())
          .isEqualTo("sha256:22");

      assertThat(engine.requests().get(2))
          .isEqualTo(
              "1 POST /v1.41/images/create?fromImage=r.example%3A5000%2Fteam%2Fapp&tag=v1 HTTP/1.1");
      String auth =
          heads
              .get(2)
              .lines()
              .filter(line -> line.startsWith("X-Registry-Auth: "))
              .findFirst()
              .get();
      assertThat(
              new String(
                  Base64.getUrlDecoder().decode(auth.substring("X-Registry-Auth: ".length())),
                  StandardCharsets.UTF_8))
          .isEqualTo(
              "{\"username\":\"me\",\"password\":\"pa:ss\",\"serveraddress\":\"r.example:5000\"}");
    }
  }

  private static void pulled(ScriptedEngine.Call call, List<String> heads) throws IOException {
    heads.add(call.head);
    if (call.line.startsWith("GET /version ")) {
      call.send(version("1.12", "1.41"));
    } else if (call.line.contains("/json ")) {
      call.send(
          ScriptedEngine.answer(
              200,
              "{\"Id\":\"sha256:00\",\"RepoDigests\":[\"team/app@sha256:11\","
                  + "\"r.example:5000/team/app@sha256:22\"]}"));
    } else {
      call.send(ScriptedEngine.answer(200, "{\"status\":\"done\"}\n"));
    }
  }
}

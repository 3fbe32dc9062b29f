package dev.gantry.agent.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.gantry.agent.docker.NoDockerEngine.Attempt;
import dev.gantry.agent.docker.NoDockerEngine.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DockerEndpointTest {
  private static final String PONG =
      "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK";

  @TempDir Path home;

  private static NoDockerEngine nothing(Map<String, String> environment, Path home) {
    return assertThatExceptionOfType(NoDockerEngine.class)
        .isThrownBy(() -> DockerEndpoint.find(environment, home))
        .actual();
  }

  private void context(String host) throws IOException {
    Path docker = Files.createDirectories(home.resolve(".docker"));
    Path meta =
        Files.createDirectories(
            docker.resolve(
                "contexts/meta/fe9c6bd7a66301f49ca9b6a70b217107cd1284598bfc254700c989b916da791e"));
    Files.writeString(
        meta.resolve("meta.json"), "{\"Endpoints\":{\"docker\":{\"Host\":\"" + host + "\"}}}");
    Files.writeString(docker.resolve("config.json"), "{\"currentContext\":\"desktop-linux\"}");
  }

  @Test
  void dockerHostCountsBeforeTheContext() throws Exception {
    context("unix:///nowhere/context.sock");
    try (ScriptedEngine engine = new ScriptedEngine(home, call -> call.send(PONG))) {
      DockerEndpoint found =
          DockerEndpoint.find(Map.of("DOCKER_HOST", engine.endpoint().url()), home);
      assertThat(found.source()).isEqualTo("DOCKER_HOST");
      assertThat(found.address()).isEqualTo(engine.endpoint().address());
    }
  }

  @Test
  void currentContextIsTakenAndDockerContextBeforeIt() throws Exception {
    try (ScriptedEngine engine = new ScriptedEngine(home, call -> call.send(PONG))) {
      context(engine.endpoint().url());
      assertThat(DockerEndpoint.find(Map.of(), home).source())
          .isEqualTo("the Docker context desktop-linux");
      assertThat(nothing(Map.of("DOCKER_CONTEXT", "other"), home).attempts())
          .extracting(Attempt::url, Attempt::outcome)
          .containsExactly(tuple("other", Outcome.ABSENT));
    }
  }

  @Test
  void choiceThatDoesNotAnswerIsNotReplacedByAnotherEngine() throws Exception {
    context("unix://" + home.resolve("stopped.sock"));
    NoDockerEngine none = nothing(Map.of(), home);
    assertThat(none.attempts()).hasSize(1);
    assertThat(none)
        .hasMessage(
            "No Docker Engine answers. Tried:\n  unix://"
                + home
                + "/stopped.sock (the Docker context desktop-linux): no such socket");
  }

  @Test
  void usualPlacesAreTriedInTurn() throws Exception {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("XDG_RUNTIME_DIR", home.resolve("run").toString());
    environment.put("DOCKER_CONTEXT", "default");
    Path desktop = Files.createDirectories(home.resolve(".docker/run"));
    try (ScriptedEngine engine = new ScriptedEngine(desktop, call -> call.send(PONG))) {
      Files.createSymbolicLink(
          desktop.resolve("docker.sock"),
          ((UnixDomainSocketAddress) engine.endpoint().address()).getPath());
      // A real engine at /var/run/docker.sock comes first; without one it is Docker Desktop's.
      DockerEndpoint found = DockerEndpoint.find(environment, home);
      assertThat(found.source()).isIn("the usual place", "Docker Desktop's place");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ssh://me@host",
        "npipe:////./pipe/docker_engine",
        "fd://",
        "docker.sock",
        "unix://docker.sock",
        "tcp://",
        "tcp://me@host",
        "tcp://a b",
        "tcp://host:99999",
      })
  void urlsThatGantryDoesNotSpeakAreNamed(String url) {
    NoDockerEngine none = nothing(Map.of("DOCKER_HOST", url), home);
    assertThat(none.attempts())
        .extracting(Attempt::url, Attempt::source, Attempt::outcome)
        .containsExactly(tuple(url, "DOCKER_HOST", Outcome.UNSUPPORTED));
  }

  @ParameterizedTest
  @CsvSource({
    "tcp://host, host, 2375",
    "tcp://127.0.0.1:1234, 127.0.0.1, 1234",
    "tcp://[::1]:1234, ::1, 1234",
    "http://host:80, host, 80",
  })
  void tcpUrlsAreRead(String url, String host, int port) {
    InetSocketAddress address = (InetSocketAddress) DockerEndpoint.parse(url, "test").address();
    assertThat(address.getHostString()).isEqualTo(host);
    assertThat(address.getPort()).isEqualTo(port);
    assertThat(address.isUnresolved()).isTrue();
  }

  @Test
  void engineBehindTcpAnswersAndAClosedPortDoesNot() throws Exception {
    String url;
    try (ServerSocket server = new ServerSocket(0)) {
      url = "tcp://localhost:" + server.getLocalPort();
      Thread.ofVirtual()
          .start(() -> {
            try (var client = server.accept()) {
              client.getOutputStream().write(PONG.getBytes(StandardCharsets.UTF_8));
              client.getInputStream().readAllBytes();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      assertThat(DockerEndpoint.find(Map.of("DOCKER_HOST", url), home).url()).isEqualTo(url);
    }
    assertThat(nothing(Map.of("DOCKER_HOST", url), home).attempts())
        .extracting(Attempt::outcome)
        .containsExactly(Outcome.SILENT);
    assertThat(nothing(Map.of("DOCKER_HOST", url, "DOCKER_TLS_VERIFY", "1"), home).attempts())
        .extracting(Attempt::outcome)
        .containsExactly(Outcome.UNSUPPORTED);
  }

  @ParameterizedTest
  @CsvSource({
    "'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK', NOT_AN_ENGINE",
    "'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n', NOT_AN_ENGINE",
    "'220 mail.example ESMTP\r\n', NOT_AN_ENGINE",
  })
  void whatIsNoEngineIsSaid(String answer, Outcome outcome) throws Exception {
    try (ScriptedEngine engine = new ScriptedEngine(home, call -> call.send(answer))) {
      assertThat(nothing(Map.of("DOCKER_HOST", engine.endpoint().url()), home).attempts())
          .extracting(Attempt::outcome)
          .containsExactly(outcome);
    }
  }

  @Test
  void plainFileIsNoEngine() throws Exception {
    Path file = Files.createFile(home.resolve("file"));
    assertThat(nothing(Map.of("DOCKER_HOST", "unix://" + file), home).attempts())
        .extracting(Attempt::outcome)
        .containsExactly(Outcome.SILENT);
  }
}

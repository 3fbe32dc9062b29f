package dev.gantry.agent.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DockerConfigTest {
  @TempDir Path directory;

  private @Nullable String auth(String config, String registry) throws IOException {
    Files.writeString(directory.resolve("config.json"), config.replace('\'', '"'));
    String header =
        new DockerConfig(directory, directory + "/docker-credential-").registryAuth(registry);
    return header == null
        ? null
        : new String(Base64.getUrlDecoder().decode(header), StandardCharsets.UTF_8)
            .replace('"', '\'');
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource({
    "https://index.docker.io/v1/, docker.io",
    "r.example, r.example",
    "https://r.example, r.example",
    "https://r.example/v1/, r.example",
    "r.example:5000, r.example:5000",
  })
  void loginsAreFoundByHost(String key, String registry) throws IOException {
    String config = "{'auths':{'" + key + "':{'auth':'" + base64("me:se:cret") + "'}}}";
    assertThat(auth(config, registry))
        .isEqualTo("{'username':'me','password':'se:cret','serveraddress':'" + key + "'}");
    assertThat(auth(config, "other.example")).isNull();
    assertThat(auth(config, "example")).isNull();
  }

  @Test
  void otherKindsOfLoginAreUnderstood() throws IOException {
    assertThat(auth("{'auths':{'r':{'username':'u','password':'p'}}}", "r"))
        .isEqualTo("{'username':'u','password':'p','serveraddress':'r'}");
    assertThat(auth("{'auths':{'r':{'identitytoken':'t','auth':'x'}}}", "r"))
        .isEqualTo("{'identitytoken':'t','serveraddress':'r'}");
    assertThat(auth("{'auths':{'r':{'auth':'" + base64("u:p\0\0") + "'}}}", "r"))
        .isEqualTo("{'username':'u','password':'p','serveraddress':'r'}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'auths':{'r':{}},'credsStore':'gantry-test-absent'}",
        "{'credHelpers':{'r':'gantry-test-absent'}}",
        "{'credHelpers':{'r':'../../bin/sh'}}",
        "{'auths':{'r':{'auth':'%%%'}}}",
        "{'auths':{'r':{'auth':'bm9jb2xvbg=='}}}",
        "{'auths':[]}",
        "not json",
        "",
      })
  void withoutAUsableLoginThePullGoesWithout(String config) throws IOException {
    assertThat(auth(config, "r")).isNull();
  }

  @Test
  void aRegistryWithAHelperIsAskedOfIt() throws IOException {
    helper(
        "vault",
        "read server; echo \"{\\\"Username\\\":\\\"$1\\\",\\\"Secret\\\":\\\"$server\\\"}\"");
    String config =
        "{'auths':{'r:5000':{'username':'file','password':'p'}},'credHelpers':{'r:5000':'vault'}}";
    assertThat(auth(config, "r:5000"))
        .isEqualTo("{'username':'get','password':'r:5000','serveraddress':'r:5000'}");
    assertThat(auth("{'credsStore':'vault'}", "docker.io"))
        .as("the store is asked of every registry, of Docker Hub by its old name")
        .isEqualTo(
            "{'username':'get','password':'https://index.docker.io/v1/',"
                + "'serveraddress':'https://index.docker.io/v1/'}");
    assertThat(auth("{'credHelpers':{'other':'vault'}}", "r:5000")).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "echo credentials not found in native keychain; exit 1",
        "echo no json",
        "echo '{}'",
        "exit 0",
        "cat /dev/zero",
      })
  void aHelperWithoutALoginLeavesItToTheFile(String script) throws IOException {
    helper("vault", script);
    assertThat(auth("{'auths':{'r':{'username':'u','password':'p'}},'credsStore':'vault'}", "r"))
        .isEqualTo("{'username':'u','password':'p','serveraddress':'r'}");
  }

  @Test
  void aHelpersIdentityTokenIsOne() throws IOException {
    helper("vault", "echo '{\"Username\":\"<token>\",\"Secret\":\"t\"}'");
    assertThat(auth("{'credsStore':'vault'}", "r"))
        .isEqualTo("{'identitytoken':'t','serveraddress':'r'}");
  }

  @Test
  void aHelperThatDoesNotAnswerIsEnded() throws IOException {
    helper("vault", "sleep 1000");
    CredentialHelper slow =
        new CredentialHelper(directory + "/docker-credential-", "vault", Duration.ofMillis(200));
    assertThat(slow.login("r")).isNull();
  }

  private void helper(String name, String script) throws IOException {
    Path program =
        Files.writeString(
            directory.resolve("docker-credential-" + name), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void missingFilesAreNoLoginsAndNoContexts() {
    DockerConfig config = new DockerConfig(directory.resolve("none"));
    assertThat(config.registryAuth("docker.io")).isNull();
    assertThat(config.currentContext()).isEmpty();
    assertThat(config.contextHost("x")).isNull();
  }

  @Test
  void directoryComesFromTheEnvironmentOrTheHome() {
    Path home = Path.of("/home/me");
    assertThat(DockerConfig.of(Map.of(), home).directory()).isEqualTo(home.resolve(".docker"));
    assertThat(DockerConfig.of(Map.of("DOCKER_CONFIG", "/etc/d"), home).directory())
        .isEqualTo(Path.of("/etc/d"));
  }

  @Test
  void contextIsFoundByTheHashOfItsName() throws IOException {
    // sha256("desktop-linux")
    Path meta =
        Files.createDirectories(
            directory.resolve(
                "contexts/meta/fe9c6bd7a66301f49ca9b6a70b217107cd1284598bfc254700c989b916da791e"));
    Files.writeString(
        meta.resolve("meta.json"),
        "{\"Name\":\"desktop-linux\",\"Endpoints\":{\"docker\":{\"Host\":\"unix:///a.sock\"}}}");
    Files.writeString(directory.resolve("config.json"), "{\"currentContext\":\"desktop-linux\"}");
    DockerConfig config = new DockerConfig(directory);

    assertThat(config.currentContext()).isEqualTo("desktop-linux");
    assertThat(Objects.requireNonNull(config.contextHost("desktop-linux")))
        .isEqualTo("unix:///a.sock");
  }
}

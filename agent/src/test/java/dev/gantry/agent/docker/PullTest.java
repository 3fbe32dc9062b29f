package dev.gantry.agent.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.gantry.agent.ContainerRuntime.ImageInfo;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pulls by a real engine from a small registry of our own. Engines take plain HTTP from registries
/// on 127.0.0.1, so this needs an engine that shares the test's loopback address.
@Tag("docker")
class PullTest {
  private static final String REPOSITORY = "gantry/docker-test";
  private static final String MANIFEST_TYPE =
      "application/vnd.docker.distribution.manifest.v2+json";

  @TempDir Path directory;

  private final Map<String, byte[]> blobs = new TreeMap<>();
  private final RealEngine engine;
  private final HttpServer registry;
  private String host = "";
  private byte[] manifest = {};
  private volatile String wantedLogin = "";

  PullTest() throws IOException {
    engine = RealEngine.open();
    registry = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  }

  @BeforeEach
  void open() throws Exception {
    TreeMap<String, String> labels = new TreeMap<>();
    labels.put("gantry.test", engine.run);
    Map<String, byte[]> archive =
        ImageMakerTest.untar(ImageMaker.busyboxArchive(RealEngine.busybox(), "ignored:1", labels));
    byte[] layer = ImageMakerTest.file(archive, "layer.tar");
    Json saved = Json.parse(ImageMakerTest.file(archive, "manifest.json")).list().getFirst();
    byte[] config = ImageMakerTest.file(archive, saved.at("Config").text());
    blobs.put(digest(layer), layer);
    blobs.put(digest(config), config);
    manifest =
        """
        {"schemaVersion":2,"mediaType":"%s",
        "config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":%d,"digest":"%s"},
        "layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar","size":%d,"digest":"%s"}]}\
        """
            .formatted(MANIFEST_TYPE, config.length, digest(config), layer.length, digest(layer))
            .getBytes(StandardCharsets.UTF_8);
    registry.createContext("/v2/", this::serve);
    registry.start();
    host = "127.0.0.1:" + registry.getAddress().getPort();
  }

  @AfterEach
  void close() throws RuntimeFailure {
    engine.runtime.removeImage(host + "/" + REPOSITORY + ":1");
    registry.stop(0);
    engine.close();
  }

  private static String digest(byte[] bytes) throws Exception {
    return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private void serve(HttpExchange call) throws IOException {
    try (call) {
      String path = call.getRequestURI().getPath();
      String login = call.getRequestHeaders().getFirst("Authorization");
      if (!wantedLogin.isEmpty() && !wantedLogin.equals(login)) {
        call.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"test\"");
        call.sendResponseHeaders(401, -1);
        return;
      }
      byte[] body = blobs.get(path.substring(path.lastIndexOf('/') + 1));
      String type = "application/octet-stream";
      if (path.equals("/v2/")) {
        body = "{}".getBytes(StandardCharsets.UTF_8);
      } else if (path.startsWith("/v2/" + REPOSITORY + "/manifests/")
          && !path.endsWith("/missing")) {
        body = manifest;
        type = MANIFEST_TYPE;
      }
      call.getResponseHeaders().set("Content-Type", type);
      if (body == null) {
        body =
            "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest unknown\"}]}"
                .getBytes(StandardCharsets.UTF_8);
        call.getResponseHeaders().set("Content-Type", "application/json");
        call.sendResponseHeaders(404, body.length);
      } else if (call.getRequestMethod().equals("HEAD")) {
        call.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
        call.sendResponseHeaders(200, -1);
        return;
      } else {
        call.sendResponseHeaders(200, body.length);
      }
      call.getResponseBody().write(body);
    }
  }

  @Test
  void pulledImageIsKnownByItsDigest() throws Exception {
    String image = host + "/" + REPOSITORY + ":1";

    ImageInfo pulled = engine.runtime.pullImage(image);

    assertThat(pulled.digest()).isEqualTo(digest(manifest));
    assertThat(engine.runtime.inspectImage(image)).isEqualTo(pulled);
    String byDigest = host + "/" + REPOSITORY + "@" + digest(manifest);
    assertThat(engine.runtime.pullImage(byDigest)).isEqualTo(pulled);
    assertThat(Objects.requireNonNull(engine.runtime.inspectImage(byDigest)).digest())
        .isEqualTo(digest(manifest));
  }

  @Test
  void tagThatTheRegistryDoesNotKnowIsNotFound() {
    assertThatExceptionOfType(RuntimeFailure.class)
        .isThrownBy(() -> engine.runtime.pullImage(host + "/" + REPOSITORY + ":missing"))
        .withMessageContaining("manifest unknown")
        .satisfies(failure -> assertThat(failure.kind()).isEqualTo(Kind.NOT_FOUND));
  }

  @Test
  void registryThatWantsALoginGetsTheStoredOne() throws Exception {
    String login = Base64.getEncoder().encodeToString("me:secret".getBytes(StandardCharsets.UTF_8));
    wantedLogin = "Basic " + login;
    String image = host + "/" + REPOSITORY + ":1";
    try (DockerContainerRuntime runtime =
        new DockerContainerRuntime(engine.endpoint, new DockerConfig(directory))) {
      assertThatExceptionOfType(RuntimeFailure.class)
          .isThrownBy(() -> runtime.pullImage(image))
          .withMessageContaining("no basic auth credentials")
          .satisfies(failure -> assertThat(failure.kind()).isEqualTo(Kind.UNAUTHORIZED));

      Files.writeString(
          directory.resolve("config.json"),
          "{\"auths\":{\"" + host + "\":{\"auth\":\"" + login + "\"}}}");
      assertThat(runtime.pullImage(image).digest()).isEqualTo(digest(manifest));
    }
  }
}

package dev.gantry.agent.docker;

import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure.Kind;
import dev.gantry.agent.ImageReference;
import dev.gantry.agent.docker.EngineHttp.Exchange;
import dev.gantry.agent.docker.EngineHttp.Lane;
import dev.gantry.agent.docker.EngineHttp.Limits;
import dev.gantry.agent.docker.EngineHttp.Request;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The engine's API at the version that both sides speak, with its refusals as [RuntimeFailure].
///
/// The version is agreed on at the first call, from `GET /version`, and again when the engine says
/// that it no longer takes it: an engine may be replaced by a newer one under a running agent.
final class EngineApi implements AutoCloseable {
  /// How long the engine may take to say its version, or its time.
  static final Duration VERSION_LIMIT = Duration.ofSeconds(30);

  private final EngineHttp http;
  private volatile @Nullable ApiVersion version;

  EngineApi(DockerEndpoint endpoint) {
    this.http = new EngineHttp(endpoint);
  }

  /// The version in use; agrees on one first if need be.
  ApiVersion version() throws RuntimeFailure {
    ApiVersion agreed = version;
    if (agreed != null) {
      return agreed;
    }
    // Two threads may both ask at the beginning; they get the same answer.
    Json answer =
        json(unversioned("/version", VERSION_LIMIT), "The engine's answer to /version is not JSON");
    String newest = answer.at("ApiVersion").text();
    ApiVersion theirNewest = ApiVersion.parse(newest);
    if (theirNewest == null) {
      throw new RuntimeFailure(
          Kind.REFUSED, "The engine does not say which API version it speaks", null);
    }
    String oldest = answer.at("MinAPIVersion").text();
    ApiVersion ours = ApiVersion.negotiate(ApiVersion.parse(oldest), theirNewest);
    if (ours == null) {
      throw new RuntimeFailure(
          Kind.REFUSED,
          "The Docker Engine ("
              + answer.at("Version").text()
              + ") speaks API versions "
              + (oldest.isEmpty() ? "up to " : oldest + " to ")
              + newest
              + ", and Gantry "
              + ApiVersion.OLDEST
              + " to "
              + ApiVersion.NEWEST,
          null);
    }
    version = ours;
    return ours;
  }

  /// Asks for a sign of life.
  ///
  /// @return the engine's own time: its `Date` header as it was sent, or the empty string
  String ping(Duration limit) throws RuntimeFailure {
    try (Exchange exchange =
        http.exchange(
            Lane.SHORT, new Request("GET", "/_ping", Map.of(), null), Limits.call(limit))) {
      byte[] body = exchange.readAll();
      if (exchange.status() != 200) {
        throw EngineErrors.ofAnswer(exchange.status(), body);
      }
      return exchange.header("Date");
    }
  }

  private byte[] unversioned(String target, Duration limit) throws RuntimeFailure {
    try (Exchange exchange =
        http.exchange(Lane.SHORT, new Request("GET", target, Map.of(), null), Limits.call(limit))) {
      byte[] body = exchange.readAll();
      if (exchange.status() != 200) {
        throw EngineErrors.ofAnswer(exchange.status(), body);
      }
      return body;
    }
  }

  /// Starts an exchange and waits for the head of a good answer (2xx, or 304 "already so").
  ///
  /// @param target path and query without the version, encoded by [Target]
  Exchange open(
      Lane lane,
      String method,
      String target,
      Map<String, String> headers,
      byte @Nullable [] body,
      Limits limits)
      throws RuntimeFailure {
    try {
      return attempt(lane, method, target, headers, body, limits);
    } catch (RuntimeFailure e) {
      if (!text(e).startsWith(EngineErrors.PREFIX + "client version ")) {
        throw e;
      }
    }
    // Nothing was done but to refuse the version, so asking again is safe.
    version = null;
    return attempt(lane, method, target, headers, body, limits);
  }

  private Exchange attempt(
      Lane lane,
      String method,
      String target,
      Map<String, String> headers,
      byte @Nullable [] body,
      Limits limits)
      throws RuntimeFailure {
    Exchange exchange =
        http.exchange(lane, new Request(method, "/v" + version() + target, headers, body), limits);
    int status = exchange.status();
    if (status < 300 || status == 304) {
      return exchange;
    }
    try (exchange) {
      throw EngineErrors.ofAnswer(status, exchange.readAll());
    }
  }

  private static String text(RuntimeFailure e) {
    String text = e.getMessage();
    return text == null ? "" : text;
  }

  /// A call whose answer's body is read whole.
  byte[] call(Lane lane, String method, String target, byte @Nullable [] body, Limits limits)
      throws RuntimeFailure {
    Map<String, String> headers = new TreeMap<>();
    if (body != null) {
      headers.put("Content-Type", "application/json");
    }
    try (Exchange exchange = open(lane, method, target, headers, body, limits)) {
      return exchange.readAll();
    }
  }

  /// A short GET whose answer is JSON.
  Json get(String target, Duration limit) throws RuntimeFailure {
    return json(
        call(Lane.SHORT, "GET", target, null, Limits.call(limit)),
        "The engine's answer is not JSON");
  }

  static Json json(byte[] bytes, String complaint) throws RuntimeFailure {
    try {
      return Json.parse(bytes);
    } catch (Json.BadJson e) {
      throw new RuntimeFailure(Kind.REFUSED, complaint + ": " + e.getMessage(), e);
    }
  }

  /// True once [#close] was called.
  boolean closed() {
    return http.closed();
  }

  @Override
  public void close() {
    http.close();
  }

  /// Builds a request's path and query, with everything that is not ours encoded.
  static final class Target {
    private static final int MAX_CONTAINER_NAME = 255;
    private static final Pattern CONTAINER_NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*");

    private final StringBuilder text = new StringBuilder();
    private boolean query;

    /// @param path our own words, as `/containers`
    Target(String path) {
      text.append(path);
    }

    /// The path of one container.
    ///
    /// @throws RuntimeFailure NOT_FOUND if no container can have that id or name; the engine would
    ///   take some such for other paths
    static Target container(String id) throws RuntimeFailure {
      if (id.length() > MAX_CONTAINER_NAME || !CONTAINER_NAME.matcher(id).matches()) {
        throw new RuntimeFailure(
            Kind.NOT_FOUND, EngineErrors.PREFIX + "No such container: " + id, null);
      }
      return new Target("/containers/" + id);
    }

    /// Adds `/` and an image's name, whose own slashes stay.
    Target image(ImageReference reference) {
      text.append('/');
      // A checked reference has no empty, "." or ".." part.
      encode(reference.written(), "/:@");
      return this;
    }

    /// Adds our own words to the path.
    Target then(String path) {
      text.append(path);
      return this;
    }

    /// Adds a query parameter.
    Target query(String name, String value) {
      text.append(query ? '&' : '?').append(name).append('=');
      query = true;
      encode(value, "");
      return this;
    }

    private void encode(String value, String alsoPlain) {
      for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
        char c = (char) (b & 0xFF);
        boolean plain =
            (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || "-._~".indexOf(c) >= 0
                || alsoPlain.indexOf(c) >= 0;
        if (plain) {
          text.append(c);
        } else {
          text.append('%').append(hex(c >> 4)).append(hex(c & 15));
        }
      }
    }

    private static char hex(int digit) {
      return "0123456789ABCDEF".charAt(digit);
    }

    @Override
    public String toString() {
      return text.toString();
    }
  }
}

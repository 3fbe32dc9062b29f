package dev.gantry.agent.docker;

import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.docker.NoDockerEngine.Attempt;
import dev.gantry.agent.docker.NoDockerEngine.Outcome;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Where a Docker Engine listens.
///
/// @param address a unix socket, or a host and port (looked up at each connect)
/// @param url the same as people write it, `unix:///var/run/docker.sock`
/// @param source what named it, for messages: `DOCKER_HOST`, `the Docker context desktop-linux`,
///   ...
public record DockerEndpoint(SocketAddress address, String url, String source) {
  /// How long an engine may take for its first answer while one is being looked for.
  static final Duration FIND_LIMIT = Duration.ofSeconds(10);

  private static final int DEFAULT_PORT = 2375;

  /// Finds the engine that Docker's own client would use, and asks it for a sign of life.
  ///
  /// DOCKER_HOST counts first, then DOCKER_CONTEXT, then the current context of the client's
  /// configuration. Each of these is somebody's choice: if it does not answer, no other engine is
  /// taken in its place. Without a choice the usual sockets are tried: `/var/run/docker.sock`,
  /// `~/.docker/run/docker.sock` (Docker Desktop), `$XDG_RUNTIME_DIR/docker.sock` (rootless).
  ///
  /// @throws NoDockerEngine if nothing answers; it tells what was tried
  public static DockerEndpoint find(Map<String, String> environment, Path home)
      throws NoDockerEngine {
    DockerConfig config = DockerConfig.of(environment, home);
    List<Attempt> attempts = new ArrayList<>();
    String host = environment.getOrDefault("DOCKER_HOST", "");
    String context = environment.getOrDefault("DOCKER_CONTEXT", "");
    if (context.isEmpty()) {
      context = config.currentContext();
    }
    List<Candidate> candidates = new ArrayList<>();
    if (!host.isEmpty()) {
      candidates.add(new Candidate(host, "DOCKER_HOST"));
    } else if (!context.isEmpty() && !context.equals("default")) {
      String source = "the Docker context " + context;
      String contextHost = config.contextHost(context);
      if (contextHost == null) {
        throw new NoDockerEngine(
            List.of(
                new Attempt(
                    context,
                    source,
                    Outcome.ABSENT,
                    "no such context in " + config.directory().resolve("contexts"))));
      }
      candidates.add(new Candidate(contextHost, source));
    } else {
      candidates.add(new Candidate("unix:///var/run/docker.sock", "the usual place"));
      candidates.add(
          new Candidate(
              "unix://" + home.resolve(".docker/run/docker.sock"), "Docker Desktop's place"));
      String runtimeDirectory = environment.getOrDefault("XDG_RUNTIME_DIR", "");
      if (!runtimeDirectory.isEmpty()) {
        candidates.add(
            new Candidate(
                "unix://" + Path.of(runtimeDirectory, "docker.sock"), "rootless Docker's place"));
      }
    }
    for (Candidate candidate : candidates) {
      DockerEndpoint endpoint;
      try {
        endpoint = parse(candidate.url(), candidate.source());
      } catch (IllegalArgumentException e) {
        attempts.add(
            new Attempt(
                candidate.url(),
                candidate.source(),
                Outcome.UNSUPPORTED,
                String.valueOf(e.getMessage())));
        continue;
      }
      if (!environment.getOrDefault("DOCKER_TLS_VERIFY", "").isEmpty()
          && endpoint.address() instanceof InetSocketAddress) {
        attempts.add(
            new Attempt(
                candidate.url(),
                candidate.source(),
                Outcome.UNSUPPORTED,
                "DOCKER_TLS_VERIFY is set, and Gantry does not speak TLS to an engine"));
        continue;
      }
      Attempt attempt = endpoint.attempt();
      if (attempt.outcome() == Outcome.ANSWERED) {
        return endpoint;
      }
      attempts.add(attempt);
    }
    throw new NoDockerEngine(attempts);
  }

  /// Reads an engine's URL: `unix:///path` or `tcp://host[:port]`.
  ///
  /// @throws IllegalArgumentException with a text for people, if it is neither
  public static DockerEndpoint parse(String url, String source) {
    if (url.startsWith("unix://")) {
      String path = url.substring("unix://".length());
      try {
        if (path.startsWith("/")) {
          return new DockerEndpoint(UnixDomainSocketAddress.of(path), url, source);
        }
      } catch (InvalidPathException e) {
        throw new IllegalArgumentException("not a path: " + path, e);
      }
      throw new IllegalArgumentException("unix:// wants an absolute path, as unix:///var/run/...");
    }
    if (url.startsWith("tcp://") || url.startsWith("http://")) {
      URI uri;
      try {
        uri = new URI(url);
      } catch (URISyntaxException e) {
        throw new IllegalArgumentException("not a URL: " + e.getReason(), e);
      }
      String host = uri.getHost();
      if (host == null || uri.getUserInfo() != null) {
        throw new IllegalArgumentException("no host, as in tcp://127.0.0.1:2375");
      }
      if (host.startsWith("[")) {
        host = host.substring(1, host.length() - 1);
      }
      int port = uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort();
      if (port > 65535) {
        throw new IllegalArgumentException("no such port: " + port);
      }
      return new DockerEndpoint(InetSocketAddress.createUnresolved(host, port), url, source);
    }
    throw new IllegalArgumentException(
        "Gantry reaches engines by unix:// and plain tcp:// only; for ssh or TLS forward a socket"
            + " first, as with ssh -L");
  }

  /// Asks this endpoint for a sign of life.
  Attempt attempt() {
    if (address instanceof UnixDomainSocketAddress unix) {
      if (!Files.exists(unix.getPath())) {
        return new Attempt(url, source, Outcome.ABSENT, "no such socket");
      }
      if (!Files.isWritable(unix.getPath())) {
        return new Attempt(
            url,
            source,
            Outcome.DENIED,
            "permission denied; membership of the group that owns the socket (docker) would help");
      }
    }
    try (EngineHttp http = new EngineHttp(this)) {
      EngineHttp.Request ping = new EngineHttp.Request("GET", "/_ping", Map.of(), null);
      try (EngineHttp.Exchange exchange =
          http.exchange(EngineHttp.Lane.SHORT, ping, EngineHttp.Limits.call(FIND_LIMIT))) {
        byte[] body = exchange.readAll();
        if (exchange.status() == 200 && !exchange.header("Api-Version").isEmpty()) {
          return new Attempt(url, source, Outcome.ANSWERED, "answered");
        }
        return new Attempt(
            url,
            source,
            Outcome.NOT_AN_ENGINE,
            "answered "
                + exchange.status()
                + " to a ping: "
                + EngineErrors.message(exchange.status(), body).lines().findFirst().orElse(""));
      }
    } catch (RuntimeFailure e) {
      Throwable cause = e.getCause();
      if (cause instanceof HttpConnection.MalformedAnswer) {
        return new Attempt(
            url, source, Outcome.NOT_AN_ENGINE, "what answers is not a Docker Engine");
      }
      String detail = cause == null ? e.getMessage() : cause.getMessage();
      return new Attempt(
          url, source, Outcome.SILENT, detail == null ? e.kind().toString() : detail);
    }
  }

  private record Candidate(String url, String source) {}
}

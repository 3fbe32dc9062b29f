package dev.gantry.agent.docker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A user's Docker client configuration, `~/.docker`: which context is current, and what `docker
/// login` left there. It is read anew each time, so a login counts at once.
///
/// A registry with a credential helper (`credHelpers`, else `credsStore`) is asked of that helper,
/// as Docker's client does it. Where the helper has nothing, or is a program of the user's desktop
/// that the agent cannot run, a login in the file is used if there is one; without any, the pull
/// goes out without credentials.
///
/// @param directory where `config.json` would be; need not exist
/// @param helpers how the names of credential helpers begin, directory included where they are not
///   on PATH
public record DockerConfig(Path directory, String helpers) {
  /// Largest file that is read.
  static final int MAX_FILE_BYTES = 4 * 1024 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(DockerConfig.class);

  // The key under which Docker keeps a login to Docker Hub, for historical reasons.
  private static final String DOCKER_HUB_KEY = "https://index.docker.io/v1/";

  /// The configuration in a directory, with the credential helpers on PATH.
  public DockerConfig(Path directory) {
    this(directory, CredentialHelper.PROGRAMS);
  }

  /// The configuration as Docker's own client finds it: DOCKER_CONFIG, else `.docker` in the home.
  public static DockerConfig of(Map<String, String> environment, Path home) {
    String directory = environment.getOrDefault("DOCKER_CONFIG", "");
    return new DockerConfig(directory.isEmpty() ? home.resolve(".docker") : Path.of(directory));
  }

  /// The `currentContext`, or the empty string.
  String currentContext() {
    return file().at("currentContext").text();
  }

  /// The engine's URL in a named context, as `unix:///...`.
  ///
  /// @return null if there is no such context, or it has no Docker endpoint
  @Nullable String contextHost(String name) {
    // Docker's client stores each context under the hash of its name.
    Path meta =
        directory.resolve("contexts").resolve("meta").resolve(sha256(name)).resolve("meta.json");
    String host = read(meta).at("Endpoints").at("docker").at("Host").text();
    return host.isEmpty() ? null : host;
  }

  /// The `X-Registry-Auth` header for a pull from this registry.
  ///
  /// @param registry a host with its port, `docker.io` for Docker Hub
  /// @return null if no login is stored for it
  @Nullable String registryAuth(String registry) {
    Json config = file();
    String server = registry.equals("docker.io") ? DOCKER_HUB_KEY : registry;
    String wanted = host(server);
    String helper = helper(config, wanted);
    if (!helper.isEmpty()) {
      Json.Obj login = new CredentialHelper(helpers, helper, CredentialHelper.LIMIT).login(server);
      if (login != null) {
        return header(login, server);
      }
    }
    for (Map.Entry<String, Json> entry : config.at("auths").fields().entrySet()) {
      if (host(entry.getKey()).equals(wanted)) {
        Json.Obj login = auth(entry.getValue());
        if (login != null) {
          return header(login, registry.equals("docker.io") ? DOCKER_HUB_KEY : entry.getKey());
        }
      }
    }
    return null;
  }

  private static String helper(Json config, String host) {
    for (Map.Entry<String, Json> entry : config.at("credHelpers").fields().entrySet()) {
      if (host(entry.getKey()).equals(host)) {
        return entry.getValue().text();
      }
    }
    return config.at("credsStore").text();
  }

  private static String header(Json.Obj login, String server) {
    login.put("serveraddress", server);
    return Base64.getUrlEncoder().encodeToString(login.bytes());
  }

  /// What the engine wants to hear of one entry of `auths`, or null if the entry is only a marker
  /// that a helper knows more.
  private static Json.@Nullable Obj auth(Json entry) {
    String identityToken = entry.at("identitytoken").text();
    if (!identityToken.isEmpty()) {
      return new Json.Obj().put("identitytoken", identityToken);
    }
    String registryToken = entry.at("registrytoken").text();
    if (!registryToken.isEmpty()) {
      return new Json.Obj().put("registrytoken", registryToken);
    }
    String user = entry.at("username").text();
    String password = entry.at("password").text();
    String encoded = entry.at("auth").text();
    if (!encoded.isEmpty()) {
      String decoded;
      try {
        decoded = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
      } catch (IllegalArgumentException notBase64) {
        return null;
      }
      int colon = decoded.indexOf(':');
      if (colon < 1) {
        return null;
      }
      user = decoded.substring(0, colon);
      password = trimNuls(decoded.substring(colon + 1));
    }
    return user.isEmpty() ? null : new Json.Obj().put("username", user).put("password", password);
  }

  // Old clients padded the password with zero bytes; Docker's own client cuts them off as well.
  private static String trimNuls(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == '\0') {
      end--;
    }
    return text.substring(0, end);
  }

  private static String host(String key) {
    String rest = key;
    int scheme = rest.indexOf("://");
    if (scheme >= 0) {
      rest = rest.substring(scheme + 3);
    }
    int slash = rest.indexOf('/');
    return slash >= 0 ? rest.substring(0, slash) : rest;
  }

  private Json file() {
    return read(directory.resolve("config.json"));
  }

  private static Json read(Path file) {
    try (var in = Files.newInputStream(file)) {
      return Json.parse(in.readNBytes(MAX_FILE_BYTES));
    } catch (NoSuchFileException notThere) {
      return Json.Null.VALUE;
    } catch (IOException | Json.BadJson unreadable) {
      // The parser's message may quote the file, and the file may hold a password.
      LOG.warn("Cannot read {}: {}", file, unreadable.getClass().getSimpleName());
      return Json.Null.VALUE;
    }
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}

package dev.gantry.agent.docker;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One of Docker's credential helpers: a program `docker-credential-NAME` on PATH that keeps logins
/// in a place of its own (a keychain, a cloud's token service). Asked anew for each pull, as their
/// tokens expire.
///
/// The protocol: `get` as the argument, the registry on standard input, and a JSON object with
/// `Username` and `Secret` on standard output; a user named `<token>` means that the secret is an
/// identity token. Anything else that happens means that there is no login.
///
/// @param programs how the programs' names begin, [#PROGRAMS]
/// @param name what follows
/// @param limit how long it may take
record CredentialHelper(String programs, String name, Duration limit) {
  /// How the helpers' names begin.
  static final String PROGRAMS = "docker-credential-";

  /// How long a helper may take; some ask a service on the network.
  static final Duration LIMIT = Duration.ofSeconds(30);

  /// Most bytes of an answer that are read.
  static final int MAX_ANSWER_BYTES = 64 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(CredentialHelper.class);

  // What may follow the program's fixed beginning: never a way to another directory.
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

  /// What the helper has for a registry, as the engine wants to hear it.
  ///
  /// @param server the registry, spelled as it was at the login
  /// @return null if it has nothing, or cannot be asked; the log says which
  Json.@Nullable Obj login(String server) {
    if (!NAME.matcher(name).matches()) {
      LOG.warn("There can be no credential helper of such a name; pulling without credentials");
      return null;
    }
    String program = programs + name;
    Process process;
    try {
      process =
          new ProcessBuilder(program, "get")
              // Some helpers report failures here, and nobody reads them.
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      LOG.warn("{} cannot be run for {}: {}", program, server, e.getMessage());
      return null;
    }
    // Reading a pipe holds a virtual thread to its carrier. The guard must run when helpers that
    // hang
    // hold them all, so it is a thread of the platform.
    Thread guard = Thread.ofPlatform().daemon().name(program).start(() -> endLate(process));
    try {
      byte[] answer = exchange(process, server);
      int code = process.waitFor();
      if (code != 0) {
        LOG.info("{} has no login for {} (it ended with {})", program, server, code);
        return null;
      }
      return read(answer, program, server);
    } catch (IOException e) {
      LOG.warn("{} cannot be asked for {}: {}", program, server, e.getMessage());
      return null;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return null;
    } finally {
      end(process);
      guard.interrupt();
    }
  }

  private static byte[] exchange(Process process, String server) throws IOException {
    try (OutputStream in = process.getOutputStream()) {
      in.write(server.getBytes(StandardCharsets.UTF_8));
    } catch (IOException _) {
      // One that does not read its input may know the answer all the same.
    }
    byte[] answer = process.getInputStream().readNBytes(MAX_ANSWER_BYTES + 1);
    if (answer.length > MAX_ANSWER_BYTES) {
      throw new IOException("an answer of more than " + MAX_ANSWER_BYTES + " bytes");
    }
    return answer;
  }

  private static Json.@Nullable Obj read(byte[] answer, String program, String server) {
    String user;
    String secret;
    try {
      Json login = Json.parse(answer);
      user = login.at("Username").text();
      secret = login.at("Secret").text();
    } catch (Json.BadJson _) {
      // Neither the answer nor the parser's words about it belong in a log.
      LOG.warn("{} gives no readable answer for {}", program, server);
      return null;
    }
    if (secret.isEmpty()) {
      return null;
    }
    return user.equals("<token>")
        ? new Json.Obj().put("identitytoken", secret)
        : new Json.Obj().put("username", user).put("password", secret);
  }

  private void endLate(Process process) {
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("{}{} does not answer within {} and is ended", programs, name, limit);
        end(process);
      }
    } catch (InterruptedException _) {
      // It has answered.
    }
  }

  private static void end(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}

package dev.gantry.agent.docker;

import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// What the engine's refusals mean to the agent. The texts stay the engine's own, because people
/// search the web for them and ECS users know them from `stoppedReason`.
final class EngineErrors {
  /// How Docker's own client, and through it Amazon's agent, introduces the engine's text.
  static final String PREFIX = "Error response from daemon: ";

  /// Longest refusal that is passed on; ECS keeps 1,024 characters of a reason.
  static final int MAX_TEXT = 4096;

  private EngineErrors() {}

  /// The failure that an HTTP answer stands for.
  ///
  /// @param status the answer's status, 300 or above
  /// @param body the answer's body: `{"message": "..."}`, or something else from a proxy
  static RuntimeFailure ofAnswer(int status, byte[] body) {
    String text = message(status, body);
    return new RuntimeFailure(kind(status, text), PREFIX + text, null);
  }

  /// The engine's own text in a refusal.
  static String message(int status, byte[] body) {
    String text;
    try {
      text = Json.parse(body).at("message").text();
    } catch (Json.BadJson notFromTheEngine) {
      text = new String(body, StandardCharsets.UTF_8);
    }
    text = text.strip();
    if (text.isEmpty()) {
      text = "status " + status + " without a message";
    }
    return text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) : text;
  }

  private static Kind kind(int status, String text) {
    return switch (status) {
      case 401, 403 -> Kind.UNAUTHORIZED;
      case 404 -> Kind.NOT_FOUND;
      case 409 -> Kind.CONFLICT;
      // The engine answers 500 for a taken host port. The words are libnetwork's port allocator's
      // and the kernel's for a port that somebody outside of Docker holds.
      default ->
          text.contains("port is already allocated") || text.contains("address already in use")
              ? Kind.CONFLICT
              : Kind.REFUSED;
    };
  }

  /// The failure that an `error` in the progress stream of a pull or load stands for. The status
  /// was sent before the registry was asked, so only words tell. Docker's client, and Amazon's
  /// agent, print these without the introduction.
  static RuntimeFailure ofProgress(String text) {
    return new RuntimeFailure(
        kindOfPull(text), text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) : text, null);
  }

  /// The same failure with the kind that a pull's words tell, where the status did not: engines
  /// answer 500 for most of what a registry says before the first progress.
  static RuntimeFailure ofPull(RuntimeFailure failure) {
    String text = String.valueOf(failure.getMessage());
    Kind kind = failure.kind() == Kind.REFUSED ? kindOfPull(text) : failure.kind();
    return kind == failure.kind() ? failure : new RuntimeFailure(kind, text, failure);
  }

  private static Kind kindOfPull(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    // First, because "repository does not exist or may require 'docker login': denied: ..." is what
    // a registry says of a name that nobody knows; the engine calls it 404 as well.
    if (lower.contains("not found")
        // A name that cannot be one names nothing.
        || lower.contains("invalid reference format")
        || lower.contains("manifest unknown")
        || lower.contains("name unknown")
        || lower.contains("does not exist")) {
      return Kind.NOT_FOUND;
    }
    if (lower.contains("unauthorized")
        || lower.contains("no basic auth credentials")
        || lower.contains("authentication required")
        || lower.contains("denied: ")) {
      return Kind.UNAUTHORIZED;
    }
    return Kind.REFUSED;
  }
}

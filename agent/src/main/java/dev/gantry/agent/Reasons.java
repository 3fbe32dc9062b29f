package dev.gantry.agent;

import dev.gantry.agent.ContainerRuntime.RuntimeFailure.Kind;
import java.time.Duration;

/// The reason texts of containers and tasks, word for word as Amazon's agent writes them
/// (agent-protocol 4): clients and alarms match them.
final class Reasons {

  /// The API's limit for a reason.
  static final int MAX_CHARACTERS = 1024;

  /// How long Amazon's agent lets a create and a start take (agent-protocol 7). The engine's
  /// adapter keeps these limits; the texts name them.
  static final Duration CREATE_TIMEOUT = Duration.ofMinutes(4);

  static final Duration START_TIMEOUT = Duration.ofMinutes(3);

  static final String OUT_OF_MEMORY = "OutOfMemoryError: Container killed due to memory usage";
  static final String VANISHED = "ContainerVanishedError: No container matching saved ID found";
  static final String UNKNOWN_TASK =
      "TaskStateError: Agent could not progress task's state to stopped";

  private Reasons() {}

  /// @param manifest true if not even the image's manifest was to be had. Amazon's agent asks the
  ///   registry for it before the pull and reports the first of the two failures.
  static String pullFailed(Kind kind, String message, boolean manifest) {
    if (kind == Kind.TIMEOUT) {
      return clip("DockerTimeoutError: " + message);
    }
    return manifest
        ? clip("CannotPullImageManifestError: " + message)
        : clip("CannotPullContainerError: " + hint(message) + message);
  }

  /// What Amazon's agent puts before the engine's words on pulls whose cause it knows (its
  /// `errormessages` package).
  private static String hint(String message) {
    if (message.contains("is not authorized to perform: ecr:BatchGetImage on resource")) {
      return "The task can’t pull the image. Check that the role has the permissions to pull"
          + " images from the registry. ";
    }
    if (message.contains("denied: requested access to the resource is denied")) {
      return "The task can’t pull the image. Check whether the image exists. ";
    }
    if (message.contains("request canceled while waiting for connection")) {
      return "The task can’t pull the image. Check your network configuration. ";
    }
    return "";
  }

  static String createFailed(Kind kind, String message) {
    return kind == Kind.TIMEOUT
        ? timedOut("created", CREATE_TIMEOUT)
        : clip("CannotCreateContainerError: " + message);
  }

  /// The engine's words for a create whose image it does not have.
  static boolean imageIsGone(String message) {
    return message.contains("No such image");
  }

  static String startFailed(Kind kind, String message) {
    return kind == Kind.TIMEOUT
        ? timedOut("started", START_TIMEOUT)
        : clip("CannotStartContainerError: " + message);
  }

  /// What the engine's own `awslogs` driver says when it cannot make its stream.
  static String logStreamFailed(String code, String message) {
    return clip(
        "CannotStartContainerError: Error response from daemon: failed to initialize logging"
            + " driver: failed to create Cloudwatch log stream: "
            + code
            + ": "
            + message);
  }

  /// An error that the engine itself keeps with an ended container.
  static String engineState(String error) {
    return clip("DockerStateError: " + error);
  }

  /// A task that could not be taken from its payload. The misspelling is Amazon's.
  static String unreadable(String why) {
    return clip("UnrecogniedTaskError: Error loading task - " + why);
  }

  /// The text, cut to what the API takes.
  static String clip(String text) {
    return text.length() <= MAX_CHARACTERS ? text : text.substring(0, MAX_CHARACTERS);
  }

  private static String timedOut(String transition, Duration limit) {
    return "DockerTimeoutError: Could not transition to "
        + transition
        + "; timed out after waiting "
        + GoDuration.of(limit);
  }
}

package dev.gantry.agent;

import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.EngineInfo;
import dev.gantry.agent.ContainerRuntime.ImageInfo;
import dev.gantry.agent.ContainerRuntime.Pulled;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// What [AgentCore] is told. Pure data; [AgentEffect] says which event answers which effect.
///
/// Events of one socket, and of one followed log, come in their order. Nothing else is assumed: a
/// container's death may be told before the call that started it is answered.
public sealed interface AgentEvent {

  /// The first event of a core's life, once.
  record Begin() implements AgentEvent {}

  /// The instant of the last [AgentEffect.WakeAt] has come. A late, early or doubled one does no
  /// harm.
  record Woke() implements AgentEvent {}

  // ---- the agent's durable home -----------------------------------------------------------------

  /// @param instance the instance file, or null if there is none
  /// @param tasks the task files by name
  record HomeLoaded(long id, @Nullable String instance, SortedMap<String, String> tasks)
      implements AgentEvent {
    @Override
    public String toString() {
      return "HomeLoaded[id=" + id + ", tasks=" + tasks.keySet() + "]";
    }
  }

  /// A save, deletion or quarantine is durable.
  record Stored(long id) implements AgentEvent {}

  /// The disk said no; nothing is known to have changed.
  record DiskFailed(long id, String message) implements AgentEvent {}

  // ---- the container engine ---------------------------------------------------------------------

  /// Answers [AgentEffect.DescribeEngine].
  record EngineDescribed(long id, EngineInfo info) implements AgentEvent {}

  /// Answers [AgentEffect.PingEngine].
  record EnginePinged(long id) implements AgentEvent {}

  /// Answers [AgentEffect.ListContainers].
  record ContainersListed(long id, List<ContainerStatus> containers) implements AgentEvent {}

  /// Answers [AgentEffect.InspectImage].
  ///
  /// @param image null if the engine does not have it
  record ImageInspected(long id, @Nullable ImageInfo image) implements AgentEvent {}

  /// Answers [AgentEffect.PullImage].
  record ImagePulled(long id, Pulled pulled) implements AgentEvent {}

  /// Answers [AgentEffect.ListUsedImages].
  ///
  /// @param images their ids
  record UsedImagesListed(long id, Set<String> images) implements AgentEvent {}

  /// Answers [AgentEffect.RemoveImage].
  record ImageRemoved(long id) implements AgentEvent {}

  /// Answers [AgentEffect.CreateContainer].
  record ContainerCreated(long id, String containerId) implements AgentEvent {}

  /// Answers [AgentEffect.StartContainer].
  record ContainerStarted(long id) implements AgentEvent {}

  /// Answers [AgentEffect.StopContainer].
  record ContainerStopped(long id) implements AgentEvent {}

  /// Answers [AgentEffect.InspectContainer].
  ///
  /// @param status null if the engine does not know it
  record ContainerInspected(long id, @Nullable ContainerStatus status) implements AgentEvent {}

  /// Answers [AgentEffect.RemoveContainer].
  record ContainerRemoved(long id) implements AgentEvent {}

  /// Answers any engine request that failed.
  ///
  /// @param message the engine's own words where there are any
  /// @param manifest true if a pull failed at the image's manifest
  record EngineFailed(long id, RuntimeFailure.Kind kind, String message, boolean manifest)
      implements AgentEvent {

    /// A failure of anything but a manifest.
    public EngineFailed(long id, RuntimeFailure.Kind kind, String message) {
      this(id, kind, message, false);
    }
  }

  /// A watched container has ended. Told for any container with the watched labels.
  record ContainerDied(String containerId) implements AgentEvent {}

  /// A watched container has started, whoever asked for it. Told for any container with the watched
  /// labels.
  record ContainerBegan(String containerId) implements AgentEvent {}

  /// Deaths may have gone untold.
  record WatchGap() implements AgentEvent {}

  /// A batch of a container's output, in the engine's order, at least one line.
  record LogLines(long follow, List<LogLine> lines) implements AgentEvent {
    @Override
    public String toString() {
      return "LogLines[follow=" + follow + ", lines=" + lines.size() + "]";
    }
  }

  /// The container has ended and all its output was told.
  record LogEnded(long follow) implements AgentEvent {}

  /// The following broke off. By its kind, as the port's [ContainerRuntime.LogListener] has it: the
  /// core follows again from its cursor, or knows that there is nothing to be had.
  record LogBroken(long follow, RuntimeFailure.Kind kind, String reason) implements AgentEvent {}

  /// A command in a container wrote something.
  record ExecOutput(long exec, byte[] bytes) implements AgentEvent {
    @Override
    public String toString() {
      return "ExecOutput[exec=" + exec + ", bytes=" + bytes.length + "]";
    }
  }

  /// So many bytes of a command's input were written.
  record ExecInputTaken(long exec, int bytes) implements AgentEvent {}

  /// A command in a container is over and all its output was told.
  ///
  /// @param failure why it could not be run; null if it was
  record ExecEnded(long exec, @Nullable String failure) implements AgentEvent {}

  // ---- the control plane ------------------------------------------------------------------------

  /// The call was done.
  ///
  /// @param output the operation's output record
  record Answered(long id, Object output) implements AgentEvent {
    @Override
    public String toString() {
      return "Answered[id=" + id + "]";
    }
  }

  /// The service answered with an error.
  ///
  /// @param code the error's name, as `InvalidParameterException`
  /// @param status the HTTP status
  record Refused(long id, String code, int status, String message) implements AgentEvent {}

  /// No answer: the connection failed, timed out, or the answer could not be read.
  record Unanswered(long id, String message) implements AgentEvent {}

  /// The upgrade is done.
  record SocketOpened(long socket) implements AgentEvent {}

  /// The upgrade failed; the socket never was.
  ///
  /// @param status the HTTP status of the answer, or 0 if there was none
  /// @param body the answer's body, cut to a limit, or the failure's text
  record SocketRefused(long socket, int status, String body) implements AgentEvent {}

  /// One whole text frame.
  record SocketText(long socket, String text) implements AgentEvent {
    @Override
    public String toString() {
      // Payloads hold environments and credentials.
      return "SocketText[socket=" + socket + ", characters=" + text.length() + "]";
    }
  }

  /// One whole binary frame.
  record SocketBinary(long socket, byte[] message) implements AgentEvent {
    @Override
    public String toString() {
      return "SocketBinary[socket=" + socket + ", bytes=" + message.length + "]";
    }
  }

  /// An opened socket is gone.
  ///
  /// @param code the close code, 1006 when it broke without one
  record SocketClosed(long socket, int code, String reason) implements AgentEvent {}

  /// One line of a container's output, or one part of a line that the engine cut.
  ///
  /// @param at the engine's stamp
  /// @param bytes as the container wrote them, without the line break; never changed
  /// @param partial true if the rest of the line follows in the next one of the same stream
  /// @param error true for the error stream
  record LogLine(Instant at, byte[] bytes, boolean partial, boolean error) {
    @Override
    public String toString() {
      return "LogLine[at=" + at + ", bytes=" + bytes.length + "]";
    }
  }
}

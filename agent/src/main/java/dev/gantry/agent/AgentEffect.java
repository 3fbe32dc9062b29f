package dev.gantry.agent;

import dev.gantry.agent.ContainerRuntime.ContainerSpec;
import dev.gantry.agent.ContainerRuntime.ExecSpec;
import dev.gantry.wire.shape.Operation;
import java.time.Duration;
import java.time.Instant;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// What [AgentCore] wants done to the world. Pure data: whoever drives the core (the effect runner
/// on a real host, the simulated world in a test) carries it out and tells the outcome as an
/// [AgentEvent].
///
/// Three families, told apart by how they are answered:
///
/// - A [Request] carries an id and is answered by exactly one event that carries the same id, in
///   any order and from any thread. Requests may run side by side; the core never has two in flight
///   that must not overlap.
/// - A standing wish ([WatchContainers], [FollowLog], [OpenSocket], ...) is answered by any number
///   of events that carry the number it was opened with.
/// - [WakeAt], [Note] and [GiveUp] are answered at most by [AgentEvent.Woke].
///
/// Effects of one `onEvent` call are in the order they were decided. Only two orders matter to the
/// driver: what goes to one socket goes in order, and [WatchContainers] is begun before the
/// [ListContainers] that follows it.
public sealed interface AgentEffect {

  /// An effect that is answered by one event with the same id. Ids are unique in one core's life
  /// and never reused; an answer with an unknown id is ignored.
  sealed interface Request extends AgentEffect {
    /// Names this request in its answer.
    long id();
  }

  // ---- the agent's durable home -----------------------------------------------------------------

  /// Read everything that was saved. Answer: [AgentEvent.HomeLoaded] or [AgentEvent.DiskFailed].
  record LoadHome(long id) implements Request {}

  /// Replace the instance file. Durable (written, synced, renamed, directory synced) before the
  /// answer: [AgentEvent.Stored] or [AgentEvent.DiskFailed].
  record SaveInstance(long id, String text) implements Request {
    @Override
    public String toString() {
      return "SaveInstance[id=" + id + ", characters=" + text.length() + "]";
    }
  }

  /// Replace one task's file, as durably. The text holds the task's environment and so its secrets:
  /// it is readable by the agent's own user only, and never logged. Answer: [AgentEvent.Stored] or
  /// [AgentEvent.DiskFailed].
  ///
  /// @param name the file's name without directory or ending: letters, digits and hyphens only
  record SaveTask(long id, String name, String text) implements Request {
    @Override
    public String toString() {
      return "SaveTask[id=" + id + ", name=" + name + ", characters=" + text.length() + "]";
    }
  }

  /// Delete one task's file; a missing file is no failure. Answer: [AgentEvent.Stored] or
  /// [AgentEvent.DiskFailed].
  record DeleteTask(long id, String name) implements Request {}

  /// Put a file that cannot be read aside, where a person finds it and the agent does not. Answer:
  /// [AgentEvent.Stored] or [AgentEvent.DiskFailed].
  ///
  /// @param name a task's file, or null for the instance file
  record Quarantine(long id, @Nullable String name) implements Request {}

  // ---- the container engine: the port ContainerRuntime, one method each
  // ---------------------------

  /// Any engine request may be answered by [AgentEvent.EngineFailed] instead of the answer named.
  /// [ContainerRuntime#info]: [AgentEvent.EngineDescribed].
  record DescribeEngine(long id) implements Request {}

  /// [ContainerRuntime#ping]: [AgentEvent.EnginePinged]. Must not wait for other engine requests:
  /// the answer says whether they can be hoped for.
  record PingEngine(long id) implements Request {}

  /// [ContainerRuntime#listContainers]: [AgentEvent.ContainersListed].
  record ListContainers(long id, SortedMap<String, String> labels) implements Request {}

  /// [ContainerRuntime#inspectImage]: [AgentEvent.ImageInspected].
  record InspectImage(long id, String image) implements Request {}

  /// [ContainerRuntime#pullImage]: [AgentEvent.ImagePulled].
  record PullImage(long id, String image) implements Request {}

  /// [ContainerRuntime#usedImages]: [AgentEvent.UsedImagesListed].
  record ListUsedImages(long id) implements Request {}

  /// [ContainerRuntime#removeImage]: [AgentEvent.ImageRemoved].
  ///
  /// @param name as in the port
  record RemoveImage(long id, String imageId, @Nullable String name) implements Request {}

  /// [ContainerRuntime#createContainer]: [AgentEvent.ContainerCreated].
  record CreateContainer(long id, ContainerSpec spec) implements Request {
    @Override
    public String toString() {
      // The environment may hold secrets.
      return "CreateContainer[id=" + id + ", name=" + spec.name() + ", image=" + spec.image() + "]";
    }
  }

  /// [ContainerRuntime#startContainer]: [AgentEvent.ContainerStarted].
  record StartContainer(long id, String containerId) implements Request {}

  /// [ContainerRuntime#stopContainer]: [AgentEvent.ContainerStopped].
  record StopContainer(long id, String containerId, Duration grace) implements Request {}

  /// [ContainerRuntime#inspectContainer]: [AgentEvent.ContainerInspected].
  record InspectContainer(long id, String containerId) implements Request {}

  /// [ContainerRuntime#removeContainer]: [AgentEvent.ContainerRemoved].
  record RemoveContainer(long id, String containerId) implements Request {}

  /// [ContainerRuntime#watch], until the driver ends. Told by [AgentEvent.ContainerDied] and
  /// [AgentEvent.WatchGap]; the first connection counts as a gap unless the watch is known to have
  /// begun before a later [ListContainers].
  record WatchContainers(SortedMap<String, String> labels) implements AgentEffect {}

  /// [ContainerRuntime#followLogs]. Told by [AgentEvent.LogLines], one batch at a time, then by
  /// [AgentEvent.LogEnded] or [AgentEvent.LogBroken].
  ///
  /// After a batch was handed over the next is withheld until [ContinueLog]: this is how a full
  /// queue stops the reading. What arrives meanwhile is gathered, up to a limit of the driver's
  /// own, past which the engine's stream is simply not read.
  ///
  /// @param follow names this following in its events and in [ContinueLog]
  /// @param since as in the port
  record FollowLog(long follow, String containerId, @Nullable Instant since)
      implements AgentEffect {}

  /// The core has room: the next batch may come.
  record ContinueLog(long follow) implements AgentEffect {}

  /// [ContainerRuntime#exec]. Told by [AgentEvent.ExecOutput], one piece at a time, and last by
  /// [AgentEvent.ExecEnded]. After a piece the next is withheld until [ContinueExec].
  ///
  /// @param exec names this command in its events and effects
  record StartExec(long exec, String containerId, ExecSpec spec) implements AgentEffect {}

  /// The core has room: the next piece may come.
  record ContinueExec(long exec) implements AgentEffect {}

  /// Queue input for a command, in order with [ResizeExec]; never blocks. Told by
  /// [AgentEvent.ExecInputTaken] when it was written. The core bounds what is not taken.
  record ExecInput(long exec, byte[] bytes) implements AgentEffect {
    @Override
    public String toString() {
      // Terminals carry passwords.
      return "ExecInput[exec=" + exec + ", bytes=" + bytes.length + "]";
    }
  }

  /// Set the size of a command's terminal.
  record ResizeExec(long exec, int columns, int rows) implements AgentEffect {}

  /// End a command, and forget it: no further event of it need be told.
  record EndExec(long exec) implements AgentEffect {}

  // ---- the control plane ------------------------------------------------------------------------

  /// One API call, tried once; the core repeats what is worth repeating. Answer:
  /// [AgentEvent.Answered], [AgentEvent.Refused] or [AgentEvent.Unanswered].
  ///
  /// @param region to sign for; a log group may live in another region than the cluster
  /// @param operation the operation, which also names the service
  /// @param input the operation's input record
  record CallApi<I, O>(long id, String region, Operation<I, O> operation, I input)
      implements Request {
    @Override
    public String toString() {
      return "CallApi[id=" + id + ", region=" + region + ", operation=" + operation + "]";
    }
  }

  /// Which protocol a socket speaks.
  enum Channel {
    /// The agent communication service: payloads, manifests, heartbeats.
    ACS,
    /// The telemetry service. Its frames from agent to server carry a signed header block before
    /// the JSON; the driver adds it, as it alone holds the credentials.
    TCS,
    /// The message gateway: control and data channels of sessions in containers. Its sockets carry
    /// binary messages beside text; nobody speaks on them for as long as nobody types, so that the
    /// driver itself sees to it that the other end is still there.
    EXEC
  }

  /// Open a WebSocket with a signed upgrade. Told by [AgentEvent.SocketOpened] or
  /// [AgentEvent.SocketRefused]; an opened one by [AgentEvent.SocketText] and at last, exactly
  /// once, by [AgentEvent.SocketClosed].
  ///
  /// @param socket names this socket in its events and effects; never reused
  /// @param url the whole address, `ws` or `wss`, query included and sorted; or, for
  ///   [Channel#EXEC], the path and query at the control plane's own address
  record OpenSocket(long socket, Channel channel, String url) implements AgentEffect {}

  /// Queue one text frame; never blocks. Dropped in silence when the socket is closing: its
  /// [AgentEvent.SocketClosed] says so.
  record SendText(long socket, String text) implements AgentEffect {
    @Override
    public String toString() {
      // It may hold a token.
      return "SendText[socket=" + socket + ", characters=" + text.length() + "]";
    }
  }

  /// Queue one binary frame, likewise.
  record SendBinary(long socket, byte[] message) implements AgentEffect {
    @Override
    public String toString() {
      return "SendBinary[socket=" + socket + ", bytes=" + message.length + "]";
    }
  }

  /// Close a socket after what was queued; [AgentEvent.SocketClosed] still follows, soon, even when
  /// the other end does not answer.
  record CloseSocket(long socket, int code, String reason) implements AgentEffect {}

  // ---- time and people --------------------------------------------------------------------------

  /// Send [AgentEvent.Woke] at this instant or soon after. Replaces the wish before it; there is
  /// only ever one. An instant that has passed means at once.
  record WakeAt(Instant at) implements AgentEffect {}

  /// Something a person may want to read in the agent's log. Holds no secret.
  record Note(Level level, String text) implements AgentEffect {
    /// How much it matters.
    public enum Level {
      /// The course of things.
      INFO,
      /// Something failed and will be tried again, or was done differently than asked.
      WARNING,
      /// Something failed for good.
      ERROR
    }
  }

  /// The control plane will not have this agent as it is: it stops talking to it and says why.
  /// Running tasks stay as they are. Amazon's agent ends with exit code 5 here.
  record GiveUp(String reason) implements AgentEffect {}
}

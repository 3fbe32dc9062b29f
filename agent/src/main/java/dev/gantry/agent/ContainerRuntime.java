package dev.gantry.agent;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// The container engine of one host, as the agent needs it.
///
/// Every method may block for as long as the engine takes and is therefore called from the agent's
/// effect runner only, never from `AgentCore`. Every call has a time limit of its own in the
/// adapter; a call that ends by it throws [RuntimeFailure] of kind TIMEOUT. Methods may be called
/// from many threads at once. Interrupting the calling thread ends the call with kind INTERRUPTED;
/// closing the runtime ends every call and every watch.
public interface ContainerRuntime extends AutoCloseable {

  /// What the engine says of itself and its host.
  EngineInfo info() throws RuntimeFailure;

  /// Asks for a sign of life, for 2 seconds at most, as Amazon's agent does.
  void ping() throws RuntimeFailure;

  /// The image as it stands in the engine's own store, or null if it is not there.
  @Nullable ImageInfo inspectImage(String image) throws RuntimeFailure;

  /// Pulls an image and returns when it is in the engine's store. Tried once. A
  /// [RuntimeFailure.Kind#TIMEOUT] says in its text what was waited for, as Amazon's agent words
  /// it: `Could not transition to pulled; timed out after waiting 2h0m0s`.
  ///
  /// @param image a reference with or without tag or digest; without either, `latest` is meant
  /// @throws RuntimeFailure with [RuntimeFailure#manifest] set if the registry did not even give
  ///   the image's manifest
  Pulled pullImage(String image) throws RuntimeFailure;

  /// The ids of the images that any container of the engine uses, whoever made it, running or not.
  Set<String> usedImages() throws RuntimeFailure;

  /// Takes a name off the image with this id, and with its last name the image. A name that is gone
  /// or is another image's by now is left as it is, and so is an image that is gone.
  ///
  /// @param name a name the image was pulled by; null for an image that lost all of those to
  ///   others: it is removed unless it was given a tag since
  /// @throws RuntimeFailure CONFLICT if a container uses the image and this is its last name
  void removeImage(String imageId, @Nullable String name) throws RuntimeFailure;

  /// Creates a container without starting it and returns its id.
  String createContainer(ContainerSpec spec) throws RuntimeFailure;

  /// Starts a created container. Starting a running one changes nothing.
  void startContainer(String containerId) throws RuntimeFailure;

  /// Sends the stop signal, waits at most `grace` (rounded up to whole seconds; zero kills at
  /// once), then kills. Returns when the container has stopped; stopping a stopped container
  /// changes nothing, stopping an unknown one fails with NOT_FOUND.
  void stopContainer(String containerId, Duration grace) throws RuntimeFailure;

  /// The container as it stands now, or null if the engine does not know it.
  @Nullable ContainerStatus inspectContainer(String containerId) throws RuntimeFailure;

  /// Removes a stopped container with its anonymous volumes. Removing an unknown one changes
  /// nothing.
  void removeContainer(String containerId) throws RuntimeFailure;

  /// All containers, running or not, that carry every one of the given labels with the given
  /// values.
  List<ContainerStatus> listContainers(Map<String, String> labels) throws RuntimeFailure;

  /// Watches the engine for containers with these labels that start or die until the returned watch
  /// is closed. The adapter connects and reconnects by itself, for ever, with a back-off. Each time
  /// the watch stands, the first time included, it calls [EventListener#gap], so that the agent
  /// inspects what it owns: whatever happens after that call is reported, at least once.
  Watch watch(Map<String, String> labels, EventListener listener);

  /// Follows a container's output from `since` on, and past its end: the listener hears
  /// [LogListener#ended] once everything the container wrote has been delivered, or
  /// [LogListener#broken] if that cannot be had; nothing after either. A slow listener holds the
  /// stream back: nothing is dropped, and memory stays bounded.
  ///
  /// @param since deliver only what the engine stamped at or after this instant, to the nanosecond;
  ///   several lines may carry the same stamp; null from the beginning
  Watch followLogs(String containerId, @Nullable Instant since, LogListener listener);

  /// Runs a command in a running container, as its root user, on a terminal of its own. The
  /// listener hears its output and its end; a slow listener holds the command up.
  ///
  /// Never throws: a command that cannot be run is told to the listener.
  Exec exec(String containerId, ExecSpec spec, ExecListener listener);

  @Override
  void close();

  /// Something that goes on until it is closed. Closing returns at once and may be repeated; a
  /// listener call that is already under way may still finish, and no other begins.
  interface Watch extends AutoCloseable {
    @Override
    void close();
  }

  /// A command that is to be run in a container.
  ///
  /// @param command its words
  /// @param session names the session it belongs to; unique, and in the environment of everything
  ///   that the command starts
  record ExecSpec(List<String> command, String session) {
    @Override
    public String toString() {
      // Commands carry passwords.
      return "ExecSpec[session=" + session + "]";
    }
  }

  /// A command that runs in a container.
  interface Exec extends AutoCloseable {
    /// Writes to its terminal; blocks while the command does not read.
    void write(byte[] bytes) throws RuntimeFailure;

    /// Sets the size of its terminal.
    void resize(int columns, int rows) throws RuntimeFailure;

    /// Ends the command: it is killed, and with its terminal what it runs in the foreground hears a
    /// hangup. Returns at once and may be repeated.
    @Override
    void close();
  }

  /// Hears of a command in a container. Calls never overlap.
  interface ExecListener {
    /// It wrote something. The array is the listener's own.
    void output(byte[] bytes);

    /// It is over, or never began; nothing follows.
    ///
    /// @param failure why it could not be run, or null
    void ended(@Nullable RuntimeFailure failure);
  }

  /// The engine and its host.
  ///
  /// @param id stable for the life of the engine's data root
  /// @param version the engine's version, as `20.10.24`
  /// @param apiVersion the negotiated API version, as `1.41`
  /// @param cpus logical processors of the host that runs containers
  /// @param memoryBytes memory of that host
  /// @param operatingSystem `linux`
  /// @param architecture as the engine names it, `x86_64` or `aarch64`
  /// @param loggingDrivers the log drivers the engine can use
  record EngineInfo(
      String id,
      String version,
      String apiVersion,
      int cpus,
      long memoryBytes,
      String operatingSystem,
      String architecture,
      List<String> loggingDrivers) {}

  /// One image in the engine's store.
  ///
  /// @param id the engine's content id, `sha256:...`
  /// @param digest the registry's manifest digest, `sha256:...`, or null for an image that never
  ///   saw a registry
  record ImageInfo(String id, @Nullable String digest) {}

  /// What a pull did.
  ///
  /// @param brought true if it changed what the engine has; false if the engine had the very image
  ///   by that name before
  /// @param alone true if it brought the image, which has no other name
  record Pulled(ImageInfo image, boolean brought, boolean alone) {}

  /// Everything the engine needs to create one container. The agent has decided all of it; the
  /// adapter only spells it.
  ///
  /// @param name the container's name, unique in the engine
  /// @param command null keeps the image's own
  /// @param entryPoint null keeps the image's own
  /// @param environment in the order to be given to the engine, as NAME=value
  /// @param cpuShares relative weight, at least 2
  /// @param memoryBytes hard limit, 0 for none
  /// @param memoryReservationBytes soft limit, 0 for none
  /// @param networkMode `bridge`, `host` or `none`
  /// @param ports to be published; hostPort 0 lets the engine choose
  /// @param logDriver the engine's own log driver
  /// @param engineConfig the payload's `dockerConfig.config`: a JSON object in the Docker Engine
  ///   API's names, laid over what is derived from the fields above; null for none
  /// @param engineHostConfig the payload's `dockerConfig.hostConfig`, likewise
  record ContainerSpec(
      String name,
      String image,
      @Nullable List<String> command,
      @Nullable List<String> entryPoint,
      List<String> environment,
      SortedMap<String, String> labels,
      int cpuShares,
      long memoryBytes,
      long memoryReservationBytes,
      String networkMode,
      List<PublishedPort> ports,
      String logDriver,
      SortedMap<String, String> logOptions,
      @Nullable String engineConfig,
      @Nullable String engineHostConfig) {}

  /// One published port.
  ///
  /// @param hostPort 0 lets the engine choose
  /// @param protocol `tcp` or `udp`
  /// @param bindIp the host address; empty for all addresses
  record PublishedPort(int containerPort, int hostPort, String protocol, String bindIp) {}

  /// A container as the engine sees it.
  ///
  /// @param exitCode meaningful only in state EXITED
  /// @param error the engine's own text of why the container could not start, or null
  /// @param startedAt null if it never ran
  /// @param finishedAt null if it has not ended; never before startedAt
  record ContainerStatus(
      String id,
      String name,
      State state,
      int exitCode,
      boolean outOfMemoryKilled,
      @Nullable String error,
      @Nullable Instant createdAt,
      @Nullable Instant startedAt,
      @Nullable Instant finishedAt,
      String imageId,
      SortedMap<String, String> labels,
      List<PublishedPort> ports) {

    /// Where a container stands; the engine's finer states are folded into these.
    public enum State {
      CREATED,
      RUNNING,
      EXITED
    }
  }

  /// Hears of containers that change by themselves. Calls never overlap.
  interface EventListener {
    /// A container has started.
    void started(String containerId);

    /// A container has ended; inspect it to learn how.
    void died(String containerId);

    /// The watch stands (again). Earlier events may have been missed; inspect everything that is
    /// owned.
    void gap();
  }

  /// Hears a container's output. Calls never overlap and come in the engine's order.
  interface LogListener {
    /// One line, without its line break, or one part of a line that is longer than the engine's own
    /// limit.
    ///
    /// @param at the engine's stamp, to the nanosecond
    /// @param bytes the raw bytes; not necessarily UTF-8
    /// @param partial true if no line break stands here: the engine cut the line (Docker every 16
    ///   KiB) and its rest is the next call for the same stream, or the output ends in mid-line
    void line(Instant at, Stream stream, byte[] bytes, boolean partial);

    /// The container has ended and everything it wrote was delivered.
    void ended();

    /// Nothing more comes, and it is not known that everything was delivered. By the failure's
    /// kind: UNREACHABLE, TIMEOUT and INTERRUPTED, follow again from the cursor; NOT_FOUND, the
    /// container is gone; REFUSED, its output cannot be read at all (another log driver).
    void broken(RuntimeFailure failure);

    /// The stream a line was written to.
    enum Stream {
      STDOUT,
      STDERR
    }
  }

  /// The engine said no, or could not be asked.
  final class RuntimeFailure extends Exception {
    private static final long serialVersionUID = 1L;

    /// Why, as far as the agent acts differently on it.
    public enum Kind {
      /// The image, container or registry object does not exist.
      NOT_FOUND,
      /// The name or host port is taken, or the container is in a state that forbids the call.
      CONFLICT,
      /// The registry or engine refused the caller.
      UNAUTHORIZED,
      /// The call took longer than its limit.
      TIMEOUT,
      /// The engine cannot be reached, the connection broke, or this runtime was closed.
      UNREACHABLE,
      /// The calling thread was interrupted; whether the engine acted is not known.
      INTERRUPTED,
      /// The engine understood and refused; its text says why.
      REFUSED
    }

    private final Kind kind;
    private final boolean manifest;

    /// @param message the engine's own text where there is one, as `Error response from daemon:
    ///   ...` spells it
    public RuntimeFailure(Kind kind, String message, @Nullable Throwable cause) {
      this(kind, message, cause, false);
    }

    /// @param manifest true if a pull failed at the image's manifest
    public RuntimeFailure(Kind kind, String message, @Nullable Throwable cause, boolean manifest) {
      super(message, cause);
      this.kind = kind;
      this.manifest = manifest;
    }

    /// Why the call failed.
    public Kind kind() {
      return kind;
    }

    /// True if a pull failed at the image's manifest, before any of its layers was asked for.
    public boolean manifest() {
      return manifest;
    }
  }
}

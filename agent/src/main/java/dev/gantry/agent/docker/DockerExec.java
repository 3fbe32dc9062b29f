package dev.gantry.agent.docker;

import dev.gantry.agent.ContainerRuntime.Exec;
import dev.gantry.agent.ContainerRuntime.ExecListener;
import dev.gantry.agent.ContainerRuntime.ExecSpec;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure.Kind;
import dev.gantry.agent.docker.EngineApi.Target;
import dev.gantry.agent.docker.EngineHttp.Exchange;
import dev.gantry.agent.docker.EngineHttp.Lane;
import dev.gantry.agent.docker.EngineHttp.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One command in a container: created, started with its stream taken over, and in the end killed
/// if it has not ended by itself.
///
/// The engine lets a command live on when its stream is closed, and has no call that ends one. So
/// it is killed where it runs: by its process id, if the engine's processes are this host's, which
/// is known by the session's name in the process's environment; else from within the container, by
/// a shell that looks for that name, where there is one. Killing what was started is enough: its
/// terminal goes with it, and what runs there in the foreground hears a hangup. That goes for a
/// command, too, whose stream broke: its session is over, and nobody could end it later. To the
/// listener it has ended, as to Amazon's SSM agent, which takes whatever ends a terminal for the
/// command's end: a failure means that there was no command. Why it broke is for this host's
/// people.
final class DockerExec implements Exec {
  /// The variable that names the session in everything that the command starts.
  static final String SESSION = "GANTRY_EXEC_SESSION";

  /// How long the engine may take to create a command, to start it, or to tell of it.
  static final Duration LIMIT = Duration.ofSeconds(30);

  /// How often a terminal is resized that is not there yet.
  static final int RESIZE_TRIES = 20;

  /// How often an engine is asked that ended the stream and does not know of the command's end yet.
  static final int EXIT_TRIES = 20;

  /// The pause between two tries.
  static final Duration PAUSE = Duration.ofMillis(50);

  /// What somebody would have to type to leave the command to itself. The engine always looks for
  /// such keys and keeps the first of them back until the next one comes; its own begin with
  /// Ctrl-P, which in a shell is the command before. These begin with one that hardly anybody
  /// types, and nobody types all of them.
  private static final String DETACH_KEYS = "ctrl-^" + ",ctrl-_,ctrl-^".repeat(16);

  /// The most bytes of output that are handed over at a time.
  static final int PIECE_BYTES = 16 * 1024;

  /// Ends everything of a session from within its container. Its own environment does not name the
  /// session.
  private static final String SWEEP =
      "for p in /proc/[0-9]*; do"
          + " if tr '\\0' '\\n' < $p/environ 2>/dev/null | grep -qx \"$1\";"
          + " then kill -9 ${p#/proc/}; fi; done";

  private static final Logger LOG = LoggerFactory.getLogger(DockerExec.class);

  private final EngineApi api;
  private final String containerId;
  private final ExecSpec spec;
  private final ExecListener listener;
  private final boolean sameHost;
  private final CountDownLatch begun = new CountDownLatch(1);
  private volatile @Nullable String id;
  private volatile @Nullable Exchange stream;
  private volatile boolean closed;
  private volatile boolean over;

  /// @param sameHost false if the engine's processes are known not to be this host's
  DockerExec(
      EngineApi api, String containerId, ExecSpec spec, ExecListener listener, boolean sameHost) {
    this.api = api;
    this.containerId = containerId;
    this.spec = spec;
    this.listener = listener;
    this.sameHost = sameHost;
  }

  void start() {
    Thread.ofVirtual().name("docker-exec-" + spec.session()).start(this::run);
  }

  private void run() {
    RuntimeFailure failure = null;
    boolean taken = false;
    try {
      String created = create(spec.command(), true);
      id = created;
      try (Exchange exchange = open(created)) {
        taken = true;
        stream = exchange;
        begun.countDown();
        if (!closed) {
          read(exchange);
        }
      }
    } catch (RuntimeFailure e) {
      failure = e;
    } finally {
      over = true;
      begun.countDown();
    }
    if (!closed && failure == null) {
      failure = awaitExit(String.valueOf(id));
    }
    if (taken && !closed && failure != null) {
      LOG.warn(
          "The command of session {} in container {} was cut off: {}",
          spec.session(),
          containerId,
          failure.getMessage());
    }
    if (closed || failure != null) {
      kill();
    }
    listener.ended(closed || taken ? null : failure);
  }

  /// The stream has come to its end, as it does with the command, but also when the engine falls.
  ///
  /// @return why the command may not have ended; null if it has
  private @Nullable RuntimeFailure awaitExit(String created) {
    for (int i = 1; !closed; i++) {
      try {
        if (!inspect(created).at("Running").truth()) {
          return null;
        }
      } catch (RuntimeFailure e) {
        if (e.kind() != Kind.NOT_FOUND) {
          return e;
        }
        // The container is gone, and the command with it; or the engine has been started anew.
        kill();
        return null;
      }
      if (i == EXIT_TRIES) {
        return new RuntimeFailure(
            Kind.UNREACHABLE, "The engine ended the stream of a command that runs on", null);
      }
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return new RuntimeFailure(
            Kind.INTERRUPTED, "Interrupted while a command came to its end", e);
      }
    }
    return null;
  }

  private Json inspect(String created) throws RuntimeFailure {
    return api.get("/exec/" + created + "/json", LIMIT);
  }

  /// @param terminal true for the session's own command, false for one that looks for it
  private String create(List<String> command, boolean terminal) throws RuntimeFailure {
    List<Json> variables =
        terminal
            ? List.of(
                new Json.Text("TERM=xterm-256color"),
                new Json.Text("LANG=C.UTF-8"),
                new Json.Text(mark()))
            : List.of();
    Json.Obj body =
        new Json.Obj()
            .put("Cmd", Json.Arr.of(command))
            .put("User", "0")
            .put("Tty", new Json.Bool(terminal))
            .put("AttachStdin", new Json.Bool(terminal))
            .put("AttachStdout", new Json.Bool(terminal))
            .put("AttachStderr", new Json.Bool(terminal))
            .put("DetachKeys", new Json.Text(DETACH_KEYS))
            .put("Env", new Json.Arr(variables));
    byte[] answer =
        api.call(
            Lane.SHORT,
            "POST",
            Target.container(containerId).then("/exec").toString(),
            body.bytes(),
            Limits.call(LIMIT));
    String created =
        EngineApi.json(answer, "The engine's answer to an exec is not JSON").at("Id").text();
    if (created.isEmpty()) {
      throw new RuntimeFailure(Kind.REFUSED, "The engine created a command without an id", null);
    }
    return created;
  }

  /// What names the session in the environment of everything that the command starts.
  private String mark() {
    return SESSION + "=" + spec.session();
  }

  private Exchange open(String created) throws RuntimeFailure {
    Map<String, String> headers = new TreeMap<>();
    headers.put("Content-Type", "application/json");
    headers.put("Connection", "Upgrade");
    headers.put("Upgrade", "tcp");
    return api.open(
        Lane.LONG,
        "POST",
        "/exec/" + created + "/start",
        headers,
        "{\"Detach\":false,\"Tty\":true}".getBytes(StandardCharsets.UTF_8),
        Limits.stream(LIMIT));
  }

  private void read(Exchange exchange) throws RuntimeFailure {
    byte[] buffer = new byte[PIECE_BYTES];
    try {
      InputStream body = exchange.body();
      for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
        listener.output(Arrays.copyOf(buffer, count));
        if (closed) {
          return;
        }
      }
    } catch (IOException e) {
      if (!closed) {
        throw exchange.failure(e);
      }
    }
  }

  @Override
  public void write(byte[] bytes) throws RuntimeFailure {
    Exchange open = awaitStream();
    if (open == null) {
      return;
    }
    try {
      open.write(bytes);
    } catch (IOException e) {
      throw new RuntimeFailure(Kind.UNREACHABLE, "The command takes no input: " + e, e);
    }
  }

  /// The engine answers before the terminal is there, so that the first size may come too early.
  @Override
  public void resize(int columns, int rows) throws RuntimeFailure {
    if (awaitStream() == null) {
      return;
    }
    for (int i = 1; !over && !closed; i++) {
      try {
        api.call(
            Lane.SHORT,
            "POST",
            new Target("/exec/" + id + "/resize")
                .query("h", Integer.toString(rows))
                .query("w", Integer.toString(columns))
                .toString(),
            null,
            Limits.call(LIMIT));
        return;
      } catch (RuntimeFailure e) {
        if (i == RESIZE_TRIES || e.kind() == Kind.INTERRUPTED) {
          throw e;
        }
      }
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /// The stream, waited for; null if there is none, or none any more.
  private @Nullable Exchange awaitStream() throws RuntimeFailure {
    try {
      if (!begun.await(2 * LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new RuntimeFailure(Kind.TIMEOUT, "The command was not started", null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RuntimeFailure(Kind.INTERRUPTED, "Interrupted while a command was started", e);
    }
    return over ? null : stream;
  }

  @Override
  public void close() {
    closed = true;
    Exchange open = stream;
    if (open != null) {
      open.abort();
    }
  }

  /// Kills the command, if it still runs.
  private void kill() {
    String created = id;
    if (created == null) {
      return;
    }
    try {
      Json state = inspect(created);
      if (!state.at("Running").truth()) {
        return;
      }
      long pid = state.at("Pid").integer(0);
      if (sameHost && pid > 1 && isOurs(pid)) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        return;
      }
      String sweep = create(List.of("sh", "-c", SWEEP, "sh", mark()), false);
      api.call(
          Lane.SHORT,
          "POST",
          "/exec/" + sweep + "/start",
          "{\"Detach\":true,\"Tty\":false}".getBytes(StandardCharsets.UTF_8),
          Limits.call(LIMIT));
    } catch (RuntimeFailure e) {
      if ((sameHost && killWithoutEngine()) || e.kind() == Kind.NOT_FOUND) {
        return;
      }
      LOG.warn(
          "The command of session {} may still run in container {}: {}",
          spec.session(),
          containerId,
          e.getMessage());
    }
  }

  /// Kills what bears the session's name on this host: an engine that has fallen, or has forgotten
  /// the command since, tells no process id.
  ///
  /// @return whether there was anything
  private boolean killWithoutEngine() {
    List<ProcessHandle> ours =
        ProcessHandle.allProcesses().filter(process -> isOurs(process.pid())).toList();
    ours.forEach(ProcessHandle::destroyForcibly);
    return !ours.isEmpty();
  }

  /// Whether the process of that number on this host is the command: only then do the engine and
  /// this agent count processes alike.
  private boolean isOurs(long pid) {
    try {
      byte[] environment = Files.readAllBytes(Path.of("/proc", Long.toString(pid), "environ"));
      return Arrays.asList(new String(environment, StandardCharsets.UTF_8).split("\0", -1))
          .contains(mark());
    } catch (IOException notHere) {
      return false;
    }
  }
}

package dev.gantry.agent;

import dev.gantry.agent.AgentEffect.Channel;
import dev.gantry.agent.AgentEffect.CloseSocket;
import dev.gantry.agent.AgentEffect.Note;
import dev.gantry.agent.AgentEffect.OpenSocket;
import dev.gantry.agent.AgentEffect.SendText;
import java.time.Duration;
import java.time.Instant;

/// Keeps one WebSocket to the control plane open: back-off, silence, age (agent-protocol 2.1). The
/// same for ACS and TCS but for the numbers and for what is said on it; on the channel for sessions
/// there are no heartbeats, so that neither silence nor age ends it.
final class SocketLink {

  /// A server that is silent for this long, and up to as long again, is taken for gone.
  static final Duration SILENCE = Duration.ofSeconds(60);

  /// A connection is renewed after this long, and up to [#AGE_JITTER] more.
  static final Duration AGE = Duration.ofMinutes(30);

  static final Duration AGE_JITTER = Duration.ofMinutes(5);

  /// Without a telling close code the back-off starts anew after a connection of this length.
  static final Duration SETTLED = Duration.ofMinutes(1);

  /// Amazon's agent reconnects without any pause after an abrupt drop, whatever the connection's
  /// length; ours backs off when it lasted less than this, as a control plane that accepts and
  /// drops is not helped by being hammered.
  static final Duration BRIEF = Duration.ofSeconds(1);

  /// A deregistered instance asks again after this long (agent-protocol 2).
  static final Duration INACTIVE_WAIT = Duration.ofHours(1);

  private static final int NORMAL = 1000;

  /// What is said on the socket.
  interface Talk {
    /// The address to connect to, query included.
    String url();

    /// The socket is open.
    void opened();

    /// A frame came.
    void text(String text);

    /// The socket is gone.
    void closed();

    /// The server refused the handshake.
    ///
    /// @return how long to stay away; zero for the usual back-off
    Duration refused(String body);
  }

  private final Kernel kernel;
  private final Channel channel;
  private final Backoff backoff;
  private final Talk talk;
  private final boolean heartbeats;

  private long socket;
  private boolean wanted;
  private boolean open;
  private Instant openedAt = Instant.EPOCH;
  private int failures;

  SocketLink(Kernel kernel, Channel channel, Backoff backoff, Talk talk) {
    this(kernel, channel, backoff, talk, true);
  }

  private SocketLink(
      Kernel kernel, Channel channel, Backoff backoff, Talk talk, boolean heartbeats) {
    this.kernel = kernel;
    this.channel = channel;
    this.backoff = backoff;
    this.talk = talk;
    this.heartbeats = heartbeats;
  }

  /// A link on which the server may be silent.
  static SocketLink withoutHeartbeats(Kernel kernel, Channel channel, Backoff backoff, Talk talk) {
    return new SocketLink(kernel, channel, backoff, talk, false);
  }

  /// True while frames can be sent.
  boolean isOpen() {
    return open;
  }

  /// How often in a row connecting has failed.
  int failures() {
    return failures;
  }

  /// The number of the socket that is open or being opened.
  long socket() {
    return socket;
  }

  /// Connects, now, and again whenever the connection is lost; nothing if it is wanted already.
  void connect() {
    if (!wanted) {
      wanted = true;
      dial();
    }
  }

  /// Closes the connection and stays away until [#connect].
  void disconnect(String reason) {
    wanted = false;
    kernel.timers.cancel(timer("dial"));
    if (open) {
      kernel.emit(new CloseSocket(socket, NORMAL, reason));
    }
  }

  /// Sends one frame; nothing while there is no connection.
  void send(String text) {
    if (open) {
      kernel.emit(new SendText(socket, text));
    }
  }

  /// The server is alive.
  void alive() {
    Instant deadline = kernel.now().plus(SILENCE).plus(share(SILENCE));
    kernel.timers.set(
        timer("silence"),
        deadline,
        () -> kernel.emit(new CloseSocket(socket, NORMAL, "the server is silent")));
  }

  void opened(long number) {
    if (number != socket) {
      return;
    }
    open = true;
    openedAt = kernel.now();
    if (heartbeats) {
      alive();
      kernel.timers.set(
          timer("age"),
          kernel.now().plus(AGE).plus(share(AGE_JITTER)),
          () ->
              kernel.emit(
                  new CloseSocket(socket, NORMAL, "ConnectionExpired: Reconnect to continue")));
    }
    if (wanted) {
      talk.opened();
    } else {
      kernel.emit(new CloseSocket(socket, NORMAL, ""));
    }
  }

  void refused(long number, int status, String body) {
    if (number != socket) {
      return;
    }
    failures++;
    kernel.note(
        Note.Level.WARNING,
        channel + " connection refused" + (status == 0 ? "" : " (" + status + ")") + ": " + body);
    Duration away = talk.refused(body);
    redial(away.isZero() ? backoff.delay(failures, kernel.chance()) : away);
  }

  void text(long number, String text) {
    if (number == socket && open) {
      talk.text(text);
    }
  }

  void closed(long number, int code, String reason) {
    if (number != socket) {
      return;
    }
    open = false;
    kernel.timers.cancel(timer("silence"));
    kernel.timers.cancel(timer("age"));
    talk.closed();
    Duration lasted = Duration.between(openedAt, kernel.now());
    boolean brief = lasted.compareTo(BRIEF) < 0;
    boolean atOnce = (code == NORMAL || code == 1001 || code == 1006 || code == 1011) && !brief;
    if (atOnce || lasted.compareTo(SETTLED) >= 0) {
      failures = 0;
    }
    if (!wanted) {
      return;
    }
    kernel.note(
        Note.Level.INFO,
        channel + " connection closed (" + code + (reason.isEmpty() ? ")" : ": " + reason + ")"));
    if (atOnce) {
      redial(Duration.ZERO);
    } else {
      failures++;
      redial(backoff.delay(failures, kernel.chance()));
    }
  }

  private void redial(Duration delay) {
    if (wanted) {
      kernel.timers.set(timer("dial"), kernel.now().plus(delay), this::dial);
    }
  }

  private void dial() {
    socket = kernel.number();
    kernel.emit(new OpenSocket(socket, channel, talk.url()));
  }

  private Duration share(Duration whole) {
    return Duration.ofMillis((long) (kernel.chance() * (double) whole.toMillis()));
  }

  private String timer(String what) {
    return channel + "." + what;
  }
}

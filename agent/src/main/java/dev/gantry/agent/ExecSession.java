package dev.gantry.agent;

import dev.gantry.agent.AgentEffect.Channel;
import dev.gantry.agent.AgentEffect.CloseSocket;
import dev.gantry.agent.AgentEffect.ContinueExec;
import dev.gantry.agent.AgentEffect.EndExec;
import dev.gantry.agent.AgentEffect.ExecInput;
import dev.gantry.agent.AgentEffect.OpenSocket;
import dev.gantry.agent.AgentEffect.ResizeExec;
import dev.gantry.agent.AgentEffect.SendBinary;
import dev.gantry.agent.AgentEffect.SendText;
import dev.gantry.agent.AgentEffect.StartExec;
import dev.gantry.agent.ContainerRuntime.ExecSpec;
import dev.gantry.api.ssmmessages.AcknowledgeContent;
import dev.gantry.api.ssmmessages.AgentMessage;
import dev.gantry.api.ssmmessages.AgentSessionState;
import dev.gantry.api.ssmmessages.ChannelPaths;
import dev.gantry.api.ssmmessages.HandshakeComplete;
import dev.gantry.api.ssmmessages.HandshakeRequest;
import dev.gantry.api.ssmmessages.HandshakeResponse;
import dev.gantry.api.ssmmessages.OpenDataChannelInput;
import dev.gantry.api.ssmmessages.ProcessedClientAction;
import dev.gantry.api.ssmmessages.RequestedClientAction;
import dev.gantry.api.ssmmessages.SessionTypeRequest;
import dev.gantry.api.ssmmessages.SizeData;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.json.MalformedInputException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One command in one container, and the client it belongs to: the agent's end of a data channel as
/// Amazon's SSM agent has it.
///
///     OPENING    the channel is being opened
///     HANDSHAKE  the client was asked whether it understands what follows
///     RUNNING    the command runs; input goes in, output goes out
///     FLUSHING   it is over, and its last output is not acknowledged yet
///     CLOSING    the control plane was told so, and closes
///     OVER
///
/// Output is numbered, kept until it is acknowledged, and sent again when that takes too long: a
/// client acknowledges nothing before it is ready to show it. While too much is unacknowledged the
/// command's output is not read. Input is acknowledged when it is taken, and taken in order.
///
/// The command ends with its session, whichever way that ends.
final class ExecSession {
  private static final String SESSION_TYPE = "InteractiveCommands";
  private static final int SUCCESS = 1;
  private static final int NORMAL = 1000;

  /// What a session needs of the desk it belongs to.
  interface Owner {
    /// It is over.
    ///
    /// @param failure why it did not come to its end, for the client; null if it did
    void over(ExecSession session, @Nullable String failure);
  }

  private enum State {
    OPENING,
    HANDSHAKE,
    RUNNING,
    FLUSHING,
    CLOSING,
    OVER
  }

  /// A message that was sent and not acknowledged.
  private static final class Sent {
    final long sequence;
    final byte[] message;
    Instant at;
    int resends;

    Sent(long sequence, byte[] message, Instant at) {
      this.sequence = sequence;
      this.message = message;
      this.at = at;
    }
  }

  private final Kernel kernel;
  private final Owner owner;
  private final String id;
  private final String target;
  private final String token;
  private final String containerId;
  private final List<String> command;
  private final @Nullable ExecLog log;
  private final String agentVersion;
  private final long socket;
  private final long exec;

  private State state = State.OPENING;
  private boolean started;
  private boolean ended;
  private boolean paused;
  private Instant handshakeAt = Instant.EPOCH;

  private final Deque<Sent> unacknowledged = new ArrayDeque<>();
  private long nextOutput;
  private boolean held;
  private byte[] rest = new byte[0];
  private double roundTripNanos = ExecProtocol.FIRST_ROUND_TRIP.toNanos();
  private double variationNanos;
  private Duration resendAfter = ExecProtocol.FIRST_RESEND;

  private final TreeMap<Long, AgentMessage> early = new TreeMap<>();
  private long nextInput;
  private int inputBytes;

  /// @param token opens the data channel, once
  /// @param log where the output is written as well, or null
  ExecSession(
      Kernel kernel,
      Owner owner,
      String id,
      String target,
      String token,
      String containerId,
      List<String> command,
      @Nullable LogTarget log,
      String agentVersion) {
    this.kernel = kernel;
    this.owner = owner;
    this.id = id;
    this.target = target;
    this.token = token;
    this.containerId = containerId;
    this.command = command;
    this.log =
        log == null
            ? null
            : new ExecLog(kernel, log.region(), log.group(), id, this::proceedIfHeld);
    this.agentVersion = agentVersion;
    this.socket = kernel.number();
    this.exec = kernel.number();
  }

  /// A log group and its region.
  record LogTarget(String region, String group) {}

  String id() {
    return id;
  }

  long socket() {
    return socket;
  }

  long exec() {
    return exec;
  }

  /// Opens the data channel.
  void begin() {
    kernel.emit(
        new OpenSocket(
            socket, Channel.EXEC, ChannelPaths.DATA + id + "?" + ChannelPaths.DATA_QUERY));
  }

  // ---- the socket -------------------------------------------------------------------------------

  void opened() {
    if (state != State.OPENING) {
      return;
    }
    state = State.HANDSHAKE;
    handshakeAt = kernel.now();
    kernel.emit(
        new SendText(
            socket,
            AwsJson.encodeToString(
                OpenDataChannelInput.SHAPE,
                OpenDataChannelInput.builder()
                    .messageSchemaVersion(ChannelPaths.SCHEMA_VERSION)
                    .requestId(kernel.uuid())
                    .tokenValue(token)
                    .clientInstanceId(target)
                    .clientId(kernel.uuid())
                    .build())));
    stream(
        AgentMessage.PAYLOAD_HANDSHAKE_REQUEST,
        AwsJson.encode(
            HandshakeRequest.SHAPE,
            HandshakeRequest.builder()
                .agentVersion(agentVersion)
                .requestedClientActions(
                    List.of(
                        RequestedClientAction.builder()
                            .actionType("SessionType")
                            .actionParameters(
                                SessionTypeRequest.builder().sessionType(SESSION_TYPE).build())
                            .build()))
                .build()));
    kernel.timers.set(
        timer("limit"),
        kernel.now().plus(ExecProtocol.HANDSHAKE_LIMIT),
        () ->
            fail(
                "Handshake timed out. Please ensure that you have the latest version of the session"
                    + " manager plugin."));
  }

  void refused(String why) {
    over("the session's channel could not be opened: " + why);
  }

  /// The socket is gone: nobody is there for whom the command would run.
  void closed() {
    over(null);
  }

  void binary(byte[] bytes) {
    AgentMessage message = AgentMessage.decode(bytes);
    if (message == null || state == State.OVER) {
      return;
    }
    try {
      switch (message.type()) {
        case AgentMessage.INPUT -> input(message);
        case AgentMessage.ACKNOWLEDGE -> {
          Long sequence =
              AwsJson.decode(AcknowledgeContent.SHAPE, message.payload())
                  .acknowledgedMessageSequenceNumber();
          if (sequence != null) {
            acknowledged(sequence);
          }
        }
        case AgentMessage.CHANNEL_CLOSED -> {
          endCommand();
          kernel.emit(new CloseSocket(socket, NORMAL, ""));
        }
        case AgentMessage.PAUSE_PUBLICATION -> paused = true;
        case AgentMessage.START_PUBLICATION -> paused = false;
        default -> {
          // A message of later versions.
        }
      }
    } catch (MalformedInputException e) {
      fail("a " + message.type() + " cannot be read: " + e.text());
    }
  }

  // ---- input ------------------------------------------------------------------------------------

  private void input(AgentMessage message) throws MalformedInputException {
    paused = false;
    long sequence = message.sequence();
    if (sequence < nextInput) {
      // Its acknowledgement was lost.
      acknowledge(message);
    } else if (sequence > nextInput) {
      if (early.size() < ExecProtocol.MAX_EARLY) {
        early.put(sequence, message);
        acknowledge(message);
      }
    } else if (taken(message)) {
      acknowledge(message);
      nextInput++;
      takeEarly();
    }
  }

  private void takeEarly() throws MalformedInputException {
    AgentMessage next = early.get(nextInput);
    while (next != null && taken(next)) {
      early.remove(nextInput);
      nextInput++;
      next = early.get(nextInput);
    }
  }

  /// True unless there is no place for it yet; the client sends it again.
  private boolean taken(AgentMessage message) throws MalformedInputException {
    byte[] payload = message.payload();
    switch (message.payloadType()) {
      case AgentMessage.PAYLOAD_HANDSHAKE_RESPONSE ->
          answered(AwsJson.decode(HandshakeResponse.SHAPE, payload));
      case AgentMessage.PAYLOAD_OUTPUT -> {
        if (state == State.OPENING || state == State.HANDSHAKE) {
          return false;
        }
        if (inputBytes > 0 && inputBytes + payload.length > ExecProtocol.MAX_INPUT_BYTES) {
          return false;
        }
        if (!ended && payload.length > 0) {
          inputBytes += payload.length;
          kernel.emit(new ExecInput(exec, payload));
        }
      }
      case AgentMessage.PAYLOAD_SIZE -> {
        if (state == State.OPENING || state == State.HANDSHAKE) {
          return false;
        }
        SizeData size = AwsJson.decode(SizeData.SHAPE, payload);
        if (!ended) {
          kernel.emit(new ResizeExec(exec, cells(size.cols()), cells(size.rows())));
        }
      }
      case AgentMessage.PAYLOAD_FLAG -> {
        if (payload.length == Integer.BYTES
            && ByteBuffer.wrap(payload).getInt() == AgentMessage.FLAG_TERMINATE) {
          endCommand();
          terminate();
        }
      }
      default -> {
        // Payloads of later versions.
      }
    }
    return true;
  }

  private static int cells(@Nullable Integer given) {
    return Math.clamp(Objects.requireNonNullElse(given, 0), 1, ExecProtocol.MAX_CELLS);
  }

  /// The command has read some of its input.
  void inputTaken(int bytes) {
    inputBytes -= bytes;
    try {
      takeEarly();
    } catch (MalformedInputException e) {
      fail("input cannot be read: " + e.text());
    }
  }

  private void acknowledge(AgentMessage message) {
    single(
        AgentMessage.ACKNOWLEDGE,
        AwsJson.encode(
            AcknowledgeContent.SHAPE,
            AcknowledgeContent.builder()
                .acknowledgedMessageType(message.type())
                .acknowledgedMessageId(message.id().toString())
                .acknowledgedMessageSequenceNumber(message.sequence())
                .isSequentialMessage(true)
                .build()));
  }

  private void answered(HandshakeResponse response) {
    if (state != State.HANDSHAKE) {
      return;
    }
    for (ProcessedClientAction action :
        Objects.requireNonNullElse(
            response.processedClientActions(), List.<ProcessedClientAction>of())) {
      if (!Integer.valueOf(SUCCESS).equals(action.actionStatus())) {
        fail(
            action.actionType()
                + " failed on client with status "
                + action.actionStatus()
                + " error: "
                + action.error());
        return;
      }
    }
    kernel.timers.cancel(timer("limit"));
    stream(
        AgentMessage.PAYLOAD_HANDSHAKE_COMPLETE,
        AwsJson.encode(
            HandshakeComplete.SHAPE,
            HandshakeComplete.builder()
                .handshakeTimeToComplete(Duration.between(handshakeAt, kernel.now()).toNanos())
                .customerMessage("")
                .build()));
    state = State.RUNNING;
    started = true;
    kernel.emit(new StartExec(exec, containerId, new ExecSpec(command, id)));
  }

  // ---- output -----------------------------------------------------------------------------------

  /// The command wrote something. Nothing more comes before [ContinueExec].
  void output(byte[] bytes) {
    if (state != State.RUNNING) {
      return;
    }
    if (log != null) {
      log.append(bytes);
    }
    byte[] all = Arrays.copyOf(rest, rest.length + bytes.length);
    System.arraycopy(bytes, 0, all, rest.length, bytes.length);
    int whole = all.length - unfinished(all);
    rest = Arrays.copyOfRange(all, whole, all.length);
    write(Arrays.copyOf(all, whole));
    held = true;
    proceedIfHeld();
  }

  private void write(byte[] bytes) {
    int from = 0;
    while (from < bytes.length) {
      int to = Math.min(bytes.length, from + ExecProtocol.MAX_PAYLOAD_BYTES);
      if (to < bytes.length) {
        int cut = unfinished(Arrays.copyOfRange(bytes, from, to));
        to -= cut;
      }
      stream(AgentMessage.PAYLOAD_OUTPUT, Arrays.copyOfRange(bytes, from, to));
      from = to;
    }
  }

  /// How many bytes at the end are the beginning of a character that is not whole. Some clients
  /// show each message by itself, so that a character must not lie in two.
  static int unfinished(byte[] bytes) {
    for (int back = 1; back <= 3 && back <= bytes.length; back++) {
      int lead = bytes[bytes.length - back] & 0xff;
      if ((lead & 0xc0) != 0x80) {
        int length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
        return length > back ? back : 0;
      }
    }
    return 0;
  }

  private void stream(int payloadType, byte[] payload) {
    long sequence = nextOutput++;
    byte[] message =
        new AgentMessage(
                AgentMessage.OUTPUT,
                AgentMessage.SCHEMA_VERSION,
                kernel.now().toEpochMilli(),
                sequence,
                sequence == 0 ? AgentMessage.SYN : 0,
                UUID.fromString(kernel.uuid()),
                payloadType,
                payload)
            .encode();
    if (!paused) {
      kernel.emit(new SendBinary(socket, message));
    }
    unacknowledged.add(new Sent(sequence, message, kernel.now()));
    watchOldest();
  }

  private void single(String type, byte[] payload) {
    kernel.emit(
        new SendBinary(
            socket,
            AgentMessage.single(
                    type, kernel.now().toEpochMilli(), UUID.fromString(kernel.uuid()), payload)
                .encode()));
  }

  private void acknowledged(long sequence) {
    paused = false;
    Sent found = null;
    for (Sent sent : unacknowledged) {
      if (sent.sequence == sequence) {
        found = sent;
        break;
      }
    }
    if (found == null) {
      return;
    }
    if (found.resends == 0) {
      measure((double) Duration.between(found.at, kernel.now()).toNanos());
    }
    unacknowledged.remove(found);
    watchOldest();
    proceedIfHeld();
    if (state == State.FLUSHING && unacknowledged.isEmpty()) {
      terminate();
    }
  }

  private void measure(double nanos) {
    variationNanos = 0.75 * variationNanos + 0.25 * Math.abs(roundTripNanos - nanos);
    roundTripNanos = 0.875 * roundTripNanos + 0.125 * nanos;
    double after =
        roundTripNanos
            + Math.max((double) ExecProtocol.CLOCK_GRANULARITY.toNanos(), 4 * variationNanos);
    resendAfter =
        Duration.ofNanos((long) Math.min(after, (double) ExecProtocol.LONGEST_RESEND.toNanos()));
  }

  /// The oldest message is sent again when its acknowledgement is overdue, and only that one: a
  /// client keeps what comes early.
  private void watchOldest() {
    Sent oldest = unacknowledged.peekFirst();
    if (oldest == null) {
      kernel.timers.cancel(timer("resend"));
    } else {
      kernel.timers.set(timer("resend"), oldest.at.plus(resendAfter), this::resend);
    }
  }

  private void resend() {
    Sent oldest = unacknowledged.peekFirst();
    if (oldest == null) {
      return;
    }
    if (oldest.resends == ExecProtocol.MAX_RESENDS) {
      fail("the client does not acknowledge what it is sent");
      return;
    }
    oldest.resends++;
    oldest.at = kernel.now();
    if (!paused) {
      kernel.emit(new SendBinary(socket, oldest.message));
    }
    watchOldest();
  }

  private void proceedIfHeld() {
    boolean room =
        unacknowledged.size() < ExecProtocol.MAX_UNACKNOWLEDGED && (log == null || !log.isFull());
    if (held && room && state == State.RUNNING) {
      held = false;
      kernel.emit(new ContinueExec(exec));
    }
  }

  // ---- the end ----------------------------------------------------------------------------------

  /// The command is over.
  ///
  /// @param failure why it could not be run; null if it was
  void commandEnded(@Nullable String failure) {
    if (ended) {
      return;
    }
    ended = true;
    if (state != State.RUNNING) {
      return;
    }
    if (failure != null) {
      fail("Unable to start command: " + failure);
      return;
    }
    write(rest);
    rest = new byte[0];
    state = State.FLUSHING;
    if (unacknowledged.isEmpty()) {
      terminate();
    } else {
      kernel.timers.set(
          timer("limit"), kernel.now().plus(ExecProtocol.FLUSH_LIMIT), this::terminate);
    }
  }

  /// Says that the session is over; the control plane then closes it.
  private void terminate() {
    if (state == State.CLOSING || state == State.OVER) {
      return;
    }
    state = State.CLOSING;
    kernel.timers.cancel(timer("resend"));
    single(
        AgentMessage.SESSION_STATE,
        AwsJson.encode(
            AgentSessionState.SHAPE,
            AgentSessionState.builder()
                .schemaVersion(AgentMessage.SCHEMA_VERSION)
                .sessionState("Terminating")
                .sessionId(id)
                .build()));
    kernel.timers.set(
        timer("limit"),
        kernel.now().plus(ExecProtocol.CLOSE_LIMIT),
        () -> kernel.emit(new CloseSocket(socket, NORMAL, "")));
  }

  private void fail(String why) {
    over(why);
  }

  private void endCommand() {
    if (started && !ended) {
      ended = true;
      kernel.emit(new EndExec(exec));
    }
  }

  private void over(@Nullable String failure) {
    if (state == State.OVER) {
      return;
    }
    state = State.OVER;
    endCommand();
    kernel.timers.cancel(timer("limit"));
    kernel.timers.cancel(timer("resend"));
    if (log != null) {
      log.finish();
    }
    owner.over(this, failure);
    if (failure != null) {
      kernel.emit(new CloseSocket(socket, NORMAL, ""));
    }
  }

  private String timer(String what) {
    return "exec." + socket + "." + what;
  }
}

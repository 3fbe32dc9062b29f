package dev.gantry.control.exec;

import dev.gantry.api.ssmmessages.AgentMessage;
import dev.gantry.api.ssmmessages.ChannelClosed;
import dev.gantry.api.ssmmessages.OpenControlChannelInput;
import dev.gantry.api.ssmmessages.OpenDataChannelInput;
import dev.gantry.api.ssmmessages.SessionTask;
import dev.gantry.api.ssmmessages.TaskMessage;
import dev.gantry.control.ControlHarness;
import dev.gantry.control.ControlSockets;
import dev.gantry.wire.BinaryListener;
import dev.gantry.wire.BinarySocket;
import dev.gantry.wire.Endpoint.Upgrade;
import dev.gantry.wire.Headers;
import dev.gantry.wire.RequestHead;
import dev.gantry.wire.auth.Principal;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.server.SocketCall;
import dev.gantry.wire.server.UnsignedCall;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A client's or an agent's end of one channel, against the real `ControlSockets`.
final class Channel implements BinarySocket {
  private final ControlHarness control;
  private final BinaryListener listener;
  private final List<AgentMessage> received = new ArrayList<>();
  private @Nullable String closed;

  private Channel(ControlHarness control, Upgrade decision) {
    this.control = control;
    this.listener = ((Upgrade.AcceptedBinary) decision).listener();
    listener.opened(this);
    control.settle();
  }

  /// What an upgrade is answered with.
  static @Nullable Upgrade ask(ControlHarness control, String path, boolean signed) {
    ControlSockets sockets = control.sockets();
    RequestHead head =
        new RequestHead("GET", path, null, Headers.of("Host", "127.0.0.1:4566"), "peer");
    return signed
        ? sockets.upgrade(
            new SocketCall(
                path,
                List.of(),
                new Principal(ControlHarness.SCOPE.account(), "arn"),
                ControlHarness.SCOPE.region(),
                "request",
                head))
        : sockets.unsigned(new UnsignedCall(path, "request", head));
  }

  static Channel open(ControlHarness control, String path, boolean signed) {
    return new Channel(control, Objects.requireNonNull(ask(control, path, signed)));
  }

  /// An agent's control channel, ready for sessions.
  static Channel control(ControlHarness control, String instanceArn) {
    Channel channel = stranger(control, instanceArn);
    channel.text(
        AwsJson.encodeToString(
            OpenControlChannelInput.SHAPE,
            OpenControlChannelInput.builder().messageSchemaVersion("1.0").build()));
    return channel;
  }

  /// An agent's control channel on which nothing was said.
  static Channel stranger(ControlHarness control, String instanceArn) {
    String id = instanceArn.substring(instanceArn.lastIndexOf('/') + 1);
    return open(control, "/v1/control-channel/default_" + id, true);
  }

  /// A data channel on which this token was shown.
  static Channel data(ControlHarness control, String session, boolean signed, String token) {
    Channel channel = open(control, "/v1/data-channel/" + session, signed);
    channel.show(token);
    return channel;
  }

  void show(@Nullable String token) {
    text(
        AwsJson.encodeToString(
            OpenDataChannelInput.SHAPE,
            OpenDataChannelInput.builder()
                .messageSchemaVersion("1.0")
                .requestId("r")
                .tokenValue(token)
                .clientId("c")
                .build()));
  }

  void text(String text) {
    listener.text(text);
    control.settle();
  }

  void sends(String type, long sequence, String payload) {
    binary(
        new AgentMessage(
                type,
                1,
                1,
                sequence,
                0,
                new UUID(1, sequence),
                type.equals(AgentMessage.ACKNOWLEDGE) ? 0 : 1,
                payload.getBytes(StandardCharsets.UTF_8))
            .encode());
  }

  void binary(byte[] message) {
    listener.binary(message);
    control.settle();
  }

  void breaks() {
    listener.closed(1006, "");
    control.settle();
  }

  /// The session that this control channel was told of last.
  SessionTask told() {
    AgentMessage message = received.getLast();
    if (!message.type().equals(AgentMessage.INTERACTIVE_SHELL)) {
      throw new AssertionError("the last message is a " + message.type());
    }
    TaskMessage task = AwsJson.decode(TaskMessage.SHAPE, message.payload());
    return AwsJson.decode(SessionTask.SHAPE, Objects.requireNonNull(task.content()));
  }

  /// What came, as `type payload`.
  List<String> heard() {
    return received.stream()
        .map(message ->
            message.type()
                + " "
                + (message.type().equals(AgentMessage.CHANNEL_CLOSED)
                    ? AwsJson.decode(ChannelClosed.SHAPE, message.payload()).output()
                    : new String(message.payload(), StandardCharsets.UTF_8)))
        .toList();
  }

  /// How it was closed, or null.
  @Nullable String closed() {
    return closed;
  }

  @Override
  public void send(String text) {
    throw new AssertionError("text on a channel: " + text);
  }

  @Override
  public void send(byte[] message) {
    received.add(Objects.requireNonNull(AgentMessage.decode(message)));
  }

  @Override
  public void close(int code, String reason) {
    closed = code + " " + reason;
  }
}

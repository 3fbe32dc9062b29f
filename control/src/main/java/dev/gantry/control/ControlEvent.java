package dev.gantry.control;

import dev.gantry.wire.TextSocket;
import dev.gantry.wire.server.Answer;
import dev.gantry.wire.server.Call;
import dev.gantry.wire.server.EventSink;
import dev.gantry.wire.server.SocketCall;

/// Everything that can happen to the control plane. Each carries what it needs; none carries the
/// time, which comes beside it.
public sealed interface ControlEvent {

  /// Whether it is taken however full the queue is ([Inbox#offer]): what is already decided, and
  /// that something is over. It goes before what may be refused.
  default boolean isUrgent() {
    return switch (this) {
      case Committed _, SocketClosed _, TailClosed _ -> true;
      case Asked _, SocketOpened _, SocketText _, TailOpened _, Woken _ -> false;
    };
  }

  /// A verified, decoded and validated call of an operation that the writer decides.
  record Asked(Call call, Answer answer) implements ControlEvent {}

  /// Everything up to and with this revision is durable.
  record Committed(long revision) implements ControlEvent {}

  /// An agent has opened a socket.
  ///
  /// @param socketId tells sockets apart for as long as this process lives
  record SocketOpened(long socketId, SocketCall call, TextSocket socket) implements ControlEvent {}

  /// An agent's socket has received a message.
  record SocketText(long socketId, String text) implements ControlEvent {}

  /// An agent's socket is gone.
  record SocketClosed(long socketId) implements ControlEvent {}

  /// The answer that opens a session on the logs is on its way.
  record TailOpened(String id, EventSink sink) implements ControlEvent {}

  /// A session on the logs is over, because the client left or the answer could not be given.
  record TailClosed(String id) implements ControlEvent {}

  /// The time asked for by [ControlEffect.WakeAt] has come.
  record Woken() implements ControlEvent {}
}

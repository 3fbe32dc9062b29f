package dev.gantry.control;

import dev.gantry.control.exec.ExecSocket;
import dev.gantry.wire.TextSocket;
import dev.gantry.wire.server.Answer;
import dev.gantry.wire.server.Call;
import dev.gantry.wire.server.EventSink;
import dev.gantry.wire.server.SocketCall;

/// Everything that can happen to the control plane. Each carries what it needs; none carries the
/// time, which comes beside it.
public sealed interface ControlEvent {

  /// Whether it goes before everything that waits: what is durable, as others wait for it. All
  /// other events keep their order. The end of a socket or a session above all must not overtake
  /// its beginning, or that would stay known for as long as it may be silent.
  default boolean goesFirst() {
    return switch (this) {
      case Committed _ -> true;
      case Asked _,
          SocketOpened _,
          SocketText _,
          SocketClosed _,
          TailOpened _,
          TailClosed _,
          ExecOpened _,
          ExecText _,
          ExecMessage _,
          ExecClosed _,
          Woken _ ->
          false;
    };
  }

  /// Whether it may be refused when too much waits ([Inbox#offer]). What is already decided may
  /// not, nor that something is over: nobody would say it again.
  default boolean mayBeRefused() {
    return switch (this) {
      case Committed _, SocketClosed _, TailClosed _, ExecClosed _ -> false;
      case Asked _,
          SocketOpened _,
          SocketText _,
          TailOpened _,
          ExecOpened _,
          ExecText _,
          ExecMessage _,
          Woken _ ->
          true;
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

  /// A socket for sessions in containers was opened; its first frame says by whom.
  record ExecOpened(ExecSocket socket) implements ControlEvent {}

  /// Such a socket has received text.
  record ExecText(ExecSocket socket, String text) implements ControlEvent {
    @Override
    public String toString() {
      // It holds a token.
      return "ExecText[characters=" + text.length() + "]";
    }
  }

  /// Such a socket has received a message that is not part of a session's stream.
  record ExecMessage(ExecSocket socket, byte[] message) implements ControlEvent {}

  /// Such a socket is gone.
  record ExecClosed(ExecSocket socket) implements ControlEvent {}

  /// The time asked for by [ControlEffect.WakeAt] has come.
  record Woken() implements ControlEvent {}
}

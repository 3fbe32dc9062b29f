package dev.gantry.control.exec;

import dev.gantry.api.ssmmessages.AgentMessage;
import dev.gantry.wire.BinarySocket;
import org.jspecify.annotations.Nullable;

/// Carries the stream of one session between its two ends, from whatever thread a message comes on.
///
/// Who may join is the writer's to decide ([ExecSessions]); what is typed and written does not pass
/// it, so that a session with much output holds up no decision. Nothing is stored here: a message
/// without an end to go to is dropped, and its sender, which is not told that it arrived, sends it
/// again. An end that reads too slowly fills its socket's queue, which ends that socket and with it
/// the session; an agent's window of unacknowledged output is smaller than that queue.
final class ExecRelay {
  /// An end of a session.
  enum Side {
    CLIENT,
    AGENT
  }

  private volatile @Nullable BinarySocket client;
  private volatile @Nullable BinarySocket agent;
  private volatile boolean active;

  /// From now on this socket is that end.
  void join(Side side, BinarySocket socket) {
    switch (side) {
      case CLIENT -> client = socket;
      case AGENT -> agent = socket;
    }
  }

  /// The socket of an end, or null while there is none.
  @Nullable BinarySocket end(Side side) {
    return switch (side) {
      case CLIENT -> client;
      case AGENT -> agent;
    };
  }

  /// Nothing is carried any more.
  void close() {
    client = null;
    agent = null;
  }

  /// Whether anything was typed or written since this was last asked.
  boolean takeActive() {
    boolean was = active;
    active = false;
    return was;
  }

  /// Carries one message to the other end.
  ///
  /// @param type the message's own
  /// @return false if it is not one that is carried
  boolean carry(Side from, String type, byte[] message) {
    boolean stream = type.equals(from == Side.CLIENT ? AgentMessage.INPUT : AgentMessage.OUTPUT);
    if (!stream && !type.equals(AgentMessage.ACKNOWLEDGE)) {
      return false;
    }
    if (stream) {
      active = true;
    }
    BinarySocket to = from == Side.CLIENT ? agent : client;
    if (to != null) {
      to.send(message);
    }
    return true;
  }
}

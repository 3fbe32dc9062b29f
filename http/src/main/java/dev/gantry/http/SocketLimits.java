package dev.gantry.http;

import java.time.Duration;

/// What one WebSocket may cost.
///
/// @param messageBytes the longest message taken, in bytes of UTF-8, fragments together
/// @param queuedMessages the most messages waiting to be written
/// @param queuedBytes the most bytes waiting to be written
/// @param idle how long the other end may be silent; after half of it, it is asked with a ping
/// @param close how long the other end may take to answer a close frame
public record SocketLimits(
    int messageBytes, int queuedMessages, int queuedBytes, Duration idle, Duration close) {

  /// What a server has unless told otherwise. The Amazon ECS agent gives up a socket that was
  /// silent for three minutes.
  public static final SocketLimits DEFAULT =
      new SocketLimits(
          1024 * 1024, 4_096, 16 * 1024 * 1024, Duration.ofMinutes(5), Duration.ofSeconds(10));

  /// What a socket of binary messages may cost at most, whatever the server's own limits are. Such
  /// sockets carry terminals: a message is a keystroke or a screen, and what waits is what a client
  /// that has stopped reading costs. The agent's window (1 MiB) fits into the queue.
  static final int MAX_BINARY_MESSAGE_BYTES = 64 * 1024;

  static final int MAX_BINARY_QUEUED_BYTES = 4 * 1024 * 1024;

  /// These limits for a socket of binary messages.
  SocketLimits forBinary() {
    return new SocketLimits(
        Math.min(messageBytes, MAX_BINARY_MESSAGE_BYTES),
        queuedMessages,
        Math.min(queuedBytes, MAX_BINARY_QUEUED_BYTES),
        idle,
        close);
  }
}

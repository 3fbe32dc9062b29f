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
}

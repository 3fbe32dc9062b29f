package dev.gantry.wire;

/// One end of an open WebSocket that carries binary messages beside text. Both kinds share one
/// queue and keep their order; all of [TextSocket] holds for either.
public interface BinarySocket extends TextSocket {

  /// Queues one binary message. The array must not be changed afterwards.
  void send(byte[] message);
}

package dev.gantry.wire;

/// Where the rest of a response's body goes, piece by piece. Methods may be called from any thread
/// and never block: pieces wait in a queue of few, and are written in order.
public interface BodySink {

  /// How many pieces [#send] takes now; 0 when it has ended too.
  int room();

  /// Queues one piece.
  ///
  /// @param piece never changed afterwards; not empty
  /// @return false if there is no room, or the response has ended; the piece was not taken
  boolean send(byte[] piece);

  /// The body ends with what was sent so far.
  void end();
}

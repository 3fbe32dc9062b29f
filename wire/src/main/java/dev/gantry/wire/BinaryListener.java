package dev.gantry.wire;

/// Hears what happens on one WebSocket that carries binary messages beside text. Calls for one
/// socket never overlap and come in order: one [#opened], any number of [#text] and [#binary], one
/// [#closed].
public interface BinaryListener {

  /// The handshake is done.
  void opened(BinarySocket socket);

  /// One whole text message, already reassembled and within the adapter's size limit.
  void text(String message);

  /// One whole binary message, likewise. The array is the listener's own.
  void binary(byte[] message);

  /// The socket is gone; nothing follows.
  ///
  /// @param code the RFC 6455 close code, 1006 when the connection ended without a close frame
  void closed(int code, String reason);

  /// A listener of text alone, on a socket that carries nothing else.
  static BinaryListener ofText(SocketListener listener) {
    return new BinaryListener() {
      @Override
      public void opened(BinarySocket socket) {
        listener.opened(socket);
      }

      @Override
      public void text(String message) {
        listener.text(message);
      }

      @Override
      public void binary(byte[] message) {
        throw new IllegalStateException("a binary message on a socket that carries text only");
      }

      @Override
      public void closed(int code, String reason) {
        listener.closed(code, reason);
      }
    };
  }
}

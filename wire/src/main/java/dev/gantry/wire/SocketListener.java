package dev.gantry.wire;

/// Hears what happens on one WebSocket. Calls for one socket never overlap and come in order: one
/// [#opened], any number of [#text], one [#closed].
public interface SocketListener {

  /// The handshake is done.
  void opened(TextSocket socket);

  /// One whole text message, already reassembled and within the adapter's size limit.
  void text(String message);

  /// The socket is gone; nothing follows.
  ///
  /// @param code the RFC 6455 close code, 1006 when the connection ended without a close frame
  void closed(int code, String reason);
}

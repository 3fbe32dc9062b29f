package dev.gantry.wire;

/// One end of an open WebSocket that carries text messages.
///
/// Methods may be called from any thread and never block: messages are queued and written in order.
/// A queue that grows past the adapter's limit closes the socket instead of growing further.
public interface TextSocket {

  /// Queues one text message. Silently dropped when the socket is already closing: the close is
  /// always told to the [SocketListener], so nothing is lost unnoticed.
  void send(String text);

  /// Starts an orderly close after the messages queued so far.
  ///
  /// @param code an RFC 6455 close code
  /// @param reason at most 123 bytes in UTF-8
  void close(int code, String reason);
}

package dev.gantry.wire;

import java.util.function.Consumer;

/// What a server serves. The `http` room adapts this port to the network; the control plane stands
/// behind it.
///
/// Called from any thread, many at once. No method blocks: an answer that needs a durable commit is
/// given later, from the thread that learns of it.
public interface Endpoint {

  /// The largest body, in bytes, that the server may read for this request. A longer body is
  /// answered through [#tooLarge] without being read to its end.
  long bodyLimit(RequestHead head);

  /// The answer to a request whose body went past [#bodyLimit], in the shape of the service it was
  /// meant for.
  WireResponse tooLarge(RequestHead head);

  /// Handles one request.
  ///
  /// @param request the request, whole
  /// @param answer is called exactly once, from any thread, possibly before this method returns
  void handle(WireRequest request, Consumer<WireResponse> answer);

  /// Decides on a WebSocket upgrade. The server completes the handshake only on [Upgrade.Accepted].
  Upgrade upgrade(RequestHead head);

  /// The decision on a WebSocket upgrade.
  sealed interface Upgrade {
    /// The handshake ends with this plain HTTP response.
    record Refused(WireResponse response) implements Upgrade {}

    /// The handshake succeeds; what happens on the socket is told to `listener`.
    record Accepted(SocketListener listener) implements Upgrade {}

    /// The handshake succeeds, and the socket carries binary messages beside text.
    record AcceptedBinary(BinaryListener listener) implements Upgrade {}
  }
}

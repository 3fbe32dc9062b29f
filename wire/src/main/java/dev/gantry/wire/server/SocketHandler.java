package dev.gantry.wire.server;

import dev.gantry.wire.Endpoint;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Decides on WebSockets.
public interface SocketHandler {

  /// Accepts or refuses one socket whose upgrade request was verified. Called from any thread; must
  /// not block.
  ///
  /// A refusal is an HTTP response, body included: the ECS agent reads the error type out of it.
  Endpoint.Upgrade upgrade(SocketCall call);

  /// The signing names of services that have sockets and no operations. A socket may be signed for
  /// these, and for any service that the endpoint serves.
  default List<String> signingNames() {
    return List.of();
  }

  /// Decides on one socket whose upgrade request was not verified: for protocols whose clients show
  /// a token on the socket instead. Called from any thread; must not block.
  ///
  /// @return null where a signature is what counts: the request is refused for the want of it
  default Endpoint.@Nullable Upgrade unsigned(UnsignedCall call) {
    return null;
  }
}

package dev.gantry.wire.server;

import dev.gantry.wire.Endpoint;

/// Decides on WebSockets whose upgrade request was verified.
public interface SocketHandler {

  /// Accepts or refuses one socket. Called from any thread; must not block.
  ///
  /// A refusal is an HTTP response, body included: the ECS agent reads the error type out of it.
  Endpoint.Upgrade upgrade(SocketCall call);
}

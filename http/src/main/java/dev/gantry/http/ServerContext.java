package dev.gantry.http;

import dev.gantry.wire.Endpoint;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// What all connections of one server share.
final class ServerContext {
  private final Endpoint endpoint;
  private final HttpLimits http;
  private final SocketLimits sockets;
  private final Watchdog watchdog = new Watchdog();
  private final Set<WebSocket> open = ConcurrentHashMap.newKeySet();
  private final Set<StreamedBody> bodies = ConcurrentHashMap.newKeySet();
  private final Set<HttpConnection> connections = ConcurrentHashMap.newKeySet();
  private volatile boolean stopping;

  ServerContext(Endpoint endpoint, HttpLimits http, SocketLimits sockets) {
    this.endpoint = endpoint;
    this.http = http;
    this.sockets = sockets;
  }

  Endpoint endpoint() {
    return endpoint;
  }

  HttpLimits http() {
    return http;
  }

  SocketLimits sockets() {
    return sockets;
  }

  Watchdog watchdog() {
    return watchdog;
  }

  /// Counts a socket in.
  ///
  /// @return false if the server is stopping: agents reconnect at once when a socket is closed, and
  ///   must not find the door open
  boolean open(WebSocket socket) {
    open.add(socket);
    if (stopping) {
      open.remove(socket);
      return false;
    }
    return true;
  }

  void closed(WebSocket socket) {
    open.remove(socket);
  }

  /// Counts a body that goes on in.
  ///
  /// @return false if the server is stopping
  boolean open(StreamedBody body) {
    bodies.add(body);
    if (stopping) {
      bodies.remove(body);
      return false;
    }
    return true;
  }

  void closed(StreamedBody body) {
    bodies.remove(body);
  }

  void arrived(HttpConnection connection) {
    connections.add(connection);
  }

  void left(HttpConnection connection) {
    connections.remove(connection);
  }

  /// Whether the server takes leave.
  boolean isStopping() {
    return stopping;
  }

  /// Lets no further socket in, takes leave of the open ones and of connections that wait, and ends
  /// the bodies that go on.
  void stop() {
    stopping = true;
    connections.forEach(HttpConnection::takeLeave);
    for (WebSocket socket : open) {
      socket.close(WebSocket.GOING_AWAY, "the server is stopping");
    }
    for (StreamedBody body : bodies) {
      body.end();
    }
  }

  /// Whether anything is open that takes leave before the server may end.
  boolean isBusy() {
    return !open.isEmpty() || !bodies.isEmpty();
  }
}

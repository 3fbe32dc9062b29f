package dev.gantry.conformance.fuzz;

import java.net.Socket;
import java.util.ArrayDeque;
import java.util.Deque;

/// Connections left open in the middle of a request; the oldest is closed when there are too many.
final class Abandoned implements AutoCloseable {
  static final int MOST = 200;

  private final Deque<Socket> sockets = new ArrayDeque<>();

  synchronized void add(Socket socket) {
    sockets.add(socket);
    if (sockets.size() > MOST) {
      Client.reset(sockets.remove());
    }
  }

  @Override
  public synchronized void close() {
    sockets.forEach(Client::reset);
    sockets.clear();
  }
}

package dev.gantry.control.session;

import dev.gantry.model.Change;
import dev.gantry.store.State;
import dev.gantry.wire.BinarySocket;
import dev.gantry.wire.TextSocket;

/// Where the sessions put what they want done.
public interface Outbox {

  /// Send a message.
  void send(TextSocket socket, String text);

  /// Send a binary message.
  void send(BinarySocket socket, byte[] message);

  /// End a socket.
  void close(TextSocket socket, int code, String reason);

  /// State with every decision so far, those of this outbox included. What is changed is read from
  /// here.
  State head();

  /// Change State; decided on head, at once.
  void change(Change change);
}

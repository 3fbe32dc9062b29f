package dev.gantry.sim;

import dev.gantry.sim.SimNetwork.Route;
import dev.gantry.wire.BinaryListener;
import dev.gantry.wire.BinarySocket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One WebSocket. Each end has its own opinion of whether it is open: a cut route, or an end that
/// died without a word, leaves the other believing in it.
final class SimSocket {
  /// The code of a connection that ended without a close frame (RFC 6455, 7.4.1).
  static final int ABNORMAL = 1006;

  /// A client waits no longer than this for its handshake.
  static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(15);

  /// The client's end.
  interface Client {
    /// The handshake is done.
    void opened(SimSocket socket);

    /// There will be no socket.
    void refused(SimSocket socket, int status, String body);

    /// A frame came.
    void text(SimSocket socket, String text);

    /// A binary frame came.
    void binary(SimSocket socket, byte[] message);

    /// It is gone.
    void closed(SimSocket socket, int code, String reason);
  }

  /// One direction: frames keep their order.
  private final class Direction {
    private Instant last = World.START;
    private List<Runnable> held = new ArrayList<>();

    void carry(Runnable delivery) {
      if (route.isCut()) {
        held.add(delivery);
        return;
      }
      Instant arrival = world.now().plus(network.latency());
      last = arrival.isBefore(last) ? last : arrival;
      world.at(last, "frame", delivery);
      Runnable end = atNextFrame;
      if (end != null) {
        atNextFrame = null;
        end.run();
      }
    }

    List<Runnable> takeHeld() {
      List<Runnable> taken = held;
      held = new ArrayList<>();
      return taken;
    }
  }

  /// Where one end stands, in its own eyes.
  private enum End {
    OPENING,
    OPEN,
    CLOSING,
    OVER
  }

  private final long number;
  private final Route route;
  private final World world;
  private final SimNetwork network;
  private final Client client;
  private final Direction up = new Direction();
  private final Direction down = new Direction();
  private @Nullable BinaryListener listener;
  private End clientEnd = End.OPENING;
  private End serverEnd = End.OPENING;
  private boolean clientGone;
  private @Nullable Runnable atNextFrame;
  private boolean broken;

  SimSocket(long number, Route route, SimNetwork network, Client client) {
    this.number = number;
    this.route = route;
    this.world = network.world();
    this.network = network;
    this.client = client;
  }

  Route route() {
    return route;
  }

  /// Both ends believe in it.
  boolean isOpen() {
    return clientEnd == End.OPEN && serverEnd == End.OPEN && !broken;
  }

  /// Something is on its way.
  boolean isBusy() {
    return up.last.isAfter(world.now()) || down.last.isAfter(world.now());
  }

  /// Neither end cares any more.
  boolean isOver() {
    return clientEnd == End.OVER && serverEnd == End.OVER;
  }

  // ---- the handshake
  // ------------------------------------------------------------------------------

  void dial(Runnable arrival) {
    up.carry(arrival);
    world.after(
        HANDSHAKE_TIMEOUT,
        "handshake timeout",
        () -> {
          if (clientEnd == End.OPENING) {
            clientEnd = End.OVER;
            client.refused(this, 0, "timed out");
          }
        });
  }

  void refuse(int status, String body) {
    serverEnd = End.OVER;
    down.carry(() -> {
      if (clientEnd == End.OPENING) {
        clientEnd = End.OVER;
        if (!clientGone) {
          client.refused(this, status, body);
        }
      }
    });
  }

  void accept(BinaryListener accepted) {
    if (serverEnd != End.OPENING) {
      return;
    }
    listener = accepted;
    serverEnd = End.OPEN;
    down.carry(() -> {
      if (clientEnd == End.OPENING) {
        clientEnd = End.OPEN;
        client.opened(this);
      } else {
        // It has given up waiting, or died.
        serverHearsLater();
      }
    });
    accepted.opened(new ServerSide());
  }

  // ---- the client's side
  // --------------------------------------------------------------------------

  /// The client sends a frame.
  void send(String text) {
    sendUp(heard -> heard.text(text));
  }

  /// The client sends a binary frame.
  void send(byte[] message) {
    sendUp(heard -> heard.binary(message));
  }

  private void sendUp(Consumer<BinaryListener> frame) {
    if (clientEnd == End.OPEN && !broken) {
      up.carry(() -> {
        late();
        if (serverEnd == End.OPEN && listener != null) {
          frame.accept(listener);
        } else if (serverEnd == End.OVER) {
          // The server's host has never heard of this connection, or has forgotten it.
          clientHears(ABNORMAL, "");
        }
      });
    }
  }

  /// The client closes; it is told the end soon, whether or not the server answers.
  void close(int code, String reason) {
    if (clientEnd == End.OPEN) {
      clientEnd = End.CLOSING;
      up.carry(() -> serverHears(code, reason));
      world.after(
          network.latency().multipliedBy(2),
          "client closed",
          () -> {
            if (clientEnd == End.CLOSING) {
              clientEnd = End.OVER;
              client.closed(this, code, reason);
            }
          });
    }
  }

  // ---- the server's side
  // --------------------------------------------------------------------------

  private final class ServerSide implements BinarySocket {
    @Override
    public void send(String text) {
      send(() -> network.seams().arrives(text), () -> client.text(SimSocket.this, text));
    }

    @Override
    public void send(byte[] message) {
      send(() -> true, () -> client.binary(SimSocket.this, message));
    }

    private void send(BooleanSupplier arrives, Runnable arrival) {
      if (serverEnd == End.OPEN && !broken) {
        down.carry(() -> {
          late();
          if (route.isDark() || !arrives.getAsBoolean()) {
            return;
          }
          if (clientEnd == End.OPEN) {
            arrival.run();
          } else if (clientGone) {
            // Whoever lives there now has never heard of this connection.
            serverHearsLater();
          }
        });
      }
    }

    @Override
    public void close(int code, String reason) {
      if (serverEnd == End.OPEN) {
        serverEnd = End.CLOSING;
        down.carry(() -> clientHears(code, reason));
        world.after(
            network.latency().multipliedBy(2),
            "server closed",
            () -> {
              if (serverEnd == End.CLOSING) {
                serverEnd = End.OVER;
                if (listener != null) {
                  listener.closed(code, reason);
                }
              }
            });
      }
    }
  }

  // ---- what goes wrong
  // ----------------------------------------------------------------------------

  /// The connection breaks: both ends hear of it, each at its own time, and nobody knows which of
  /// the frames on their way were read before that. What was, is sent again on the next connection
  /// all the same.
  ///
  /// @param upRead the server still reads what was on its way to it; else it is lost
  /// @param downRead so does the client
  void breakOff(boolean upRead, boolean downRead) {
    world.trace().note("network", () -> "socket " + number + " of " + route.place() + " breaks");
    network.tally().count("socket broke");
    broken = true;
    if (serverEnd != End.OPEN && serverEnd != End.CLOSING) {
      serverEnd = End.OVER;
    } else if (upRead) {
      world.at(up.last, "server hears", () -> serverHears(ABNORMAL, "connection reset"));
    } else {
      serverEnd = End.CLOSING;
      serverHearsLater();
    }
    if (clientEnd == End.OPEN || clientEnd == End.CLOSING) {
      Instant heard = world.now().plus(network.latency());
      if (downRead) {
        heard = down.last;
      } else {
        clientEnd = End.CLOSING;
      }
      world.at(heard, "client hears", () -> clientHears(ABNORMAL, "connection reset"));
    }
  }

  /// [#breakOff] as soon as a frame is on its way.
  void breakAtNextFrame(boolean upRead, boolean downRead) {
    atNextFrame =
        () -> {
          if (isOpen()) {
            breakOff(upRead, downRead);
          }
        };
  }

  /// What was to break it later is over.
  void heal() {
    atNextFrame = null;
  }

  private void late() {
    if (broken && clientEnd != End.OVER && serverEnd != End.OVER) {
      network.tally().count("frame arrives when its connection is broken");
    }
  }

  /// The route is whole again.
  ///
  /// @param lost the connection did not survive, if anything waited
  void routeHealed(boolean lost) {
    List<Runnable> upward = up.takeHeld();
    List<Runnable> downward = down.takeHeld();
    if (upward.isEmpty() && downward.isEmpty()) {
      return;
    }
    if (lost && clientEnd != End.OPENING) {
      breakOff(false, false);
    } else if (lost) {
      serverEnd = End.OVER;
      down.carry(() -> {
        if (clientEnd == End.OPENING && !clientGone) {
          clientEnd = End.OVER;
          client.refused(this, 0, "timed out");
        }
      });
    } else {
      upward.forEach(up::carry);
      downward.forEach(down::carry);
    }
  }

  /// The server's process is gone.
  void serverDied(boolean told) {
    boolean known = serverEnd == End.OPEN || serverEnd == End.CLOSING;
    serverEnd = End.OVER;
    listener = null;
    if (known && told) {
      down.carry(() -> clientHears(ABNORMAL, "connection reset"));
    } else if (clientEnd == End.OPENING) {
      down.carry(() -> {
        if (clientEnd == End.OPENING && !clientGone) {
          clientEnd = End.OVER;
          client.refused(this, 0, "connection reset");
        }
      });
    }
  }

  /// The client's process is gone.
  void clientDied(boolean told) {
    clientGone = true;
    clientEnd = End.OVER;
    if (told) {
      up.carry(() -> serverHears(ABNORMAL, "connection reset"));
    }
  }

  private void clientHears(int code, String reason) {
    if (clientGone || route.isDark()) {
      return;
    }
    if (clientEnd == End.OPEN || clientEnd == End.CLOSING) {
      clientEnd = End.OVER;
      client.closed(this, code, reason);
    } else if (clientEnd == End.OPENING) {
      clientEnd = End.OVER;
      client.refused(this, 0, reason);
    }
  }

  private void serverHearsLater() {
    world.after(network.latency(), "server hears", () -> serverHears(ABNORMAL, "connection reset"));
  }

  private void serverHears(int code, String reason) {
    if (serverEnd == End.OPEN || serverEnd == End.CLOSING) {
      serverEnd = End.OVER;
      if (listener != null) {
        listener.closed(code, reason);
      }
    }
  }
}

package dev.gantry.sim;

import dev.gantry.wire.BinaryListener;
import dev.gantry.wire.Endpoint.Upgrade;
import dev.gantry.wire.Headers;
import dev.gantry.wire.RequestHead;
import dev.gantry.wire.WireRequest;
import dev.gantry.wire.WireResponse;
import dev.gantry.wire.client.ClientRequest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/// What joins clients and hosts with the one server: connections that behave like TCP's.
///
/// A request, or its answer, takes its time and may be lost, so that a caller hears nothing of what
/// was done all the same. Requests overtake each other; the frames of one socket never do. While a
/// route is cut, what is sent waits, as TCP repeats it: when the route is whole again it arrives
/// late, or its connection is gone. A host without power says nothing to anybody until it is back.
final class SimNetwork {
  /// Where the server is, for everybody.
  static final URI ENDPOINT = URI.create("http://gantry.test:4566");

  private static final Duration USUAL_LATENCY = Duration.ofMillis(2);

  /// What stands behind the endpoint.
  interface Server {
    /// Whether anything listens.
    boolean listens();

    /// A request arrived.
    void handle(WireRequest request, Consumer<WireResponse> answer);

    /// A handshake arrived.
    Upgrade upgrade(RequestHead head);
  }

  /// How a call ended.
  sealed interface Reply {
    /// With an answer.
    record Answer(WireResponse response) implements Reply {}

    /// Without.
    record Lost(String why) implements Reply {}
  }

  /// The way from one place to the server and back.
  final class Route {
    private final String place;
    private boolean cut;
    private boolean dark;
    private List<Runnable> held = new ArrayList<>();
    private long sent;
    private long arrived;

    private Route(String place) {
      this.place = place;
    }

    /// Whose way it is.
    String place() {
      return place;
    }

    boolean isCut() {
      return cut;
    }

    boolean isDark() {
      return dark;
    }

    /// The place has lost its power: what it is sent vanishes.
    void dark(boolean now) {
      dark = now;
    }

    /// Nothing passes until [#heal].
    void cut() {
      if (!cut) {
        cut = true;
        note("is cut off");
      }
    }

    /// Everything passes again.
    void heal() {
      if (!cut) {
        return;
      }
      cut = false;
      note("is reachable again");
      List<Runnable> late = held;
      held = new ArrayList<>();
      for (Runnable message : late) {
        if (!chance.oneIn(2)) {
          send(message);
        }
      }
      for (SimSocket socket : List.copyOf(sockets.values())) {
        if (socket.route() == this) {
          socket.routeHealed(chance.oneIn(2));
        }
      }
    }

    /// Carries something that may overtake other things.
    private void send(Runnable delivery) {
      if (cut) {
        tally.count("message held back");
        held.add(delivery);
      } else {
        world.after(latency(), "message", delivery);
      }
    }

    /// Carries a request that may overtake others.
    private void ask(Runnable delivery) {
      long number = ++sent;
      send(() -> {
        if (number < arrived) {
          tally.count("request overtaken");
        }
        arrived = Math.max(arrived, number);
        delivery.run();
      });
    }

    private void note(String what) {
      world.trace().note("network", () -> place + " " + what);
    }
  }

  private static final class Exchange {
    private final Route route;
    private final Consumer<Reply> then;
    private boolean over;

    Exchange(Route route, Consumer<Reply> then) {
      this.route = route;
      this.then = then;
    }

    void end(Reply reply) {
      if (!over) {
        over = true;
        then.accept(reply);
      }
    }
  }

  private final World world;
  private final Chance chance;
  private final Server server;
  private final Tally tally;
  private final Seams seams;
  private final Map<String, Route> routes = new TreeMap<>();
  private final TreeMap<Long, SimSocket> sockets = new TreeMap<>();
  private Set<Exchange> unanswered = new LinkedHashSet<>();
  private long lastSocket;
  private int slowness = 1;
  private int lossOneIn;
  private int repeatOneIn;
  private Duration jitter = Duration.ZERO;

  SimNetwork(World world, Server server, Tally tally, Seams seams) {
    this.world = world;
    this.chance = world.chance("network");
    this.server = server;
    this.tally = tally;
    this.seams = seams;
  }

  /// The route of a place; made when it is first asked for.
  Route route(String place) {
    return routes.computeIfAbsent(place, Route::new);
  }

  /// Everything takes so many times as long.
  void slowness(int factor) {
    slowness = factor;
  }

  /// One in so many requests or answers is lost; none if 0.
  void loss(int oneIn) {
    lossOneIn = oneIn;
  }

  /// One in so many requests that may be repeated is; none if 0.
  void repetition(int oneIn) {
    repeatOneIn = oneIn;
  }

  /// Each message takes up to so much longer.
  void jitter(Duration most) {
    jitter = most;
  }

  /// Whole, fast and safe again.
  void heal() {
    slowness = 1;
    lossOneIn = 0;
    repeatOneIn = 0;
    jitter = Duration.ZERO;
    routes.values().forEach(Route::heal);
    sockets.values().forEach(SimSocket::heal);
  }

  /// Sends a request.
  ///
  /// @param timeout after which the caller waits no longer
  /// @param repeatable an impatient client, or what stands between, may send it again: the same
  ///   bytes, some time later. The caller hears the first answer.
  /// @param then hears once how it ended
  void call(
      Route route,
      ClientRequest request,
      Duration timeout,
      boolean repeatable,
      Consumer<Reply> then) {
    Exchange exchange = new Exchange(route, then);
    world.after(timeout, "call timeout", () -> exchange.end(new Reply.Lost("timed out")));
    if (lost()) {
      tally.count("request lost");
      give(exchange, new Reply.Lost("connection reset"));
      return;
    }
    URI uri = request.uri();
    RequestHead head =
        new RequestHead(
            request.method(),
            uri.getRawPath(),
            uri.getRawQuery(),
            request.headers(),
            route.place());
    WireRequest whole = new WireRequest(head, request.body());
    if (repeatable && chance.oneIn(repeatOneIn)) {
      world.after(
          chance.between(Duration.ZERO, timeout),
          "request again",
          () -> {
            if (!route.dark) {
              tally.count("request repeated");
              route.ask(() -> arrive(exchange, whole));
            }
          });
    }
    route.ask(() -> arrive(exchange, whole));
  }

  private void arrive(Exchange exchange, WireRequest request) {
    if (!server.listens()) {
      give(exchange, new Reply.Lost("connection refused"));
      return;
    }
    unanswered.add(exchange);
    server.handle(
        request,
        response -> {
          unanswered.remove(exchange);
          if (lost()) {
            tally.count("answer lost");
            give(exchange, new Reply.Lost("connection reset"));
          } else {
            give(exchange, new Reply.Answer(response));
          }
        });
  }

  private void give(Exchange exchange, Reply reply) {
    exchange.route.send(() -> {
      if (!exchange.route.dark) {
        exchange.end(reply);
      }
    });
  }

  private boolean lost() {
    return chance.oneIn(lossOneIn);
  }

  /// Opens a WebSocket.
  ///
  /// @param headers those of the handshake, signed
  SimSocket open(Route route, URI uri, Headers headers, SimSocket.Client client) {
    forgetClosed();
    SimSocket socket = new SimSocket(++lastSocket, route, this, client);
    sockets.put(lastSocket, socket);
    RequestHead head =
        new RequestHead("GET", uri.getRawPath(), uri.getRawQuery(), headers, route.place());
    if (lost()) {
      tally.count("handshake lost");
      socket.refuse(0, "connection reset");
    } else {
      socket.dial(() -> {
        if (!server.listens()) {
          socket.refuse(0, "connection refused");
          return;
        }
        switch (server.upgrade(head)) {
          case Upgrade.Accepted(var listener) -> socket.accept(BinaryListener.ofText(listener));
          case Upgrade.AcceptedBinary(var listener) -> socket.accept(listener);
          case Upgrade.Refused(WireResponse response) ->
              socket.refuse(response.status(), new String(response.body(), StandardCharsets.UTF_8));
        }
      });
    }
    return socket;
  }

  /// Breaks one of the open sockets of a place, if it has any: mostly one that carries something,
  /// if need be the next time that it does, since a socket that breaks in silence shows little.
  void breakSocket(Route route) {
    List<SimSocket> open =
        sockets.values().stream()
            .filter(socket -> socket.route() == route && socket.isOpen())
            .toList();
    if (open.isEmpty()) {
      return;
    }
    List<SimSocket> busy = open.stream().filter(SimSocket::isBusy).toList();
    boolean upRead = chance.oneIn(2);
    boolean downRead = chance.oneIn(2);
    if (chance.oneIn(4)) {
      chance.pick(open).breakOff(upRead, downRead);
    } else if (!busy.isEmpty()) {
      chance.pick(busy).breakOff(upRead, downRead);
    } else {
      chance.pick(open).breakAtNextFrame(upRead, downRead);
    }
  }

  /// The server's process is gone.
  ///
  /// @param told its host says so to whoever is connected; else they find out by themselves
  void serverDied(boolean told) {
    Set<Exchange> gone = unanswered;
    unanswered = new LinkedHashSet<>();
    for (Exchange exchange : gone) {
      if (told) {
        give(exchange, new Reply.Lost("connection reset"));
      }
    }
    for (SimSocket socket : List.copyOf(sockets.values())) {
      socket.serverDied(told);
    }
    forgetClosed();
  }

  /// A client's process is gone: it hears nothing more.
  ///
  /// @param told its host says so to the server; else it finds out by itself
  void clientDied(Route route, boolean told) {
    for (SimSocket socket : List.copyOf(sockets.values())) {
      if (socket.route() == route) {
        socket.clientDied(told);
      }
    }
    forgetClosed();
  }

  private void forgetClosed() {
    sockets.values().removeIf(SimSocket::isOver);
  }

  /// How long the next message takes.
  Duration latency() {
    if (slowness > 1) {
      tally.count("slow message");
    }
    Duration usual = chance.about(USUAL_LATENCY).multipliedBy(slowness);
    return Budget.atMost(Budget.SLOWEST_NETWORK, usual.plus(chance.between(Duration.ZERO, jitter)));
  }

  World world() {
    return world;
  }

  Tally tally() {
    return tally;
  }

  Seams seams() {
    return seams;
  }
}

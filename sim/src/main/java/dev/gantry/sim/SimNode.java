package dev.gantry.sim;

import dev.gantry.agent.AgentCore;
import dev.gantry.agent.AgentEffect;
import dev.gantry.agent.AgentEffect.CallApi;
import dev.gantry.agent.AgentEffect.Channel;
import dev.gantry.agent.AgentEvent;
import dev.gantry.agent.AgentSettings;
import dev.gantry.agent.SteadyTime;
import dev.gantry.api.ecs.SubmitTaskStateChangeRequest;
import dev.gantry.api.ssmmessages.ChannelPaths;
import dev.gantry.sim.SimNetwork.Reply;
import dev.gantry.sim.SimNetwork.Route;
import dev.gantry.wire.WireResponse;
import dev.gantry.wire.client.AwsClient;
import dev.gantry.wire.json.MalformedInputException;
import dev.gantry.wire.shape.Operation;
import dev.gantry.wire.shape.ServiceException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One host: a clock that is a little wrong, a disk, an engine, and one agent process after the
/// other. The process is a real [AgentCore]; whoever carries out its effects can die between any
/// two of them.
final class SimNode {
  private static final Duration DISK = Duration.ofMillis(4);
  private static final Duration BOOT = Duration.ofMillis(500);
  private static final Duration SOON = Duration.ofNanos(50_000);

  private final String name;
  private final World world;
  private final Chance chance;
  private final SimNetwork network;
  private final Route route;
  private final SimEngine engine;
  private final HostChecks checks;
  private final Tally tally;
  private final AgentSettings settings;
  private final Seams seams;
  private final Fuse fuse = new Fuse();
  private final AwsClient client = new AwsClient();
  private final SortedMap<String, String> taskFiles = new TreeMap<>();
  private @Nullable String instanceFile;
  private @Nullable Incarnation process;
  private boolean powered = true;
  private boolean booting;
  private boolean retiring;
  private Duration skew;
  private int diskTroubleOneIn;
  private int diskSlowness = 1;
  private int dials;

  /// @param skew by how much its clock is wrong at first
  SimNode(
      String name,
      World world,
      SimNetwork network,
      HostChecks checks,
      Tally tally,
      AgentSettings settings,
      Duration skew,
      Seams seams) {
    this.name = name;
    this.world = world;
    this.chance = world.chance(name);
    this.network = network;
    this.route = network.route(name);
    this.engine = new SimEngine(name, world, this::now, checks, tally, seams);
    this.checks = checks;
    this.tally = tally;
    this.settings = settings;
    this.skew = skew;
    this.seams = seams;
  }

  // ---- its life
  // -----------------------------------------------------------------------------------

  /// Starts the agent, unless it runs, starts already, or has no power.
  void boot() {
    if (process != null || booting || !powered) {
      return;
    }
    booting = true;
    world.after(
        chance.about(BOOT),
        "agent boots",
        () -> {
          booting = false;
          if (powered && process == null) {
            Incarnation started = new Incarnation();
            process = started;
            started.tell(new AgentEvent.Begin());
          }
        });
  }

  /// Kills the agent at once.
  void crash() {
    fuse.putOut();
    Incarnation dead = process;
    if (dead != null) {
      note("the agent dies");
      tally.count("agent died");
      die(dead, true);
    }
  }

  /// Kills the agent after so many of its steps.
  void crashAfter(int steps) {
    fuse.light(steps);
  }

  /// Takes the power away: the agent, the engine and every container are gone without a word.
  void powerOff() {
    fuse.putOut();
    if (!powered) {
      return;
    }
    note("loses its power");
    tally.count("host lost power");
    powered = false;
    route.dark(true);
    Incarnation dead = process;
    if (dead != null) {
      die(dead, false);
    }
    engine.powerOff();
  }

  /// Gives it back.
  void powerOn() {
    if (!powered) {
      note("has power again");
      powered = true;
      route.dark(false);
      engine.start();
      boot();
    }
  }

  /// Its instance is about to be deregistered, and it to be replaced: an agent that starts in
  /// between is not taken any more, and may say so.
  void retire() {
    retiring = true;
  }

  /// Another host takes its place, under its name: nothing of the old one is left.
  void replace() {
    note("is replaced");
    retiring = false;
    crash();
    taskFiles.clear();
    instanceFile = null;
    engine.replace();
    boot();
  }

  /// Every so many writes fail; none if 0.
  void diskTrouble(int oneIn) {
    diskTroubleOneIn = oneIn;
  }

  /// Its disk takes so many times as long.
  void diskSlowness(int factor) {
    diskSlowness = factor;
  }

  /// Somebody sets its clock, ahead or back, so that it is wrong by `by`.
  void setClock(Duration by) {
    boolean ahead = by.compareTo(skew) > 0;
    note("its clock is set " + (ahead ? "ahead" : "back") + " by " + by.minus(skew));
    tally.count(ahead ? "clock set ahead" : "clock set back");
    skew = by;
  }

  /// Whole, reliable and up. A clock that is wrong stays so.
  void heal() {
    fuse.putOut();
    diskTroubleOneIn = 0;
    diskSlowness = 1;
    powerOn();
    engine.heal();
    boot();
  }

  private void die(Incarnation dead, boolean told) {
    process = null;
    engine.forget(dead);
    network.clientDied(route, told);
  }

  private void note(String what) {
    world.trace().note(name, () -> what);
  }

  // ---- what may be asked of it
  // --------------------------------------------------------------------

  String name() {
    return name;
  }

  Route route() {
    return route;
  }

  SimEngine engine() {
    return engine;
  }

  /// Where its agent stands, or null while there is none.
  AgentCore.@Nullable Summary summary() {
    Incarnation running = process;
    return running == null ? null : running.core.summary();
  }

  /// The container instance that its agent is, as far as that is known.
  @Nullable String instance() {
    AgentCore.Summary summary = summary();
    return summary == null ? null : summary.containerInstanceArn();
  }

  /// How often its agents have dialled the socket by which they hear of tasks.
  int dials() {
    return dials;
  }

  /// The names of its task files.
  List<String> taskFiles() {
    return List.copyOf(taskFiles.keySet());
  }

  private Instant now() {
    return world.now().plus(skew);
  }

  /// Counts nanoseconds, and nobody sets it.
  private long counter() {
    return Duration.between(Instant.EPOCH, world.now()).toNanos();
  }

  // ---- the agent's process
  // ------------------------------------------------------------------------

  /// One life.
  private final class Incarnation implements SimEngine.Asker, SimSocket.Client {
    private final AgentCore core = new AgentCore(settings, chance.generator());
    private final Map<Long, SimSocket> sockets = new LinkedHashMap<>();
    private final Map<SimSocket, Long> numbers = new LinkedHashMap<>();
    private final Map<Long, URI> telemetry = new LinkedHashMap<>();
    private long wishes;
    private @Nullable Instant wakeAt;
    private final SteadyTime steady = new SteadyTime(now(), counter());

    @Override
    public boolean lives() {
      return process == this;
    }

    @Override
    public void tell(AgentEvent event) {
      if (!lives()) {
        return;
      }
      List<AgentEffect> effects;
      try {
        effects = seams.agent(name, core.onEvent(time(), event));
      } catch (RuntimeException e) {
        throw new Violation(Invariant.NO_FAULT, "the agent of " + name + " failed on " + event, e);
      }
      for (AgentEffect effect : effects) {
        if (fuse.burns()) {
          note("the agent dies before " + effect);
          tally.count("agent died between two steps");
          die(this, true);
          boot();
          return;
        }
        carryOut(effect);
      }
    }

    private void carryOut(AgentEffect effect) {
      switch (effect) {
        case AgentEffect.LoadHome(long id) ->
            world.after(
                disk(),
                "home is read",
                () -> tell(new AgentEvent.HomeLoaded(id, instanceFile, new TreeMap<>(taskFiles))));
        case AgentEffect.SaveInstance(long id, String text) -> save(id, () -> instanceFile = text);
        case AgentEffect.SaveTask(long id, String file, String text) ->
            save(id, () -> taskFiles.put(file, text));
        case AgentEffect.DeleteTask(long id, String file) -> save(id, () -> taskFiles.remove(file));
        case AgentEffect.Quarantine _ ->
            throw new Violation(Invariant.NO_FAULT, name + " cannot read its own file: " + effect);
        case AgentEffect.WatchContainers _ -> engine.watch(this);
        case AgentEffect.FollowLog wish -> engine.follow(wish, this);
        case AgentEffect.ContinueLog(long follow) -> engine.more(follow, this);
        case CallApi<?, ?> call -> call(call);
        case AgentEffect.Request request -> engine.ask(request, this);
        case AgentEffect.OpenSocket(long number, Channel channel, String url) ->
            open(number, channel, url);
        case AgentEffect.SendText(long number, String text) -> send(number, text);
        case AgentEffect.SendBinary(long number, byte[] message) -> {
          SimSocket socket = sockets.get(number);
          if (socket != null) {
            socket.send(message);
          }
        }
        case AgentEffect.StartExec _,
            AgentEffect.ContinueExec _,
            AgentEffect.ExecInput _,
            AgentEffect.ResizeExec _,
            AgentEffect.EndExec _ ->
            throw new Violation(Invariant.NO_FAULT, name + " runs what nobody asked for");
        case AgentEffect.CloseSocket(long number, int code, String reason) -> {
          SimSocket socket = sockets.get(number);
          if (socket != null) {
            socket.close(code, reason);
          }
        }
        case AgentEffect.WakeAt(Instant at) -> {
          wakeAt = at;
          wakeAgain();
        }
        case AgentEffect.Note(var level, String text) ->
            world.trace().note(name, () -> level + " " + text);
        case AgentEffect.GiveUp(String reason) -> {
          if (!retiring) {
            throw new Violation(Invariant.NO_FAULT, name + " gives up: " + reason);
          }
          note("gives up: " + reason);
          tally.count("agent of a host that is replaced gave up");
        }
      }
    }

    private Instant time() {
      return steady.read(now(), counter());
    }

    /// Whoever waits, waits so long, whatever happens to the host's clock.
    private void wakeAgain() {
      long wish = ++wishes;
      Instant at = wakeAt;
      if (at != null) {
        world.after(
            Duration.between(time(), at),
            "agent wakes",
            () -> {
              if (wish == wishes) {
                wakeAt = null;
                tell(new AgentEvent.Woke());
              }
            });
      }
    }

    // ---- the disk
    // ---------------------------------------------------------------------------------

    private Duration disk() {
      if (diskSlowness > 1) {
        tally.count("agent's slow disk");
      }
      return Budget.atMost(Budget.SLOWEST_DISK, chance.about(DISK).multipliedBy(diskSlowness));
    }

    /// Writes at some moment, whole or not at all, and tells it a moment later. A process that has
    /// died before may or may not have got so far.
    private void save(long id, Runnable write) {
      if (chance.oneIn(diskTroubleOneIn)) {
        boolean done = chance.oneIn(2);
        tally.count("agent's disk failed");
        world.after(
            disk(),
            "disk fails",
            () -> {
              if (done && lives()) {
                write.run();
              }
              tell(new AgentEvent.DiskFailed(id, "no space left on device"));
            });
        return;
      }
      world.after(
          disk(),
          "disk writes",
          () -> {
            if (!lives()) {
              return;
            }
            write.run();
            world.after(SOON, "disk tells", () -> tell(new AgentEvent.Stored(id)));
          });
    }

    // ---- the control plane
    // ------------------------------------------------------------------------

    private <I, O> void call(CallApi<I, O> call) {
      if (call.input() instanceof SubmitTaskStateChangeRequest report) {
        checks.reported(engine, report);
      }
      Operation<I, O> operation = call.operation();
      world.trace().note(name, () -> "calls " + operation + " " + call.input());
      network.call(
          route,
          client.request(
              operation, call.input(), SimNetwork.ENDPOINT, SimControl.KEY, call.region(), now()),
          Budget.CALL_TIMEOUT,
          true,
          reply -> {
            AgentEvent event = event(call.id(), operation, reply);
            world.trace().note(name, () -> operation + ": " + event);
            tell(event);
          });
    }

    private <O> AgentEvent event(long id, Operation<?, O> operation, Reply reply) {
      return switch (reply) {
        case Reply.Lost(String why) -> new AgentEvent.Unanswered(id, why);
        case Reply.Answer(WireResponse response) -> {
          try {
            Object output =
                client.output(operation, response.status(), response.headers(), response.body());
            yield new AgentEvent.Answered(id, output);
          } catch (ServiceException refused) {
            yield new AgentEvent.Refused(id, refused.code(), refused.status(), refused.text());
          } catch (MalformedInputException e) {
            throw new Violation(Invariant.NO_FAULT, operation + " answers nonsense", e);
          }
        }
      };
    }

    private void open(long number, Channel channel, String url) {
      URI uri = channel == Channel.EXEC ? SimNetwork.ENDPOINT.resolve(url) : URI.create(url);
      String service = channel == Channel.EXEC ? ChannelPaths.SIGNING_NAME : "ecs";
      dials += channel == Channel.ACS ? 1 : 0;
      SimSocket socket =
          network.open(
              route,
              uri,
              client.upgradeHeaders(uri, service, SimControl.KEY, settings.region(), now()),
              this);
      sockets.put(number, socket);
      numbers.put(socket, number);
      if (channel == Channel.TCS) {
        telemetry.put(number, uri);
      }
    }

    private void send(long number, String text) {
      SimSocket socket = sockets.get(number);
      if (socket == null) {
        return;
      }
      world.trace().note(name, () -> "says " + text);
      URI signed = telemetry.get(number);
      socket.send(signed == null ? text : frame(signed, text));
    }

    /// Telemetry is signed message by message.
    private String frame(URI uri, String message) {
      return client.signedFrame(uri, message, "ecs", SimControl.KEY, settings.region(), now());
    }

    @Override
    public void opened(SimSocket socket) {
      Long number = numbers.get(socket);
      if (number != null) {
        tell(new AgentEvent.SocketOpened(number));
      }
    }

    @Override
    public void refused(SimSocket socket, int status, String body) {
      Long number = forget(socket);
      if (number != null) {
        tell(new AgentEvent.SocketRefused(number, status, body));
      }
    }

    @Override
    public void text(SimSocket socket, String text) {
      Long number = numbers.get(socket);
      if (number != null) {
        world.trace().note(name, () -> "hears " + text);
        tell(new AgentEvent.SocketText(number, text));
      }
    }

    @Override
    public void binary(SimSocket socket, byte[] message) {
      Long number = numbers.get(socket);
      if (number != null) {
        tell(new AgentEvent.SocketBinary(number, message));
      }
    }

    @Override
    public void closed(SimSocket socket, int code, String reason) {
      Long number = forget(socket);
      if (number != null) {
        tell(new AgentEvent.SocketClosed(number, code, reason));
      }
    }

    private @Nullable Long forget(SimSocket socket) {
      Long number = numbers.remove(socket);
      if (number != null) {
        sockets.remove(number);
        telemetry.remove(number);
      }
      return number;
    }
  }
}

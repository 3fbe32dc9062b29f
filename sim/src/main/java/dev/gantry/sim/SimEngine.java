package dev.gantry.sim;

import dev.gantry.agent.AgentEffect;
import dev.gantry.agent.AgentEffect.Request;
import dev.gantry.agent.AgentEvent;
import dev.gantry.agent.AgentEvent.LogLine;
import dev.gantry.agent.ContainerRuntime.ContainerSpec;
import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.ContainerStatus.State;
import dev.gantry.agent.ContainerRuntime.EngineInfo;
import dev.gantry.agent.ContainerRuntime.ImageInfo;
import dev.gantry.agent.ContainerRuntime.PublishedPort;
import dev.gantry.agent.ContainerRuntime.Pulled;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure.Kind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One host's container engine. It knows nothing of agents but who asks: what it runs goes on when
/// its agent dies, and ends when its host does.
///
/// What it is asked takes its time, and sometimes the answer does not come although it was done, or
/// comes before it is done.
@SuppressWarnings(
    "ReferenceEquality") // an incarnation of a container or a caller is itself, not its equal
final class SimEngine {
  /// Whoever asks.
  interface Asker {
    /// Whether anybody is there.
    boolean lives();

    /// Hears an answer or news, unless it is dead.
    void tell(AgentEvent event);
  }

  /// Images that every engine has.
  static final List<String> CACHED = List.of("app:1", "app:2");

  /// An image that the registry has.
  static final String REMOTE = "registry.test/app:3";

  /// An image that nobody has.
  static final String ABSENT = "registry.test/nothing:1";

  private static final int CPUS = 4;
  private static final long MEMORY_BYTES = 8L << 30;
  private static final int FIRST_EPHEMERAL_PORT = 32_768;
  private static final int LINES_PER_BATCH = 20;
  private static final int KILLED = 137;
  private static final int TERMINATED = 143;

  private static final Duration LOOK = Duration.ofMillis(2);
  private static final Duration PULL = Duration.ofMillis(1500);
  private static final Duration CREATE = Duration.ofMillis(60);
  private static final Duration START = Duration.ofMillis(180);
  private static final Duration REMOVE = Duration.ofMillis(40);
  private static final Duration MOST_DISORDER =
      Duration.ofMillis(SimContainer.STAMP_DISORDER_MS).minusNanos(1);
  private static final Duration NEWS = Duration.ofMillis(1);

  /// The engine refuses.
  private static final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;
    private final Kind kind;
    private final String text;

    Refusal(Kind kind, String text) {
      super(text, null, false, false);
      this.kind = kind;
      this.text = text;
    }
  }

  /// What is to be done at some moment.
  private interface Act {
    /// @param hears whoever hears the answer
    void carryOut(Asker hears) throws Refusal;
  }

  /// Hears nothing.
  private record Nobody() implements Asker {
    @Override
    public boolean lives() {
      return false;
    }

    @Override
    public void tell(AgentEvent event) {}
  }

  private static final class Following {
    private final long number;
    private final SimContainer container;
    private final Asker asker;
    private final @Nullable Instant since;
    private int next;
    private boolean withheld;

    Following(long number, SimContainer container, Asker asker, @Nullable Instant since) {
      this.number = number;
      this.container = container;
      this.asker = asker;
      this.since = since;
    }
  }

  private final String host;
  private final World world;
  private final Chance chance;
  private final Supplier<Instant> clock;
  private final HostChecks checks;
  private final Tally tally;
  private final Seams seams;
  private final Map<String, SimContainer> containers = new LinkedHashMap<>();
  private final Map<String, String> names = new TreeMap<>();
  private final Map<String, SimContainer> portOwners = new TreeMap<>();
  private final Set<String> images = new TreeSet<>(CACHED);
  private final List<SimContainer> removed = new ArrayList<>();
  private List<Following> followings = new ArrayList<>();
  private @Nullable Asker watcher;
  private boolean up = true;
  private long epoch;
  private int unheard;
  private int slowness = 1;
  private int troubleOneIn;
  private int pullsHangOneIn;
  private int pullsFailOneIn;
  private int nextPort = FIRST_EPHEMERAL_PORT;

  /// @param clock the host's
  SimEngine(
      String host,
      World world,
      Supplier<Instant> clock,
      HostChecks checks,
      Tally tally,
      Seams seams) {
    this.host = host;
    this.world = world;
    this.chance = world.chance("engine of " + host);
    this.clock = clock;
    this.checks = checks;
    this.tally = tally;
    this.seams = seams;
  }

  // ---- its condition
  // ------------------------------------------------------------------------------

  /// Everything takes so many times as long.
  void slowness(int factor) {
    slowness = factor;
  }

  /// One in so many requests goes wrong; none if 0.
  void trouble(int oneIn) {
    troubleOneIn = oneIn;
  }

  /// One in so many pulls gets stuck; none if 0.
  void pullsHang(int oneIn) {
    pullsHangOneIn = oneIn;
  }

  /// One in so many pulls is refused for now; none if 0.
  void pullsFail(int oneIn) {
    pullsFailOneIn = oneIn;
  }

  /// Stops the engine.
  ///
  /// @param spare leave containers running, as an engine that is only updated does
  void stop(boolean spare) {
    if (!up) {
      return;
    }
    note(() -> "the engine stops" + (spare ? ", its containers run on" : ""));
    tally.count(spare ? "engine stopped, containers ran on" : "engine stopped with its containers");
    up = false;
    epoch++;
    if (!spare) {
      for (SimContainer container : containers.values()) {
        if (container.runs()) {
          end(container, KILLED);
        }
      }
    }
    List<Following> broken = followings;
    followings = new ArrayList<>();
    for (Following following : broken) {
      news(
          following.asker,
          new AgentEvent.LogBroken(
              following.number, Kind.UNREACHABLE, "the engine closed the connection"));
    }
  }

  /// Starts it again.
  void start() {
    if (!up) {
      note(() -> "the engine is back");
      up = true;
      gap();
    }
  }

  /// Its host loses its power.
  void powerOff() {
    stop(false);
    watcher = null;
    followings = new ArrayList<>();
  }

  /// A new host's engine: the containers of the old one are gone, and nobody will ask for them.
  void replace() {
    epoch++;
    for (SimContainer container : containers.values()) {
      container.lost = true;
      if (container.runs()) {
        end(container, KILLED);
      }
    }
    removed.addAll(containers.values());
    containers.clear();
    names.clear();
    images.clear();
    images.addAll(CACHED);
    followings = new ArrayList<>();
  }

  /// Whoever asked is dead.
  void forget(Asker asker) {
    if (watcher == asker) {
      watcher = null;
    }
    followings.removeIf(following -> following.asker == asker);
  }

  /// Fast and reliable again, and up.
  void heal() {
    slowness = 1;
    troubleOneIn = 0;
    pullsHangOneIn = 0;
    pullsFailOneIn = 0;
    start();
  }

  /// Every container it has.
  List<SimContainer> containers() {
    return List.copyOf(containers.values());
  }

  /// Every container it has or had.
  List<SimContainer> everything() {
    List<SimContainer> all = new ArrayList<>(removed);
    all.addAll(containers.values());
    return all;
  }

  // ---- what it is asked
  // ---------------------------------------------------------------------------

  /// Carries out a request of the engine's family.
  void ask(Request request, Asker asker) {
    long id = request.id();
    note(() -> "is asked: " + request);
    switch (request) {
      case AgentEffect.DescribeEngine _ ->
          carryOut(
              id, asker, LOOK, hears -> news(hears, new AgentEvent.EngineDescribed(id, info())));
      case AgentEffect.PingEngine _ -> ping(id, asker);
      case AgentEffect.ListContainers(long _, var labels) ->
          carryOut(
              id,
              asker,
              LOOK,
              hears -> news(hears, new AgentEvent.ContainersListed(id, list(labels))));
      case AgentEffect.InspectImage(long _, String image) ->
          carryOut(
              id,
              asker,
              LOOK,
              hears ->
                  news(
                      hears,
                      new AgentEvent.ImageInspected(
                          id, images.contains(image) ? image(image) : null)));
      case AgentEffect.PullImage _ when chance.oneIn(pullsHangOneIn) -> {
        tally.count("pull hung");
        fail(id, asker, Budget.PULL_TIMEOUT, Kind.TIMEOUT);
      }
      case AgentEffect.PullImage(long _, String image) ->
          carryOut(
              id,
              asker,
              PULL,
              hears -> {
                boolean brought = pull(image);
                news(
                    hears,
                    new AgentEvent.ImagePulled(id, new Pulled(image(image), brought, brought)));
              });
      case AgentEffect.ListUsedImages _ ->
          carryOut(
              id,
              asker,
              LOOK,
              hears -> news(hears, new AgentEvent.UsedImagesListed(id, usedImages())));
      case AgentEffect.RemoveImage(long _, String image, String _) -> {
        checks.imageIsToGo(host, image, containers.values());
        carryOut(
            id,
            asker,
            REMOVE,
            hears -> {
              removeImage(image);
              news(hears, new AgentEvent.ImageRemoved(id));
            });
      }
      case AgentEffect.CreateContainer(long _, ContainerSpec spec) ->
          carryOut(
              id,
              asker,
              CREATE,
              hears -> {
                SimContainer made = create(spec, !hears.lives());
                news(hears, new AgentEvent.ContainerCreated(id, made.id));
              });
      case AgentEffect.StartContainer(long _, String container) -> {
        SimContainer known = containers.get(container);
        if (known != null) {
          checks.startAsked(known);
        }
        carryOut(
            id,
            asker,
            START,
            hears -> {
              SimContainer found = find(container);
              found.late |= !hears.lives();
              // A request that hangs holds its container: it does not start it a second time.
              if (hears.lives() || found.state == State.CREATED) {
                start(found);
              }
              news(hears, new AgentEvent.ContainerStarted(id));
            });
      }
      case AgentEffect.StopContainer(long _, String container, Duration grace) ->
          carryOut(id, asker, LOOK, hears -> stop(id, hears, find(container), grace));
      case AgentEffect.InspectContainer(long _, String container) ->
          carryOut(
              id,
              asker,
              LOOK,
              hears -> {
                SimContainer known = containers.get(container);
                news(
                    hears,
                    new AgentEvent.ContainerInspected(id, known == null ? null : known.status()));
              });
      case AgentEffect.RemoveContainer(long _, String container) ->
          carryOut(
              id,
              asker,
              REMOVE,
              hears -> {
                if (seams.engineRemoves()) {
                  remove(container);
                }
                news(hears, new AgentEvent.ContainerRemoved(id));
              });
      default -> throw new IllegalArgumentException(request + " is not for an engine");
    }
  }

  /// A sign of life, or none in time. It changes nothing, so nothing of it can come late.
  private void ping(long id, Asker asker) {
    if (up && chance.oneIn(troubleOneIn)) {
      tally.count("no sign of life");
      fail(id, asker, Budget.PING_TIMEOUT, Kind.TIMEOUT);
      return;
    }
    world.after(
        Budget.atMost(Budget.PING_TIMEOUT, chance.about(LOOK).multipliedBy(slowness)),
        "engine is pinged",
        () -> {
          if (up) {
            news(asker, new AgentEvent.EnginePinged(id));
          } else {
            tally.count("no sign of life");
            fail(id, asker, Duration.ZERO, Kind.UNREACHABLE);
          }
        });
  }

  private void carryOut(long id, Asker asker, Duration usual, Act act) {
    if (slowness > 1) {
      tally.count("slow engine request");
    }
    Duration takes =
        Budget.atMost(Budget.SLOWEST_ENGINE, chance.about(usual).multipliedBy(slowness));
    long then = epoch;
    if (!up) {
      fail(id, asker, LOOK, Kind.UNREACHABLE);
      return;
    }
    if (!chance.oneIn(troubleOneIn)) {
      world.after(
          takes,
          "engine acts",
          () -> {
            if (then != epoch) {
              fail(id, asker, Duration.ZERO, Kind.UNREACHABLE);
              return;
            }
            try {
              act.carryOut(asker);
            } catch (Refusal refusal) {
              news(asker, new AgentEvent.EngineFailed(id, refusal.kind, refusal.text));
            }
          });
      return;
    }
    boolean timeout = chance.oneIn(3);
    Duration patience = timeout ? takes.plus(Budget.ENGINE_TIMEOUT) : takes;
    fail(id, asker, patience, timeout ? Kind.TIMEOUT : Kind.UNREACHABLE);
    int fate = chance.below(3);
    tally.count("engine fails " + List.of("before", "after", "and does it later").get(fate));
    if (fate > 0) {
      Duration late = fate == 1 ? takes : patience.plus(chance.between(NEWS, Budget.ENGINE_LATE));
      unheard++;
      world.after(
          late,
          "engine acts unheard",
          () -> {
            unheard--;
            if (then == epoch) {
              try {
                act.carryOut(new Nobody());
              } catch (Refusal refusal) {
                note(() -> "refused unheard: " + refusal.text);
              }
            }
          });
    }
  }

  /// True while the engine is still to do what was given up: the trouble is not over.
  boolean actsUnheard() {
    return unheard > 0;
  }

  private void fail(long id, Asker asker, Duration after, Kind kind) {
    world.after(
        after,
        "engine fails",
        () ->
            asker.tell(
                new AgentEvent.EngineFailed(
                    id,
                    kind,
                    kind == Kind.TIMEOUT
                        ? "context deadline exceeded"
                        : "Cannot connect to the Docker daemon")));
  }

  private void news(Asker asker, AgentEvent event) {
    world.after(
        chance.about(NEWS),
        "engine tells",
        () -> {
          note(() -> "answers: " + event);
          asker.tell(event);
        });
  }

  private static EngineInfo info() {
    return new EngineInfo(
        "engine",
        "20.10.24",
        "1.41",
        CPUS,
        MEMORY_BYTES,
        "linux",
        "x86_64",
        List.of("awslogs", "json-file", "none"));
  }

  private static ImageInfo image(String name) {
    return new ImageInfo("sha256:" + name, name.equals(REMOTE) ? "sha256:remote" : null);
  }

  private Set<String> usedImages() {
    Set<String> used = new TreeSet<>();
    for (SimContainer container : containers.values()) {
      used.add(image(container.spec.image()).id());
    }
    return used;
  }

  private void removeImage(String id) throws Refusal {
    if (usedImages().contains(id)) {
      throw new Refusal(
          Kind.CONFLICT, "Error response from daemon: conflict: a container is using the image");
    }
    if (images.removeIf(image -> image(image).id().equals(id))) {
      tally.count("image removed");
    }
  }

  private boolean pull(String image) throws Refusal {
    tally.count("pull");
    if (chance.oneIn(pullsFailOneIn)) {
      tally.count("pull refused for now");
      throw new Refusal(
          Kind.REFUSED, "Error response from daemon: toomanyrequests: retry-after: 1s");
    }
    if (CACHED.contains(image)) {
      throw new Refusal(
          Kind.NOT_FOUND, "pull access denied for " + image + ", repository does not exist");
    }
    if (!image.equals(REMOTE)) {
      throw new Refusal(Kind.NOT_FOUND, "manifest for " + image + " not found");
    }
    return images.add(image);
  }

  private List<ContainerStatus> list(SortedMap<String, String> labels) {
    List<ContainerStatus> found = new ArrayList<>();
    for (SimContainer container : containers.values()) {
      if (container.spec.labels().entrySet().containsAll(labels.entrySet())) {
        found.add(container.status());
      }
    }
    return found;
  }

  private SimContainer find(String id) throws Refusal {
    SimContainer container = containers.get(id);
    if (container == null) {
      throw new Refusal(Kind.NOT_FOUND, "Error response from daemon: No such container: " + id);
    }
    return container;
  }

  private SimContainer create(ContainerSpec spec, boolean late) throws Refusal {
    if (!images.contains(spec.image())) {
      throw new Refusal(
          Kind.NOT_FOUND, "Error response from daemon: No such image: " + spec.image());
    }
    if (names.containsKey(spec.name())) {
      throw new Refusal(
          Kind.CONFLICT,
          "Error response from daemon: Conflict. The container name \"/"
              + spec.name()
              + "\" is already in use");
    }
    StringBuilder id = new StringBuilder();
    for (int i = 0; i < 64; i++) {
      id.append(Character.forDigit(chance.below(16), 16));
    }
    SimContainer container = new SimContainer(id.toString(), spec, clock.get());
    container.late = late;
    containers.put(container.id, container);
    names.put(spec.name(), container.id);
    note(() -> "made " + container);
    tally.count("container made");
    checks.created(host, container);
    return container;
  }

  private void start(SimContainer container) throws Refusal {
    if (container.runs()) {
      return;
    }
    if (!container.script.exists()) {
      container.exitCode = 127;
      container.error =
          "OCI runtime create failed: exec: \"/no/such/bin\": stat /no/such/bin: no such file or"
              + " directory: unknown";
      throw new Refusal(Kind.REFUSED, "Error response from daemon: " + container.error);
    }
    publish(container);
    container.state = State.RUNNING;
    container.starts++;
    container.startedAt = clock.get();
    note(() -> "started " + container);
    tally.count("container started");
    checks.started(host, container);
    tell(new AgentEvent.ContainerBegan(container.id));
    live(container);
  }

  private void tell(AgentEvent event) {
    Asker told = watcher;
    if (up && told != null) {
      news(told, event);
    }
  }

  private void publish(SimContainer container) throws Refusal {
    List<PublishedPort> ports = new ArrayList<>();
    for (PublishedPort wanted : container.spec.ports()) {
      int port = wanted.hostPort() == 0 ? nextPort++ : wanted.hostPort();
      SimContainer owner = portOwners.get(wanted.protocol() + port);
      if (owner != null) {
        checks.portTaken(host, container, port, owner);
        throw new Refusal(
            Kind.CONFLICT,
            "Error response from daemon: Bind for 0.0.0.0:"
                + port
                + " failed: port is already"
                + " allocated");
      }
      ports.add(new PublishedPort(wanted.containerPort(), port, wanted.protocol(), "0.0.0.0"));
    }
    for (PublishedPort port : ports) {
      portOwners.put(port.protocol() + port.hostPort(), container);
    }
    container.ports = List.copyOf(ports);
  }

  /// A container's own doing.
  private void live(SimContainer container) {
    Script script = container.script;
    Duration life = script.life();
    for (int i = 0; i < script.lines(); i++) {
      Duration when = script.every().multipliedBy(i + 1);
      if (life != null && when.compareTo(life) > 0) {
        break;
      }
      int number = i;
      world.after(
          when,
          "line",
          () -> {
            if (container.runs()) {
              print(container, number);
            }
          });
    }
    if (life != null) {
      world.after(
          life,
          "container's life is over",
          () -> {
            if (container.runs()) {
              container.outOfMemory = script.greedy();
              end(container, script.greedy() ? KILLED : script.exitCode());
            }
          });
    }
  }

  private void print(SimContainer container, int number) {
    Instant now = clock.get();
    boolean error = number % 5 == 4;
    // The engine stamps its two streams on two threads.
    Instant stamp = error ? now.minus(chance.between(Duration.ZERO, MOST_DISORDER)) : now;
    if (number % 13 == 12) {
      add(container, stamp, "", false, error);
      return;
    }
    String text = container.name() + " line " + number;
    if (number % 7 == 6) {
      add(container, stamp, text + ", first half, ", true, error);
      add(container, stamp.plusNanos(500), "second half", false, error);
      container.written.add(
          new SimContainer.Written(stamp.toEpochMilli(), text + ", first half, second half"));
    } else {
      add(container, stamp, text, false, error);
      container.written.add(new SimContainer.Written(stamp.toEpochMilli(), text));
    }
    tally.count("line");
    for (Following following : List.copyOf(followings)) {
      if (following.container == container) {
        feed(following);
      }
    }
  }

  private static void add(
      SimContainer container, Instant at, String text, boolean partial, boolean error) {
    container.output.add(new LogLine(at, text.getBytes(StandardCharsets.UTF_8), partial, error));
  }

  private void end(SimContainer container, int code) {
    container.state = State.EXITED;
    container.exitCode = code;
    container.finishedAt = clock.get();
    portOwners.values().removeIf(owner -> owner == container);
    note(() -> "ended " + container + " with " + code);
    tally.count("container ended");
    tell(new AgentEvent.ContainerDied(container.id));
    for (Following following : List.copyOf(followings)) {
      if (following.container == container) {
        feed(following);
      }
    }
  }

  private void stop(long id, Asker hears, SimContainer container, Duration grace) {
    if (!container.runs()) {
      news(hears, new AgentEvent.ContainerStopped(id));
      return;
    }
    boolean kill = container.script.deaf() || container.script.linger().compareTo(grace) > 0;
    world.after(
        kill ? grace : container.script.linger(),
        "container stops",
        () -> {
          if (container.runs()) {
            end(container, kill ? KILLED : TERMINATED);
          }
          news(hears, new AgentEvent.ContainerStopped(id));
        });
  }

  private void remove(String id) throws Refusal {
    SimContainer container = containers.get(id);
    if (container == null) {
      return;
    }
    if (container.runs()) {
      throw new Refusal(
          Kind.CONFLICT, "Error response from daemon: You cannot remove a running container " + id);
    }
    containers.remove(id);
    names.remove(container.spec.name());
    removed.add(container);
    note(() -> "removed " + container);
    for (Following following : List.copyOf(followings)) {
      if (following.container == container) {
        followings.remove(following);
        news(
            following.asker,
            new AgentEvent.LogBroken(following.number, Kind.NOT_FOUND, "no such container"));
      }
    }
  }

  // ---- standing wishes
  // ----------------------------------------------------------------------------

  /// Tells of ends from now on.
  void watch(Asker asker) {
    watcher = asker;
    if (up) {
      gap();
    }
  }

  private void gap() {
    Asker told = watcher;
    if (told != null) {
      news(told, new AgentEvent.WatchGap());
    }
  }

  /// Tells a container's output from now on.
  void follow(AgentEffect.FollowLog wish, Asker asker) {
    SimContainer container = containers.get(wish.containerId());
    if (!up || container == null) {
      news(
          asker,
          new AgentEvent.LogBroken(
              wish.follow(),
              up ? Kind.NOT_FOUND : Kind.UNREACHABLE,
              up ? "no such container" : "the engine is not there"));
      return;
    }
    Following following = new Following(wish.follow(), container, asker, wish.since());
    followings.add(following);
    feed(following);
  }

  /// The next batch may be told.
  void more(long follow, Asker asker) {
    for (Following following : List.copyOf(followings)) {
      if (following.number == follow && following.asker == asker) {
        following.withheld = false;
        feed(following);
      }
    }
  }

  private void feed(Following following) {
    if (following.withheld) {
      return;
    }
    SimContainer container = following.container;
    List<LogLine> batch = new ArrayList<>();
    while (following.next < container.output.size() && batch.size() < LINES_PER_BATCH) {
      LogLine line = container.output.get(following.next++);
      if (following.since == null || !line.at().isBefore(following.since)) {
        batch.add(line);
      }
    }
    if (!batch.isEmpty()) {
      following.withheld = true;
      tellInOrder(following, new AgentEvent.LogLines(following.number, batch));
    } else if (container.state == State.EXITED) {
      followings.remove(following);
      tellInOrder(following, new AgentEvent.LogEnded(following.number));
    }
  }

  /// A batch and the end that follows it must not change places; both come in the same time.
  private void tellInOrder(Following following, AgentEvent event) {
    world.after(NEWS, "output", () -> following.asker.tell(event));
  }

  private void note(Supplier<String> text) {
    world.trace().note(host, text);
  }
}

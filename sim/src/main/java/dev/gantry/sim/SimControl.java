package dev.gantry.sim;

import dev.gantry.control.ControlEffect;
import dev.gantry.control.ControlEvent;
import dev.gantry.control.ControlFront;
import dev.gantry.control.ControlOperations;
import dev.gantry.control.ControlPlane;
import dev.gantry.control.ControlSockets;
import dev.gantry.control.Ids;
import dev.gantry.control.Inbox;
import dev.gantry.control.LogEffects;
import dev.gantry.control.OperationTable;
import dev.gantry.control.Snapshot;
import dev.gantry.control.ecs.Definitions;
import dev.gantry.control.session.AgentSessions;
import dev.gantry.control.session.PayloadMapping;
import dev.gantry.control.session.TelemetryFrames;
import dev.gantry.model.Scope;
import dev.gantry.store.Journal;
import dev.gantry.store.LogStore;
import dev.gantry.store.MemoryJournal;
import dev.gantry.store.MemoryLogStore;
import dev.gantry.store.RecordCodec;
import dev.gantry.store.State;
import dev.gantry.store.StoreException;
import dev.gantry.wire.Endpoint;
import dev.gantry.wire.RequestHead;
import dev.gantry.wire.WireRequest;
import dev.gantry.wire.WireResponse;
import dev.gantry.wire.auth.CredentialResolver;
import dev.gantry.wire.auth.Credentials;
import dev.gantry.wire.auth.Principal;
import dev.gantry.wire.auth.SigV4Verifier;
import dev.gantry.wire.auth.SignedFrame;
import dev.gantry.wire.auth.Verdict;
import dev.gantry.wire.server.Answer;
import dev.gantry.wire.server.AwsEndpoint;
import dev.gantry.wire.server.Call;
import dev.gantry.wire.server.EventListener;
import dev.gantry.wire.server.OperationHandler;
import dev.gantry.wire.shape.ServiceException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The machine of the control plane: one disk, and on it one process after the other. The process
/// is the real one down to its wire; only the thread of its writer, its disk and its clock are
/// simulated, and it can die between any two of its steps.
final class SimControl implements SimNetwork.Server {
  /// Who everybody is.
  static final Credentials KEY = Credentials.of("AKIAGANTRYSIM0000000", "the-secret-of-the-world");

  /// Whose account that is.
  static final String ACCOUNT = "000000000000";

  /// The region of everything.
  static final String REGION = "us-east-1";

  /// The name space of everything.
  static final Scope SCOPE = new Scope(ACCOUNT, REGION);

  private static final String PLACE = "control";

  /// What is told of output while the log store is full; counted under this name.
  static final String REFUSED_OUTPUT = "refused PutLogEvents ServiceUnavailableException";

  private static final Duration WRITER_STEP = Duration.ofNanos(100_000);
  private static final Duration DISK_WRITE = Duration.ofMillis(3);
  private static final Duration DISK_TELLS = Duration.ofNanos(300_000);
  private static final Duration BOOT = Duration.ofMillis(800);

  private final World world;
  private final Chance chance;
  private final Checks checks;
  private final Seams seams;
  private final Tally tally;
  private final RecordCodec codec;
  private final Fuse fuse = new Fuse();
  private final Deque<Long> uncommitted = new ArrayDeque<>();
  private @Nullable SimNetwork network;
  private MemoryJournal journal;
  private MemoryLogStore logs = new MemoryLogStore();
  private @Nullable Incarnation process;
  private int diskSlowness = 1;
  private int roomFor = Journal.MAX_QUEUED_BATCHES;
  private boolean journalFull;
  private @Nullable StoreException logsFull;
  private boolean logsWereFull;
  private @Nullable Instant healedAt;
  private int lives;
  private boolean booting;

  SimControl(World world, Checks checks, Seams seams, Tally tally, RecordCodec codec) {
    this.world = world;
    this.chance = world.chance(PLACE);
    this.checks = checks;
    this.seams = seams;
    this.tally = tally;
    this.codec = codec;
    this.journal = new MemoryJournal(codec);
  }

  /// Joins it to the network; once, before [#boot].
  void join(SimNetwork joined) {
    network = joined;
  }

  // ---- its life
  // -----------------------------------------------------------------------------------

  /// Starts the process, unless it runs or starts already.
  void boot() {
    if (process != null || booting) {
      return;
    }
    booting = true;
    world.after(
        chance.about(BOOT),
        "control boots",
        () -> {
          booting = false;
          load();
        });
  }

  private void load() {
    lives++;
    State loaded;
    try {
      loaded = journal.load();
    } catch (StoreException e) {
      throw new Violation(Invariant.RELOAD, "what was stored cannot be loaded", e);
    }
    checks.reloaded(loaded);
    world.trace().note(PLACE, () -> "starts from " + loaded);
    Incarnation started = new Incarnation(seams.begins(loaded));
    process = started;
    journal.start(started);
    logs.retainOnly(LogEffects.existing(loaded), new Tidying());
    started.pumpStores();
  }

  private record Tidying() implements LogStore.Callback<Integer> {
    @Override
    public void done(Integer dropped) {}

    @Override
    public void failed(StoreException cause) {
      throw new Violation(Invariant.NO_FAULT, "the log store cannot be tidied", cause);
    }
  }

  /// Kills the process at once.
  ///
  /// @param told whoever is connected hears of it
  void crash(boolean told) {
    fuse.putOut();
    if (process == null) {
      return;
    }
    world.trace().note(PLACE, () -> "dies" + (told ? "" : " without a word"));
    tally.count("control plane died");
    process = null;
    journal = journal.crash();
    uncommitted.clear();
    logs = logs.crash();
    logs.refuseAppends(logsFull);
    if (network != null) {
      network.serverDied(told);
    }
  }

  /// Kills the process after so many of its steps.
  void crashAfter(int steps) {
    fuse.light(steps);
  }

  /// Fails the disk: the process hears of it and gives up.
  void failDisk() {
    if (process != null) {
      world.trace().note(PLACE, () -> "the disk fails");
      tally.count("journal failed");
      journal.fail(new StoreException(StoreException.Kind.FAILED, "disk I/O error", null));
    }
  }

  /// There is no room for State: each commit fails, and the process with it, which starts again and
  /// goes on until the next.
  void journalFull(boolean now) {
    journalFull = now;
  }

  /// There is no room for log events: none are taken.
  void logsFull(boolean now) {
    logsFull = now ? new StoreException(StoreException.Kind.FULL, "the disk is full", null) : null;
    logsWereFull |= now;
    logs.refuseAppends(logsFull);
  }

  /// The disk takes so many times as long.
  void diskSlowness(int factor) {
    diskSlowness = factor;
  }

  /// The journal takes no more than so many batches at once.
  void roomFor(int batches) {
    roomFor = batches;
  }

  /// Fast and safe again, and up.
  void heal() {
    fuse.putOut();
    diskSlowness = 1;
    roomFor = Journal.MAX_QUEUED_BATCHES;
    journalFull = false;
    logsFull(false);
    healedAt = world.now();
    boot();
  }

  /// Whether the process runs.
  boolean isUp() {
    return process != null;
  }

  /// What readers see, or null while there is nobody to ask.
  @Nullable Snapshot snapshot() {
    Incarnation running = process;
    return running == null ? null : running.plane.snapshot();
  }

  /// Whether everything decided is on disk and told.
  boolean isQuiet() {
    Incarnation running = process;
    return running != null
        && journal.queued() == 0
        && logs.queued() == 0
        && running.plane.head().revision() == running.plane.snapshot().state().revision();
  }

  /// Counts a step of the process; kills it if it was the last.
  private boolean dies() {
    if (fuse.burns()) {
      tally.count("control plane died between two steps");
      crash(chance.oneIn(2));
      return true;
    }
    return false;
  }

  // ---- its port
  // -----------------------------------------------------------------------------------

  @Override
  public boolean listens() {
    return process != null;
  }

  @Override
  public void handle(WireRequest request, Consumer<WireResponse> answer) {
    Incarnation running = process;
    if (running != null) {
      running.endpoint.handle(request, answer);
      running.pumpStores();
      dies();
    }
  }

  @Override
  public Endpoint.Upgrade upgrade(RequestHead head) {
    Incarnation running = process;
    if (running == null) {
      throw new IllegalStateException("nothing listens");
    }
    return running.endpoint.upgrade(head);
  }

  // ---- the process
  // --------------------------------------------------------------------------------

  /// One life. What it has scheduled and what is later told to it comes to nothing when it is over.
  private final class Incarnation implements Inbox, Journal.Listener {
    private final ControlPlane plane;
    private final AwsEndpoint endpoint;
    private final Deque<ControlEvent> urgent = new ArrayDeque<>();
    private final Deque<ControlEvent> waiting = new ArrayDeque<>();
    private boolean writing;
    private boolean storing;
    private boolean logging;
    private long wishes;

    Incarnation(State loaded) {
      Ids ids = new Ids(chance.generator());
      Definitions definitions = new Definitions();
      OperationTable operations = ControlOperations.table(definitions);
      CredentialResolver credentials = new OneKey();
      this.plane =
          new ControlPlane(
              operations,
              new AgentSessions(
                  ids, new PayloadMapping(definitions), frames(new SigV4Verifier(credentials))),
              loaded,
              ids);
      ControlFront front = new ControlFront(operations, this::readable, logs, world::now, this);
      this.endpoint =
          new AwsEndpoint(
              ControlOperations.SERVICES,
              new Watching(seams.front(front)),
              new ControlSockets(this::readable, this),
              credentials,
              world::now,
              ids::uuid,
              (requestId, what, fault) -> {
                throw fault instanceof Violation found
                    ? found
                    : new Violation(Invariant.NO_FAULT, what + " failed", fault);
              });
    }

    private boolean lives() {
      return process == this;
    }

    private Snapshot readable() {
      Snapshot given = seams.snapshot(plane);
      checks.read(given);
      return given;
    }

    @Override
    public boolean offer(ControlEvent event) {
      if (!lives()) {
        return false;
      }
      if (event.goesFirst()) {
        urgent.add(event);
      } else {
        waiting.add(event);
      }
      write();
      return true;
    }

    /// The writer takes its next event soon, unless it is about to, or may not.
    private void write() {
      boolean ready = !urgent.isEmpty() || (!waiting.isEmpty() && hasRoom());
      if (writing || !ready) {
        return;
      }
      writing = true;
      world.after(
          chance.about(WRITER_STEP),
          "writer",
          () -> {
            if (!lives()) {
              return;
            }
            writing = false;
            ControlEvent event = urgent.poll();
            if (event == null && hasRoom()) {
              event = waiting.poll();
            }
            if (event != null) {
              take(event);
            }
            write();
          });
    }

    private boolean hasRoom() {
      boolean room = journal.hasRoom() && journal.queued() < roomFor;
      if (!room) {
        tally.count("writer waits for the journal");
      }
      return room;
    }

    private void take(ControlEvent event) {
      State before = plane.head();
      List<ControlEffect> effects;
      try {
        effects = seams.effects(plane, before, plane.onEvent(world.now(), event));
      } catch (RuntimeException e) {
        if (e instanceof Violation) {
          throw e;
        }
        throw new Violation(Invariant.NO_FAULT, "the control plane failed on " + event, e);
      }
      for (ControlEffect effect : effects) {
        if (effect instanceof ControlEffect.Commit(var batch)) {
          checks.decided(batch);
          world.trace().note(PLACE, () -> "decides " + batch);
        }
      }
      checks.settled(plane);
      for (ControlEffect effect : effects) {
        carryOut(effect);
        seams.rumours(effect).forEach(this::offer);
        if (dies()) {
          return;
        }
      }
      pumpStores();
    }

    private void carryOut(ControlEffect effect) {
      switch (effect) {
        case ControlEffect.Commit(var batch) -> {
          journal.commit(seams.written(batch));
          uncommitted.add(batch.lastRevision());
        }
        case ControlEffect.Succeed(var answer, var output) -> answer.success(output);
        case ControlEffect.Refuse(var answer, var error) -> answer.failure(error);
        case ControlEffect.AppendLogs append -> LogEffects.append(logs, append);
        case ControlEffect.OpenTail open -> LogEffects.open(open, this);
        case ControlEffect.SendEvent(var sink, var event) -> sink.send(event);
        case ControlEffect.EndEvents end -> LogEffects.end(end);
        case ControlEffect.Send(var socket, var text) -> {
          checks.sent(text);
          world.trace().note(PLACE, () -> "sends " + text);
          socket.send(text);
        }
        case ControlEffect.SendBinary(var socket, byte[] message) -> socket.send(message);
        case ControlEffect.Close(var socket, int code, var reason) -> socket.close(code, reason);
        case ControlEffect.DeleteLogStream delete -> LogEffects.delete(logs, delete);
        case ControlEffect.DeleteLogGroup delete -> LogEffects.delete(logs, delete);
        case ControlEffect.ExpireLogs expire -> LogEffects.expire(logs, expire);
        case ControlEffect.WakeAt(Instant at) -> {
          long wish = ++wishes;
          world.at(
              at,
              "control wakes",
              () -> {
                if (lives() && wish == wishes) {
                  offer(new ControlEvent.Woken());
                }
              });
        }
      }
    }

    /// Keeps the two disks busy as long as there is something to do.
    void pumpStores() {
      if (journal.queued() > 0 && !storing) {
        storing = true;
        world.after(diskTime(DISK_WRITE), "journal writes", this::commit);
      }
      if ((logs.queued() > 0 || logs.untold() > 0) && !logging) {
        logging = true;
        world.after(diskTime(DISK_WRITE), "log store works", this::work);
      }
    }

    private Duration diskTime(Duration usual) {
      if (diskSlowness > 1) {
        tally.count("slow write");
      }
      return Budget.atMost(Budget.SLOWEST_DISK, chance.about(usual).multipliedBy(diskSlowness));
    }

    private void commit() {
      if (!lives()) {
        return;
      }
      int batches =
          journalFull ? chance.below(journal.queued()) : chance.oneIn(3) ? 1 : journal.queued();
      journal.write(batches);
      for (int i = 0; i < batches && !uncommitted.isEmpty(); i++) {
        checks.written(uncommitted.removeFirst());
      }
      if (journalFull) {
        tally.count("journal full");
        journal.fail(new StoreException(StoreException.Kind.FULL, "the disk is full", null));
        return;
      }
      if (dies()) {
        return;
      }
      world.after(
          diskTime(DISK_TELLS),
          "journal tells",
          () -> {
            if (lives()) {
              storing = false;
              journal.tell();
              write();
              pumpStores();
            }
          });
    }

    private void work() {
      if (!lives()) {
        return;
      }
      logs.work();
      if (dies()) {
        return;
      }
      world.after(
          chance.about(DISK_TELLS),
          "log store tells",
          () -> {
            if (lives()) {
              logging = false;
              logs.tell();
              pumpStores();
            }
          });
    }

    @Override
    public void durable(long revision) {
      offer(new ControlEvent.Committed(revision));
    }

    /// Nobody knows any more what is true: the process ends and loads again.
    @Override
    public void failed(StoreException cause) {
      plane.abandon();
      crash(true);
      boot();
    }

    private TelemetryFrames frames(SigV4Verifier verifier) {
      return (opened, text, now) -> {
        SignedFrame frame = SignedFrame.split(text);
        if (verifier.verifyFrame(opened.head(), frame, now) instanceof Verdict.Verified) {
          return frame.body();
        }
        // One that was held back for long, from a host whose clock is wrong, is too old.
        if (healedAt != null && healedAt.plus(Budget.SLOWEST_NETWORK).isBefore(now)) {
          throw new Violation(Invariant.NO_FAULT, "a telemetry frame does not verify");
        }
        tally.count("telemetry frame too old");
        return null;
      };
    }
  }

  /// Sees every answer before it leaves.
  private final class Watching implements OperationHandler {
    private final OperationHandler real;

    Watching(OperationHandler real) {
      this.real = real;
    }

    @Override
    public void handle(Call call, Answer answer) {
      tally.count("call " + call.operation().name());
      long number = checks.arrived(call);
      real.handle(
          call,
          new Answer() {
            @Override
            public void success(Object output) {
              checks.answered(number, call, output);
              answer.success(output);
            }

            @Override
            public void events(Object output, EventListener listener) {
              checks.answered(number, call, output);
              answer.events(output, listener);
            }

            @Override
            public void failure(ServiceException error) {
              String refusal = "refused " + call.operation().name() + " " + error.code();
              tally.count(refusal);
              if (!(logsWereFull && refusal.equals(REFUSED_OUTPUT))) {
                checks.refused(call, error);
              }
              answer.failure(error);
            }
          });
    }
  }

  private record OneKey() implements CredentialResolver {
    @Override
    public Resolution resolve(String accessKeyId, @Nullable String sessionToken) {
      return accessKeyId.equals(KEY.accessKeyId()) && sessionToken == null
          ? new Resolution.Known(
              new Principal(ACCOUNT, "arn:aws:iam::" + ACCOUNT + ":root"), KEY.secret())
          : new Resolution.UnknownKey();
    }
  }

  /// The State that is on disk, as text that two runs share only if they did the same.
  String digest() {
    try {
      return journal.crash().load().digest(codec);
    } catch (StoreException e) {
      throw new Violation(Invariant.RELOAD, "what was stored cannot be loaded", e);
    }
  }

  /// How many lives the process has had.
  int lives() {
    return lives;
  }

  /// What the log store holds of one stream; asked at the end, outside of time.
  MemoryLogStore logs() {
    return logs;
  }
}

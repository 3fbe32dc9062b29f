package dev.gantry.agent.runner;

import dev.gantry.agent.AgentCore;
import dev.gantry.agent.AgentEffect;
import dev.gantry.agent.AgentEvent;
import dev.gantry.agent.ContainerRuntime;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.SteadyTime;
import dev.gantry.agent.home.AgentHome;
import dev.gantry.agent.link.ControlPlaneLink;
import dev.gantry.wire.shape.ServiceException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Drives one core: takes its events in, one at a time, on one thread, and carries its effects out,
/// the blocking ones on virtual threads, a bounded number of each kind at a time.
///
/// A core that throws is a bug, and what it knows may be half changed: the runner stops, loudly.
/// Whatever matters is on disk; a new agent goes on from there.
final class EffectRunner implements AutoCloseable {
  /// Events from outside (sockets, the engine's watch) that may wait; then their senders do.
  static final int MAX_WAITING_EVENTS = 10_000;

  /// Pulls at a time: more only share the same line.
  static final int MAX_PULLS = 4;

  /// Stops at a time. Each may take as long as its container, so they must not hold up anything
  /// else.
  static final int MAX_STOPS = 256;

  /// Signs of life asked of the engine at a time. They have a lane of their own, as a hanging
  /// engine fills all others.
  static final int MAX_PINGS = 1;

  /// Other engine calls at a time.
  static final int MAX_ENGINE_CALLS = 32;

  /// File writes at a time.
  static final int MAX_WRITES = 16;

  /// API calls at a time. The core itself has at most ten reports under way, and one batch for each
  /// log stream.
  static final int MAX_API_CALLS = 64;

  /// How long closing waits for interrupted work to end.
  static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

  /// How long closing waits for commands in containers to be killed.
  static final Duration EXEC_END_LIMIT = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(EffectRunner.class);

  /// One event in the queue.
  ///
  /// @param outside true if it took one of the places for events from outside
  private record Waiting(AgentEvent event, boolean outside) {}

  private final AgentCore core;
  private final ContainerRuntime runtime;
  private final AgentHome home;
  private final ControlPlaneLink link;
  private final InstantSource clock;

  private final BlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();
  private final Semaphore outsidePlaces = new Semaphore(MAX_WAITING_EVENTS);
  private final Semaphore pulls = new Semaphore(MAX_PULLS);
  private final Semaphore stops = new Semaphore(MAX_STOPS);
  private final Semaphore pings = new Semaphore(MAX_PINGS);
  private final Semaphore engineCalls = new Semaphore(MAX_ENGINE_CALLS);
  private final Semaphore writes = new Semaphore(MAX_WRITES);
  private final Semaphore apiCalls = new Semaphore(MAX_API_CALLS);
  private final ExecutorService workers;
  private final Thread coreThread;

  private final Map<Long, LogPump> pumps = new ConcurrentHashMap<>();
  private final Map<Long, ContainerRuntime.Watch> followings = new ConcurrentHashMap<>();
  private final Map<Long, ExecPump> execs = new ConcurrentHashMap<>();
  private final List<ContainerRuntime.Watch> watches = new ArrayList<>();
  private final Map<Predicate<AgentCore.Summary>, Boolean> awaited = new LinkedHashMap<>();

  private @Nullable Instant wakeAt;
  private final SteadyTime time;
  private volatile boolean closed;
  private volatile @Nullable String gaveUp;

  /// Open until the agent has given up or is closed.
  private final CountDownLatch over = new CountDownLatch(1);

  EffectRunner(
      String name,
      AgentCore core,
      ContainerRuntime runtime,
      AgentHome home,
      ControlPlaneLink link,
      InstantSource clock) {
    this.core = core;
    this.runtime = runtime;
    this.home = home;
    this.link = link;
    this.clock = clock;
    this.time = new SteadyTime(clock.instant(), System.nanoTime());
    this.workers =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name(name + "-", 0).factory());
    this.coreThread = Thread.ofPlatform().name(name).daemon(true).unstarted(this::run);
  }

  void start() {
    answer(new AgentEvent.Begin());
    coreThread.start();
  }

  /// Why the agent does not talk to its control plane any more; null if it does.
  @Nullable String gaveUp() {
    return gaveUp;
  }

  /// Has the core look at every container, as if deaths might have gone untold.
  void lookAgain() {
    answer(new AgentEvent.WatchGap());
  }

  /// Waits until the agent has given up.
  ///
  /// @return why; null if it was closed
  @Nullable String awaitGaveUp() throws InterruptedException {
    over.await();
    return gaveUp;
  }

  private void giveUp(String reason) {
    gaveUp = reason;
    over.countDown();
  }

  /// Waits until the agent stands as wanted.
  ///
  /// @return false if the time was over, or the runner closed, before
  boolean await(Predicate<AgentCore.Summary> wanted, Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    synchronized (awaited) {
      awaited.put(wanted, false);
    }
    // An early wake does no harm, and makes the core's thread look.
    answer(new AgentEvent.Woke());
    synchronized (awaited) {
      try {
        while (!Boolean.TRUE.equals(awaited.get(wanted)) && !closed) {
          long rest = deadline - System.nanoTime();
          if (rest <= 0) {
            return false;
          }
          TimeUnit.NANOSECONDS.timedWait(awaited, rest);
        }
        return Boolean.TRUE.equals(awaited.get(wanted));
      } finally {
        awaited.remove(wanted);
      }
    }
  }

  /// Stops everything at once; containers run on.
  @Override
  public void close() {
    closed = true;
    over.countDown();
    coreThread.interrupt();
    try {
      coreThread.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    for (ContainerRuntime.Watch watch : watches) {
      watch.close();
    }
    followings.values().forEach(ContainerRuntime.Watch::close);
    pumps.values().forEach(LogPump::close);
    List<ExecPump> ending = new ArrayList<>(execs.values());
    ending.forEach(ExecPump::end);
    workers.shutdownNow();
    try {
      // The engine is asked to end them, and may be gone when this returns.
      long deadline = System.nanoTime() + EXEC_END_LIMIT.toNanos();
      for (ExecPump exec : ending) {
        exec.awaitOver(deadline);
      }
      if (!workers.awaitTermination(CLOSE_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        LOG.warn("Some work of the agent does not end");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    synchronized (awaited) {
      awaited.notifyAll();
    }
  }

  // ---- the core's thread ------------------------------------------------------------------------

  private void run() {
    try {
      while (!closed) {
        AgentEvent event = next();
        for (AgentEffect effect : core.onEvent(now(), event)) {
          perform(effect);
        }
        tellWaiters();
      }
    } catch (InterruptedException _) {
      // Closed.
    } catch (RuntimeException | Error e) {
      giveUp("the agent has failed: " + e);
      LOG.error("The agent has failed and stands still; its tasks run on", e);
      throw e;
    }
  }

  private AgentEvent next() throws InterruptedException {
    Instant wake = wakeAt;
    Waiting waiting;
    if (wake == null) {
      waiting = queue.take();
    } else {
      Duration rest = Duration.between(now(), wake);
      waiting = queue.poll(Math.max(0, rest.toNanos()), TimeUnit.NANOSECONDS);
      if (waiting == null) {
        wakeAt = null;
        return new AgentEvent.Woke();
      }
    }
    if (waiting.outside()) {
      outsidePlaces.release();
    }
    return waiting.event();
  }

  private Instant now() {
    return time.read(clock.instant(), System.nanoTime());
  }

  private void tellWaiters() {
    synchronized (awaited) {
      if (!awaited.isEmpty()) {
        AgentCore.Summary summary = core.summary();
        awaited.replaceAll((wanted, _) -> wanted.test(summary));
        awaited.notifyAll();
      }
    }
  }

  // ---- effects ----------------------------------------------------------------------------------

  private void perform(AgentEffect effect) {
    switch (effect) {
      case AgentEffect.WakeAt(Instant at) -> wakeAt = at;
      case AgentEffect.Note(var level, String text) -> {
        switch (level) {
          case INFO -> LOG.info("{}", text);
          case WARNING -> LOG.warn("{}", text);
          case ERROR -> LOG.error("{}", text);
        }
      }
      case AgentEffect.GiveUp(String reason) -> {
        giveUp(reason);
        LOG.error("The agent gives up its control plane: {}", reason);
      }
      case AgentEffect.OpenSocket(long socket, var channel, String url) ->
          link.open(socket, channel, url, new Sockets());
      case AgentEffect.SendText(long socket, String text) -> link.send(socket, text);
      case AgentEffect.CloseSocket(long socket, int code, String reason) ->
          link.close(socket, code, reason);
      case AgentEffect.WatchContainers(var labels) ->
          watches.add(runtime.watch(labels, new Containers()));
      case AgentEffect.FollowLog(long follow, String containerId, Instant since) -> {
        LogPump pump = new LogPump(follow, this::answer, () -> forgetFollowing(follow));
        pumps.put(follow, pump);
        followings.put(follow, runtime.followLogs(containerId, since, pump));
        if (!pumps.containsKey(follow)) {
          // It was over before it was noted.
          forgetFollowing(follow);
        }
      }
      case AgentEffect.ContinueLog(long follow) -> {
        LogPump pump = pumps.get(follow);
        if (pump != null) {
          pump.proceed();
        }
      }
      case AgentEffect.SendBinary(long socket, byte[] message) -> link.send(socket, message);
      case AgentEffect.StartExec(long exec, String containerId, var spec) -> {
        ExecPump pump = new ExecPump(exec, this::answer, () -> execs.remove(exec));
        execs.put(exec, pump);
        workers.execute(() -> pump.run(runtime.exec(containerId, spec, pump)));
      }
      case AgentEffect.ContinueExec(long exec) -> forExec(exec, ExecPump::proceed);
      case AgentEffect.ExecInput(long exec, byte[] bytes) ->
          forExec(exec, pump -> pump.input(bytes));
      case AgentEffect.ResizeExec(long exec, int columns, int rows) ->
          forExec(exec, pump -> pump.resize(columns, rows));
      case AgentEffect.EndExec(long exec) -> forExec(exec, ExecPump::end);
      case AgentEffect.LoadHome(long id) ->
          disk(
              id,
              () -> {
                AgentHome.Saved saved = home.load();
                return new AgentEvent.HomeLoaded(id, saved.instance(), saved.tasks());
              });
      case AgentEffect.SaveInstance(long id, String text) ->
          disk(
              id,
              () -> {
                home.saveInstance(text);
                return new AgentEvent.Stored(id);
              });
      case AgentEffect.SaveTask(long id, String name, String text) ->
          disk(
              id,
              () -> {
                home.saveTask(name, text);
                return new AgentEvent.Stored(id);
              });
      case AgentEffect.DeleteTask(long id, String name) ->
          disk(
              id,
              () -> {
                home.deleteTask(name);
                return new AgentEvent.Stored(id);
              });
      case AgentEffect.Quarantine(long id, String name) ->
          disk(
              id,
              () -> {
                home.quarantine(name);
                return new AgentEvent.Stored(id);
              });
      case AgentEffect.DescribeEngine(long id) ->
          engine(id, engineCalls, () -> new AgentEvent.EngineDescribed(id, runtime.info()));
      case AgentEffect.PingEngine(long id) ->
          engine(
              id,
              pings,
              () -> {
                runtime.ping();
                return new AgentEvent.EnginePinged(id);
              });
      case AgentEffect.ListContainers(long id, var labels) ->
          engine(
              id,
              engineCalls,
              () -> new AgentEvent.ContainersListed(id, runtime.listContainers(labels)));
      case AgentEffect.InspectImage(long id, String image) ->
          engine(
              id,
              engineCalls,
              () -> new AgentEvent.ImageInspected(id, runtime.inspectImage(image)));
      case AgentEffect.PullImage(long id, String image) ->
          engine(id, pulls, () -> new AgentEvent.ImagePulled(id, runtime.pullImage(image)));
      case AgentEffect.ListUsedImages(long id) ->
          engine(id, engineCalls, () -> new AgentEvent.UsedImagesListed(id, runtime.usedImages()));
      case AgentEffect.RemoveImage(long id, String image, String name) ->
          engine(
              id,
              engineCalls,
              () -> {
                runtime.removeImage(image, name);
                return new AgentEvent.ImageRemoved(id);
              });
      case AgentEffect.CreateContainer(long id, var spec) ->
          engine(
              id,
              engineCalls,
              () -> new AgentEvent.ContainerCreated(id, runtime.createContainer(spec)));
      case AgentEffect.StartContainer(long id, String containerId) ->
          engine(
              id,
              engineCalls,
              () -> {
                runtime.startContainer(containerId);
                return new AgentEvent.ContainerStarted(id);
              });
      case AgentEffect.StopContainer(long id, String containerId, Duration grace) ->
          engine(
              id,
              stops,
              () -> {
                runtime.stopContainer(containerId, grace);
                return new AgentEvent.ContainerStopped(id);
              });
      case AgentEffect.InspectContainer(long id, String containerId) ->
          engine(
              id,
              engineCalls,
              () -> new AgentEvent.ContainerInspected(id, runtime.inspectContainer(containerId)));
      case AgentEffect.RemoveContainer(long id, String containerId) ->
          engine(
              id,
              engineCalls,
              () -> {
                runtime.removeContainer(containerId);
                return new AgentEvent.ContainerRemoved(id);
              });
      case AgentEffect.CallApi<?, ?> call -> api(call);
    }
  }

  private void forExec(long exec, Consumer<ExecPump> then) {
    ExecPump pump = execs.get(exec);
    if (pump != null) {
      then.accept(pump);
    }
  }

  private void forgetFollowing(long follow) {
    pumps.remove(follow);
    followings.remove(follow);
  }

  private interface DiskWork {
    AgentEvent done() throws IOException;
  }

  private interface EngineWork {
    AgentEvent done() throws RuntimeFailure;
  }

  /// Something that blocks and ends with the one answer to a request.
  private interface Work {
    AgentEvent answer();
  }

  private void disk(long id, DiskWork work) {
    work(
        writes,
        () -> {
          try {
            return work.done();
          } catch (IOException e) {
            return new AgentEvent.DiskFailed(id, String.valueOf(e));
          }
        },
        fault -> new AgentEvent.DiskFailed(id, fault));
  }

  private void engine(long id, Semaphore lane, EngineWork work) {
    work(
        lane,
        () -> {
          try {
            return work.done();
          } catch (RuntimeFailure e) {
            return new AgentEvent.EngineFailed(
                id, e.kind(), String.valueOf(e.getMessage()), e.manifest());
          }
        },
        fault -> new AgentEvent.EngineFailed(id, RuntimeFailure.Kind.REFUSED, fault));
  }

  private <I, O> void api(AgentEffect.CallApi<I, O> call) {
    work(
        apiCalls,
        () -> {
          try {
            O output = link.call(call.region(), call.operation(), call.input());
            return new AgentEvent.Answered(call.id(), output);
          } catch (ServiceException e) {
            return new AgentEvent.Refused(call.id(), e.code(), e.status(), e.text());
          } catch (IOException e) {
            return new AgentEvent.Unanswered(call.id(), String.valueOf(e));
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return new AgentEvent.Unanswered(call.id(), "the agent is being closed");
          }
        },
        fault -> new AgentEvent.Unanswered(call.id(), fault));
  }

  /// Runs something that blocks, on a thread of its own, when its lane has room. A request is
  /// always answered: one that throws what it should not is answered by `fault`.
  private void work(Semaphore lane, Work work, Function<String, AgentEvent> fault) {
    try {
      workers.execute(() -> {
        try {
          lane.acquire();
        } catch (InterruptedException _) {
          // Closed: nobody waits for the answer.
          return;
        }
        AgentEvent answer;
        try {
          answer = work.answer();
        } catch (RuntimeException e) {
          LOG.error("An effect of the agent failed in a way that it should not", e);
          answer = fault.apply(String.valueOf(e));
        } finally {
          lane.release();
        }
        answer(answer);
      });
    } catch (RejectedExecutionException e) {
      if (!closed) {
        throw e;
      }
    }
  }

  // ---- events -----------------------------------------------------------------------------------

  /// An answer to an effect. Their number is bounded by the effects' own; never blocks.
  private void answer(AgentEvent event) {
    queue.add(new Waiting(event, false));
  }

  /// Something that happens by itself; its sender waits while too much of it is queued.
  private void happened(AgentEvent event) {
    try {
      outsidePlaces.acquire();
      queue.add(new Waiting(event, true));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Sockets implements ControlPlaneLink.SocketEvents {
    @Override
    public void opened(long socket) {
      answer(new AgentEvent.SocketOpened(socket));
    }

    @Override
    public void refused(long socket, int status, String body) {
      answer(new AgentEvent.SocketRefused(socket, status, body));
    }

    @Override
    public void text(long socket, String text) {
      happened(new AgentEvent.SocketText(socket, text));
    }

    @Override
    public void binary(long socket, byte[] message) {
      happened(new AgentEvent.SocketBinary(socket, message));
    }

    @Override
    public void closed(long socket, int code, String reason) {
      answer(new AgentEvent.SocketClosed(socket, code, reason));
    }
  }

  private final class Containers implements ContainerRuntime.EventListener {
    @Override
    public void started(String containerId) {
      happened(new AgentEvent.ContainerBegan(containerId));
    }

    @Override
    public void died(String containerId) {
      happened(new AgentEvent.ContainerDied(containerId));
    }

    @Override
    public void gap() {
      happened(new AgentEvent.WatchGap());
    }
  }
}

package dev.gantry.control;

import dev.gantry.control.ecs.Definitions;
import dev.gantry.control.session.AgentSessions;
import dev.gantry.control.session.PayloadMapping;
import dev.gantry.model.Scope;
import dev.gantry.store.Journal;
import dev.gantry.store.MemoryJournal;
import dev.gantry.store.MemoryLogStore;
import dev.gantry.store.RecordCodec;
import dev.gantry.store.State;
import dev.gantry.store.StoreException;
import dev.gantry.wire.Headers;
import dev.gantry.wire.RequestHead;
import dev.gantry.wire.auth.Principal;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.server.Answer;
import dev.gantry.wire.server.Call;
import dev.gantry.wire.server.EventListener;
import dev.gantry.wire.shape.Constraints;
import dev.gantry.wire.shape.Operation;
import dev.gantry.wire.shape.ServiceException;
import dev.gantry.wire.shape.Structure;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A whole control plane on one thread, with a journal and a log store in memory, driven by hand.
///
/// [#call] asks and lets everything become durable, which is all that most tests want. To look at
/// what happens in between, [#ask], then [#commit] or [#settle]. Inputs are checked against their
/// model as the endpoint does it, and outputs pass through JSON, so that a test sees what a client
/// would.
public final class ControlHarness {
  /// Where the clock stands at first.
  public static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

  /// Whose calls these are, unless [#as] says otherwise.
  public static final Scope SCOPE = new Scope("000000000000", "us-east-1");

  private static final int MAX_STEPS = 100_000;

  private final ControlPlane plane;
  private final OperationTable operations;
  private ControlFront front;
  private final ControlSockets sockets;
  private final MemoryJournal journal;
  private final MemoryLogStore logs;
  private final Deque<ControlEvent> events = new ArrayDeque<>();
  private final List<ControlEffect> effects = new ArrayList<>();
  private Instant now = START;
  private Scope scope = SCOPE;
  private @Nullable Instant wakeAt;
  private int lastRequest;

  /// An empty control plane.
  ///
  /// @param register fills the table of operations, as `LogOperations::register` does
  public ControlHarness(Consumer<OperationTable> register) {
    this(register, new MemoryJournal(new RecordCodec()), new MemoryLogStore());
  }

  private ControlHarness(
      Consumer<OperationTable> register, MemoryJournal journal, MemoryLogStore logs) {
    this.operations = new OperationTable();
    register.accept(operations);
    this.journal = journal;
    this.logs = logs;
    Ids ids = new Ids(new SplittableRandom(1));
    AgentSessions sessions =
        new AgentSessions(ids, new PayloadMapping(new Definitions()), (opened, frame, at) -> frame);
    try {
      this.plane = new ControlPlane(operations, sessions, journal.load(), ids);
    } catch (StoreException e) {
      throw new AssertionError("what was stored cannot be loaded", e);
    }
    this.sockets = new ControlSockets(plane::snapshot, events::offer);
    this.front = new ControlFront(operations, plane::snapshot, logs, () -> now, events::offer);
    journal.start(
        new Journal.Listener() {
          @Override
          public void durable(long revision) {
            events.add(new ControlEvent.Committed(revision));
          }

          @Override
          public void failed(StoreException cause) {
            throw new AssertionError(cause);
          }
        });
  }

  /// From now on calls are throttled, beginning with full buckets.
  public void throttle() {
    front =
        new ControlFront(
            operations, plane::snapshot, logs, () -> now, events::offer, new Throttle());
  }

  /// How one call went; neither an output nor an error while it waits.
  public static final class Reply<O> implements Answer {
    private final Structure<O> shape;
    private @Nullable O output;
    private @Nullable ServiceException error;
    private @Nullable EventListener stream;

    private Reply(Structure<O> shape) {
      this.shape = shape;
    }

    @Override
    @SuppressWarnings("unchecked") // promised by the operation table
    public void success(Object given) {
      mustWait();
      output = AwsJson.decode(shape, AwsJson.encode(shape, (O) given));
    }

    @Override
    @SuppressWarnings("unchecked") // promised by the operation table
    public void events(Object given, EventListener listener) {
      mustWait();
      output = AwsJson.decode(shape, AwsJson.encode(shape, (O) given));
      stream = listener;
    }

    /// Who hears what becomes of the stream of events that the answer goes on as.
    public EventListener stream() {
      return Objects.requireNonNull(stream, "the answer is no stream");
    }

    @Override
    public void failure(ServiceException given) {
      mustWait();
      error = given;
    }

    /// True if it was answered with an error.
    public boolean refused() {
      return error != null;
    }

    /// Whether it still waits for its answer.
    public boolean waits() {
      return output == null && error == null;
    }

    /// The output of a call that succeeded.
    public O output() {
      if (error != null) {
        throw new AssertionError("refused: " + error.code() + ": " + error.text(), error);
      }
      if (output == null) {
        throw new AssertionError("no answer yet");
      }
      return output;
    }

    /// The error of a call that was refused.
    public ServiceException error() {
      if (error == null) {
        throw new AssertionError("not refused: " + (output == null ? "no answer yet" : output));
      }
      return error;
    }

    private void mustWait() {
      if (!waits()) {
        throw new AssertionError("answered twice");
      }
    }
  }

  /// Calls, lets everything become durable, and gives the output.
  public <I, O> O call(Operation<I, O> operation, I input) {
    Reply<O> reply = ask(operation, input);
    settle();
    return reply.output();
  }

  /// Calls, lets everything become durable, and gives the error with which the call was refused.
  public <I, O> ServiceException refusal(Operation<I, O> operation, I input) {
    Reply<O> reply = ask(operation, input);
    settle();
    return reply.error();
  }

  /// Calls, and lets the writer decide; nothing becomes durable by that.
  public <I, O> Reply<O> ask(Operation<I, O> operation, I input) {
    Reply<O> reply = new Reply<>(operation.output());
    String violations = Constraints.violations(operation.input(), input);
    if (violations != null) {
      reply.failure(operation.service().invalidInput(violations));
      return reply;
    }
    String account = scope.account();
    front.handle(
        new Call(
            operation,
            Objects.requireNonNull(input),
            new Principal(account, "arn:aws:iam::" + account + ":root"),
            scope.region(),
            "request-" + ++lastRequest,
            new RequestHead("POST", "/", null, Headers.of("Host", "127.0.0.1:4566"), "127.0.0.1")),
        reply);
    drain();
    return reply;
  }

  /// Takes a call as the endpoint gives it, and lets the writer decide; nothing becomes durable by
  /// that.
  public void handle(Call call, Answer answer) {
    front.handle(call, answer);
    drain();
  }

  /// Gives the writer one event.
  public void tell(ControlEvent event) {
    events.add(event);
    drain();
  }

  /// Makes everything durable that was decided so far, and answers what waited for it. The log
  /// store does nothing by that.
  public void commit() {
    journal.write(journal.queued());
    journal.tell();
    drain();
  }

  /// Makes everything durable, in the log store too, until nothing is left to do now.
  public void settle() {
    for (int step = 0; step < MAX_STEPS; step++) {
      commit();
      logs.settle();
      if (wakeAt != null && !wakeAt.isAfter(now)) {
        wakeAt = null;
        tell(new ControlEvent.Woken());
      } else if (journal.queued() == 0 && logs.queued() == 0) {
        return;
      }
    }
    throw new AssertionError("does not come to rest");
  }

  /// Lets time pass, and what was asked for in it happen.
  public void pass(Duration time) {
    Instant until = now.plus(time);
    settle();
    while (wakeAt != null && !wakeAt.isAfter(until)) {
      now = wakeAt;
      settle();
    }
    now = until;
  }

  /// Later calls come from this account and region.
  public void as(Scope other) {
    scope = other;
  }

  /// What a new process finds after this one was killed: everything durable and nothing else.
  ///
  /// @param register as at first
  public ControlHarness crash(Consumer<OperationTable> register) {
    ControlHarness next = new ControlHarness(register, journal.crash(), logs.crash());
    next.now = now;
    next.scope = scope;
    return next;
  }

  /// What time it is.
  public Instant now() {
    return now;
  }

  /// Where sockets are opened. What happens on them is decided with the next event.
  public ControlSockets sockets() {
    return sockets;
  }

  /// The writer.
  public ControlPlane plane() {
    return plane;
  }

  /// The durable State.
  public State state() {
    return plane.snapshot().state();
  }

  /// The log store.
  public MemoryLogStore logs() {
    return logs;
  }

  /// Everything that the writer wanted done so far, in order.
  public List<ControlEffect> effects() {
    return List.copyOf(effects);
  }

  /// The same, and forgets it.
  public List<ControlEffect> takeEffects() {
    List<ControlEffect> taken = List.copyOf(effects);
    effects.clear();
    return taken;
  }

  private void drain() {
    ControlEvent event = events.poll();
    while (event != null) {
      for (ControlEffect effect : plane.onEvent(now, event)) {
        effects.add(effect);
        carryOut(effect);
      }
      event = events.poll();
    }
  }

  private void carryOut(ControlEffect effect) {
    switch (effect) {
      case ControlEffect.Commit commit -> journal.commit(commit.batch());
      case ControlEffect.Succeed succeed -> succeed.answer().success(succeed.output());
      case ControlEffect.Refuse refuse -> refuse.answer().failure(refuse.error());
      case ControlEffect.AppendLogs append -> LogEffects.append(logs, append);
      case ControlEffect.OpenTail open -> LogEffects.open(open, events::offer);
      case ControlEffect.SendEvent(var sink, var event) -> sink.send(event);
      case ControlEffect.EndEvents end -> LogEffects.end(end);
      case ControlEffect.Send send -> send.socket().send(send.text());
      case ControlEffect.SendBinary send -> send.socket().send(send.message());
      case ControlEffect.Close close -> close.socket().close(close.code(), close.reason());
      case ControlEffect.DeleteLogStream delete -> LogEffects.delete(logs, delete);
      case ControlEffect.DeleteLogGroup delete -> LogEffects.delete(logs, delete);
      case ControlEffect.ExpireLogs expire -> LogEffects.expire(logs, expire);
      case ControlEffect.WakeAt wake -> wakeAt = wake.at();
    }
  }
}

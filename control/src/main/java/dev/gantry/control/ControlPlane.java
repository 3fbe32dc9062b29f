package dev.gantry.control;

import dev.gantry.control.ecs.ProvisioningLoop;
import dev.gantry.control.exec.ExecRequest;
import dev.gantry.control.exec.ExecSessions;
import dev.gantry.control.logs.LiveTail;
import dev.gantry.control.logs.LiveTails;
import dev.gantry.control.session.AgentSessions;
import dev.gantry.control.session.Outbox;
import dev.gantry.model.Change;
import dev.gantry.model.ContainerInstance;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.EntityId;
import dev.gantry.model.LogGroupId;
import dev.gantry.model.LogStreamId;
import dev.gantry.model.Task;
import dev.gantry.model.TaskId;
import dev.gantry.model.TaskStatus;
import dev.gantry.store.Batch;
import dev.gantry.store.State;
import dev.gantry.wire.BinarySocket;
import dev.gantry.wire.TextSocket;
import dev.gantry.wire.server.Answer;
import dev.gantry.wire.server.Call;
import dev.gantry.wire.shape.ServiceException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The single writer.
///
/// It decides on **head**, which has every decision so far, so that the second of two decisions
/// sees the first although neither is durable yet. **durable** follows when the journal says so;
/// only then do answers leave, agents hear, and readers see. A command that changes nothing but was
/// decided on an undurable head waits for it too: nobody is told what a crash could take back.
///
/// Owns no thread, asks no clock and blocks on nothing: [#onEvent] takes what happened and gives
/// what is to be done. Called by one thread at a time; [#snapshot] alone may be called from any.
public final class ControlPlane {
  /// The most marks that one event's turn handles; the rest wait for the next, which is asked for
  /// at once.
  public static final int MARKS_PER_TURN = 256;

  private static final Logger LOG = LoggerFactory.getLogger(ControlPlane.class);

  private final OperationTable operations;
  private final AgentSessions sessions;
  private final ExecSessions execs;
  private final Ids ids;
  private final Ledger ledger;
  private final LogStreamSweep logStreamSweep;
  private final ProvisioningLoop provisioning;
  private final RetentionLoop retention = new RetentionLoop();
  private final LiveTails tails = new LiveTails();
  private final ArrayDeque<Undurable> undurable = new ArrayDeque<>();
  private State head;
  private volatile Snapshot snapshot;
  private @Nullable Instant askedToWake;
  private @Nullable Instant forgetAt = Instant.MIN;

  /// A decision that is not durable yet, and what leaves when it is.
  private record Undurable(State state, List<Change> changes, List<ControlEffect> then) {}

  /// @param loaded what the journal had
  /// @param ids where new ids come from
  public ControlPlane(OperationTable operations, AgentSessions sessions, State loaded, Ids ids) {
    this.operations = operations;
    this.sessions = sessions;
    this.execs = new ExecSessions(ids);
    this.ids = ids;
    this.head = loaded;
    this.ledger = Ledger.of(loaded);
    this.logStreamSweep = LogStreamSweep.of(loaded);
    this.provisioning = ProvisioningLoop.of(loaded);
    this.snapshot = snapshotOf(loaded);
  }

  private Snapshot snapshotOf(State durable) {
    return new Snapshot(durable, sessions.connected(), sessions.health(), execs.open());
  }

  /// What readers see now.
  public Snapshot snapshot() {
    return snapshot;
  }

  /// What is decided on now; for checks.
  public State head() {
    return head;
  }

  /// What is taken now; for checks.
  public Ledger ledger() {
    return ledger;
  }

  /// Takes one event.
  ///
  /// @param now never earlier than at the call before
  /// @return what is to be done, in this order
  public List<ControlEffect> onEvent(Instant now, ControlEvent event) {
    List<ControlEffect> effects = new ArrayList<>();
    Outbox out = new Gathering(effects);
    switch (event) {
      case ControlEvent.Asked asked -> ask(now, asked.call(), asked.answer(), effects);
      case ControlEvent.Committed committed ->
          becomeDurable(now, committed.revision(), effects, out);
      case ControlEvent.SocketOpened opened ->
          sessions.opened(now, opened.socketId(), opened.call(), opened.socket(), out);
      case ControlEvent.SocketText text -> sessions.text(now, text.socketId(), text.text(), out);
      case ControlEvent.SocketClosed closed -> sessions.closed(closed.socketId());
      case ControlEvent.TailOpened opened -> tails.opened(now, opened.id(), opened.sink(), effects);
      case ControlEvent.TailClosed closed -> tails.closed(closed.id());
      case ControlEvent.ExecOpened opened -> execs.opened(now, opened.socket(), out);
      case ControlEvent.ExecText text -> execs.text(now, text.socket(), text.text(), out);
      case ControlEvent.ExecMessage message ->
          execs.message(now, message.socket(), message.message(), out);
      case ControlEvent.ExecClosed closed -> execs.closed(now, closed.socket(), out);
      case ControlEvent.Woken woken -> askedToWake = null;
    }
    sessions.turn(now, snapshot.state(), MARKS_PER_TURN, out);
    boolean agentsChanged = sessions.takeChanged();
    provisioning.connected(sessions.takeArrived());
    change(provisioning.turn(now, new Head(head, sessions.connected(), ledger, ids)), effects);
    execs.turn(now, out);
    forget(now, effects);
    change(logStreamSweep.turn(head), effects);
    retention.turn(now, snapshot.state(), effects);
    tails.turn(now, effects);
    boolean execsChanged = execs.takeChanged();
    if (agentsChanged || execsChanged) {
      snapshot = snapshotOf(snapshot.state());
    }
    wake(now, effects);
    return effects;
  }

  /// Refuses every call that still waits for its decision to become durable. Called when the
  /// process gives up; nothing is decided afterwards.
  public void abandon() {
    ServiceException gone =
        new ServiceException("ServerException", 500, "The service is stopping.");
    for (Undurable waiting : undurable) {
      for (ControlEffect effect : waiting.then()) {
        switch (effect) {
          case ControlEffect.Succeed succeed -> succeed.answer().failure(gone);
          case ControlEffect.Refuse refuse -> refuse.answer().failure(gone);
          case ControlEffect.AppendLogs append -> append.answer().failure(gone);
          case ControlEffect.OpenTail open -> open.answer().failure(gone);
          default -> {
            // Nobody waits for it.
          }
        }
      }
    }
    undurable.clear();
  }

  private void ask(Instant now, Call call, Answer answer, List<ControlEffect> effects) {
    Context context = ControlFront.contextOf(call, now);
    ControlEffect then;
    try {
      then =
          switch (operations.find(call.operation())) {
            case OperationTable.Entry.Deciding deciding -> {
              Decision<Object> decision =
                  deciding
                      .command()
                      .decide(
                          new Head(head, sessions.connected(), ledger, ids), call.input(), context);
              change(decision.changes(), effects);
              yield new ControlEffect.Succeed(answer, decision.response());
            }
            case OperationTable.Entry.Appending appending -> {
              LogWork<Object> work = appending.command().decide(head, call.input(), context);
              yield new ControlEffect.AppendLogs(work, answer, tails.taps(work.stream()));
            }
            case OperationTable.Entry.Tailing tailing -> {
              LiveTail tail =
                  tailing
                      .command()
                      .open(
                          new Head(head, sessions.connected(), ledger, ids),
                          call.input(),
                          context,
                          call.requestId());
              tails.add(now, tail);
              yield new ControlEffect.OpenTail(answer, tail);
            }
            case OperationTable.Entry.Executing executing -> {
              ExecRequest wanted =
                  executing
                      .command()
                      .prepare(
                          new Head(head, sessions.connected(), ledger, ids), call.input(), context);
              yield new ControlEffect.Succeed(answer, execs.open(now, wanted));
            }
            case null, default ->
                throw new IllegalStateException(call.operation() + " is not the writer's");
          };
    } catch (ServiceException refused) {
      then = new ControlEffect.Refuse(answer, refused);
    } catch (RuntimeException bug) {
      // A decision is pure up to its changes, so nothing has happened.
      LOG.error("{} failed, request {}", call.operation(), call.requestId(), bug);
      then =
          new ControlEffect.Refuse(
              answer,
              new ServiceException(
                  "ServerException",
                  500,
                  "An internal error occurred. Request " + call.requestId()));
    }
    whenDurable(then, effects);
  }

  /// Does it now if all of head is durable, else with the last decision that is not.
  private void whenDurable(ControlEffect effect, List<ControlEffect> effects) {
    if (undurable.isEmpty()) {
      effects.add(effect);
    } else {
      undurable.getLast().then().add(effect);
    }
  }

  /// Moves head.
  private void change(List<Change> changes, List<ControlEffect> effects) {
    if (changes.isEmpty()) {
      return;
    }
    effects.add(new ControlEffect.Commit(Batch.after(head, changes)));
    for (Change change : changes) {
      ledger.apply(head, change);
      provisioning.changed(head, change);
    }
    head = head.apply(changes);
    undurable.add(new Undurable(head, changes, new ArrayList<>()));
  }

  /// Moves durable, and lets out what waited for it: for each decision in turn what follows from
  /// it, then what was decided after it. So an append that was decided before its stream's deletion
  /// reaches the log store before it, and one that was decided after its creation after it.
  private void becomeDurable(Instant now, long revision, List<ControlEffect> effects, Outbox out) {
    List<Undurable> settled = new ArrayList<>();
    while (!undurable.isEmpty() && undurable.getFirst().state().revision() <= revision) {
      settled.add(undurable.removeFirst());
    }
    if (settled.isEmpty()) {
      return;
    }
    State before = snapshot.state();
    // Readers first: whoever hears an answer reads what it says.
    snapshot = snapshotOf(settled.getLast().state());
    for (Undurable decision : settled) {
      for (Change change : decision.changes()) {
        follow(before, decision.state(), change, effects);
        if (change instanceof Change.Put(ContainerInstance instance) && !instance.isMember()) {
          execs.left(instance.id(), now, out);
        }
      }
      effects.addAll(decision.then());
      before = decision.state();
    }
  }

  /// What follows from a change once it is durable: marks, and effects outside State.
  private void follow(State before, State after, Change change, List<ControlEffect> effects) {
    EntityId id = change.id();
    switch (change) {
      case Change.Put(Task task) -> {
        if (task.containerInstance() != null) {
          sessions.mark(task.containerInstance());
          if (task.lastStatus() == TaskStatus.STOPPED) {
            sessions.stopped(task.containerInstance(), task.id());
          }
        }
        forgetSoon();
      }
      case Change.Put put when id instanceof ContainerInstanceId instance -> {
        sessions.mark(instance);
        forgetSoon();
      }
      case Change.Put put -> forgetSoon();
      case Change.Remove(TaskId task) -> {
        Task gone = before.task(task);
        if (gone != null && gone.containerInstance() != null) {
          sessions.stopped(gone.containerInstance(), task);
        }
      }
      case Change.Remove(LogStreamId stream) -> {
        // A group's events are dropped together, not stream by stream.
        if (after.logGroup(stream.groupId()) != null) {
          effects.add(new ControlEffect.DeleteLogStream(stream));
        }
      }
      case Change.Remove(LogGroupId group) -> {
        effects.add(new ControlEffect.DeleteLogGroup(group));
        logStreamSweep.mark(group);
      }
      case Change.Remove(ContainerInstanceId instance) -> sessions.forget(instance);
      case Change.Remove remove -> {
        // Nothing outside State knew of it.
      }
    }
  }

  private void forgetSoon() {
    forgetAt = Instant.MIN;
  }

  private void forget(Instant now, List<ControlEffect> effects) {
    if (forgetAt != null && !forgetAt.isAfter(now)) {
      ForgetLoop.Turn turn = ForgetLoop.turn(now, head);
      change(turn.changes(), effects);
      forgetAt = turn.wakeAt();
    }
  }

  private void wake(Instant now, List<ControlEffect> effects) {
    boolean marks = sessions.hasMarks() || logStreamSweep.hasMarks() || provisioning.hasMarks();
    Instant next = marks ? now : sessions.wakeAt();
    next = earlier(next, provisioning.wakeAt());
    next = earlier(next, forgetAt);
    next = earlier(next, retention.wakeAt());
    next = earlier(next, execs.wakeAt());
    next = earlier(next, tails.wakeAt());
    if (next != null && !next.equals(askedToWake)) {
      askedToWake = next;
      effects.add(new ControlEffect.WakeAt(next.isBefore(now) ? now : next));
    }
  }

  private static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
    return one == null || (other != null && other.isBefore(one)) ? other : one;
  }

  /// Gathers what the sessions want into the effects of one event.
  private final class Gathering implements Outbox {
    private final List<ControlEffect> effects;

    Gathering(List<ControlEffect> effects) {
      this.effects = effects;
    }

    @Override
    public void send(TextSocket socket, String text) {
      effects.add(new ControlEffect.Send(socket, text));
    }

    @Override
    public void send(BinarySocket socket, byte[] message) {
      effects.add(new ControlEffect.SendBinary(socket, message));
    }

    @Override
    public void close(TextSocket socket, int code, String reason) {
      effects.add(new ControlEffect.Close(socket, code, reason));
    }

    @Override
    public State head() {
      return head;
    }

    @Override
    public void change(Change change) {
      ControlPlane.this.change(List.of(change), effects);
    }
  }
}

package dev.gantry.control;

import dev.gantry.model.Scope;
import dev.gantry.store.LogStore;
import dev.gantry.wire.server.Answer;
import dev.gantry.wire.server.Call;
import dev.gantry.wire.server.OperationHandler;
import dev.gantry.wire.shape.ServiceException;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Where calls arrive: answers what only reads on the caller's own thread, from a durable snapshot,
/// and queues the rest for the writer.
public final class ControlFront implements OperationHandler {
  private final OperationTable operations;
  private final Supplier<Snapshot> snapshots;
  private final LogStore logs;
  private final InstantSource clock;
  private final Inbox inbox;
  private final @Nullable Throttle throttle;

  /// Takes calls as fast as they come.
  ///
  /// @param snapshots gives the latest durable snapshot, from any thread
  /// @param clock handed in: the wall clock, or the simulated one
  /// @param inbox the way to the writer
  public ControlFront(
      OperationTable operations,
      Supplier<Snapshot> snapshots,
      LogStore logs,
      InstantSource clock,
      Inbox inbox) {
    this(operations, snapshots, logs, clock, inbox, null);
  }

  /// @param snapshots gives the latest durable snapshot, from any thread
  /// @param clock handed in: the wall clock, or the simulated one
  /// @param inbox the way to the writer
  /// @param throttle says which calls come too fast, or null if none does
  public ControlFront(
      OperationTable operations,
      Supplier<Snapshot> snapshots,
      LogStore logs,
      InstantSource clock,
      Inbox inbox,
      @Nullable Throttle throttle) {
    this.operations = operations;
    this.snapshots = snapshots;
    this.logs = logs;
    this.clock = clock;
    this.inbox = inbox;
    this.throttle = throttle;
  }

  @Override
  public void handle(Call call, Answer answer) {
    OperationTable.Entry entry = operations.find(call.operation());
    if (entry != null
        && throttle != null
        && !throttle.admits(clock.instant(), scope(call), call.operation())) {
      answer.failure(rateExceeded());
      return;
    }
    try {
      switch (entry) {
        case null -> answer.failure(OperationTable.notImplemented(call.operation()));
        case OperationTable.Entry.Reading reading ->
            answer.success(reading.query().answer(snapshots.get(), call.input(), context(call)));
        case OperationTable.Entry.Searching searching ->
            searching.query().ask(snapshots.get(), call.input(), context(call), logs, answer);
        case OperationTable.Entry.Deciding deciding -> queue(call, answer);
        case OperationTable.Entry.Appending appending -> queue(call, answer);
        case OperationTable.Entry.Tailing tailing -> queue(call, answer);
        case OperationTable.Entry.Executing executing -> queue(call, answer);
      }
    } catch (ServiceException refused) {
      answer.failure(refused);
    }
  }

  private void queue(Call call, Answer answer) {
    if (!inbox.offer(new ControlEvent.Asked(call, answer))) {
      answer.failure(rateExceeded());
    }
  }

  private static ServiceException rateExceeded() {
    return new ServiceException("ThrottlingException", 400, "Rate exceeded");
  }

  private static Scope scope(Call call) {
    return new Scope(call.principal().account(), call.region());
  }

  private Context context(Call call) {
    return contextOf(call, clock.instant());
  }

  static Context contextOf(Call call, java.time.Instant now) {
    return new Context(scope(call), call.principal(), now, call.head());
  }
}

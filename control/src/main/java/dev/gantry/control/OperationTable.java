package dev.gantry.control;

import dev.gantry.wire.shape.Operation;
import dev.gantry.wire.shape.ServiceException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which code carries out which operation. Filled once, when the control plane is built; what is
/// not in it is answered with 501.
public final class OperationTable {
  /// HTTP 501 and this type say that an operation exists but is not carried out here.
  public static final String NOT_IMPLEMENTED = "NotImplementedException";

  private final Map<Operation<?, ?>, Entry> entries = new LinkedHashMap<>();

  /// How one operation is carried out. Inputs are of the operation's own record: the endpoint
  /// decoded them by the same [Operation] that is the key here.
  sealed interface Entry {
    /// By the writer, on head.
    record Deciding(Command<Object, Object> command) implements Entry {}

    /// On any thread, on a durable snapshot.
    record Reading(Query<Object, Object> query) implements Entry {}

    /// By the writer, which hands it to the log store.
    record Appending(LogCommand<Object, Object> command) implements Entry {}

    /// On any thread, by the log store.
    record Searching(LogQuery<Object, Object> query) implements Entry {}

    /// By the writer, which keeps a session.
    record Tailing(TailCommand<Object> command) implements Entry {}

    /// By the writer, which keeps a session in a container.
    record Executing(ExecCommand<Object> command) implements Entry {}
  }

  /// Registers an operation that may change State.
  @SuppressWarnings("unchecked")
  public <I, O> void command(Operation<I, O> operation, Command<I, O> command) {
    add(operation, new Entry.Deciding((Command<Object, Object>) command));
  }

  /// Registers an operation that only reads State.
  @SuppressWarnings("unchecked")
  public <I, O> void query(Operation<I, O> operation, Query<I, O> query) {
    add(operation, new Entry.Reading((Query<Object, Object>) query));
  }

  /// Registers an operation that adds to the log store.
  @SuppressWarnings("unchecked")
  public <I, O> void logCommand(Operation<I, O> operation, LogCommand<I, O> command) {
    add(operation, new Entry.Appending((LogCommand<Object, Object>) command));
  }

  /// Registers an operation that reads the log store.
  @SuppressWarnings("unchecked")
  public <I, O> void logQuery(Operation<I, O> operation, LogQuery<I, O> query) {
    add(operation, new Entry.Searching((LogQuery<Object, Object>) query));
  }

  /// Registers an operation that answers with a stream of what is appended to the log store.
  @SuppressWarnings("unchecked")
  public <I> void tail(Operation<I, ?> operation, TailCommand<I> command) {
    add(operation, new Entry.Tailing((TailCommand<Object>) command));
  }

  /// Registers an operation that opens a session in a container.
  @SuppressWarnings("unchecked")
  public <I> void exec(Operation<I, ?> operation, ExecCommand<I> command) {
    add(operation, new Entry.Executing((ExecCommand<Object>) command));
  }

  /// How an operation is carried out, or null if it is not.
  @Nullable Entry find(Operation<?, ?> operation) {
    return entries.get(operation);
  }

  /// The operations that are carried out, in the order they were registered.
  public List<Operation<?, ?>> operations() {
    return List.copyOf(entries.keySet());
  }

  /// The answer to an operation that is not carried out; it names service and operation.
  public static ServiceException notImplemented(Operation<?, ?> operation) {
    return new ServiceException(
        NOT_IMPLEMENTED,
        501,
        "Gantry does not implement "
            + operation.service().name()
            + ":"
            + operation.name()
            + " yet. COMPATIBILITY.md lists what it implements.");
  }

  private void add(Operation<?, ?> operation, Entry entry) {
    if (entries.put(operation, entry) != null) {
      throw new IllegalStateException(operation + " is carried out twice");
    }
  }
}

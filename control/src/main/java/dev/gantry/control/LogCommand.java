package dev.gantry.control;

import dev.gantry.store.State;
import dev.gantry.wire.shape.ServiceException;

/// An operation that adds to the log store. Runs on the single writer, so that it keeps its order
/// with the creation and deletion of streams; the log store answers.
///
/// @param <I> the operation's input record
/// @param <O> the operation's output record
@FunctionalInterface
public interface LogCommand<I, O> {

  /// Decides what to append.
  ///
  /// A stream need not be durable to be appended to: the append leaves only after everything in
  /// `head` is durable, and in the order of the decisions ([ControlPlane]).
  ///
  /// @param head State with every decision so far; a stream that is not in it does not exist
  /// @throws ServiceException the operation is refused; nothing is appended
  LogWork<O> decide(State head, I input, Context context);
}

package dev.gantry.control;

import dev.gantry.store.LogStore;
import dev.gantry.wire.server.Answer;
import dev.gantry.wire.shape.ServiceException;

/// An operation that reads the log store. Runs on any thread, on a durable snapshot.
///
/// @param <I> the operation's input record
/// @param <O> the operation's output record, which the answer is given
@FunctionalInterface
public interface LogQuery<I, O> {

  /// Asks the log store, and gives the answer when that has answered.
  ///
  /// @throws ServiceException the operation is refused; no answer was given
  void ask(Snapshot snapshot, I input, Context context, LogStore logs, Answer answer);
}

package dev.gantry.control;

import dev.gantry.wire.shape.ServiceException;

/// An operation that may change State. Runs on the single writer, on `head`.
///
/// @param <I> the operation's input record
/// @param <O> the operation's output record
@FunctionalInterface
public interface Command<I, O> {

  /// Decides. Pure but for the ids it draws from `head`.
  ///
  /// @throws ServiceException the operation is refused; nothing changes
  Decision<O> decide(Head head, I input, Context context);
}

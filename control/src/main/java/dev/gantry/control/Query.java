package dev.gantry.control;

import dev.gantry.wire.shape.ServiceException;

/// An operation that only reads. Runs on any thread, on a durable snapshot.
///
/// @param <I> the operation's input record
/// @param <O> the operation's output record
@FunctionalInterface
public interface Query<I, O> {

  /// Answers. Pure.
  ///
  /// @throws ServiceException the operation is refused
  O answer(Snapshot snapshot, I input, Context context);
}

package dev.gantry.control;

import dev.gantry.control.exec.ExecRequest;
import dev.gantry.wire.shape.ServiceException;

/// An operation that opens a session in a container. Runs on the single writer, which keeps the
/// session ([dev.gantry.control.exec.ExecSessions]).
///
/// @param <I> the operation's input record
@FunctionalInterface
public interface ExecCommand<I> {

  /// Decides what the session is to be.
  ///
  /// @throws ServiceException the operation is refused; there is no session
  ExecRequest prepare(Head head, I input, Context context);
}

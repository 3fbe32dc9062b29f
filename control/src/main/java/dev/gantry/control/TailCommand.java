package dev.gantry.control;

import dev.gantry.control.logs.LiveTail;
import dev.gantry.wire.shape.ServiceException;

/// An operation that answers with a stream of what is appended to the log store from now on. Runs
/// on the single writer, which keeps the session ([dev.gantry.control.logs.LiveTails]).
///
/// @param <I> the operation's input record
@FunctionalInterface
public interface TailCommand<I> {

  /// Decides what the session shows.
  ///
  /// @param requestId the call's
  /// @throws ServiceException the operation is refused; there is no session
  LiveTail open(Head head, I input, Context context, String requestId);
}

package dev.gantry.control.logs;

import dev.gantry.api.logs.LogsErrors;
import dev.gantry.control.LogEffects;
import dev.gantry.store.LogStore;
import dev.gantry.store.StoreException;
import dev.gantry.wire.server.Answer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// From the log store's answer to the caller's.
final class Answering {
  private static final Logger LOG = LoggerFactory.getLogger(Answering.class);

  private Answering() {}

  /// Answers a call with the output made of what the log store found.
  ///
  /// @param output runs on the log store's thread
  static <T> LogStore.Callback<T> with(Answer answer, Function<T, ?> output) {
    return then(answer, found -> answer.success(output.apply(found)));
  }

  /// Goes on with what the log store found, and refuses the call if it could not look.
  ///
  /// @param next sees to it that the call is answered; runs on the log store's thread
  static <T> LogStore.Callback<T> then(Answer answer, Consumer<T> next) {
    return new LogStore.Callback<>() {
      @Override
      public void done(T found) {
        try {
          next.accept(found);
        } catch (RuntimeException bug) {
          // Nobody else would answer: the log store only notes what its callbacks throw.
          LOG.error("Could not answer from what was read of the logs", bug);
          answer.failure(
              LogsErrors.serviceUnavailableException("The service cannot complete the request."));
        }
      }

      @Override
      public void failed(StoreException cause) {
        LOG.warn("Could not read logs: {}", cause.getMessage());
        answer.failure(LogEffects.refusal(cause));
      }
    };
  }
}

package dev.gantry.control;

import dev.gantry.api.logs.StartLiveTailResponse;
import dev.gantry.model.LogStreamId;
import dev.gantry.store.LogStore;
import dev.gantry.store.State;
import dev.gantry.store.StoreException;
import dev.gantry.wire.server.EventListener;
import dev.gantry.wire.server.EventSink;
import dev.gantry.wire.shape.ServiceException;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries out the effects that concern the log store. Whoever runs the control plane, the program
/// or the simulator, carries them out here, in the order they are given; none blocks.
public final class LogEffects {
  private static final Logger LOG = LoggerFactory.getLogger(LogEffects.class);

  private LogEffects() {}

  /// Appends, and answers the call when that is durable. A batch of which nothing is left to store
  /// is answered at once.
  public static void append(LogStore store, ControlEffect.AppendLogs effect) {
    append(store, effect.work(), effect);
  }

  private static <O> void append(LogStore store, LogWork<O> work, ControlEffect.AppendLogs effect) {
    if (work.events().isEmpty()) {
      effect.answer().success(work.response());
      return;
    }
    store.append(
        work.stream(),
        work.events(),
        work.ingestedAt(),
        work.origin(),
        new LogStore.Callback<>() {
          @Override
          public void done(LogStore.Appended appended) {
            // What was skipped is the front of the batch, and was heard of before.
            for (LogTap tap : effect.taps()) {
              tap.appended(
                  work.stream(),
                  work.events().subList(appended.skipped(), work.events().size()),
                  work.ingestedAt());
            }
            effect.answer().success(work.response());
          }

          @Override
          public void failed(StoreException cause) {
            LOG.warn("Could not append to {}: {}", work.stream(), cause.getMessage());
            effect.answer().failure(refusal(cause));
          }
        });
  }

  /// Answers a call with the stream of a session.
  ///
  /// @param inbox hears what becomes of it
  public static void open(ControlEffect.OpenTail effect, Inbox inbox) {
    String id = effect.tail().id();
    effect
        .answer()
        .events(
            new StartLiveTailResponse(),
            new EventListener() {
              @Override
              public void opened(EventSink sink) {
                if (!inbox.offer(new ControlEvent.TailOpened(id, sink))) {
                  sink.end();
                }
              }

              @Override
              public void closed() {
                inbox.offer(new ControlEvent.TailClosed(id));
              }
            });
  }

  /// Ends a stream of events.
  public static void end(ControlEffect.EndEvents effect) {
    ServiceException error = effect.error();
    if (error == null) {
      effect.sink().end();
    } else {
      effect.sink().fail(error);
    }
  }

  /// Drops the events of a stream that is gone.
  public static void delete(LogStore store, ControlEffect.DeleteLogStream effect) {
    store.deleteStream(effect.stream(), new Dropping(effect.stream()));
  }

  /// Drops the events of a group that is gone.
  public static void delete(LogStore store, ControlEffect.DeleteLogGroup effect) {
    store.deleteGroup(effect.group(), new Dropping(effect.group()));
  }

  /// Drops events that have outlived their group's retention, all of them, a bounded number at a
  /// time.
  public static void expire(LogStore store, ControlEffect.ExpireLogs effect) {
    store.expire(
        effect.group(),
        effect.before().toEpochMilli(),
        new LogStore.Callback<>() {
          @Override
          public void done(Boolean more) {
            if (more) {
              expire(store, effect);
            }
          }

          @Override
          public void failed(StoreException cause) {
            LOG.warn(
                "Could not drop old events of {}; tried again within {}: {}",
                effect.group(),
                RetentionLoop.EVERY,
                cause.getMessage());
          }
        });
  }

  /// What the log store keeps at a start ([LogStore#retainOnly]): the streams that exist, in groups
  /// that exist.
  public static Predicate<LogStreamId> existing(State state) {
    return stream -> state.logStream(stream) != null && state.logGroup(stream.groupId()) != null;
  }

  /// What a caller is told when the log store could not do what was asked: to try again, in the
  /// words that the SDKs act on. Why it could not is for the operator, not for the caller.
  public static ServiceException refusal(StoreException cause) {
    return cause.kind() == StoreException.Kind.OVERLOADED
        ? new ServiceException("ThrottlingException", 400, "Rate exceeded")
        : new ServiceException(
            "ServiceUnavailableException", 500, "The service cannot complete the request.");
  }

  /// What was to be dropped and was not stays unseen until the next start, which drops it
  /// ([LogStore#retainOnly]), unless a stream of the same name is made before: then old events
  /// would show. An operator has to know.
  private record Dropping(Object what) implements LogStore.Callback<Boolean> {
    @Override
    public void done(Boolean wasThere) {
      LOG.debug("Dropped the events of {}", what);
    }

    @Override
    public void failed(StoreException cause) {
      LOG.warn(
          "Could not drop the events of {}; the next start does it: {}", what, cause.getMessage());
    }
  }
}

package dev.gantry.agent;

import dev.gantry.agent.AgentEffect.ContinueLog;
import dev.gantry.agent.AgentEffect.FollowLog;
import dev.gantry.agent.AgentEffect.Note;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.Kernel.Outcome;
import dev.gantry.api.logs.CreateLogGroupRequest;
import dev.gantry.api.logs.CreateLogStreamRequest;
import dev.gantry.api.logs.EventOrigin;
import dev.gantry.api.logs.Logs;
import dev.gantry.api.logs.PutLogEventsRequest;
import dev.gantry.api.logs.PutLogEventsResponse;
import dev.gantry.wire.shape.Unit;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Carries containers' output to the log service: makes streams, follows containers, puts batches.
/// What to ship and when is [LogShipper]'s; this is its link to the world.
final class LogDesk {

  /// A cursor is put on disk this often while output flows. What is sent again after a fall in
  /// between, the log service knows by its number.
  static final Duration CURSOR_INTERVAL = Duration.ofSeconds(1);

  /// Where a container's output goes.
  ///
  /// @param writer who writes; whoever counts the same events must have the same name
  record Destination(String group, String region, String stream, String writer) {}

  /// Hears how one following goes on.
  interface Listener {
    /// So much was accepted; worth keeping.
    void accepted(LogCursor cursor);

    /// Everything was accepted, or the rest cannot be had.
    void drained();

    /// The following broke off; begin another from the last accepted cursor.
    void broken();
  }

  private static final class Following {
    private final long number;
    private final Destination destination;
    private final Listener listener;
    private final LogShipper shipper;
    private boolean withheld;
    private boolean brokenOff;
    private boolean finished;
    private @Nullable LogCursor told;
    private @Nullable Instant toldAt;

    Following(long number, Destination destination, Listener listener, LogShipper shipper) {
      this.number = number;
      this.destination = destination;
      this.listener = listener;
      this.shipper = shipper;
      this.told = shipper.cursor();
    }

    String timer() {
      return "log." + number;
    }
  }

  private final Kernel kernel;
  private final Map<Long, Following> followings = new LinkedHashMap<>();

  LogDesk(Kernel kernel) {
    this.kernel = kernel;
  }

  void createStream(Destination destination, Consumer<Outcome<Unit>> then) {
    kernel.call(
        destination.region(),
        Logs.CREATE_LOG_STREAM,
        CreateLogStreamRequest.builder()
            .logGroupName(destination.group())
            .logStreamName(destination.stream())
            .build(),
        Unit.class,
        outcome -> then.accept(existing(outcome)));
  }

  void createGroup(Destination destination, Consumer<Outcome<Unit>> then) {
    kernel.call(
        destination.region(),
        Logs.CREATE_LOG_GROUP,
        CreateLogGroupRequest.builder().logGroupName(destination.group()).build(),
        Unit.class,
        outcome -> then.accept(existing(outcome)));
  }

  /// What exists already is as good as made.
  private static Outcome<Unit> existing(Outcome<Unit> outcome) {
    return outcome instanceof Outcome.Refused<Unit>(String code, int _, String _)
            && code.equals("ResourceAlreadyExistsException")
        ? new Outcome.Done<>(Unit.UNIT)
        : outcome;
  }

  /// Ships a container's output from `cursor` on.
  ///
  /// @param eventStart with what lines events begin; null if each line is one
  void follow(
      Destination destination,
      String containerId,
      @Nullable EventStart eventStart,
      @Nullable LogCursor cursor,
      Listener listener) {
    long number = kernel.number();
    followings.put(
        number, new Following(number, destination, listener, new LogShipper(cursor, eventStart)));
    kernel.emit(new FollowLog(number, containerId, cursor == null ? null : cursor.since()));
  }

  void lines(AgentEvent.LogLines event) {
    Following following = followings.get(event.follow());
    if (following == null || following.brokenOff) {
      return;
    }
    following.shipper.lines(event.lines());
    if (following.shipper.roomy()) {
      kernel.emit(new ContinueLog(following.number));
    } else {
      following.withheld = true;
    }
    pump(following);
  }

  void ended(long number) {
    Following following = followings.get(number);
    if (following != null && !following.brokenOff) {
      following.shipper.ended();
      pump(following);
    }
  }

  void broken(long number, RuntimeFailure.Kind kind, String reason) {
    Following following = followings.get(number);
    if (following == null || following.brokenOff) {
      return;
    }
    switch (kind) {
      case NOT_FOUND, REFUSED, UNAUTHORIZED, CONFLICT -> {
        kernel.note(
            Note.Level.WARNING,
            "the rest of the output for log stream "
                + following.destination.stream()
                + " cannot be read: "
                + reason);
        // What was read is still shipped.
        following.shipper.ended();
      }
      case TIMEOUT, UNREACHABLE, INTERRUPTED -> following.brokenOff = true;
    }
    pump(following);
  }

  private void pump(Following following) {
    if (following.finished) {
      return;
    }
    LogShipper shipper = following.shipper;
    if (following.brokenOff) {
      // What is queued is read again from the cursor; what is under way decides where that is.
      if (!shipper.busy()) {
        finish(following);
        following.listener.broken();
      }
      return;
    }
    LogShipper.Batch batch = shipper.next(kernel.now());
    if (batch != null) {
      put(following, batch);
    }
    if (shipper.drained()) {
      finish(following);
      following.listener.drained();
      return;
    }
    Instant wake = shipper.wakeAt(kernel.now());
    Instant cursorDue = cursorDue(following);
    if (wake == null || (cursorDue != null && cursorDue.isBefore(wake))) {
      wake = cursorDue;
    }
    if (wake == null) {
      kernel.timers.cancel(following.timer());
    } else {
      kernel.timers.set(
          following.timer(),
          wake,
          () -> {
            tell(following, false);
            pump(following);
          });
    }
  }

  private void finish(Following following) {
    tell(following, true);
    following.finished = true;
    kernel.timers.cancel(following.timer());
    followings.remove(following.number);
  }

  private void put(Following following, LogShipper.Batch batch) {
    Destination destination = following.destination;
    kernel.call(
        destination.region(),
        Logs.PUT_LOG_EVENTS,
        PutLogEventsRequest.builder()
            .logGroupName(destination.group())
            .logStreamName(destination.stream())
            .logEvents(batch.events())
            .sequenceToken(
                new EventOrigin(batch.position(), destination.writer()).toSequenceToken())
            .build(),
        PutLogEventsResponse.class,
        outcome -> {
          switch (outcome) {
            case Outcome.Done<PutLogEventsResponse> _ -> accepted(following);
            case Outcome.Refused<PutLogEventsResponse> refused -> refused(following, refused);
            // Whether the batch was taken is not known; sent again, it has the same numbers.
            case Outcome.Lost<PutLogEventsResponse>(String message) -> failed(following, message);
          }
        });
  }

  private void refused(Following following, Outcome.Refused<PutLogEventsResponse> refused) {
    if (refused.transientError() || refused.code().equals("UnrecognizedClientException")) {
      failed(following, refused.code() + ": " + refused.message());
    } else if (refused.code().equals("ResourceNotFoundException")) {
      // Somebody deleted the stream: it is made again; or the group: nobody wants the output.
      createStream(
          following.destination,
          outcome -> {
            switch (outcome) {
              case Outcome.Done<Unit> _ -> failed(following, "the log stream had to be made again");
              case Outcome.Refused<Unit> again when again.transientError() ->
                  failed(following, again.message());
              case Outcome.Refused<Unit> again -> dropped(following, again.message());
              case Outcome.Lost<Unit>(String message) -> failed(following, message);
            }
          });
    } else {
      dropped(following, refused.code() + ": " + refused.message());
    }
  }

  private void accepted(Following following) {
    following.shipper.accepted();
    if (following.withheld && following.shipper.roomy() && !following.brokenOff) {
      following.withheld = false;
      kernel.emit(new ContinueLog(following.number));
    }
    tell(following, false);
    pump(following);
  }

  private void failed(Following following, String message) {
    kernel.note(
        Note.Level.WARNING,
        "log stream " + following.destination.stream() + ": trying again: " + message);
    following.shipper.failed(kernel.now(), kernel.chance());
    pump(following);
  }

  private void dropped(Following following, String message) {
    kernel.note(
        Note.Level.ERROR,
        "log stream " + following.destination.stream() + ": some output is dropped: " + message);
    accepted(following);
  }

  /// Tells the cursor, at once the first time and at the end, else at intervals.
  private void tell(Following following, boolean last) {
    LogCursor cursor = following.shipper.cursor();
    Instant due = cursorDue(following);
    if (cursor == null || due == null || (!last && due.isAfter(kernel.now()))) {
      return;
    }
    following.told = cursor;
    following.toldAt = kernel.now();
    following.listener.accepted(cursor);
  }

  /// When the cursor is to be told; null if it was.
  private @Nullable Instant cursorDue(Following following) {
    LogCursor cursor = following.shipper.cursor();
    if (cursor == null || cursor.equals(following.told)) {
      return null;
    }
    Instant before = following.toldAt;
    return before == null ? kernel.now() : before.plus(CURSOR_INTERVAL);
  }
}

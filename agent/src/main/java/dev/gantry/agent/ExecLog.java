package dev.gantry.agent;

import dev.gantry.agent.AgentEffect.Note;
import dev.gantry.agent.Kernel.Outcome;
import dev.gantry.api.logs.CreateLogStreamRequest;
import dev.gantry.api.logs.EventOrigin;
import dev.gantry.api.logs.InputLogEvent;
import dev.gantry.api.logs.Logs;
import dev.gantry.api.logs.PutLogEventsRequest;
import dev.gantry.api.logs.PutLogEventsResponse;
import dev.gantry.wire.shape.Unit;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Writes one session's output to a log stream that is named after the session: a line, an event.
///
/// One batch is under way at a time, and tells which of the session's lines it begins with, so that
/// one that is sent twice is stored once. What is not accepted after so many tries is given up,
/// said, and with it the rest of the session's log; the session itself goes on, as with Amazon's
/// agent. It is in memory alone and ends with the agent, as the session does.
final class ExecLog {
  /// The command is held up while more than this is not accepted.
  static final int MAX_QUEUE_BYTES = 256 * 1024;

  /// A longer line is cut.
  static final int MAX_LINE_BYTES = 64 * 1024;

  static final int MAX_BATCH_EVENTS = 1_000;

  /// A batch that the service does not take is tried so often.
  static final int MAX_TRIES = 10;

  private record Line(long timestamp, String text, int bytes) {}

  private final Kernel kernel;
  private final String region;
  private final String group;
  private final String stream;
  private final Runnable moved;
  private final Deque<Line> lines = new ArrayDeque<>();
  private final ByteArrayOutputStream unfinished = new ByteArrayOutputStream();
  private int queuedBytes;
  private long accepted;
  private boolean made;
  private boolean busy;
  private boolean given;
  private int failures;

  /// @param moved is called when something was accepted or given up
  ExecLog(Kernel kernel, String region, String group, String stream, Runnable moved) {
    this.kernel = kernel;
    this.region = region;
    this.group = group;
    this.stream = stream;
    this.moved = moved;
  }

  /// True while the command should write no more.
  boolean isFull() {
    return !given && queuedBytes > MAX_QUEUE_BYTES;
  }

  /// Output, as the command wrote it.
  void append(byte[] output) {
    if (given) {
      return;
    }
    for (byte b : output) {
      if (b == '\n') {
        finishLine();
      } else {
        unfinished.write(b);
        if (unfinished.size() >= MAX_LINE_BYTES) {
          finishLine();
        }
      }
    }
    pump();
  }

  /// The output is over.
  void finish() {
    finishLine();
    pump();
  }

  private void finishLine() {
    String text = unfinished.toString(StandardCharsets.UTF_8).stripTrailing();
    int bytes = unfinished.size();
    unfinished.reset();
    // The service takes no empty events.
    if (!text.isEmpty() && !given) {
      lines.add(new Line(kernel.now().toEpochMilli(), text, bytes));
      queuedBytes += bytes;
    }
  }

  private void pump() {
    if (busy || given || lines.isEmpty()) {
      return;
    }
    busy = true;
    if (made) {
      put();
    } else {
      make();
    }
  }

  private void make() {
    kernel.call(
        region,
        Logs.CREATE_LOG_STREAM,
        new CreateLogStreamRequest(group, stream),
        Unit.class,
        outcome -> {
          switch (outcome) {
            case Outcome.Done<Unit> _ -> ready();
            case Outcome.Refused<Unit> refused
                when refused.code().equals("ResourceAlreadyExistsException") ->
                ready();
            case Outcome.Refused<Unit> refused when !refused.transientError() ->
                giveUp(refused.code() + ": " + refused.message());
            case Outcome.Refused<Unit> refused -> again(refused.message());
            case Outcome.Lost<Unit>(String message) -> again(message);
          }
        });
  }

  private void ready() {
    made = true;
    busy = false;
    failures = 0;
    pump();
  }

  private void put() {
    List<InputLogEvent> events = new ArrayList<>();
    int bytes = 0;
    for (Line line : lines) {
      if (events.size() == MAX_BATCH_EVENTS || bytes > MAX_QUEUE_BYTES) {
        break;
      }
      events.add(new InputLogEvent(line.timestamp(), line.text()));
      bytes += line.bytes();
    }
    int count = events.size();
    kernel.call(
        region,
        Logs.PUT_LOG_EVENTS,
        PutLogEventsRequest.builder()
            .logGroupName(group)
            .logStreamName(stream)
            .logEvents(events)
            .sequenceToken(new EventOrigin(accepted, stream).toSequenceToken())
            .build(),
        PutLogEventsResponse.class,
        outcome -> {
          switch (outcome) {
            case Outcome.Done<PutLogEventsResponse> _ -> accepted(count);
            case Outcome.Refused<PutLogEventsResponse> refused when !refused.transientError() ->
                giveUp(refused.code() + ": " + refused.message());
            case Outcome.Refused<PutLogEventsResponse> refused -> again(refused.message());
            case Outcome.Lost<PutLogEventsResponse>(String message) -> again(message);
          }
        });
  }

  private void accepted(int count) {
    accepted += count;
    for (int i = 0; i < count; i++) {
      queuedBytes -= lines.removeFirst().bytes();
    }
    busy = false;
    failures = 0;
    pump();
    moved.run();
  }

  private void again(String why) {
    failures++;
    if (failures == MAX_TRIES) {
      giveUp(why);
      return;
    }
    kernel.timers.set(
        "exec.log." + stream,
        kernel.now().plus(Backoff.LOGS.delay(failures, kernel.chance())),
        () -> {
          busy = false;
          pump();
        });
  }

  private void giveUp(String why) {
    kernel.note(
        Note.Level.WARNING,
        "the output of session " + stream + " is not logged to " + group + " any more: " + why);
    given = true;
    busy = false;
    lines.clear();
    queuedBytes = 0;
    moved.run();
  }
}

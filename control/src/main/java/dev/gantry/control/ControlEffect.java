package dev.gantry.control;

import dev.gantry.control.logs.LiveTail;
import dev.gantry.model.LogGroupId;
import dev.gantry.model.LogStreamId;
import dev.gantry.store.Batch;
import dev.gantry.wire.BinarySocket;
import dev.gantry.wire.TextSocket;
import dev.gantry.wire.server.Answer;
import dev.gantry.wire.server.EventSink;
import dev.gantry.wire.shape.ServiceException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Everything the control plane wants done. Effects are carried out in the order they are given;
/// carrying one out never blocks the writer.
public sealed interface ControlEffect {

  /// Make these changes durable, as one transaction, after all commits given before.
  /// [ControlEvent.Committed] follows; a failure is fatal to the process.
  record Commit(Batch batch) implements ControlEffect {}

  /// Give a call its answer.
  record Succeed(Answer answer, Object output) implements ControlEffect {}

  /// Refuse a call.
  record Refuse(Answer answer, ServiceException error) implements ControlEffect {}

  /// Append to the log store and answer the call when that is durable.
  ///
  /// @param taps hear what was appended
  record AppendLogs(LogWork<?> work, Answer answer, List<LogTap> taps) implements ControlEffect {}

  /// Answer a call with the stream of a session. [ControlEvent.TailOpened] follows, and in the end
  /// [ControlEvent.TailClosed].
  record OpenTail(Answer answer, LiveTail tail) implements ControlEffect {}

  /// Send an event of a stream.
  record SendEvent(EventSink sink, Object event) implements ControlEffect {}

  /// End a stream of events, with an error or without.
  record EndEvents(EventSink sink, @Nullable ServiceException error) implements ControlEffect {}

  /// Send a message to an agent.
  record Send(TextSocket socket, String text) implements ControlEffect {}

  /// Send a binary message to one end of a session, or to an agent that waits for sessions.
  record SendBinary(BinarySocket socket, byte[] message) implements ControlEffect {}

  /// End an agent's socket, or one of a session.
  record Close(TextSocket socket, int code, String reason) implements ControlEffect {}

  /// Delete the stored events of a stream that is gone.
  record DeleteLogStream(LogStreamId stream) implements ControlEffect {}

  /// Delete the stored events of a group that is gone.
  record DeleteLogGroup(LogGroupId group) implements ControlEffect {}

  /// Drop the stored events of a group that are older than this.
  record ExpireLogs(LogGroupId group, Instant before) implements ControlEffect {}

  /// Send [ControlEvent.Woken] at this time; replaces the time asked for before.
  record WakeAt(Instant at) implements ControlEffect {}
}

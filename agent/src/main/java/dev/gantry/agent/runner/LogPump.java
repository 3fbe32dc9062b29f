package dev.gantry.agent.runner;

import dev.gantry.agent.AgentEvent;
import dev.gantry.agent.AgentEvent.LogLine;
import dev.gantry.agent.ContainerRuntime;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Hands one container's output to the core, one batch at a time.
///
/// A line that comes while no batch is out goes at once; what comes before the core has asked for
/// more is gathered into the next batch. When that is full the engine's reader is held, so a
/// container that writes faster than the log service takes it costs no more memory than two
/// batches.
final class LogPump implements ContainerRuntime.LogListener {
  /// The fullest batch.
  static final int MAX_LINES = 2_000;

  /// The largest batch; one line may go beyond it.
  static final int MAX_BYTES = 128 * 1024;

  private final long follow;
  private final Consumer<AgentEvent> post;
  private final Runnable finished;

  private List<LogLine> gathered = new ArrayList<>();
  private int bytes;
  private boolean out;
  private boolean closed;
  private @Nullable AgentEvent last;

  /// @param post takes an event to the core; must not block
  /// @param finished is called when the last event was posted
  LogPump(long follow, Consumer<AgentEvent> post, Runnable finished) {
    this.follow = follow;
    this.post = post;
    this.finished = finished;
  }

  @Override
  public synchronized void line(Instant at, Stream stream, byte[] line, boolean partial) {
    while (!closed && (gathered.size() >= MAX_LINES || bytes >= MAX_BYTES)) {
      try {
        wait();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        return;
      }
    }
    if (closed) {
      return;
    }
    gathered.add(new LogLine(at, line, partial, stream == Stream.STDERR));
    bytes += line.length;
    hand();
  }

  @Override
  public synchronized void ended() {
    last = new AgentEvent.LogEnded(follow);
    hand();
  }

  @Override
  public synchronized void broken(RuntimeFailure failure) {
    last = new AgentEvent.LogBroken(follow, failure.kind(), String.valueOf(failure.getMessage()));
    hand();
  }

  /// The core asks for more.
  synchronized void proceed() {
    out = false;
    hand();
  }

  /// Nobody listens any more; lets the reader go.
  synchronized void close() {
    closed = true;
    gathered = new ArrayList<>();
    notifyAll();
  }

  private void hand() {
    if (out || closed) {
      return;
    }
    if (!gathered.isEmpty()) {
      out = true;
      post.accept(new AgentEvent.LogLines(follow, gathered));
      gathered = new ArrayList<>();
      bytes = 0;
      notifyAll();
    } else if (last != null) {
      post.accept(last);
      last = null;
      closed = true;
      finished.run();
    }
  }
}

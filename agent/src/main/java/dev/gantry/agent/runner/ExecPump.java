package dev.gantry.agent.runner;

import dev.gantry.agent.AgentEvent;
import dev.gantry.agent.ContainerRuntime;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Stands between one command in a container and the core: hands its output over one piece at a
/// time, and writes its input from a thread of its own, as a command that does not read holds up
/// whoever writes.
///
/// The queue of input is bounded by the core, which does not give more than it was told was taken.
final class ExecPump implements ContainerRuntime.ExecListener {
  private static final Logger LOG = LoggerFactory.getLogger(ExecPump.class);

  /// Something for the command.
  private sealed interface Item {
    record Input(byte[] bytes) implements Item {}

    record Size(int columns, int rows) implements Item {}

    record End() implements Item {}
  }

  private final long exec;
  private final Consumer<AgentEvent> post;
  private final Runnable finished;
  private final BlockingQueue<Item> items = new LinkedBlockingQueue<>();
  private boolean out;
  private boolean closed;
  private boolean over;
  private ContainerRuntime.@Nullable Exec running;

  /// @param post takes an event to the core; must not block
  /// @param finished is called when the last event was posted
  ExecPump(long exec, Consumer<AgentEvent> post, Runnable finished) {
    this.exec = exec;
    this.post = post;
    this.finished = finished;
  }

  /// Takes what is given to the command, until it is over. Blocks.
  void run(ContainerRuntime.Exec command) {
    synchronized (this) {
      running = command;
      if (closed) {
        command.close();
      }
    }
    try {
      for (Item item = items.take(); !(item instanceof Item.End); item = items.take()) {
        switch (item) {
          case Item.Input(byte[] bytes) -> {
            command.write(bytes);
            post.accept(new AgentEvent.ExecInputTaken(exec, bytes.length));
          }
          case Item.Size(int columns, int rows) -> size(command, columns, rows);
          case Item.End _ -> {}
        }
      }
    } catch (RuntimeFailure e) {
      // The command's end is told by itself.
      LOG.debug("Input of a command in a container was not taken", e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static void size(ContainerRuntime.Exec command, int columns, int rows) {
    try {
      command.resize(columns, rows);
    } catch (RuntimeFailure e) {
      // A terminal of another size is better than none.
      LOG.debug("A terminal was not resized", e);
    }
  }

  void input(byte[] bytes) {
    items.add(new Item.Input(bytes));
  }

  void resize(int columns, int rows) {
    items.add(new Item.Size(columns, rows));
  }

  /// The core asks for more.
  synchronized void proceed() {
    out = false;
    notifyAll();
  }

  /// Ends the command; nothing of it is told any more.
  void end() {
    ContainerRuntime.Exec command;
    synchronized (this) {
      closed = true;
      command = running;
      notifyAll();
    }
    items.add(new Item.End());
    if (command != null) {
      command.close();
    }
    finished.run();
  }

  /// Waits until a command that was ended is gone, but not past this instant.
  synchronized void awaitOver(long deadlineNanos) throws InterruptedException {
    long left = deadlineNanos - System.nanoTime();
    while (running != null && !over && left > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
      left = deadlineNanos - System.nanoTime();
    }
  }

  @Override
  public synchronized void output(byte[] bytes) {
    awaitRoom();
    if (!closed) {
      out = true;
      post.accept(new AgentEvent.ExecOutput(exec, bytes));
    }
  }

  @Override
  public synchronized void ended(@Nullable RuntimeFailure failure) {
    over = true;
    notifyAll();
    awaitRoom();
    if (!closed) {
      closed = true;
      post.accept(
          new AgentEvent.ExecEnded(
              exec, failure == null ? null : String.valueOf(failure.getMessage())));
    }
    items.add(new Item.End());
    finished.run();
  }

  private void awaitRoom() {
    while (out && !closed) {
      try {
        wait();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}

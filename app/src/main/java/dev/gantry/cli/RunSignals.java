package dev.gantry.cli;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// What Ctrl-C means to `gantry run`: before there is a task, give up; then ask the task to stop;
/// the second time kill it; the third time leave at once.
final class RunSignals {
  private final Console console;
  private final Thread main;
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicInteger firstNumber = new AtomicInteger();
  private final AtomicBoolean taskThere = new AtomicBoolean();

  private RunSignals(Console console, Thread main) {
    this.console = console;
    this.main = main;
  }

  /// Starts to listen, for the calling thread.
  static RunSignals hear(Host host) {
    RunSignals signals = new RunSignals(host.console(), Thread.currentThread());
    host.signals().hear(signals::came);
    return signals;
  }

  /// One signal came. The terminal's hang-up and SIGTERM ask as Ctrl-C does.
  void came(int number) {
    firstNumber.compareAndSet(0, number);
    int times = count.incrementAndGet();
    if (!taskThere.get()) {
      main.interrupt();
      if (times > 1) {
        Runtime.getRuntime().halt(exitCode());
      }
      return;
    }
    switch (times) {
      case 1 -> console.say("interrupted: asking the task to stop (again kills it)");
      case 2 -> console.say("interrupted again: killing the task");
      default -> Runtime.getRuntime().halt(exitCode());
    }
  }

  /// From now on a signal is for the task.
  void taskIsThere() {
    taskThere.set(true);
  }

  /// How many came.
  int count() {
    return count.get();
  }

  /// Whether any came.
  boolean any() {
    return count.get() > 0;
  }

  /// What an interrupted run ends with.
  int exitCode() {
    return firstNumber.get() == Interrupts.TERM ? ExitCodes.TERMINATED : ExitCodes.INTERRUPTED;
  }
}

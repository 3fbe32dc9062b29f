package dev.gantry.store.jdbc;

/// What the adapters do with threads of theirs.
final class Threads {
  private Threads() {}

  /// Waits until a thread that was told to end has ended, even if the waiting one is interrupted
  /// meanwhile: a store that is closed must not be written to any more.
  static void awaitEnd(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}

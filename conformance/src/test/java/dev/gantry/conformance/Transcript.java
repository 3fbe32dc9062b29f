package dev.gantry.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/// What a child process writes to one of its streams, kept as it comes so that the child is never
/// held up and a failing test can show it.
final class Transcript {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<String> lines = new ArrayList<>();
  private boolean ended;

  /// Reads the stream to its end, on a thread of its own.
  static Transcript of(InputStream stream) {
    Transcript transcript = new Transcript();
    // Reading a pipe holds a virtual thread to its carrier, of which there are as many as
    // processors.
    Thread.ofPlatform().daemon().name("transcript").start(() -> transcript.read(stream));
    return transcript;
  }

  private void read(InputStream stream) {
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      String line = reader.readLine();
      while (line != null) {
        add(line);
        line = reader.readLine();
      }
    } catch (IOException e) {
      // The pipe of a killed process may break instead of ending; what came is kept.
      add("(the stream broke: " + new UncheckedIOException(e).getMessage() + ")");
    } finally {
      lock.lock();
      try {
        ended = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private void add(String line) {
    lock.lock();
    try {
      lines.add(line);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// The lines so far.
  List<String> lines() {
    lock.lock();
    try {
      return List.copyOf(lines);
    } finally {
      lock.unlock();
    }
  }

  /// Everything, once the stream has ended.
  ///
  /// @throws AssertionError if it does not end within the limit
  List<String> whole(Duration limit) throws InterruptedException {
    lock.lock();
    try {
      long left = limit.toNanos();
      while (!ended) {
        if (left <= 0) {
          throw new AssertionError("the output does not end; so far:\n" + this);
        }
        left = changed.awaitNanos(left);
      }
      return List.copyOf(lines);
    } finally {
      lock.unlock();
    }
  }

  /// The first line that is wanted, as soon as it is there.
  ///
  /// @throws AssertionError if the stream ends, or the limit passes, without one
  String await(Predicate<String> wanted, Duration limit) throws InterruptedException {
    lock.lock();
    try {
      long left = limit.toNanos();
      int seen = 0;
      while (true) {
        for (; seen < lines.size(); seen++) {
          if (wanted.test(lines.get(seen))) {
            return lines.get(seen);
          }
        }
        if (ended || left <= 0) {
          throw new AssertionError(
              (ended ? "the output ended" : "nothing came in " + limit) + "; so far:\n" + this);
        }
        left = Math.min(left, changed.awaitNanos(Math.min(left, TimeUnit.MINUTES.toNanos(10))));
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    return String.join("\n", lines());
  }
}

package dev.gantry.agent.docker;

import dev.gantry.agent.ContainerRuntime.LogListener;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Writes down what a log follower hears.
final class Recorder implements LogListener {
  /// One call.
  sealed interface Heard {}

  record Line(Instant at, Stream stream, byte[] bytes, boolean partial) implements Heard {
    String text() {
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  record Ended() implements Heard {}

  record Broken(RuntimeFailure failure) implements Heard {}

  private final BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();

  @Override
  public void line(Instant at, Stream stream, byte[] bytes, boolean partial) {
    heard.add(new Line(at, stream, bytes, partial));
  }

  @Override
  public void ended() {
    heard.add(new Ended());
  }

  @Override
  public void broken(RuntimeFailure failure) {
    heard.add(new Broken(failure));
  }

  /// The next call, waited for.
  Heard next() {
    try {
      Heard next = heard.poll(60, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("nothing heard of the log for a minute");
      }
      return next;
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  /// True if an end of the log, good or bad, is among what was not yet taken.
  boolean heardEnd() {
    return heard.stream().anyMatch(call -> !(call instanceof Line));
  }

  /// The next call, which must be a line.
  Line nextLine() {
    if (next() instanceof Line line) {
      return line;
    }
    throw new AssertionError("the log ended before the line");
  }

  /// Everything up to the end, which must be a good one.
  List<Line> toEnd() {
    List<Line> lines = new ArrayList<>();
    while (true) {
      switch (next()) {
        case Line line -> lines.add(line);
        case Ended() -> {
          return lines;
        }
        case Broken(RuntimeFailure failure) -> throw new AssertionError("log broke", failure);
      }
    }
  }
}

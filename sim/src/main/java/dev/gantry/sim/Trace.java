package dev.gantry.sim;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What happened, line by line. Keeps the last lines for the one who looks for the cause of a
/// failure, and hands all of them on to whoever wants to watch. A line is put into words only when
/// somebody reads it.
final class Trace {
  /// How many lines are kept.
  static final int KEPT = 400;

  private record Line(Instant at, long step, String place, Supplier<String> text) {
    String words() {
      Duration since = Duration.between(World.START, at);
      return String.format(
          Locale.ROOT,
          "%4dm%02d.%06d #%d %-9s %s",
          since.toMinutes(),
          since.toSecondsPart(),
          since.toNanosPart() / 1000,
          step,
          place,
          text.get());
    }
  }

  private final @Nullable Consumer<String> watcher;
  private final Deque<Line> last = new ArrayDeque<>();
  private Instant now = World.START;
  private long step;

  /// @param watcher is given every line; null if nobody watches
  Trace(@Nullable Consumer<String> watcher) {
    this.watcher = watcher;
  }

  /// An event begins.
  void begin(Instant at, long number, String what) {
    now = at;
    step = number;
    if (watcher != null) {
      watcher.accept(new Line(at, number, "-", () -> what).words());
    }
  }

  /// Something worth reading happened.
  ///
  /// @param place where, as `host1`
  /// @param text its arguments must not change afterwards
  void note(String place, Supplier<String> text) {
    Line line = new Line(now, step, place, text);
    if (watcher != null) {
      watcher.accept(line.words());
    }
    if (last.size() == KEPT) {
      last.removeFirst();
    }
    last.addLast(line);
  }

  /// The last lines, oldest first.
  List<String> last() {
    List<String> words = new ArrayList<>();
    last.forEach(line -> words.add(line.words()));
    return words;
  }
}

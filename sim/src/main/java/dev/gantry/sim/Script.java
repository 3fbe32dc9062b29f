package dev.gantry.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a container does with its life. It travels as the container's command, through the task
/// definition, the payload and the agent, and is read again by the engine that runs it.
///
/// @param exists false for a command that no image has: the container cannot be started
/// @param life how long it runs if nobody stops it; null for ever
/// @param exitCode with which it ends by itself
/// @param lines how many lines it writes
/// @param every how often
/// @param deaf it ignores the signal to stop
/// @param linger how long it takes to stop once it is asked to
/// @param greedy it is killed for its use of memory when its life is over
record Script(
    boolean exists,
    @Nullable Duration life,
    int exitCode,
    int lines,
    Duration every,
    boolean deaf,
    Duration linger,
    boolean greedy) {
  private static final String MISSING = "/no/such/bin";
  private static final String RUN = "run";

  /// A script of any kind.
  static Script random(Chance chance) {
    boolean mortal = chance.oneIn(2);
    return new Script(
        !chance.oneIn(20),
        mortal ? chance.between(Duration.ofMillis(1), Duration.ofSeconds(60)) : null,
        chance.oneIn(2) ? 0 : chance.pick(List.of(1, 3, 42, 143, 255)),
        chance.oneIn(3) ? 0 : chance.between(1, 60),
        chance.pick(
            List.of(
                Duration.ofNanos(30_000),
                Duration.ofMillis(4),
                Duration.ofMillis(100),
                Duration.ofMillis(900))),
        chance.oneIn(6),
        chance.between(Duration.ofMillis(1), Duration.ofSeconds(4)),
        mortal && chance.oneIn(10));
  }

  /// It as a container's command.
  List<String> command() {
    if (!exists) {
      return List.of(MISSING);
    }
    List<String> words = new ArrayList<>();
    words.add(RUN);
    words.add(life == null ? "for ever" : life.toString());
    words.add(Integer.toString(exitCode));
    words.add(Integer.toString(lines));
    words.add(every.toString());
    words.add(Boolean.toString(deaf));
    words.add(linger.toString());
    words.add(Boolean.toString(greedy));
    return words;
  }

  /// The script of a command.
  static Script of(@Nullable List<String> command) {
    if (command == null || !command.getFirst().equals(RUN)) {
      return new Script(false, null, 0, 0, Duration.ofSeconds(1), false, Duration.ZERO, false);
    }
    return new Script(
        true,
        command.get(1).equals("for ever") ? null : Duration.parse(command.get(1)),
        Integer.parseInt(command.get(2)),
        Integer.parseInt(command.get(3)),
        Duration.parse(command.get(4)),
        Boolean.parseBoolean(command.get(5)),
        Duration.parse(command.get(6)),
        Boolean.parseBoolean(command.get(7)));
  }
}

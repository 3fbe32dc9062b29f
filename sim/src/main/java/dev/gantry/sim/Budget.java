package dev.gantry.sim;

import java.time.Duration;

/// How long things may take: what a fault may last, and the time in which a healed world must have
/// come to rest. Each sum names what is waited for, in the order in which the slowest case meets
/// it.
final class Budget {
  /// After how long an engine request that hangs is given up.
  static final Duration ENGINE_TIMEOUT = Duration.ofSeconds(30);

  /// After how long a sign of life that does not come is given up.
  static final Duration PING_TIMEOUT = Duration.ofSeconds(2);

  /// How long after that the engine may still do it.
  static final Duration ENGINE_LATE = Duration.ofSeconds(5);

  /// The longest that an engine request takes, however slow the engine is.
  static final Duration SLOWEST_ENGINE = Duration.ofSeconds(60);

  /// After how long a pull that gives nothing is given up.
  static final Duration PULL_TIMEOUT = Duration.ofMinutes(5);

  /// By how much a host's clock may be wrong. A signature is good for 5 minutes, and a message has
  /// to travel.
  static final Duration WORST_CLOCK = Duration.ofMinutes(4);

  /// The longest that a message is on its way.
  static final Duration SLOWEST_NETWORK = Duration.ofSeconds(20);

  /// The longest that a write takes.
  static final Duration SLOWEST_DISK = Duration.ofSeconds(10);

  /// After how long a caller gives up waiting for an answer.
  static final Duration CALL_TIMEOUT = Duration.ofSeconds(15);

  /// How long a process may be dead, a route cut, an engine away.
  static final Duration LONGEST_FAULT = Duration.ofMinutes(4);

  /// How long an agent may keep the containers of a stopped task.
  static final Duration LONGEST_CLEANUP_WAIT = Duration.ofMinutes(5);

  /// From healing to rest.
  ///
  /// - an agent whose registration was refused waits longest for its next try, 192 s and a fifth:
  ///   231 s
  /// - that try, and asking for the addresses: 2 calls of at most 15 s: 30 s
  /// - else, an agent that was refused its socket waits 120 s and a fifth: less than those 231 s;
  ///   one that believes in a dead socket finds out after at most 120 s of silence: less, too
  /// - a payload that went to such a socket is sent again when the new one opens: 0 s
  /// - the one engine request of a container that was begun before the healing and is slow, or
  ///   hangs until its timeout: 60 s + 30 s; and the engine's back-off of 30 s and a fifth after
  ///   it: 126 s
  /// - a start that came after it had been given up is found at the next steady check, at most 300
  ///   s later
  /// - a pull that hangs, one that does not, and a log stream that is waited for: 300 s + 60 s
  /// - the life of a container that ends by itself: 60 s
  /// - a task that waited, and has its place when another ends, needs no pull: its start takes less
  ///   than the pull above, and it runs for ever: 0 s
  /// - the longest stop, the timeout of a stop that hangs and its back-off: 30 s + 66 s = 96 s
  /// - output: a back-off of 30 s and a fifth, twice, as the stream is followed anew: 72 s
  /// - the report of the end: a back-off of 30 s and a fifth, and a call: 51 s
  /// - a host's health, beside all that: a heartbeat, a ping and a tick of 25 s + 2 s + 20 s
  static final Duration REST = Duration.ofSeconds(231 + 30 + 126 + 300 + 360 + 60 + 96 + 72 + 51);

  /// A world at rest is watched for this long: it must stay so. Longer than an agent's steady check
  /// of 5 minutes and the pause between two heartbeats.
  static final Duration WATCHED = Duration.ofMinutes(6);

  /// From then to a host that is known to be healthy again: a heartbeat, a ping that hangs, a tick
  /// of telemetry.
  static final Duration HEALTH = Duration.ofSeconds(25 + 2 + 20);

  /// From the last StopTask, or the start of every agent, to an empty world: the stop and what
  /// follows it, as above; then the longest clean-up wait; then removing, with one hang and its
  /// back-off.
  static final Duration EMPTY = Duration.ofSeconds(96 + 72 + 51 + 66).plus(LONGEST_CLEANUP_WAIT);

  private Budget() {}

  /// The shorter of the two.
  static Duration atMost(Duration most, Duration wanted) {
    return wanted.compareTo(most) > 0 ? most : wanted;
  }
}

package dev.gantry.agent;

import java.time.Duration;

/// How long to wait before trying again.
///
/// @param first the delay after the first failure
/// @param longest no delay's base is longer
/// @param factor by which each failure lengthens it
/// @param jitter the largest random addition, as a fraction of the delay
record Backoff(Duration first, Duration longest, double factor, double jitter) {

  /// API calls that must not be lost, as state reports: the SDK's own quick start, then the loop of
  /// Amazon's agent.
  static final Backoff REPORT = new Backoff(Duration.ofMillis(30), Duration.ofSeconds(30), 2, 0.2);

  /// RegisterContainerInstance and DiscoverPollEndpoint when the service answers with an error
  /// worth repeating (agent-protocol 1.2).
  static final Backoff REGISTER =
      new Backoff(Duration.ofSeconds(3), Duration.ofSeconds(192), 2, 0.2);

  /// The same calls when nobody answers: a control plane that is just starting is met early.
  static final Backoff CONNECT =
      new Backoff(Duration.ofMillis(250), Duration.ofSeconds(30), 1.5, 0.2);

  /// ACS sockets (agent-protocol 2.1).
  static final Backoff ACS = new Backoff(Duration.ofMillis(250), Duration.ofMinutes(2), 1.5, 0.2);

  /// TCS sockets (agent-protocol 2.1).
  static final Backoff TCS = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1), 2, 0.2);

  /// The engine, when it cannot be reached or does not manage to do what it should.
  static final Backoff ENGINE = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(30), 2, 0.2);

  /// A registry; the numbers of Amazon's agent.
  static final Backoff PULL = new Backoff(Duration.ofMillis(1100), Duration.ofSeconds(5), 2, 0.2);

  /// The disk.
  static final Backoff DISK = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(10), 2, 0.2);

  /// The log service.
  static final Backoff LOGS = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(30), 2, 0.2);

  /// The delay after so many failures in a row.
  ///
  /// @param failures at least 1
  /// @param chance drawn evenly from 0 (inclusive) to 1 (exclusive)
  Duration delay(int failures, double chance) {
    double base = (double) first.toMillis() * Math.pow(factor, Math.max(0, failures - 1));
    double bounded = Math.min(base, (double) longest.toMillis());
    return Duration.ofMillis((long) (bounded * (1 + jitter * chance)));
  }
}

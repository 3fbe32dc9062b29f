package dev.gantry.agent;

import java.time.Duration;

/// The numbers of a session's protocol. Those that both ends must agree on, or that a client was
/// built around, are Amazon's (amazon-ssm-agent, `agent/session/config`).
final class ExecProtocol {
  /// The most bytes of output in one message.
  static final int MAX_PAYLOAD_BYTES = 16 * 1024;

  /// The most messages of output that are sent and not acknowledged: 1 MiB, which fits into the
  /// control plane's queue. Amazon's agent has no such window and a buffer of 100 MB instead.
  static final int MAX_UNACKNOWLEDGED = 64;

  /// The most messages that are kept because an earlier one is missing.
  static final int MAX_EARLY = 64;

  /// The most bytes of input that the command has not read. What comes beyond is not acknowledged,
  /// so that the client sends it again.
  static final int MAX_INPUT_BYTES = 64 * 1024;

  /// How long a client may take to answer the handshake.
  static final Duration HANDSHAKE_LIMIT = Duration.ofSeconds(15);

  /// How long the last output may take to be acknowledged when the command is over.
  static final Duration FLUSH_LIMIT = Duration.ofSeconds(10);

  /// How long the control plane may take to close a session that it was told is over.
  static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

  /// The round trip that is assumed before one was measured.
  static final Duration FIRST_ROUND_TRIP = Duration.ofMillis(100);

  /// How long a message may be unacknowledged before it is sent again, at first.
  static final Duration FIRST_RESEND = Duration.ofMillis(200);

  /// And at most.
  static final Duration LONGEST_RESEND = Duration.ofSeconds(1);

  /// What is added to the round trip at least.
  static final Duration CLOCK_GRANULARITY = Duration.ofMillis(10);

  /// A message that was sent so often is one that nobody will acknowledge.
  static final int MAX_RESENDS = 300;

  /// The largest terminal, each way.
  static final int MAX_CELLS = 10_000;

  private ExecProtocol() {}
}

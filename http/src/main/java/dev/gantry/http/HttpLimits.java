package dev.gantry.http;

import java.time.Duration;

/// What one HTTP connection may cost.
///
/// @param headerBytes the most bytes of a request's header fields together; a session token takes
///   some 2,000
/// @param headerCount the most header fields of a request
/// @param idle how long a connection may wait for its next request. Longer than the 90 s for which
///   Go's HTTP client keeps connections, so that it is the client that lets go
/// @param read how long a request may take to arrive, from its first byte to its last
/// @param answer how long an answer may take to be given
/// @param write how long a client may take to accept a response
/// @param lingerBytes the most bytes still read, and thrown away, after a request was refused
///   before its end; closing at once could destroy the response on its way
/// @param linger how long such bytes are read
public record HttpLimits(
    int headerBytes,
    int headerCount,
    Duration idle,
    Duration read,
    Duration answer,
    Duration write,
    int lingerBytes,
    Duration linger) {

  /// What a server has unless told otherwise.
  public static final HttpLimits DEFAULT =
      new HttpLimits(
          32 * 1024,
          100,
          Duration.ofSeconds(120),
          Duration.ofSeconds(60),
          Duration.ofSeconds(60),
          Duration.ofSeconds(30),
          1024 * 1024,
          Duration.ofSeconds(2));

  /// The longest request line, query included. An agent's socket has some 400 characters.
  public static final int MAX_REQUEST_LINE_BYTES = 8 * 1024;

  /// The most connections at once; further ones wait to be accepted.
  public static final int MAX_CONNECTIONS = 8_192;

  /// Connections that the kernel holds until they are accepted.
  public static final int BACKLOG = 1_024;
}

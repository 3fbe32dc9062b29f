package dev.gantry.control.session;

import dev.gantry.wire.server.SocketCall;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Takes an agent's telemetry frame apart: a block of signed HTTP header lines, an empty line, and
/// the JSON.
@FunctionalInterface
public interface TelemetryFrames {

  /// The JSON of a frame whose signature verifies, or null if it does not.
  ///
  /// @param opened the request that opened the socket, which the frame's signature repeats
  @Nullable String open(SocketCall opened, String frame, Instant now);
}

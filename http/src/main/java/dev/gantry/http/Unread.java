package dev.gantry.http;

import io.helidon.common.buffers.DataReader;
import io.helidon.webserver.ServerConnectionException;
import java.io.UncheckedIOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads on, and throws away, before a connection is closed whose other end may still be sending:
/// closing a socket with unread data resets it, and what was written last might never be seen.
final class Unread {
  private static final Logger LOG = LoggerFactory.getLogger(Unread.class);

  private Unread() {}

  /// Reads until the other end closes, or this many bytes have come. How long it may take is the
  /// caller's to say.
  static void discard(DataReader reader, long most) {
    try {
      long left = most;
      while (left > 0) {
        reader.ensureAvailable();
        int count = (int) Math.min(reader.available(), left);
        reader.skip(count);
        left -= count;
      }
    } catch (DataReader.InsufficientDataAvailableException
        | ServerConnectionException
        | UncheckedIOException e) {
      LOG.trace("the other end has closed", e);
    }
  }
}

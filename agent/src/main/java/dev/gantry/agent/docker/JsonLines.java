package dev.gantry.agent.docker;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// Reads the engine's streams of JSON objects, one to a line: events, and the progress of pulls and
/// loads.
final class JsonLines {
  /// Longest line that is taken.
  static final int MAX_LINE_BYTES = 1024 * 1024;

  private final InputStream in;
  private final byte[] buffer = new byte[8 * 1024];
  private int at;
  private int end;

  JsonLines(InputStream in) {
    this.in = in;
  }

  /// The next object, or null at the end of the stream.
  ///
  /// @throws HttpConnection.MalformedAnswer if the stream is something else
  @Nullable Json next() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (true) {
      while (at < end) {
        byte b = buffer[at++];
        if (b == '\n' || b == '\r') {
          if (line.size() > 0) {
            return parse(line);
          }
        } else {
          line.write(b);
        }
      }
      if (line.size() > MAX_LINE_BYTES) {
        throw new HttpConnection.MalformedAnswer("line of more than " + MAX_LINE_BYTES + " bytes");
      }
      at = 0;
      end = in.read(buffer);
      if (end < 0) {
        end = 0;
        return line.size() > 0 ? parse(line) : null;
      }
    }
  }

  private static Json parse(ByteArrayOutputStream line) throws HttpConnection.MalformedAnswer {
    try {
      return Json.parse(line.toByteArray());
    } catch (Json.BadJson e) {
      throw new HttpConnection.MalformedAnswer("line that is not JSON: " + e.getMessage());
    }
  }
}

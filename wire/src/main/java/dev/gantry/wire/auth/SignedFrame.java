package dev.gantry.wire.auth;

import dev.gantry.wire.Headers;
import dev.gantry.wire.Headers.Header;
import java.util.ArrayList;
import java.util.List;

/// One telemetry message of an ECS agent: a block of HTTP header lines that sign it, an empty line,
/// and the JSON.
///
/// Source: `reference/agent-protocol.md`, section 2: "each text frame is a block of HTTP headers,
/// each line CRLF, an empty line, then the JSON envelope; a backend must cut at the first CRLF
/// CRLF".
///
/// @param headers `Authorization`, `Host`, `X-Amz-Date`, and `X-Amz-Security-Token` of session
///   credentials
/// @param body everything after the first empty line
public record SignedFrame(Headers headers, String body) {
  /// The longest header block taken, in characters; a session token has some 1,500.
  public static final int MAX_HEADER_LENGTH = 16 * 1024;

  /// The most header lines taken; agents send three or four.
  public static final int MAX_HEADER_LINES = 32;

  private static final String LINE_END = "\r\n";

  /// A text message that is no signed frame.
  public static final class MalformedFrameException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private MalformedFrameException(String message) {
      super(message, null, false, false);
    }
  }

  /// Takes a text message apart.
  ///
  /// @throws MalformedFrameException if there is no empty line within the limit, or a line before
  ///   it is no header field; the message repeats nothing of the frame
  public static SignedFrame split(String message) {
    int end = message.indexOf(LINE_END + LINE_END);
    if (end < 0) {
      throw new MalformedFrameException("the frame has no empty line after a header block");
    }
    if (end > MAX_HEADER_LENGTH) {
      throw new MalformedFrameException(
          "the frame's header block is longer than " + MAX_HEADER_LENGTH + " characters");
    }
    List<Header> fields = new ArrayList<>();
    int from = 0;
    while (from <= end) {
      int to = Math.min(message.indexOf(LINE_END, from), end);
      int colon = message.indexOf(':', from);
      if (colon <= from || colon >= to) {
        throw new MalformedFrameException(
            "line " + (fields.size() + 1) + " of the frame is no header field");
      }
      if (fields.size() == MAX_HEADER_LINES) {
        throw new MalformedFrameException(
            "the frame has more than " + MAX_HEADER_LINES + " header lines");
      }
      fields.add(
          new Header(message.substring(from, colon), message.substring(colon + 1, to).strip()));
      from = to + LINE_END.length();
    }
    return new SignedFrame(Headers.of(fields), message.substring(end + 2 * LINE_END.length()));
  }

  /// The frame as one text message.
  public String text() {
    StringBuilder message = new StringBuilder(body.length() + 512);
    for (Header field : headers.fields()) {
      message.append(field.name()).append(": ").append(field.value()).append(LINE_END);
    }
    return message.append(LINE_END).append(body).toString();
  }
}

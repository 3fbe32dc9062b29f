package dev.gantry.control.logs;

import dev.gantry.store.LogStore.Position;

/// How positions in the log store look to clients, who take them as they are: tokens of
/// GetLogEvents and ids of events.
final class EventTokens {
  /// What PutLogEvents and DescribeLogStreams give as the sequence token, for clients that want one
  /// back to send along: nothing depends on it since 2023.
  static final String SEQUENCE_TOKEN = "49000000000000000000000000000000000000000000000000000000";

  private static final String FORWARD = "f/";
  private static final String BACKWARD = "b/";

  private static final int TIMESTAMP_DIGITS = 18;
  private static final int NUMBER_DIGITS = 19;

  private EventTokens() {}

  /// Where GetLogEvents goes on, and in which direction.
  record Token(boolean forward, Position position) {}

  /// The token with which a client reads on towards later events.
  static String forward(Position position) {
    return FORWARD + position;
  }

  /// The token with which a client reads on towards earlier events.
  static String backward(Position position) {
    return BACKWARD + position;
  }

  /// What a token says.
  ///
  /// @throws dev.gantry.wire.shape.ServiceException InvalidParameterException if it is none of ours
  static Token parse(String token) {
    boolean forward = token.startsWith(FORWARD);
    if (!forward && !token.startsWith(BACKWARD)) {
      throw LogPages.badToken();
    }
    return new Token(forward, position(token.substring(FORWARD.length())));
  }

  /// The position that a text tells.
  ///
  /// @throws dev.gantry.wire.shape.ServiceException InvalidParameterException if it is none
  static Position position(String text) {
    Position position = Position.parse(text);
    if (position == null) {
      throw LogPages.badToken();
    }
    return position;
  }

  /// An id of 56 digits, as CloudWatch Logs' are: unique, the same whenever the event is read, and
  /// in the order of the events.
  static String eventId(Position position) {
    StringBuilder id = new StringBuilder(TIMESTAMP_DIGITS + 2 * NUMBER_DIGITS);
    append(id, position.timestamp(), TIMESTAMP_DIGITS);
    append(id, position.stream(), NUMBER_DIGITS);
    append(id, position.sequence(), NUMBER_DIGITS);
    return id.toString();
  }

  private static void append(StringBuilder id, long number, int width) {
    String digits = Long.toString(number);
    id.repeat('0', Math.max(0, width - digits.length())).append(digits);
  }
}

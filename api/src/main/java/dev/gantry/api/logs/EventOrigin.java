package dev.gantry.api.logs;

import org.jspecify.annotations.Nullable;

/// Where a PutLogEvents batch stands in what one sender sends to a stream, so that a batch that is
/// sent again after its answer was lost is not stored twice.
///
/// CloudWatch Logs has ignored `sequenceToken` since 2023; it is where Gantry's agent and control
/// plane, and nobody else, agree on the origin of a batch. Any other token means nothing to the
/// control plane, and this one means nothing to CloudWatch Logs.
///
/// @param position how many events the writer has sent to this stream before this batch, from 0
/// @param writer who counts; 1 to 128 characters; another writer's count begins anew
public record EventOrigin(long position, String writer) {
  /// The longest name of a writer.
  public static final int MAX_WRITER_LENGTH = 128;

  private static final String PREFIX = "gantry:";

  /// @throws IllegalArgumentException if the position is negative, or the writer's name is empty or
  ///   too long
  public EventOrigin {
    if (position < 0 || writer.isEmpty() || writer.length() > MAX_WRITER_LENGTH) {
      throw new IllegalArgumentException("Not an origin: " + writer + " at " + position);
    }
  }

  /// As `gantry:1200:0123456789abcdef`, which [#parse] takes back.
  public String toSequenceToken() {
    return PREFIX + position + ":" + writer;
  }

  /// The origin that a sequence token tells, or null if the token is any other.
  public static @Nullable EventOrigin parse(@Nullable String sequenceToken) {
    if (sequenceToken == null || !sequenceToken.startsWith(PREFIX)) {
      return null;
    }
    int colon = sequenceToken.indexOf(':', PREFIX.length());
    if (colon < 0) {
      return null;
    }
    String digits = sequenceToken.substring(PREFIX.length(), colon);
    String writer = sequenceToken.substring(colon + 1);
    if (writer.isEmpty()
        || writer.length() > MAX_WRITER_LENGTH
        || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return null;
    }
    try {
      return new EventOrigin(Long.parseLong(digits), writer);
    } catch (NumberFormatException emptyOrTooLarge) {
      return null;
    }
  }
}

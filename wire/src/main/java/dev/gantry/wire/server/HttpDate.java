package dev.gantry.wire.server;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// The `Date` header's value, written anew once a second.
final class HttpDate {
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private record Written(long epochSecond, String text) {}

  /// Two threads may both write the same second, to the same effect.
  private volatile Written last = written(0);

  String text(Instant now) {
    Written current = last;
    if (current.epochSecond != now.getEpochSecond()) {
      current = written(now.getEpochSecond());
      last = current;
    }
    return current.text;
  }

  private static Written written(long epochSecond) {
    return new Written(epochSecond, FORMAT.format(Instant.ofEpochSecond(epochSecond)));
  }
}

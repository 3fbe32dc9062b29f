package dev.gantry.wire.auth;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/// The one form of time that SigV4 knows, `yyyyMMdd'T'HHmmss'Z'`, read and written without a
/// formatter: both happen on every request.
final class AmzDate {
  private static final int LENGTH = 16;
  private static final int DAY_LENGTH = 8;

  private AmzDate() {}

  /// The moment that `text` names, or null if it is not of the form.
  static @Nullable Instant parse(String text) {
    if (text.length() != LENGTH
        || text.charAt(DAY_LENGTH) != 'T'
        || text.charAt(LENGTH - 1) != 'Z') {
      return null;
    }
    int year = digits(text, 0, 4);
    int month = digits(text, 4, 2);
    int day = digits(text, 6, 2);
    int hour = digits(text, 9, 2);
    int minute = digits(text, 11, 2);
    int second = digits(text, 13, 2);
    if (year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0) {
      return null;
    }
    try {
      return LocalDateTime.of(year, month, day, hour, minute, second).toInstant(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      return null;
    }
  }

  /// The moment in SigV4's form, cut to the second.
  static String format(Instant instant) {
    LocalDateTime time = LocalDateTime.ofEpochSecond(instant.getEpochSecond(), 0, ZoneOffset.UTC);
    char[] text = new char[LENGTH];
    write(text, 0, 4, time.getYear());
    write(text, 4, 2, time.getMonthValue());
    write(text, 6, 2, time.getDayOfMonth());
    text[DAY_LENGTH] = 'T';
    write(text, 9, 2, time.getHour());
    write(text, 11, 2, time.getMinute());
    write(text, 13, 2, time.getSecond());
    text[LENGTH - 1] = 'Z';
    return new String(text);
  }

  /// The day of a time in SigV4's form.
  static String day(String timestamp) {
    return timestamp.substring(0, DAY_LENGTH);
  }

  private static int digits(String text, int from, int count) {
    int value = 0;
    for (int i = from; i < from + count; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  private static void write(char[] text, int from, int count, int value) {
    int rest = value;
    for (int i = from + count - 1; i >= from; i--) {
      text[i] = (char) ('0' + rest % 10);
      rest /= 10;
    }
  }
}

package dev.gantry.store;

import java.time.Instant;
import java.time.LocalDate;

/// The ISO text of an `Instant`, as `Instant.toString` writes it and `Instant.parse` reads it,
/// several times faster: a task has up to eight of them, and they were most of the cost of loading
/// it. Years outside 0 to 9999 and other spellings are left to the JDK.
final class InstantText {

  private static final int SECONDS_PER_DAY = 86_400;

  /// `2026-03-01T12:00:00`, without fraction and `Z`.
  private static final int WHOLE_LENGTH = 19;

  private InstantText() {}

  static String spell(Instant instant) {
    long day = Math.floorDiv(instant.getEpochSecond(), SECONDS_PER_DAY);
    int second = (int) Math.floorMod(instant.getEpochSecond(), (long) SECONDS_PER_DAY);
    LocalDate date = LocalDate.ofEpochDay(day);
    if (date.getYear() < 0 || date.getYear() > 9_999) {
      return instant.toString();
    }
    char[] text = "0000-00-00T00:00:00.000000000Z".toCharArray();
    put(text, 0, 4, date.getYear());
    put(text, 5, 2, date.getMonthValue());
    put(text, 8, 2, date.getDayOfMonth());
    put(text, 11, 2, second / 3_600);
    put(text, 14, 2, second / 60 % 60);
    put(text, 17, 2, second % 60);
    int nano = instant.getNano();
    put(text, 20, 9, nano);
    int digits = nano == 0 ? 0 : nano % 1_000_000 == 0 ? 3 : nano % 1_000 == 0 ? 6 : 9;
    int length = digits == 0 ? WHOLE_LENGTH : WHOLE_LENGTH + 1 + digits;
    text[length] = 'Z';
    return new String(text, 0, length + 1);
  }

  private static void put(char[] text, int from, int digits, int value) {
    for (int i = from + digits - 1; i >= from; i--) {
      text[i] = (char) ('0' + value % 10);
      value /= 10;
    }
  }

  /// @throws java.time.DateTimeException if the text is no instant
  static Instant parse(String text) {
    int length = text.length();
    boolean usual =
        length > WHOLE_LENGTH
            && length <= WHOLE_LENGTH + 11
            && text.charAt(4) == '-'
            && text.charAt(7) == '-'
            && text.charAt(10) == 'T'
            && text.charAt(13) == ':'
            && text.charAt(16) == ':'
            && text.charAt(length - 1) == 'Z'
            && (length == WHOLE_LENGTH + 1 || text.charAt(WHOLE_LENGTH) == '.');
    if (!usual) {
      return Instant.parse(text);
    }
    int year = number(text, 0, 4);
    int month = number(text, 5, 7);
    int day = number(text, 8, 10);
    int hour = number(text, 11, 13);
    int minute = number(text, 14, 16);
    int second = number(text, 17, 19);
    int fraction = length == WHOLE_LENGTH + 1 ? 0 : number(text, WHOLE_LENGTH + 1, length - 1);
    if ((year | month | day | hour | minute | second | fraction) < 0
        || hour > 23
        || minute > 59
        || second > 59) {
      return Instant.parse(text);
    }
    for (int i = length - 1; i < WHOLE_LENGTH + 10 && fraction != 0; i++) {
      fraction *= 10;
    }
    long days = LocalDate.of(year, month, day).toEpochDay();
    return Instant.ofEpochSecond(
        days * SECONDS_PER_DAY + hour * 3_600L + minute * 60L + second, fraction);
  }

  /// The number of these digits, or a negative one if something else is among them.
  private static int number(String text, int from, int to) {
    int value = from == to ? -1 : 0;
    for (int i = from; i < to && value >= 0; i++) {
      int digit = text.charAt(i) - '0';
      value = digit < 0 || digit > 9 ? -1 : value * 10 + digit;
    }
    return value;
  }
}

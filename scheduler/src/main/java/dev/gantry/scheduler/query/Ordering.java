package dev.gantry.scheduler.query;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/// How two values compare.
enum Ordering {
  /// Whole numbers.
  NUMBER {
    @Override
    int compare(String left, String right) {
      return new BigDecimal(left).compareTo(new BigDecimal(right));
    }

    @Override
    boolean takes(String argument) {
      return isNumber(argument);
    }
  },
  /// As numbers if both are, else as text.
  NUMBER_OR_TEXT {
    @Override
    int compare(String left, String right) {
      return isNumber(left) && isNumber(right)
          ? NUMBER.compare(left, right)
          : left.compareTo(right);
    }

    @Override
    boolean takes(String argument) {
      return true;
    }
  },
  /// Versions: numbers between dots, one by one; a missing one is 0. What stands after a hyphen or
  /// plus sign plays no part, nor does a leading `v`.
  VERSION {
    @Override
    int compare(String left, String right) {
      String[] mine = parts(left);
      String[] other = parts(right);
      for (int i = 0; i < Math.max(mine.length, other.length); i++) {
        int order = NUMBER_OR_TEXT.compare(part(mine, i), part(other, i));
        if (order != 0) {
          return order;
        }
      }
      return 0;
    }

    @Override
    boolean takes(String argument) {
      return !argument.isEmpty();
    }
  },
  /// Points in time; UTC where no zone is given, midnight where no time is.
  TIME {
    @Override
    int compare(String left, String right) {
      Instant mine = time(left);
      Instant other = time(right);
      if (mine == null || other == null) {
        throw new IllegalArgumentException("no time: " + left + " or " + right);
      }
      return mine.compareTo(other);
    }

    @Override
    boolean takes(String argument) {
      return time(argument) != null;
    }
  };

  /// A number has no more digits than a person would write.
  private static final int MAX_DIGITS = 30;

  /// The order of two values, by the sign.
  abstract int compare(String left, String right);

  /// Whether an argument can be compared at all.
  abstract boolean takes(String argument);

  private static boolean isNumber(String text) {
    return text.length() <= MAX_DIGITS && text.matches("-?\\d+(\\.\\d+)?");
  }

  private static String[] parts(String version) {
    String bare = version.startsWith("v") ? version.substring(1) : version;
    return bare.replaceFirst("[-+].*", "").split("\\.", -1);
  }

  private static String part(String[] parts, int index) {
    return index < parts.length && !parts[index].isEmpty() ? parts[index] : "0";
  }

  private static @Nullable Instant time(String text) {
    try {
      if (text.matches("\\d{4}-\\d\\d-\\d\\d")) {
        return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
      }
      return text.matches(".*(Z|[+-]\\d\\d:\\d\\d)")
          ? OffsetDateTime.parse(text).toInstant()
          : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      return null;
    }
  }
}

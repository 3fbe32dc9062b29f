package dev.gantry.agent;

import java.math.BigDecimal;
import java.util.SortedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads the options of `awslogs` that decide how much output may wait, and what one event is.
final class LogOptions {
  /// The size of the buffer of `non-blocking` unless the task says otherwise (LogConfiguration,
  /// Amazon ECS API Reference; the engine's own default of 1 MB is not ECS's).
  static final long DEFAULT_BUFFER = 10L << 20;

  /// Smaller files would be rotated all the time, over which older engines' followers stumble.
  static final long MIN_BUFFER = 1L << 20;

  /// More is refused: it would be three times as much on the host's disk.
  static final long MAX_BUFFER = 1L << 30;

  /// A size as the engine reads it: `10m`, `512KiB`, `1.5g`, `1048576`.
  private static final Pattern SIZE =
      Pattern.compile("([0-9]{1,12}(?:\\.[0-9]{1,6})?) ?([kKmMgGtTpP]?)i?[bB]?");

  private LogOptions() {}

  /// How much output must be able to wait for the log service, in bytes; null if as much as the
  /// agent gives every container. Without a mode it is `blocking`, the engine's own default; what
  /// the account wants instead, the control plane says.
  ///
  /// @throws IllegalArgumentException if the options are not valid; the text is the engine's own
  ///   where it has one
  static @Nullable Long buffer(SortedMap<String, String> options) {
    String mode = options.getOrDefault("mode", "");
    String size = options.get("max-buffer-size");
    if (mode.equals("non-blocking")) {
      return size == null ? DEFAULT_BUFFER : bytes(size);
    }
    if (!mode.isEmpty() && !mode.equals("blocking")) {
      throw new IllegalArgumentException("logger: logging mode not supported: " + mode);
    }
    if (size != null) {
      throw new IllegalArgumentException(
          "logger: max-buffer-size option is only supported with 'mode=non-blocking'");
    }
    return null;
  }

  private static long bytes(String text) {
    Matcher size = SIZE.matcher(text);
    if (!size.matches()) {
      throw new IllegalArgumentException(
          "error parsing option max-buffer-size: invalid size: '" + text + "'");
    }
    String unit = String.valueOf(size.group(2));
    int power = unit.isEmpty() ? 0 : "kmgtp".indexOf(Character.toLowerCase(unit.charAt(0))) + 1;
    BigDecimal bytes = new BigDecimal(size.group(1)).multiply(BigDecimal.valueOf(1024).pow(power));
    if (bytes.compareTo(BigDecimal.valueOf(MAX_BUFFER)) > 0) {
      throw new IllegalArgumentException(
          "max-buffer-size " + text + " is more than the 1g that this agent keeps");
    }
    return Math.max(MIN_BUFFER, bytes.longValue());
  }

  /// With what lines events begin; null if each line is one.
  ///
  /// @throws IllegalArgumentException if that cannot be read
  static @Nullable EventStart eventStart(SortedMap<String, String> options) {
    String format = options.getOrDefault("awslogs-datetime-format", "");
    String pattern = options.getOrDefault("awslogs-multiline-pattern", "");
    if (!format.isEmpty() && !pattern.isEmpty()) {
      throw new IllegalArgumentException(
          "you cannot configure log opt 'awslogs-datetime-format' and"
              + " 'awslogs-multiline-pattern' at the same time");
    }
    if (!format.isEmpty()) {
      return EventStart.dated(format);
    }
    return pattern.isEmpty() ? null : EventStart.matching(pattern);
  }
}

package dev.gantry.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.time.Duration;
import java.util.Locale;

/// Durations, counts and failures as a person reads them.
final class Words {

  private Words() {}

  /// As `1.4 s` below a minute, `2 min 5 s` above.
  static String seconds(Duration duration) {
    long seconds = duration.toSeconds();
    return seconds < 60
        ? String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0)
        : seconds / 60 + " min " + seconds % 60 + " s";
  }

  /// As `3 s`, `5 min`, `2 h` or `4 d`: how long ago something was.
  static String age(Duration duration) {
    if (duration.toDays() > 0) {
      return duration.toDays() + " d";
    }
    if (duration.toHours() > 0) {
      return duration.toHours() + " h";
    }
    return duration.toMinutes() > 0
        ? duration.toMinutes() + " min"
        : Math.max(0, duration.toSeconds()) + " s";
  }

  /// Why a directory cannot be made. The JDK tells some causes by the exception's class alone, with
  /// no more than a path as its message.
  static String reason(IOException failure) {
    return switch (failure) {
      case NotDirectoryException _ -> "there is a file in its place";
      case FileAlreadyExistsException _ -> "a file is where one of its directories should be";
      case AccessDeniedException _ -> "permission denied";
      case NoSuchFileException _ -> "it cannot be made there";
      default -> String.valueOf(failure.getMessage());
    };
  }

  /// As `1 task` or `2 tasks`.
  static String count(int count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }
}

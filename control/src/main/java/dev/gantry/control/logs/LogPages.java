package dev.gantry.control.logs;

import dev.gantry.api.logs.LogsErrors;
import dev.gantry.wire.shape.ServiceException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The pages of a Describe operation. A token holds the name of the last thing its page looked at,
/// as CloudWatch Logs' own does (localstack issue 1527 shows one), so it stays good while things
/// come and go.
final class LogPages {
  /// The largest page, and the page of a caller that does not say (API Reference, DescribeLogGroups
  /// and DescribeLogStreams).
  static final int MAX = 50;

  /// The most things one call looks at, so that a filter that matches nothing ends in bounded time.
  /// The page may be short, or empty, and have a successor.
  static final int MAX_EXAMINED = 10_000;

  private LogPages() {}

  /// One page.
  ///
  /// @param last what the next page begins behind; null if there is none
  record Page<E>(List<E> items, @Nullable E last) {}

  /// The size of the page that was asked for; the model bounds it.
  static int size(@Nullable Integer limit) {
    return limit == null ? MAX : limit;
  }

  /// Takes one page from the front of `rest`.
  ///
  /// @param rest the things behind the page before, in order
  /// @param within false for a thing behind which none is wanted any more
  static <E> Page<E> take(Iterable<E> rest, int size, Predicate<E> within, Predicate<E> wanted) {
    List<E> items = new ArrayList<>();
    int examined = 0;
    E last = null;
    for (E next : rest) {
      if (!within.test(next)) {
        break;
      }
      if (items.size() == size || examined == MAX_EXAMINED) {
        return new Page<>(items, last);
      }
      examined++;
      last = next;
      if (wanted.test(next)) {
        items.add(next);
      }
    }
    return new Page<>(items, null);
  }

  /// The first text that is greater than every text that begins so, or null if there is none.
  static @Nullable String behind(String prefix) {
    for (int i = prefix.length() - 1; i >= 0; i--) {
      char c = prefix.charAt(i);
      if (c < Character.MAX_VALUE) {
        return prefix.substring(0, i) + (char) (c + 1);
      }
    }
    return null;
  }

  /// The answer to a token that is none of ours.
  static ServiceException badToken() {
    return LogsErrors.invalidParameterException("The specified nextToken is invalid.");
  }
}

package dev.gantry.control.ecs;

import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.wire.shape.ServiceException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// The pages of a List operation. A token holds the key of the last element of its page, so it
/// stays good while elements come and go; a page may be empty and still have a successor (Amazon
/// ECS API Reference, ListTasks).
final class Pages {
  /// The largest page, and the page of a caller that does not say.
  static final int MAX = 100;

  /// The most elements one call looks at, so that a filter that matches nothing ends in bounded
  /// time.
  static final int MAX_EXAMINED = 10_000;

  private static final String VERSION = "1:";

  private Pages() {}

  /// One page.
  ///
  /// @param last the key of the last element that was looked at, or null at the end of the list
  record Page<T>(List<T> items, @Nullable String last) {

    /// The token of the next page of any collection, or null at the end.
    @Nullable String nextToken() {
      return nextToken("");
    }

    /// The token of the next page, good for this [#collection] alone; null at the end.
    @Nullable String nextToken(String collection) {
      return last == null ? null : token(collection, last);
    }
  }

  /// A short name of what is listed: an operation and its filters. A token is good for the
  /// collection that it was given out for.
  static String collection(String operation, @Nullable String... filters) {
    CRC32C sum = new CRC32C();
    for (String filter : filters) {
      String text = filter == null ? "-" : "+" + filter.length() + ":" + filter;
      sum.update(text.getBytes(StandardCharsets.UTF_8));
    }
    return operation + "/" + Long.toHexString(sum.getValue());
  }

  /// The size of the page that was asked for.
  ///
  /// @throws ServiceException InvalidParameterException if it is not within 1 to 100
  static int size(@Nullable Integer maxResults) {
    return size(maxResults, MAX);
  }

  /// The size of the page that was asked for, of an operation whose pages are smaller.
  ///
  /// @param max the largest page, and the page of a caller that does not say
  /// @throws ServiceException InvalidParameterException if it is not within 1 to `max`
  static int size(@Nullable Integer maxResults, int max) {
    if (maxResults == null) {
      return max;
    }
    if (maxResults < 1 || maxResults > max) {
      throw EcsErrors.invalidParameterException("maxResults must be between 1 and " + max + ".");
    }
    return maxResults;
  }

  /// The key after which the asked page begins, or null at the beginning.
  ///
  /// @throws ServiceException InvalidParameterException if the token is none of ours
  static @Nullable String after(@Nullable String nextToken) {
    return after(nextToken, "");
  }

  /// As above, of a token that must have been given out for this [#collection].
  ///
  /// @throws ServiceException InvalidParameterException if the token is none of ours, or one of
  ///   another collection
  static @Nullable String after(@Nullable String nextToken, String collection) {
    if (nextToken == null || nextToken.isEmpty()) {
      return null;
    }
    String beginning = VERSION + collection + ":";
    try {
      String text = new String(Base64.getUrlDecoder().decode(nextToken), StandardCharsets.UTF_8);
      if (text.startsWith(beginning)) {
        return text.substring(beginning.length());
      }
    } catch (IllegalArgumentException notBase64) {
      // Falls through to the one answer that every bad token gets.
    }
    throw invalidToken();
  }

  /// The answer to a token that is none of ours.
  static ServiceException invalidToken() {
    return EcsErrors.invalidParameterException("Invalid token.");
  }

  /// Takes one page from the front of `rest`.
  ///
  /// @param rest the elements behind the page before, in order
  /// @param key what the token remembers of an element
  static <E, T> Page<T> take(
      Iterable<E> rest,
      int size,
      Predicate<E> filter,
      Function<E, String> key,
      Function<E, T> shown) {
    List<T> items = new ArrayList<>();
    int examined = 0;
    String last = null;
    for (E element : rest) {
      if (last != null && (items.size() == size || examined == MAX_EXAMINED)) {
        return new Page<>(items, last);
      }
      examined++;
      last = key.apply(element);
      if (filter.test(element)) {
        items.add(shown.apply(element));
      }
    }
    return new Page<>(items, null);
  }

  private static String token(String collection, String key) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString((VERSION + collection + ":" + key).getBytes(StandardCharsets.UTF_8));
  }
}

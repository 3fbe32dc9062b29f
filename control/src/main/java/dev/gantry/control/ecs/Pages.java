package dev.gantry.control.ecs;

import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.wire.shape.ServiceException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
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
  record Page<T>(List<T> items, @Nullable String nextToken) {}

  /// The size of the page that was asked for.
  ///
  /// @throws ServiceException InvalidParameterException if it is not within 1 to 100
  static int size(@Nullable Integer maxResults) {
    if (maxResults == null) {
      return MAX;
    }
    if (maxResults < 1 || maxResults > MAX) {
      throw EcsErrors.invalidParameterException("maxResults must be between 1 and " + MAX + ".");
    }
    return maxResults;
  }

  /// The key after which the asked page begins, or null at the beginning.
  ///
  /// @throws ServiceException InvalidParameterException if the token is none of ours
  static @Nullable String after(@Nullable String nextToken) {
    if (nextToken == null || nextToken.isEmpty()) {
      return null;
    }
    try {
      String text = new String(Base64.getUrlDecoder().decode(nextToken), StandardCharsets.UTF_8);
      if (text.startsWith(VERSION)) {
        return text.substring(VERSION.length());
      }
    } catch (IllegalArgumentException notBase64) {
      // Falls through to the one answer that every bad token gets.
    }
    throw EcsErrors.invalidParameterException("Invalid token.");
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
        return new Page<>(items, token(last));
      }
      examined++;
      last = key.apply(element);
      if (filter.test(element)) {
        items.add(shown.apply(element));
      }
    }
    return new Page<>(items, null);
  }

  private static String token(String key) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString((VERSION + key).getBytes(StandardCharsets.UTF_8));
  }
}

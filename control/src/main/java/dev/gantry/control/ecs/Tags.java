package dev.gantry.control.ecs;

import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.model.Tag;
import dev.gantry.wire.shape.ServiceException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Tags between the wire and the model.
final class Tags {
  /// The most tags on one resource (Tagging your Amazon ECS resources).
  static final int MAX = 50;

  /// Keys that begin like this, in any case, are Amazon's own.
  private static final String RESERVED_PREFIX = "aws:";

  private Tags() {}

  /// The tags of a request; none if it has none. Of one key, the last value stands.
  ///
  /// @throws ServiceException InvalidParameterException if there are too many, or a key is reserved
  ///   or missing
  static List<Tag> read(@Nullable List<dev.gantry.api.ecs.Tag> given) {
    if (given == null || given.isEmpty()) {
      return List.of();
    }
    Map<String, Tag> tags = new LinkedHashMap<>();
    for (dev.gantry.api.ecs.Tag tag : given) {
      String key = tag.key();
      if (key == null || key.isEmpty()) {
        throw EcsErrors.invalidParameterException("A tag key must not be null or empty.");
      }
      if (key.toLowerCase(Locale.ROOT).startsWith(RESERVED_PREFIX)) {
        throw EcsErrors.invalidParameterException(
            "Tag keys that begin with aws: are reserved: " + key);
      }
      tags.put(key, new Tag(key, tag.value() == null ? "" : tag.value()));
    }
    if (tags.size() > MAX) {
      throw EcsErrors.invalidParameterException("A resource has at most " + MAX + " tags.");
    }
    return List.copyOf(tags.values());
  }

  /// The tags as the API shows them.
  static List<dev.gantry.api.ecs.Tag> show(List<Tag> tags) {
    return tags.stream()
        .map(tag -> dev.gantry.api.ecs.Tag.builder().key(tag.key()).value(tag.value()).build())
        .toList();
  }
}

package dev.gantry.control.ecs;

import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.model.Tag;
import dev.gantry.wire.shape.ServiceException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Tags between the wire and the model. Lengths and characters are checked by the model before; the
/// rules here are those of "Tagging Amazon ECS resources".
final class Tags {
  /// The most tags on one resource, besides those that Amazon ECS puts there itself.
  static final int MAX = 50;

  /// Keys and values that begin like this, in any case, are Amazon's own.
  private static final String RESERVED_PREFIX = "aws:";

  private Tags() {}

  /// The tags that a resource is created with; none if the request has none.
  ///
  /// @throws ServiceException InvalidParameterException if there are too many, one is incomplete or
  ///   reserved, or two have the same key
  static List<Tag> read(@Nullable List<dev.gantry.api.ecs.Tag> given) {
    return merge(List.of(), given);
  }

  /// The tags a resource has once `given` are added: what has the same key gets the new value and
  /// keeps its place.
  ///
  /// @throws ServiceException as [#read]
  static List<Tag> merge(List<Tag> before, @Nullable List<dev.gantry.api.ecs.Tag> given) {
    return merge(before, given, EcsErrors::invalidParameterException);
  }

  /// The tags a resource that exists has once `given` are added. TagResource alone has an error of
  /// its own for too many.
  ///
  /// @throws ServiceException LimitExceededException if there are too many; else as [#read]
  static List<Tag> add(List<Tag> before, @Nullable List<dev.gantry.api.ecs.Tag> given) {
    return merge(before, given, EcsErrors::limitExceededException);
  }

  private static List<Tag> merge(
      List<Tag> before,
      @Nullable List<dev.gantry.api.ecs.Tag> given,
      Function<String, ServiceException> tooMany) {
    if (given == null || given.isEmpty()) {
      return before;
    }
    Map<String, Tag> added = new LinkedHashMap<>();
    for (dev.gantry.api.ecs.Tag tag : given) {
      Tag read = check(tag);
      if (added.put(read.key(), read) != null) {
        // As recorded in github.com/hashicorp/terraform-provider-aws, issue 32259.
        throw EcsErrors.invalidParameterException("Multiple tags contain the same key.");
      }
    }
    Map<String, Tag> all = new LinkedHashMap<>();
    before.forEach(tag -> all.put(tag.key(), tag));
    all.putAll(added);
    long counted = all.values().stream().filter(tag -> !isReserved(tag.key())).count();
    if (counted > MAX) {
      throw tooMany.apply("The maximum number of tags per resource is " + MAX + ".");
    }
    return List.copyOf(all.values());
  }

  /// The tags a resource has once those with the given keys are gone. A key that it has not does no
  /// harm.
  ///
  /// @throws ServiceException InvalidParameterException if a key is reserved
  static List<Tag> without(List<Tag> before, List<String> keys) {
    for (String key : keys) {
      if (isReserved(key)) {
        throw reserved("key", key);
      }
    }
    List<Tag> after = new ArrayList<>(before);
    after.removeIf(tag -> keys.contains(tag.key()));
    return List.copyOf(after);
  }

  /// The tags as the API shows them.
  static List<dev.gantry.api.ecs.Tag> show(List<Tag> tags) {
    return tags.stream()
        .map(tag -> dev.gantry.api.ecs.Tag.builder().key(tag.key()).value(tag.value()).build())
        .toList();
  }

  // The text about a missing value is recorded (github.com/radkawar/stackd, testdata/aws/ecs,
  // controls.json), that about a missing key is made after it.
  private static Tag check(dev.gantry.api.ecs.Tag tag) {
    String key = tag.key();
    String value = tag.value();
    if (key == null) {
      throw EcsErrors.invalidParameterException("Tag key can not be null.");
    }
    if (value == null) {
      throw EcsErrors.invalidParameterException("Tag value can not be null.");
    }
    if (isReserved(key)) {
      throw reserved("key", key);
    }
    if (isReserved(value)) {
      throw reserved("value", value);
    }
    return new Tag(key, value);
  }

  private static boolean isReserved(String text) {
    return text.toLowerCase(Locale.ROOT).startsWith(RESERVED_PREFIX);
  }

  private static ServiceException reserved(String what, String text) {
    return EcsErrors.invalidParameterException(
        "Tag " + what + "s that begin with aws: are reserved: " + text);
  }
}

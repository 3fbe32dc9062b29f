package dev.gantry.control.logs;

import dev.gantry.api.logs.ListTagsForResourceRequest;
import dev.gantry.api.logs.ListTagsForResourceResponse;
import dev.gantry.api.logs.ListTagsLogGroupRequest;
import dev.gantry.api.logs.ListTagsLogGroupResponse;
import dev.gantry.api.logs.Logs;
import dev.gantry.api.logs.LogsErrors;
import dev.gantry.api.logs.TagLogGroupRequest;
import dev.gantry.api.logs.TagResourceRequest;
import dev.gantry.api.logs.UntagLogGroupRequest;
import dev.gantry.api.logs.UntagResourceRequest;
import dev.gantry.control.Context;
import dev.gantry.control.Decision;
import dev.gantry.control.Head;
import dev.gantry.control.OperationTable;
import dev.gantry.control.Snapshot;
import dev.gantry.model.LogGroup;
import dev.gantry.model.Tag;
import dev.gantry.wire.shape.ServiceException;
import dev.gantry.wire.shape.Unit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/// Tags of log groups: TagResource, UntagResource, ListTagsForResource, and the older TagLogGroup,
/// UntagLogGroup, ListTagsLogGroup, which do the same.
final class LogTagOperations {
  /// The most tags of one resource (API Reference, TagResource).
  static final int MAX_TAGS = 50;

  /// Keys that begin like this, in any case, are Amazon's own.
  private static final String RESERVED_PREFIX = "aws:";

  private LogTagOperations() {}

  static void register(OperationTable table) {
    table.command(Logs.TAG_RESOURCE, LogTagOperations::tag);
    table.command(Logs.UNTAG_RESOURCE, LogTagOperations::untag);
    table.query(Logs.LIST_TAGS_FOR_RESOURCE, LogTagOperations::list);
    table.command(Logs.TAG_LOG_GROUP, LogTagOperations::tagGroup);
    table.command(Logs.UNTAG_LOG_GROUP, LogTagOperations::untagGroup);
    table.query(Logs.LIST_TAGS_LOG_GROUP, LogTagOperations::listGroup);
  }

  private static Decision<Unit> tag(Head head, TagResourceRequest input, Context context) {
    LogGroup group =
        LogNames.identified(
            head.state(), context.scope(), Objects.requireNonNull(input.resourceArn()));
    return retag(group, merge(group.tags(), Objects.requireNonNull(input.tags())));
  }

  private static Decision<Unit> untag(Head head, UntagResourceRequest input, Context context) {
    LogGroup group =
        LogNames.identified(
            head.state(), context.scope(), Objects.requireNonNull(input.resourceArn()));
    return retag(group, without(group.tags(), Objects.requireNonNull(input.tagKeys())));
  }

  private static ListTagsForResourceResponse list(
      Snapshot snapshot, ListTagsForResourceRequest input, Context context) {
    return new ListTagsForResourceResponse(
        show(
            LogNames.identified(
                snapshot.state(), context.scope(), Objects.requireNonNull(input.resourceArn()))));
  }

  private static Decision<Unit> tagGroup(Head head, TagLogGroupRequest input, Context context) {
    LogGroup group = LogNames.group(head.state(), context.scope(), input.logGroupName());
    return retag(group, merge(group.tags(), Objects.requireNonNull(input.tags())));
  }

  private static Decision<Unit> untagGroup(Head head, UntagLogGroupRequest input, Context context) {
    LogGroup group = LogNames.group(head.state(), context.scope(), input.logGroupName());
    return retag(group, without(group.tags(), Objects.requireNonNull(input.tags())));
  }

  private static ListTagsLogGroupResponse listGroup(
      Snapshot snapshot, ListTagsLogGroupRequest input, Context context) {
    return new ListTagsLogGroupResponse(
        show(LogNames.group(snapshot.state(), context.scope(), input.logGroupName())));
  }

  /// The tags after these were given: a known key gets its new value where it stands.
  ///
  /// @throws ServiceException InvalidParameterException if a key is reserved, TooManyTagsException
  ///   if there are too many afterwards
  static List<Tag> merge(List<Tag> tags, Map<String, String> given) {
    Map<String, String> merged = toMap(tags);
    given.forEach((key, value) -> {
      if (key.toLowerCase(Locale.ROOT).startsWith(RESERVED_PREFIX)) {
        throw LogsErrors.invalidParameterException(
            "Tag keys that begin with " + RESERVED_PREFIX + " are reserved: " + key);
      }
      merged.put(key, value);
    });
    if (merged.size() > MAX_TAGS) {
      throw LogsErrors.tooManyTagsException(
          "A resource can have no more than " + MAX_TAGS + " tags.");
    }
    return toList(merged);
  }

  private static List<Tag> without(List<Tag> tags, List<String> keys) {
    Map<String, String> rest = toMap(tags);
    keys.forEach(rest::remove);
    return toList(rest);
  }

  private static Decision<Unit> retag(LogGroup group, List<Tag> tags) {
    return Decision.put(Unit.UNIT, group.withTags(tags));
  }

  private static Map<String, String> show(LogGroup group) {
    return toMap(group.tags());
  }

  private static Map<String, String> toMap(List<Tag> tags) {
    Map<String, String> map = new LinkedHashMap<>();
    tags.forEach(tag -> map.put(tag.key(), tag.value()));
    return map;
  }

  private static List<Tag> toList(Map<String, String> map) {
    return map.entrySet().stream().map(entry -> new Tag(entry.getKey(), entry.getValue())).toList();
  }
}

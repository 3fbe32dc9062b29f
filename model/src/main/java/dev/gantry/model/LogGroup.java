package dev.gantry.model;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A log group. Its events live in the log store.
///
/// @param retentionInDays null keeps events for ever
/// @param deletionProtected whether it refuses to be deleted
public record LogGroup(
    LogGroupId id,
    Instant createdAt,
    @Nullable Integer retentionInDays,
    List<Tag> tags,
    boolean deletionProtected)
    implements Entity {

  /// The group with another retention.
  ///
  /// @param days null keeps events for ever
  public LogGroup withRetention(@Nullable Integer days) {
    return new LogGroup(id, createdAt, days, tags, deletionProtected);
  }

  /// The group with these tags in place of its own.
  public LogGroup withTags(List<Tag> other) {
    return new LogGroup(id, createdAt, retentionInDays, other, deletionProtected);
  }

  /// The group, protected from deletion or not.
  public LogGroup withDeletionProtected(boolean value) {
    return new LogGroup(id, createdAt, retentionInDays, tags, value);
  }
}

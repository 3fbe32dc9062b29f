package dev.gantry.model;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A log group. Its events live in the log store.
///
/// @param retentionInDays null keeps events for ever
public record LogGroup(
    LogGroupId id, Instant createdAt, @Nullable Integer retentionInDays, List<Tag> tags)
    implements Entity {}

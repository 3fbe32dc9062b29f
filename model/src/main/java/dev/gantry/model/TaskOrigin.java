package dev.gantry.model;

import org.jspecify.annotations.Nullable;

/// How a task came to be; never changes.
///
/// @param group as `family:hello`
/// @param startedBy what the caller gave, or null
/// @param overrides the overrides that were given, as the API's JSON
public record TaskOrigin(
    LaunchType launchType, String group, @Nullable String startedBy, String overrides) {}

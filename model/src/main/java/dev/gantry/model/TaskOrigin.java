package dev.gantry.model;

import org.jspecify.annotations.Nullable;

/// How a task came to be; never changes.
///
/// @param group as `family:hello`
/// @param startedBy what the caller gave, or null
/// @param overrides the overrides that were given, as the API's JSON
/// @param token the client token of the request that started it, or null
public record TaskOrigin(
    LaunchType launchType,
    String group,
    @Nullable String startedBy,
    String overrides,
    @Nullable String token) {

  /// The id of what is remembered of that token, or null.
  public @Nullable ClientTokenId clientToken(ClusterId cluster) {
    return token == null ? null : new ClientTokenId(cluster.scope(), cluster.name(), token);
  }
}

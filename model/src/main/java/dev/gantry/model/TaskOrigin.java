package dev.gantry.model;

import org.jspecify.annotations.Nullable;

/// How a task came to be; never changes.
///
/// @param group as `family:hello`
/// @param startedBy what the caller gave, or null
/// @param overrides the overrides that were given, as the API's JSON
/// @param token the client token of the request that started it, or null
/// @param capacityProvider the name of the capacity provider whose instances it runs on, or null
///   where a launch type was asked for
/// @param placement the placement constraints and strategies of the request, as the API's JSON, if
///   the task had to wait for a place; null if it was placed at once, or asked for nothing
/// @param executeCommand whether commands may be run in its containers (enableExecuteCommand)
public record TaskOrigin(
    LaunchType launchType,
    String group,
    @Nullable String startedBy,
    String overrides,
    @Nullable String token,
    @Nullable String capacityProvider,
    @Nullable String placement,
    boolean executeCommand) {

  /// Tasks that were stored before the choice was there were not launched so.
  public static boolean defaultExecuteCommand() {
    return false;
  }

  /// The same on the instances of a capacity provider.
  public TaskOrigin by(String provider, @Nullable String asked) {
    return new TaskOrigin(
        launchType, group, startedBy, overrides, token, provider, asked, executeCommand);
  }

  /// The id of what is remembered of that token, or null.
  public @Nullable ClientTokenId clientToken(ClusterId cluster) {
    return token == null ? null : new ClientTokenId(cluster.scope(), cluster.name(), token);
  }
}

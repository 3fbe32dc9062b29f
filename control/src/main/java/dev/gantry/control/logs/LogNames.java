package dev.gantry.control.logs;

import dev.gantry.api.logs.LogsErrors;
import dev.gantry.model.Arn;
import dev.gantry.model.LogGroup;
import dev.gantry.model.LogGroupId;
import dev.gantry.model.LogStream;
import dev.gantry.model.LogStreamId;
import dev.gantry.model.Scope;
import dev.gantry.store.State;
import dev.gantry.wire.shape.ServiceException;
import org.jspecify.annotations.Nullable;

/// Finds groups and streams by what callers name them by, and says in AWS's words that there is no
/// such thing. What is in another account or region is not there for the caller.
final class LogNames {
  private static final String GROUP_RESOURCE = "log-group:";

  private LogNames() {}

  /// The group of that name.
  ///
  /// @param name required by the model
  /// @throws ServiceException ResourceNotFoundException if there is none
  static LogGroup group(State state, Scope scope, @Nullable String name) {
    LogGroup group = name == null ? null : state.logGroup(new LogGroupId(scope, name));
    if (group == null) {
      throw noGroup();
    }
    return group;
  }

  /// The group of that name, or of that name or ARN; a caller gives one of the two.
  ///
  /// @throws ServiceException InvalidParameterException if none is given, ValidationException if
  ///   both are, ResourceNotFoundException if there is no such group
  static LogGroup group(
      State state, Scope scope, @Nullable String name, @Nullable String identifier) {
    if (name != null && identifier != null) {
      // Code and text: localstack, test_logs_streams.snapshot.json, recorded from AWS in February
      // 2026. The operations' models do not have this error.
      throw LogsErrors.validationException(
          "LogGroup name and LogGroup ARN are mutually exclusive parameters.");
    }
    if (name == null && identifier == null) {
      throw LogsErrors.invalidParameterException(
          "You must include either logGroupName or logGroupIdentifier, but not both.");
    }
    return identifier == null ? group(state, scope, name) : identified(state, scope, identifier);
  }

  /// The group of that name or ARN.
  ///
  /// @throws ServiceException ResourceNotFoundException if there is none
  static LogGroup identified(State state, Scope scope, String identifier) {
    LogGroup group = find(state, scope, identifier);
    if (group == null) {
      throw noGroup();
    }
    return group;
  }

  /// The group of that name or ARN, or null.
  static @Nullable LogGroup find(State state, Scope scope, String identifier) {
    Arn arn = Arn.parse(identifier);
    if (arn == null) {
      return state.logGroup(new LogGroupId(scope, identifier));
    }
    return arn.service().equals("logs")
            && arn.region().equals(scope.region())
            && arn.account().equals(scope.account())
            && arn.resource().startsWith(GROUP_RESOURCE)
        ? state.logGroup(new LogGroupId(scope, arn.resource().substring(GROUP_RESOURCE.length())))
        : null;
  }

  /// The stream of that name in a group.
  ///
  /// @param name required by the model
  /// @throws ServiceException ResourceNotFoundException if there is none
  static LogStream stream(State state, LogGroup group, @Nullable String name) {
    LogStream stream = name == null ? null : state.logStream(id(group, name));
    if (stream == null) {
      throw LogsErrors.resourceNotFoundException("The specified log stream does not exist.");
    }
    return stream;
  }

  /// The id of a stream in a group.
  static LogStreamId id(LogGroup group, String stream) {
    return new LogStreamId(group.id().scope(), group.id().name(), stream);
  }

  private static ServiceException noGroup() {
    return LogsErrors.resourceNotFoundException("The specified log group does not exist.");
  }
}

package dev.gantry.wire.server;

import dev.gantry.wire.RequestHead;
import dev.gantry.wire.auth.Principal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One request to open a WebSocket, its signature verified.
///
/// @param path the path, percent-decoded, beginning with `/`
/// @param parameters the query parameters, percent-decoded, in the order they were sent
/// @param principal who asks
/// @param region the region of the credential scope
/// @param requestId the id that a refusal carries as `x-amzn-RequestId`
/// @param head the request's head as it came, also the base of the signatures inside telemetry
///   frames
public record SocketCall(
    String path,
    List<Parameter> parameters,
    Principal principal,
    String region,
    String requestId,
    RequestHead head) {

  /// Keeps the list from being changed behind the call's back.
  public SocketCall {
    parameters = List.copyOf(parameters);
  }

  /// One query parameter; a name without `=` has the empty value.
  public record Parameter(String name, String value) {}

  /// The first value of the parameter `name`, or null if it was not sent.
  public @Nullable String parameter(String name) {
    for (Parameter parameter : parameters) {
      if (parameter.name().equals(name)) {
        return parameter.value();
      }
    }
    return null;
  }
}

package dev.gantry.wire.server;

import dev.gantry.wire.RequestHead;

/// One request to open a WebSocket that bears no signature, or none that verifies: nobody is known
/// to have sent it.
///
/// @param path the path, percent-decoded, beginning with `/`
/// @param requestId the id that a refusal carries as `x-amzn-RequestId`
/// @param head the request's head as it came
public record UnsignedCall(String path, String requestId, RequestHead head) {}

package dev.gantry.wire.server;

import dev.gantry.wire.RequestHead;
import dev.gantry.wire.auth.Principal;
import dev.gantry.wire.shape.Operation;

/// One API call whose signature has been verified and whose input has been decoded and checked
/// against every modelled constraint.
///
/// @param operation what is asked
/// @param input the operation's input record; its class is the one that `operation.input()`
///   describes
/// @param principal who asks
/// @param region the region of the credential scope: the name space the call acts in
/// @param requestId the id that the response carries as `x-amzn-RequestId`
/// @param head the HTTP request's head, for what a few operations need of it (the `Host` that the
///   caller reached us by)
public record Call(
    Operation<?, ?> operation,
    Object input,
    Principal principal,
    String region,
    String requestId,
    RequestHead head) {}

package dev.gantry.wire;

/// One HTTP request, whole. The server has bounded the body by [Endpoint#bodyLimit].
///
/// @param head everything before the body
/// @param body the body's bytes; owned by the receiver, never changed
public record WireRequest(RequestHead head, byte[] body) {}

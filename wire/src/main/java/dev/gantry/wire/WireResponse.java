package dev.gantry.wire;

/// One HTTP response, whole. The server adds `Content-Length` and connection fields only; `Date`
/// and the request id are already among the headers.
///
/// @param status the HTTP status code
/// @param headers the header fields
/// @param body the body's bytes; never changed after the response was made
public record WireResponse(int status, Headers headers, byte[] body) {}

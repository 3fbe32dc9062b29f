package dev.gantry.wire.client;

import dev.gantry.wire.Headers;
import java.net.URI;

/// One signed HTTP request, ready to be sent by whatever transport there is.
///
/// @param method the HTTP method
/// @param uri where it goes
/// @param headers the headers, `Host` and `Authorization` included; a transport that sets `Host`
///   itself sets the same value and leaves this one out
/// @param body the body's bytes; never changed
public record ClientRequest(String method, URI uri, Headers headers, byte[] body) {}

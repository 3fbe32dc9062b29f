package dev.gantry.wire;

import org.jspecify.annotations.Nullable;

/// One HTTP response: whole, or its beginning with somebody who gives the rest. The server adds
/// `Content-Length` or `Transfer-Encoding`, and connection fields, only; `Date` and the request id
/// are already among the headers.
///
/// @param status the HTTP status code
/// @param headers the header fields
/// @param body the body's bytes, or the first of them; never changed after the response was made
/// @param more gives the rest of the body; null if there is none
public record WireResponse(int status, Headers headers, byte[] body, @Nullable BodyListener more) {

  /// A whole response.
  public WireResponse(int status, Headers headers, byte[] body) {
    this(status, headers, body, null);
  }
}

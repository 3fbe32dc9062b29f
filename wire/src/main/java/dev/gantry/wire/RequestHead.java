package dev.gantry.wire;

import org.jspecify.annotations.Nullable;

/// The part of an HTTP request that is known before its body: enough to route it, bound it, or
/// refuse it.
///
/// @param method the HTTP method, upper case
/// @param path the path exactly as sent, still percent-encoded, beginning with `/`
/// @param query the query exactly as sent, without the `?`, or null if there was none
/// @param headers the header fields
/// @param peer the address of the other end, for logs only; never a basis of trust
public record RequestHead(
    String method, String path, @Nullable String query, Headers headers, String peer) {

  /// Without the query: it may hold a signature and a session token.
  @Override
  public String toString() {
    return "RequestHead[" + method + " " + path + ", headers=" + headers + ", peer=" + peer + "]";
  }
}

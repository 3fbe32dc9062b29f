package dev.gantry.wire.auth;

/// Why a request was not believed, in AWS's words.
///
/// @param failure the row of the table; of the first of several scope errors when the message names
///   more than one
/// @param message the text for people; holds no secret
public record AuthError(AuthFailure failure, String message) {

  /// The error's shape name, as it stands in `__type`.
  public String code() {
    return failure.code();
  }

  /// The HTTP status.
  public int status() {
    return AuthFailure.STATUS;
  }
}

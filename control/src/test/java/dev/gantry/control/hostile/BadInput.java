package dev.gantry.control.hostile;

import java.nio.charset.StandardCharsets;

/// One request body and what must become of it.
///
/// @param what what is wrong with it, as `containerDefinitions[].cpu: a string`
/// @param body the bytes
/// @param wanted how it must be answered
record BadInput(String what, byte[] body, Wanted wanted) {
  private static final int SHOWN_BYTES = 600;

  /// What the answer must be.
  enum Wanted {
    /// SerializationException: it is not the operation's JSON.
    MALFORMED,
    /// The service's own error for a broken constraint, in AWS's words.
    INVALID,
    /// Any refusal or success, but an orderly one: the model says nothing against it.
    ORDERLY
  }

  static BadInput of(String what, String body, Wanted wanted) {
    return new BadInput(what, body.getBytes(StandardCharsets.UTF_8), wanted);
  }

  @Override
  public String toString() {
    String text = new String(body, StandardCharsets.ISO_8859_1);
    return what
        + " "
        + (text.length() > SHOWN_BYTES ? text.substring(0, SHOWN_BYTES) + "..." : text);
  }
}

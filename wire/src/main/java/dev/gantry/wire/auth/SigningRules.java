package dev.gantry.wire.auth;

/// The few points in which services differ in how a request becomes its canonical form.
///
/// Source: IAM User Guide, "Create a signed AWS API request": path segments are normalised and
/// encoded a second time for every service except Amazon S3, and only S3 takes an unsigned payload.
///
/// @param encodePathTwice whether the path as sent is percent-encoded once more
/// @param normalizePath whether `.`, `..` and empty segments are resolved first
/// @param unsignedPayload whether `UNSIGNED-PAYLOAD` stands for any body
public record SigningRules(
    boolean encodePathTwice, boolean normalizePath, boolean unsignedPayload) {

  /// Every service but one.
  public static final SigningRules STANDARD = new SigningRules(true, true, false);

  /// The object store's: paths are keys, so they stay as they are.
  public static final SigningRules OBJECT_STORE = new SigningRules(false, false, true);
}

package dev.gantry.home;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The installation's root key: the access key that may do everything.
///
/// It is drawn once, from a secure source, and lives in the file `credentials` of the data
/// directory in the format of the AWS shared credentials file, so that
/// `AWS_SHARED_CREDENTIALS_FILE=<data>/credentials` works too.
///
/// @param accessKeyId as AWS's long-lived keys look: `AKIA` and 16 letters and digits
/// @param secret 40 letters and digits; never shown by [#toString]
public record RootKey(String accessKeyId, String secret) {

  /// The file in the data directory.
  public static final String FILE = "credentials";

  private static final String ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  private static final String SECRET_ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  private static final Pattern ACCESS_KEY_ID = Pattern.compile("[A-Za-z0-9_]{16,128}");
  private static final Pattern SECRET = Pattern.compile("[A-Za-z0-9/+=]{16,128}");

  public RootKey {
    if (!ACCESS_KEY_ID.matcher(accessKeyId).matches()) {
      throw new IllegalArgumentException("an access key id is 16 to 128 letters and digits");
    }
    if (!SECRET.matcher(secret).matches()) {
      throw new IllegalArgumentException("a secret access key is 16 to 128 letters, digits, / + =");
    }
  }

  /// Draws a new key.
  ///
  /// @param random must be a secure one in earnest
  public static RootKey draw(RandomGenerator random) {
    return new RootKey(
        "AKIA" + letters(random, ID_ALPHABET, 16), letters(random, SECRET_ALPHABET, 40));
  }

  private static String letters(RandomGenerator random, String alphabet, int length) {
    StringBuilder text = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      text.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return text.toString();
  }

  /// The key of this data directory, or null if none was drawn yet.
  ///
  /// @throws IOException if the file cannot be read or holds no key; the message never shows it
  public static @Nullable RootKey read(DataDirectory data) throws IOException {
    String text = data.read(FILE);
    if (text == null) {
      return null;
    }
    Map<String, String> settings = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        settings.put(line.substring(0, equals).strip(), line.substring(equals + 1).strip());
      }
    }
    try {
      return new RootKey(
          settings.getOrDefault("aws_access_key_id", ""),
          settings.getOrDefault("aws_secret_access_key", ""));
    } catch (IllegalArgumentException malformed) {
      throw new IOException(
          data.resolve(FILE) + " holds no usable key: " + malformed.getMessage(), malformed);
    }
  }

  /// The key of this data directory, drawn and written if there was none. The caller holds the
  /// [InstanceLock].
  public static RootKey readOrDraw(DataDirectory data, RandomGenerator random) throws IOException {
    RootKey there = read(data);
    if (there != null) {
      return there;
    }
    RootKey drawn = draw(random);
    data.write(
        FILE,
        "# The root key of this Gantry installation, drawn when it first started.\n"
            + "[default]\n"
            + "aws_access_key_id = "
            + drawn.accessKeyId()
            + "\naws_secret_access_key = "
            + drawn.secret()
            + "\n");
    return drawn;
  }

  @Override
  public String toString() {
    return "RootKey[" + accessKeyId + "]";
  }
}

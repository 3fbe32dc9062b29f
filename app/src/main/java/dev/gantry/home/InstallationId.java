package dev.gantry.home;

import java.io.IOException;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The name of one data directory for the world outside it: every container that Gantry starts
/// bears it as the label [#LABEL], and clean-up and re-adoption touch only those.
///
/// @param value 32 hexadecimal digits
public record InstallationId(String value) {

  /// The label on containers.
  public static final String LABEL = "dev.gantry.installation";

  /// The file in the data directory.
  public static final String FILE = "installation";

  private static final Pattern FORM = Pattern.compile("[0-9a-f]{32}");

  public InstallationId {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException("an installation id is 32 hexadecimal digits");
    }
  }

  /// The id of this data directory, or null if it never had one.
  ///
  /// @throws IOException if the file cannot be read or holds no id
  public static @Nullable InstallationId read(DataDirectory data) throws IOException {
    String text = data.read(FILE);
    if (text == null) {
      return null;
    }
    try {
      return new InstallationId(text.strip());
    } catch (IllegalArgumentException malformed) {
      throw new IOException(
          data.resolve(FILE) + ": " + malformed.getMessage() + ", this is not", malformed);
    }
  }

  /// The id of this data directory, drawn and written if there was none. The caller holds the
  /// [InstanceLock].
  public static InstallationId readOrDraw(DataDirectory data, RandomGenerator random)
      throws IOException {
    InstallationId there = read(data);
    if (there != null) {
      return there;
    }
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    InstallationId drawn = new InstallationId(HexFormat.of().formatHex(bytes));
    data.write(FILE, drawn.value() + "\n");
    return drawn;
  }

  @Override
  public String toString() {
    return value;
  }
}

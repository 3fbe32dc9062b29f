package dev.gantry.cli;

import dev.gantry.home.DataDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// `--data`, which most commands share.
final class DataOption {

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = {
        "Data directory of this Gantry.",
        "Default: $GANTRY_DATA, else $XDG_STATE_HOME/gantry,",
        "else ~/.local/state/gantry."
      })
  private @Nullable Path data;

  DataDirectory resolve(Host host) {
    return DataDirectory.resolve(data, host.environment(), host.userHome());
  }

  /// Makes the directory, unless it is there.
  ///
  /// @param another what to type to use another one
  /// @throws CommandFailure if it cannot be used
  static void create(DataDirectory directory, String another) {
    try {
      directory.create();
    } catch (IOException unusable) {
      throw new CommandFailure(
          "The data directory " + directory + " cannot be used: " + Words.reason(unusable),
          unusable,
          List.of("Choose another:  " + another));
    }
  }

  /// ` --data DIR` as it has to stand in advice, or nothing if the default was used.
  String repeated() {
    return data == null ? "" : " --data " + Shell.quote(data.toString());
  }
}

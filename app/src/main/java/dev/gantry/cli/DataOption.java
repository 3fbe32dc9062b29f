package dev.gantry.cli;

import dev.gantry.home.DataDirectory;
import java.nio.file.Path;
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

  /// ` --data DIR` as it has to stand in advice, or nothing if the default was used.
  String repeated() {
    return data == null ? "" : " --data " + Shell.quote(data.toString());
  }
}

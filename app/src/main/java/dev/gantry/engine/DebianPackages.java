package dev.gantry.engine;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Installs Debian's packages, as root.
final class DebianPackages {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  /// Asks nothing, and waits for another apt-get instead of failing beside it.
  private static final List<String> INSTALL =
      List.of(
          "apt-get",
          "-q",
          "-y",
          "-o",
          "DPkg::Lock::Timeout=60",
          "install",
          "--no-install-recommends");

  private static final Map<String, String> ENVIRONMENT =
      Map.of("DEBIAN_FRONTEND", "noninteractive");

  private DebianPackages() {}

  /// Installs packages, fetching the package lists first where the machine has none or old ones.
  ///
  /// @throws EngineFailure with the end of apt-get's output
  static void install(Path log, Consumer<String> progress, String... packages)
      throws IOException, InterruptedException, EngineFailure {
    String what = "installing " + String.join(" ", packages);
    List<String> command = new ArrayList<>(INSTALL);
    command.addAll(List.of(packages));
    if (LoggedCommand.run(command, ENVIRONMENT, what, log, LIMIT, progress) == 0) {
      return;
    }
    // Lists that were never fetched, or name versions that are gone. A repository out of reach is
    // no reason to give up: the package may come from another.
    LoggedCommand.run(
        List.of("apt-get", "-q", "-o", "DPkg::Lock::Timeout=60", "update"),
        ENVIRONMENT,
        "fetching package lists",
        log,
        LIMIT,
        progress);
    if (LoggedCommand.run(command, ENVIRONMENT, what, log, LIMIT, progress) != 0) {
      List<String> advice = new ArrayList<>(LoggedCommand.tail(log));
      advice.add("The whole output is in " + log + ".");
      throw new EngineFailure(
          "apt-get could not install " + String.join(" ", packages) + ".", advice);
    }
  }
}

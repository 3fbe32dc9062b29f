package dev.gantry.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/// `gantry version`.
@Command(
    name = "version",
    description = "Shows which Gantry this is and what runs it.",
    exitCodeList = "0:shown")
final class VersionCommand extends HelpfulCommand implements IVersionProvider {
  private final Host host;

  VersionCommand(Host host) {
    this.host = host;
  }

  @Override
  public Integer call() {
    for (String line : getVersion()) {
      host.console().print(line);
    }
    return ExitCodes.OK;
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "gantry " + version(),
      "java " + Runtime.version() + " (" + System.getProperty("java.vendor", "unknown") + ")",
      System.getProperty("os.name", "unknown") + " " + System.getProperty("os.arch", "unknown")
    };
  }

  /// The version in the jar's manifest.
  static String version() {
    String version = VersionCommand.class.getPackage().getImplementationVersion();
    return version == null ? "(not packaged)" : version;
  }
}

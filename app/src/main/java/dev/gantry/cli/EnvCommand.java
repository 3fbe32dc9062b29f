package dev.gantry.cli;

import dev.gantry.home.DataDirectory;
import dev.gantry.home.RootKey;
import dev.gantry.home.RunningInstance;
import java.io.IOException;
import java.net.URI;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `gantry env`: exports for a shell on standard output, warnings on standard error, so that `eval
/// "$(gantry env)"` does both.
@Command(
    name = "env",
    description = {
      "Prints what to export so that AWS clients talk to this Gantry.",
      "",
      "  eval \"$(gantry env)\"",
      "",
      "Warns where the aws on PATH would ignore it and call the real AWS."
    },
    exitCodeList = {"0:printed", "125:no Gantry was ever started on this data directory"})
final class EnvCommand extends HelpfulCommand {
  private final Host host;

  @Mixin private DataOption data = new DataOption();

  @Option(
      names = "--aws-function",
      description =
          "Also defines a shell function aws that passes --endpoint-url, for an AWS CLI too old to"
              + " know AWS_ENDPOINT_URL.")
  private boolean awsFunction;

  EnvCommand(Host host) {
    this.host = host;
  }

  @Override
  public Integer call() throws IOException {
    DataDirectory directory = data.resolve(host);
    RootKey key = directory.exists() ? RootKey.read(directory) : null;
    URI endpoint = directory.exists() ? RunningInstance.lastEndpoint(directory) : null;
    if (key == null || endpoint == null) {
      throw new CommandFailure(
          "No Gantry was ever started on " + directory + ".",
          "Start one:  " + host.command() + " up --detach" + data.repeated());
    }
    if (RunningInstance.find(directory) == null) {
      host.console()
          .say(
              "nothing runs on "
                  + directory
                  + " now; start it with: "
                  + host.command()
                  + " up"
                  + data.repeated());
    }
    EnvironmentScript.exports(endpoint, key).forEach(host.console()::print);
    if (awsFunction) {
      host.console().print(EnvironmentScript.AWS_FUNCTION);
    }
    AwsCli installed = AwsCli.find(host.environment());
    for (String warning :
        EnvironmentScript.warnings(
            installed,
            host.environment(),
            host.command() + " env" + data.repeated(),
            awsFunction)) {
      host.console().say(warning);
    }
    return ExitCodes.OK;
  }
}

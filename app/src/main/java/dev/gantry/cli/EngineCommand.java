package dev.gantry.cli;

import dev.gantry.engine.EngineBootstrap;
import dev.gantry.home.DataDirectory;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `gantry engine start|stop`: what `up` and `down` do about the Docker Engine, alone. For the
/// launcher script, which brings the tests to an engine.
@Command(
    name = "engine",
    hidden = true,
    description = "Finds, installs or starts a Docker Engine, or stops one that Gantry started.",
    exitCodeList = {"0:done", "125:there is no engine that Gantry could use"})
final class EngineCommand extends HelpfulCommand {

  /// What to do.
  enum Action {
    START,
    STOP
  }

  private final Host host;

  @Parameters(paramLabel = "start|stop", description = "What to do.")
  private Action action = Action.START;

  @Mixin private DataOption data = new DataOption();

  @Option(names = "--no-install", description = "Never installs anything.")
  private boolean noInstall;

  EngineCommand(Host host) {
    this.host = host;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    DataDirectory directory = data.resolve(host);
    directory.create();
    EngineAccess engine = new EngineAccess(host, directory);
    switch (action) {
      case START -> {
        EngineBootstrap.Result result = engine.ensure(!noInstall);
        host.console().print(result == EngineBootstrap.Result.STARTED ? "started" : "found");
      }
      case STOP -> engine.stopIfIdle();
    }
    return ExitCodes.OK;
  }
}

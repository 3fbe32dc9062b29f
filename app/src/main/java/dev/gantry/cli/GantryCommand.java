package dev.gantry.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `gantry`, which only chooses among its commands.
@Command(
    name = "gantry",
    description = "Amazon ECS that you can run anywhere.",
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    exitCodeList = {
      "0:done; gantry run ends with its task's exit code instead",
      "125:Gantry itself failed, or could not make sense of the command line",
      "130:ended by Ctrl-C"
    },
    footer = {
      "",
      "Also, from a source tree:",
      "  test      Runs every test, real Docker and AWS clients included.",
      "  bench     Measures speed and size, each figure with its floor.",
      "  simulate  Runs the control plane with agents and faults, from one seed.",
      "  fuzz      Sends a Gantry of its own what nobody should send.",
      "",
      "First steps:",
      "  gantry run examples/hello/taskdef.json     runs one task and shows its output",
      "  gantry up --detach                         starts Gantry in the background",
      "  eval \"$(gantry env)\"                       points AWS clients at it"
    })
final class GantryCommand extends HelpfulCommand {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    throw new CommandLine.ParameterException(spec.commandLine(), "Which command?");
  }

  /// The command line. Where the arguments begin with a command's name, only that command is part
  /// of it: picocli looks at every field and annotation of each, which made up a third of a start.
  ///
  /// @param arguments what will be executed; none for the whole command line
  static CommandLine assemble(Host host, ServerLauncher server, String... arguments) {
    SequencedMap<String, Supplier<HelpfulCommand>> commands = new LinkedHashMap<>();
    commands.put("run", () -> new RunCommand(host, server));
    commands.put("up", () -> new UpCommand(host, server));
    commands.put("agent", () -> new AgentCommand(host));
    commands.put("status", () -> new StatusCommand(host));
    commands.put("env", () -> new EnvCommand(host));
    commands.put("down", () -> new DownCommand(host));
    commands.put("version", () -> new VersionCommand(host));
    commands.put("engine", () -> new EngineCommand(host));
    commands.put("train", () -> new TrainCommand(host, server));
    if (arguments.length > 0 && commands.containsKey(arguments[0])) {
      commands.keySet().retainAll(List.of(arguments[0]));
    }
    CommandLine line = new CommandLine(new GantryCommand());
    commands.forEach((name, command) -> line.addSubcommand(name, command.get()));
    Console console = host.console();
    line.setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setParameterExceptionHandler((wrong, _) -> {
      CommandLine command = wrong.getCommandLine();
      console.say(
          command.getParent() == null
                  && wrong instanceof CommandLine.UnmatchedArgumentException unmatched
                  && !unmatched.isUnknownOption()
              ? "There is no command '" + unmatched.getUnmatched().getFirst() + "'."
              : String.valueOf(wrong.getMessage()));
      if (command.getParent() == null) {
        command.usage(console.err());
      } else {
        console.detail(host.command() + " " + command.getCommandName() + " --help says more");
      }
      return ExitCodes.OWN_FAILURE;
    });
    line.setExecutionExceptionHandler((failure, command, parsed) -> {
      return switch (failure) {
        case CommandFailure ours -> {
          console.say(ours.text());
          ours.advice().forEach(console::detail);
          yield ExitCodes.OWN_FAILURE;
        }
        case InterruptedException interrupted -> ExitCodes.INTERRUPTED;
        default -> {
          console.say("unexpected failure, please report it: " + failure);
          failure.printStackTrace(console.err());
          yield ExitCodes.OWN_FAILURE;
        }
      };
    });
    return line;
  }
}

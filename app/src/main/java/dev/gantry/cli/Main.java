package dev.gantry.cli;

import dev.gantry.wiring.LocalServer;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The program. The launcher script starts it with the JVM options that belong to it.
public final class Main {

  private Main() {}

  /// Runs one command and ends with its exit code.
  public static void main(String[] arguments) {
    @Nullable String launcher = System.getProperty("gantry.launcher");
    Host host =
        new Host(
            System.getenv(),
            home(),
            System.getProperty("gantry.command", "gantry"),
            launcher == null ? null : Path.of(launcher),
            new Console(
                new PrintStream(
                    new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8),
                new PrintStream(
                    new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8)),
            Interrupts::hear);
    System.exit(GantryCommand.assemble(host, new LocalServer(), arguments).execute(arguments));
  }

  /// What the user's shell calls `~`. The JVM's own `user.home` is the home in the user database,
  /// which `HOME=... ./gantry`, sudo and containers often mean to override.
  private static Path home() {
    String home = System.getenv("HOME");
    return home != null && home.startsWith("/")
        ? Path.of(home)
        : Path.of(System.getProperty("user.home", "/"));
  }
}

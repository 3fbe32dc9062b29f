package dev.gantry.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// A person at a shell, for tests: runs command lines in this JVM, reads what they print, and can
/// press Ctrl-C.
final class Shelled {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Heard err = new Heard();
  private final CompletableFuture<IntConsumer> listener = new CompletableFuture<>();
  private final Host host;
  private final ServerLauncher server;

  /// @param home where the data directory lies by default
  /// @param dockerHost the engine that commands find, or null for none: a socket that is not there
  Shelled(Path home, @Nullable String dockerHost, ServerLauncher server) {
    this(home, dockerHost, server, Map.of());
  }

  /// @param variables further variables of the environment
  Shelled(
      Path home,
      @Nullable String dockerHost,
      ServerLauncher server,
      Map<String, String> variables) {
    Map<String, String> environment = new LinkedHashMap<>(variables);
    environment.put("PATH", "");
    environment.put(
        "DOCKER_HOST", dockerHost == null ? "unix://" + home.resolve("nothing.sock") : dockerHost);
    this.server = server;
    this.host =
        new Host(
            environment,
            home,
            "./gantry",
            null,
            new Console(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8)),
            listener::complete);
  }

  /// Runs a command to its end.
  int run(String... arguments) {
    return GantryCommand.assemble(host, server, arguments).execute(arguments);
  }

  /// Runs a command on another thread.
  CompletableFuture<Integer> begin(String... arguments) {
    return CompletableFuture.supplyAsync(
        () -> run(arguments), task -> Thread.ofPlatform().start(task));
  }

  /// Sends the running command a signal.
  void signal(int number) throws Exception {
    listener.get().accept(number);
  }

  String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  /// Waits until this was said on standard error.
  void awaitErr(String text) throws InterruptedException {
    err.await(text);
  }

  /// Bytes that somebody waits for.
  private static final class Heard extends ByteArrayOutputStream {
    @Override
    public synchronized void write(byte[] bytes, int from, int length) {
      super.write(bytes, from, length);
      notifyAll();
    }

    synchronized void await(String text) throws InterruptedException {
      while (!toString(StandardCharsets.UTF_8).contains(text)) {
        wait();
      }
    }
  }

  /// A file in a directory.
  static Path file(Path directory, String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }
}

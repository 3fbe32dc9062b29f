package dev.gantry.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Stands in for session-manager-plugin on the PATH of an AWS CLI: takes the same arguments and
/// says the same, with [PluginClient] inside. What is to be typed comes from standard input.
public final class StandInPlugin {
  private StandInPlugin() {}

  /// A directory for PATH in which the stand-in is called `session-manager-plugin`.
  static void install(Path directory) throws IOException {
    Path script = directory.resolve("session-manager-plugin");
    Files.writeString(
        script,
        """
        #!/bin/sh
        exec '%s' -cp '%s' %s "$@"
        """
            .formatted(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                System.getProperty("java.class.path"),
                StandInPlugin.class.getName()));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /// Runs one session to its end.
  public static void main(String[] arguments) throws Exception {
    if (arguments.length == 0) {
      System.out.println(
          "\nThe Session Manager plugin was installed successfully. Use the AWS CLI to start a"
              + " session.\n");
      return;
    }
    String session = arguments[0];
    if (!arguments[2].equals("StartSession")) {
      throw new IllegalArgumentException("another operation: " + arguments[2]);
    }
    String id = member(session, "SessionId", "sessionId");
    System.out.println("\nStarting session with SessionId: " + id);
    System.out.println("Target: " + member(arguments[4], "Target", "target"));
    try (PluginClient client =
        PluginClient.open(
            member(session, "StreamUrl", "streamUrl"),
            member(session, "TokenValue", "tokenValue"))) {
      client.awaitReady();
      client.resize(100, 30);
      // The AWS CLI hands its own standard input on, which may never end.
      Thread.ofPlatform().daemon().start(() -> type(client));
      String end = client.awaitEnd();
      System.out.println(client.text());
      System.out.println(
          end.isEmpty()
              ? "\n\nExiting session with sessionId: " + id + ".\n"
              : "\n\nSessionId: " + id + " : " + end + "\n");
    }
  }

  private static void type(PluginClient client) {
    try {
      byte[] typed = new byte[1024];
      for (int count = System.in.read(typed); count > 0; count = System.in.read(typed)) {
        client.type(new String(typed, 0, count, StandardCharsets.UTF_8).replace('\n', '\r'));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String member(String json, String name, String other) {
    Matcher matcher =
        Pattern.compile("\"(?:" + name + "|" + other + ")\": ?\"([^\"]*)\"").matcher(json);
    if (!matcher.find()) {
      throw new IllegalArgumentException("no " + name + " in what the AWS CLI gave");
    }
    return matcher.group(1);
  }
}

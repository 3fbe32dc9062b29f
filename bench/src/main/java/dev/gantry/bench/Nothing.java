package dev.gantry.bench;

import java.io.IOException;
import java.nio.file.Path;

/// A program that does nothing, to see what a JVM alone takes to start and end.
public final class Nothing {
  private Nothing() {}

  /// Does nothing.
  public static void main(String[] args) {}

  /// Runs it in a JVM of its own.
  ///
  /// @return how long that took, in nanoseconds
  static long launch() throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                Nothing.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    long start = System.nanoTime();
    int code = builder.start().waitFor();
    long elapsed = System.nanoTime() - start;
    if (code != 0) {
      throw new IOException("a JVM that does nothing ended with " + code);
    }
    return elapsed;
  }
}

package dev.gantry.cli;

import java.io.PrintStream;

/// Where a command speaks: results on standard output, everything else on standard error with
/// `gantry:` before it, so that a person can tell Gantry's words from a container's.
///
/// Safe for use by many threads; a line is never torn.
public final class Console {
  private final PrintStream out;
  private final PrintStream err;

  public Console(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /// One line of the command's result.
  public void print(String line) {
    synchronized (out) {
      out.println(line);
    }
  }

  /// Bytes of a container's output, as they are, and a line break.
  public void printRaw(byte[] line) {
    synchronized (out) {
      out.write(line, 0, line.length);
      out.write('\n');
      out.flush();
    }
  }

  /// One line of what Gantry does.
  public void say(String text) {
    synchronized (err) {
      err.println("gantry: " + text);
    }
  }

  /// A line that belongs to the one before.
  public void detail(String text) {
    synchronized (err) {
      err.println("        " + text);
    }
  }

  /// A line that another process of ours has spelt already.
  public void relay(String line) {
    synchronized (err) {
      err.println(line);
    }
  }

  /// Whether the reader of standard output has gone away, as `head` does.
  public boolean outputBroken() {
    return out.checkError();
  }

  /// Where usage help goes when it was asked for.
  public PrintStream out() {
    return out;
  }

  /// Where usage help goes when the command line was wrong.
  public PrintStream err() {
    return err;
  }
}

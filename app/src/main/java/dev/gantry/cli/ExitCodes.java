package dev.gantry.cli;

/// The exit codes that Gantry's commands give of their own accord. `gantry run` otherwise ends with
/// the code of a container, so these keep clear of what programs commonly use, as `docker run`
/// does.
public final class ExitCodes {

  /// All went well.
  public static final int OK = 0;

  /// `gantry status`: nothing runs on this data directory.
  public static final int NOT_RUNNING = 1;

  /// Gantry could not do what it was asked: its own failure or a wrong command line, not a
  /// container's.
  public static final int OWN_FAILURE = 125;

  /// Interrupted by Ctrl-C: 128 and the number of SIGINT, as shells count.
  public static final int INTERRUPTED = 130;

  /// Ended by SIGTERM.
  public static final int TERMINATED = 143;

  private ExitCodes() {}
}

package dev.gantry.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A command cannot go on, and its user can do something about it. The message says what is wrong
/// in one sentence; the advice says what to do. It ends the command with [ExitCodes#OWN_FAILURE].
public final class CommandFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<String> advice;

  /// @param message what is wrong, for a person
  /// @param advice what to do about it, a line each
  public CommandFailure(String message, String... advice) {
    this(message, null, List.of(advice));
  }

  /// @param cause what told us, for a log; the message must stand without it
  public CommandFailure(String message, @Nullable Throwable cause, List<String> advice) {
    super(message, cause);
    this.advice = List.copyOf(advice);
  }

  /// What is wrong.
  public String text() {
    return String.valueOf(getMessage());
  }

  /// What to do about it, a line each; may be empty.
  public List<String> advice() {
    return advice;
  }
}

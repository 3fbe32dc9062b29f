package dev.gantry.wire.json;

/// The bytes are not JSON, not the JSON of the shape asked for, or beyond a limit.
///
/// It is the sender's fault and becomes a `SerializationException` on the wire. Its text is for
/// people and never holds a value from the input: a value may be a secret.
public final class MalformedInputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String problem;
  private final String path;

  /// A problem with the input as a whole.
  public MalformedInputException(String problem) {
    this(problem, "");
  }

  private MalformedInputException(String problem, String path) {
    super(path.isEmpty() ? problem : problem + " (at " + path + ")", null, false, false);
    this.problem = problem;
    this.path = path;
  }

  /// The same problem, seen from the structure, list or map that holds the value.
  MalformedInputException within(String segment) {
    return new MalformedInputException(problem, path.isEmpty() ? segment : segment + "." + path);
  }

  /// What is wrong and where, as `STRING_VALUE can not be converted to an Integer (at
  /// containerDefinitions.1.member.memory)`. List elements count from 1, as in AWS's texts.
  public String text() {
    return String.valueOf(getMessage());
  }
}

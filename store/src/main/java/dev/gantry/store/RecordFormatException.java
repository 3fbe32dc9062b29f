package dev.gantry.store;

import org.jspecify.annotations.Nullable;

/// A stored text is not the record it should be, or a record type has no stored form. The message
/// says where, as `stop.code: ...`, and what is wrong.
public final class RecordFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String path;
  private final String problem;

  /// @param problem what is wrong, for people
  public RecordFormatException(String problem, @Nullable Throwable cause) {
    this("", problem, cause);
  }

  private RecordFormatException(String path, String problem, @Nullable Throwable cause) {
    super(path.isEmpty() ? problem : path + ": " + problem, cause);
    this.path = path;
    this.problem = problem;
  }

  /// The same problem, seen from one level further out.
  RecordFormatException within(String outer) {
    String longer = path.isEmpty() || path.startsWith("[") ? outer + path : outer + "." + path;
    return new RecordFormatException(longer, problem, getCause());
  }
}

package dev.gantry.store;

import org.jspecify.annotations.Nullable;

/// A store could not do what it was asked. The message is for people and says what to do where
/// something can be done.
public final class StoreException extends Exception {
  private static final long serialVersionUID = 1L;

  /// Why, as far as one can act differently on it.
  public enum Kind {
    /// Another process holds the store.
    BUSY,
    /// What is stored cannot be read, or is not a store at all.
    CORRUPT,
    /// The disk, or the space allowed, is full.
    FULL,
    /// The store may be read, not written.
    READ_ONLY,
    /// The store cannot be opened or reached.
    UNREACHABLE,
    /// A newer version wrote the store.
    NEWER_SCHEMA,
    /// The store was made by steps other than those this version knows.
    CHANGED_SCHEMA,
    /// A stored record cannot be read as one.
    BAD_RECORD,
    /// Another writer wrote to the store since this one loaded it.
    FENCED,
    /// The request asks for more than the store looks at in one go.
    LIMIT_EXCEEDED,
    /// Too much waits to be done; try again later.
    OVERLOADED,
    /// The store was closed before this was done; it may or may not have been.
    CLOSED,
    /// Reading or writing failed for any other reason.
    FAILED
  }

  private final Kind kind;

  /// @param message what happened, and where
  public StoreException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /// Why it could not.
  public Kind kind() {
    return kind;
  }
}

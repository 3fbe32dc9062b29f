package dev.gantry.store.jdbc;

import dev.gantry.store.StoreException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/// One SQLite database file: how it is opened, and what its errors mean.
///
/// @param path where it is
/// @param maxPages how many pages of 4 KiB it may grow to; a test of a full disk sets it
/// @param busyTimeoutMillis how long a lock that another process holds is waited for
record SqliteFile(Path path, int maxPages, int busyTimeoutMillis) {

  private static final int BUSY_TIMEOUT_MILLIS = 5_000;

  /// The write-ahead log is copied into the database when it has so many pages, by the commit that
  /// finds it so: 16 MiB, four times SQLite's default, so that fewer commits pay for it.
  private static final int CHECKPOINT_PAGES = 4_096;

  /// What the write-ahead log is cut back to when it was emptied.
  private static final int MAX_IDLE_LOG_BYTES = 32 * 1024 * 1024;

  private static final int NO_LIMIT = 1_073_741_823;
  private static final String OWNER_ONLY = "rw-------";

  SqliteFile(Path path) {
    this(path, NO_LIMIT, BUSY_TIMEOUT_MILLIS);
  }

  /// Makes the file if it is not there. Nobody but its owner may read it: records hold what users
  /// gave. The files that SQLite puts beside it get the same permissions.
  void create() throws StoreException {
    if (path.toString().indexOf('?') >= 0) {
      throw new StoreException(
          StoreException.Kind.UNREACHABLE,
          "The path " + path + " has a question mark, which the driver cannot open",
          null);
    }
    try {
      boolean posix = path.getFileSystem().supportedFileAttributeViews().contains("posix");
      try {
        if (posix) {
          Files.createFile(
              path,
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_ONLY)));
        } else {
          Files.createFile(path);
        }
      } catch (FileAlreadyExistsException itWasThere) {
        if (posix && Files.isWritable(path)) {
          Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(OWNER_ONLY));
        }
      }
    } catch (IOException e) {
      throw new StoreException(
          StoreException.Kind.UNREACHABLE, "The store " + path + " cannot be made (" + e + ")", e);
    }
  }

  /// Opens a connection that does not commit by itself and whose commits are on disk when they
  /// return, also if the power fails (`synchronous = FULL`).
  Connection connect() throws SQLException {
    Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path.toAbsolutePath());
    try (Statement statement = connection.createStatement()) {
      statement.execute("pragma busy_timeout = " + busyTimeoutMillis);
      statement.execute("pragma journal_mode = wal");
      statement.execute("pragma synchronous = full");
      statement.execute("pragma wal_autocheckpoint = " + CHECKPOINT_PAGES);
      statement.execute("pragma journal_size_limit = " + MAX_IDLE_LOG_BYTES);
      statement.execute("pragma max_page_count = " + maxPages);
      connection.setAutoCommit(false);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /// What an error of SQLite means (sqlite.org/rescode.html; the driver gives the primary code).
  StoreException explain(SQLException e) {
    StoreException.Kind kind =
        switch (e.getErrorCode()) {
          case 5, 6 -> StoreException.Kind.BUSY;
          case 8 -> StoreException.Kind.READ_ONLY;
          case 11, 26 -> StoreException.Kind.CORRUPT;
          case 13 -> StoreException.Kind.FULL;
          case 14 -> StoreException.Kind.UNREACHABLE;
          case 19 -> StoreException.Kind.FENCED;
          default -> StoreException.Kind.FAILED;
        };
    String what =
        switch (kind) {
          case BUSY -> "is held by another process";
          case READ_ONLY -> "cannot be written";
          case CORRUPT ->
              "is damaged, or is not a store of Gantry. Restore it from a backup, or move it and the"
                  + " files beside it away to begin anew";
          case FULL -> "has no space left to grow on its disk";
          case UNREACHABLE -> "cannot be opened";
          case FENCED -> "was written to by another process";
          default -> "failed";
        };
    return new StoreException(
        kind, "The store " + path + " " + what + " (" + e.getMessage() + ")", e);
  }
}

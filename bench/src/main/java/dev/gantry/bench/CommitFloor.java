package dev.gantry.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/// The least that remembering one thing durably costs on a file system: a SQLite database in WAL
/// mode with `synchronous=FULL`, as the store uses it, one row of a task's size in one transaction.
final class CommitFloor implements AutoCloseable {
  /// What a task's record takes.
  private static final int ROW_BYTES = 1_024;

  private final Path file;
  private final Connection connection;
  private final PreparedStatement insert;
  private final String body = "x".repeat(ROW_BYTES);
  private long next;

  /// @param directory on the file system of the store that is compared with
  CommitFloor(Path directory) throws SQLException {
    this.file = directory.resolve("bench-floor.db");
    this.connection = DriverManager.getConnection("jdbc:sqlite:" + file);
    try (Statement statement = connection.createStatement()) {
      statement.execute("pragma journal_mode = wal");
      statement.execute("pragma synchronous = full");
      statement.execute("pragma wal_autocheckpoint = 4096");
      statement.execute("create table record (id bigint primary key, body text not null)");
      connection.setAutoCommit(false);
      insert = connection.prepareStatement("insert into record values (?, ?)");
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /// One commit.
  ///
  /// @return how long it took, in nanoseconds
  long commit() throws SQLException {
    long start = System.nanoTime();
    insert.setLong(1, next++);
    insert.setString(2, body);
    insert.executeUpdate();
    connection.commit();
    return System.nanoTime() - start;
  }

  @Override
  public void close() throws SQLException, IOException {
    insert.close();
    connection.close();
    Files.deleteIfExists(file);
  }
}

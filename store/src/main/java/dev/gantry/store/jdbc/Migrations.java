package dev.gantry.store.jdbc;

import dev.gantry.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.List;

/// Brings the tables of one component of a database up to what this version wants, step by step.
/// Each step is a file of SQL that is numbered, runs in a transaction of its own, and is never
/// changed once released: its checksum is kept beside its number.
///
/// @param component what the steps are of; several may share one database
/// @param steps the names of resources beside this class, as `journal-1.sql`; step n is the n-th
record Migrations(String component, List<String> steps) {

  private static final String TABLE =
      "create table if not exists schema_step (component text not null, step bigint not null,"
          + " checksum text not null, primary key (component, step))";

  /// Runs the steps that have not been run.
  ///
  /// @param connection does not commit by itself
  /// @param store named in messages
  /// @throws StoreException if a newer version ran further steps, or a step ran with another text
  void run(Connection connection, String store) throws SQLException, StoreException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(TABLE);
    }
    connection.commit();
    int done = check(connection, store);
    for (int step = done + 1; step <= steps.size(); step++) {
      String sql = text(step);
      try (Statement statement = connection.createStatement()) {
        for (String one : sql.split(";\\R", -1)) {
          if (!one.isBlank()) {
            statement.execute(one);
          }
        }
      }
      try (PreparedStatement insert =
          connection.prepareStatement(
              "insert into schema_step (component, step, checksum) values (?, ?, ?)")) {
        insert.setString(1, component);
        insert.setLong(2, step);
        insert.setString(3, checksum(sql));
        insert.executeUpdate();
      }
      connection.commit();
    }
  }

  private int check(Connection connection, String store) throws SQLException, StoreException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select step, checksum from schema_step where component = ? order by step")) {
      select.setString(1, component);
      try (ResultSet rows = select.executeQuery()) {
        int done = 0;
        while (rows.next()) {
          done++;
          long step = rows.getLong(1);
          if (step > steps.size()) {
            throw new StoreException(
                StoreException.Kind.NEWER_SCHEMA,
                "The store "
                    + store
                    + " was written by a newer version of Gantry (step "
                    + step
                    + " of its "
                    + component
                    + " tables; this version knows "
                    + steps.size()
                    + "). Start that version again, or a newer one, or restore a backup that was"
                    + " made before the upgrade.",
                null);
          }
          if (step != done || !rows.getString(2).equals(checksum(text(done)))) {
            throw new StoreException(
                StoreException.Kind.CHANGED_SCHEMA,
                "The store "
                    + store
                    + " was made by another step "
                    + done
                    + " of its "
                    + component
                    + " tables than the one this version of Gantry knows. It was written by a build"
                    + " that was never released, or changed by hand.",
                null);
          }
        }
        return done;
      }
    } finally {
      connection.commit();
    }
  }

  private String text(int step) {
    String name = steps.get(step - 1);
    try (InputStream in = Migrations.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("There is no resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("The resource " + name + " cannot be read", e);
    }
  }

  private static String checksum(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java runtime has SHA-256", e);
    }
  }
}

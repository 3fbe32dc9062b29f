package dev.gantry.wire.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/// The page for people and the table in the code say the same.
class AuthErrorTableTest {
  private static final Path PAGE = Path.of("..", "docs", "internals", "auth-errors.md");

  @Test
  void thePageIsTheTable() throws IOException {
    StringBuilder table = new StringBuilder();
    for (AuthFailure row : AuthFailure.values()) {
      table
          .append("| ")
          .append(row.name().toLowerCase(Locale.ROOT).replace('_', ' '))
          .append(" | ")
          .append(row.code())
          .append(" | ")
          .append(AuthFailure.STATUS)
          .append(" | ")
          .append(row.text())
          .append(" | ")
          .append(row.source())
          .append(" |\n");
    }
    assertThat(Files.readString(PAGE)).endsWith(table);
  }
}
